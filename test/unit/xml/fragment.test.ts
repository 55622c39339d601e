import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFragment } from '../../../src/xml/fragment.ts'

test('one element is read as it would be off the wire', () => {
  const read = parseFragment("\n<message to='a@b.example' id='1'><body>Grüße 👋</body></message>\n")
  assert.ok(read.ok)
  assert.equal(read.frame.name, 'message')
  assert.equal(read.frame.to, 'a@b.example')
  assert.deepEqual(
    read.frame.payloads.map(({ name }) => name),
    ['body'],
  )
})

for (const [what, text] of [
  ['nothing', ''],
  ['text', 'hello'],
  ['half an element', '<message><body>'],
  ['two elements', '<message/><message/>'],
  ['an end tag', '</message>'],
  ['a document type', '<!DOCTYPE x><message/>'],
] as const) {
  test(`${what} is refused with a reason`, () => {
    const read = parseFragment(text)
    assert.ok(!read.ok)
    assert.ok(read.detail.length > 5)
  })
}
