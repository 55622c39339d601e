// The program that loads a CRL of 100,000 entries and looks up serial numbers in it, in a process of its own. Prints one line
// of JSON. Runs with --expose-gc, so that memory is what is held and not what waits for the collector.

import { readCrl } from '../../src/trust/revocation/crl.ts'
import { crl } from '../../test/support/crl.ts'
import { makeCa } from '../../test/support/pki.ts'

const ENTRIES = 100_000

/** What it prints. */
export interface CrlCost {
  /** Microseconds of processor time, of which half the numbers are on the list. */
  readonly lookup: number
  /** Held while it is loaded. */
  readonly bytes: number
  /** Milliseconds of processor time to read it; its signature is not checked here. */
  readonly load: number
}

const serial = (i: number): Buffer => Buffer.from(`4a${i.toString(16).padStart(30, '0')}`, 'hex')

/** Bytes that are in use, on the heap and beside it. */
function held(): number {
  if (!globalThis.gc) throw new Error('run it with --expose-gc')
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** What comes of it, and the microseconds of processor time it takes. */
function microseconds<T>(act: () => T): { readonly result: T; readonly spent: number } {
  const begun = process.cpuUsage()
  const result = act()
  const { user, system } = process.cpuUsage(begun)
  return { result, spent: user + system }
}

const at = new Date(Date.now() - 86_400_000)
const revoked = Array.from({ length: ENTRIES }, (_, i) => ({ serial: serial(2 * i), reason: 1, at }))
const der = crl({ ca: await makeCa(), revoked })
const asked = Array.from({ length: 2 * ENTRIES }, (_, i) => serial((i * 7919) % (2 * ENTRIES)))
readCrl(der) // The compiler learns.
const before = held()
const { result: list, spent: loaded } = microseconds(() => readCrl(der))
const bytes = held() - before
if (typeof list === 'string') throw new Error(list)
const { revoked: serials } = list
let found = 0
const look = (): void => {
  for (const one of asked) if (serials.find(one)) found += 1
}
look()
const lookup = microseconds(look).spent / asked.length
if (found !== 2 * ENTRIES) throw new Error(`${found / 2} of ${ENTRIES} entries were found`)
process.stdout.write(`${JSON.stringify({ lookup, bytes, load: loaded / 1000 })}\n`)
