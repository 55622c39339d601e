// Deliberately wrong gateways: rooms. Rules in `mutation.ts`.

import { type Mutation, onTheWay } from './mutation.ts'

export const ROOM_MUTATIONS: readonly Mutation[] = [
  {
    ...{ id: 'no-questions', about: 'Questions do not pass.', module: 'policy/rules/stanza-type.ts' },
    find: 'const { kind, type } = facts\n',
    put: "const { kind, type } = facts\n    if (kind === 'iq') return { reason: 'SP-506', ends: 'stanza' }\n",
    cases: ['MUC-01/granted/ours', 'MUC-05/room/theirs', 'MUC-10/owned/theirs'],
  },
  {
    ...{ id: 'features-changed', about: 'What a room says of itself is passed on changed.' },
    ...onTheWay(/(<feature var=.)muc_/g, '$1some_'),
    cases: ['MUC-05/room/theirs'],
  },
  {
    ...{ id: 'codes-changed', about: 'The codes of rooms are passed on changed.' },
    ...onTheWay(/(<status code=.)\d+/g, '$1999'),
    cases: ['MUC-10/kicked/theirs', 'MUC-10/banned/ours'],
  },
]
