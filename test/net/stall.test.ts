// A peer that keeps its connection and does not read: what becomes of the stream and of what was sent on it.

import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import type { Stream } from '../../src/net/stream.ts'
import { Cutter } from '../support/cutter.ts'
import { eventually } from '../support/within.ts'
import { Caller, message, reachPhase } from './gate.ts'
import { ca, openGate, theirs } from './sides.ts'

async function pairUp(gateLimits = {}, limits = {}) {
  const gate = await openGate({ limits: gateLimits })
  const caller = new Caller(ca, theirs)
  const out = await caller.reach(gate.target.port, { limits })
  const into = await gate.streams.next()
  return { gate, caller, out, into }
}

/** Sends until the network takes nothing more; returns how many stanzas. */
function fill(out: Stream): number {
  const stanza = Buffer.from(message('x'.repeat(20_000)))
  let sent = 0
  while (out.bufferedBytes < 20_000_000) {
    out.send(stanza)
    sent += 1
  }
  return sent
}

test('a stream whose peer stops reading is cut when nothing was taken for long, and says what never left', async () => {
  // The peer goes on sending blanks, which is no use of a stream that is stuck.
  const { gate, caller, out, into } = await pairUp({ keepaliveMs: 20 }, { stallMs: 300, closeMs: 60_000 })
  into.pause()
  const sent = fill(out)
  const end = await caller.ends.next()
  deepEqual([end.reason, end.by, end.condition], ['SP-467', 'network', undefined])
  const doubtful = await caller.gone.next()
  ok(doubtful > 0, `${doubtful} in doubt`)
  into.resume()
  await gate.ends.next()
  const arrived = gate.frames.all.length
  ok(arrived <= caller.taken + doubtful, `${arrived} arrived, ${caller.taken} taken`)
  ok(caller.taken + doubtful < sent, 'most never left')
})

test('what was given up is not delivered later: the operating system has none of it', async () => {
  const gate = await openGate()
  await using road = await Cutter.open(gate.target)
  const caller = new Caller(ca, theirs)
  const unacknowledged = { stanzas: 1000, bytes: 30_000_000 }
  const out = await caller.reach(road.port, { limits: { closeMs: 300, unacknowledged } })
  road.swallow()
  fill(out)
  await eventually('that the operating system has some of it', async () => (await unsent(road.port)) || undefined)
  out.close('SP-431')
  ok((await caller.gone.next()) > 0, 'in doubt')
  equal(await unsent(road.port), 0)
})

/** The bytes that the operating system has to send to a port of this machine. */
async function unsent(port: number): Promise<number> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const connections = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/))
  return connections
    .filter(([, , to]) => to?.endsWith(`:${hex}`))
    .reduce((sum, [, , , , queues]) => sum + Number.parseInt(queues ?? '', 16), 0)
}

test('a peer that reads slowly, with rests, is not cut', async () => {
  const stallMs = 800
  let read = 0
  const gate = await openGate({
    onFrame(_, stream) {
      read += 1
      if (read % 50 !== 0) return
      stream.pause()
      setTimeout(() => stream.resume(), 80)
    },
  })
  const caller = new Caller(ca, theirs)
  const out = await caller.reach(gate.target.port, { limits: { stallMs } })
  const began = performance.now()
  const sent = fill(out)
  for (let n = 0; n < sent; n++) await gate.frames.next()
  ok(performance.now() - began > stallMs)
  equal(caller.ends.all.length, 0)
  await eventually('that all is acknowledged', () => (caller.taken === sent ? true : undefined))
})

test('what the connection has taken is told, and nothing is in doubt after a good end', async () => {
  const { gate, caller, out } = await pairUp()
  for (let n = 0; n < 500; n++) out.send(Buffer.from(message(String(n))))
  for (let n = 0; n < 500; n++) await gate.frames.next()
  out.close('SP-431')
  equal(await caller.gone.next(), 0)
  equal(caller.taken, 500)
  equal(gate.bugs.all.length + caller.bugs.all.length, 0)
})

test('a stream that we keep from reading is not idle', async () => {
  const { gate, caller, out, into } = await pairUp({ idleMs: 50, keepaliveMs: 0 }, { idleMs: 400 })
  into.pause()
  out.send(Buffer.from(message('waits')))
  equal((await caller.ends.next()).reason, 'SP-431')
  equal(gate.ends.all.length, 0)
  into.resume()
  equal(await gate.frames.next(), message('waits'))
  equal((await gate.ends.next()).reason, 'SP-464')
})

test('a peer that asks and asks, and does not read the answers, is not heard until it does', async () => {
  const rules = {
    opens: () => undefined,
    admits: () => undefined,
    dialback: () => ({ offered: () => true, vouches: () => 'invalid' as const }),
  }
  const gate = await openGate({ limits: { highWaterBytes: 65_536, keepaliveMs: 0 }, reception: { rules: () => rules } })
  const dialog = await reachPhase(await gate.dialog(), 'ready', theirs)
  const stream = await gate.streams.next()
  const { socket } = dialog
  socket.pause()
  const question = "<db:verify xmlns:db='jabber:server:dialback' from='peer.test' to='us.test' id='x'>key</db:verify>"
  const asked = 150_000
  dialog.say(question.repeat(asked))
  await eventually('that it is not heard', () => stream.held || undefined, { ms: 60_000 })
  ok(stream.bufferedBytes > 0)
  ok(stream.bufferedBytes < 400_000, `${stream.bufferedBytes} bytes wait`)
  ok(stream.info.counters.bytesIn < question.length * asked)
  let answers = 0
  socket.on('data', (text) => (answers += String(text).split("type='invalid'").length - 1))
  socket.resume()
  dialog.say(message('at last'))
  await eventually('that all is heard', () => gate.frames.all.length > 0 || undefined, { ms: 60_000 })
  deepEqual(gate.frames.all, [message('at last')])
  ok(stream.open)
  await eventually('the answers', () => answers > asked / 2 || undefined, { ms: 60_000 })
  await dialog[Symbol.asyncDispose]()
})
