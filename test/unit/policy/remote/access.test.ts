// Who may log in, from where and when: the answers as a table, and the rules that must hold for any policy.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { NO_POLICY } from '../../../../src/config/policy-schema.ts'
import { networkSet } from '../../../../src/config/values.ts'
import { Access, type Question } from '../../../../src/policy/remote/access.ts'
import type { Grant, Policy } from '../../../../src/policy/remote/grants.ts'

const NOON = Date.parse('2026-03-02T12:00:00Z') // A Monday.

const grant = (over: Partial<Grant>): Grant => ({
  ...{ to: 'everyone', networks: [], certificate: 'optional', sessions: 3, hours: undefined },
  ...over,
})
const policy = (grants: readonly Grant[], block: readonly string[] = []): Policy => ({
  groups: {
    staff: ['anna@corp.example', 'ben@corp.example'],
    leavers: ['ben@corp.example'],
    team: ['ross@corp.example'],
  },
  directories: [],
  remote: { block, grants },
  whom: { walls: [], policies: {} },
})
const ask = (of: Policy, over: Partial<Question> = {}) =>
  new Access(of, networkSet).ask({
    ...{ user: 'anna@corp.example', address: '192.0.2.7', certificate: false, now: NOON },
    ...over,
  })

const VPN = ['10.0.0.0/8', '2001:db8::/32']
const WEEKDAYS = { days: [0, 1, 2, 3, 4], from: 7 * 60, to: 19 * 60 }
const cleo = { user: 'cleo@corp.example' }
const ross = { user: 'ross@corp.example' }
const ROSS = { user: 'roß@corp.example' }
const ben = { user: 'ben@corp.example' }

const CASES: readonly [string, Policy, Partial<Question>, reason: string | undefined, place: number | undefined][] = [
  ['nothing is granted by default', NO_POLICY, {}, 'SP-830', undefined],
  ['everyone is granted', policy([grant({})]), cleo, undefined, 0],
  ['a user by name', policy([grant({ to: ['anna@corp.example'] })]), {}, undefined, 0],
  ['a user by group', policy([grant({ to: ['staff'] })]), ben, undefined, 0],
  ['another user', policy([grant({ to: ['staff'] })]), cleo, 'SP-830', undefined],
  ['a group that there is not', policy([grant({ to: ['nobody'] })]), {}, 'SP-830', undefined],
  [
    'a blocked user, whatever is granted',
    policy([grant({ to: ['ben@corp.example'] }), grant({})], ['ben@corp.example']),
    ben,
    'SP-831',
    undefined,
  ],
  [
    'a blocked user, as the core folds their name',
    policy([grant({})], ['ross@corp.example']),
    ROSS,
    'SP-831',
    undefined,
  ],
  ['another spelling in the file', policy([grant({ to: ['roß@corp.example'] })]), ross, undefined, 0],
  ['another spelling in a group', policy([grant({ to: ['team'] })]), ROSS, undefined, 0],
  ['a blocked group', policy([grant({})], ['leavers']), ben, 'SP-831', undefined],
  ['another than the blocked one', policy([grant({})], ['leavers']), {}, undefined, 0],
  ['from a network that is named', policy([grant({ networks: VPN })]), { address: '10.9.9.9' }, undefined, 0],
  ['from a network of IPv6', policy([grant({ networks: VPN })]), { address: '2001:db8::1' }, undefined, 0],
  ['from elsewhere', policy([grant({ networks: VPN })]), {}, 'SP-832', undefined],
  ['from elsewhere, by a later grant', policy([grant({ networks: VPN }), grant({ to: ['staff'] })]), {}, undefined, 1],
  [
    'the first that is made out to user and network decides alone',
    policy([grant({ to: ['staff'], certificate: 'required' }), grant({})]),
    {},
    'SP-834',
    0,
  ],
  ['a certificate that is required', policy([grant({ certificate: 'required' })]), { certificate: true }, undefined, 0],
  [
    'a certificate that is forbidden',
    policy([grant({ certificate: 'forbidden' })]),
    { certificate: true },
    'SP-835',
    0,
  ],
  ['within the hours', policy([grant({ hours: { zone: 'UTC', open: [WEEKDAYS] } })]), {}, undefined, 0],
  [
    'after the hours',
    policy([grant({ hours: { zone: 'UTC', open: [WEEKDAYS] } })]),
    { now: NOON + 7 * 3_600_000 },
    'SP-833',
    0,
  ],
]

for (const [name, of, over, reason, place] of CASES) {
  test(`may log in: ${name}`, () => {
    const answer = ask(of, over)
    assert.deepEqual([answer.reason, answer.grant?.place], [reason, place])
  })
}

test('whether anybody may show a certificate at all is known before anybody comes', () => {
  assert.equal(new Access(policy([grant({ certificate: 'forbidden' })]), networkSet).takesCertificates, false)
  assert.equal(new Access(policy([grant({ certificate: 'forbidden' }), grant({})]), networkSet).takesCertificates, true)
  assert.deepEqual(
    [new Access(NO_POLICY, networkSet).isShut, new Access(policy([grant({})]), networkSet).isShut],
    [true, false],
  )
})

const users = fc.constantFrom('anna@corp.example', 'ben@corp.example', 'cleo@corp.example')
const names = fc.uniqueArray(fc.oneof(users, fc.constantFrom('staff', 'leavers')), { maxLength: 3 })
const grants = fc.record({
  to: fc.oneof(fc.constant('everyone' as const), names),
  networks: fc.constantFrom([], VPN, ['192.0.2.0/24']),
  certificate: fc.constantFrom('required' as const, 'optional' as const, 'forbidden' as const),
  sessions: fc.integer({ min: 1, max: 3 }),
  hours: fc.constant(undefined),
})

test('whoever is let in is not blocked, and has a grant of their own that fits', () => {
  const seen = { let: 0, blocked: 0, not: 0 }
  fc.assert(
    fc.property(
      fc.array(grants, { maxLength: 4 }),
      names,
      users,
      fc.constantFrom('192.0.2.7', '10.1.1.1'),
      fc.boolean(),
      (list, block, user, address, certificate) => {
        const of = policy(list, block)
        const { reason, grant: decided } = ask(of, { user, address, certificate })
        const isIn = (members: readonly string[]): boolean =>
          members.includes(user) || members.some((name) => of.groups[name]?.includes(user))
        if (isIn(block)) {
          seen.blocked += 1
          assert.equal(reason, 'SP-831')
          return
        }
        const first = list.find(
          ({ to, networks }) =>
            (to === 'everyone' || isIn(to)) && (networks.length === 0 || networkSet(networks).has(address)),
        )
        assert.equal(decided?.terms, first)
        if (reason !== undefined) seen.not += 1
        else {
          seen.let += 1
          assert.ok(
            first &&
              !(first.certificate === 'required' && !certificate) &&
              !(first.certificate === 'forbidden' && certificate),
          )
        }
      },
    ),
    { numRuns: 3000 },
  )
  assert.ok(seen.let > 300 && seen.blocked > 300 && seen.not > 300, JSON.stringify(seen))
})
