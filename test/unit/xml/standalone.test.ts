import assert from 'node:assert/strict'
import { test } from 'node:test'
import { standalone } from '../../../src/xml/standalone.ts'

for (const [came, gone] of [
  ['<message/>', "<message xmlns='n'/>"],
  ['<message>x</message>', "<message xmlns='n'>x</message>"],
  ["<message to='a'><body xmlns='b'/></message>", "<message xmlns='n' to='a'><body xmlns='b'/></message>"],
  ['<message\n\tto = "xmlns=\'b\'"\r\n/>', "<message xmlns='n'\n\tto = \"xmlns='b'\"\r\n/>"],
  ["<m a='>' b='/' xmlns:c='d' c:xmlns='e'/>", "<m xmlns='n' a='>' b='/' xmlns:c='d' c:xmlns='e'/>"],
  ["<é à='ü'/>", "<é xmlns='n' à='ü'/>"],
  ["<message xmlns='jabber:client'/>", undefined],
  ["<r a='1'\nxmlns \t= 'urn:xmpp:sm:3' />", undefined],
  ["<a xmlns=''>x</a>", undefined],
] as const) {
  test(`${came} ${gone === undefined ? 'stands alone' : 'is told its namespace'}`, () => {
    const bytes = Buffer.from(came)
    const written = standalone(bytes, 'n')
    if (gone === undefined) assert.equal(written, bytes)
    else assert.equal(written.toString(), gone)
  })
}
