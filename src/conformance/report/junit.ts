// The runs in the form that build servers read. What a case is for stands in properties by the names that the XMPP Interop
// Testing project uses (its JUnitXmlTestRunResultProcessor), so that its results and ours can be laid side by side.

import { areaOf, type Requirement } from '../requirement.ts'
import type { Run } from '../verdict.ts'
import { escaped } from './escape.ts'
import type { Sources } from './html/sources.ts'
import { countsOf, tagOf } from './junit-counts.ts'
import { pairSuites } from './junit-pairs.ts'
import type { Report } from './report.ts'

/** JUnit XML: a suite for each area. */
export function junitOf(
  { runs, pairwise, system, made }: Report,
  cases: Sources['cases'],
  requirements: Sources['requirements'],
): string {
  const areas = Map.groupBy(runs, ({ case: id }) => areaOf({ id }))
  const suites = [...areas].map(([area, own]) => {
    const about = [...requirements.values()].find((one) => areaOf(one) === area)
    const inside = own.map((run) => caseOf(run, cases, requirements)).join('')
    return `<testsuite name="${escaped(`${area}: ${about?.area ?? area}`)}" ${countsOf(own)} timestamp="${made}" hostname="${escaped(system.system)}">${inside}</testsuite>\n`
  })
  const all = [...runs, ...(pairwise?.pairs ?? []).flatMap((pair) => pair.runs)]
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="Sallyport ${escaped(system.version)} ${escaped(system.profile)}" ${countsOf(all)} timestamp="${made}">\n${suites.join('')}${pairwise ? pairSuites(pairwise, made) : ''}</testsuites>\n`
}

function caseOf(
  { case: id, ip, outcome, ms, evidence }: Run,
  cases: Sources['cases'],
  requirements: Sources['requirements'],
): string {
  const { title = id, requirements: of = [] } = cases.get(id) ?? {}
  const attachments = evidence.map((file) => ['attachment', file] as const)
  const said = [...attachments, ...of.flatMap((one) => propertiesOf(one, requirements.get(one)))]
    .map(([name, value]) => `<property name="${name}" value="${escaped(value)}"/>`)
    .join('')
  const tag = tagOf(outcome)
  const detail = 'detail' in outcome ? escaped(outcome.detail) : ''
  const came =
    tag === undefined ? '' : `<${tag}${tag === 'skipped' ? '' : ` type="${outcome.kind}"`} message="${detail}"/>`
  return `<testcase classname="${escaped(id)}" name="${escaped(title)}${ip === undefined ? '' : ` (IPv${ip})`}" time="${(ms / 1000).toFixed(3)}"><properties>${said}</properties>${came}</testcase>`
}

/** Of what the sections of an area are, where it is not RFC 6120. */
const ABOUT: Readonly<Record<string, string>> = { SUB: 'RFC6121', PRS: 'RFC6121', MSG: 'RFC6121', MUC: 'XEP-0045' }

/** A case may be for several requirements: then each name stands there several times, in their order. */
function propertiesOf(id: string, about: Requirement | undefined): readonly (readonly [string, string])[] {
  const quote = ['specification quote', `${id}: ${about?.requirement ?? ''}`] as const
  // Where the table gives a section alone, it is of what the area is about.
  const bare = /^\d/.test(about?.governing ?? '') ? `${ABOUT[areaOf({ id })] ?? 'RFC6120'} ` : ''
  const read = /\b(RFC|XEP)[- ]?(\d{4})(?: +(\d+(?:\.\d+)*))?/.exec(`${bare}${about?.governing ?? ''}`)
  if (!read) return about === undefined ? [quote] : [['specification identifier', about.governing], quote]
  const [, series = '', number = '', section] = read
  const identifier = series === 'RFC' ? `RFC${number}` : `XEP-${number}`
  const url =
    series === 'RFC'
      ? `https://www.rfc-editor.org/rfc/rfc${number}.html`
      : `https://xmpp.org/extensions/xep-${number}.html`
  return [
    ['specification identifier', identifier],
    ...(section === undefined ? [] : [['specification section', section] as const]),
    quote,
    ['specification URL', url],
  ]
}
