// The domain outside is not blocked for what it did. From inside, the sender is told at once; from outside, it loses its stream;
// whom a provider serves has none to lose, and all others whom it serves keep theirs.

import type { PairRule } from '../rule.ts'
import { TO_OUTSIDERS } from '../whom/clause.ts'

export const goodConduct: PairRule = {
  id: 'good-conduct',
  about: 'The domain outside is not blocked for its conduct.',
  find({ direction, fromDomain, toDomain, via, conduct }) {
    if (conduct !== 'blocked') return undefined
    const inbound = direction === 'inbound'
    const detail = `domain=${inbound ? fromDomain : toDomain}`
    if (inbound && via !== undefined) return { reason: 'SP-162', detail, ends: 'stanza', ...TO_OUTSIDERS }
    return { reason: 'SP-162', detail, ends: inbound ? 'stream' : 'stanza' }
  },
}
