// Every case with what came of it, and the files that lie beside the report.

import type { TestCase } from '../../case.ts'
import { readCase } from '../../reading.ts'
import type { Run } from '../../verdict.ts'
import { escaped } from '../escape.ts'
import type { Sources } from './sources.ts'
import { anchorOf, digest, stepList, table } from './making.ts'

export function caseTable({ report, cases }: Sources): string {
  const groups = Map.groupBy(report.runs, ({ case: id }) => id)
  const rows = [...groups].map(([id, own]) => {
    const testCase = cases.get(id)
    const { title = '', role = '', requirements = [] } = testCase ?? {}
    return [
      `<span id="${anchorOf(id)}">${escaped(id)}</span>`,
      `${escaped(title)}<br><small>${requirements.map((one) => `<a href="#${one}">${one}</a>`).join(', ')}</small>${testCase ? steps(testCase) : ''}`,
      own.every(({ ip }) => ip === undefined) ? 'a command' : role,
      own.map(outcomeOf).join('<br>'),
      own.some(({ tls }) => tls) ? agreedOn(own) : '',
    ]
  })
  return table(['Case', 'What is shown', 'The gateway is', 'Outcome', 'TLS'], rows, 'folds')
}

/** Opened by whoever wants to read them; on paper they would be a book, and they lie with the evidence. */
const steps = (one: TestCase): string => `<details><summary>Steps</summary>${stepList(readCase(one))}</details>`

function outcomeOf({ ip, outcome, evidence }: Run): string {
  const name = ip === undefined ? 'Run' : `IPv${ip}`
  const came = outcome.kind === 'pass' ? 'as expected' : `${outcome.kind}: ${escaped(outcome.detail)}`
  return `<a href="${escaped(evidence[0] ?? '')}">${name}</a>: ${came}`
}

function agreedOn(runs: readonly Run[]): string {
  const all = runs.flatMap(({ tls = [] }) => tls)
  const ways = new Set(
    all.map(({ version, suite, group }) => [version, suite, ...(group === undefined ? [] : [group])].join(' ')),
  )
  return `<small>${[...ways].map(escaped).join('<br>')}</small>`
}

export function appendix({ report }: Sources): string {
  const rows = report.attachments.map(({ name, sha256 }) => [
    `<a href="${escaped(name)}">${escaped(name)}</a>`,
    digest(sha256),
  ])
  return `<p>For every run: what was to be done and expected, what both sides of each stream said, as it was inside TLS, what the gateway has logged of it, and the certificate that the peer has shown. Bodies of messages and credentials are replaced by their length and digest. The manifest beside this report lists the digests of all files, also of this page, and is signed; <code>sallyport conformance verify</code> checks it.</p>${table(['File', 'SHA-256'], rows, 'files')}`
}
