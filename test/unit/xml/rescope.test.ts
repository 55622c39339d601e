import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Element } from '@xmpp/xml'
import * as fc from 'fast-check'
import { parseElement } from '../../../src/xml/element.ts'
import type { Frame } from '../../../src/xml/frame.ts'
import { type Content, rescope } from '../../../src/xml/rescope.ts'
import { bufferOf } from '../../../src/xml/stretch.ts'
import { eventsOf, frameIn, HEADER } from './feed.ts'

const STREAMS = 'http://etherx.jabber.org/streams'

/** Tags with expanded names, attributes and text: what a frame means, whatever its prefixes. */
interface Meaning {
  readonly name: string
  /** Sorted: where a language is stamped does not matter. */
  readonly attributes: readonly string[]
  readonly children: readonly (Meaning | string)[]
}

function meaning(element: Element): Meaning {
  const attributes = Object.entries(element.attrs)
    .filter(([name]) => name !== 'xmlns' && !name.startsWith('xmlns:'))
    .map(([name, value]) => {
      const colon = name.indexOf(':')
      const expanded = colon < 0 ? name : `{${element.findNS(name.slice(0, colon))}}${name.slice(colon + 1)}`
      return `${expanded}=${value}`
    })
  return {
    name: `{${element.getNS() ?? ''}}${element.getName()}`,
    attributes: attributes.toSorted((a, b) => (a < b ? -1 : 1)),
    children: element.children.map((child) => (typeof child === 'string' ? child : meaning(child))),
  }
}

/** The frame as another stream reads it. */
function read(bytes: Buffer): Frame {
  const [, event] = eventsOf([
    Buffer.from(`<stream:stream xmlns='jabber:server' xmlns:stream='${STREAMS}' xml:lang='en'>`),
    bytes,
  ])
  assert.ok(event?.kind === 'frame', bytes.toString())
  return event.frame
}

const declare = (all: readonly (readonly [string, string])[]): string =>
  all.map(([name, uri]) => ` ${name === '' ? 'xmlns' : `xmlns:${name}`}='${uri}'`).join('')

const header = (declarations: string): string => `<stream:stream xmlns:stream='${STREAMS}' ${declarations}>`

describe('a frame on another stream', () => {
  test('travels as the bytes it came as when it needs nothing', () => {
    for (const inner of [
      `<message to='a'><body>x</body></message>`,
      `<message xmlns='jabber:server'/>`,
      `<message><x:y xmlns:x='urn:x'/></message>`,
    ]) {
      const frame = frameIn(inner)
      assert.equal(rescope(frame, { lang: 'en' }), frame.raw)
    }
  })

  test('keeps its language: stamped where the streams differ and it says none itself', () => {
    const cases: readonly (readonly [stream: string, target: string, inner: string, result: string])[] = [
      [`xml:lang='de'`, 'en', `<message to='a'>x</message>`, `<message xml:lang='de' to='a'>x</message>`],
      [`xml:lang='de'`, 'en', `<presence/>`, `<presence xml:lang='de'/>`],
      [`xml:lang='de'`, 'en', `<iq\n/>`, `<iq xml:lang='de'\n/>`],
      [`xml:lang='de'`, 'en', `<message xml:lang='cs'/>`, `<message xml:lang='cs'/>`],
      [`xml:lang='de'`, 'en', `<message xml:lang=''/>`, `<message xml:lang=''/>`],
      [`xml:lang='de'`, 'de', `<message/>`, `<message/>`],
      [`xml:lang=''`, 'en', `<message/>`, `<message/>`],
      [``, 'en', `<message/>`, `<message/>`],
      [`xml:lang="&apos;/&gt;"`, 'en', `<message/>`, `<message xml:lang='&apos;/&gt;'/>`],
    ]
    for (const [stream, lang, inner, result] of cases) {
      const frame = frameIn(inner, header(`xmlns='jabber:server' ${stream}`))
      assert.equal(rescope(frame, { lang }).toString(), result)
    }
  })

  test('has two languages in it unharmed', () => {
    const inner = `<message><body xml:lang='en'>Hello</body><body xml:lang='cs'>Ahoj</body></message>`
    const frame = frameIn(inner, header(`xmlns='jabber:server' xml:lang='de'`))
    assert.equal(rescope(frame, { lang: 'en' }).toString(), inner.replace('<message', `<message xml:lang='de'`))
  })

  test('brings along what only its header declared', () => {
    const server = `xmlns='jabber:server' xmlns:a='urn:a' xmlns:b='urn:b'`
    const cases: readonly (readonly [header: string, inner: string, result: string])[] = [
      [server, `<message><a:x/></message>`, `<message><a:x xmlns:a='urn:a'/></message>`],
      [
        server,
        `<message a:p='1'><a:x b:q="2"/></message>`,
        `<message xmlns:a='urn:a' a:p='1'><a:x xmlns:b='urn:b' b:q="2"/></message>`,
      ],
      [
        server,
        `<message xmlns:a='urn:c'><a:x/><b:y/></message>`,
        `<message xmlns:a='urn:c'><a:x/><b:y xmlns:b='urn:b'/></message>`,
      ],
      [server, `<a:x><a:x xmlns:a='urn:c'/><a:x/></a:x>`, `<a:x xmlns:a='urn:a'><a:x xmlns:a='urn:c'/><a:x/></a:x>`],
      [server, `<stream:error/>`, `<stream:error/>`],
      [
        `xmlns='urn:d' xmlns:j='jabber:server'`,
        `<j:message><j:body>x</j:body></j:message>`,
        `<message><body>x</body></message>`,
      ],
      [
        `xmlns='urn:d' xmlns:j='jabber:server'`,
        `<j:message><x><j:y><z/></j:y></x></j:message >`,
        `<message><x xmlns='urn:d'><y xmlns='jabber:server'><z xmlns='urn:d'/></y></x></message>`,
      ],
      [`xmlns:j='jabber:server'`, `<j:message><x/></j:message>`, `<message><x xmlns=''/></message>`],
      [`xmlns='jabber:client'`, `<message><body/></message>`, `<message><body/></message>`],
      [`xmlns='jabber:client'`, `<message><body xmlns='jabber:client'/></message>`, `<message><body/></message>`],
      [`xmlns='jabber:client'`, `<message xmlns='jabber:client'/>`, `<message/>`],
      [
        `xmlns='urn:&amp;&apos;'`,
        `<x y='&lt;"'>&amp;<![CDATA[<]]></x>`,
        `<x xmlns='urn:&amp;&apos;' y='&lt;"'>&amp;<![CDATA[<]]></x>`,
      ],
      [
        `xmlns='jabber:server' xml:lang='de' xmlns:a='urn:a'`,
        `<iq><a:x/></iq>`,
        `<iq xml:lang='de'><a:x xmlns:a='urn:a'/></iq>`,
      ],
    ]
    for (const [declarations, inner, result] of cases) {
      assert.equal(rescope(frameIn(inner, header(declarations)), { lang: 'en' }).toString(), result)
    }
  })

  test('follows a header that gives the prefix stream another meaning', () => {
    const frame = frameIn(
      `<message><stream:x/><s:y/></message>`,
      `<s:stream xmlns='jabber:server' xmlns:s='${STREAMS}' xmlns:stream='urn:not-streams'>`,
    )
    assert.equal(
      rescope(frame, { lang: 'en' }).toString(),
      `<message><stream:x xmlns:stream='urn:not-streams'/><s:y xmlns:s='${STREAMS}'/></message>`,
    )
  })

  test('takes the namespace of the stream it goes to, spelled however it may be', () => {
    const component = `xmlns='jabber:component:accept' xml:lang='en'`
    const server = `xmlns='jabber:server' xml:lang='en'`
    const cases: readonly (readonly [header: string, inner: string, content: Content, result: string])[] = [
      [server, `<message xmlns='jabber:server'/>`, 'jabber:component:accept', `<message/>`],
      [server, `<message xmlns='jabber&#58;server'/>`, 'jabber:component:accept', `<message/>`],
      [server, `<message xmlns='jabber&#x3a;server'/>`, 'jabber:component:accept', `<message/>`],
      [
        server,
        `<message><x xmlns='urn:x'><message xmlns='jabber:server'><body>a</body></message></x></message>`,
        'jabber:component:accept',
        `<message><x xmlns='urn:x'><message xmlns='jabber:component:accept'><body>a</body></message></x></message>`,
      ],
      [
        server,
        `<s:message xmlns:s='jabber:server'><s:body>a</s:body></s:message>`,
        'jabber:component:accept',
        `<message xmlns:s='jabber:server'><body>a</body></message>`,
      ],
      [component, `<message xmlns='jabber:component:accept'/>`, 'jabber:server', `<message/>`],
      [
        component,
        `<iq><x xmlns='urn:x'><y xmlns='jabber:component:accept'/></x></iq>`,
        'jabber:server',
        `<iq><x xmlns='urn:x'><y xmlns='jabber:server'/></x></iq>`,
      ],
    ]
    for (const [declarations, inner, content, result] of cases) {
      assert.equal(rescope(frameIn(inner, header(declarations)), { lang: 'en', content }).toString(), result)
    }
  })

  test('travels as the bytes it came as between server and component, where it names neither namespace', () => {
    const inner = `<message to='a'><body>x &amp; y</body><x xmlns='urn:x'><y/></x></message>`
    for (const [from, content] of [
      ['jabber:server', 'jabber:component:accept'],
      ['jabber:component:accept', 'jabber:server'],
    ] as const) {
      const frame = frameIn(inner, header(`xmlns='${from}'`))
      assert.equal(rescope(frame, { lang: 'en', content }), frame.raw)
    }
  })

  test('means the same as before, whatever is declared where', () => {
    const prefix = fc.constantFrom('', 'a', 'b', 'stream')
    const namespace = fc.constantFrom('jabber:server', 'urn:x', 'urn:y', STREAMS)
    const declarations = fc.uniqueArray(fc.tuple(prefix, namespace), { maxLength: 3, selector: ([name]) => name })
    interface Spec {
      prefix: string
      attribute: string
      declares: [string, string][]
      children: (Spec | string)[]
    }
    const spec: fc.Arbitrary<Spec> = fc.letrec<{ element: Spec }>((tie) => ({
      element: fc.record({
        prefix,
        attribute: fc.constantFrom('p', 'a:p', 'b:p', 'xml:lang'),
        declares: declarations,
        children: fc.array(
          fc.oneof({ depthSize: 'small' }, fc.constantFrom('t', '&amp;', '<![CDATA[]]]]>'), tie('element')),
          { maxLength: 4 },
        ),
      }),
    })).element
    const write = (element: Spec | string): string =>
      typeof element === 'string'
        ? element
        : `<${element.prefix === '' ? 'e' : `${element.prefix}:e`}${declare(element.declares)} ${element.attribute}='v'>` +
          `${element.children.map(write).join('')}</${element.prefix === '' ? 'e' : `${element.prefix}:e`}>`
    let rewritten = 0
    fc.assert(
      fc.property(declarations, spec, fc.boolean(), (declared, element, lang) => {
        const open = `<root:stream xmlns:root='${STREAMS}'${declare(declared)}${lang ? ` xml:lang='de'` : ''}>`
        const [, event] = eventsOf([Buffer.from(open + write(element))])
        // Not every prefix is bound everywhere.
        if (event?.kind !== 'frame') return
        const bytes = bufferOf(rescope(event.frame, { lang: 'en' }))
        if (bytes !== event.frame.bytes) rewritten++
        const there = read(bytes)
        const before = parseElement(event.frame)
        if (lang && event.frame.lang === undefined) before.attrs['xml:lang'] = 'de'
        assert.deepEqual(
          meaning(parseElement(there)),
          meaning(before),
          `${open}${write(element)} → ${bytes.toString()}`,
        )
        // What stands under the target's header relies on it for nothing but what every such header has.
        assert.ok(!there.needsScope || bytes.includes('stream:'))
      }),
      { numRuns: 3000 },
    )
    assert.ok(rewritten > 300, `only ${rewritten} were rewritten`)
  })

  test('that stood under the header of a real server means the same', () => {
    const frame = frameIn(
      `<db:result from='a' to='b' type='valid'/>`,
      HEADER.replace(' from=', ` xmlns:db='jabber:server:dialback' from=`),
    )
    const there = read(bufferOf(rescope(frame, { lang: 'en' })))
    assert.deepEqual([there.namespace, there.name, there.needsScope], ['jabber:server:dialback', 'result', false])
  })
})
