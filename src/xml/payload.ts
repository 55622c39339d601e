// One list per sequence of payloads: stanzas carry the same few things, and rules ask about them often.
//
// Rule 1: a bounded cache and nothing else: what a peer does to it changes speed, never a result.
// Rule 2: lists are shared, so nobody changes one.

import type { Payload } from './frame.ts'

/** So many lists are kept; then they are gathered anew. */
const LISTS = 1024
/** So many go on from one. */
const BRANCHES = 32
/** Longer lists are not kept. */
export const LONGEST_LIST = 8
/** Nor are those that end with a longer name, or one in a longer namespace. */
const LONGEST = 96

/** A list, and those that go on from it. */
export interface Payloads {
  readonly list: readonly Payload[]
  readonly last: Payload | undefined
  readonly longer: Payloads[]
}

/** Nothing is carried. */
export const NO_PAYLOADS: Payloads = { list: [], last: undefined, longer: [] }

let kept = 0

/** The payloads, fewer than LONGEST_LIST, with one more behind them; the same list for the same ones, as long as it is in use. */
export function withPayload({ list, longer }: Payloads, namespace: string, name: string): Payloads {
  for (let n = 0; n < longer.length; n++) {
    const last = longer[n]!.last!
    if (last.name === name && last.namespace === namespace) return longer[n]!
  }
  const last: Payload = Object.freeze({ namespace, name })
  const fresh: Payloads = { list: Object.freeze([...list, last]), last, longer: [] }
  if (namespace.length > LONGEST || name.length > LONGEST) return fresh
  if (++kept > LISTS) {
    kept = 0
    NO_PAYLOADS.longer.length = 0
  }
  if (longer.length < BRANCHES) longer.push(fresh)
  else longer[kept % BRANCHES] = fresh
  return fresh
}
