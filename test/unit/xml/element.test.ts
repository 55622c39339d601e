import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseElement, serialize } from '../../../src/xml/element.ts'
import { AFTER_AUTHENTICATION } from '../../../src/xml/limits.ts'
import { eventsOf, frameIn, HEADER } from './feed.ts'

const DIALBACK = HEADER.replace(' from=', ` xmlns:db='jabber:server:dialback' from=`)

describe('a tree', () => {
  test('has the text and the values that the bytes mean', () => {
    const message = parseElement(
      frameIn(
        `<message id='a\tb&#9;c\r\nd&quot;' x="it's">1 &lt;\r\n2\r3<body xml:lang='en'>&#x1F600;😀<![CDATA[<&amp;]]>]]&gt;</body>4</message>`,
      ),
    )
    assert.equal(message.attrs['id'], 'a b\tc d"')
    assert.equal(message.attrs['x'], `it's`)
    assert.equal(message.getText(), '1 <\n2\n34')
    const body = message.getChild('body', 'jabber:server')
    assert.deepEqual(body?.children, ['😀😀<&amp;]]>'])
    assert.equal(body?.attrs['xml:lang'], 'en')
    assert.equal(body?.parent, message)
  })

  test('knows the namespace of every element', () => {
    const cases: readonly (readonly [frame: string, namespace: string | undefined, child: string | undefined])[] = [
      [`<a><b/></a>`, 'jabber:server', 'jabber:server'],
      [`<a xmlns='urn:x'><b/></a>`, 'urn:x', 'urn:x'],
      [`<a xmlns='urn:x'><b xmlns=''/></a>`, 'urn:x', undefined],
      [`<p:a xmlns:p='urn:p'><b/></p:a>`, 'urn:p', 'jabber:server'],
      [`<p:a xmlns:p='urn:p'><p:b xmlns:p='urn:q'/></p:a>`, 'urn:p', 'urn:q'],
      [`<db:a><db:b/></db:a>`, 'jabber:server:dialback', 'jabber:server:dialback'],
      [`<a><stream:b/></a>`, 'jabber:server', 'http://etherx.jabber.org/streams'],
      [`<xml:a><xml:b/></xml:a>`, 'http://www.w3.org/XML/1998/namespace', 'http://www.w3.org/XML/1998/namespace'],
    ]
    for (const [inner, namespace, child] of cases) {
      const element = parseElement(frameIn(inner, DIALBACK))
      assert.equal(element.getNS(), namespace, inner)
      assert.equal(element.getChildElements()[0]?.getNS(), child, inner)
    }
  })

  test('stands alone: serialised, it means the same under any header', () => {
    const frame = frameIn(`<message to='a'><db:x db:y='1'/><z xmlns='urn:z'>t&amp;<w/></z></message>`, DIALBACK)
    const bytes = serialize(parseElement(frame))
    const [, event] = eventsOf([
      Buffer.from(`<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='urn:other'>`),
      bytes,
    ])
    assert.ok(event?.kind === 'frame')
    assert.deepEqual(
      [event.frame.namespace, event.frame.payloads, event.frame.needsScope],
      [frame.namespace, frame.payloads, false],
    )
  })

  test('is safe from attribute names that mean something to JavaScript', () => {
    const element = parseElement(frameIn(`<a __proto__='x' constructor='y' hasOwnProperty='z'><b toString='w'/></a>`))
    assert.equal(Object.getPrototypeOf(element.attrs), Object.prototype)
    assert.deepEqual(Object.keys(element.attrs), ['xmlns', '__proto__', 'constructor', 'hasOwnProperty'])
    assert.ok(serialize(element).includes(`__proto__='x' constructor='y'`))
  })

  test('of any depth the scanner lets through is built without recursion', () => {
    const depth = 100_000
    const limits = { ...AFTER_AUTHENTICATION, depth, elements: depth, stanzaBytes: 8 * depth }
    const [, event] = eventsOf([Buffer.from(HEADER), Buffer.from('<a>'.repeat(depth) + '</a>'.repeat(depth))], limits)
    assert.ok(event?.kind === 'frame')
    assert.equal(parseElement(event.frame).getChildElements().length, 1)
  })
})
