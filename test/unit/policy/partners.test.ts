import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PartnerList, termsOf } from '../../../src/policy/partners.ts'
import { partner } from './people.ts'

const LIST = new PartnerList([
  partner('partner.example', { alsoKnownAs: ['conference.partner.example', '*.labs.partner.example'] }),
  partner('deep.labs.partner.example', { status: 'blocked' }),
  partner('wide.example', { alsoKnownAs: ['*.wide.example'] }),
  partner('narrow.example', { alsoKnownAs: ['*.sub.wide.example'] }),
  partner('late.example', { alsoKnownAs: ['wide.example'] }),
])

/** Names of entries, `!` before those that are blocked; who asks; the entry and the name that decide. */
const PRECEDENCE: readonly (readonly [string, readonly (readonly string[])[], string, string | undefined])[] = [
  [
    'a block of the domain wins over an alias that allows it',
    [['a.example', 'b.example'], ['!b.example']],
    'b.example',
    '!b.example by b.example',
  ],
  ['also where it stands first', [['!b.example'], ['a.example', 'b.example']], 'b.example', '!b.example by b.example'],
  [
    'an alias that blocks wins over the domain that is allowed',
    [['b.example'], ['!a.example', 'b.example']],
    'b.example',
    '!a.example by b.example',
  ],
  [
    'a block of the name wins over every wildcard',
    [['a.example', '*.example'], ['!x.example']],
    'x.example',
    '!x.example by x.example',
  ],
  [
    'a name that is allowed wins over a blocked wildcard',
    [['!bad.example', '*.bad.example'], ['good.bad.example']],
    'good.bad.example',
    'good.bad.example by good.bad.example',
  ],
  [
    'so does an alias',
    [
      ['!bad.example', '*.bad.example'],
      ['a.example', 'good.bad.example'],
    ],
    'good.bad.example',
    'a.example by good.bad.example',
  ],
  [
    'a longer wildcard that allows wins over a shorter that blocks',
    [
      ['!bad.example', '*.bad.example'],
      ['a.example', '*.good.bad.example'],
    ],
    'x.good.bad.example',
    'a.example by *.good.bad.example',
  ],
  [
    'a longer wildcard that blocks wins over a shorter that allows',
    [
      ['a.example', '*.a.example'],
      ['!labs.a.example', '*.labs.a.example'],
    ],
    'x.labs.a.example',
    '!labs.a.example by *.labs.a.example',
  ],
  [
    'what a block does not name stays with the shorter one',
    [
      ['a.example', '*.a.example'],
      ['!labs.a.example', '*.labs.a.example'],
    ],
    'x.a.example',
    'a.example by *.a.example',
  ],
  [
    'of two with one wildcard the blocked one decides',
    [
      ['a.example', '*.x.example'],
      ['!b.example', '*.x.example'],
    ],
    'y.x.example',
    '!b.example by *.x.example',
  ],
  ['a wildcard is not its own domain', [['!a.example', '*.x.example']], 'x.example', undefined],
]

test('a name over wildcards, a block over the same name, the longest wildcard over others', async (t) => {
  for (const [rule, entries, domain, expected] of PRECEDENCE) {
    await t.test(rule, () => {
      const list = new PartnerList(
        entries.map(([first = '', ...alsoKnownAs]) =>
          partner(first.replace('!', ''), { alsoKnownAs, status: first.startsWith('!') ? 'blocked' : 'allowed' }),
        ),
      )
      const terms = list.terms(domain)
      const said = terms && `${terms.status === 'blocked' ? '!' : ''}${terms.domain} by ${terms.matched}`
      assert.equal(said, expected)
      assert.equal(list.find(domain)?.domain, terms?.domain)
    })
  }
})

test('a domain stands under the entry that names it most closely', async (t) => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ['partner.example', 'partner.example'],
    ['conference.partner.example', 'partner.example'],
    ['x.labs.partner.example', 'partner.example'],
    ['x.y.labs.partner.example', 'partner.example'],
    ['deep.labs.partner.example', 'deep.labs.partner.example'], // the exact name wins
    ['a.sub.wide.example', 'narrow.example'], // the longer wildcard wins
    ['a.wide.example', 'wide.example'],
    ['sub.wide.example', 'wide.example'],
    ['wide.example', 'wide.example'], // of two entries the first
    ['labs.partner.example', undefined], // a wildcard does not match its own parent
    ['other.partner.example', undefined],
    ['notpartner.example', undefined],
    ['xlabs.partner.example', undefined],
    ['example', undefined],
    ['', undefined],
    ['[2001:db8::1]', undefined],
    ['constructor', undefined],
    ['__proto__', undefined],
  ]
  for (const [domain, expected] of table) {
    await t.test(`${domain} → ${expected ?? 'nobody'}`, () => {
      assert.equal(LIST.find(domain)?.domain, expected)
      assert.equal(LIST.terms(domain)?.domain, expected)
    })
  }
})

test('the terms of a name are one object, so that they may be kept', () => {
  assert.equal(LIST.terms('y.labs.partner.example'), LIST.terms('x.labs.partner.example'))
  assert.equal(LIST.terms('y.labs.partner.example')?.matched, '*.labs.partner.example')
})

test('the terms have what rules find entries by', () => {
  const { class: kind, tags } = termsOf(partner('a.example', { class: 'coalition', tags: ['aurora'] }))
  assert.deepEqual([kind, tags], ['coalition', ['aurora']])
})

test('an entry ends with the last moment of its last day, UTC', async (t) => {
  const table: readonly (readonly [string | undefined, number | undefined])[] = [
    [undefined, undefined],
    ['2026-06-15', Date.UTC(2026, 5, 16)],
    ['2024-02-29', Date.UTC(2024, 2, 1)],
    ['next year', 0], // what is no date ends at once
    ['2026-13-01', 0],
    ['2026-6-1', 0],
  ]
  for (const [expires, endsAt] of table) {
    await t.test(`${expires}`, () => assert.equal(termsOf(partner('a.example', { expires })).endsAt, endsAt))
  }
})
