// What is open, in the form of test discrepancy reports: what was expected, what was seen, how much it weighs, what is planned.

import type { TestCase } from '../case.ts'
import { areaOf, isBinding, type Requirement } from '../requirement.ts'
import { named, type Run, UNSEEN, type Verdict } from '../verdict.ts'

/**
 * Proposed, by what it means for operation; whoever adjudicates decides.
 *
 * Critical: a run has seen something that weakens security. Major: a run has seen that something binding is not so, or
 * something binding is not there. Minor: what is recommended, what is there in part, and what no case shows yet.
 */
export type Severity = 'Critical' | 'Major' | 'Minor'

export const SEVERITIES: readonly Severity[] = ['Critical', 'Major', 'Minor']

/** Areas in which a violation weakens security. */
const SECURITY: ReadonlySet<string> = new Set(['TLS', 'SAS', 'PKI', 'GWY', 'AUD', 'LBL', 'ADM'])

export interface Discrepancy {
  /** `TDR-dod-STR-09`: the same in every report of a profile for as long as it is open. */
  readonly id: string
  readonly requirement: string
  readonly severity: Severity
  readonly expected: string
  readonly seen: string
  /** Was it seen to be wrong, or has a peer kept it from being seen, or is it not there, or only not shown? */
  readonly kind: 'violation' | 'inconclusive' | 'peer' | 'absent' | 'unseen'
  readonly plan: string
  /** Runs that have shown it. */
  readonly runs: readonly Run[]
}

const TO_MEND = 'To be corrected in the gateway or in the case, and played again before the next report.'
const TO_SHOW = 'A case that shows it.'
const TO_TELL = 'To be told to the partner, and played again when it has mended it, or with another.'

export function discrepancyOf(
  profile: string,
  verdict: Verdict,
  o: {
    readonly requirement: Requirement
    readonly cases: ReadonlyMap<string, TestCase>
    readonly runs: readonly Run[]
  },
): Discrepancy {
  const { requirement, cases } = o
  const own = o.runs.filter(({ case: id, outcome }) => verdict.cases.includes(id) && isBad(outcome.kind))
  const kind = kindOf(verdict, own)
  const titles = [...new Set(own.map((run) => cases.get(run.case)?.title ?? run.case))]
  return {
    ...{ id: `TDR-${profile}-${verdict.requirement}`, requirement: verdict.requirement, kind, runs: own },
    severity: severityOf(requirement, verdict, kind),
    expected: titles.length > 0 ? titles.join(' ') : requirement.test,
    seen: own.length > 0 ? own.map((run) => `${named(run)}: ${detailOf(run)}`).join('; ') : verdict.because,
    plan: verdict.plan ?? (kind === 'unseen' ? TO_SHOW : kind === 'peer' ? TO_TELL : TO_MEND),
  }
}

const isBad = (kind: Run['outcome']['kind']): boolean => kind !== 'pass'

const detailOf = ({ outcome }: Run): string => ('detail' in outcome ? outcome.detail : outcome.kind)

function kindOf({ because }: Verdict, runs: readonly Run[]): Discrepancy['kind'] {
  if (runs.some(({ outcome }) => outcome.kind === 'violation')) return 'violation'
  if (runs.some(({ outcome }) => outcome.kind === 'inconclusive')) return 'inconclusive'
  if (runs.length > 0) return 'peer'
  return because === UNSEEN ? 'unseen' : 'absent'
}

function severityOf(requirement: Requirement, { result }: Verdict, kind: Discrepancy['kind']): Severity {
  if (!isBinding(requirement) || result === 'Partially met' || kind === 'unseen' || kind === 'peer') return 'Minor'
  return kind === 'violation' && SECURITY.has(areaOf(requirement)) ? 'Critical' : 'Major'
}
