// What kinds of thing a stanza is: what rules allow by. A stanza that is several things at once, such as a message with a link
// to a file, needs leave for each.
//
// Rule 1: what ends something is of no kind, and crosses between whoever may say anything to each other: errors, results,
//         presence that takes leave. Otherwise rules would keep alive what they are meant to end.
// Rule 2: what is unknown here is what the stanza is: a message, a query.

import { NS } from '../../xmpp/namespaces.ts'
import type { Payload } from '../../xml/frame.ts'
import type { StanzaKind } from '../facts.ts'

/** `config/whom-schema.ts` says what each is. */
export type Kind = 'messages' | 'presence' | 'subscriptions' | 'rooms' | 'room-setup' | 'files' | 'calls' | 'queries'

/** Things about a stanza that make it nothing else. */
const NEUTRAL = 'neutral'
/** Jingle is for files or for calls: its descriptions say which. XEP-0166 §7.2 */
export const JINGLE = 'urn:xmpp:jingle:1'
/** What a part of a text refers to: somebody, or a file. XEP-0372, XEP-0385 §3 */
export const REFERENCE = 'urn:xmpp:reference:0'

const OF_PAYLOAD: ReadonlyMap<string, Kind | typeof NEUTRAL> = new Map<string, Kind | typeof NEUTRAL>([
  [NS.muc, 'rooms'],
  [NS.mucUser, 'rooms'],
  [NS.mucAdmin, 'rooms'],
  [NS.conference, 'rooms'],
  [NS.mucOwner, 'room-setup'],
  ['urn:xmpp:mucsub:0', 'room-setup'], // ejabberd's: who subscribes to a room that is not there makes it
  ['http://jabber.org/protocol/ibb', 'files'], // XEP-0047
  ['http://jabber.org/protocol/bytestreams', 'files'], // XEP-0065
  ['http://jabber.org/protocol/si', 'files'], // XEP-0095, XEP-0096
  ['urn:xmpp:http:upload:0', 'files'], // XEP-0363
  ['urn:xmpp:http:upload', 'files'], // XEP-0363 before 0.3
  ['urn:xmpp:bob', 'files'], // XEP-0231
  ['jabber:x:oob', 'files'], // XEP-0066 §3
  ['jabber:iq:oob', 'files'], // XEP-0066 §2
  ['urn:xmpp:sfs:0', 'files'], // XEP-0447
  ['urn:xmpp:sims:1', 'files'], // XEP-0385
  ['urn:xmpp:file:metadata:0', 'files'], // XEP-0446
  ['urn:xmpp:jingle-message:0', 'calls'], // XEP-0353
  ['urn:xmpp:call-invites:0', 'calls'], // XEP-0482
  [NS.pubsubEvent, 'presence'], // XEP-0163 §4.3
  ['urn:xmpp:delay', NEUTRAL], // XEP-0203
  ['urn:xmpp:sid:0', NEUTRAL], // XEP-0359
  ['urn:xmpp:occupant-id:0', NEUTRAL], // XEP-0421
  ['urn:xmpp:hints', NEUTRAL], // XEP-0334
  ['http://jabber.org/protocol/address', NEUTRAL], // XEP-0033
  ['http://jabber.org/protocol/shim', NEUTRAL], // XEP-0131
])

/** What a stanza says by its outside, and, of Jingle and references, what is described in it. */
export interface Sort {
  readonly kind: StanzaKind
  readonly type: string | undefined
  readonly payloads: readonly Payload[]
  /** Namespaces of the descriptions of Jingle, and of what is in references. */
  readonly described?: readonly string[] | undefined
}

/** A kind that the stanza is and that is not among those allowed; undefined: all of it is. */
export function notAllowed(stanza: Sort, allowed: readonly Kind[]): Kind | undefined {
  const base = baseOf(stanza)
  if (base === undefined) return undefined
  if (stanza.kind === 'presence') return presenceNotAllowed(base, stanza.payloads, allowed)
  let isMore = false
  for (const { namespace } of stanza.payloads) {
    const described = stanza.described ?? []
    const known =
      namespace === JINGLE
        ? jingleNotAllowed(described, allowed)
        : namespace === REFERENCE
          ? referred(described)
          : OF_PAYLOAD.get(namespace)
    if (known === NEUTRAL) continue
    isMore = true
    if (namespace === JINGLE ? known !== undefined : !allowed.includes(known ?? base)) return known ?? base
  }
  return isMore || allowed.includes(base) ? undefined : base
}

/** Who enters a room shows presence to that room. A status carries what it likes. */
function presenceNotAllowed(base: Kind, payloads: readonly Payload[], allowed: readonly Kind[]): Kind | undefined {
  const isForRoom =
    base === 'presence' && payloads.some(({ namespace }) => namespace === NS.muc || namespace === NS.mucUser)
  const kind = isForRoom ? 'rooms' : base
  return allowed.includes(kind) ? undefined : kind
}

/** What the stanza is without its payloads; undefined where it ends or answers something. RFC 6120 §8, RFC 6121 §4.7.1, §5.2.2 */
function baseOf({ kind, type }: Sort): Kind | undefined {
  if (kind === 'message') return type === 'error' ? undefined : type === 'groupchat' ? 'rooms' : 'messages'
  if (kind === 'iq') return type === 'get' || type === 'set' ? 'queries' : undefined
  if (type === undefined || type === 'probe') return 'presence'
  return type === 'subscribe' || type === 'subscribed' ? 'subscriptions' : undefined
}

/** Without a description it is about a session that was let begin. */
function jingleNotAllowed(described: readonly string[], allowed: readonly Kind[]): Kind | undefined {
  if (described.length === 0) return allowed.includes('calls') || allowed.includes('files') ? undefined : 'calls'
  return described
    .map((namespace): Kind => (FILE_TRANSFER.test(namespace) ? 'files' : 'calls'))
    .find((kind) => !allowed.includes(kind))
}

/** A reference to a file is one; any other belongs to its text. */
const referred = (described: readonly string[]): Kind | undefined =>
  described.some((namespace) => OF_PAYLOAD.get(namespace) === 'files') ? 'files' : undefined

const FILE_TRANSFER = /^urn:xmpp:jingle:apps:file-transfer:/ // XEP-0234
