// JID escaping by the tables of XEP-0106, and names decorated by it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseAddress, prepareLocal } from '../../../src/xmpp/address.ts'
import { decorate, escapeLocal, undecorate, unescapeLocal } from '../../../src/xmpp/jid-escaping.ts'

/** XEP-0106 §4.2, §4.3, §7.1 and the examples of §5 and §7: what people see, and what is on the wire. */
const EXAMPLES = [
  [' x', undefined],
  ['x ', undefined],
  ['', undefined],
  ['a b', 'a\\20b'],
  ['"', '\\22'],
  ['&', '\\26'],
  ["'", '\\27'],
  ['/', '\\2f'],
  [':', '\\3a'],
  ['<', '\\3c'],
  ['>', '\\3e'],
  ['@', '\\40'],
  ['\\', '\\'],
  ['space cadet', 'space\\20cadet'],
  ['call me "ishmael"', 'call\\20me\\20\\22ishmael\\22'],
  ['at&t guy', 'at\\26t\\20guy'],
  ["d'artagnan", 'd\\27artagnan'],
  ['/.fanboy', '\\2f.fanboy'],
  ['::foo::', '\\3a\\3afoo\\3a\\3a'],
  ['<foo>', '\\3cfoo\\3e'],
  ['user@host', 'user\\40host'],
  ['c:\\net', 'c\\3a\\net'],
  ['c:\\\\net', 'c\\3a\\\\net'],
  ['c:\\cool stuff', 'c\\3a\\cool\\20stuff'],
  ['c:\\5commas', 'c\\3a\\5c5commas'],
  ["here's_a_wild_&_/cr%zy/_address", 'here\\27s_a_wild_\\26_\\2fcr%zy\\2f_address'],
  [
    'here\'s_a_wild_&_/cr%zy/_address_for:<wv>("IMPS")',
    'here\\27s_a_wild_\\26_\\2fcr%zy\\2f_address_for\\3a\\3cwv\\3e(\\22IMPS\\22)',
  ],
  ['\\3and\\2is\\5cool', '\\5c3and\\2is\\5c5cool'],
  ['\\2plus\\2is\\4', '\\2plus\\2is\\4'],
  ['foo\\bar', 'foo\\bar'],
  ['foob\\41r', 'foob\\41r'],
  ['\\27', '\\5c27'],
  ['\\5c', '\\5c5c'],
  ['\\2F', '\\2F'],
  ["o'neil d", 'o\\27neil\\20d'],
] as const

test('names are escaped and unescaped as the tables of the specification say', () => {
  for (const [name, local] of EXAMPLES) {
    assert.equal(escapeLocal(name), local, name)
    if (local !== undefined) assert.equal(unescapeLocal(local), name, local)
  }
})

/** Those that are escaped, those of which escapes are made, and some others. */
const CHARACTERS = [
  ' ',
  '"',
  '&',
  "'",
  '/',
  ':',
  '<',
  '>',
  '@',
  '\\',
  '2',
  '0',
  '7',
  'f',
  '3',
  'a',
  'c',
  'e',
  '4',
  '5',
  'b',
  'Z',
  'é',
]
const NAME = fc.array(fc.constantFrom(...CHARACTERS), { minLength: 1, maxLength: 30 }).map((chars) => chars.join(''))

test('any name comes back from its localpart, which has no character in it that none may have', () => {
  let escaped = 0
  fc.assert(
    fc.property(fc.oneof({ weight: 3, arbitrary: NAME }, fc.string({ unit: 'grapheme' })), (name) => {
      const local = escapeLocal(name)
      if (local === undefined) return assert.match(name, /^$|^ | $/)
      if (local !== name) escaped += 1
      assert.doesNotMatch(local, /[ "&'/:<>@]/)
      assert.equal(unescapeLocal(local), name)
    }),
    { numRuns: 2000 },
  )
  assert.ok(escaped > 1000, `${escaped}`)
})

/** Localpart and domain of a person, and the localpart by which they are known elsewhere. */
const DECORATED = [
  ['anna', 'example.org', 'anna\\40example.org'],
  ['space\\20cadet', 'example.org', 'space\\20cadet\\40example.org'],
  ['anna\\40inner.example', 'example.org', 'anna\\40inner.example\\40example.org'],
  ['anna\\', 'example.org', 'anna\\\\40example.org'],
  ['anna', 'xn--mnchen-3ya.example', 'anna\\40münchen.example'],
] as const

test('a decorated name is that of one person', () => {
  for (const [local, domain, name] of DECORATED) {
    assert.equal(decorate(local, domain), name)
    assert.deepEqual(undecorate(name), { local, domain })
    assert.equal(unescapeLocal(name).endsWith(`@${domain === 'example.org' ? domain : 'münchen.example'}`), true)
  }
  for (const name of ['anna', '\\40example.org', 'anna\\40', 'anna\\40-.example', 'anna\\40a_b', 'anna%example.org'])
    assert.equal(undecorate(name), undefined, name)
  assert.equal(decorate('x'.repeat(1020), 'example.org'), undefined, 'too long for a localpart')
})

test('whatever somebody is called, their decorated name is an address, leads back to them, and is no other’s', () => {
  let reached = 0
  const person = fc.tuple(NAME, fc.constantFrom('example.org', 'a.example', 'xn--mnchen-3ya.example'))
  fc.assert(
    fc.property(person, person, (one, other) => {
      const [first, second] = [one, other].map(([name, domain]) => {
        const local = prepareLocal(escapeLocal(name) ?? 'x')
        if (local === undefined) return undefined
        const decorated = decorate(local, domain)
        assert.ok(decorated !== undefined)
        assert.equal(parseAddress(`${decorated}@gw.example/r`)?.local, decorated)
        assert.deepEqual(undecorate(decorated), { local, domain })
        return { who: `${local}@${domain}`, decorated }
      })
      if (first === undefined || second === undefined) return
      reached += 1
      assert.equal(first.who === second.who, first.decorated === second.decorated)
    }),
    { numRuns: 1000 },
  )
  assert.ok(reached > 500, `${reached}`)
})
