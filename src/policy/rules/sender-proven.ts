// A stream carries only what domains send that were proven on it. SECURITY: this is what makes proof of a name worth something; a
// known boundary proxy forgets it and lets every partner speak for every other. RFC 6120 §8.1.2.2, §4.9.3.9.

import type { PairRule } from '../rule.ts'

export const senderProven: PairRule = {
  id: 'sender-proven',
  about: 'The sender belongs to a domain that was proven on the stream, and our own domains never come from outside.',
  find({ direction, from, fromDomain, provenDomains, ours }) {
    const isOurs = fromDomain !== undefined && ours.includes(fromDomain)
    const isProven = fromDomain !== undefined && provenDomains.includes(fromDomain)
    if (isProven && isOurs === (direction === 'outbound')) return undefined
    const detail = `from=${from}, proven=${provenDomains.join(' ')}`
    if (direction === 'inbound') return { reason: isOurs ? 'SP-122' : 'SP-121', detail, ends: 'stream' }
    return { reason: isOurs ? 'SP-121' : 'SP-124', detail, ends: 'stream' }
  },
}
