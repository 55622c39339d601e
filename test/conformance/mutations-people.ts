// Deliberately wrong gateways: subscriptions, presence, messages and labels. Rules in `mutation.ts`.

import { type Mutation, onTheWay } from './mutation.ts'

export const PEOPLE_MUTATIONS: readonly Mutation[] = [
  {
    ...{ id: 'no-subscriptions', about: 'Subscriptions do not pass.', module: 'policy/rules/stanza-type.ts' },
    find: "\n  'subscribe',",
    put: '',
    cases: ['SUB-02/subscribe/in', 'SUB-02/subscribe/out'],
  },
  {
    ...{ id: 'no-presence', about: 'Presence does not pass.', module: 'policy/rules/stanza-type.ts' },
    find: 'const { kind, type } = facts\n',
    put: "const { kind, type } = facts\n    if (kind === 'presence') return { reason: 'SP-508', ends: 'stanza' }\n",
    cases: [
      ...['PRS-03/shows/in', 'PRS-03/shows/out', 'PRS-01/initial/in', 'PRS-02/answered', 'PRS-04/away/out'],
      ...['SUB-06/approval/in', 'SUB-08/cancelled/out', 'SUB-09/given-up/in'],
      ...['MUC-01/told/theirs', 'MUC-02/told/ours', 'MUC-06/in-order/ours', 'MUC-07/conflict/theirs'],
      ...['MUC-09/changes/ours', 'MUC-10/kicked/theirs'],
    ],
  },
  {
    ...{ id: 'types-lost', about: 'Presence is passed on without its type.' },
    ...onTheWay(/^(<presence\b[^>]*?) type=/, '$1 kind='),
    cases: [
      ...['PRS-01/initial/in', 'PRS-02/answered', 'PRS-02/refused'],
      ...['SUB-06/approval/in', 'SUB-08/cancelled/out', 'SUB-09/given-up/in'],
    ],
  },
  {
    ...{ id: 'all-shown', about: 'Partners are shown whatever is said.', module: 'policy/shown.ts' },
    find: "if (sort === 'needed') return true",
    put: "if (sort !== 'nothing') return true",
    cases: ['PRS-08/availability', 'PRS-08/online', 'PRS-11/not-shown'],
  },
  {
    ...{ id: 'any-presence', about: 'Presence of any type passes.', module: 'policy/rules/stanza-type.ts' },
    find: 'if (!PRESENCE_TYPES.has(type)) return {',
    put: "if (type === '') return {",
    cases: ['PRS-07/unknown-in', 'PRS-07/unknown-out'],
  },
  {
    ...{ id: 'strangers', about: 'Strangers may begin, whatever their class.', module: 'policy/rules/acquainted.ts' },
    find: 'if (isKnown !== false) return undefined',
    put: "if (isKnown !== false || from !== '?') return undefined",
    cases: ['SUB-13/stranger'],
  },
  {
    ...{ id: 'no-messages', about: 'Messages do not pass.', module: 'policy/rules/stanza-type.ts' },
    find: 'const { kind, type } = facts\n',
    put: "const { kind, type } = facts\n    if (kind === 'message') return { reason: 'SP-506', ends: 'stanza' }\n",
    cases: [
      ...['MSG-01/chat/in', 'MSG-01/groupchat/in', 'MSG-02/languages/in', 'MSG-03/unicode/in', 'MSG-06/receipts/in'],
      ...['LBL-01/label/in', 'STZ-04/unknown/in', 'STR-22/root-prefix', 'MUC-08/said/ours'],
      ...['LBL-05/nato/in', 'MSG-08/stamp/in', 'MSG-04/nobody'],
    ],
  },
  {
    ...{ id: 'ghosts', about: 'Who is gone is not taken back.', module: 'gateway/ledgers/ledgers.ts' },
    find: '      this.#lost(trouble)\n',
    put: '      if (trouble.since < 0) this.#lost(trouble)\n',
    cases: ['PRS-05/partner-lost', 'MUC-13/theirs-in-ours', 'MUC-13/ours-in-theirs', 'PRS-04/core-lost'],
  },
  {
    ...{ id: 'lost-queue', about: 'What waits for a link that fails is dropped.', module: 'gateway/links/returns.ts' },
    find: 'this.#queue.take()) this.#options.bounce(parcel, letIn(why))',
    put: 'this.#queue.take()) letIn(why)',
    cases: ['MSG-04/core-lost'],
  },
  {
    ...{ id: 'labelled-presence', about: 'Presence may have a security label.', module: 'policy/rules/stanza-type.ts' },
    find: "namespace === NS.securityLabel && name === 'securitylabel'",
    put: "namespace === '' && name === 'securitylabel'",
    cases: [
      ...['PRS-10/available-in', 'PRS-10/available-out', 'PRS-10/subscribe-in', 'PRS-10/subscribe-out', 'PRS-10/leave'],
    ],
  },
]
