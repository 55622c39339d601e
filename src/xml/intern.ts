// The same few names and addresses come again and again. This hands out one string for equal bytes without making a
// new one, so that the fast path allocates none and later comparisons are of pointers.
//
// Rule 1: a cache and nothing else: whatever a peer does to it changes speed, never a result.
// Rule 2: bounded: SLOTS strings of at most LONGEST bytes; a newcomer replaces what was in its slot.

const SLOTS = 1024
const LONGEST = 96

const strings: string[] = Array.from({ length: SLOTS }, () => '')
const copies: Uint8Array[] = Array.from({ length: SLOTS }, () => new Uint8Array(0))

/** The bytes from `start` to `end`, UTF-8, as a string. */
export function intern(bytes: Buffer, start: number, end: number): string {
  const length = end - start
  if (length === 0) return ''
  if (length > LONGEST) return bytes.toString('utf8', start, end)
  const slot = slotOf(bytes, start, length)
  const copy = copies[slot]!
  if (copy.length === length && equals(copy, bytes, start)) return strings[slot]!
  const fresh = bytes.toString('utf8', start, end)
  copies[slot] = new Uint8Array(bytes.subarray(start, end))
  strings[slot] = fresh
  return fresh
}

function slotOf(bytes: Buffer, start: number, length: number): number {
  let hash = length
  hash = Math.imul(hash, 31) + bytes[start]!
  hash = Math.imul(hash, 31) + bytes[start + (length >> 1)]!
  hash = Math.imul(hash, 31) + bytes[start + (length >> 2) * 3]!
  hash = Math.imul(hash, 31) + bytes[start + length - 1]!
  return (hash ^ (hash >>> 10)) & (SLOTS - 1)
}

function equals(copy: Uint8Array, bytes: Buffer, start: number): boolean {
  for (let at = 0; at < copy.length; at++) {
    if (copy[at] !== bytes[start + at]) return false
  }
  return true
}
