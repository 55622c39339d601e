import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { mask, type Showing } from '../../../src/xml/mask.ts'
import { escapeAttribute, escapeText } from '../../../src/xml/write.ts'

const CASES: readonly (readonly [what: string, showing: Showing, xml: string, shown: string])[] = [
  [
    'a text gives way to the number of its characters',
    'addressing',
    "<message to='a@b.example' id='1'><body>Grüße 👋 &amp; mehr</body></message>",
    "<message to='a@b.example' id='1'><body>…14…</body></message>",
  ],
  [
    'sections and text between them count together',
    'addressing',
    '<message><body>ab<![CDATA[<c>]]>d</body></message>',
    '<message><body>…6…</body></message>',
  ],
  [
    'of a stanza addressing, kind, language and namespaces are shown, of what is in it only namespaces',
    'addressing',
    "<iq from='a' to='b' type='set' id='7' xml:lang='en' secret='no' xmlns='jabber:server'><q xmlns='urn:q' type='set' node='n'/></iq>",
    "<iq from='a' to='b' type='set' id='7' xml:lang='en' secret='…2…' xmlns='jabber:server'><q xmlns='urn:q' type='…3…' node='…1…'/></iq>",
  ],
  [
    'with a prefix an attribute is another one',
    'addressing',
    "<message p:to='x' xmlns:p='urn:p'/>",
    "<message p:to='…1…' xmlns:p='urn:p'/>",
  ],
  [
    'with attributes, texts stay hidden',
    'attributes',
    "<auth mechanism='EXTERNAL'>c2VjcmV0</auth>",
    "<auth mechanism='EXTERNAL'>…8…</auth>",
  ],
  ['with all, everything is as it was', 'all', `<a b="1">x<![CDATA[y]]>&lt;</a>`, `<a b="1">x<![CDATA[y]]>&lt;</a>`],
]

for (const [what, showing, xml, shown] of CASES) {
  test(what, () => assert.equal(mask(xml, showing).xml, shown))
}

test('who it is from and to comes along, decoded', () => {
  const { from, to } = mask("<message from='a&amp;b@c.example'><x from='no' to='no'/></message>", 'addressing')
  assert.deepEqual([from, to], ['a&b@c.example', undefined])
})

/** What must not be seen; no number, name or word of ours looks like it. */
const secret = fc.string({
  unit: fc.constantFrom('ß', 'Ж', '☂', '&', '<', '>', "'", '"', ' '),
  minLength: 1,
  maxLength: 12,
})

interface Tree {
  readonly name: string
  readonly attributes: readonly (readonly [name: string, value: string])[]
  readonly children: readonly (Tree | string)[]
}

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    name: fc.constantFrom('message', 'body', 'p:x', 'to'),
    attributes: fc.uniqueArray(fc.tuple(fc.constantFrom('node', 'p:to', 'href', 'value'), secret), {
      selector: ([name]) => name,
    }),
    children: fc.array(fc.oneof({ depthSize: 'small' }, secret, tie('tree')), { maxLength: 4 }),
  }),
}))

function write({ name, attributes, children }: Tree): string {
  const written = attributes.map(([attribute, value]) => ` ${attribute}="${escapeAttribute(value)}"`)
  const inside = children.map((child) => (typeof child === 'string' ? inText(child) : write(child)))
  return `<${name}${written.join('')}>${inside.join('')}</${name}>`
}

const inText = (text: string): string => (text.length % 2 === 0 ? escapeText(text) : `<![CDATA[${text}]]>`)

test('no text and no value of an element survives the mask', () => {
  let texts = 0
  let values = 0
  fc.assert(
    fc.property(tree, (root) => {
      const xml = write(root)
      const { xml: shown } = mask(xml, 'addressing')
      assert.doesNotMatch(shown, /[ßЖ☂&]/u)
      // Outside tags nothing but numbers, inside quotes nothing but numbers.
      assert.equal(shown.replaceAll(/<[^>]*>/g, '').replaceAll(/…\d+…/g, ''), '')
      for (const [, value] of shown.matchAll(/"([^"]*)"/g)) assert.match(value!, /^…\d+…$/)
      texts += (shown.match(/>…/g) ?? []).length
      values += (shown.match(/"…/g) ?? []).length
    }),
    { numRuns: 500 },
  )
  assert.ok(texts > 100 && values > 100, `${texts} texts, ${values} values`)
})
