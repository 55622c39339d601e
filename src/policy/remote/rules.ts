// What a remote user's stanza has to be to reach the core: from themselves, to an address, and of a form that exists. Where
// it goes from there, the core says, and the checkpoint again where it leaves for a partner.
//
// Rule: asked in order, as the rules of `policy/rules`; the first finding refuses the stanza.

import { formatAddress, parseAddress } from '../../xmpp/address.ts'
import { STANZA_CONDITIONS, type StanzaCondition, type StanzaErrorType } from '../../xmpp/conditions.ts'
import { stanzaCondition, type ReasonId } from '../../xmpp/reasons.ts'
import type { Rule } from '../rule.ts'

/** What is known of a stanza and of whom it came from. */
export interface RemoteFacts {
  readonly kind: string
  readonly type: string | undefined
  readonly hasId: boolean
  readonly from: string | undefined
  readonly to: string | undefined
  /** Whose session it is: their bare address, and the full one. */
  readonly user: string
  readonly address: string
}

const ownSender: Rule<RemoteFacts> = {
  id: 'own-sender',
  about: 'It is from nobody, or from the user who sends it.',
  find({ from, user, address }) {
    // RFC 6120 §8.1.2.1
    if (from === undefined || from === address || from === user) return undefined
    const read = parseAddress(from)
    const canonical = read && formatAddress(read)
    if (canonical === address || canonical === user) return undefined
    return { reason: 'SP-819', detail: `from=${JSON.stringify(from.slice(0, 200))}`, ends: 'stanza' }
  },
}

const goodAddress: Rule<RemoteFacts> = {
  id: 'good-address',
  about: 'It is to nobody, or to a well-formed address.',
  find({ to }) {
    if (to === undefined || parseAddress(to) !== undefined) return undefined
    return { reason: 'SP-820', detail: `to=${JSON.stringify(to.slice(0, 200))}`, ends: 'stanza' }
  },
}

const IQ_TYPES: ReadonlySet<string | undefined> = new Set(['get', 'set', 'result', 'error']) // RFC 6120 §8.2.3
const PRESENCE_TYPES: ReadonlySet<string | undefined> = new Set([
  undefined,
  'unavailable',
  'subscribe',
  'subscribed',
  'unsubscribe',
  'unsubscribed',
  'error',
]) // RFC 6121 §4.7.1, without `probe`, which is for servers (§4.3)

const knownForm: Rule<RemoteFacts> = {
  id: 'known-form',
  about: 'An iq has a known type and an id; a presence has a type that clients send.',
  find({ kind, type, hasId }) {
    if (kind === 'iq' && !IQ_TYPES.has(type)) return { reason: 'SP-821', detail: `type=${type}`, ends: 'stanza' }
    if (kind === 'iq' && !hasId) return { reason: 'SP-821', detail: 'no id', ends: 'stanza' } // RFC 6120 §8.1.3
    if (kind !== 'presence' || PRESENCE_TYPES.has(type)) return undefined
    return { reason: 'SP-821', detail: `type=${type}`, ends: 'stanza' }
  },
}

/** In the order in which they are asked. */
export const REMOTE_RULES: readonly Rule<RemoteFacts>[] = [ownSender, goodAddress, knownForm]

/** Why a stanza of a remote user goes no further. */
export interface RemoteRefusal {
  readonly rule: string
  readonly reason: ReasonId
  readonly detail: string
  readonly condition: StanzaCondition
  readonly type: StanzaErrorType
}

/** Decides about one stanza; undefined: it passes. */
export function judgeRemote(facts: RemoteFacts): RemoteRefusal | undefined {
  for (const { id, find } of REMOTE_RULES) {
    const finding = find(facts)
    if (!finding) continue
    const condition = stanzaCondition(finding.reason)
    const { reason, detail = '' } = finding
    return { rule: id, reason, detail, condition, type: STANZA_CONDITIONS[condition].type }
  }
  return undefined
}
