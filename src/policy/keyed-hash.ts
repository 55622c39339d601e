// A hash of texts that nobody outside can choose texts for which fall together: it begins with a key. No cryptography.

/** The mixing of MurmurHash3 over the characters: 32 bits. @param key unguessable */
export function hash(text: string, key: number): number {
  let value = Math.imul(key ^ 0x9e3779b9, 0x85ebca6b)
  for (let i = 0; i < text.length; i++) {
    let mixed = Math.imul(text.charCodeAt(i), 0xcc9e2d51)
    mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
    value ^= mixed
    value = Math.imul((value << 13) | (value >>> 19), 5) + 0xe6546b64
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
