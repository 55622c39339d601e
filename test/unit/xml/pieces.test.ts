// Elements of many chunks, parts of which stay where they came.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AFTER_AUTHENTICATION } from '../../../src/xml/limits.ts'
import { Scanner } from '../../../src/xml/scanner.ts'
import { cut, endOf, eventsOf, FOOTER, HEADER, plain } from './feed.ts'

const text = (length: number): string => 'lorem ipsum dolor '.repeat(Math.ceil(length / 18)).slice(0, length)

/** Elements with little and with much in every place that a chunk may end in. */
const ELEMENTS: Readonly<Record<string, string>> = {
  text: `<message id='a&lt;1' to='b'><body>${text(30_000)}</body></message>`,
  'a short beginning': `<message to='b' id='a1'><body>${text(4090)}</body><x>${text(9000)}</x></message>`,
  'deep text': `<iq id='1'><a><b><c>${text(9000)}</c>${text(9000)}</b><d>${text(9000)}</d></a></iq>`,
  CDATA: `<message id='1'><body><![CDATA[${text(20_000)}]]]]><![CDATA[>${text(9000)}]]></body></message>`,
  'many scripts': `<message id='1'><body>${'Привет，как дела\u{1f680} '.repeat(900)}</body></message>`,
  references: `<message id='1'><body>${`${text(700)}&amp;&#x20ac;`.repeat(30)}</body></message>`,
  'a large attribute': `<message id='1'><x a='${text(15_000)}' b='1'/><y>${text(15_000)}</y></message>`,
  tags: `<message id='1'>${`<field var='x'><value>${text(30)}</value></field>`.repeat(300)}</message>`,
}

const SIZES = [1000, 4095, 4096, 4097, 5000, 8191, 8192, 16_384, 20_011]

describe('an element of many chunks', () => {
  for (const [name, element] of Object.entries(ELEMENTS)) {
    const stream = Buffer.from(`${HEADER}<iq/>${element}<presence/>${element}${FOOTER}`)
    const whole = eventsOf([stream]).map(plain)

    test(`is the same whatever their size: ${name}`, () => {
      assert.equal(whole.length, 6)
      for (const size of SIZES) assert.deepEqual(eventsOf(cut(stream, size)).map(plain), whole, `${size}`)
    })

    test(`is the same wherever the first of them ends: ${name}`, () => {
      for (let at = 1; at < stream.length; at += 1 + (at % 97)) {
        const chunks = [stream.subarray(0, at), ...cut(stream.subarray(at), 7000)]
        assert.deepEqual(eventsOf(chunks).map(plain), whole, `${at}`)
      }
    })

    test(`is the same when all of them wait: ${name}`, () => {
      const scanner = new Scanner(AFTER_AUTHENTICATION)
      for (const chunk of cut(stream, 6000)) scanner.push(chunk)
      const events = Array.from({ length: 6 }, () => scanner.next()!)
      assert.deepEqual(events.map(plain), whole)
    })
  }

  test('must end with the name it began with, byte for byte, wherever that is by then', () => {
    for (const size of SIZES) {
      for (const [begin, end, verdict] of [
        ['<body>', '</body>', 'open'],
        ['<body>', '</bodz>', 'not-well-formed'],
        ['<body>', '</bod>', 'not-well-formed'],
        ['<body>', '</bodyy>', 'not-well-formed'],
        ['<body><b>', '</b></body>', 'open'],
        ['<body><b>', '</b></b>', 'not-well-formed'],
        ['<é><longer-than-others>', '</longer-than-others></é>', 'open'],
      ] as const) {
        for (const last of ['', text(9000)]) {
          const bytes = Buffer.from(`${HEADER}<message>${begin}${text(20_000)}${end}${last}</message>`)
          assert.equal(endOf(eventsOf(cut(bytes, size))), verdict, `${begin} ${end} ${size}`)
          const [first, rest] = [bytes.subarray(0, -20), bytes.subarray(-20)]
          assert.equal(endOf(eventsOf([...cut(first, size), ...cut(rest, 1)])), verdict, `${begin} ${end} ${size}`)
        }
      }
    }
  })

  test('has memory of its own, and says what is open of it', () => {
    const scanner = new Scanner(AFTER_AUTHENTICATION)
    scanner.push(Buffer.from(HEADER))
    scanner.next()
    const element = Buffer.from(ELEMENTS['text']!)
    let pushed = 0
    const chunks = cut(element, 5000).map((chunk) => Buffer.from(chunk))
    for (const chunk of chunks.slice(0, -1)) {
      scanner.push(chunk)
      pushed += chunk.length
      assert.equal(scanner.next(), undefined)
      assert.deepEqual([scanner.pending, scanner.openBytes], [pushed, pushed])
    }
    scanner.push(chunks.at(-1)!)
    const event = scanner.next()
    assert.ok(event?.kind === 'frame')
    for (const chunk of chunks) chunk.fill(0)
    assert.ok(event.frame.bytes.equals(element))
    assert.equal(event.frame.id, 'a<1')
    assert.deepEqual([scanner.pending, scanner.openBytes], [0, 0])
  })
})
