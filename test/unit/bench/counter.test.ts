// The sink's count is the bench's word that nothing was lost: it must be the number of stanzas, however the bytes are cut.

import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { StanzaCounter } from '../../../bench/generator/counter.ts'
import { makeAnswers, makeBlock, type LoadKind } from '../../../bench/generator/stanzas.ts'

const ROUTE = { from: 'partner1.example', to: 'corp.example' }

function count(chunks: Iterable<Buffer>, alike = false): StanzaCounter {
  const counter = new StanzaCounter(alike)
  for (const chunk of chunks) counter.add(chunk)
  return counter
}

/** Cuts the bytes at these places. */
function* cut(bytes: Buffer, places: readonly number[]): Generator<Buffer> {
  let from = 0
  for (const place of places.map((one) => one % (bytes.length + 1)).toSorted((a, b) => a - b)) {
    yield bytes.subarray(from, place)
    from = place
  }
  yield bytes.subarray(from)
}

for (const kind of ['chat', 'mixed'] as const satisfies readonly LoadKind[]) {
  test(`every stanza of ${kind} is counted, wherever the bytes are cut`, () => {
    const { bytes, ends, questions } = makeBlock(kind, ROUTE, 60)
    const expected = [ends.length, questions.at(-1), bytes.length]
    const found = (counter: StanzaCounter) => [counter.stanzas, counter.questions, counter.bytes]
    const alike = kind === 'chat'
    deepEqual(found(count([bytes], alike)), expected)
    deepEqual(
      found(
        count(
          [...bytes].map((byte) => Buffer.of(byte)),
          alike,
        ),
      ),
      expected,
    )
    for (let place = 0; place < Math.min(bytes.length, 3000); place++) {
      deepEqual(found(count(cut(bytes, [place]), alike)), expected, `cut at ${place}`)
    }
    fc.assert(
      fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 40 }), (places) => {
        deepEqual(found(count(cut(bytes, places), alike)), expected)
      }),
    )
  })

  test(`a stanza of ${kind} that is missing is missed`, () => {
    const { bytes, ends } = makeBlock(kind, ROUTE, 60)
    for (const [i, end] of ends.entries()) {
      const without = Buffer.concat([bytes.subarray(0, ends[i - 1] ?? 0), bytes.subarray(end)])
      equal(count([without], kind === 'chat').stanzas, ends.length - 1, `without the ${i}th`)
      equal(count([bytes.subarray(0, end - 1)], kind === 'chat').stanzas, i, `up to the last byte of the ${i}th`)
    }
  })
}

test('stanzas of any lengths are counted', () => {
  const stanza = (text: string): string => `<message><body>${text}</body></message>`
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 40 }), { maxLength: 50 }), (lengths) => {
      const bytes = Buffer.from(lengths.map((length) => stanza('x'.repeat(length))).join(''))
      equal(count([bytes]).stanzas, lengths.length)
    }),
  )
})

test('a chat has 281 bytes, and a block of mixed stanzas the shares that the bench promises', () => {
  const lengths = (ends: readonly number[]): readonly number[] => ends.map((end, i) => end - (ends[i - 1] ?? 0))
  deepEqual([...new Set(lengths(makeBlock('chat', ROUTE, 932).ends))], [281])
  const { bytes, ends, questions } = makeBlock('mixed', ROUTE, 300)
  const stanzas = ends.map((end, i) => bytes.toString('latin1', ends[i - 1] ?? 0, end))
  const share = (of: (stanza: string) => boolean): number => stanzas.filter((one) => of(one)).length / stanzas.length
  const isLong = ({ length }: string): boolean => length >= 8 * 1024 && length <= 61 * 1024
  equal(
    share((one) => one.startsWith('<message') && one.length === 281),
    0.6,
  )
  equal(
    share((one) => one.startsWith('<presence')),
    0.3,
  )
  equal(
    share((one) => one.startsWith('<iq')),
    0.08,
  )
  equal(share(isLong), 0.02)
  equal(questions.at(-1), 24)
})

test('each question of a block has its answer: the same id, and the addresses turned round', () => {
  const { bytes } = makeBlock('mixed', ROUTE, 300)
  const asked = [...bytes.toString('latin1').matchAll(/<iq from='(\S+)' to='(\S+)' type='get' id='(\d+)'/g)]
  const answers = makeAnswers('mixed', ROUTE, 300)
  equal(answers.length, 24)
  ok(asked.length === answers.length)
  for (const [i, [, from, to, id]] of asked.entries()) {
    ok(answers[i]?.toString().startsWith(`<iq from='${to}' to='${from}' type='result' id='${id}'>`))
  }
})
