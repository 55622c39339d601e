// Long texts of many scripts, where whole chunks are looked at by other means than single bytes are.

import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { describe, test } from 'node:test'
import { AFTER_AUTHENTICATION } from '../../../src/xml/limits.ts'
import { Scanner } from '../../../src/xml/scanner.ts'
import { wholeCharacters } from '../../../src/xml/utf8.ts'
import { cut, endOf, eventsOf, FOOTER, HEADER, plain } from './feed.ts'

const TEXTS = [
  'Привет, как дела? Встретимся завтра у метро. '.repeat(4),
  '好的，明天見。ＯＫ、そうしましょう。'.repeat(5),
  'a\u{1f680}b\u{10ffff}é\uffefＡ\ufffd\ufeff'.repeat(12),
  `${'plain words '.repeat(9)}ü${' and more of them'.repeat(9)}`,
]

const DEFECTS: Readonly<Record<string, readonly number[]>> = {
  'a continuation byte alone': [0x80],
  'an overlong character': [0xc0, 0xaf],
  'a byte that UTF-8 never has': [0xff],
  'a surrogate': [0xed, 0xa0, 0x80],
  'U+FFFE': [0xef, 0xbf, 0xbe],
  'U+FFFF': [0xef, 0xbf, 0xbf],
  'a control character': [0x01],
  'the end of CDATA': [0x5d, 0x5d, 0x3e],
  'a reference to nothing': [0x26, 0x78, 0x3b],
  'an end tag of another element': [0x3c, 0x2f, 0x78, 0x3e],
}

const streamOf = (text: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${HEADER}<message><body>`), text, Buffer.from(`</body></message><iq/>${FOOTER}`)])

const said = (chunks: readonly Buffer[]): unknown[] => eventsOf(chunks).map(plain)

describe('a long text', () => {
  for (const text of TEXTS) {
    const bytes = Buffer.from(text)

    test(`passes in whatever chunks it comes: ${text.slice(0, 12)}`, () => {
      const stream = streamOf(bytes)
      assert.equal(endOf(eventsOf([stream])), 'footer')
      const whole = said([stream])
      for (let at = 1; at < stream.length; at++) {
        assert.deepEqual(said([stream.subarray(0, at), stream.subarray(at)]), whole, `cut at ${at}`)
      }
    })

    test(`with a defect anywhere ends as it does byte by byte: ${text.slice(0, 12)}`, () => {
      for (const [name, defect] of Object.entries(DEFECTS)) {
        for (let at = 0; at <= bytes.length; at += 1 + (at % 7)) {
          const broken = Buffer.concat([bytes.subarray(0, at), Buffer.from(defect), bytes.subarray(at)])
          const stream = streamOf(broken)
          const whole = eventsOf([stream])
          assert.notEqual(endOf(whole), 'footer', `${name} at ${at}`)
          assert.deepEqual(whole.map(plain), said(cut(stream, 1)), `${name} at ${at}`)
          assert.deepEqual(whole.map(plain), said(cut(stream, 150)), `${name} at ${at}, in pieces`)
        }
      }
    })
  }

  test('is not believed good because the bytes that lay there before were', () => {
    const good = streamOf(Buffer.from(TEXTS[0]!))
    const bad = Buffer.from(good)
    bad[good.length - 70] = 0xff
    const header = Buffer.from(HEADER).length
    // The second chunk is the memory of the first, written anew.
    const chunk = Buffer.from(good.subarray(0, good.length - FOOTER.length))
    const events = eventsOfShared(chunk, bad.subarray(header, bad.length - FOOTER.length))
    assert.equal(endOf(events), 'unsupported-encoding')
  })
})

/** What a scanner says to a chunk, and then to others that come in the same memory. */
function eventsOfShared(memory: Buffer, next: Buffer): ReturnType<typeof eventsOf> {
  const scanner = new Scanner(AFTER_AUTHENTICATION)
  const events: ReturnType<typeof eventsOf> = []
  const push = (chunk: Buffer): void => {
    scanner.push(chunk)
    for (let event = scanner.next(); event !== undefined; event = scanner.next()) events.push(event)
  }
  push(memory)
  next.copy(memory)
  push(memory.subarray(0, next.length))
  return events
}

test('a cut between whole characters is found, wherever bytes end', () => {
  const bytes = Buffer.from('aé，\u{1f680}'.repeat(3))
  for (let end = 4; end <= bytes.length; end++) {
    const whole = wholeCharacters(bytes, end)
    assert.ok(whole <= end && end - whole < 4)
    assert.ok(isUtf8(bytes.subarray(0, whole)), `${end}`)
    assert.ok(end === whole || !isUtf8(bytes.subarray(0, end)), `${end}`)
  }
})
