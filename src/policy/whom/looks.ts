// What a stanza looks like from outside, as far as rules about stanzas judge by it, so that those that look the same need not be
// asked about again. Not for questions, of which the id is judged as well.

import type { Frame } from '../../xml/frame.ts'

export type Look = Pick<Frame, 'name' | 'type' | 'payloads'>

/** The last that was admitted, by the way it went. */
export interface Looks {
  inbound?: Look
  outbound?: Look
}

export const lookOf = ({ name, type, payloads }: Frame): Look => ({ name, type, payloads })

/** Lists of payloads are mostly shared; one that is not looks different, and is judged. */
export const isAlike = (one: Look, other: Look): boolean =>
  one.payloads === other.payloads && one.type === other.type && one.name === other.name
