import assert from 'node:assert/strict'
import { test } from 'node:test'
import { standingOf } from '../../../../src/policy/conduct/standing.ts'
import { PartnerList } from '../../../../src/policy/partners.ts'
import { partner } from '../people.ts'

const LIST = new PartnerList([
  partner('partner.example', { alsoKnownAs: ['chat.partner.example', 'other.test'] }),
  partner('labs.example', { alsoKnownAs: ['*.labs.example'] }),
])

const TABLE: readonly (readonly [domain: string, standing: string])[] = [
  ['partner.example', 'partner.example'],
  ['chat.partner.example', 'partner.example'],
  ['other.test', 'partner.example'],
  ['labs.example', 'labs.example'],
  ['a.b.labs.example', 'labs.example'],
  ['evil.example', 'evil.example'],
  ['a.evil.example', 'evil.example'],
  ['x.b.evil.example', 'evil.example'],
  ['a.evil.co.uk', 'evil.co.uk'],
  ['evil.co.uk', 'evil.co.uk'],
  ['co.uk', 'co.uk'],
  ['ministry.gov.uk', 'ministry.gov.uk'],
  ['a.co.example', 'co.example'],
  ['a.evil.uk', 'evil.uk'],
  ['a.b.evil.kawasaki.jp', 'b.evil.kawasaki.jp'],
  ['a.city.kawasaki.jp', 'city.kawasaki.jp'],
  ['a.evil.xn--55qx5d.cn', 'evil.xn--55qx5d.cn'],
  // Whoever gives out names below a domain of its own is one.
  ['a.evil.github.io', 'github.io'],
  ['a.corp.internal', 'corp.internal'],
  ['localhost', 'localhost'],
  ['192.0.2.1', '192.0.2.1'],
  ['[2001:db8::1]', '[2001:db8::1]'],
  ['stranger.partner.example', '*.partner.example'],
  ['a.stranger.partner.example', '*.partner.example'],
  ['x.other.test', '*.other.test'],
]

for (const [domain, standing] of TABLE)
  test(`what ${domain} does is kept under ${standing}`, () => {
    assert.equal(standingOf(domain, LIST.terms(domain), LIST), standing)
  })
