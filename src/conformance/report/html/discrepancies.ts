// What is open, one test discrepancy report each; those that weigh most come first.

import { type Discrepancy, SEVERITIES } from '../discrepancies.ts'
import { readCase } from '../../reading.ts'
import { areaOf } from '../../requirement.ts'
import { escaped } from '../escape.ts'
import type { Sources } from './sources.ts'
import { named } from '../../verdict.ts'
import { facts, linkTo, linkToRow, stepList, table, worded } from './making.ts'

const SCALE =
  '<p>Severities are proposals, for whoever adjudicates. Critical: a run has seen something that weakens security. Major: a run has seen that something binding is not so, or something binding is not there. Minor: what is recommended, what is there in part, and what no case shows yet.</p>'

export function discrepancies(sources: Sources): string {
  const { report, requirements } = sources
  if (report.discrepancies.length === 0) return '<p>None.</p>'
  const sorted = report.discrepancies.toSorted(
    (one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity),
  )
  const [told, unseen] = [
    sorted.filter(({ kind }) => kind !== 'unseen'),
    sorted.filter(({ kind }) => kind === 'unseen'),
  ]
  const articles = told.map((one) => article(one, sources)).join('')
  return `${SCALE}${articles}${unseen.length > 0 ? unshown(unseen, requirements) : ''}`
}

/** All that is to be said of them is the same, but what they are and how they would be shown. */
function unshown(own: readonly Discrepancy[], requirements: Sources['requirements']): string {
  const rows = own.map(({ id, requirement, expected, severity }) => [
    id,
    `${linkToRow(requirement)}: ${worded(requirements.get(requirement)?.requirement ?? '')}`,
    escaped(expected),
    severity,
  ])
  return `<h3>Shown by no case yet</h3><p>Whether the product does these was not seen. The plan for each is a case that shows it.</p>${table(['Id', 'Requirement', 'To be shown by', 'Proposed severity'], rows, 'folds')}`
}

/** The part of the product that a row is about. */
const COMPONENTS: Readonly<Record<string, string>> = {
  STR: 'negotiation and end of streams',
  DNS: 'resolution of names, connections',
  TLS: 'TLS',
  SAS: 'proof of names between servers',
  CAS: 'log-ins of clients',
  PKI: 'certificates, revocation, keys',
  JID: 'addresses',
  STZ: 'reading and routing of stanzas',
  ERR: 'errors in answer to stanzas',
  SUB: 'routing of presence',
  PRS: 'routing of presence',
  MSG: 'routing of messages',
  MUC: 'routing to and from rooms',
  GWY: 'the gateway as a whole',
  AUD: 'log and records',
  LBL: 'labels',
  IP6: 'connections',
  QOS: 'marking of packets, order of what waits',
  ADM: 'administration',
  LIM: 'limits',
}

/** So many cases have their steps told; of more it is known where they stand. */
const TOLD = 2

/** What was done, step by step. */
const scenarioOf = ({ runs }: Discrepancy, cases: Sources['cases']): string =>
  [...new Set(runs.map((run) => run.case))]
    .slice(0, TOLD)
    .flatMap((id) => cases.get(id) ?? [])
    .map((one) => `${linkTo(one.id)}${stepList(readCase(one))}`)
    .join('')

function article(one: Discrepancy, { report, requirements, cases }: Sources): string {
  const { version } = report.system
  const about = requirements.get(one.requirement)
  const evidence = one.runs.map(
    (run) => `${linkTo(run.case)} (<a href="${escaped(run.evidence[0] ?? '')}">${escaped(named(run))}</a>)`,
  )
  return `<article class="tdr"><h3>${one.id}</h3>${facts([
    ['Product', `Sallyport ${escaped(version)}`],
    [
      'Requirement',
      `${linkToRow(one.requirement)}: ${worded(about?.requirement ?? '')} <small>${escaped(about?.level ?? '')} · ${escaped(about?.governing ?? '')}</small>`,
    ],
    ['Component', escaped(COMPONENTS[areaOf({ id: one.requirement })] ?? 'the gateway')],
    ...(one.runs.length === 0
      ? [['To be tested by', worded(one.expected)] as const]
      : ([
          ['Scenario', scenarioOf(one, cases)],
          ['Expected', escaped(one.expected)],
        ] as const)),
    ['Seen', escaped(one.seen)],
    ['Evidence', evidence.length > 0 ? evidence.join(', ') : 'None: no run has shown it.'],
    ['Proposed severity', one.severity],
    ['Plan', escaped(one.plan)],
  ])}</article>`
}
