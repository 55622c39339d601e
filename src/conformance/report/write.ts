// Writes a report into a folder of its own: the page to hand in, the same as data in several forms, what lies beside it, and
// the seal over all of it.

import { mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CASES } from '../cases/all.ts'
import { REQUIREMENTS } from '../requirement.ts'
import type { Files } from './attachments.ts'
import { csvOf } from './csv.ts'
import { htmlOf } from './html.ts'
import { junitOf } from './junit.ts'
import { seal, signingKey } from './manifest.ts'
import type { Report } from './report.ts'
import { checklistOf } from './srg/cklb.ts'
import { heimdallOf } from './srg/hdf.ts'
import { assessmentOf } from './srg/oscal.ts'
import { srgRowsOf } from './srg/rows.ts'

export interface Written {
  readonly folder: string
  /** `sha256/…` of the key that signed it. */
  readonly signedBy: string
}

const byId = <T extends { readonly id: string }>(rows: readonly T[]): ReadonlyMap<string, T> =>
  new Map(rows.map((row) => [row.id, row]))

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`

/** @throws when no report can be written there, or nothing be signed: before a run rather than after it */
export async function readyFor(folder: string, keyFile: string): Promise<void> {
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  )
  if (isThere) throw new Error(`${folder} is there already: a report is not mixed with an older one`)
  await signingKey(keyFile)
}

/** @throws when the folder is there already: nothing is mixed with an older report */
export async function writeReport(folder: string, report: Report, beside: Files, keyFile: string): Promise<Written> {
  await mkdir(dirname(folder), { recursive: true })
  await mkdir(folder)
  const requirements = byId(REQUIREMENTS)
  const cases = byId(CASES)
  const rows = srgRowsOf({ report, requirements })
  const forms: Files = new Map([
    ['report.json', json(report)],
    ['report.html', htmlOf(report, cases, requirements)],
    ['report.csv', csvOf(report, requirements)],
    ['junit.xml', junitOf(report, cases, requirements)],
    ['srg.cklb', json(checklistOf(report, rows))],
    ['srg-oscal.json', json(assessmentOf(report, rows))],
    ['srg-hdf.json', json(heimdallOf(report, rows))],
  ])
  for (const [name, text] of [...forms, ...beside]) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return { folder, signedBy: await seal(folder, await signingKey(keyFile)) }
}
