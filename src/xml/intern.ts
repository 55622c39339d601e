// The same few names and addresses come again and again. This hands out one string for equal bytes without making a
// new one, so that the fast path allocates none and later comparisons are of pointers.
//
// Rule 1: a cache and nothing else: whatever a peer does to it changes speed, never a result.
// Rule 2: bounded: SLOTS strings of at most LONGEST bytes; a newcomer replaces what was in its slot.
// Rule 3: a word of the vocabulary is the very string that our own code compares it with.

import { NS } from '../xmpp/namespaces.ts'

/** A power of two. */
const SLOTS = 4096
const SLOT_BITS = 12
const LONGEST = 96
/** The words of one string's bytes. */
const STRIDE = LONGEST / 4

const VOCABULARY: ReadonlyMap<string, string> = new Map(
  [...Object.values(NS), 'message', 'presence', 'iq', 'stream', 'body', 'error', 'get', 'set', 'result', 'chat'].map(
    (word) => [word, word],
  ),
)

const strings: string[] = Array.from({ length: SLOTS }, () => '')
const lengths = new Uint8Array(SLOTS)
const words = new Int32Array(SLOTS * STRIDE)

/** The bytes from `start` to `end`, UTF-8, as a string. */
export function intern(view: DataView, start: number, end: number): string {
  const length = end - start
  if (length === 0) return ''
  if (length > LONGEST) return stringOf(view, start, length)
  // The last word overlaps the one before it, so that only the shortest names are read byte by byte.
  const last = end - 4
  const rest = length < 4 ? bytesOf(view, start, length) : view.getInt32(last, true)
  let hash = length
  for (let at = start; at < last; at += 4) hash = mixed(hash, view.getInt32(at, true))
  const slot = mixed(hash, rest) >>> (32 - SLOT_BITS)
  if (lengths[slot] === length && holds(slot, view, start, last, rest)) return strings[slot]!
  const text = stringOf(view, start, length)
  const fresh = VOCABULARY.get(text) ?? text
  let place = slot * STRIDE
  for (let at = start; at < last; at += 4) words[place++] = view.getInt32(at, true)
  words[place] = rest
  lengths[slot] = length
  strings[slot] = fresh
  return fresh
}

function holds(slot: number, view: DataView, start: number, last: number, rest: number): boolean {
  let place = slot * STRIDE
  for (let at = start; at < last; at += 4) if (words[place++] !== view.getInt32(at, true)) return false
  return words[place] === rest
}

function mixed(hash: number, word: number): number {
  return Math.imul(((hash << 5) | (hash >>> 27)) ^ word, 0x9e3779b1)
}

function bytesOf(view: DataView, start: number, length: number): number {
  let word = 0
  for (let at = 0; at < length; at++) word = (word << 8) | view.getUint8(start + at)
  return word
}

function stringOf({ buffer, byteOffset }: DataView, start: number, length: number): string {
  return Buffer.from(buffer, byteOffset + start, length).toString('utf8')
}
