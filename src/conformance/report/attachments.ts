// What lies beside a report: of every run what both sides said, what the gateway has logged of it and what its peer has shown;
// the settings; the bill of materials.

import { createHash } from 'node:crypto'
import { isOnWire } from '../case.ts'
import { caseInWords, readCase } from '../reading.ts'
import { REQUIREMENTS } from '../requirement.ts'
import type { Played } from '../run.ts'
import { type Attachment, evidenceOf } from './report.ts'

export const CONFIGURATION = 'configuration.json'
export const BILL = 'sbom.cdx.json'
/** What was asked for, row by row: the digest says which edition of the table it was. */
export const ROWS = 'requirements.json'
/** The cases that were played, in words and as data. */
export const CASE_FILE = 'cases.json'

/** Text by name of file. */
export type Files = ReadonlyMap<string, string>

export function filesOf(o: {
  readonly played: readonly Played[]
  readonly settings: Readonly<Record<string, string>>
  readonly bill: string | undefined
}): Files {
  const settings = Object.entries(o.settings).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return new Map([
    [CONFIGURATION, `${JSON.stringify(Object.fromEntries(settings), undefined, 2)}\n`],
    [ROWS, `${JSON.stringify(REQUIREMENTS, undefined, 2)}\n`],
    ...(o.bill === undefined ? [] : [[BILL, o.bill] as const]),
    ...(o.played.length > 0 ? [[CASE_FILE, casesText(o.played)] as const] : []),
    ...o.played.map((played) => [evidenceOf(played.performance), evidenceText(played)] as const),
  ])
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

export const listed = (files: Files): readonly Attachment[] =>
  [...files].map(([name, text]) => ({ name, sha256: sha256(text) }))

/** Each once, over however many versions of IP it was played. */
function casesText(played: readonly Played[]): string {
  const cases = new Map(played.map(({ performance: { testCase } }) => [testCase.id, testCase]))
  const sorted = [...cases.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1))
  return `${JSON.stringify(
    sorted.map((one) => ({ ...readCase(one), data: one })),
    undefined,
    2,
  )}\n`
}

function evidenceText({ performance, transcript, log, certificate, began }: Played): string {
  const { testCase, ip, peer } = performance
  const over = isOnWire(testCase) ? ` over IPv${ip}` : ''
  const parts = [
    `${testCase.id}${over}: ${testCase.title}\nFor ${testCase.requirements.join(', ')}\nBegan ${new Date(began).toISOString()}\n`,
    `What is played:\n${caseInWords(readCase(testCase))}\n`,
    `What was said:\n${transcript.toString()}`,
    ...(log.length > 0 ? [`What the gateway has logged of ${peer}:\n${log.join('\n')}\n`] : []),
    ...(certificate === undefined ? [] : [`What the peer shows:\n${certificate.trim()}\n`]),
  ]
  return parts.join('\n')
}
