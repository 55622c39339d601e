// The report to hand in: one page of HTML that prints on A4 and reads on a phone, with nothing to fetch.

import type { TestCase } from '../case.ts'
import { AREAS, isBinding, type Requirement } from '../requirement.ts'
import { type Result, UNSEEN, type Verdict } from '../verdict.ts'
import { diagram } from './diagram.ts'
import { escaped } from './escape.ts'
import type { Report } from './report.ts'
import { STYLE } from './html-style.ts'

const RESULTS: readonly Result[] = ['Met', 'Partially met', 'Not met', 'N/A']
const MARKS: Readonly<Record<Result, string>> = { Met: 'met', 'Partially met': 'partly', 'Not met': 'not', 'N/A': 'na' }

export function htmlOf(
  report: Report,
  cases: ReadonlyMap<string, TestCase>,
  requirements: ReadonlyMap<string, Requirement>,
): string {
  const { system } = report
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sallyport ${escaped(system.version)}, conformance under ${escaped(system.profile)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${cover(report)}
${areas(report, requirements)}
${discrepancies(report, requirements)}
${requirementTable(report, requirements)}
${caseTable(report, cases)}
</main>
</body>
</html>
`
}

function cover({ system, made, totals, runs, verdicts, part, cases }: Report): string {
  const unseen = verdicts.filter(({ because }) => because === UNSEEN).length
  const facts: readonly (readonly [string, string])[] = [
    ['Product', `Sallyport ${system.version}`],
    ['Role', 'XMPP gateway between servers, with a core behind it'],
    ['Profile', system.profile],
    ['Made', made.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')],
    ['Settings (SHA-256)', system.configuration],
    ['Node · OpenSSL', `${system.node} · ${system.openssl}`],
    ['Host', system.host],
  ]
  const played = `${cases} cases over ${[...new Set(runs.flatMap(({ ip }) => (ip === undefined ? [] : [`IPv${ip}`])))].toSorted().join(' and ')}`
  return `<header>
<p class="kind">Report of conformance</p>
<h1>Sallyport under the profile ${escaped(system.profile)}</h1>
${
  part
    ? `<p class="note"><strong>This is a part of a report</strong>: of ${AREAS.length} areas it is about ${part.join(', ')} alone, and says nothing of the others.</p>
`
    : ''
}<p class="summary">${played}. ${totals.Met} requirements are met, ${totals['Partially met']} in part, ${totals['Not met']} are not, and ${totals['N/A']} do not apply to an edge.${unseen > 0 ? ` Of those that are not met, ${unseen} have no case that could show them.` : ''}</p>
${bar(totals)}
<dl>${facts.map(([name, value]) => `<dt>${name}</dt><dd>${escaped(value)}</dd>`).join('')}</dl>
<p class="note">Tested against requirements compiled from public sources (RFCs, XEPs, published DoD and NATO documents). This is no certificate, and no body that certifies has had a part in it. What was tested is what is named here, in this configuration; a change to either is not covered.</p>
<h2>What was tested</h2>
${diagram()}
</header>`
}

function bar(totals: Readonly<Record<Result, number>>): string {
  const all = RESULTS.reduce((sum, result) => sum + totals[result], 0)
  const parts = RESULTS.filter((result) => totals[result] > 0).map(
    (result) =>
      `<span class="${MARKS[result]}" style="flex-grow:${totals[result]}" title="${result}: ${totals[result]} of ${all}">${result} ${totals[result]}</span>`,
  )
  return `<p class="bar">${parts.join('')}</p>`
}

function areas({ verdicts }: Report, requirements: ReadonlyMap<string, Requirement>): string {
  const byArea = Map.groupBy(verdicts, ({ requirement }) => areaName(requirement, requirements))
  const rows = [...byArea].map(([area, own]) => {
    const counts = RESULTS.map((result) => own.filter((verdict) => verdict.result === result).length)
    return `<tr><th scope="row">${escaped(area)}</th>${counts.map((count) => `<td class="number">${count === 0 ? '' : count}</td>`).join('')}</tr>`
  })
  return `<section><h2>By area</h2><table><thead><tr><th>Area</th>${RESULTS.map((result) => `<th class="number">${result === 'Partially met' ? 'In part' : result}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></section>`
}

const areaName = (id: string, requirements: ReadonlyMap<string, Requirement>): string =>
  requirements.get(id)?.area ?? id

/** What is open, as test discrepancy reports. */
function discrepancies({ verdicts }: Report, requirements: ReadonlyMap<string, Requirement>): string {
  const open = verdicts.filter(({ result }) => result === 'Not met' || result === 'Partially met')
  const items = open.map((verdict, index) => discrepancy(verdict, index + 1, requirements.get(verdict.requirement)))
  return `<section><h2>Discrepancies</h2>${items.join('') || '<p>None.</p>'}</section>`
}

function discrepancy(
  { requirement: id, because, cases, result }: Verdict,
  number: number,
  about: Requirement | undefined,
): string {
  const severity = about && isBinding(about) ? (cases.length > 0 ? 'Major' : 'Minor') : 'Minor'
  return `<article class="tdr"><h3>TDR ${number}: ${id}</h3><dl><dt>Requirement</dt><dd>${escaped(about?.requirement ?? '')} (${escaped(about?.level ?? '')}; ${escaped(about?.governing ?? '')})</dd><dt>Finding</dt><dd>${result}: ${escaped(because)}</dd><dt>Scenario</dt><dd>${cases.length > 0 ? escaped(cases.join(', ')) : 'No case.'}</dd><dt>Proposed severity</dt><dd>${severity}</dd></dl></article>`
}

function requirementTable({ verdicts }: Report, requirements: ReadonlyMap<string, Requirement>): string {
  const groups = Map.groupBy(verdicts, ({ requirement }) => areaName(requirement, requirements))
  const sections = [...groups].map(([area, own]) => {
    const rows = own.map((verdict) => {
      const about = requirements.get(verdict.requirement)
      return `<tr id="${verdict.requirement}"><th scope="row">${verdict.requirement}</th><td>${escaped(about?.requirement ?? '')}<br><small>${escaped(about?.level ?? '')} · ${escaped(about?.governing ?? '')}</small></td><td class="${MARKS[verdict.result]}">${verdict.result}</td><td>${escaped(verdict.because)}${verdict.cases.length > 0 ? `<br><small>${verdict.cases.map(linkTo).join(', ')}</small>` : ''}</td></tr>`
    })
    return `<h3>${escaped(area)}</h3><table class="requirements"><thead><tr><th>Id</th><th>Requirement</th><th>Result</th><th>Because</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
  })
  return `<section><h2>Requirements</h2>${sections.join('')}</section>`
}

const anchorOf = (id: string): string => `case-${id.replaceAll('/', '-')}`
const linkTo = (id: string): string => `<a href="#${anchorOf(id)}">${escaped(id)}</a>`

function caseTable({ runs }: Report, cases: ReadonlyMap<string, TestCase>): string {
  const groups = Map.groupBy(runs, ({ case: id }) => id)
  const rows = [...groups].map(([id, own]) => {
    const { title = '', role = '' } = cases.get(id) ?? {}
    const outcomes = own.map(
      ({ ip, outcome, evidence }) =>
        `<a href="${escaped(evidence[0] ?? '')}">${ip === undefined ? 'Command' : `IPv${ip}`}</a>: ${outcome.kind === 'pass' ? 'as expected' : `${outcome.kind}: ${escaped('detail' in outcome ? outcome.detail : '')}`}`,
    )
    return `<tr id="${anchorOf(id)}"><th scope="row">${escaped(id)}</th><td>${escaped(title)}</td><td>${role}</td><td>${outcomes.join('<br>')}</td></tr>`
  })
  return `<section><h2>Cases and evidence</h2><p>What both sides of each stream said lies beside this report; bodies of messages and credentials are replaced by their length and digest.</p><table class="cases"><thead><tr><th>Case</th><th>What is shown</th><th>The gateway is</th><th>Outcome</th></tr></thead><tbody>${rows.join('')}</tbody></table></section>`
}
