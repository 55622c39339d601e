import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFragment } from '../../../src/xml/fragment.ts'
import { withPlainDomain } from '../../../src/xml/respell.ts'
import { factsOf } from './feed.ts'

for (const [came, domain, gone] of [
  ["<message from='a@b.example/r' to='c@d.example'/>", 'b.example', undefined],
  ["<message from='b.example'/>", 'b.example', undefined],
  ["<message from='a@b.example.' to='c'/>", 'b.example', "<message from='a@b.example' to='c'/>"],
  ["<message from='B.example./r'/>", 'b.example', "<message from='b.example/r'/>"],
  [
    '<presence\n to="x"\tfrom = "a@B.EXAMPLE/x@y/z" ><p from="q"/></presence>',
    'b.example',
    '<presence\n to="x"\tfrom = \'a@b.example/x@y/z\' ><p from="q"/></presence>',
  ],
  [
    "<iq xml:lang='from=\"x\"' to=\" from='x'\" from='B.example'/>",
    'b.example',
    "<iq xml:lang='from=\"x\"' to=\" from='x'\" from='b.example'/>",
  ],
  [
    "<m à='1' xà='2' x:from='3' xmlns:x='y' from='é@B.example'>é</m>",
    'b.example',
    "<m à='1' xà='2' x:from='3' xmlns:x='y' from='é@b.example'>é</m>",
  ],
  ["<m from='a@b.example./&lt;&amp;&apos;'/>", 'b.example', "<m from='a@b.example/&lt;&amp;&apos;'/>"],
  ["<m from='a@xn--bcher-kva.example'/>", 'xn--bcher-kva.example', "<m from='a@bücher.example'/>"],
] as const) {
  test(`${came} ${gone === undefined ? 'stays' : 'is written anew'}`, () => {
    const read = parseFragment(came)
    assert.ok(read.ok, came)
    const frame = withPlainDomain(read.frame, domain)
    if (gone === undefined) return assert.equal(frame, read.frame)
    assert.equal(frame.bytes.toString(), gone)
    const again = parseFragment(gone)
    assert.ok(again.ok)
    assert.deepEqual(factsOf(again.frame), factsOf(frame))
  })
}
