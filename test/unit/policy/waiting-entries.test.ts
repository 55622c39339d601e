import assert from 'node:assert/strict'
import { test } from 'node:test'
import { admissionByTerms } from '../../../src/policy/admission.ts'
import type { FederationMode, Partner } from '../../../src/policy/partner.ts'
import { PartnerList } from '../../../src/policy/partners.ts'
import { waitingIn, whileWaiting } from '../../../src/policy/waiting-entries.ts'
import { NOW, partner } from './people.ts'

const blocked = (domain: string, changes: Partial<Partner> = {}) => partner(domain, { status: 'blocked', ...changes })
const A = 'a.example'
const ALSO = { alsoKnownAs: ['b.example'] }

const TABLE: readonly (readonly [
  name: string,
  before: readonly Partner[],
  wanted: readonly Partner[],
  names: Readonly<Record<string, string | undefined>>,
  mode?: FederationMode,
])[] = [
  ['a new entry', [], [partner(A)], { [A]: 'SP-842' }],
  ['a new entry that is blocked', [], [blocked(A)], { [A]: 'SP-102' }],
  [
    'a new entry under a wildcard',
    [partner('x.example', { alsoKnownAs: ['*.x.example'] })],
    [partner('x.example', { alsoKnownAs: ['*.x.example'] }), partner('n.x.example', ALSO)],
    { 'n.x.example': undefined, 'b.example': 'SP-842' },
  ],
  ['a new entry of a stranger who is let in', [], [partner(A)], { [A]: undefined }, 'open'],
  ['a new entry of a stranger who waits', [], [partner(A)], { [A]: 'SP-842' }, 'ask'],
  ['a block of an entry', [partner(A)], [blocked(A)], { [A]: 'SP-102' }],
  [
    'a block of an entry that has lost a name',
    [partner(A, ALSO)],
    [blocked(A)],
    { [A]: 'SP-102', 'b.example': 'SP-102' },
    'open',
  ],
  ['an end of a block', [blocked(A)], [partner(A)], { [A]: 'SP-102' }],
  ['a block that is taken out', [blocked(A)], [], { [A]: 'SP-102' }, 'open'],
  ['an entry that is taken out', [partner(A, ALSO)], [], { [A]: 'SP-842', 'b.example': 'SP-842' }, 'open'],
  [
    'an entry under another name',
    [partner(A)],
    [partner('c.example', { alsoKnownAs: [A] })],
    { [A]: undefined, 'c.example': 'SP-842' },
  ],
  ['a further name', [partner(A)], [partner(A, ALSO)], { [A]: undefined, 'b.example': 'SP-101' }],
  [
    'a name that moves to one that is blocked',
    [partner(A, ALSO)],
    [partner(A), blocked('b.example')],
    { [A]: undefined, 'b.example': 'SP-102' },
  ],
  [
    'a name that moves out of one that is blocked',
    [blocked(A, ALSO)],
    [blocked(A), partner('b.example')],
    { [A]: 'SP-102', 'b.example': 'SP-102' },
  ],
  ['a name that is taken out', [partner(A, ALSO)], [partner(A)], { [A]: undefined, 'b.example': 'SP-842' }, 'open'],
  [
    'a wildcard that is taken out, but for one name',
    [partner(A, { alsoKnownAs: ['*.a.example'] })],
    [partner(A, { alsoKnownAs: ['n.a.example'] })],
    { [A]: undefined, 'x.a.example': 'SP-842' },
  ],
  [
    'an entry of which one name moves and one is gone',
    [partner(A, ALSO)],
    [partner('c.example', { alsoKnownAs: ['b.example'] })],
    { [A]: 'SP-842', 'b.example': undefined },
  ],
  [
    'a name that moves to one that is past its last day',
    [partner(A)],
    [partner('c.example', { alsoKnownAs: [A], expires: '2020-01-01' })],
    { [A]: 'SP-842' },
  ],
  ['a last day that has come', [partner(A)], [partner(A, { expires: '2020-01-01' })], { [A]: 'SP-105' }],
  ['a last day that is put off', [partner(A, { expires: '2020-01-01' })], [partner(A)], { [A]: 'SP-105' }],
]

for (const [name, before, wanted, names, mode = 'closed'] of TABLE)
  test(`while settings wait, ${name}: ${JSON.stringify(names)}`, () => {
    const circumstances = { mode, now: NOW }
    const list = new PartnerList(whileWaiting(before, wanted, circumstances))
    for (const [domain, reason] of Object.entries(names))
      assert.equal(admissionByTerms(list.terms(domain), circumstances), reason, domain)
  })

test('what has changed of an entry counts as it was, and those that wait are named', () => {
  const [before, wanted] = [
    [partner(A), partner('same.example')],
    [
      partner(A, { tags: ['board'], policy: 'lax' }),
      partner('same.example'),
      partner('new.example'),
      blocked('bad.example'),
    ],
  ]
  const inForce = whileWaiting(before, wanted, { mode: 'closed', now: NOW })
  const terms = new PartnerList(inForce).terms(A)
  assert.deepEqual([terms?.tags, terms?.policy], [[], 'default'])
  assert.deepEqual(waitingIn(inForce, wanted), [A, 'new.example'])
  assert.deepEqual(waitingIn(wanted, wanted), [])
})

test('a domain that a provider no longer serves is not served while settings wait', () => {
  const before = [partner(A, { decorates: ['x.example', 'y.example'] })]
  const wanted = [partner(A, { decorates: ['y.example'] }), partner('x.example', { status: 'suspended' })]
  const list = new PartnerList(whileWaiting(before, wanted, { mode: 'closed', now: NOW }))
  assert.deepEqual([list.behind('x.example'), list.behind('y.example')], [undefined, A])
  assert.equal(admissionByTerms(list.terms('x.example'), { mode: 'closed', now: NOW }), 'SP-103')
})
