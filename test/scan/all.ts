// `npm run tls-scan`: sslscan and every check of testssl.sh at each place, two places at a time, with a line for each scan
// that is done. Ends with `N passed, N failed`; the exit code is 1 if anything was found that is not known, or if anything
// known was not found.

import process from 'node:process'
import { runIsolated } from '../isolation.ts'
import { needsPeer } from '../support/peers.ts'
import type { Cleanup } from '../support/program.ts'
import { compare, type Scanner } from './known.ts'
import { openPlace, PLACES, type Place, type Target } from './places.ts'
import { differences, type Scan } from './scan.ts'
import { sslscan } from './sslscan.ts'
import { testssl, UNTRIED } from './testssl.ts'

const AT_ONCE = 2
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const began = performance.now()
const seconds = (): string => `${Math.round((performance.now() - began) / 1000)} s`.padStart(6)

/** Tells of one scan. @returns is all as it should be? */
async function tell(by: Scanner, place: Place, scan: Scan): Promise<boolean> {
  const { fresh, gone, allowed } = await compare(by, place, scan.findings)
  const wrong = [
    ...fresh.map((one) => `NEW: ${one}`),
    ...gone.map((one) => `GONE, so take it out of the file: ${one}`),
    ...differences(scan, place),
  ]
  say(`${seconds()} ${wrong.length === 0 ? '✓' : '✗'} ${place.name} by ${by}: ${allowed.length} known findings`)
  for (const one of wrong) say(`         ${one}`)
  return wrong.length === 0
}

/** Every check of testssl; on a busy machine some cannot be made, so these get a second try. */
async function everything(target: Target, place: Place): Promise<Scan> {
  const scan = await testssl(target, 'all')
  const { fresh } = await compare('testssl', place, scan.findings)
  const untried = fresh.filter((one) => one.startsWith(UNTRIED))
  if (untried.length === 0) return scan
  say(`${seconds()} … ${place.name} by testssl once more: ${untried.join(', ')}`)
  return testssl(target, 'all')
}

/** Both scanners at one place. */
async function scanAll(place: Place): Promise<readonly boolean[]> {
  const rest: (() => void | Promise<void>)[] = []
  const t: Cleanup = { after: (fn) => void rest.push(fn) }
  try {
    const target = await openPlace(t, place)
    return [
      await tell('sslscan', place, await sslscan(target, place)),
      await tell('testssl', place, await everything(target, place)),
    ]
  } finally {
    for (const fn of rest) await fn()
  }
}

async function main(): Promise<number> {
  process.env['REQUIRE_PEERS'] = '1'
  needsPeer('sslscan', 'testssl')
  say(`${PLACES.length} places, ${AT_ONCE} at a time; testssl takes about a minute for each`)
  const left = [...PLACES]
  const results: boolean[] = []
  const worker = async (): Promise<void> => {
    for (let place = left.shift(); place !== undefined; place = left.shift()) results.push(...(await scanAll(place)))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  const failed = results.filter((well) => !well).length
  say(`${results.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

process.exitCode = runIsolated([import.meta.filename]) ?? (await main())
