import assert from 'node:assert/strict'
import { test } from 'node:test'
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
