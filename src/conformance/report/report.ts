// A report as data: what was tested, on what, and what each requirement comes to. The other forms are made of it.

import { FMN_SOURCE, rowsOf, SPIRALS } from '../baselines.ts'
import { CASES } from '../cases/all.ts'
import { isOnWire, type TestCase } from '../case.ts'
import type { Pairwise } from '../partner/pairwise.ts'
import { areaOf, type Requirement, REQUIREMENTS } from '../requirement.ts'
import type { Played } from '../run.ts'
import type { Performance } from '../stage/scene.ts'
import { statementOf } from '../statements.ts'
import { type Result, type Run, type Verdict, verdictOf } from '../verdict.ts'
import { type Discrepancy, discrepancyOf } from './discrepancies.ts'
import { type Interface, interfacesOf, reachedBy } from './interfaces.ts'
import type { Machine } from './release.ts'

/** On what the cases were played. */
export interface System extends Machine {
  readonly version: string
  readonly commit?: { readonly id: string; readonly changed: boolean }
  /** SHA-256, in hexadecimal: of the program, of the settings it was run with, of its bill of materials. */
  readonly code: string
  readonly configuration: string
  readonly bill?: string
  readonly profile: string
  /** How far the clock of the host was off, as each time server that was asked says, in words; undefined: none was. */
  readonly clock?: readonly string[]
  /** A gateway that runs elsewhere, which was met from outside; what is told of the product is then that of the tester. */
  readonly reached?: Reached
}

export interface Reached {
  /** `192.0.2.10:5269`, of each version of IP. */
  readonly at: readonly string[]
  /** As whoever ran it says. */
  readonly release?: string
  /** As whom it was met; undefined: as a stranger. */
  readonly partner?: string
}

/** A limit in force, as an operator would write it. */
export interface Limit {
  readonly name: string
  readonly value: string
  readonly about: string
}

/** A file that lies beside the report, with its SHA-256 in hexadecimal. */
export interface Attachment {
  readonly name: string
  readonly sha256: string
}

export interface Report {
  readonly format: 1
  readonly id: string
  readonly made: string
  /** After it the report should not be relied on, nor after any change of the product or its configuration. */
  readonly expires: string
  readonly system: System
  /** The areas that were asked for, where that were not all: nothing is said of others. */
  readonly part?: readonly string[]
  readonly verdicts: readonly Verdict[]
  readonly discrepancies: readonly Discrepancy[]
  /** How many there are; each may have several runs. */
  readonly cases: number
  readonly runs: readonly Run[]
  /** What was played with live partners, where there were any. */
  readonly pairwise?: Pairwise
  readonly totals: Readonly<Record<Result, number>>
  /** The spirals of FMN that the profile is held against, and the rows of each. */
  readonly baselines?: { readonly source: string; readonly spirals: Readonly<Record<string, readonly string[]>> }
  readonly interfaces: readonly Interface[]
  readonly limits: readonly Limit[]
  readonly attachments: readonly Attachment[]
}

/** As long as interoperability certificates of JITC are good for. */
const YEARS = 3

/** What the run could not have. */
interface Lacking {
  /** Cases that cannot be played where the run was → why. */
  readonly unplayed?: ReadonlyMap<string, string>
  /** The gateway was met where it runs. */
  readonly isElsewhere?: boolean
}

/** Every requirement with its verdict, in the order of the table. */
export function verdictsOf(
  runs: readonly Run[],
  profile: string,
  about: readonly Requirement[] = REQUIREMENTS,
  { unplayed = new Map(), isElsewhere = false }: Lacking = {},
): readonly Verdict[] {
  const byRequirement = new Map<string, Run[]>()
  const requirementsOf = new Map(CASES.map(({ id, requirements }) => [id, requirements]))
  for (const run of runs)
    for (const id of requirementsOf.get(run.case) ?? []) byRequirement.set(id, [...(byRequirement.get(id) ?? []), run])
  const hindered = new Map<string, string[]>()
  for (const [id, why] of unplayed)
    for (const row of requirementsOf.get(id) ?? []) hindered.set(row, [...(hindered.get(row) ?? []), why])
  return about.map((requirement: Requirement) => {
    const statement = statementOf(requirement.id, profile)
    return verdictOf(requirement, {
      ...{ runs: byRequirement.get(requirement.id) ?? [], statement },
      ...{ unplayed: hindered.get(requirement.id) ?? [], isElsewhere },
    })
  })
}

/** The runs as they stand in a report. */
export const runOf = ({ performance, outcome, began, ms, transcript }: Played): Run => ({
  ...{ case: performance.testCase.id, outcome, began, ms },
  ...(isOnWire(performance.testCase) && { ip: performance.ip }),
  ...(transcript.agreed.length > 0 && { tls: transcript.agreed }),
  evidence: [evidenceOf(performance)],
})

/** Where the evidence of a performance lies, relative to the folder of the report. */
export const evidenceOf = ({ testCase, ip }: Performance): string =>
  `evidence/${testCase.id.replaceAll('/', '-')}${isOnWire(testCase) ? `-ipv${ip}` : ''}.txt`

export interface Ingredients {
  readonly runs: readonly Run[]
  /** Cases that cannot be played where the run was → why. */
  readonly unplayed?: ReadonlyMap<string, string>
  readonly pairwise?: Pairwise | undefined
  readonly system: System
  readonly now: number
  /** The areas that are reported on, where that are not all. */
  readonly part?: readonly string[] | undefined
  /** Text of the settings by name of file. */
  readonly settings: Readonly<Record<string, string>>
  readonly limits: readonly Limit[]
  readonly attachments: readonly Attachment[]
}

export function reportOf({ runs, pairwise, system, now, part, settings, limits, ...o }: Ingredients): Report {
  const { attachments, unplayed = new Map() } = o
  const about = REQUIREMENTS.filter((requirement) => part === undefined || part.includes(areaOf(requirement)))
  const verdicts = verdictsOf(runs, system.profile, about, { unplayed, isElsewhere: system.reached !== undefined })
  const count = (result: Result): number => verdicts.filter((verdict) => verdict.result === result).length
  const made = new Date(now).toISOString()
  return {
    ...{ format: 1, id: `${system.profile}-${made.replace(/[-:]|\.\d+/g, '')}`, made, expires: expiryOf(now), system },
    ...(part && { part }),
    ...{ verdicts, discrepancies: openOf(system.profile, verdicts, about, runs) },
    ...{ cases: new Set(runs.map((run) => run.case)).size, runs },
    ...(pairwise && { pairwise }),
    ...(system.profile === 'nato' && { baselines: pinned() }),
    totals: {
      Met: count('Met'),
      'Partially met': count('Partially met'),
      'Not met': count('Not met'),
      'N/A': count('N/A'),
      'Not assessed': count('Not assessed'),
    },
    ...{ interfaces: system.reached ? reachedBy(system.reached.at) : interfacesOf(settings), limits, attachments },
  }
}

const pinned = (): NonNullable<Report['baselines']> => ({
  source: FMN_SOURCE,
  spirals: Object.fromEntries(SPIRALS.map((spiral) => [`FMN Spiral ${spiral}`, rowsOf(spiral)])),
})

function expiryOf(now: number): string {
  const date = new Date(now)
  date.setUTCFullYear(date.getUTCFullYear() + YEARS)
  return date.toISOString().slice(0, 10)
}

function openOf(
  profile: string,
  verdicts: readonly Verdict[],
  about: readonly Requirement[],
  runs: readonly Run[],
): readonly Discrepancy[] {
  const cases: ReadonlyMap<string, TestCase> = new Map(CASES.map((one) => [one.id, one]))
  const requirements = new Map(about.map((one) => [one.id, one]))
  return verdicts
    .filter(({ result }) => result === 'Not met' || result === 'Partially met')
    .map((verdict) =>
      discrepancyOf(profile, verdict, { requirement: requirements.get(verdict.requirement)!, cases, runs }),
    )
}
