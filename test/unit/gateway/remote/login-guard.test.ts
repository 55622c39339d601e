// The gate of remote users: what a stranger can tell from its answers (nothing), and who stays in.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { DEFAULT_LIMITS } from '../../../../src/config/limits.ts'
import { networkSet } from '../../../../src/config/values.ts'
import type { Claim, SessionFacts, Verdict } from '../../../../src/gateway/remote/gate.ts'
import { LoginGuard, type FailureKeeper, type PlaceKeeper } from '../../../../src/gateway/remote/login-guard.ts'
import { Waiting } from '../../../../src/gateway/remote/waiting.ts'
import type { ClientFacts } from '../../../../src/net/client/transport.ts'
import { Access } from '../../../../src/policy/remote/access.ts'
import type { AccountFailures } from '../../../../src/policy/remote/guard.ts'
import type { KnownPlace } from '../../../../src/policy/remote/known-places.ts'
import type { Grant } from '../../../../src/policy/remote/grants.ts'
import type { FailureBounds } from '../../../../src/store/store.ts'

const TLS = { start: 'starttls', version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', group: undefined } as const
const client = (remoteAddress: string): ClientFacts => ({
  ...{ remoteAddress, listener: 'remote', transport: 'tcp', tls: TLS, chain: [], requested: 'corp.example' },
})
const claim = (name: string, mechanism = 'PLAIN'): Claim => ({
  domain: 'corp.example',
  mechanism,
  user: `${name}@corp.example`,
})
const session = (id: string, name: string, address = '198.51.100.7'): SessionFacts => ({
  ...{ id, user: `${name}@corp.example`, domain: 'corp.example', mechanism: 'PLAIN' },
  ...{ client: client(address), since: 0, address: undefined },
})
const EVERYONE: Grant = { to: 'everyone', networks: [], certificate: 'optional', sessions: 2, hours: undefined }
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const NO_PLACES: PlaceKeeper = { recall: () => [], keep: () => true }

const NO_FAILURES: FailureKeeper = { recall: () => [], keep: () => true }

function world({
  grants = [EVERYONE],
  block = [] as readonly string[],
  keeper = NO_PLACES,
  failures = NO_FAILURES,
} = {}) {
  const now = { ms: 0 }
  const set = { access: new Access({ groups: {}, remote: { block, grants } }, networkSet), limits: DEFAULT_LIMITS }
  let chance = 0
  const guard = new LoginGuard({
    access: () => set.access,
    limits: () => set.limits,
    now: () => now.ms,
    random: () => (chance = (chance * 7 + 0.123) % 1),
    digest,
    key: 0x5a117,
    places: keeper,
    failures,
    shapes: { recall: () => [], keep() {} },
  })
  const policy = (next: { grants?: readonly Grant[]; block?: readonly string[] }): void => {
    set.access = new Access(
      { groups: {}, remote: { block: next.block ?? [], grants: next.grants ?? [EVERYONE] } },
      networkSet,
    )
  }
  return { guard, now, set, policy }
}

const UUID = '18fa3f7c-8d5a-4c0e-b9a1-77e2c1f4d6aa'
const LIKE_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const refused = (verdict: Verdict) => {
  assert.ok(!verdict.admitted)
  return verdict
}

/** A wrong password at the core, which takes so long to say so. */
function fail(guard: LoginGuard, name: string, address: string, tookMs = 5, mechanism = 'PLAIN') {
  const one = claim(name, mechanism)
  if (!guard.claimed(one, client(address)).admitted) return undefined
  return guard.failed(one, { challenged: mechanism !== 'PLAIN', tookMs })
}

test('nobody is heard where nothing is granted', () => {
  const { guard } = world({ grants: [] })
  assert.equal(refused(guard.before('corp.example')).reason, 'SP-801')
  assert.equal(refused(guard.claimed(claim('anna'), client('192.0.2.1'))).reason, 'SP-830')
})

test('whoever is refused waits as long as whoever has a wrong password, whatever the reason', () => {
  const { guard, policy } = world({ block: ['eve@corp.example'] })
  for (let n = 0; n < 30; n++) fail(guard, `u${n}`, `10.0.${n}.1`, 40 + n)
  const all = { wrong: [] as number[], locked: [] as number[], blocked: [] as number[] }
  const add = (to: number[], delayMs: number | 'cut' | undefined, tookMs: number) => {
    assert.ok(typeof delayMs === 'number')
    to.push(delayMs + tookMs)
  }
  for (let n = 0; n < 200; n++) {
    add(all.wrong, fail(guard, `v${n}`, `10.1.${n}.1`, 50)?.delayMs, 50)
    add(all.blocked, refused(guard.claimed(claim('eve'), client(`10.2.${n}.1`))).answer.delayMs, 0)
    fail(guard, 'target', `10.3.${n}.1`)
    if (n > 1) add(all.locked, refused(guard.claimed(claim('target'), client(`10.3.${n}.2`))).answer.delayMs, 0)
  }
  policy({})
  for (const delays of Object.values(all)) {
    const [least, most] = [Math.min(...delays), Math.max(...delays)]
    assert.ok(least >= 2000 && least < 2100 && most > 2900 && most <= 3001, `${least} to ${most}`)
    const mean = delays.reduce((sum, ms) => sum + ms, 0) / delays.length
    assert.ok(Math.abs(mean - 2500) < 100, `${mean}`)
  }
})

test('where the core is slow to say no, whoever it does not hear of waits as long', () => {
  const { guard } = world()
  for (let n = 0; n < 5; n++) fail(guard, `u${n}`, `10.0.${n}.1`, 4000)
  const slow = fail(guard, 'v', '10.1.0.1', 4000)
  assert.ok(typeof slow?.delayMs === 'number' && slow.delayMs >= 1000)
  fail(guard, 'target', '10.2.0.1')
  fail(guard, 'target', '10.2.1.1')
  const { answer } = refused(guard.claimed(claim('target'), client('10.2.2.1')))
  assert.ok(typeof answer.delayMs === 'number' && answer.delayMs >= 5000)
})

const like = (salt: string | Buffer, more: string, iterations = 4096) => ({
  ...{ salt: Buffer.from(salt).toString('base64'), iterations, more, rest: '' },
})

test('who guesses passwords from outside does not keep the card out', () => {
  const { guard } = world()
  for (let n = 0; n < 60; n++) fail(guard, 'anna', `203.0.${n}.1`)
  assert.equal(refused(guard.claimed(claim('anna'), client('198.51.100.7'))).reason, 'SP-837')
  const one = claim('anna', 'EXTERNAL')
  assert.deepEqual(guard.claimed(one, client('198.51.100.7')), { admitted: true })
  assert.deepEqual(guard.succeeded(one, { ...session('s', 'anna'), mechanism: 'EXTERNAL' }), { admitted: true })
})

test('with SCRAM, whoever the core does not hear of or does not know is shown a challenge first', () => {
  const { guard } = world({ block: ['eve@corp.example'] })
  const real = claim('anna', 'SCRAM-SHA-1')
  assert.ok(guard.claimed(real, client('10.0.0.1')).admitted)
  assert.equal(guard.challenged(real, { ...like(UUID, UUID, 10_000), rest: ',x=y' }, 7), 43)
  assert.equal(guard.failed(real, { challenged: true, tookMs: 1 }).decoy, undefined)
  const blocked = refused(guard.claimed(claim('eve', 'SCRAM-SHA-1'), client('10.0.1.1'))).answer.decoy
  const unknown = claim('nobody', 'SCRAM-SHA-1')
  assert.ok(guard.claimed(unknown, client('10.0.2.1')).admitted)
  const decoy = guard.failed(unknown, { challenged: false, tookMs: 9 }).decoy
  for (const [shown, delayMs] of [
    [blocked, 50],
    [decoy, 41],
  ] as const) {
    assert.ok(shown)
    assert.deepEqual([shown.iterations, shown.rest, shown.delayMs], [10_000, ',x=y', delayMs])
    assert.match(Buffer.from(shown.salt, 'base64').toString(), LIKE_UUID)
    assert.match(shown.more, LIKE_UUID)
  }
  const again = refused(guard.claimed(claim('eve', 'SCRAM-SHA-1'), client('10.9.1.1'))).answer.decoy
  assert.equal(again?.salt, blocked?.salt, 'a name has its salt')
  assert.notEqual(blocked?.salt, decoy?.salt)
  assert.equal(refused(guard.claimed(claim('eve'), client('10.0.1.1'))).answer.decoy, undefined, 'not with PLAIN')
})

test('of answers so many wait, and what is more ends without one', () => {
  const { guard, set, now } = world()
  set.limits = { ...DEFAULT_LIMITS, remoteAnswers: 10 }
  const answers = Array.from({ length: 20 }, (_, n) => fail(guard, `u${n}`, `10.0.${n}.1`)?.delayMs)
  assert.equal(answers.filter((delay) => delay === 'cut').length, 10)
  assert.deepEqual([guard.status.answersWaiting, guard.status.answersCut], [10, 10])
  now.ms = 4000
  assert.notEqual(fail(guard, 'v', '10.1.0.1')?.delayMs, 'cut')
  assert.equal(guard.status.answersWaiting, 1)
  const waiting = new Waiting({ limits: () => ({ refusalMs: 100, answers: 5 }), random: () => 0 })
  waiting.learn(1e9)
  assert.equal(waiting.answer(0, 0), 30_000, 'nobody waits for ever')
})

test('whoever goes before the core has answered has guessed all the same', () => {
  const { guard } = world()
  for (let n = 0; n < 2; n++) {
    const one = claim('anna')
    assert.ok(guard.claimed(one, client(`10.0.${n}.1`)).admitted)
    guard.abandoned(one, true)
    guard.abandoned(one, true)
  }
  assert.equal(refused(guard.claimed(claim('anna'), client('10.1.0.1'))).reason, 'SP-837')
  for (let n = 0; n < 5; n++) {
    const one = claim('ben')
    assert.ok(guard.claimed(one, client(`10.0.${n}.1`)).admitted)
    guard.abandoned(one, false)
  }
})

test('of the sessions of a user the newest stay', () => {
  const { guard, policy } = world()
  const logIn = (id: string): SessionFacts => {
    const one = claim('anna')
    const facts = session(id, 'anna')
    assert.ok(guard.claimed(one, facts.client).admitted && guard.succeeded(one, facts).admitted)
    return facts
  }
  const all = ['a', 'b', 'c'].map((id) => logIn(id))
  const objections = () => all.map((facts) => guard.objection(facts))
  assert.deepEqual(objections(), ['SP-836', undefined, undefined])
  guard.ended(all[2]!)
  assert.deepEqual(objections().slice(0, 2), [undefined, undefined])
  policy({ grants: [{ ...EVERYONE, sessions: 1 }] })
  assert.deepEqual(objections().slice(0, 2), ['SP-836', undefined])
})

test('a session is held against the policy as it is now', () => {
  const { guard, policy, now } = world()
  const facts = session('a', 'anna')
  const one = claim('anna')
  assert.ok(guard.claimed(one, facts.client).admitted && guard.succeeded(one, facts).admitted)
  assert.equal(guard.objection(facts), undefined)
  policy({ block: ['anna@corp.example'] })
  assert.equal(guard.objection(facts), 'SP-831')
  policy({ grants: [{ ...EVERYONE, networks: ['10.0.0.0/8'] }] })
  assert.equal(guard.objection(facts), 'SP-832')
  policy({ grants: [{ ...EVERYONE, hours: { zone: 'UTC', open: [{ days: [3], from: 0, to: 60 }] } }] })
  assert.equal(guard.objection(facts), undefined, '1970 began on a Thursday')
  now.ms = 3_600_000
  assert.equal(guard.objection(facts), 'SP-833')
})

test('new connections are bounded for an address and a network, and failed handshakes count more', () => {
  const { guard, now, set } = world()
  set.limits = { ...DEFAULT_LIMITS, remoteConnections: 10, remoteConnectionsPerNetwork: 30 }
  const count = (address: (n: number) => string): number =>
    Array.from({ length: 200 }, (_, n) => guard.connecting(address(n))).filter((reason) => reason === undefined).length
  assert.equal(
    count(() => '192.0.2.1'),
    10,
  )
  assert.equal(
    count((n) => `192.0.2.${n + 2}`),
    20,
  )
  assert.equal(guard.connecting('192.0.3.1'), undefined)
  guard.fumbled('192.0.3.1')
  guard.fumbled('192.0.3.1')
  assert.equal(guard.connecting('192.0.3.1'), 'SP-840')
  guard.unlock({ address: '192.0.3.1' })
  assert.equal(guard.connecting('192.0.3.1'), undefined)
  now.ms = 60_000
  assert.equal(guard.connecting('192.0.2.1'), undefined)
})

test('from where users have logged in is kept over a restart, and again when it could not be', () => {
  const kept: KnownPlace[] = []
  let works = false
  const keeper: PlaceKeeper = {
    recall: () => kept,
    keep: ({ changed }) => {
      if (works) kept.push(...changed)
      return works
    },
  }
  const first = world({ keeper })
  const good = claim('anna')
  assert.equal(first.guard.claimed(good, client('198.51.100.7')).admitted, true)
  first.guard.succeeded(good, session('1', 'anna'))
  first.guard.keep()
  assert.deepEqual(kept, [])
  works = true
  first.guard.keep()
  first.guard.keep()
  assert.deepEqual(kept, [{ user: 'anna@corp.example', network: '198.51.100.0/24', at: 0 }])

  const second = world({ keeper })
  // Strangers lock the account; her own network is not concerned.
  for (let n = 0; n < 10; n++) {
    const guess = claim('anna')
    const from = client(`203.0.${n}.1`)
    if (second.guard.claimed(guess, from).admitted) second.guard.failed(guess, { challenged: true, tookMs: 1 })
  }
  assert.equal(second.guard.claimed(claim('anna'), client('192.0.2.1')).admitted, false)
  assert.equal(second.guard.claimed(claim('anna'), client('198.51.100.99')).admitted, true)
})

test('a restart gives a guesser no further attempts at an account, though the store was away for a while', () => {
  const kept = new Map<string, AccountFailures>()
  const bounds: FailureBounds[] = []
  let works = false
  const failures: FailureKeeper = {
    recall: () => [...kept.values()],
    keep(changes, within) {
      bounds.push(within)
      if (works) for (const one of changes) kept.set(`${one.kind} ${one.name}`, one)
      return works
    },
  }
  const first = world({ failures })
  fail(first.guard, 'anna', '203.0.1.1')
  first.guard.keep()
  fail(first.guard, 'anna', '203.0.2.1')
  works = true
  first.guard.keep()
  first.guard.keep()
  assert.equal(bounds.length, 2)
  const { remoteFailureWindowMs, remoteFailuresKept } = DEFAULT_LIMITS
  assert.deepEqual(bounds[1], { over: -remoteFailureWindowMs, most: 2 * remoteFailuresKept })
  const second = world({ failures })
  assert.equal(refused(second.guard.claimed(claim('anna'), client('203.0.3.1'))).reason, 'SP-837')
  assert.equal(second.guard.claimed(claim('ben'), client('203.0.3.1')).admitted, true)
  assert.equal(second.guard.unlock({ user: 'anna@corp.example' }), 2)
  second.guard.keep()
  assert.equal(world({ failures }).guard.claimed(claim('anna'), client('203.0.3.1')).admitted, true)
})
