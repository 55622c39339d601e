// The first page: whoever reads nothing else knows what was tested, on what, and what is open.

import { NO_IP6 } from '../../host-lacks.ts'
import { AREAS, areaOf } from '../../requirement.ts'
import type { Result } from '../../verdict.ts'
import { ROWS } from '../attachments.ts'
import { type Discrepancy, SEVERITIES } from '../discrepancies.ts'
import { escaped } from '../escape.ts'
import type { Sources } from './sources.ts'
import type { Report, System } from '../report.ts'
import { counted, digest, facts, linkToRow, MARKS, RESULTS, worded } from './making.ts'

/** So many rows that were seen to be wrong have room on the page. */
const NAMED = 16

export function cover({ report, requirements }: Sources): string {
  const { system, made, expires, id, totals, part } = report
  const areas = part ?? AREAS
  const ofTester = system.reached ? ' of the tester' : ''
  const note = part
    ? `<p class="note"><strong>This is a part of a report</strong>: of ${AREAS.length} areas it is about ${part.join(', ')} alone, and says nothing of the others.</p>\n`
    : ''
  return `<header>
<p class="kind">Report of conformance</p>
<h1>${system.reached ? `A gateway that runs at ${escaped(system.reached.at.join(' and '))}` : `Sallyport ${escaped(system.version)}`} under the profile ${escaped(system.profile)}</h1>
${note}<p class="summary">An XMPP gateway between servers, with a core behind it, was held against ${counted(report.verdicts.length, 'requirement')} in ${counted(areas.length, 'area')}, by ${counted(report.cases, 'case')} played with scripted peers${overOf(report)}${withWhom(report)}. <strong>${totals.Met}</strong> are met, <strong>${totals['Partially met']}</strong> in part, <strong>${totals['Not met']}</strong> are not met, and <strong>${totals['N/A']}</strong> do not apply to an edge.${notAssessed(report)}</p>
${bar(totals)}
<h2>What is open</h2>
${open(report, requirements)}
<h2>What was tested</h2>
${facts([
  ...reachedFacts(system),
  [system.reached ? 'Tested by' : 'Product', `Sallyport ${escaped(system.version)}, ${commitOf(system)}`],
  ['Source (SHA-256)', digest(system.code)],
  ['Settings (SHA-256)', digest(system.configuration)],
  ...requirementFacts(report),
  ['Bill of materials (SHA-256)', system.bill === undefined ? 'none: no lock file is installed' : digest(system.bill)],
  [
    `Node · OpenSSL${ofTester}`,
    `${escaped(system.node)} · ${escaped(system.openssl)}, ${system.fips ? 'a validated provider in force' : 'no validated provider'}`,
  ],
  [`Host${ofTester}`, escaped(system.system)],
  [system.reached ? 'Clock of that host' : 'Clock of the host', escaped(system.clock?.join('; ') ?? NO_CLOCK)],
  ['Report', `${escaped(id)}, made ${made.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}`],
  ['Expires', `${expires}, and with any change of the product or its settings`],
])}
<p class="note">Held against requirements that were compiled from public sources (RFCs, XEPs, published documents of DoD and NATO). This is no certificate, and no body that certifies has had a part in it.</p>
</header>`
}

/** Which edition of the table it was held against, and which baselines. */
function requirementFacts({ attachments, baselines }: Report): readonly (readonly [string, string])[] {
  const rows = attachments.find(({ name }) => name === ROWS)
  return [
    ...(rows ? [['Requirements (SHA-256)', digest(rows.sha256)] as const] : []),
    ...(baselines
      ? [
          [
            'Baselines',
            `${escaped(Object.keys(baselines.spirals).join(', '))}: <a href="#annex-fmn">annex E</a>`,
          ] as const,
        ]
      : []),
  ]
}

const NO_CLOCK = 'how far it was off is not known: no settings with time servers (`clock.servers`) were at hand'

/** What a run from outside, or one on a host without IPv6, cannot show is neither met nor missed. */
function notAssessed({ totals, system: { reached } }: Report): string {
  const count = totals['Not assessed']
  if (reached) return ` <strong>${count}</strong> were not assessed: what would show them cannot be seen from outside.`
  if (count === 0) return ''
  return ` <strong>${count}</strong> ${count === 1 ? 'was' : 'were'} not assessed: ${NO_IP6}, without which they cannot be shown.`
}

function reachedFacts({ reached }: System): readonly (readonly [string, string])[] {
  if (!reached) return []
  const { at, release, partner } = reached
  return [
    ['System under test', `A gateway that runs, met from outside at ${escaped(at.join(' and '))}`],
    ['Its release', release === undefined ? 'not told' : `${escaped(release)}, as whoever ran this says`],
    ['Met as', partner === undefined ? 'a stranger' : `${escaped(partner)}, a partner that it admits`],
  ]
}

const commitOf = ({ commit }: System): string =>
  commit === undefined
    ? 'not from a checkout'
    : `commit ${digest(commit.id.slice(0, 12))}${commit.changed ? ', <strong>with changes that are in no commit</strong>' : ''}`

function overOf({ runs }: Report): string {
  const ips = [...new Set(runs.flatMap(({ ip }) => (ip === undefined ? [] : [`IPv${ip}`])))].toSorted()
  return ips.length > 0 ? ` over ${ips.join(' and ')}` : ''
}

const withWhom = ({ pairwise }: Report): string =>
  pairwise
    ? `, and <a href="#pairwise">paired</a> with ${pairwise.pairs.map(({ peer }) => escaped(peer)).join(', ')}`
    : ''

export function bar(totals: Readonly<Record<Result, number>>): string {
  const all = RESULTS.reduce((sum, result) => sum + totals[result], 0)
  const parts = RESULTS.filter((result) => totals[result] > 0).map(
    (result) =>
      `<span class="${MARKS[result]}" style="flex-grow:${totals[result]}" title="${result}: ${totals[result]} of ${all}">${result} ${totals[result]}</span>`,
  )
  return `<p class="bar">${parts.join('')}</p>`
}

function open({ discrepancies }: Report, requirements: Sources['requirements']): string {
  if (discrepancies.length === 0) return '<p>Nothing.</p>'
  const weights = SEVERITIES.map(
    (severity) => `${discrepancies.filter((one) => one.severity === severity).length} ${severity.toLowerCase()}`,
  )
  const of = (kind: Discrepancy['kind']): readonly Discrepancy[] => discrepancies.filter((one) => one.kind === kind)
  const absent = of('absent')
  const [major, minor] = [absent.filter(weighs), absent.filter((one) => !weighs(one))]
  const lines = [
    `<strong>${counted(discrepancies.length, 'discrepancy', 'discrepancies')}</strong>, by proposed severity ${weights.join(', ')}.`,
    listing('Seen to be wrong', of('violation'), requirements),
    listing('Played without a result', of('inconclusive'), requirements),
    listing('Not there, though binding, with a plan', major, requirements),
    byArea('There in part, or recommended and not there, with a plan', minor, requirements),
    byArea('Not seen, for the peer was at fault', of('peer'), requirements),
    byArea('Shown by no case yet', of('unseen'), requirements),
  ]
  return `<ul class="open">${lines
    .filter((line) => line !== '')
    .map((line) => `<li>${line}</li>`)
    .join('')}</ul>`
}

const weighs = ({ severity }: Discrepancy): boolean => severity !== 'Minor'

/** Each by what it asks for, for whoever reads no further. */
function listing(title: string, own: readonly Discrepancy[], requirements: Sources['requirements']): string {
  if (own.length === 0) return ''
  const rows = own
    .slice(0, NAMED)
    .map(
      ({ requirement }) =>
        `<strong>${linkToRow(requirement)}</strong> ${worded(shortened(requirements.get(requirement)?.requirement ?? ''))}`,
    )
  const more = own.length > NAMED ? `; and ${own.length - NAMED} more` : ''
  return `<strong>${title} (${own.length})</strong>: ${rows.join('; ')}${more}`
}

function byArea(title: string, own: readonly Discrepancy[], requirements: Sources['requirements']): string {
  if (own.length === 0) return ''
  const areas = Map.groupBy(own, ({ requirement }) => titleOf(requirement, requirements))
  const told = [...areas].map(([area, rows]) => `${escaped(area)}&nbsp;${rows.length}`)
  return `<strong>${title} (${own.length})</strong>: ${told.join('; ')}.`
}

/** `Streams`, of `Streams (STR)`: who reads this page alone knows no abbreviations. */
const titleOf = (id: string, requirements: Sources['requirements']): string =>
  (requirements.get(id)?.area ?? areaOf({ id })).replace(/ *\([A-Z0-9/, ]+\)$/, '')

const shortened = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 78).trimEnd()}…`)
