// A component bears one name, and only what is for that name comes to it. One that gets another's stanzas shares them with
// other connections, and then nobody keeps their order. XEP-0114 §3

import type { PairRule } from '../rule.ts'

export const rightStream: PairRule = {
  id: 'right-stream',
  about: 'What the core sends to a component is for the name of that component.',
  find({ to, toDomain, streamFor }) {
    if (streamFor === undefined || toDomain === streamFor) return undefined
    return { reason: 'SP-135', detail: `to=${to}, component=${streamFor}`, ends: 'stanza' }
  },
}
