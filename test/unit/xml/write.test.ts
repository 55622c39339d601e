import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Element } from '@xmpp/xml'
import * as fc from 'fast-check'
import { parseElement, serialize } from '../../../src/xml/element.ts'
import { escapeAttribute, escapeText, streamHeader, STREAM_FOOTER } from '../../../src/xml/write.ts'
import { endOf, eventsEveryWay, eventsOf, HEADER } from './feed.ts'

function read(xml: string | Buffer): Element {
  const [, event] = eventsOf([Buffer.from(HEADER), Buffer.from(xml)])
  assert.ok(event?.kind === 'frame')
  return parseElement(event.frame)
}

describe('escaping', () => {
  test('makes any string stand where it is put', () => {
    const cases: readonly (readonly [raw: string, text: string, attribute: string])[] = [
      ['', '', ''],
      ['plain', 'plain', 'plain'],
      [`<&>"'`, `&lt;&amp;&gt;"'`, '&lt;&amp;&gt;&quot;&apos;'],
      [']]>', ']]&gt;', ']]&gt;'],
      ['a\r\n\tb', 'a&#13;\n\tb', 'a&#13;&#10;&#9;b'],
      ['\0\u0001\u001f\ufffe\uffff', '\ufffd\ufffd\ufffd\ufffd\ufffd', '\ufffd\ufffd\ufffd\ufffd\ufffd'],
      ['😀', '😀', '😀'],
      ['\ud83d', '\ufffd', '\ufffd'],
      ['\ude00x', '\ufffdx', '\ufffdx'],
      ['\ude00\ud83d', '\ufffd\ufffd', '\ufffd\ufffd'],
      ['\u007f\u0085\u2028', '\u007f\u0085\u2028', '\u007f\u0085\u2028'],
    ]
    for (const [raw, text, attribute] of cases) {
      assert.equal(escapeText(raw), text)
      assert.equal(escapeAttribute(raw), attribute)
    }
  })

  test('is undone by reading, and nothing in a string breaks out of its place', () => {
    const unit = fc.oneof(
      fc.constantFrom('<', '>', '&', `'`, '"', '\r', '\n', '\t', ' ', ']', '\0', '&amp;', '😀'),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(fc.array(unit), (units) => {
        const raw = units.join('')
        // oxlint-disable-next-line no-control-regex -- this is what is looked for
        const kept = raw.toWellFormed().replaceAll(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/gu, '\ufffd')
        for (const quote of [`'`, '"']) {
          const element = read(`<a b=${quote}${escapeAttribute(raw)}${quote}>${escapeText(raw)}</a>`)
          assert.equal(element.attrs['b'], kept)
          assert.equal(element.getText(), kept)
          assert.equal(read(serialize(element)).getText(), kept)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('the stream header we write', () => {
  test('is read as what it says', () => {
    const header = streamHeader({ to: `a'b`, from: 'corp.example', id: '<1>', lang: 'en', dialback: true })
    const [event] = eventsEveryWay(header)
    assert.ok(event?.kind === 'header')
    const { scope, ...fields } = event.header
    assert.deepEqual(fields, { to: `a'b`, from: 'corp.example', id: '<1>', version: '1.0', lang: 'en' })
    assert.equal(scope.defaultNamespace, 'jabber:server')
    assert.deepEqual(
      scope.prefixes,
      new Map([
        ['db', 'jabber:server:dialback'],
        ['stream', 'http://etherx.jabber.org/streams'],
      ]),
    )
    assert.equal(endOf(eventsEveryWay(header + STREAM_FOOTER)), 'footer')
  })

  test('leaves out what it is not given', () => {
    assert.equal(
      streamHeader({ from: 'corp.example' }),
      `<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'` +
        ` from='corp.example' version='1.0'>`,
    )
  })
})
