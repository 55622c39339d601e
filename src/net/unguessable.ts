// Random bytes for ids and references, from a supply that is filled at once: a call of OpenSSL for every few bytes costs
// more than everything else about an id.
//
// SECURITY: no byte is given twice, and none stays behind in the supply.

import { randomBytes } from 'node:crypto'

const SUPPLY_BYTES = 4096

let supply = Buffer.alloc(0)
let at = 0

/** So many bytes that nobody can guess; at most 4096. */
export function unguessable(count: number): Buffer {
  if (at + count > supply.length) {
    supply = randomBytes(SUPPLY_BYTES)
    at = 0
  }
  const taken = Buffer.from(supply.subarray(at, at + count))
  supply.fill(0, at, at + count)
  at += count
  return taken
}
