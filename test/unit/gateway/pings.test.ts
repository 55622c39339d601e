import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AckFigures } from '../../../src/net/acks.ts'
import type { Stream } from '../../../src/net/stream.ts'
import { Pings } from '../../../src/gateway/pings.ts'
import { parseFragment } from '../../../src/xml/fragment.ts'
import type { Frame } from '../../../src/xml/frame.ts'

const OPTIONS = { afterMs: 1000, answerMs: 500 }

function bench() {
  const sent: string[] = []
  const pair = { local: 'corp.example', remote: 'partner.example' }
  const stream = {
    info: { leg: 'partner', pair },
    interject: (bytes: Buffer) => sent.push(bytes.toString()),
  } as unknown as Stream
  const pings = new Pings()
  let heard: number | undefined = 0
  return {
    sent,
    pings,
    stream,
    hears: (count: number | undefined) => (heard = count),
    sweep: (now: number) =>
      pings.sweep(
        [stream],
        () => heard,
        OPTIONS,
        now,
        () => 'aaaa-bbbb-cccc',
      ),
  }
}

function frame(text: string): Frame {
  const read = parseFragment(text)
  assert.ok(read.ok)
  return read.frame
}

const answer = (type: string, id = 'sallyport-ping-aaaa-bbbb-cccc'): Frame =>
  frame(`<iq type='${type}' id='${id}' from='partner.example' to='corp.example'/>`)

test('a peer that is silent for long is asked once, by XEP-0199, from our domain to theirs', () => {
  const { sweep, sent } = bench()
  sweep(0)
  sweep(999)
  assert.deepEqual(sent, [])
  sweep(1000)
  sweep(1100)
  assert.equal(sent.length, 1)
  assert.match(
    sent[0] ?? '',
    /^<iq type='get' id='sallyport-ping-[^']+' from='corp.example' to='partner.example'><ping xmlns='urn:xmpp:ping'\/><\/iq>$/,
  )
})

test('a peer that does not answer is dead', () => {
  const { sweep, stream } = bench()
  sweep(0)
  sweep(1000)
  assert.deepEqual(sweep(1499), [])
  assert.deepEqual(sweep(1500), [stream])
})

for (const type of ['result', 'error']) {
  test(`an answer of type ${type} shows that the peer lives, and goes no further`, () => {
    const { sweep, pings } = bench()
    sweep(0)
    sweep(1000)
    assert.equal(pings.take(answer(type)), true)
    assert.equal(pings.take(answer(type)), false)
    assert.deepEqual(sweep(1600), [])
  })
}

test('any stanza that comes back shows that the peer lives', () => {
  const { sweep, hears, sent } = bench()
  sweep(0)
  sweep(1000)
  hears(1)
  assert.deepEqual(sweep(1600), [])
  assert.deepEqual(sweep(1700), [])
  sweep(2600)
  assert.equal(sent.length, 2)
})

test('without a way back nobody is asked', () => {
  const { sweep, hears, sent } = bench()
  hears(undefined)
  sweep(0)
  sweep(10_000)
  assert.deepEqual(sent, [])
})

test('what is no answer to a question of ours passes', () => {
  const { sweep, pings, stream } = bench()
  sweep(0)
  sweep(1000)
  assert.equal(pings.take(answer('get')), false)
  assert.equal(pings.take(answer('result', 'sallyport-ping-zzzz-zzzz-zzzz')), false)
  assert.equal(pings.take(frame("<message id='sallyport-ping-aaaa-bbbb-cccc' to='a' from='b'/>")), false)
  pings.forget(stream)
  assert.equal(pings.take(answer('result')), false)
})

describe('a peer that acknowledges', () => {
  const QUIET: AckFigures = {
    acknowledged: 0,
    unacknowledgedStanzas: 0,
    unacknowledgedBytes: 0,
    asking: false,
    answers: 0,
    bytesAhead: 0,
    deaf: false,
  }
  function acking(role = 'initiating') {
    let acks = QUIET
    let asked = 0
    const stream = {
      info: { leg: 'partner', role, pair: { local: 'corp.example', remote: 'partner.example' } },
      get acks() {
        return acks
      },
      ask() {
        asked += 1
        acks = { ...acks, asking: true }
      },
      interject: () => assert.fail('no XEP-0199'),
    } as unknown as Stream
    const pings = new Pings()
    return {
      stream,
      is: (change: Partial<AckFigures>) => (acks = { ...acks, ...change }),
      asked: () => asked,
      sweep: (now: number) =>
        pings.sweep(
          [stream],
          () => undefined,
          OPTIONS,
          now,
          () => 'x',
        ),
    }
  }
  for (const role of ['initiating', 'receiving']) {
    test(`on a quiet stream (${role}) is asked on the stream itself, with or without a way back`, () => {
      const { sweep, asked } = acking(role)
      sweep(0)
      sweep(999)
      assert.equal(asked(), 0)
      sweep(1000)
      sweep(1100)
      assert.equal(asked(), 1)
    })
  }
  test('and does not answer is dead', () => {
    const { sweep, is, stream } = acking()
    sweep(0)
    is({ asking: true, unacknowledgedStanzas: 1 })
    sweep(100)
    assert.deepEqual(sweep(599), [])
    assert.deepEqual(sweep(600), [stream])
  })
  test('and answers, if only with less, is not', () => {
    const { sweep, is } = acking()
    is({ asking: true, unacknowledgedStanzas: 9 })
    for (let n = 0; n < 20; n++) {
      is({ answers: n })
      assert.deepEqual(sweep(n * 400), [])
    }
  })
  test('has more time where much lies before the question', () => {
    const { sweep, is, stream } = acking()
    is({ asking: true, bytesAhead: 3000 })
    sweep(0)
    assert.deepEqual(sweep(3499), [])
    assert.deepEqual(sweep(3500), [stream])
  })
  test('is not judged while we do not read', () => {
    const { sweep, is, stream } = acking()
    is({ asking: true, deaf: true })
    for (const now of [0, 1000, 2000]) assert.deepEqual(sweep(now), [])
    is({ deaf: false })
    assert.deepEqual(sweep(2400), [])
    assert.deepEqual(sweep(2500), [stream])
  })
  test('is asked again when it has answered with less and something is left', () => {
    const { sweep, is, asked } = acking()
    is({ unacknowledgedStanzas: 1, answers: 1 })
    sweep(0)
    sweep(100)
    assert.equal(asked(), 1)
  })
})
