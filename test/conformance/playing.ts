// Plays cases as `sallyport conformance` does, and again where something did not come out as expected: a machine that has
// much else to do must not look like a gateway that does wrong. What is wrong is wrong twice.

import { join, resolve } from 'node:path'
import type { TestCase } from '../../src/conformance/case.ts'
import { runOf } from '../../src/conformance/report/report.ts'
import { run } from '../../src/conformance/run.ts'
import type { Run } from '../../src/conformance/verdict.ts'
import type { ProfileName } from '../../src/trust/profiles/profile.ts'

export const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
export const BASELINE = join(import.meta.dirname, 'baseline.json')

/** So few at a time the second time. */
const FEW = 2

export interface Playing {
  readonly profile: ProfileName
  readonly cases: readonly TestCase[]
  readonly over?: readonly (4 | 6)[]
  /** What runs the gateway; default: the gateway as it is. */
  readonly script?: string
}

export async function played({ script = MAIN, ...o }: Playing): Promise<readonly Run[]> {
  const once = { ...o, script, now: Date.now, tell: () => undefined }
  const first = (await run(once)).played.map(runOf)
  const bad = new Set(first.filter(({ outcome }) => outcome.kind !== 'pass').map((one) => one.case))
  if (bad.size === 0) return first
  const again = await run({ ...once, cases: o.cases.filter(({ id }) => bad.has(id)), atOnce: FEW })
  return [...first.filter((one) => !bad.has(one.case)), ...again.played.map(runOf)]
}

/** Cases that wait for something on purpose, longer than a test of the gate has time for. */
export const isLong = ({ certificate, steps, own }: TestCase): boolean =>
  own === true ||
  certificate === 'brief' ||
  steps.some((step) => 'revoke' in step || 'peer' in step || ('silence' in step && step.silence > 5000))

export const isOf =
  (profile: ProfileName) =>
  (one: TestCase): boolean =>
    one.profiles === undefined || one.profiles.includes(profile)
