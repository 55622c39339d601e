// What our users do that makes somebody outside known to them, or no longer: read from the outside of a stanza that leaves.

import type { Frame, Payload } from '../../xml/frame.ts'
import { NS } from '../../xmpp/namespaces.ts'

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

/**
 * `makes`: the mark that this stanza of ours makes; `ends`: the one that it takes away, with `onlyIfSet` nothing where there is no
 * such mark; `renews`: it is a use of what there is. None of them: it says nothing.
 */
export interface Act {
  readonly makes?: number
  readonly ends?: number
  readonly onlyIfSet?: true
  readonly renews?: true
}

const NOTHING: Act = {}
const WROTE: Act = { makes: MARKS.wrote }
const ANSWERED: Act = { renews: true }
const OF_PRESENCE: Readonly<Record<string, Act>> = {
  subscribe: { makes: MARKS.asked },
  // What the core asks on behalf of a user whose roster has them. RFC 6121 §4.3
  probe: { makes: MARKS.asked },
  subscribed: { makes: MARKS.approved },
  unsubscribe: { ends: MARKS.asked },
  // A core says so by itself too, to whoever probes and is not subscribed, which ends nothing. RFC 6121 §4.3.2
  unsubscribed: { ends: MARKS.approved, onlyIfSet: true },
}

/** What a stanza of ours does. Errors and results only answer, and who takes leave begins nothing. */
export function actOf({ name, type, payloads }: Pick<Frame, 'name' | 'type' | 'payloads'>): Act {
  if (name === 'message') return type === 'error' ? NOTHING : isAutomatic(payloads) ? ANSWERED : WROTE
  if (name === 'iq') return type === 'get' || type === 'set' ? WROTE : NOTHING
  if (type === undefined) return WROTE
  return (Object.hasOwn(OF_PRESENCE, type) ? OF_PRESENCE[type] : undefined) ?? NOTHING
}

/** What clients say by themselves to whatever comes. */
const isAnswer = ({ namespace, name }: Payload): boolean =>
  (namespace === 'urn:xmpp:receipts' && name === 'received') || // XEP-0184
  namespace === 'urn:xmpp:chat-markers:0' || // XEP-0333
  namespace === 'http://jabber.org/protocol/chatstates' // XEP-0085

/** What only goes with something else: how it is to be kept, which message and which thread it is. */
const isBeside = ({ namespace, name }: Payload): boolean =>
  namespace === 'urn:xmpp:hints' || // XEP-0334
  namespace === 'urn:xmpp:sid:0' || // XEP-0359
  (name === 'thread' && (namespace === NS.server || namespace === NS.client)) // RFC 6121 §5.2.5

/** SECURITY: whoever writes to one of ours gets such answers, which must not make them known. */
function isAutomatic(payloads: readonly Payload[]): boolean {
  let answers = false
  for (const payload of payloads) {
    if (isAnswer(payload)) answers = true
    else if (!isBeside(payload)) return false
  }
  return answers
}
