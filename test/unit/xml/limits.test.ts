import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AFTER_AUTHENTICATION, BEFORE_AUTHENTICATION, type ScanLimits } from '../../../src/xml/limits.ts'
import { Scanner } from '../../../src/xml/scanner.ts'
import type { Reason } from '../../../src/xmpp/reason.ts'
import { REASONS } from '../../../src/xmpp/reasons.ts'
import { FAULTS } from '../../../src/xml/faults.ts'
import { cut, endOf, eventsEveryWay, eventsOf, FOOTER, HEADER } from './feed.ts'

const attributes = (count: number): string => Array.from({ length: count }, (_, at) => ` a${at}=''`).join('')
const declarations = (count: number): string => Array.from({ length: count }, (_, at) => ` xmlns:p${at}='u'`).join('')
const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth)

const header = (bytes: number): string => {
  const start = `<stream:stream xmlns:stream='http://etherx.jabber.org/streams' x='`
  return `${start}${'x'.repeat(bytes - start.length - 2)}'>`
}
const declaration = (bytes: number): string => `<?xml version='1.0'${' '.repeat(bytes - 21)}?>`
const headerAndText = (bytes: number): string => `${HEADER}<a>${'x'.repeat(bytes - HEADER.length - 7)}</a>`
const headerAndStanza = (bytes: number): Buffer => Buffer.from(`${HEADER}<message>${'x'.repeat(bytes - 19)}</message>`)
const names = (count: number): string => Array.from({ length: count }, (_, at) => ` attribute${at}=''`).join('')

describe('each limit', () => {
  const limits: ScanLimits = {
    stanzaBytes: 1000,
    headerBytes: 400,
    depth: 5,
    attributes: 10,
    elements: 20,
    nameBytes: 16,
    namespaces: 8,
    totalBytes: 4000,
    totalElements: 50,
  }
  // What is just allowed, what is just too much, and the reason it ends for. The header declares two namespaces.
  const cases: Record<string, readonly [allowed: string, refused: string, reason: string]> = {
    stanzaBytes: [`<a>${'x'.repeat(993)}</a>`, `<a>${'x'.repeat(994)}</a>`, 'SP-601'],
    depth: [nested(5), nested(6), 'SP-602'],
    attributes: [`<a${attributes(10)}/>`, `<a${attributes(11)}/>`, 'SP-603'],
    elements: [`<a>${'<b/>'.repeat(19)}</a>`, `<a>${'<b/>'.repeat(20)}</a>`, 'SP-604'],
    nameBytes: [`<${'n'.repeat(16)} ${'m'.repeat(16)}=''/>`, `<a ${'m'.repeat(17)}=''/>`, 'SP-605'],
    namespaces: [`<a${declarations(6)}/>`, `<a${declarations(4)}><b${declarations(3)}/></a>`, 'SP-605'],
    totalBytes: [' '.repeat(4000 - HEADER.length), `${' '.repeat(4000 - HEADER.length)} `, 'SP-435'],
    totalElements: ['<b/>'.repeat(49), '<b/>'.repeat(50), 'SP-435'],
  }
  for (const [name, [allowed, refused, reason]] of Object.entries(cases)) {
    test(`on ${name} allows exactly so much, however it is cut`, () => {
      assert.equal(endOf(eventsEveryWay(HEADER + allowed, limits)), 'open')
      const last = eventsEveryWay(HEADER + refused, limits).at(-1)
      assert.ok(last?.kind === 'error')
      assert.deepEqual([last.condition, last.reason], ['policy-violation', reason])
    })
  }

  test('on headerBytes holds for the header and for the declaration', () => {
    assert.equal(endOf(eventsEveryWay(header(400), limits)), 'open')
    assert.equal(endOf(eventsEveryWay(header(401), limits)), 'policy-violation')
    assert.equal(endOf(eventsEveryWay(declaration(400) + header(400), limits)), 'open')
    assert.equal(endOf(eventsEveryWay(declaration(401) + header(400), limits)), 'policy-violation')
  })

  test('on an open element cuts it off before more is kept', () => {
    const scanner = new Scanner({ ...AFTER_AUTHENTICATION, stanzaBytes: 10_000 })
    scanner.push(Buffer.from(HEADER))
    scanner.next()
    scanner.push(Buffer.from('<message><body>'))
    let most = 0
    let end
    for (let sent = 0; sent < 1_000_000 && end === undefined; sent += 1000) {
      scanner.push(Buffer.alloc(1000, 'x'))
      end = scanner.next()
      most = Math.max(most, scanner.pending)
    }
    assert.ok(end?.kind === 'error')
    assert.equal(end.reason, 'SP-601')
    assert.ok(most <= 10_000, `${most} bytes were held`)
  })
})

describe('limits by default', () => {
  test('before authentication are 8 KiB and 32 elements in all', () => {
    const { totalBytes, totalElements, stanzaBytes } = BEFORE_AUTHENTICATION
    assert.deepEqual([totalBytes, totalElements, stanzaBytes], [8192, 32, 8192])
    assert.equal(endOf(eventsEveryWay(HEADER + '<a/>'.repeat(31), BEFORE_AUTHENTICATION)), 'open')
    assert.equal(endOf(eventsEveryWay(HEADER + '<a/>'.repeat(32), BEFORE_AUTHENTICATION)), 'policy-violation')
    assert.equal(endOf(eventsEveryWay(headerAndText(8192), BEFORE_AUTHENTICATION)), 'open')
    assert.equal(endOf(eventsEveryWay(`${headerAndText(8192)} `, BEFORE_AUTHENTICATION)), 'policy-violation')
  })

  test('before authentication are counted across restarts, and start anew when they are set', () => {
    for (const [set, end] of [
      [false, 'error'],
      [true, undefined],
    ] as const) {
      const scanner = new Scanner(BEFORE_AUTHENTICATION)
      scanner.push(Buffer.from(HEADER + '<a/>'.repeat(20)))
      while (scanner.next() !== undefined);
      scanner.restart()
      if (set) scanner.setLimits(BEFORE_AUTHENTICATION)
      scanner.push(Buffer.from(HEADER + '<a/>'.repeat(20)))
      let last
      for (let event = scanner.next(); event !== undefined; event = scanner.next()) last = event
      assert.equal(last?.kind === 'error' ? 'error' : undefined, end)
    }
  })

  test('after authentication let a stanza of 512 KiB through and no larger one', () => {
    for (const size of [1 << 20, 65_536, 1400]) {
      assert.equal(endOf(eventsOf(cut(headerAndStanza(524_288), size))), 'open')
      assert.equal(endOf(eventsOf(cut(headerAndStanza(524_289), size))), 'policy-violation')
    }
  })

  test('stop 200,000 nested elements at the limit on depth', () => {
    for (const limits of [BEFORE_AUTHENTICATION, AFTER_AUTHENTICATION]) {
      const events = eventsOf(cut(Buffer.from(HEADER + '<a>'.repeat(200_000)), 16_384), limits)
      const last = events.at(-1)
      assert.ok(last?.kind === 'error')
      assert.equal(last.reason, 'SP-602')
    }
  })
})

describe('work is linear in the bytes, whatever their shape', () => {
  const huge: ScanLimits = {
    ...AFTER_AUTHENTICATION,
    stanzaBytes: Infinity,
    depth: Infinity,
    attributes: Infinity,
    elements: Infinity,
    headerBytes: Infinity,
  }
  const prefixes = declarations(60)
  const shapes: Record<string, (size: number) => string> = {
    'one text': (n) => `<a>${'x'.repeat(n)}</a>`,
    'text beyond ASCII': (n) => `<a>${'é😀'.repeat(n / 6)}</a>`,
    'text of references': (n) => `<a>${'&#x41;'.repeat(n / 6)}</a>`,
    'one reference': (n) => `<a>&#${'0'.repeat(n)}65;</a>`,
    brackets: (n) => `<a>${']'.repeat(n)}</a>`,
    'one CDATA section': (n) => `<a><![CDATA[${']]x'.repeat(n / 3)}]]></a>`,
    'one attribute value': (n) => `<a b='${`"`.repeat(n)}'/>`,
    'attributes to the limit': (n) => `<a${names(64)}/>`.repeat(n / 1000),
    'attributes of one element': (n) => `<a${names(n / 7)}/>`,
    'attributes of one element, with a prefix': (n) => `<a xmlns:p='urn:x'${names(n / 9).replaceAll(' a', ' p:a')}/>`,
    'white space in a tag': (n) => `<a${' '.repeat(n)}/>`,
    'white space between stanzas': (n) => ' '.repeat(n),
    'tiny stanzas': (n) => '<a/>'.repeat(n / 4),
    'tiny elements': (n) => `<a>${'<b/>'.repeat(n / 4)}</a>`,
    'deep nesting': (n) => nested(n / 7),
    'prefixes at the bottom of the stack': (n) => `<a${prefixes}>${'<p0:a/>'.repeat(n / 7)}</a>`,
    'namespaces declared again and again': (n) => `<a xmlns='urn:x'/>`.repeat(n / 18),
    'text after a declaration': (n) => `<a b='${'x'.repeat(n / 2)}'>${'y'.repeat(n / 2)}</a>`,
  }
  const workOf = (input: string, size: number): number => {
    const scanner = new Scanner(huge)
    for (const chunk of cut(Buffer.from(HEADER + input + FOOTER), size)) {
      scanner.push(chunk)
      for (let event = scanner.next(); event !== undefined; event = scanner.next()) assert.notEqual(event.kind, 'error')
    }
    return scanner.work
  }
  for (const [name, shape] of Object.entries(shapes)) {
    test(name, () => {
      for (const [size, bytes] of [
        [1, 30_000],
        [100, 30_000],
        [16_384, 150_000],
      ] as const) {
        const small = workOf(shape(bytes), size)
        const large = workOf(shape(bytes * 4), size)
        assert.ok(large <= 4 * small * 1.3, `${large} is more than 4 times ${small} in chunks of ${size}`)
        // A byte costs a bounded number of steps: at most one comparison with each declaration or attribute allowed.
        assert.ok(large < bytes * 4 * 80, `${large} steps in chunks of ${size}`)
      }
    })
  }
})

test('every fault has a reason whose stream condition it is', () => {
  for (const { condition, reason } of Object.values(FAULTS)) {
    const entry: Reason = REASONS[reason]
    assert.equal(entry.stream, condition)
  }
})
