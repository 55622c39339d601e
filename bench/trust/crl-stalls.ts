// What a long CRL costs everybody else: for how long the event loop stands still while one is fetched, read, verified and
// kept, what it takes of memory, and what a look-up in it costs.
//
//   src/node.sh bench/trust/crl-stalls.ts [--json]
//
// Rule 1: all the way that it goes in a gateway: over HTTP, through the thread that reads it, into the store.
// Rule 2: the longest stall counts, of all rounds but the first, which pays for the compiler: in CPU time of the thread that
//         turns the loop, so that neighbours on the machine matter little.

import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { fetcher } from '../../src/net/fetch.ts'
import { EvidenceFiles } from '../../src/store/evidence-files.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { readCertificate } from '../../src/trust/certificate.ts'
import { readCrl } from '../../src/trust/revocation/crl.ts'
import { CrlReader } from '../../src/trust/revocation/crl-reader.ts'
import { STANDARD } from '../../src/trust/profiles/standard.ts'
import { Revocation } from '../../src/trust/revocation/revocation.ts'
import { crl, distributionPoints } from '../../test/support/crl.ts'
import { issue, makeCa } from '../../test/support/pki.ts'

const HOST = '127.0.0.1'
const ROUNDS = 6
const LOOKUPS = 20_000

interface Row {
  readonly entries: number
  readonly bytes: number
  readonly says: string
  readonly stallMs: number
  readonly megabytes: number
  readonly lookupUs: number
}

/** The most CPU, in milliseconds, that this thread spent in one turn of the event loop while `work` went on. */
async function longestStall(work: () => Promise<unknown>): Promise<number> {
  const spent = (): number => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  }
  let longest = 0
  let last = spent()
  let over = false
  const turn = (): void => {
    const now = spent()
    longest = Math.max(longest, now - last)
    last = now
    if (!over) setImmediate(turn)
  }
  setImmediate(turn)
  await work()
  await new Promise((resolve) => setImmediate(resolve))
  over = true
  return longest
}

/** Serves the list from a thread of its own; gives back where, and how to end it. */
async function serve(list: Buffer): Promise<{ readonly url: string; readonly end: () => Promise<unknown> }> {
  const program = `
    const { parentPort, workerData } = require('node:worker_threads')
    const server = require('node:http').createServer((_, response) => response.end(workerData))
    server.listen(0, '${HOST}', () => parentPort.postMessage(server.address().port))`
  const worker = new Worker(program, { eval: true, workerData: list })
  const [port] = (await once(worker, 'message')) as [number]
  return { url: `http://${HOST}:${port}/list`, end: () => worker.terminate() }
}

const folder = await mkdtemp(join(tmpdir(), 'sallyport-bench-'))
const store = openSqliteStore(join(folder, 'bench.db'))
const files = new EvidenceFiles(store, join(folder, 'evidence'))
const ca = await makeCa({ commonName: 'CA' })
const bounds = () => ({ now: Date.now(), mostBytes: 2 ** 26 })

async function measure(entries: number, serialBytes: number): Promise<Row> {
  const revoked = Array.from({ length: entries }, (_, i) => ({
    serial: Buffer.from(`4a${i.toString(16).padStart(2 * serialBytes - 2, '0')}`, 'hex'),
    ...(serialBytes > 8 ? { reason: 1 } : {}),
  }))
  const list = crl({ ca, revoked })
  const served = await serve(list)
  const leaf = await issue({ ca, names: ['partner.test'], extensions: [distributionPoints(served.url)] })
  const path = [leaf, ca].map(({ der }) => readCertificate(der)).filter((one) => typeof one !== 'string')
  let stallMs = 0
  let says = ''
  for (let round = 0; round < ROUNDS; round++) {
    await using reader = new CrlReader()
    const kept: Promise<void>[] = []
    const revocation = new Revocation({
      obtain: fetcher({
        addresses: (host) => Promise.resolve({ ok: true, addresses: [host] }),
        mayFetchFrom: () => true,
        timeoutMs: () => 60_000,
        mostBytes: () => 2 ** 26,
      }),
      keeper: {
        recall: () => undefined,
        keep: (place, evidence) => void kept.push(files.keep(place, evidence, bounds())),
      },
      reader,
      dropped: () => undefined,
      terms: () => ({
        fetch: true,
        responder: undefined,
        timeoutMs: 60_000,
        againMs: 86_400_000,
        most: { entries: 10, bytes: 2 ** 26 },
      }),
      now: Date.now,
      fetched() {},
    })
    const stall = await longestStall(async () => {
      const standing = await revocation.check({ path, profile: STANDARD })
      says = standing.status === 'good' ? 'good' : standing.reason
      await Promise.all(kept)
    })
    if (round > 0) stallMs = Math.max(stallMs, stall)
  }
  await served.end()
  return { entries, bytes: list.length, says, stallMs, ...held(list, revoked) }
}

/** What it takes of memory, and what a look-up in it costs. */
function held(list: Buffer, revoked: readonly { readonly serial: Buffer }[]): Pick<Row, 'megabytes' | 'lookupUs'> {
  const read = readCrl(list)
  if (typeof read === 'string') return { megabytes: 0, lookupUs: 0 }
  const begun = process.cpuUsage()
  for (let i = 0; i < LOOKUPS; i++) read.revoked.find(revoked[(i * 7919) % revoked.length]!.serial)
  const { user, system } = process.cpuUsage(begun)
  return { megabytes: (read.bytes + read.revoked.sorted.keys.byteLength) / 1e6, lookupUs: (user + system) / LOOKUPS }
}

const rows: Row[] = []
for (const [entries, serialBytes] of [
  [1000, 16],
  [100_000, 16],
  [320_000, 16],
  [600_000, 4],
  [1_000_000, 4],
] as const)
  rows.push(await measure(entries, serialBytes))

if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(rows)}\n`)
else console.table(rows)
store.close()
await rm(folder, { recursive: true })
