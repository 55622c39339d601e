// Addresses are such by RFC 7622, or at least by what RFC 6122 made of them (`xmpp/address.ts`). One user's odd nick
// costs only that stanza: were the stream closed, anybody could cut off a whole domain by choosing one.

import type { PairRule } from '../rule.ts'

export const wellFormedAddresses: PairRule = {
  id: 'well-formed-addresses',
  about: 'Both addresses keep the rules for XMPP addresses.',
  find({ from, to, malformed }) {
    if (malformed.length === 0) return undefined
    return malformed.includes('to')
      ? { reason: 'SP-505', detail: `to=${to}`, ends: 'stanza' }
      : { reason: 'SP-504', detail: `from=${from}`, ends: 'stanza' }
  },
}
