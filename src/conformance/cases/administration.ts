// On what terms the gateway is administered (ADM): by commands at a terminal.

import type { Step, TestCase } from '../case.ts'

const sits = (types: string, ends: 'well' | 'badly', says: readonly string[]): Step => ({
  ...{ runs: ['status'], live: true, types, ends, says },
})

/** What stands in the answer to the command alone. */
const ANSWER = 'Our domains'
const QUESTION = 'Do you accept these terms?'

export const ADMINISTRATION: readonly TestCase[] = [
  {
    ...{ id: 'ADM-01/own-words', requirements: ['ADM-01'], role: 'receiving', phase: 'none', own: true },
    title:
      'The notice of the settings is shown before a command and stays until it is accepted; who does not accept it is told nothing, and that it was accepted is logged.',
    settings: { administration: { notice: 'For administrators of Corp only.' } },
    steps: [
      { ...sits('no\n', 'badly', ['For administrators of Corp only.', QUESTION, 'was not accepted']), lacks: [ANSWER] },
      { ...sits('perhaps\nyes\n', 'well', ['For administrators of Corp only.', QUESTION, ANSWER]) },
      { logs: { event: 'notice.accepted', by: true, how: 'asked' } },
    ],
  },
  {
    ...{ id: 'ADM-01/of-the-dod', requirements: ['ADM-01'], role: 'receiving', phase: 'none', own: true },
    title: 'Without words of its own the notice is the notice and consent banner of the DoD.',
    profiles: ['dod'],
    steps: [
      sits('yes\n', 'well', [
        'You are accessing a U.S. Government (USG) Information System (IS)',
        'you consent to the following conditions',
        'See User Agreement for details.',
        ...[QUESTION, ANSWER],
      ]),
    ],
  },
]
