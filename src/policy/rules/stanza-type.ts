// The outer form of a stanza: types that exist, an id where the answer needs one, and as many payloads as an iq may have.
// Further in, a stanza is its receiver's business. A message of an unknown type counts as `normal` (RFC 6121 §5.2.2).

import type { Payload } from '../../xml/frame.ts'
import { NS } from '../../xmpp/namespaces.ts'
import type { StanzaRule } from '../rule.ts'

const IQ_TYPES: ReadonlySet<string | undefined> = new Set(['get', 'set', 'result', 'error']) // RFC 6120 §8.2.3
const PRESENCE_TYPES: ReadonlySet<string | undefined> = new Set([
  undefined,
  'unavailable',
  'subscribe',
  'subscribed',
  'unsubscribe',
  'unsubscribed',
  'probe',
  'error',
]) // RFC 6121 §4.7.1

export const stanzaType: StanzaRule = {
  id: 'stanza-type',
  about:
    'An iq has a known type, an id and the one payload of a question; a presence has a known type, and no security label.',
  find(facts) {
    const { kind, type } = facts
    if (kind === 'iq') {
      if (!IQ_TYPES.has(type)) return { reason: 'SP-506', detail: `type=${type}`, ends: 'stanza' }
      if (facts.id === undefined) return { reason: 'SP-507', ends: 'stanza' } // RFC 6120 §8.1.3
      const { length } = facts.payloads
      return mayHave(type, length) ? undefined : { reason: 'SP-509', detail: `payloads=${length}`, ends: 'stanza' }
    }
    if (kind !== 'presence') return undefined
    if (!PRESENCE_TYPES.has(type)) return { reason: 'SP-508', detail: `type=${type}`, ends: 'stanza' }
    return type !== 'error' && facts.payloads.some(isLabel) ? { reason: 'SP-510', ends: 'stanza' } : undefined
  },
}

/**
 * XEP-0258 §5.3 has a label in presence for a violation of the protocol. SECURITY: it is refused whole, also where it takes leave:
 * without its label it would tell those outside what was labelled. An error may bring with it what was refused.
 */
const isLabel = ({ namespace, name }: Payload): boolean => namespace === NS.securityLabel && name === 'securitylabel'

/** RFC 6120 §8.2.3: one for a question, one or none for its result; an error brings what it likes of the question with it. */
const mayHave = (type: string | undefined, payloads: number): boolean =>
  type === 'error' || payloads === 1 || (payloads === 0 && type === 'result')
