// A gateway that runs is met from outside: what can be seen from there is played, and of the rest a report says that it was not
// assessed. The gateway is an instance of a run of its own, of which only its ports and one partner are told.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { CASES } from '../../src/conformance/cases/all.ts'
import type { TestCase } from '../../src/conformance/case.ts'
import { ANSWERED_BY_CORE, type Outside, unplayed } from '../../src/conformance/outside.ts'
import { verdictsOf, runOf } from '../../src/conformance/report/report.ts'
import { runOutside } from '../../src/conformance/run.ts'
import { Stage } from '../../src/conformance/stage/stage.ts'
import { Unready } from '../../src/conformance/unready.ts'
import { issue, temporaryFolder } from '../support/pki.ts'
import { BlackHole } from './black-hole.ts'
import { run as runProgram } from '../support/program.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
const HOST = '127.0.0.1'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** The gateway, and the partner that it admits, whose server it finds at `back`. */
async function gateway(): Promise<{ stage: Stage; outside: Outside }> {
  const back = { host: HOST, port: await freePort() }
  const partner: TestCase = {
    ...{ id: 'STR-01/partner', requirements: ['STR-01'], title: 'A partner', role: 'receiving', phase: 'none' },
    ...{ entry: { connect: [back] }, steps: [] },
  }
  const over = [4] as const
  const stage = await Stage.set({ script: MAIN, profile: 'dod', cases: [partner], now: Date.now, over })
  const [own] = stage.performances
  const shown = stage.shownBy(own!)!
  const { federation: port, direct } = stage.instance.ports
  return {
    stage,
    outside: {
      ...{ domain: 'corp.example', hosts: [HOST], port, direct, user: 'conformance@corp.example', back },
      partner: { domain: own!.peer, certificate: shown.cert, key: shown.key },
    },
  }
}

const QUICK = (one: TestCase): boolean => !one.id.startsWith('LIM-03/silent') && !one.id.startsWith('LIM-03/no-')

test('what can be seen from outside is played with a gateway that runs, as a partner and as a stranger', async () => {
  const { stage, outside } = await gateway()
  await using _ = stage
  const course = { profile: 'dod', cases: CASES.filter(QUICK), now: Date.now, tell: () => undefined } as const
  const { played, unplayed: reasons, settings } = await runOutside({ ...course, outside })
  assert.deepEqual(
    played.filter(({ outcome }) => outcome.kind !== 'pass').map((one) => [one.performance.testCase.id, one.outcome]),
    [],
  )
  assert.ok(played.length >= 50, `${played.length} were played`)
  assert.doesNotMatch(JSON.stringify(settings), /PRIVATE KEY/)
  const verdicts = new Map(
    verdictsOf(played.map(runOf), 'dod', undefined, { unplayed: reasons, isElsewhere: true }).map((one) => [
      one.requirement,
      one,
    ]),
  )
  assert.equal(verdicts.get('STR-18')?.result, 'Met')
  assert.equal(verdicts.get('SAS-10')?.result, 'Not assessed')
  assert.match(verdicts.get('DNS-01')?.because ?? '', /^Nothing of it was played; .*only its core can bring/)
  const stranger = await runOutside({ ...course, outside: { ...outside, partner: undefined } })
  assert.deepEqual(
    stranger.played.filter(({ outcome }) => outcome.kind !== 'pass'),
    [],
  )
  assert.ok(stranger.played.length >= 12 && stranger.played.length < played.length)
})

test('where no stream comes about that is told at once, and is no finding about the gateway', async () => {
  const { stage, outside } = await gateway()
  await using _ = stage
  const silent = createServer(() => undefined).listen(0, HOST)
  await once(silent, 'listening')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  const { port } = silent.address() as AddressInfo
  const told: unknown[] = []
  await using hole = await BlackHole.open(HOST)
  const { partner } = outside
  const faults: readonly (readonly [Partial<Outside>, RegExp])[] = [
    [
      { partner: { ...partner!, domain: 'other.example' } },
      /^no stream of other\.example to corp\.example comes about/,
    ],
    [{ domain: 'crop.example' }, /to crop\.example .*host-unknown/],
    [{ domain: 'crop.example', partner: undefined }, /^no stream to crop\.example .*host-unknown/],
    [{ port }, new RegExp(`at ${HOST} port ${port}: nothing`)],
    [{ port: await freePort() }, /ECONNREFUSED/],
    [{ port: hole.port }, /no connection within 10 s/],
  ]
  for (const [wrong, message] of faults)
    await assert.rejects(
      runOutside({
        ...{ profile: 'dod', cases: CASES, now: Date.now, tell: (one) => told.push(one) },
        outside: { ...outside, ...wrong },
      }),
      (error) => error instanceof Unready && message.test(error.message),
      String(message),
    )
  assert.deepEqual(told, [])
  silent.close()
})

test('a connection that does not come about in time is given up, and does not go on', async () => {
  await using hole = await BlackHole.open(HOST)
  // Connections to it for which nobody has answered: the kernel knows them by their state (SYN_SENT).
  const port = hole.port.toString(16).toUpperCase().padStart(4, '0')
  const pending = async (): Promise<number> =>
    [...(await readFile('/proc/net/tcp', 'utf8')).matchAll(new RegExp(`:${port} 02 `, 'g'))].length
  const before = await pending()
  const outside: Outside = { domain: 'corp.example', hosts: [HOST], port: hole.port, user: 'a@corp.example' }
  const course = { profile: 'dod', cases: CASES, now: Date.now, tell: () => undefined } as const
  const meeting = runOutside({ ...course, outside })
  const ended = meeting.catch((error: unknown) => error)
  const until = performance.now() + 9000
  while ((await pending()) === before && performance.now() < until) await delay(20)
  assert.equal(await pending(), before + 1, 'it tries')
  assert.match(String(await ended), /no connection within 10 s/)
  assert.equal(await pending(), before)
})

test('what would need the core, another certificate or the log is not played, and says why', () => {
  const outside: Outside = { domain: 'corp.example', hosts: [HOST], port: 1, user: 'a@corp.example' }
  const reasons = unplayed(CASES, outside)
  for (const id of ANSWERED_BY_CORE) assert.match(reasons.get(id) ?? '', /core/, id)
  for (const { id, steps, role } of CASES)
    if (role === 'initiating' || steps.some((step) => 'coreHears' in step || 'logs' in step))
      assert.ok(reasons.has(id), id)
  assert.match(reasons.get('SAS-02/expired') ?? '', /CA that the gateway trusts/)
  assert.match(reasons.get('STR-18/comment') ?? '', /no partner that is admitted/)
  assert.match(reasons.get('LIM-02/connections') ?? '', /settings/)
})

test('one command reports on a gateway that runs, and says what was not assessed', async (t) => {
  const { stage, outside } = await gateway()
  await using _ = stage
  const directory = await temporaryFolder(t)
  const { partner, port } = outside
  await writeFile(join(directory, 'partner.pem'), partner!.certificate)
  await writeFile(join(directory, 'key.pem'), partner!.key)
  const tells = { domain: 'corp.example', hosts: [HOST], port, release: '9.9.9' }
  const told = { ...tells, partner: { domain: partner!.domain, certificate: 'partner.pem', key: 'key.pem' } }
  await writeFile(join(directory, 'gateway.yaml'), JSON.stringify(told))
  await writeFile(join(directory, 'wrong.yaml'), JSON.stringify({ ...tells, hosts: [], prt: 1 }))
  const sallyport = (...words: readonly string[]) =>
    runProgram(process.execPath, [MAIN, 'conformance', ...words, '--directory', directory])
  const made = await sallyport('--profile', 'dod', '--area', 'STR', '--gateway', 'gateway.yaml', '--out', 'report')
  assert.equal(made.code, 0, made.stdout + made.stderr)
  assert.match(made.stdout, /were not assessed/)
  const report: unknown = JSON.parse(await readFile(join(directory, 'report/report.json'), 'utf8'))
  assert.partialDeepStrictEqual(report, {
    system: { reached: { at: [`${HOST}:${port}`], release: '9.9.9', partner: partner!.domain } },
    interfaces: [{ name: 'Federation', address: `${HOST}:${port}` }],
  })
  const page = await readFile(join(directory, 'report/report.html'), 'utf8')
  assert.match(page, /<h1>A gateway that runs at 127\.0\.0\.1:/)
  assert.match(page, /Not assessed/)
  assert.equal((await sallyport('verify', 'report')).code, 0)
  const wrong = await sallyport('--gateway', 'wrong.yaml')
  assert.equal(wrong.code, 78)
  assert.match(wrong.stderr, /wrong\.yaml.*: prt: unknown key; did you mean "port"\?/)
  assert.match(wrong.stderr, /at least one address/)
  await writeFile(join(directory, 'key.pem'), (await issue({ names: [partner!.domain] })).keyPem)
  const unfit = await sallyport('--gateway', 'gateway.yaml')
  assert.equal(unfit.code, 78)
  assert.match(unfit.stderr, /gateway\.yaml.*: partner: key: does not belong to the certificate/)
  await writeFile(join(directory, 'nobody.yaml'), JSON.stringify({ ...tells, domain: 'crop.example' }))
  const nobody = await sallyport('--gateway', 'nobody.yaml')
  assert.equal(nobody.code, 1)
  assert.match(nobody.stderr, /no stream to crop\.example comes about/)
  assert.doesNotMatch(nobody.stderr, /fault of the program/)
})
