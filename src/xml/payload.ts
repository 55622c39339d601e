// One object per kind of payload, and one list per sequence of them: stanzas carry the same few things, and rules compare
// them often.
//
// Rule 1: a bounded cache and nothing else: what a peer does to it changes speed, never a result.
// Rule 2: lists are shared, so nobody changes one.

import type { Payload } from './frame.ts'

const SLOTS = 256
/** Longer ones are not worth keeping. */
const LONGEST = 96
/** So many lists are kept; then they are gathered anew. */
const LISTS = 1024
/** So many go on from one. */
const BRANCHES = 32
/** Longer lists are not kept. */
export const LONGEST_LIST = 8

/** A list, and those that go on from it. */
export interface Payloads {
  readonly list: readonly Payload[]
  readonly longer: Payloads[]
}

/** Nothing is carried. */
export const NO_PAYLOADS: Payloads = { list: [], longer: [] }

const slots: Payload[] = Array.from({ length: SLOTS }, () => ({ namespace: '', name: '' }))
let kept = 0

/** The payload of that name; the same object for the same name, as long as it is in use. */
export function payloadOf(namespace: string, name: string): Payload {
  const last = namespace.length === 0 ? 0 : namespace.charCodeAt(namespace.length - 1)
  const slot = (namespace.length * 31 + last * 17 + name.length * 7 + name.charCodeAt(0)) & (SLOTS - 1)
  const known = slots[slot]!
  if (known.name === name && known.namespace === namespace) return known
  const fresh: Payload = Object.freeze({ namespace, name })
  if (namespace.length <= LONGEST && name.length <= LONGEST) slots[slot] = fresh
  return fresh
}

/** The payloads, fewer than LONGEST_LIST, with one more behind them; the same list for the same ones, as long as it is in use. */
export function withPayload({ list, longer }: Payloads, payload: Payload): Payloads {
  for (const one of longer) if (one.list[list.length] === payload) return one
  const fresh: Payloads = { list: Object.freeze([...list, payload]), longer: [] }
  if (++kept > LISTS) {
    kept = 0
    NO_PAYLOADS.longer.length = 0
  }
  if (longer.length < BRANCHES) longer.push(fresh)
  else longer[kept % BRANCHES] = fresh
  return fresh
}
