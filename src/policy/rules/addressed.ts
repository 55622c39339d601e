// Between servers every stanza says from whom it is and for whom. One that does not is a fault of the server, not of a
// user, and ends the stream. RFC 6120 §8.1.1.2, §8.1.2.2, §4.9.3.7.

import type { PairRule } from '../rule.ts'

export const addressed: PairRule = {
  id: 'addressed',
  about: 'The stanza says from whom it is and for whom.',
  find({ from, fromDomain, to }) {
    if (from === undefined) return { reason: 'SP-502', ends: 'stream' }
    // Without a domain nobody can be held to it, and nobody could be answered.
    if (fromDomain === undefined) return { reason: 'SP-503', detail: `from=${from}`, ends: 'stream' }
    return to === undefined ? { reason: 'SP-501', detail: `from=${from}`, ends: 'stream' } : undefined
  },
}
