// Time servers: what they say of our clock, and what is no answer.

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { checkClock } from '../../src/cli/check-clock.ts'
import { TimeServerOfRun } from '../../src/conformance/stage/time-server.ts'
import { askTime, type TimeAnswer, type TimeServer } from '../../src/net/sntp.ts'

const HOST = '127.0.0.1'
/** 2036-02-07, a minute after the seconds of NTP have begun anew. */
const NEXT_ERA = Date.UTC(2036, 1, 7, 6, 29, 16)

const ask = (server: TimeServer, now: () => number = Date.now): Promise<TimeAnswer> =>
  askTime({ server, now, timeoutMs: 300, addresses: () => Promise.resolve({ ok: true, addresses: [HOST] }) })

async function ahead(t: TestContext, ms: number): Promise<TimeServer> {
  const server = await TimeServerOfRun.open(HOST, ms)
  t.after(() => server[Symbol.asyncDispose]())
  return { host: 'ntp.internal', port: server.port }
}

/** A server whose answers are changed before they are sent; it counts the questions. */
async function changing(t: TestContext, change: (answer: Buffer) => void): Promise<TimeServer & { asked(): number }> {
  const socket = createSocket('udp4')
  let asked = 0
  socket.on('message', (question, from) => {
    asked += 1
    const answer = Buffer.alloc(48)
    answer.set([0x24, 2])
    question.copy(answer, 24, 40, 48)
    for (const at of [32, 40]) answer.writeUInt32BE((Math.floor(Date.now() / 1000) + 2_208_988_800) % 2 ** 32, at)
    change(answer)
    socket.send(answer, from.port, from.address)
  })
  socket.bind(0, HOST)
  await once(socket, 'listening')
  t.after(() => socket.close())
  return { host: HOST, port: socket.address().port, asked: () => asked }
}

test('the offset is told with its sign, and with what it is uncertain by', async (t) => {
  for (const ms of [0, 5000, -90_000]) {
    const answer = await ask(await ahead(t, ms))
    assert.ok(answer.ok)
    assert.ok(Math.abs(answer.offsetMs - ms) <= answer.doubtMs + 2, `${answer.offsetMs} for ${ms}`)
    assert.equal(answer.stratum, 2)
  }
})

test('seconds that have begun anew are of the era in which we are', async (t) => {
  const server = await ahead(t, NEXT_ERA - Date.now())
  const answer = await ask(server, () => NEXT_ERA - 7000)
  assert.ok(answer.ok && Math.abs(answer.offsetMs - 7000) < 1000, JSON.stringify(answer))
})

const NO_ANSWERS: readonly (readonly [string, (answer: Buffer) => void, RegExp])[] = [
  ['does not repeat our number', (answer) => void answer.writeUInt8(answer[24]! ^ 1, 24), /no answer within 300 ms/],
  ['is a client itself', (answer) => void answer.writeUInt8(0x23, 0), /no time server/],
  ['wants to be let alone', (answer) => void (answer.writeUInt8(0, 1), answer.write('RATE', 12)), /no time \(RATE\)/],
  ['is not synchronised', (answer) => void answer.writeUInt8(0xe4, 0), /does not know the time itself/],
  ['is too far from a clock', (answer) => void answer.writeUInt8(16, 1), /does not know the time itself/],
]

for (const [what, change, detail] of NO_ANSWERS)
  test(`a server that ${what} tells nothing`, async (t) => {
    const server = await changing(t, change)
    const answer = await ask(server)
    assert.ok(!answer.ok)
    assert.match(answer.detail, detail)
    assert.equal(server.asked(), 2, 'it is asked twice')
  })

test('where nobody listens, that is told in time', async () => {
  const socket = createSocket('udp4').bind(0, HOST)
  await once(socket, 'listening')
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  assert.ok(!(await ask({ host: HOST, port })).ok)
})

test('an address to which there is no way is an answer too', async () => {
  for (const host of ['255.255.255.255', 'fe80::1']) {
    const answer = await ask({ host, port: 123 })
    assert.ok(!answer.ok)
    assert.match(answer.detail, /^connect E|^no answer within/, host)
  }
  const broadcast = await ask({ host: '255.255.255.255', port: 123 })
  assert.match(broadcast.ok ? '' : broadcast.detail, /^connect E/, 'nobody may send to all')
})

test('check weighs it: nothing below a second, a warning below a minute, an error beyond, and what is not known', async (t) => {
  const servers = [await ahead(t, 200), await ahead(t, 20_000), await ahead(t, -100_000)]
  const at = (all: readonly TimeServer[]) =>
    checkClock({
      settings: {
        clock: { servers: all.map(({ port }) => ({ host: HOST, port })) },
        dns: { servers: [], timeoutMs: 1000, cacheMs: 0, negativeCacheMs: 0, staleMs: 0 },
      },
      now: Date.now,
    })
  const checked = await at(servers)
  assert.deepEqual(
    checked.map(({ severity }) => severity),
    ['ok', 'warning', 'error'],
  )
  assert.match(checked[1]?.message ?? '', /^it is 20\.0 s behind, give or take \d+ ms \(stratum 2\)$/)
  assert.match(checked[2]?.message ?? '', /^it is 100\.0 s ahead/)
  assert.match((await at([]))[0]?.message ?? '', /not known: no time servers are named/)
})
