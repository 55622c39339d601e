// What a requirement comes to: from what its cases showed, or from what stands written about it.
//
// Rule: nothing is met without evidence, and nothing is left empty. RFC 2119 says how much a miss weighs: what is SHALL is
//       not met, what is SHOULD is met in part.

import type { ProfileName } from '../trust/profiles/profile.ts'
import { isBinding, type Requirement } from './requirement.ts'
import type { Agreed } from './stage/transcript.ts'

export type Outcome =
  /** As expected. */
  | { readonly kind: 'pass' }
  /** We did what we must not, or did not what we must. */
  | { readonly kind: 'violation'; readonly detail: string }
  /** The peer did what it must not, or did not what it must: nothing is shown of us. Scripted peers do as they are told. */
  | { readonly kind: 'peer-violation'; readonly detail: string }
  /** The test itself came to nothing. */
  | { readonly kind: 'inconclusive'; readonly detail: string }

/** One performance of a case. */
export interface Run {
  readonly case: string
  /** The domain of a live partner it was played with; scripted peers are of the run itself. */
  readonly peer?: string
  /** Over which version of IP; a command is run over none. */
  readonly ip?: 4 | 6
  readonly outcome: Outcome
  /** Milliseconds since 1970. */
  readonly began: number
  readonly ms: number
  /** What the handshakes of the run came to, in their order. */
  readonly tls?: readonly Agreed[]
  /** Files of evidence, relative to the folder of the report. */
  readonly evidence: readonly string[]
}

/** Not assessed: what would show it cannot be played where, or on the host on which, the run was; nothing was seen to be wrong. */
export type Result = 'Met' | 'Partially met' | 'Not met' | 'N/A' | 'Not assessed'

export interface Verdict {
  readonly requirement: string
  readonly result: Result
  /** Why: never empty. */
  readonly because: string
  /** What is to be done about it, where that stands written. */
  readonly plan?: string
  /** The cases that were played for it. */
  readonly cases: readonly string[]
}

/** Why a requirement is not met that has no case, and of which nothing is written. */
export const UNSEEN = 'Nothing here shows it yet.'
/** Why nothing is said of a gateway that runs elsewhere, where no case of the requirement is about one. */
const UNSEEN_ELSEWHERE = 'Nothing of it was played: no case shows it of a gateway that runs.'

/** What is written about a requirement that no case shows. */
export type Statement =
  | {
      readonly kind: 'not-applicable'
      readonly because: string
      /** Under these profiles alone; default: under all. */
      readonly profiles?: readonly ProfileName[]
    }
  | {
      readonly kind: 'not-met'
      readonly because: string
      readonly plan: string
      /** As above. */
      readonly profiles?: readonly ProfileName[]
    }
  /** What a report shows by what stands in it; of a gateway that runs elsewhere it does not. */
  | { readonly kind: 'in-report'; readonly because: string }

/** Is it written about this profile? */
export const appliesUnder = (statement: Statement, profile: string): boolean =>
  !('profiles' in statement) || (statement.profiles?.some((one) => one === profile) ?? true)

export interface Evidence {
  readonly runs: readonly Run[]
  readonly statement: Statement | undefined
  /** Of its cases that cannot be played where the run was, why. */
  readonly unplayed?: readonly string[]
  /** The gateway was met where it runs, and little is known of it. */
  readonly isElsewhere?: boolean
}

/** @returns what the requirement comes to under one profile */
export function verdictOf(
  requirement: Requirement,
  { runs, statement, unplayed = [], isElsewhere = false }: Evidence,
): Verdict {
  const made = (result: Result, because: string): Verdict => ({
    requirement: requirement.id,
    result,
    because,
    cases: [...new Set(runs.map((run) => run.case))],
  })
  const less: Result = isBinding(requirement) ? 'Not met' : 'Partially met'
  const violation = runs.find(({ outcome }) => outcome.kind === 'violation')
  if (violation) return made(less, `${named(violation)}: ${detailOf(violation)}`)
  if (statement?.kind === 'not-applicable') return made('N/A', statement.because)
  const unclear = runs.find(({ outcome }) => outcome.kind === 'inconclusive')
  if (unclear) return made('Not met', `${named(unclear)} showed nothing: ${detailOf(unclear)}`)
  // What a peer does wrong is no fault of ours, and no merit: other runs have to show it.
  const ours = runs.filter(({ outcome }) => outcome.kind !== 'peer-violation')
  if (ours.length === 0 && runs.length > 0)
    return made('Not met', `${named(runs[0]!)}: the peer has ${detailOf(runs[0]!)}`)
  if (statement?.kind === 'in-report') return made(isElsewhere ? 'Not assessed' : 'Met', statement.because)
  if (unplayed.length > 0)
    return {
      ...made('Not assessed', inPart(ours, unplayed, isElsewhere)),
      ...(statement?.kind === 'not-met' && { plan: statement.plan }),
    }
  // What is written is about the product as it is tested here, and that may be another.
  if (isElsewhere && ours.length === 0) return made('Not assessed', UNSEEN_ELSEWHERE)
  if (statement?.kind === 'not-met')
    return { ...made(ours.length > 0 ? 'Partially met' : 'Not met', statement.because), plan: statement.plan }
  if (ours.length > 0) return made('Met', counted(ours))
  return made('Not met', UNSEEN)
}

function inPart(runs: readonly Run[], unplayed: readonly string[], isElsewhere: boolean): string {
  const seen = runs.length === 0 ? 'Nothing of it was played' : counted(runs).slice(0, -1)
  const many = unplayed.length === 1 ? 'one case' : `${unplayed.length} cases`
  const where = isElsewhere ? 'against a gateway that runs' : 'here'
  return `${seen}; ${many} cannot be played ${where}: ${[...new Set(unplayed)].join('; ')}.`
}

/** A case counts once, over however many versions of IP it was played. */
function counted(runs: readonly Run[]): string {
  const cases = new Set(runs.map((run) => run.case)).size
  const ips = [...new Set(runs.flatMap(({ ip }) => (ip === undefined ? [] : [`IPv${ip}`])))].toSorted()
  return `${cases} ${cases === 1 ? 'case' : 'cases'} as expected${ips.length > 0 ? `, over ${ips.join(' and ')}` : ''}.`
}

/** The case of a run, and over what it was played: `STR-01/other-root over IPv6`. */
export const named = ({ case: id, ip, peer }: Run): string =>
  `${id}${peer === undefined ? '' : ` with ${peer}`}${ip === undefined ? '' : ` over IPv${ip}`}`

const detailOf = ({ outcome }: Run): string => ('detail' in outcome ? outcome.detail : '')
