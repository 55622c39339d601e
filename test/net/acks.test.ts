// Acknowledgements between two gateways over real TLS, and with scripted peers: what is known of every stanza when a
// stream ends, wherever it is cut.

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Stream } from '../../src/net/stream.ts'
import { Cutter } from '../support/cutter.ts'
import { type Dialog, DialogHost } from '../support/dialog.ts'
import { eventually } from '../support/within.ts'
import { Caller, type Gate, header, message, PROCEED, reachPhase, STARTTLS, SUCCESS } from './gate.ts'
import { ca, openGate, ours, theirs } from './sides.ts'

const SM = "xmlns='urn:xmpp:sm:3'"

async function open(options: Partial<Parameters<typeof Gate.open>[0]> = {}): Promise<Gate> {
  const gate = await openGate({ ...options })
  return gate
}

async function pairUp(limits = {}, options: Partial<Parameters<typeof Gate.open>[0]> = {}) {
  const gate = await open(options)
  const caller = new Caller(ca, theirs)
  const out = await caller.reach(gate.target.port, { limits })
  return { gate, caller, out, into: await gate.streams.next() }
}

const send = (out: Stream, from: number, count: number): void => {
  for (let n = from; n < from + count; n++) out.send(Buffer.from(message(String(n))))
}
const settled = (caller: Caller, count: number): Promise<true> =>
  eventually(`that ${count} are acknowledged, and not ${caller.taken}`, () => caller.taken === count || undefined)

/** What is known when the connection is gone: taken ≤ arrived ≤ taken + in doubt, and nothing of it out of order. */
function holds(
  what: string,
  gate: { readonly frames: { readonly all: readonly string[] } },
  taken: number,
  doubtful: number,
) {
  const arrived = gate.frames.all.length
  ok(taken <= arrived, `${what}: ${taken} acknowledged, ${arrived} arrived`)
  ok(arrived <= taken + doubtful, `${what}: ${arrived} arrived, ${taken} acknowledged and ${doubtful} in doubt`)
  gate.frames.all.forEach((frame, n) => equal(frame, message(String(n))))
}

test('what the handler has taken is acknowledged, and only that', async () => {
  const { gate, caller, out, into } = await pairUp({}, { onFrame: (_, stream) => stream.pause() })
  send(out, 0, 3)
  for (let n = 1; n <= 3; n++) {
    await gate.frames.next()
    equal(caller.taken < n, true)
    into.resume()
  }
  await settled(caller, 3)
  const figures = out.acks
  deepEqual([figures?.acknowledged, figures?.unacknowledgedStanzas, figures?.unacknowledgedBytes], [3, 0, 0])
  equal(into.acks?.acknowledged, 0)
})

test('a stanza said by somebody else in between counts for the peer and not for the owner', async () => {
  const { gate, caller, out } = await pairUp()
  send(out, 0, 2)
  out.interject(Buffer.from(message('other')))
  send(out, 2, 2)
  for (let n = 0; n < 5; n++) await gate.frames.next()
  await settled(caller, 4)
  equal(out.acks?.acknowledged, 5)
})

for (const [what, unacknowledged] of [
  ['stanzas', { stanzas: 10, bytes: 1_000_000 }],
  ['bytes', { stanzas: 1000, bytes: 1000 }],
] as const) {
  test(`a full window of ${what} is a full pipe, and opens once`, async () => {
    const { gate, caller, out, into } = await pairUp({ unacknowledged })
    into.pause()
    let sent = 0
    while (out.send(Buffer.from(message(String(sent++)))));
    ok(sent <= 20, `${sent} sent`)
    equal(caller.drains.all.length, 0)
    into.resume()
    await caller.drains.next()
    await settled(caller, sent)
    equal(caller.drains.all.length, 1)
    equal(gate.frames.all.length, sent)
  })
}

test('we end with an error in the middle of a flood: what the peer takes until then is known for certain', async () => {
  const { gate, caller, out } = await pairUp({ closeMs: 10_000 })
  send(out, 0, 5000)
  await gate.frames.next()
  out.close('SP-471')
  const doubtful = await caller.gone.next()
  equal((await gate.ends.next()).condition, 'system-shutdown')
  holds('closed', gate, caller.taken, doubtful)
  deepEqual([doubtful, caller.taken], [0, gate.frames.all.length])
})

test('we end in good order right after sending: nothing is in doubt', async () => {
  const { gate, caller, out } = await pairUp()
  send(out, 0, 500)
  out.close('SP-431')
  equal(await caller.gone.next(), 0)
  deepEqual([caller.taken, gate.frames.all.length], [500, 500])
})

for (const reason of ['SP-471', 'SP-431'] as const) {
  test(`the receiving side ends (${reason}) in the middle of a flood: its last word says what it took, and it takes no more`, async () => {
    const { gate, caller, out, into } = await pairUp({}, { onFrame: (_, stream) => stream.pause() })
    send(out, 0, 50)
    for (let n = 0; n < 10; n++) {
      await gate.frames.next()
      if (n < 9) into.resume()
    }
    into.close(reason)
    into.resume()
    const doubtful = await caller.gone.next()
    await gate.ends.next()
    deepEqual([gate.frames.all.length, caller.taken], [10, 10])
    equal(caller.taken + doubtful, 50)
  })
}

test('cut after any byte: of every stanza it is known whether it arrived, or that it is not known', async () => {
  const gate = await open({ limits: { closeMs: 200 } })
  const COUNT = 60
  await using cutter = await Cutter.open(gate.target)
  const whole = new Caller(ca, theirs)
  const first = await whole.reach(cutter.port)
  const negotiated = cutter.passed
  send(first, 0, COUNT)
  await settled(whole, COUNT)
  const total = cutter.passed
  first.close('SP-431')
  await whole.gone.next()
  await gate.settled(0)
  let [cut, doubts, certain] = [0, 0, 0]
  for (let at = negotiated - 200; at <= total + 100; at += 97) {
    const start = gate.frames.all.length
    const caller = new Caller(ca, theirs)
    cutter.cutAfter(at)
    const result = await caller.dial(cutter.port)
    if (!result.ok) continue
    // Piece by piece, so that the cut finds some acknowledged, some on their way and some not begun.
    const { stream } = result
    for (let n = 0; n < COUNT; n += 5) {
      send(stream, n, 5)
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (at > total) stream.close('SP-431')
    const doubtful = await caller.gone.next()
    await gate.settled(0)
    const arrived = { frames: { all: gate.frames.all.slice(start) } }
    holds(`cut after ${at}`, arrived, caller.taken, doubtful)
    cut += 1
    if (doubtful > 0) doubts += 1
    if (caller.taken > 0) certain += 1
  }
  ok(cut > 10 && doubts > 3 && certain > 3, `${cut} cuts, ${doubts} with doubts, ${certain} with acknowledgements`)
  equal(gate.bugs.all.length, 0)
})

// --- scripted peers ---

const answer = "<?xml version='1.0'?>" + header({ from: 'us.test', to: 'peer.test', id: 'x' })
const features = (children: string): string => `<stream:features>${children}</stream:features>`

/** A peer that we call and that offers acknowledgements. */
async function called(caller: Caller, limits = {}): Promise<{ dialog: Dialog; out: Stream; host: DialogHost }> {
  const host = await DialogHost.open()
  const dialling = caller.reach(host.port, { limits })
  const dialog = await host.next()
  await dialog.expect(/<stream:stream [^>]*>/)
  await dialog.say(answer + features(STARTTLS)).expect(/<starttls/)
  dialog.say(PROCEED)
  await dialog.startTls({ certificate: ours, server: true })
  await dialog.expect(/<stream:stream [^>]*>/)
  const sasl = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism></mechanisms>"
  await dialog.say(answer + features(sasl)).expect(/<auth [^>]*>[^<]*<\/auth>/)
  dialog.say(SUCCESS)
  await dialog.expect(/<stream:stream [^>]*>/)
  await dialog.say(answer + features(`<sm ${SM}/>`)).expect(/<enable xmlns='urn:xmpp:sm:3'\/>/)
  return { dialog, out: await dialling, host }
}

describe('a peer that we call', () => {
  test('is asked at once, and again when it has answered and there is more', async () => {
    const caller = new Caller(ca, theirs)
    const { dialog, out, host } = await called(caller)
    await using _ = host
    send(out, 0, 1)
    await dialog.expect(/<message .*<\/message><r xmlns='urn:xmpp:sm:3'\/>/)
    send(out, 1, 2)
    await dialog.expect(/<message .*<\/message><message .*<\/message>/)
    equal(dialog.heard, '')
    dialog.say(`<enabled ${SM}/><a ${SM} h='1'/>`)
    await dialog.expect(/^<r xmlns='urn:xmpp:sm:3'\/>/)
    equal(caller.taken, 1)
    dialog.say(`<a ${SM} h='3'/>`)
    await settled(caller, 3)
    dialog.say(`<r ${SM}/>`)
    await dialog.expect(/^<a xmlns='urn:xmpp:sm:3' h='0'\/>/)
    out.destroy()
  })
  test('and refuses after all: the operating system counts, as with any other', async () => {
    const caller = new Caller(ca, theirs)
    const { dialog, out, host } = await called(caller)
    await using _ = host
    send(out, 0, 2)
    await dialog.expect(/<r xmlns/)
    equal(caller.taken, 0)
    dialog.say(`<failed ${SM}><internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>`)
    await settled(caller, 2)
    equal(out.acks, undefined)
    send(out, 2, 1)
    await settled(caller, 3)
    out.destroy()
    equal(await caller.gone.next(), 0)
  })
  test('and that dies without a word about it leaves all of it in doubt', async () => {
    const caller = new Caller(ca, theirs)
    const { dialog, out, host } = await called(caller)
    await using _ = host
    dialog.say(`<enabled ${SM}/>`)
    send(out, 0, 3)
    await dialog.expect(/<r xmlns/)
    dialog.reset()
    equal(await caller.gone.next(), 3)
    equal(caller.taken, 0)
  })
  test('and acknowledges more than it was sent is told so', async () => {
    const caller = new Caller(ca, theirs)
    const { dialog, out, host } = await called(caller)
    await using _ = host
    dialog.say(`<enabled ${SM}/>`)
    send(out, 0, 2)
    await dialog.expect(/<r xmlns/)
    dialog.say(`<a ${SM} h='3'/>`)
    const [error] = await dialog.expect(/<stream:error>.*<\/stream:error><\/stream:stream>/)
    match(error, /<undefined-condition .*<handled-count-too-high xmlns='urn:xmpp:sm:3' h='3' send-count='2'\/>/)
    const end = await caller.ends.next()
    deepEqual([end.reason, end.detail, caller.taken], ['SP-495', '3 acknowledged, 2 sent', 0])
  })
  test('and acknowledges less than before is told so', async () => {
    const caller = new Caller(ca, theirs)
    const { dialog, out, host } = await called(caller)
    await using _ = host
    dialog.say(`<enabled ${SM}/>`)
    send(out, 0, 2)
    await dialog.expect(/<r xmlns/)
    dialog.say(`<a ${SM} h='2'/><a ${SM} h='1'/>`)
    await dialog.expect(/<stream:error><invalid-xml /)
    deepEqual([(await caller.ends.next()).reason, caller.taken], ['SP-496', 2])
  })
  test('and closes first: its last word counts', async () => {
    const caller = new Caller(ca, theirs)
    const { dialog, out, host } = await called(caller)
    await using _ = host
    dialog.say(`<enabled ${SM}/>`)
    send(out, 0, 3)
    await dialog.expect(/<r xmlns/)
    dialog.say(`<a ${SM} h='2'/></stream:stream>`)
    await dialog.expect(/<\/stream:stream>/)
    dialog.socket.end()
    deepEqual([await caller.gone.next(), caller.taken], [1, 2])
  })
})

describe('a peer that calls us', () => {
  test('may ask at any time, and hears our last word before the end', async () => {
    const gate = await open()
    await using dialog = await reachPhase(await gate.dialog(), 'ready', theirs)
    const into = await gate.streams.next()
    await dialog.say(`<enable ${SM}/>`).expect(/<enabled xmlns='urn:xmpp:sm:3'\/>/)
    await dialog.say(`${message('0')}<r ${SM}/>`).expect(/<a xmlns='urn:xmpp:sm:3' h='1'\/>/)
    dialog.say(message('1'))
    await gate.frames.next()
    await gate.frames.next()
    into.close('SP-471')
    await dialog.expect(/^<a xmlns='urn:xmpp:sm:3' h='2'\/><stream:error><system-shutdown /)
  })
  test('acknowledges what was never sent', async () => {
    const gate = await open()
    await using dialog = await reachPhase(await gate.dialog(), 'ready', theirs)
    await dialog
      .say(`<enable ${SM}/><a ${SM} h='1'/>`)
      .expect(/<handled-count-too-high xmlns='urn:xmpp:sm:3' h='1' send-count='0'\/>/)
    equal((await gate.ends.next()).reason, 'SP-495')
  })
  test('and whose stanza is a bug of ours does not hear that it was taken', async () => {
    const gate = await open({
      onFrame(frame) {
        if (frame.bytes.includes('bomb')) throw new Error('boom')
      },
    })
    await using dialog = await reachPhase(await gate.dialog(), 'ready', theirs)
    await dialog.say(`<enable ${SM}/>${message('0')}${message('bomb')}`).expect(/<enabled /)
    await dialog.expect(/<a xmlns='urn:xmpp:sm:3' h='1'\/><stream:error><internal-server-error /)
  })
})
