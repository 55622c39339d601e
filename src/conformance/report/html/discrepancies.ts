// What is open, one test discrepancy report each; those that weigh most come first.

import { type Discrepancy, SEVERITIES } from '../discrepancies.ts'
import { escaped } from '../escape.ts'
import type { Sources } from './sources.ts'
import { named } from '../../verdict.ts'
import { facts, linkTo, linkToRow, table, worded } from './making.ts'

const SCALE =
  '<p>Severities are proposals, for whoever adjudicates. Critical: a run has seen something that weakens security. Major: a run has seen that something binding is not so, or something binding is not there. Minor: what is recommended, what is there in part, and what no case shows yet.</p>'

export function discrepancies({ report, requirements }: Sources): string {
  if (report.discrepancies.length === 0) return '<p>None.</p>'
  const sorted = report.discrepancies.toSorted(
    (one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity),
  )
  const [told, unseen] = [
    sorted.filter(({ kind }) => kind !== 'unseen'),
    sorted.filter(({ kind }) => kind === 'unseen'),
  ]
  const articles = told.map((one) => article(one, report.system.version, requirements)).join('')
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

function article(one: Discrepancy, version: string, requirements: Sources['requirements']): string {
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
    ['Expected', escaped(one.expected)],
    ['Seen', escaped(one.seen)],
    ['Evidence', evidence.length > 0 ? evidence.join(', ') : 'None: no run has shown it.'],
    ['Proposed severity', one.severity],
    ['Plan', escaped(one.plan)],
  ])}</article>`
}
