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

test('the terms of an entry are one object, so that they may be kept', () => {
  assert.equal(LIST.terms('partner.example'), LIST.terms('x.labs.partner.example'))
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
