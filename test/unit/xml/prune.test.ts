// A stanza without some of what it carries means what it meant.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseElement } from '../../../src/xml/element.ts'
import type { Frame, Payload } from '../../../src/xml/frame.ts'
import { AFTER_AUTHENTICATION } from '../../../src/xml/limits.ts'
import { prune } from '../../../src/xml/prune.ts'
import { rescope } from '../../../src/xml/rescope.ts'
import { Scanner } from '../../../src/xml/scanner.ts'
import { streamHeader } from '../../../src/xml/write.ts'

/** The stanza, as it comes under a header that declares `f:` and another language. */
function frameOf(text: string): Frame {
  const scanner = new Scanner(AFTER_AUTHENTICATION)
  const header = streamHeader({ lang: 'de' }).replace("version='1.0' xml", "xmlns:f='urn:f' version='1.0' xml")
  scanner.push(Buffer.from(header + text))
  scanner.next()
  const event = scanner.next()
  assert.equal(event?.kind, 'frame')
  return event.frame
}

const isNoStatus = ({ name }: Payload): boolean => name !== 'status'

const CASES: readonly (readonly [what: string, before: string, after: string])[] = [
  [
    'one of three',
    '<presence><show>away</show><status>x</status><priority>1</priority></presence>',
    '<presence><show>away</show><priority>1</priority></presence>',
  ],
  [
    'all',
    "<presence from='a@b/c' id='&quot;1'><status/><status xml:lang='de'>x</status></presence>",
    "<presence from='a@b/c' id='&quot;1'></presence>",
  ],
  [
    'with elements in it',
    '<presence><status><show/><x><y/></x></status><show/></presence>',
    '<presence><show/></presence>',
  ],
  [
    'what only looks like one stays',
    "<presence><x><status code='110'/>&amp;<![CDATA[<status>]]></x><status/></presence>",
    "<presence><x><status code='110'/>&amp;<![CDATA[<status>]]></x></presence>",
  ],
  [
    'text and sections beside payloads go',
    '<presence>a<status/>b<![CDATA[c]]><show/></presence>',
    '<presence><show/></presence>',
  ],
  [
    'white space in tags',
    '<presence\n a = "1"  ><status\n/><show ></show ></presence >',
    '<presence a="1"><show></show></presence>',
  ],
  ['of any prefix', '<presence><f:status>x</f:status><f:x f:a="1"/></presence>', '<presence><f:x f:a="1"/></presence>'],
]

for (const [what, before, after] of CASES)
  test(`left out: ${what}`, () => {
    const [came, wanted] = [frameOf(before), frameOf(after)]
    const left = prune(came, isNoStatus)
    assert.equal(left.bytes.toString(), after)
    assert.deepEqual(left.payloads, wanted.payloads)
    assert.equal(left.id, came.id)
    assert.deepEqual(parseElement(left).toString(), parseElement(wanted).toString())
    assert.equal(rescope(left, { lang: 'en' }).toString(), rescope(wanted, { lang: 'en' }).toString())
  })

test('what carries nothing of it is the same frame', () => {
  for (const text of [
    '<presence/>',
    '<presence><show/>x</presence>',
    "<presence><x xmlns='a'><status/></x></presence>",
  ]) {
    const came = frameOf(text)
    assert.equal(prune(came, isNoStatus), came)
  }
})
