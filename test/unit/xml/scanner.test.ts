import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { AFTER_AUTHENTICATION, BEFORE_AUTHENTICATION } from '../../../src/xml/limits.ts'
import { Scanner } from '../../../src/xml/scanner.ts'
import { endOf, eventsEveryWay, eventsOf, factsOf, FOOTER, frameIn, framesIn, HEADER, plain } from './feed.ts'

const STREAMS = `xmlns:stream='http://etherx.jabber.org/streams'`

describe('the header', () => {
  test('gives its attributes and what it declares', () => {
    const [event] = eventsEveryWay(
      `<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns="jabber:server" xmlns:db='jabber:server:dialback' ` +
        `to='corp.example' from='a&amp;b' id='4&#x31;' version='1.0' xml:lang='de' other='x'>`,
    )
    assert.ok(event?.kind === 'header')
    const { scope, ...fields } = event.header
    assert.deepEqual(fields, { to: 'corp.example', from: 'a&b', id: '41', version: '1.0', lang: 'de' })
    assert.equal(scope.defaultNamespace, 'jabber:server')
    assert.deepEqual(
      scope.prefixes,
      new Map([
        ['db', 'jabber:server:dialback'],
        ['s', 'http://etherx.jabber.org/streams'],
      ]),
    )
  })

  test('is judged by its name and namespace only', () => {
    const cases: readonly (readonly [header: string, end: string])[] = [
      [`<stream:stream ${STREAMS}>`, 'open'],
      [`<stream:stream ${STREAMS} xmlns='jabber:client'>`, 'open'],
      [`<stream xmlns='http://etherx.jabber.org/streams'>`, 'open'],
      [`<stream:stream ${STREAMS}/>`, 'footer'],
      [`<stream:stream ${STREAMS}></stream:stream>`, 'footer'],
      [`<stream:flood ${STREAMS}>`, 'bad-format'],
      [`<html>`, 'bad-format'],
      [`<stream>`, 'invalid-namespace'],
      [`<stream xmlns='jabber:server'>`, 'invalid-namespace'],
      [`<stream:stream xmlns:stream='http://etherx.jabber.org/streams/'>`, 'invalid-namespace'],
      [`<stream:stream xmlns='jabber:server'>`, 'bad-namespace-prefix'],
      [`<stream:stream ${STREAMS} db:x='1'>`, 'bad-namespace-prefix'],
      [`</stream:stream>`, 'not-well-formed'],
      [`stream`, 'not-well-formed'],
      [`<![CDATA[x]]>`, 'not-well-formed'],
    ]
    for (const [header, end] of cases) assert.equal(endOf(eventsEveryWay(header)), end, header)
  })

  test('may follow a declaration of XML 1.0 in UTF-8, and nothing else', () => {
    const cases: readonly (readonly [declaration: string, end: string])[] = [
      [`<?xml version='1.0'?>`, 'open'],
      [`<?xml version="1.0"?>\r\n\t `, 'open'],
      [`  `, 'open'],
      [`<?xml version = '1.0' encoding="utf-8" standalone='yes' ?>`, 'open'],
      [`<?xml version='1.0' encoding='UTF-8'?>`, 'open'],
      [`<?xml\nversion='1.0'\nstandalone='no'?>`, 'open'],
      [`<?xml version='1.0' encoding='ISO-8859-1'?>`, 'unsupported-encoding'],
      [`<?xml version='1.0' encoding='UTF-16'?>`, 'unsupported-encoding'],
      [`<?xml version='1.0' encoding=''?>`, 'unsupported-encoding'],
      [`<?xml version='1.1'?>`, 'not-well-formed'],
      [`<?xml encoding='utf-8'?>`, 'not-well-formed'],
      [`<?xml encoding='utf-8' version='1.0'?>`, 'not-well-formed'],
      [`<?xml version='1.0' version='1.0'?>`, 'not-well-formed'],
      [`<?xml version='1.0' standalone='maybe'?>`, 'not-well-formed'],
      [`<?xml version='1.0' colour='blue'?>`, 'not-well-formed'],
      [`<?xml version='1.0'encoding='utf-8'?>`, 'not-well-formed'],
      [`<?xml version=1.0?>`, 'not-well-formed'],
      [`<?xml ?>`, 'not-well-formed'],
      [`<?xml?>`, 'restricted-xml'],
      [`<?xml version='1.0'?><?xml version='1.0'?>`, 'restricted-xml'],
      [` <?xml version='1.0'?>`, 'restricted-xml'],
      [`<?xml-stylesheet href='x'?>`, 'restricted-xml'],
      [`<?php ?>`, 'restricted-xml'],
      [`<!-- hello -->`, 'restricted-xml'],
      [`<!DOCTYPE stream>`, 'restricted-xml'],
      [`\ufeff`, 'not-well-formed'],
    ]
    for (const [declaration, end] of cases) {
      assert.equal(endOf(eventsEveryWay(declaration + `<stream:stream ${STREAMS}>`)), end, declaration)
    }
  })

  test('in UTF-16 is refused as an encoding', () => {
    for (const mark of [
      [0xff, 0xfe],
      [0xfe, 0xff],
    ]) {
      const bytes = Buffer.concat([Buffer.from(mark), Buffer.from(`<stream:stream ${STREAMS}>`, 'utf16le')])
      assert.equal(endOf(eventsEveryWay(bytes)), 'unsupported-encoding')
    }
  })

  test('comes anew after a restart, with a declaration, white space of the old stream before it, and a scope of its own', () => {
    const scanner = new Scanner(AFTER_AUTHENTICATION)
    scanner.push(
      Buffer.from(`${HEADER}<auth/>\n<?xml version='1.0'?><s:stream xmlns:s='http://etherx.jabber.org/streams'><a/>`),
    )
    assert.equal(scanner.next()?.kind, 'header')
    assert.equal(scanner.next()?.kind, 'frame')
    scanner.restart()
    const header = scanner.next()
    assert.ok(header?.kind === 'header')
    assert.equal(header.header.scope.defaultNamespace, '')
    assert.equal(header.header.to, undefined)
    const frame = scanner.next()
    assert.ok(frame?.kind === 'frame')
    assert.equal(frame.frame.namespace, '')
    assert.equal(scanner.next(), undefined)
    scanner.push(Buffer.from('</s:stream>'))
    assert.equal(scanner.next()?.kind, 'footer')
  })
})

test('a restart forgets what was half read', () => {
  for (const half of [
    '<a',
    '<a b="\xc3',
    '<a>\xf0\x9f',
    '<a>&am',
    '<a><![CDATA[]',
    '</stream',
    '<a xmlns:x="urn:x"><x:b c=',
  ]) {
    const scanner = new Scanner(AFTER_AUTHENTICATION)
    scanner.push(Buffer.from(HEADER + half, 'latin1'))
    scanner.next()
    assert.equal(scanner.next(), undefined)
    scanner.restart()
    assert.equal(scanner.pending, 0)
    scanner.push(Buffer.from(`${HEADER}<é/><iq/>`))
    assert.deepEqual(
      [scanner.next(), scanner.next(), scanner.next(), scanner.next()].map((event) => event?.kind),
      ['header', 'frame', 'frame', undefined],
    )
  }
})

describe('a frame', () => {
  test('has the facts of its start tag, decoded', () => {
    const frame = frameIn(
      `<message\tto = "juliet@corp.example"\n from='&#114;omeo@partner.example/x&quot;y' type='chat' id='a&lt;b' xml:lang='de'><body>x</body></message>`,
    )
    assert.deepEqual(factsOf(frame), {
      name: 'message',
      namespace: 'jabber:server',
      to: 'juliet@corp.example',
      from: 'romeo@partner.example/x"y',
      type: 'chat',
      id: 'a<b',
      lang: 'de',
      payloads: [{ namespace: 'jabber:server', name: 'body' }],
      needsScope: false,
      declaresContent: false,
    })
  })

  test('has nothing of the frame before', () => {
    const [, second] = framesIn(`<message to='a' from='b' type='c' id='d' xml:lang='e'><body/></message><iq/>`)
    assert.deepEqual(factsOf(second!), {
      name: 'iq',
      namespace: 'jabber:server',
      to: undefined,
      from: undefined,
      type: undefined,
      id: undefined,
      lang: undefined,
      payloads: [],
      needsScope: false,
      declaresContent: false,
    })
  })

  test('takes no fact from a prefixed attribute or an inner element', () => {
    const frame = frameIn(
      `<iq xmlns:x='urn:x' x:to='a' x:id='b' x:lang='c'><query to='d' from='e' id='f' type='g' xml:lang='h'/></iq>`,
    )
    assert.deepEqual([frame.to, frame.from, frame.id, frame.type, frame.lang], Array(5).fill(undefined))
  })

  test('names its payloads, its children only, in order', () => {
    const frame = frameIn(
      `<message><body>Hello</body><body xml:lang='cs'>Ahoj</body><x xmlns='urn:x'><y><z/></y></x><p:q xmlns:p='urn:p'/>` +
        `<r/><stream:s/></message>`,
    )
    assert.deepEqual(
      frame.payloads.map(({ namespace, name }) => `{${namespace}}${name}`),
      [
        '{jabber:server}body',
        '{jabber:server}body',
        '{urn:x}x',
        '{urn:p}q',
        '{jabber:server}r',
        '{http://etherx.jabber.org/streams}s',
      ],
    )
  })

  test('keeps its bytes exactly, white space, quotes, references and emoji included', () => {
    const inner = [
      `<message to="a"  id = 'é&#10;'\n>\r\n<body >h😀i ]] ]&gt; &amp;</body\t><![CDATA[ <&]]]]><![CDATA[> ]]>\t</message >`,
      `<presence\n/>`,
      `<iq type='get'/>`,
    ]
    const frames = framesIn(inner.join(' \r\n\t') + FOOTER)
    assert.deepEqual(
      frames.map((frame) => frame.bytes.toString()),
      inner,
    )
  })

  test('needs its scope only when it uses what nothing but the header declares', () => {
    const cases: readonly (readonly [frame: string, needs: boolean])[] = [
      [`<message><body/></message>`, false],
      [`<message xmlns='jabber:server'><body/></message>`, false],
      [`<message><x xmlns='urn:x'><y/></x></message>`, false],
      [`<message><p:x xmlns:p='urn:x'/></message>`, false],
      [`<message xml:lang='en'/>`, false],
      [`<db:result/>`, true],
      [`<message><db:x/></message>`, true],
      [`<message><x xmlns='urn:x'><y db:z='1'/></x></message>`, true],
      [`<message xmlns:db='urn:other'><db:x/></message>`, false],
      [`<message><stream:x/></message>`, true],
    ]
    const header = HEADER.replace(' from=', ` xmlns:db='jabber:server:dialback' from=`)
    for (const [frame, needs] of cases) assert.equal(frameIn(frame, header).needsScope, needs, frame)
  })

  test('needs its scope no more often on the stream of a component', () => {
    const header = `<stream:stream ${STREAMS} xmlns='jabber:component:accept'>`
    for (const [inner, needs] of [
      [`<message><body><deeper/></body></message>`, false],
      [`<message><stream:x/></message>`, true],
    ] as const) {
      assert.equal(frameIn(inner, header).needsScope, needs, inner)
    }
  })

  test('says whether anything in it declares what streams carry, however it is spelled', () => {
    for (const [frame, declares] of [
      [`<message><body>jabber:server</body></message>`, false],
      [`<message><x xmlns='urn:x' y='jabber:server'/></message>`, false],
      [`<message xmlns='jabber:server'/>`, true],
      [`<message><x xmlns='urn:x'><y><z xmlns='jabber:client'/></y></x></message>`, true],
      [`<message><x xmlns='urn:x'><y xmlns:p="jabber:component:accept"/></x></message>`, true],
      [`<message><x xmlns='jabber&#58;server'/></message>`, true],
    ] as const) {
      const [, second] = framesIn(`${frame}<message/>`)
      assert.equal(frameIn(frame).declaresContent, declares, frame)
      assert.equal(second?.declaresContent, false, 'nothing of the frame before')
    }
  })

  test('needs its scope when it uses a default namespace that carries no stanzas', () => {
    const cases: readonly (readonly [frame: string, needs: boolean])[] = [
      [`<message/>`, true],
      [`<message xmlns='urn:x'><body/></message>`, false],
      [`<s:message xmlns:s='jabber:server'/>`, false],
      [`<s:message xmlns:s='jabber:server'><s:a><s:b><s:c><d/></s:c></s:b></s:a></s:message>`, true],
      [`<s:message xmlns:s='jabber:server'><s:a><s:b xmlns='urn:x'><d/></s:b></s:a></s:message>`, false],
    ]
    const client = `<stream:stream ${STREAMS} xmlns='jabber:client'>`
    assert.equal(frameIn('<message><body/></message>', client).needsScope, false)
    for (const other of [``, `xmlns='urn:default'`]) {
      const header = `<stream:stream ${STREAMS} ${other}>`
      for (const [frame, needs] of cases) assert.equal(frameIn(frame, header).needsScope, needs, `${other} ${frame}`)
    }
  })

  test('shares the memory of the chunk it lies in, and is copied when it lies in two', () => {
    const scanner = new Scanner(AFTER_AUTHENTICATION)
    const chunk = Buffer.from(`${HEADER}<iq/><message>`)
    scanner.push(chunk)
    scanner.next()
    const event = scanner.next()
    assert.ok(event?.kind === 'frame')
    assert.equal(event.frame.bytes.buffer, chunk.buffer)
    assert.equal(event.frame.bytes.byteOffset, chunk.byteOffset + HEADER.length)
    assert.equal(scanner.next(), undefined)
    chunk.fill(0)
    scanner.push(Buffer.from(`</message>`))
    const second = scanner.next()
    assert.ok(second?.kind === 'frame')
    assert.equal(second.frame.bytes.toString(), '<message></message>')
  })

  test('may use names beyond ASCII, and namespaces that are undeclared again', () => {
    const frame = frameIn(`<message><été xmlns='urn:é' ключ='1'><名 xmlns=''/></été></message>`)
    assert.deepEqual(frame.payloads, [{ namespace: 'urn:é', name: 'été' }])
  })

  test('of 60 KB, and one of exactly the largest size, goes through in any chunks', () => {
    const body = 'ü😀x'.repeat(60_000 / 7)
    assert.equal(frameIn(`<message><body>${body}</body></message>`).bytes.length, Buffer.byteLength(body) + 32)
    const limits = { ...AFTER_AUTHENTICATION, stanzaBytes: 10_000 }
    const exact = `<message><body>${'x'.repeat(10_000 - 32)}</body></message>`
    assert.equal(endOf(eventsEveryWay(HEADER + exact + '<iq/>', limits)), 'open')
    assert.equal(eventsOf([Buffer.from(HEADER + exact)], limits).length, 2)
    assert.equal(endOf(eventsEveryWay(HEADER + exact.replace('x', 'xx'), limits)), 'policy-violation')
  })
})

describe('what is refused', () => {
  const cases: Record<string, readonly string[]> = {
    'not-well-formed': [
      `<`.repeat(2),
      `< message/>`,
      `<1a/>`,
      `<-a/>`,
      `<:a/>`,
      `<a:/>`,
      `<a:b:c/>`,
      `<x:1 xmlns:x='y'/>`,
      `<x:\u0300 xmlns:x='y'/>`,
      `<\u00d7/>`,
      `<a\u00d7/>`,
      `<a></b>`,
      `<a></a b>`,
      `<a></ a>`,
      `<a></aa>`,
      `<aa></a>`,
      `<a></A>`,
      `<a/ >`,
      `<a/b>`,
      `<a b/>`,
      `<a b=/>`,
      `<a b=c/>`,
      `<a b='c"/>'<`,
      `<a b='c'd='e'/>`,
      `<a b='c' 1='e'/>`,
      `<a b='<'/>`,
      `<a b='&'/>`,
      `<a 'b'/>`,
      `<a =''/>`,
      `<a b='' b=''/>`,
      `<a b='' c='' b=""/>`,
      `<a xmlns='urn:x' xmlns='urn:y'/>`,
      `<a xmlns:p='urn:x' xmlns:q='urn:x' p:b='' q:b=''/>`,
      `<a xmlns:p=''/>`,
      `<a xmlns:xml='urn:x'/>`,
      `<a xmlns:xmlns='urn:x'/>`,
      `<a xmlns='http://www.w3.org/XML/1998/namespace'/>`,
      `<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>`,
      `<a xmlns:p='http://www.w3.org/2000/xmlns/'/>`,
      `<a xmlns='http://www.w3.org/2000/xmlns/'/>`,
      `<a>]]></a>`,
      `<a>]]]></a>`,
      `<a>& </a>`,
      `<a>&;</a>`,
      `<a>&#;</a>`,
      `<a>&#x;</a>`,
      `<a>&#X41;</a>`,
      `<a>&#xg;</a>`,
      `<a>&#4a;</a>`,
      `<a>&a#b;</a>`,
      `<a>&1a;</a>`,
      `<a>&am p;</a>`,
      `<a>&amp</a>`,
      `<a>&#0;</a>`,
      `<a>&#x1F;</a>`,
      `<a>&#xD800;</a>`,
      `<a>&#xFFFE;</a>`,
      `<a>&#x110000;</a>`,
      `<a>&#99999999999999999999;</a>`,
      `<a b='&#0;'/>`,
      `<a>\u0001</a>`,
      `<a>\ufffe</a>`,
      `<a>\uffff</a>`,
      `<a b='\u0000'/>`,
      `<a b='\uffff'/>`,
      `<a><![CDATA[\u0002]]></a>`,
      `<a><![CDATA[\uffff]]></a>`,
      `<a><![cdata[x]]></a>`,
      `<a><![CDATA x]]></a>`,
      `<a><!></a>`,
      `<a><!-x--></a>`,
      `<\u0000/>`,
      `\u0000`,
      `<a\u0000/>`,
    ],
    'restricted-xml': [
      `<!-- x -->`,
      `<a><!-- x --></a>`,
      `<?php?>`,
      `<a><?xml version='1.0'?></a>`,
      `<!DOCTYPE a>`,
      `<a><!DOCTYPE a></a>`,
      `<!ENTITY a 'b'>`,
      `<a>&nbsp;</a>`,
      `<a>&lol9;</a>`,
      `<a>&AMP;</a>`,
      `<a>&a.b-c_d1;</a>`,
      `<a b='&nbsp;'/>`,
      `<a>&toString;</a>`,
      `<a>&get;</a>`,
    ],
    'bad-namespace-prefix': [
      `<x:a/>`,
      `<a x:b='1'/>`,
      `<a><b xmlns:x='urn:x'/><x:c/></a>`,
      `<xmlns:a/>`,
      `<message><x xmlns='urn:x'><y><z p:q=''/></y></x></message>`,
    ],
    'bad-format': [
      `x`,
      `<iq/>x`,
      `é`,
      `&amp;`,
      `]`,
      `<![CDATA[x]]>`,
      `<![CDATA[ ]]>`,
      `<stream:stream to='x'>`,
      HEADER.slice(21),
    ],
  }
  for (const [condition, inputs] of Object.entries(cases)) {
    test(`ends in ${condition}, however it is cut, and nothing comes after it`, () => {
      for (const input of inputs) {
        const events = eventsEveryWay(`${HEADER}<iq id='1'/> ${input}<iq id='2'/>`)
        assert.equal(endOf(events), condition, input)
        const sound = events.filter((event) => event.kind === 'frame' && event.frame.id === '2')
        assert.equal(sound.length, 0, input)
      }
    })
  }

  test('is every form of broken UTF-8, wherever it stands', () => {
    const broken: readonly (readonly number[])[] = [
      [0x80],
      [0xbf],
      [0xc0, 0x80],
      [0xc1, 0xbf],
      [0xc3, 0x28],
      [0xc3],
      [0xe0, 0x80, 0xaf],
      [0xe0, 0x9f, 0xbf],
      [0xe2, 0x82],
      [0xed, 0xa0, 0x80],
      [0xed, 0xbf, 0xbf],
      [0xf0, 0x80, 0x80, 0xaf],
      [0xf0, 0x8f, 0xbf, 0xbf],
      [0xf0, 0x9f, 0x98],
      [0xf4, 0x90, 0x80, 0x80],
      [0xf5, 0x80, 0x80, 0x80],
      [0xf8, 0x88, 0x80, 0x80, 0x80],
      [0xfe],
      [0xff],
    ]
    for (const place of ['<a>@</a>', `<a b='@'/>`, '<a><![CDATA[@]]></a>', '<a@/>', '<@/>', `<a @='1'/>`]) {
      const [before, after] = place.split('@')
      for (const bytes of broken) {
        const input = Buffer.concat([Buffer.from(HEADER + before!), Buffer.from(bytes), Buffer.from(after!)])
        assert.equal(
          endOf(eventsEveryWay(input)),
          'unsupported-encoding',
          `${place} ${Buffer.from(bytes).toString('hex')}`,
        )
      }
    }
  })
})

describe('what is allowed', () => {
  test('is all that XML allows and XMPP does not forbid', () => {
    const cases = [
      `<a>&#x10FFFF;&#9;&#xA;&#xd;&#x20;&#xE000;&#xFFFD;</a>`,
      `<a>&#${'0'.repeat(1000)}65;</a>`,
      `<a>&amp;&lt;&gt;&quot;&apos;</a>`,
      `<a>]]</a>`,
      `<a>] ]></a>`,
      `<a>> "'</a>`,
      `<a b=">" c='"' d="'"/>`,
      `<a\r\n\t b \n=\t'1'\r/>`,
      `<a><![CDATA[]]></a>`,
      `<a><![CDATA[]]]]]]></a>`,
      `<a><![CDATA[<b>&nbsp;</a>-->]]></a>`,
      `<a xmlns:p='urn:x' xmlns:q='urn:y' p:b='' q:b='' b=''/>`,
      `<a xmlns:xml='http://www.w3.org/XML/1998/namespace' xml:space='preserve'/>`,
      `<xml:a/>`,
      `<a b='1' B='2'/>`,
      `<a.b-c_d1/>`,
      `<_/>`,
      `<a>\u{1fffe}\u{10ffff}\ufffd\u0085\u2028\ufdd0</a>`,
      `<a>\u007f</a>`,
      `<\u{10000}/>`,
      `<a\u00b7/>`,
    ]
    for (const input of cases) assert.equal(endOf(eventsEveryWay(HEADER + input + FOOTER)), 'footer', input)
  })
})

describe('the scanner', () => {
  test('counts white space between frames, and what is pending', () => {
    const scanner = new Scanner(AFTER_AUTHENTICATION)
    scanner.push(Buffer.from(`${HEADER} \n<iq/>\t \r\n<message>`))
    scanner.next()
    assert.equal(scanner.pending, ` \n<iq/>\t \r\n<message>`.length)
    scanner.next()
    assert.equal(scanner.pending, `\t \r\n<message>`.length)
    assert.equal(scanner.takeWhitespace(), 2)
    assert.equal(scanner.next(), undefined)
    assert.equal(scanner.pending, '<message>'.length)
    assert.equal(scanner.openBytes, '<message>'.length)
    assert.equal(scanner.takeWhitespace(), 4)
    assert.equal(scanner.takeWhitespace(), 0)
    scanner.push(Buffer.from(`</message>x`))
    scanner.push(Buffer.from(`yz`))
    assert.equal(scanner.pending, '<message></message>xyz'.length)
    assert.equal(scanner.next()?.kind, 'frame')
    assert.equal(scanner.pending, 3)
    assert.equal(scanner.openBytes, 0)
    assert.equal(scanner.next()?.kind, 'error')
    assert.equal(scanner.pending, 0)
  })

  test('stops after an event: what follows <starttls/> is pending, not read', () => {
    for (const smuggled of ['<iq/>', ' ', '<', '\xff']) {
      const scanner = new Scanner(BEFORE_AUTHENTICATION)
      scanner.push(Buffer.from(`${HEADER}<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>${smuggled}`, 'latin1'))
      scanner.next()
      assert.equal(scanner.next()?.kind, 'frame')
      assert.equal(scanner.pending, smuggled.length)
    }
  })

  test('says nothing after a footer or an error', () => {
    for (const end of [FOOTER, '<!--']) {
      const scanner = new Scanner(AFTER_AUTHENTICATION)
      scanner.push(Buffer.from(`${HEADER}${end}<iq/>`))
      scanner.push(Buffer.from(`<iq/>`))
      scanner.next()
      assert.ok(scanner.next())
      assert.equal(scanner.next(), undefined)
      scanner.push(Buffer.from(`<iq/>`))
      assert.equal(scanner.next(), undefined)
      assert.equal(scanner.pending, 0)
    }
  })

  test('that are not UTF-8 are told from another name in an end tag', () => {
    const cases = [
      ['<a></', [0xc0], 'unsupported-encoding'],
      ['<a></a', [0xff], 'unsupported-encoding'],
      ['<a></a ', [0x80], 'unsupported-encoding'],
      ['<é></', [0xc3, 0x28], 'unsupported-encoding'],
      ['<é></', [0xc3, 0xc3], 'unsupported-encoding'],
      ['<é></', [0xc3, 0xaa], 'not-well-formed'],
      ['<a></', [0xc4], 'not-well-formed'],
      ['<a></a', [0x01], 'not-well-formed'],
    ] as const
    for (const [before, bytes, end] of cases) {
      const input = Buffer.concat([Buffer.from(HEADER + before), Buffer.from(bytes), Buffer.from('>')])
      assert.equal(endOf(eventsEveryWay(input)), end, `${before} ${bytes.join(' ')}`)
    }
  })

  test('finds an attribute that comes twice among any number of them', () => {
    const many = (count: number, prefix = ''): string =>
      Array.from({ length: count }, (_, at) => ` ${prefix}a${at}=''`).join('')
    const declared = `<a xmlns:p='urn:x' xmlns:q='urn:x' xmlns:r='urn:y'`
    for (const count of [1, 15, 16, 17, 18, 31, 32, 33, 50]) {
      for (const twice of new Set([0, count >> 1, count - 1])) {
        const again = ` a${twice}=''`
        assert.equal(endOf(eventsEveryWay(`${HEADER}<a${many(count)}/>`)), 'open')
        assert.equal(endOf(eventsEveryWay(`${HEADER}<a${many(count)}${again}/>`)), 'not-well-formed')
        const prefixed = HEADER + declared + many(count, 'p:')
        assert.equal(endOf(eventsEveryWay(`${prefixed}${again} r:a${twice}=''/>`)), 'open')
        assert.equal(endOf(eventsEveryWay(`${prefixed} q:a${twice}=''/>`)), 'not-well-formed')
      }
    }
  })

  test('never throws, and says the same however it is cut, whatever the bytes', () => {
    const scraps = [
      FOOTER,
      HEADER,
      ...`< > / & ; ' " = ! [ ] ? - : # x é 😀 \0 <a> </a> <a/> <![CDATA[ ]]> &amp; &#65; p: <!-- ?>`.split(' '),
      ' ',
      '\n',
      ` b='c'`,
      ` xmlns='d'`,
      ` xmlns:p='e'`,
      '<?xml ',
    ].map((scrap) => Buffer.from(scrap))
    const scrap = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...scraps) }, fc.uint8Array({ maxLength: 4 }))
    fc.assert(
      fc.property(fc.array(scrap, { maxLength: 30 }), fc.boolean(), (parts, headed) => {
        const bytes = Buffer.concat([Buffer.from(headed ? HEADER : ''), ...parts])
        const expected = eventsOf([bytes]).map(plain)
        const bytewise = Array.from(bytes, (byte) => Buffer.from([byte]))
        assert.deepEqual(eventsOf(bytewise).map(plain), expected)
      }),
      { numRuns: 1500 },
    )
  })
})
