// The same few names and addresses come again and again. This hands out one string for equal bytes without making a
// new one, so that the fast path allocates none and later comparisons are of pointers.
//
// Rule 1: a cache and nothing else: whatever a peer does to it changes speed, never a result.
// Rule 2: bounded: SLOTS strings of at most LONGEST ASCII characters; a newcomer replaces what was in its slot.

const SLOTS = 1024
const LONGEST = 96

const slots: string[] = Array.from({ length: SLOTS }, () => '')

/** The bytes from `start` to `end`, UTF-8, as a string. */
export function intern(bytes: Buffer, start: number, end: number): string {
  const length = end - start
  if (length === 0) return ''
  if (length > LONGEST) return bytes.toString('utf8', start, end)
  const slot = slotOf(bytes, start, length)
  const known = slots[slot]!
  if (known.length === length && equals(known, bytes, start)) return known
  const fresh = bytes.toString('utf8', start, end)
  // Fewer characters than bytes: not ASCII, which `equals` could not compare.
  if (fresh.length === length) slots[slot] = fresh
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

function equals(text: string, bytes: Buffer, start: number): boolean {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) !== bytes[start + at]) return false
  }
  return true
}
