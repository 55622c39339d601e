// Writes a report into a folder of its own: the page to hand in, the same as data in several forms, what was said on every
// stream, and the seal over all of it.

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CASES } from '../cases/all.ts'
import { isOnWire } from '../case.ts'
import { REQUIREMENTS } from '../requirement.ts'
import type { Played } from '../run.ts'
import { csvOf } from './csv.ts'
import { htmlOf } from './html.ts'
import { junitOf } from './junit.ts'
import { seal, signingKey } from './manifest.ts'
import { evidenceOf, type Report } from './report.ts'

export interface Written {
  readonly folder: string
  /** `sha256/…` of the key that signed it. */
  readonly signedBy: string
}

const byId = <T extends { readonly id: string }>(rows: readonly T[]): ReadonlyMap<string, T> =>
  new Map(rows.map((row) => [row.id, row]))

/** @throws when the folder is there already: nothing is mixed with an older report */
export async function writeReport(
  folder: string,
  report: Report,
  played: readonly Played[],
  keyFile: string,
): Promise<Written> {
  await mkdir(dirname(folder), { recursive: true })
  await mkdir(folder)
  await mkdir(join(folder, 'evidence'))
  const requirements = byId(REQUIREMENTS)
  const cases = byId(CASES)
  await writeFile(join(folder, 'report.json'), `${JSON.stringify(report, undefined, 2)}\n`)
  await writeFile(join(folder, 'report.html'), htmlOf(report, cases, requirements))
  await writeFile(join(folder, 'report.csv'), csvOf(report, requirements))
  await writeFile(join(folder, 'junit.xml'), junitOf(report, cases, requirements))
  for (const { performance, transcript } of played) {
    const { testCase, ip } = performance
    const over = isOnWire(testCase) ? ` over IPv${ip}` : ''
    const about = `${testCase.id}${over}: ${testCase.title}\nFor ${testCase.requirements.join(', ')}\n\n`
    await writeFile(join(folder, evidenceOf(performance)), `${about}${transcript.toString()}`)
  }
  return { folder, signedBy: await seal(folder, await signingKey(keyFile)) }
}
