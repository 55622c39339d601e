import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { isBelow, isIpLiteral, parseDomain, toUnicodeDomain } from '../../../src/xmpp/domain.ts'

type Row = readonly [string, string | undefined]

const label63 = 'a'.repeat(63)
const name253 = [label63, label63, label63, 'b'.repeat(61)].join('.')

const TABLE: Readonly<Record<string, readonly Row[]>> = {
  names: [
    ['example.com', 'example.com'],
    ['EXAMPLE.Com', 'example.com'],
    ['example.com.', 'example.com'],
    ['localhost', 'localhost'],
    ['a-b.c-d', 'a-b.c-d'],
    ['3com.example', '3com.example'],
    ['1.2.3.example', '1.2.3.example'],
    ['r3---sn.example', 'r3---sn.example'], // COMPAT: reserved, yet in use
    ['x.y4', 'x.y4'],
  ],
  'no names': [
    ['', undefined],
    ['.', undefined],
    ['..', undefined],
    ['a..b', undefined],
    ['.a', undefined],
    ['a.b..', undefined],
    ['-a.b', undefined],
    ['a-.b', undefined],
    ['a.-b', undefined],
    ['a.b-', undefined],
    ['a_b.c', undefined],
    ['a b', undefined],
    ['a\tb', undefined],
    ['a/b', undefined],
    ['a@b', undefined],
    ['a:5269', undefined],
    ['%61.example', undefined],
    ['a\\b', undefined],
    ['*.a', undefined],
    ['a\u0000', undefined],
    ['a?b', undefined],
    ['a#b', undefined],
    [' a', undefined],
    ['a\n', undefined],
    ['\uD800.example', undefined],
  ],
  lengths: [
    [`${label63}.example`, `${label63}.example`],
    [`${label63}a.example`, undefined],
    [name253, name253],
    [`${name253}.`, name253],
    [`${name253}c`, undefined],
    ['\u00E9'.repeat(56), 'xn--9ca' + 'a'.repeat(55)],
    ['\u00E9'.repeat(70), undefined],
    [Array.from({ length: 50 }, () => '\u00E9\u00E9').join('.'), undefined],
    ['\u00E9'.repeat(100_000), undefined],
  ],
  'addresses in place of names': [
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1.', '192.0.2.1'],
    ['[2001:DB8:0:0::1]', '[2001:db8::1]'],
    ['[::ffff:192.0.2.1]', '[::ffff:c000:201]'],
    ['[::1].', '[::1]'],
  ],
  'no addresses': [
    ['192.0.2.256', undefined],
    ['192.0.2', undefined],
    ['192.0.2.1.1', undefined],
    ['192.0.2.01', undefined],
    ['127.1', undefined],
    ['2130706433', undefined],
    ['0x7f000001', undefined],
    ['127.0.0.0x1', undefined],
    ['0X7F.1', undefined],
    ['a.0x', undefined],
    ['example.1', undefined],
    ['a.08', undefined],
    ['2001:db8::1', undefined],
    ['[2001:db8::1', undefined],
    ['[::1]:5269', undefined],
    ['[::1]a', undefined],
    ['[]', undefined],
    ['[192.0.2.1]', undefined],
    ['[fe80::1%25eth0]', undefined],
    ['[v1.fe]', undefined],
    ['[::g]', undefined],
    ['[::1]/', undefined],
    ['a[::1]', undefined],
    ['\uFF11\uFF12\uFF17.1', undefined],
    ['\uFF11\uFF12\uFF17.0.0.1', undefined],
    ['\u2460.1', undefined],
  ],
  'internationalised names': [
    ['fa\u00DF.example', 'xn--fa-hia.example'], // IDNA2008, not "fass"
    ['xn--fa-hia.example', 'xn--fa-hia.example'],
    ['XN--FA-HIA.Example', 'xn--fa-hia.example'],
    ['\u03C2.example', 'xn--3xa.example'],
    ['B\u00FCcher.example', 'xn--bcher-kva.example'],
    ['bu\u0308cher.example', 'xn--bcher-kva.example'],
    ['\uFF45xample.com', 'example.com'],
    ['a\u3002b', 'a.b'],
    ['a\u3002b\u3002', 'a.b'],
    ['\u05D0\u05D1.example', 'xn--4dbc.example'],
    ['l\u00B7l.example', 'xn--ll-0ea.example'],
    ['\u0915\u094D\u200D\u0937.example', 'xn--11b2ezcw70k.example'],
    ['\u30A2\u30FB\u30A2.example', 'xn--ccka0y.example'],
  ],
  'no internationalised names': [
    ['\u2603.example', undefined], // a symbol
    ['xn--n3h.example', undefined],
    ['\u{1F600}.example', undefined],
    ['xn--zzzz.example', undefined], // decodes to nothing
    ['xn--a.example', undefined],
    ['xn--.example', undefined],
    ['xn--a-.example', undefined],
    ['xn--fa-HIA\u00DF.example', undefined],
    ['xn--strasse-.example', undefined],
    ['a\u00B7b.example', undefined],
    ['a\u30FBb.example', undefined],
    ['a\u200Db.example', undefined],
    ['\u0301a.example', undefined],
    ['a\u05D0.example', undefined],
    ['9abc.\u05D0\u05D1', undefined], // RFC 5893: beside a right-to-left label
    ['ab--\u00E9.example', undefined],
    ['-\u00E9.example', undefined],
    ['\u00E9-.example', undefined],
    ['a\u20D0.example', undefined], // RFC 5892 §2.4
    ['\u0378.example', undefined],
    ['\u2488com.example', undefined], // "1." by mapping
    ['\u2100.example', undefined], // "a/c" by mapping
  ],
}

for (const [name, rows] of Object.entries(TABLE)) {
  test(name, async (t) => {
    for (const [text, expected] of rows) {
      await t.test(text.length > 80 ? `${text.slice(0, 20)}… (${text.length})` : JSON.stringify(text), () => {
        assert.equal(parseDomain(text), expected)
      })
    }
  })
}

test('a canonical domain is shown with U-labels, and read back from them', async (t) => {
  const table: readonly Row[] = [
    ['example.com', 'example.com'],
    ['xn--fa-hia.example', 'fa\u00DF.example'],
    ['a.xn--4dbc.example', 'a.\u05D0\u05D1.example'],
    ['[2001:db8::1]', '[2001:db8::1]'],
    ['192.0.2.1', '192.0.2.1'],
    ['notxn--fa-hia.example', 'notxn--fa-hia.example'],
    ['xn--zzzz.example', 'xn--zzzz.example'], // not canonical: shown as it is
  ]
  for (const [domain, shown] of table) await t.test(domain, () => assert.equal(toUnicodeDomain(domain), shown))
})

test('below is further down in the tree of names', () => {
  assert.equal(isBelow('a.example', 'example'), true)
  assert.equal(isBelow('b.a.example', 'example'), true)
  assert.equal(isBelow('example', 'example'), false)
  assert.equal(isBelow('aexample', 'example'), false)
  assert.equal(isBelow('.example', 'example'), false)
  assert.equal(isBelow('example', 'a.example'), false)
})

test('IP literals are told from names', () => {
  assert.equal(isIpLiteral('[::1]'), true)
  assert.equal(isIpLiteral('192.0.2.1'), true)
  assert.equal(isIpLiteral('192.0.2.1.example'), false)
  assert.equal(isIpLiteral('example'), false)
})

test('any text is a domain or is none; a canonical one stays, in either form', () => {
  const label = fc.oneof(
    fc.domain(),
    fc.string({ unit: 'binary', maxLength: 5 }),
    fc.string({
      unit: fc.constantFrom(...Array.from('aZ0-\u00DF\u00E9\u03C2\u05D0\u0661\u3042\u4E00\u200C\u094D\u0915')),
      minLength: 1,
      maxLength: 6,
    }),
    fc.string({ unit: fc.constantFrom(...Array.from('az09-')), maxLength: 8 }).map((tail) => `xn--${tail}`),
    fc.ipV4(),
    fc.ipV6().map((address) => `[${address}]`),
  )
  let read = 0
  let international = 0
  fc.assert(
    fc.property(fc.array(label, { minLength: 1, maxLength: 3 }), (labels) => {
      const domain = parseDomain(labels.join('.'))
      if (domain === undefined) return
      read++
      if (domain.includes('xn--')) international++
      assert.equal(parseDomain(domain), domain)
      assert.equal(parseDomain(toUnicodeDomain(domain)), domain)
      assert.match(domain, /^[a-z0-9.:[\]-]{1,253}$/)
    }),
    { numRuns: 20_000 },
  )
  assert.ok(read > 2000 && international > 300, `reached only ${read} domains, ${international} of them international`)
})
