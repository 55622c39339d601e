// Stanzas cross the wall, from outside in or from inside out; nothing passes along it. RFC 6120 §10.4, §4.9.3.6.

import type { PairRule } from '../rule.ts'

export const noRelay: PairRule = {
  id: 'no-relay',
  about: 'From outside it is for a domain of ours; from inside it is for one outside.',
  find({ direction, from, to, toDomain, ours }) {
    const isOurs = toDomain !== undefined && ours.includes(toDomain)
    if (isOurs === (direction === 'inbound')) return undefined
    const detail = `from=${from}, to=${to}`
    // The core is answered per stanza: it may only be mistaken about one of its domains.
    return direction === 'inbound'
      ? { reason: 'SP-123', detail, ends: 'stream' }
      : { reason: 'SP-125', detail, ends: 'stanza' }
  },
}
