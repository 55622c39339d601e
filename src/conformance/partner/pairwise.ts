// What was played with live partners, as it stands in a report and beside it.

import type { ProfileName } from '../../trust/profiles/profile.ts'
import type { Files } from '../report/attachments.ts'
import { EXPECTED, type Expected } from './grid.ts'
import type { Pair, Paired, PairRun } from './meeting.ts'
import type { Pairing } from './pairing.ts'

export interface Pairwise {
  /** The domain that partners met. */
  readonly us: string
  readonly pairs: readonly Pair[]
  /** What has to come of it with a partner of each type of XEP-0238, by what its entry asks for. */
  readonly expected: Readonly<Record<string, Expected>>
}

export const pairwiseOf = (profile: ProfileName, { us, pairs }: Pairing): Pairwise => ({
  us,
  pairs: pairs.map(({ peer, facts, runs, account, rooms }) => ({
    ...{ peer, facts, runs },
    ...(account !== undefined && { account }),
    ...(rooms !== undefined && { rooms }),
  })),
  expected: EXPECTED[profile],
})

/** Where the evidence of a partner lies, relative to the folder of the report. */
export const evidenceOf = (peer: string): string => `evidence/partner-${peer}.txt`

/** The settings that the instance was run with, and of each partner what was said, logged and found. */
export const pairFiles = ({ settings, pairs }: Pairing): Files =>
  new Map([
    ['configuration-partners.json', settings],
    ...pairs.map((pair) => [evidenceOf(pair.peer), evidenceText(pair)] as const),
  ])

const evidenceText = ({ peer, tested, transcript, log }: Paired): string =>
  [
    `What was played with ${peer}\n`,
    `What our user said, and what came:\n${transcript.toString()}`,
    `What the gateway has logged of ${peer}:\n${log.join('\n')}\n`,
    `What its live test has found:\n${JSON.stringify(tested, undefined, 2)}\n`,
  ].join('\n')

/** Is it something that is not as it must be on our side, or not known to be? */
export const isFailure = ({ outcome: { kind } }: PairRun): boolean => kind === 'violation' || kind === 'inconclusive'
