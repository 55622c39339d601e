// What our users do that makes somebody outside known to them, or no longer: read from the outside of a stanza that leaves.

import type { Frame } from '../../xml/frame.ts'

/** Why somebody is known: each a bit, so that one number says all of them. */
export const MARKS = {
  /** Ours asked for their presence, or has it. RFC 6121 §3.1 */
  asked: 1,
  /** Ours let them have their presence. RFC 6121 §3.1.5 */
  approved: 2,
  /** Ours wrote to them, asked them something, or showed them presence. */
  wrote: 4,
  /** They stood in the roster of ours that was imported. */
  listed: 8,
} as const

export type Mark = keyof typeof MARKS

/** The names of marks. */
export const marksOf = (marks: number): readonly Mark[] =>
  (['asked', 'approved', 'wrote', 'listed'] as const).filter((mark) => (marks & MARKS[mark]) !== 0)

/** `makes`: the mark that this stanza of ours makes; `ends`: the one that it takes away; neither: it is none of the two. */
export interface Act {
  readonly makes?: number
  readonly ends?: number
}

const NOTHING: Act = {}
const WROTE: Act = { makes: MARKS.wrote }
const OF_PRESENCE: Readonly<Record<string, Act>> = {
  subscribe: { makes: MARKS.asked },
  // What the core asks on behalf of a user whose roster has them. RFC 6121 §4.3
  probe: { makes: MARKS.asked },
  subscribed: { makes: MARKS.approved },
  unsubscribe: { ends: MARKS.asked },
  unsubscribed: { ends: MARKS.approved },
}

/** What a stanza of ours does. Errors and results only answer, and who takes leave begins nothing. */
export function actOf({ name, type }: Pick<Frame, 'name' | 'type'>): Act {
  if (name === 'message') return type === 'error' ? NOTHING : WROTE
  if (name === 'iq') return type === 'get' || type === 'set' ? WROTE : NOTHING
  if (type === undefined) return WROTE
  return (Object.hasOwn(OF_PRESENCE, type) ? OF_PRESENCE[type] : undefined) ?? NOTHING
}
