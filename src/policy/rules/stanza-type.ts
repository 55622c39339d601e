// The outer form of a stanza: types that exist, and an id where the answer needs one. Further in, a stanza is its
// receiver's business. A message of an unknown type counts as `normal` (RFC 6121 §5.2.2).

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
  about: 'An iq has a known type and an id; a presence has a known type.',
  find(facts) {
    const { kind, type } = facts
    if (kind === 'iq') {
      if (!IQ_TYPES.has(type)) return { reason: 'SP-506', detail: `type=${type}`, ends: 'stanza' }
      return facts.id === undefined ? { reason: 'SP-507', ends: 'stanza' } : undefined // RFC 6120 §8.1.3
    }
    return kind === 'presence' && !PRESENCE_TYPES.has(type)
      ? { reason: 'SP-508', detail: `type=${type}`, ends: 'stanza' }
      : undefined
  },
}
