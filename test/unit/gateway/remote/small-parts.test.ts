// How fast a remote user may speak, what of a refused stanza is said again, and what is known of their client.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pace } from '../../../../src/gateway/remote/pace.ts'
import { refuse } from '../../../../src/gateway/remote/checkpoint.ts'
import { softwareOf } from '../../../../src/gateway/remote/software.ts'
import { element } from '../../stream/client/words.ts'

test('a few seconds at once, and then so many a second', () => {
  const pace = new Pace(10, 0)
  for (let n = 0; n < 50; n++) assert.equal(pace.take(10, 0), 0, `stanza ${n}`)
  assert.equal(pace.take(10, 0), 100)
  let at = 100
  for (let n = 0; n < 100; n++) at += Math.max(100, pace.take(10, at))
  assert.ok(at >= 10_000, `100 stanzas in ${at} ms`)
  const rested = new Pace(10, 0)
  for (let n = 0; n < 50; n++) rested.take(10, 0)
  assert.equal(rested.take(10, 60_000), 0)
})

test('a clock that goes back gives nothing, and takes nothing', () => {
  const pace = new Pace(1, 1000)
  for (let n = 0; n < 5; n++) pace.take(1, 1000)
  assert.ok(pace.take(1, 0) > 0)
})

test('what is refused is answered, unless its id or its addressee is longer than any', () => {
  const answerTo = (xml: string): string | undefined =>
    refuse(element(xml), 'alice@corp.example', 'alice@corp.example/r', () => 'ref')?.answer?.toString()
  assert.match(answerTo(`<iq type='x' id='${'i'.repeat(1024)}'/>`) ?? '', /^<iq type='error' id='i{1024}'/)
  assert.equal(answerTo(`<iq type='x' id='${'i'.repeat(1025)}'/>`), undefined)
  assert.match(answerTo("<message to='@@' id='1'/>") ?? '', /<jid-malformed /)
  assert.equal(answerTo(`<message to='@${'x'.repeat(3071)}' id='1'/>`), undefined)
})

const CAPS = "xmlns='http://jabber.org/protocol/caps'"
for (const [xml, expected] of [
  [
    `<presence><show>away</show><c ${CAPS} hash='sha-1' node='https://client.example' ver='x'/></presence>`,
    'https://client.example',
  ],
  [`<presence><c ${CAPS} node='${'n'.repeat(101)}' ver='x'/></presence>`, 'n'.repeat(100)],
  [`<presence><c ${CAPS} node='' ver='x'/></presence>`, undefined],
  [`<presence><c ${CAPS}/></presence>`, undefined],
  ['<presence/>', undefined],
  [`<message><c ${CAPS} node='https://client.example' ver='x'/></message>`, undefined],
] as const) {
  test(`a client that says ${xml.slice(0, 60)} … calls itself ${expected?.slice(0, 30)}`, () =>
    assert.equal(softwareOf(element(xml)), expected))
}
