// Log servers: each gets every line, none waits for another, and what waits is bounded.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { Writable } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { createServer } from 'node:tls'
import { isDeepStrictEqual } from 'node:util'
import { LogReceiver } from '../../src/conformance/stage/log-receiver.ts'
import type { LogServerPlace } from '../../src/net/log-server-connection.ts'
import { LogServers, type LogServersOptions } from '../../src/net/log-servers.ts'
import { openLog } from '../../src/observe/log.ts'
import { createEvents } from '../../src/observe/events.ts'
import { declareFigures } from '../../src/observe/figures.ts'
import { Metrics } from '../../src/observe/metrics.ts'
import { PartnerLabels } from '../../src/observe/partner-labels.ts'
import { PROFILES } from '../../src/trust/profiles/profiles.ts'
import { issue, makeCa, temporaryFolder, writeAnchors, writeIdentity } from '../support/pki.ts'
import { eventually } from '../support/within.ts'

const ca = await makeCa()
const NAME = 'log.example'
const server = await issue({ ca, names: [NAME] })
const client = await issue({ ca, names: ['gateway.example'] })
const shown = { cert: server.fullchainPem, key: server.keyPem }

interface House {
  readonly servers: LogServers
  readonly metrics: Metrics
  /** Events of log servers so far. */
  readonly told: readonly string[]
  /** Logs a line with this number. */
  log(number: number): void
  place(receiver: { readonly address: string }, more?: Partial<LogServerPlace>): LogServerPlace
}

async function house(t: TestContext, more: Partial<LogServersOptions> = {}): Promise<House> {
  const folder = await temporaryFolder(t)
  const anchors = [await writeAnchors(join(folder, 'ca.pem'), ca)]
  const own = await writeIdentity(folder, client)
  const told: string[] = []
  const metrics = new Metrics()
  const to = new Writable({ write: (_chunk, _encoding, done) => done() })
  const log = openLog({ to, now: Date.now, linesPerSecond: Infinity })
  const desk = { log, figures: declareFigures(metrics), partnerLabels: new PartnerLabels(1), now: Date.now }
  const servers = new LogServers({
    ...{ events: createEvents(desk), random: () => 0, from: { host: 'edge', process: 1 } },
    ...{ mostBytes: () => 1_000_000, timeoutMs: () => 5000 },
    addresses: () => Promise.resolve({ ok: true, addresses: ['127.0.0.1'] }),
    ...more,
  })
  log.also((line, json) => {
    const { lost } = line.fields
    if (line.event.startsWith('log-server.')) told.push(typeof lost === 'number' ? `${line.event} ${lost}` : line.event)
    servers.take(line, json)
  })
  t.after(() => servers[Symbol.asyncDispose]())
  return {
    ...{ servers, metrics, told },
    log: (number) => log.write('info', 'test', { number }),
    place({ address }, rest) {
      const port = Number(address.split(':')[1])
      return {
        host: 'log.internal',
        port,
        name: NAME,
        anchors,
        ...own,
        ...rest,
      }
    },
  }
}

async function receiver(t: TestContext, clients?: string): Promise<LogReceiver> {
  const one = await LogReceiver.open({ host: '127.0.0.1', shown, clients })
  t.after(() => one.away())
  return one
}

/** Numbers of the lines that it was sent. */
const numbers = ({ messages, faults }: LogReceiver): readonly unknown[] => {
  assert.deepEqual(faults, [])
  return messages
    .map((json) => JSON.parse(json) as { event: string; number?: number })
    .filter(({ event }) => event === 'test')
    .map(({ number }) => number)
}

const until = (what: string, isSo: () => boolean): Promise<true> => eventually(what, () => (isSo() ? true : undefined))
const has = (one: LogReceiver, wanted: readonly unknown[]): boolean => isDeepStrictEqual(numbers(one), wanted)
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at)
const up = (servers: LogServers): readonly boolean[] => servers.status().map(({ isUp }) => isUp)

test('both get every line in its order, with a certificate where one is wanted, also what was logged before they were there', async (t) => {
  const { servers, log, place } = await house(t)
  const [one, other] = [await receiver(t), await receiver(t, ca.pem)]
  servers.follow([place(one, { certFile: undefined, keyFile: undefined }), place(other)], PROFILES.standard)
  for (const number of upTo(2000)) log(number)
  await until('both have all', () => has(one, upTo(2000)) && has(other, upTo(2000)))
})

test('one that is away holds up nobody; what it misses waits up to the bound, and the rest is counted and told once', async (t) => {
  const { servers, log, place, told, metrics } = await house(t, { mostBytes: () => 50_000 })
  const [one, other] = [await receiver(t), await receiver(t)]
  servers.follow([place(one), place(other)], PROFILES.standard)
  await until('both are up', () => up(servers).every(Boolean))
  await one.away()
  await until('one is away', () => up(servers)[0] === false)
  for (const number of upTo(1000)) {
    log(number)
    if (number % 100 === 99) await until('the other has it', () => numbers(other).at(-1) === number)
  }
  await until('the other has all', () => has(other, upTo(1000)))
  const [{ waiting, waitingBytes, lost } = assert.fail()] = servers.status()
  assert.ok(waitingBytes <= 50_000 && waitingBytes > 49_000, String(waitingBytes))
  assert.ok(lost > 500 && waiting + lost >= 1000, `${waiting} ${lost}`)
  assert.equal(told.filter((event) => event === 'log-server.full').length, 1)
  await one.there()
  await until('it has caught up', () => told.some((event) => /^log-server.caught-up \d+$/.test(event)))
  log(1000)
  await until('it goes on', () => numbers(one).at(-1) === 1000)
  const kept = numbers(one).slice(0, -1)
  assert.deepEqual(kept, upTo(kept.length), 'those that waited are the first ones, each once')
  const counted = metrics.snapshot().find(({ name }) => name === 'sallyport_log_lines_lost')?.series
  assert.deepEqual(counted, [{ labels: { server: servers.status()[0]?.server }, value: servers.status()[0]?.lost }])
})

test('one that takes connections and reads nothing is left, and holds up nobody', async (t) => {
  const { servers, log, place, told } = await house(t, { stalledMs: 300, mostBytes: () => 100_000_000 })
  const deaf = createServer(
    { cert: shown.cert, key: shown.key },
    (socket) => void socket.on('error', () => undefined).pause(),
  )
  deaf.listen(0, '127.0.0.1')
  await once(deaf, 'listening')
  t.after(() => deaf.close())
  const { port } = deaf.address() as AddressInfo
  const other = await receiver(t)
  servers.follow([place({ address: `127.0.0.1:${port}` }), place(other)], PROFILES.standard)
  await until('both are up', () => up(servers).every(Boolean))
  for (const number of upTo(60_000)) log(number)
  await until('it is left', () => told.includes('log-server.down'))
  await until('the other has all', () => other.messages.length >= 60_000)
  assert.match(servers.status()[0]?.detail ?? '', /it has taken nothing for 0.3 s/)
})

for (const environment of ['', ', also where the environment says that anybody will do']) {
  test(`who proves another name, or is vouched for by somebody else, is sent nothing${environment}`, async (t) => {
    if (environment !== '') {
      process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
      t.after(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'])
    }
    const { servers, log, place, told } = await house(t)
    const folder = await temporaryFolder(t)
    const nobody = await writeAnchors(join(folder, 'nobody.pem'), await makeCa())
    const one = await receiver(t)
    servers.follow([place(one, { name: 'other.example' }), place(one, { anchors: [nobody] })], PROFILES.standard)
    log(0)
    await until('both are told of', () => told.filter((event) => event === 'log-server.down').length === 2)
    const details = servers.status().map(({ detail }) => detail ?? '')
    assert.match(details[0] ?? '', /other\.example/)
    assert.match(details[1] ?? '', /self-signed|unable to/i)
    assert.deepEqual(one.messages, [])
  })
}

test('settings that change leave alone what stays, and end what goes with all it has waited for', async (t) => {
  const { servers, log, place, told } = await house(t)
  const [one, other] = [await receiver(t), await receiver(t)]
  servers.follow([place(one), place(other)], PROFILES.standard)
  await until('both are up', () => up(servers).every(Boolean))
  log(0)
  servers.follow([place(other)], PROFILES.standard)
  log(1)
  await until('each has its own', () => has(one, [0]) && has(other, [0, 1]))
  assert.equal(servers.status().length, 1)
  assert.equal(told.filter((event) => event === 'log-server.up').length, 2, 'it kept its connection')
  log(2)
  await servers[Symbol.asyncDispose]()
  assert.deepEqual(numbers(other), [0, 1, 2], 'what waits is sent before the end')
})

test('at the end nobody waits for DNS, nor for a server that is away', async (t) => {
  const silent = Promise.withResolvers<never>()
  const { servers, log, place, told } = await house(t, { addresses: () => silent.promise })
  const one = await receiver(t)
  await one.away()
  servers.follow([place(one), place(one, { host: '127.0.0.1' })], PROFILES.standard)
  log(0)
  await until('one is tried', () => told.includes('log-server.down'))
  const began = performance.now()
  await servers[Symbol.asyncDispose]()
  assert.ok(performance.now() - began < 1000)
})
