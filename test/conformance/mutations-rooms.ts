// Deliberately wrong gateways: rooms. Rules in `mutation.ts`.

import type { Mutation } from './mutation.ts'

export const ROOM_MUTATIONS: readonly Mutation[] = [
  {
    ...{ id: 'no-questions', about: 'Questions do not pass.', module: 'policy/rules/stanza-type.ts' },
    find: 'const { kind, type } = facts\n',
    put: "const { kind, type } = facts\n    if (kind === 'iq') return { reason: 'SP-506', ends: 'stanza' }\n",
    cases: ['MUC-01/granted/ours', 'MUC-05/room/theirs', 'MUC-10/owned/theirs'],
  },
]
