import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  bareAddress,
  formatAddress,
  isPlainlyAt,
  parseAddress,
  parsePlainAddress,
  prepareLocal,
  prepareResource,
} from '../../../src/xmpp/address.ts'

// [text, canonical form], RFC 7622 §3.5 table 1.
const RFC7622_VALID: readonly (readonly [string, string])[] = [
  ['juliet@example.com', 'juliet@example.com'],
  ['juliet@example.com/foo', 'juliet@example.com/foo'],
  ['juliet@example.com/foo bar', 'juliet@example.com/foo bar'],
  ['juliet@example.com/foo@bar', 'juliet@example.com/foo@bar'],
  ['foo\\20bar@example.com', 'foo\\20bar@example.com'],
  ['fussball@example.com', 'fussball@example.com'],
  ['fu\u00DFball@example.com', 'fu\u00DFball@example.com'],
  ['\u03C0@example.com', '\u03C0@example.com'],
  ['\u03A3@example.com/foo', '\u03C3@example.com/foo'],
  ['\u03C3@example.com/foo', '\u03C3@example.com/foo'],
  ['\u03C2@example.com/foo', '\u03C2@example.com/foo'],
  ['king@example.com/\u265A', 'king@example.com/\u265A'],
  ['example.com', 'example.com'],
  ['example.com/foobar', 'example.com/foobar'],
  ['a.example.com/b@example.net', 'a.example.com/b@example.net'],
]

test('the valid addresses of RFC 7622 are read', async (t) => {
  for (const [text, canonical] of RFC7622_VALID) {
    await t.test(text, () => assert.equal(format(text), canonical))
  }
})

test('the invalid addresses of RFC 7622 are none, unless a peer of RFC 6122 may send them', async (t) => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ['"juliet"@example.com', undefined],
    ['foo bar@example.com', undefined],
    ['@example.com/', undefined],
    ['juliet@', undefined],
    ['/foobar', undefined],
    // OpaqueString has nothing against spaces; the table contradicts the rule, and peers send them.
    ['juliet@example.com/ foo', 'juliet@example.com/ foo'],
    // COMPAT: Nodeprep allows symbols, and maps compatibility characters (stringprep.ts).
    ['\u265A@example.com', '\u265A@example.com'],
    ['henry\u2163@example.com', 'henryiv@example.com'],
  ]
  for (const [text, expected] of table) await t.test(text, () => assert.equal(format(text), expected))
})

test('an address is split at the first slash, then at the first at sign', async (t) => {
  const table: readonly (readonly [string, readonly (string | undefined)[] | undefined])[] = [
    ['a@b', ['a', 'b', undefined]],
    ['b', [undefined, 'b', undefined]],
    ['b/c', [undefined, 'b', 'c']],
    ['b/c@d', [undefined, 'b', 'c@d']],
    ['b/c/d', [undefined, 'b', 'c/d']],
    ['a@b//', ['a', 'b', '/']],
    ['a@b@c', undefined],
    ['@b', undefined],
    ['a@', undefined],
    ['a@/c', undefined],
    ['b/', undefined],
    ['a@b/', undefined],
    ['', undefined],
    ['/', undefined],
    ['@', undefined],
    ['@/', undefined],
    [' a@b', undefined],
    ['a@b ', undefined],
    ['a @b', undefined],
  ]
  for (const [text, expected] of table) {
    await t.test(JSON.stringify(text), () => {
      const address = parseAddress(text)
      assert.deepEqual(address && [address.local, address.domain, address.resource], expected)
    })
  }
})

test('what is plainly at a domain is what reads as itself, at that domain', () => {
  const text = fc.tuple(
    fc.constantFrom(
      '',
      'a@',
      'Bob@',
      'a b@',
      "a'b@",
      'a@b@',
      '@',
      'é@',
      `${'x'.repeat(1023)}@`,
      `${'x'.repeat(1024)}@`,
    ),
    fc.constantFrom('b.example', 'B.example', 'b.example.', 'c.example', '[::1]', ''),
    fc.constantFrom('', '/', '/r', '/R @b.example', '/\u0000', '/\uFF21', `/${'x'.repeat(1024)}`, 'x'),
  )
  let plain = 0
  fc.assert(
    fc.property(text, fc.constantFrom('b.example', '[::1]'), (parts, domain) => {
      const wire = parts.join('')
      const address = parseAddress(wire)
      const reads = address?.domain === domain && formatAddress(address) === wire
      if (!isPlainlyAt(wire, domain)) return
      plain += 1
      assert.ok(reads, JSON.stringify(wire))
    }),
    { numRuns: 5000 },
  )
  assert.ok(plain > 40, `${plain} were`)
  for (const wire of ['b.example', 'a@b.example', 'b.example/R', 'a@b.example/R @b']) {
    assert.ok(isPlainlyAt(wire, 'b.example'), wire)
  }
})

test('two spellings of one address are equal', async (t) => {
  const table: readonly (readonly [string, string])[] = [
    ['A@B.example', 'a@b.example'],
    ['a@b.example.', 'a@b.example'],
    ['e\u0301@b', '\u00E9@b'], // decomposed
    ['\uFF21\uFF22@b', 'ab@b'], // full width
    ['b/e\u0301', 'b/\u00E9'],
    ['b/a\u00A0b', 'b/a b'], // any space is a space
    ['b/a\u3000b', 'b/a b'],
    ['a@FA\u00DF.example', 'a@xn--fa-hia.example'],
    ['a@[2001:DB8::0:1]', 'a@[2001:db8::1]'],
  ]
  for (const [text, same] of table) await t.test(text, () => assert.equal(format(text), same))
})

test('case and width matter in a resource', () => {
  assert.equal(format('b/Re'), 'b/Re')
  assert.equal(format('b/\uFF21'), 'b/\uFF21')
})

test('the characters that RFC 7622 excludes from localparts are refused, also when they appear by mapping', async (t) => {
  for (const char of ['"', '&', "'", '/', ':', '<', '>', '@', ' ', '\u0000', '\u007F', '\uFF06', '\uFF20', '\u2100']) {
    await t.test(JSON.stringify(char), () => assert.equal(prepareLocal(`a${char}b`), undefined))
  }
})

test('a part has 1 to 1023 bytes, after it has been mapped', async (t) => {
  const table: readonly (readonly [string, (text: string) => string | undefined, string, boolean])[] = [
    ['ASCII localpart', prepareLocal, 'a'.repeat(1023), true],
    ['ASCII localpart, too long', prepareLocal, 'a'.repeat(1024), false],
    ['upper case, too long', prepareLocal, 'A'.repeat(1024), false],
    ['two bytes each', prepareLocal, '\u00E9'.repeat(511), true],
    ['two bytes each, too long', prepareLocal, '\u00E9'.repeat(512), false],
    ['composed to two bytes each', prepareLocal, 'e\u0301'.repeat(511), true],
    ['resource', prepareResource, ' '.repeat(1023), true],
    ['resource, too long', prepareResource, ' '.repeat(1024), false],
    ['four bytes each', prepareResource, '\u{1F600}'.repeat(255), true],
    ['four bytes each, too long', prepareResource, '\u{1F600}'.repeat(256), false],
    ['nothing left after mapping', prepareResource, '\u200B', false],
    ['no localpart', prepareLocal, '', false],
    ['no resource', prepareResource, '', false],
  ]
  for (const [name, prepare, text, fits] of table)
    await t.test(name, () => assert.equal(prepare(text) !== undefined, fits))
})

test('a megabyte is no address', () => {
  for (const char of ['a', '@', '/', '.', '\u0301', '\u05D0\u05B0', '\u200C']) {
    assert.equal(parseAddress(char.repeat(1 << 20)), undefined)
    assert.equal(parseAddress(`a@b/${char.repeat(1 << 20)}`), undefined)
  }
})

// COMPAT: peers of RFC 6122 (Prosody 0.12, ejabberd 23.01) prepare addresses by stringprep, which allows all these.
test('what stringprep allows is tolerated as stringprep maps it', async (t) => {
  const table: readonly (readonly [string, string, string])[] = [
    ['symbols in a localpart', 'i\u2665u@b', 'i\u2665u@b'],
    ['emoji in a localpart', '\u{1F600}@b', '\u{1F600}@b'],
    ['compatibility characters in a localpart', '\uFB01sh\u00B2@b', 'fish2@b'],
    ['a soft hyphen in a localpart', 'so\u00ADft@b', 'soft@b'],
    ['punctuation in a localpart', 'o\u2019neil@b', 'o\u2019neil@b'],
    ['emoji with a variation selector', 'b/\u2764\uFE0F', 'b/\u2764'],
    ['emoji joined to one', 'b/\u{1F469}\u200D\u{1F4BB}', 'b/\u{1F469}\u{1F4BB}'],
    ['a middle dot without l', 'b/foo\u00B7bar', 'b/foo\u00B7bar'],
    ['a tatweel', 'b/\u0639\u0640\u0639', 'b/\u0639\u0640\u0639'],
    ['a zero-width space', 'b/a\u200Bb', 'b/ab'],
    ['a katakana middle dot alone', 'b/a\u30FBb', 'b/a\u30FBb'],
  ]
  for (const [name, text, expected] of table) await t.test(name, () => assert.equal(format(text), expected))
})

test('what both RFCs forbid is refused', async (t) => {
  const table: readonly (readonly [string, string])[] = [
    ['a bidi isolate', 'b/a\u2067b'],
    ['a bidi override', 'b/a\u202Eb'],
    ['a line separator', 'b/a\u2028b'],
    ['a control character', 'b/a\u0007b'],
    ['a C1 control character', 'b/a\u0085b'],
    ['a private character', 'b/a\uE000b'],
    ['a lone surrogate', 'b/a\uD800b'],
    ['a noncharacter', 'b/a\uFDD0b'],
    ['an unassigned character', 'b/a\u0378b'],
    ['a replacement character', 'b/\uFFFC\u00AD'],
    ['a tag', 'b/\u{1F3F4}\u{E0067}\u{E007F}'],
    ['a space by mapping in a localpart', 'a\u3000b@c'],
    ['mixed directions in a localpart', 'a\u05D0@c'],
  ]
  for (const [name, text] of table) await t.test(name, () => assert.equal(format(text), undefined))
})

const awkward = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      ...Array.from(
        'aA1@/.:[]- \\\u00DF\u0130\u03A3\u0301\u0345\u00B7\u0375\u05D0\u0661\u06F1\u200C\u200D\uFE0F\u30FB\uFF21\uFF0E\u3002\u2163\u265A\u1E9E\u212B\uAC00\u1100\u1161\u0F73\uD800',
      ),
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 12,
})
const addressLike = fc
  .tuple(
    fc.oneof(fc.constantFrom('juliet', 'J\u00FCliet'), awkward),
    fc.oneof(fc.constantFrom('b', 'fa\u00DF.example', 'EXAMPLE.com.'), awkward),
    awkward,
  )
  .map(([local, domain, resource]) => `${local}@${domain}/${resource}`)

// [text, what it vouches for]
const PLAIN: readonly (readonly [string, string | undefined])[] = [
  ['juliet@example.com', 'juliet@example.com'],
  ['JULIET@Example.COM', 'juliet@example.com'],
  ['\uFF2Auliet@example.com', 'juliet@example.com'],
  ['\u00C9lo\u00EFse@example.com', '\u00E9lo\u00EFse@example.com'],
  ['E\u0301loi\u0308se@example.com', '\u00E9lo\u00EFse@example.com'],
  ['juliet@B\u00FCcher.example', 'juliet@xn--bcher-kva.example'],
  ['juliet@XN--BCHER-KVA.example', 'juliet@xn--bcher-kva.example'],
  ['example.com', undefined],
  ['juliet@example.com/balcony', undefined],
  // Taken for another by compatibility, by case, or because nothing is seen.
  ['\u00ADjuliet@example.com', undefined],
  ['ju\u200Dliet@example.com', undefined],
  ['\u{1D4BF}uliet@example.com', undefined],
  ['\u212Aelvin@example.com', undefined],
  ['\uFB01ona@example.com', undefined],
  ['romeo@example\u3002com', undefined],
  ['romeo@ex\u00ADample.com', undefined],
  ['romeo@example.com.', undefined],
  // Which peers of RFC 6122 take for another: strasse, sofosi (in Greek), and without the joiner.
  ['stra\u00DFe@example.com', undefined],
  ['\u03C3\u03C9\u03C6\u03CC\u03C2@example.com', undefined],
  ['\u1FB3@example.com', undefined],
  ['\u0915\u094D\u200D\u0937@example.com', undefined],
]

for (const [text, address] of PLAIN)
  test(`${JSON.stringify(text)} vouches for ${address ?? 'nobody'}`, () => {
    const read = parsePlainAddress(text)
    assert.equal(read && formatAddress(read), address)
  })

test('no character but those of ASCII in another width or case vouches for one of ASCII', () => {
  let plain = 0
  for (let code = 0x80; code < 0x30000; code++) {
    const local = parsePlainAddress(`a${String.fromCodePoint(code)}b@x.test`)?.local
    if (local === undefined) continue
    plain++
    const isWide = code >= 0xff01 && code <= 0xff5e
    assert.ok(isWide || !/^[ -~]*$/.test(local), `${code.toString(16)} becomes ${local}`)
  }
  assert.ok(plain > 50_000, `only ${plain}`)
})

test('any text is an address or is none, and a canonical form is read as itself', () => {
  let read = 0
  let tolerated = 0
  fc.assert(
    fc.property(fc.oneof(addressLike, awkward), (text) => {
      const address = parseAddress(text)
      if (address === undefined) return
      read++
      if (formatAddress(address) !== text) tolerated++
      assert.deepEqual(parseAddress(formatAddress(address)), address)
      assert.ok(parseAddress(bareAddress(address)))
    }),
    { numRuns: 20_000 },
  )
  assert.ok(read > 500 && tolerated > 200, `reached only ${read} addresses, ${tolerated} of them mapped`)
})

test('preparing a part again changes nothing', () => {
  let read = 0
  const char = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })
  const part = fc.oneof(
    awkward,
    fc.tuple(char, char).map(([a, b]) => a + b),
    fc.string({ unit: 'grapheme', maxLength: 6 }),
  )
  for (const prepare of [prepareLocal, prepareResource]) {
    fc.assert(
      fc.property(part, (text) => {
        const prepared = prepare(text)
        if (prepared === undefined) return
        read++
        assert.equal(prepare(prepared), prepared)
        assert.ok(prepared.isWellFormed() && prepared === prepared.normalize('NFC'))
      }),
      { numRuns: 10_000 },
    )
  }
  assert.ok(read > 2000, `only ${read}`)
})

function format(text: string): string | undefined {
  const address = parseAddress(text)
  return address && formatAddress(address)
}
