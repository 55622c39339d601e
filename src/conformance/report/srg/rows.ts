// The requirements that come from Security Requirements Guides of DISA, for the forms that its tools read.
//
// Rule: ids are those that the table of requirements gives. None is made up: a row whose rule in a published checklist is not
//       known has no number of a rule, and says which SRG it comes from.

import type { Requirement } from '../../requirement.ts'
import type { Run, Verdict } from '../../verdict.ts'
import type { Sources } from '../html/sources.ts'

export interface SrgRow {
  readonly requirement: Requirement
  readonly verdict: Verdict
  /** `SRG-NET-000512-VVSM-00101`, `V-205001`, `CCI-000185`. */
  readonly srgs: readonly string[]
  readonly vulnerabilities: readonly string[]
  readonly ccis: readonly string[]
  readonly severity: 'high' | 'medium'
  readonly runs: readonly Run[]
}

export const TITLE = 'Rows of DISA SRGs that bear on an XMPP edge, as compiled for Sallyport'
export const DISCLAIMER =
  'Compiled from ids and titles of the EVVM Session Management, ALG and NDM SRGs. No benchmark published by DISA: which SRG applies is for the authorizing official to say.'

export function srgRowsOf({ report, requirements }: Pick<Sources, 'report' | 'requirements'>): readonly SrgRow[] {
  return report.verdicts.flatMap((verdict) => {
    const requirement = requirements.get(verdict.requirement)
    if (!requirement || !/SRG-|\bV-\d{6}|CCI-\d{6}/.test(requirement.governing)) return []
    const { governing } = requirement
    return [
      {
        ...{ requirement, verdict, srgs: srgsOf(governing) },
        vulnerabilities: [...governing.matchAll(/\bV-\d{6}\b/g)].map(([id]) => id),
        ccis: [...governing.matchAll(/\bCCI-\d{6}\b/g)].map(([id]) => id),
        severity: governing.includes('(CAT I)') ? 'high' : 'medium',
        runs: report.runs.filter((run) => verdict.cases.includes(run.case)),
      } as const,
    ]
  })
}

/** Also those that are shortened: `SRG-NET-000395, -000400`. */
function srgsOf(governing: string): readonly string[] {
  const found: string[] = []
  let family = ''
  for (const [, full, rest = ''] of governing.matchAll(/(SRG-[A-Z]+|(?<=[\s.]))(-\d{6}(?:-[A-Z]+-\d{5,6})?)/g)) {
    family = full || family
    if (family !== '') found.push(`${family}${rest}`)
  }
  return found
}
