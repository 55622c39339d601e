// Two gateways, real TLS: what a pair of streams does when all is well, and how it ends.

import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS } from '../../src/net/limits.ts'
import type { Stream } from '../../src/net/stream.ts'
import { within } from '../support/within.ts'
import { Caller, type Gate, header, message, reachPhase, STARTTLS } from './gate.ts'
import { ca, openGate, theirs } from './sides.ts'

async function pairUp(
  options: Partial<Parameters<typeof Gate.open>[0]> = {},
  limits = {},
): Promise<{ gate: Gate; caller: Caller; out: Stream; into: Stream }> {
  const gate = await openGate({ ...options })
  const caller = new Caller(ca, theirs)
  const out = await caller.reach(gate.target.port, { limits })
  const into = await gate.streams.next()
  return { gate, caller, out, into }
}

test('both ends know who the other is, and how it was proven', async () => {
  const { out, into } = await pairUp()
  deepEqual(out.info.pair, { local: 'peer.test', remote: 'us.test' })
  deepEqual(into.info.pair, { local: 'us.test', remote: 'peer.test' })
  deepEqual(out.info.certificate?.names, ['DNS:us.test'])
  deepEqual(into.info.certificate?.names, ['DNS:peer.test'])
  equal(out.info.tls?.version, 'TLSv1.3')
  equal(into.info.tls?.group, undefined)
  equal(into.info.peerAddress, '127.0.0.1')
  equal(into.info.id, out.info.id)
  notEqual(into.info.id, '')
  deepEqual(
    [out.info.role, into.info.role, out.info.leg, into.info.leg],
    ['initiating', 'receiving', 'core', 'partner'],
  )
})

test('IPv6 is no different', async () => {
  const gate = await openGate({ host: '::1' })
  const out = await new Caller(ca, theirs).reach(0, { targets: [gate.target] })
  out.send(Buffer.from(message('hi')))
  equal(await gate.frames.next(), message('hi'))
  equal((await gate.streams.next()).info.peerAddress, '::1')
})

test('stanzas arrive as they were sent, in order, and are counted', async () => {
  const { gate, out, into } = await pairUp()
  const words = Array.from({ length: 2000 }, (_, n) => message(`${n} 🦊`))
  for (const word of words) out.send(Buffer.from(word))
  for (const word of words) equal(await gate.frames.next(), word)
  equal(out.info.counters.stanzasOut, 2000)
  equal(into.info.counters.stanzasIn, 2000)
  ok(into.info.counters.bytesIn >= words.reduce((sum, word) => sum + Buffer.byteLength(word), 0))
})

test('a large stanza crosses whole', async () => {
  const { gate, out } = await pairUp()
  const word = message('x'.repeat(500_000))
  out.send(Buffer.from(word))
  equal(await gate.frames.next(), word)
})

test('a full pipe says so, and says once when there is room', async () => {
  const { gate, caller, out, into } = await pairUp({}, { highWaterBytes: 100_000 })
  into.pause()
  const stanza = Buffer.from(message('x'.repeat(50_000)))
  let sent = 0
  while (out.send(stanza) || out.bufferedBytes < 2_000_000) sent += 1
  ok(out.bufferedBytes >= 100_000)
  equal(caller.drains.all.length, 0)
  into.resume()
  ok((await caller.drains.next()) <= 100_000)
  for (let n = 0; n <= sent; n++) await gate.frames.next()
  equal(caller.drains.all.length, 1)
})

test('a handler may pause within a frame: the frames behind it wait, and come in order', async () => {
  const { gate, out, into } = await pairUp({ onFrame: (_, stream) => stream.pause() })
  for (let n = 0; n < 3; n++) out.send(Buffer.from(message(String(n))))
  for (let n = 0; n < 3; n++) {
    equal(await gate.frames.next(), message(String(n)))
    equal(gate.frames.all.length, n + 1)
    into.resume()
  }
})

test('a handler may pause and resume within a frame', async () => {
  const { gate, out } = await pairUp({
    onFrame(_, stream) {
      stream.pause()
      stream.resume()
    },
  })
  for (let n = 0; n < 50; n++) out.send(Buffer.from(message(String(n))))
  for (let n = 0; n < 50; n++) equal(await gate.frames.next(), message(String(n)))
})

test('a handler may close within a frame: nothing comes after it', async () => {
  const { gate, caller, out } = await pairUp({
    onFrame: (_, stream) => stream.close('SP-103', { reference: 'my-own' }),
  })
  for (let n = 0; n < 3; n++) out.send(Buffer.from(message(String(n))))
  const end = await gate.ends.next()
  deepEqual([end.reason, end.by, end.reference], ['SP-103', 'us', 'my-own'])
  const heard = await caller.ends.next()
  deepEqual([heard.reason, heard.by, heard.condition], ['SP-453', 'peer', 'policy-violation'])
  match(heard.detail, /Reference: my-own/)
  equal(gate.frames.all.length, 1)
})

test('a handler that throws ends its own stream, with internal-server-error, and no other', async () => {
  const { gate, caller, out } = await pairUp({
    onFrame(frame) {
      if (frame.bytes.includes('bomb')) throw new Error('boom')
    },
  })
  const other = new Caller(ca, theirs)
  const stays = await other.reach(gate.target.port)
  out.send(Buffer.from(message('bomb')))
  equal((await caller.ends.next()).condition, 'internal-server-error')
  equal((await gate.ends.next()).reason, 'SP-491')
  match(String(await gate.bugs.next()), /boom/)
  stays.send(Buffer.from(message('alive')))
  equal(await gate.frames.next(), message('bomb'))
  equal(await gate.frames.next(), message('alive'))
})

test('a clean end: both sides close, and what was sent before it arrives', async () => {
  const { gate, caller, out } = await pairUp()
  for (let n = 0; n < 500; n++) out.send(Buffer.from(message(String(n))))
  out.close('SP-431')
  for (let n = 0; n < 500; n++) equal(await gate.frames.next(), message(String(n)))
  const end = await gate.ends.next()
  deepEqual([end.reason, end.by, end.condition], ['SP-464', 'peer', undefined])
  deepEqual([(await caller.ends.next()).by, out.open], ['us', false])
  equal(out.send(Buffer.from(message('late'))), false)
})

test('a receiving side that closes in good order still takes what a peer sends that wants no acknowledgements', async () => {
  const gate = await openGate()
  await using dialog = await reachPhase(await gate.dialog(), 'ready', theirs)
  const into = await gate.streams.next()
  into.close('SP-431')
  await dialog.expect(/<\/stream:stream>/)
  dialog.say(`${message('late')}</stream:stream>`)
  equal(await gate.frames.next(), message('late'))
  equal((await gate.ends.next()).reason, 'SP-431')
})

test('a peer that does not answer our footer is cut off', async () => {
  const gate = await openGate({ limits: { closeMs: 50 } })
  await using dialog = await reachPhase(await gate.dialog(), 'ready', theirs)
  const into = await gate.streams.next()
  into.close('SP-431')
  await dialog.expect(/<\/stream:stream>/)
  equal((await gate.ends.next()).reason, 'SP-431')
  await dialog.end()
})

test('a stream whose last words are waited for ends at once for whom it may not stay up', async () => {
  const gate = await openGate()
  await using dialog = await reachPhase(await gate.dialog(), 'ready', theirs)
  const into = await gate.streams.next()
  into.close('SP-482', { patienceMs: 3_600_000 })
  await dialog.expect(/<\/stream:stream>/)
  into.close('SP-102', { detail: 'blocked', reference: 'blocked' })
  dialog.say(message('late'))
  const { reason, reference, by } = await gate.ends.next()
  deepEqual([reason, reference, by], ['SP-102', 'blocked', 'us'])
  equal(await dialog.end(), '')
  await gate.gone.next()
  equal(gate.frames.all.length, 0)
})

test('a stream that nothing crosses is closed; a space is a sign of life', async () => {
  const gate = await openGate({ limits: { idleMs: 200 } })
  await using dialog = await reachPhase(await gate.dialog(), 'ready', theirs)
  const since = performance.now()
  const alive = setInterval(() => dialog.say(' '), 50)
  setTimeout(() => clearInterval(alive), 400)
  await dialog.expect(/<\/stream:stream>/)
  ok(performance.now() - since >= 500)
  dialog.say('</stream:stream>')
  equal((await gate.ends.next()).reason, 'SP-431')
})

test('silence is filled with spaces', async () => {
  const gate = await openGate({ limits: { keepaliveMs: 30 } })
  await using dialog = await reachPhase(await gate.dialog(), 'ready', theirs)
  await dialog.expect(/^ {3}/)
  equal(gate.frames.all.length, 0)
})

test('a connection that breaks is told as broken, after what came before', async () => {
  const gate = await openGate({ onFrame: (_, stream) => stream.pause() })
  await using dialog = await reachPhase(await gate.dialog(), 'ready', theirs)
  const into = await gate.streams.next()
  dialog.say(message('1') + message('2'))
  equal(await gate.frames.next(), message('1'))
  dialog.socket.end()
  into.resume()
  equal(await gate.frames.next(), message('2'))
  into.resume()
  const end = await gate.ends.next()
  deepEqual([end.reason, end.by], ['SP-215', 'network'])
  equal(gate.ends.all.length, 1)
})

test('a reset is no exception', async () => {
  const { gate, caller, out } = await pairUp()
  const stays = await new Caller(ca, theirs).reach(gate.target.port)
  await using dialog = await reachPhase(await gate.dialog(), 'ready', theirs)
  dialog.reset()
  equal((await gate.ends.next()).by, 'network')
  ok(out.open && stays.open)
  equal(caller.ends.all.length, 0)
})

test('a listener that closes leaves ready streams alone', async () => {
  const { gate, out } = await pairUp()
  await using half = await gate.dialog()
  await half.say("<stream:stream xmlns='jabber:server' ").expect(/^/)
  await within(2000, gate.listener.close(), 'the listener to close')
  out.send(Buffer.from(message('still here')))
  equal(await gate.frames.next(), message('still here'))
  match(await half.end(), /<system-shutdown/)
})

test('what a peer had sent before it heard that we go is not lost', async () => {
  const { gate, into } = await pairUp()
  await using dialog = await reachPhase(await gate.dialog(), 'ready', theirs)
  const leaving = await gate.streams.next()
  notEqual(leaving, into)
  leaving.close('SP-471')
  await dialog.expect(/<stream:error><system-shutdown [^>]*\/>.*<\/stream:error><\/stream:stream>$/)
  dialog.say(`${message('on its way')}</stream:stream>`)
  equal(await gate.frames.next(), message('on its way'))
  deepEqual((({ reason, condition, by }) => ({ reason, condition, by }))(await gate.ends.next()), {
    reason: 'SP-471',
    condition: 'system-shutdown',
    by: 'us',
  })
})

test('what a peer says before TLS counts in what it may say before it has proven its name', async () => {
  const { gate } = await pairUp()
  const half = Math.ceil(DEFAULT_LIMITS.before.totalBytes / 2)
  await using dialog = await reachPhase(await gate.dialog(), 'opening')
  await dialog.say(`${header()}${' '.repeat(half)}`).expect(/<\/stream:features>/)
  await dialog.say(STARTTLS).expect(/<proceed/)
  await dialog.startTls({ certificate: theirs, options: {} })
  dialog.say(`${header()}${' '.repeat(half)}`)
  const { reason } = await gate.failures.next()
  equal(reason, 'SP-435')
})
