// The domain outside is not blocked for what it did. From inside, the sender is told at once; from outside, it loses its stream.

import type { PairRule } from '../rule.ts'

export const goodConduct: PairRule = {
  id: 'good-conduct',
  about: 'The domain outside is not blocked for its conduct.',
  find({ direction, fromDomain, toDomain, conduct }) {
    if (conduct !== 'blocked') return undefined
    const inbound = direction === 'inbound'
    const detail = `domain=${inbound ? fromDomain : toDomain}`
    return { reason: 'SP-162', detail, ends: inbound ? 'stream' : 'stanza' }
  },
}
