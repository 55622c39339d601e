// One object per kind of payload: stanzas carry the same few things, and rules compare them often.
//
// Rule 1: a bounded cache and nothing else: what a peer does to it changes speed, never a result.

import type { Payload } from './frame.ts'

const SLOTS = 256
/** Longer ones are not worth keeping. */
const LONGEST = 96

const slots: Payload[] = Array.from({ length: SLOTS }, () => ({ namespace: '', name: '' }))

/** The payload of that name; the same object for the same name, as long as it is in use. */
export function payloadOf(namespace: string, name: string): Payload {
  const slot = (namespace.length * 31 + name.length * 7 + name.charCodeAt(0)) & (SLOTS - 1)
  const known = slots[slot]!
  if (known.name === name && known.namespace === namespace) return known
  const fresh: Payload = Object.freeze({ namespace, name })
  if (namespace.length <= LONGEST && name.length <= LONGEST) slots[slot] = fresh
  return fresh
}
