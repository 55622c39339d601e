import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  PendingDomains,
  type PendingChanges,
  type PendingDomain,
  type ProbeWords,
  type Refused,
} from '../../../src/policy/pending.ts'

const DAY_MS = 86_400_000
const CERTIFICATE = { subject: 'CN=x', issuer: 'CN=A CA', names: ['DNS:x'], notAfter: '2027-01-01', spki: 'sha256/x' }
const PROBE: ProbeWords = { at: 1, good: true, says: 'it answers', reason: undefined, act: undefined }

/** It asks for a stream, with its name proven. */
const asks = (domain: string, at = 0): Refused => ({
  domain,
  direction: 'inbound',
  wish: { at, from: domain, to: 'corp.example', kind: 'stream', reference: `r${at}`, peerAddress: '192.0.2.7' },
  certificate: CERTIFICATE,
})

/** A user of ours writes there. */
const wanted = (domain: string, by: string, at = 0): Refused => ({
  domain,
  direction: 'outbound',
  wish: { at, from: by, to: `bob@${domain}`, kind: 'message', reference: `w${at}`, peerAddress: undefined },
})

const names = (all: readonly PendingDomain[]): readonly string[] => all.map(({ domain }) => domain).toSorted()

test('a domain is one entry however often it asks, and the first wish in each direction stays', () => {
  const pending = new PendingDomains([], () => 10)
  assert.equal(pending.refused(wanted('x.example', 'anna@corp.example', 1)), 'new')
  assert.equal(pending.refused(wanted('x.example', 'ben@corp.example', 2)), 'again')
  assert.equal(pending.refused(asks('x.example', 3)), 'proven')
  assert.equal(pending.refused(asks('x.example', 4)), 'again')
  assert.equal(pending.refused(wanted('x.example', 'ben@corp.example', 5)), 'again')
  assert.equal(pending.size, 1)
  assert.partialDeepStrictEqual(pending.find('x.example'), {
    ...{ firstAt: 1, lastAt: 5, times: 5, certificate: CERTIFICATE, probe: undefined },
    outbound: { from: 'anna@corp.example', kind: 'message', reference: 'w1' },
    inbound: { kind: 'stream', reference: 'r3' },
  })
})

test('whoever has many names below one pushes out none but their own', () => {
  const pending = new PendingDomains([], () => 10)
  for (const [at, domain] of ['a.example', 'b.example', 'c.example'].entries()) pending.refused(asks(domain, at))
  for (let at = 10; at < 1000; at++) pending.refused(asks(`x${at}.evil.test`, at))
  const all = names(pending.all())
  assert.equal(all.length, 10)
  assert.deepEqual(all.slice(0, 3), ['a.example', 'b.example', 'c.example'])
  assert.equal(pending.pushedOut, 983)
  assert.equal(pending.find('x999.evil.test')?.times, 1, 'the last one stays')
  assert.equal(pending.find('x992.evil.test'), undefined, 'the longest silent went')
})

test('names below one of many do not push out its other names, nor keep them from being probed', () => {
  const pending = new PendingDomains([], () => 10)
  pending.refused(asks('ministry.gov.test', 0))
  for (let at = 10; at < 100; at++) pending.refused(asks(`x${at}.council.gov.test`, at))
  assert.ok(pending.find('ministry.gov.test'))
  pending.refused(asks('treasury.gov.test', 200))
  const order: (string | undefined)[] = []
  for (let n = 0; n < 3; n++) {
    order.push(pending.next()?.domain)
    pending.probed(order.at(-1) ?? '', PROBE)
  }
  assert.deepEqual(order, ['ministry.gov.test', 'x92.council.gov.test', 'treasury.gov.test'])
})

test('a user is one, from whatever client they write', () => {
  const pending = new PendingDomains([], () => 12)
  pending.refused(wanted('first.example', 'anna@corp.example/desk'))
  for (let at = 1; at < 50; at++) pending.refused(wanted(`x${at}.example`, `ben@corp.example/r${at}`, at))
  assert.deepEqual(names(pending.all()), ['first.example', 'x48.example', 'x49.example'])
})

test('names that only ours wrote to are fewer, apart from the proven ones, and a user pushes out their own', () => {
  const pending = new PendingDomains([], () => 12)
  pending.refused(asks('proven.example'))
  pending.refused(wanted('first.example', 'anna@corp.example'))
  for (let at = 1; at < 50; at++) pending.refused(wanted(`x${at}.example`, 'ben@corp.example', at))
  assert.deepEqual(names(pending.all()), ['first.example', 'proven.example', 'x48.example', 'x49.example'])
})

test('one that proves its name leaves the place of those that have not', () => {
  const pending = new PendingDomains([], () => 4)
  pending.refused(wanted('x.example', 'anna@corp.example', 1))
  pending.refused(asks('x.example', 2))
  pending.refused(wanted('y.example', 'anna@corp.example', 3))
  assert.deepEqual(names(pending.all()), ['x.example', 'y.example'])
})

test('only proven names are probed, each once, and a name with many beside it waits for the others', () => {
  const pending = new PendingDomains([], () => 100)
  pending.refused(wanted('unproven.example', 'anna@corp.example'))
  for (let at = 0; at < 5; at++) pending.refused(asks(`x${at}.evil.test`, at))
  pending.refused(asks('a.org', 7))
  pending.refused(asks('b.net', 8))
  const order: string[] = []
  for (let next = pending.next(); next; next = pending.next()) {
    order.push(next.domain)
    pending.probed(next.domain, PROBE)
  }
  assert.deepEqual(order.slice(0, 3), ['x0.evil.test', 'a.org', 'b.net'])
  assert.equal(order.length, 7)
  assert.equal(new Set(order).size, 7)
})

test('who is in the list now, or silent for a month, is forgotten', () => {
  const pending = new PendingDomains([], () => 10)
  pending.refused(asks('listed.example', 0))
  pending.refused(asks('old.example', 0))
  pending.refused(asks('young.example', DAY_MS))
  pending.sweep((domain) => domain === 'listed.example', 30 * DAY_MS - 1)
  assert.deepEqual(names(pending.all()), ['old.example', 'young.example'])
  pending.sweep(() => false, 30 * DAY_MS)
  assert.deepEqual(names(pending.all()), ['young.example'])
  assert.equal(pending.probed('old.example', PROBE), undefined)
})

test('what has changed is written once, again where it failed, and who asks on and on once a minute', () => {
  const pending = new PendingDomains([], () => 10)
  const kept: PendingChanges[] = []
  const flush = (works = true): number => {
    pending.flush((changes) => {
      kept.push(changes)
      return works
    })
    return kept.length
  }
  pending.refused(asks('x.example', 1))
  assert.equal(flush(false), 1)
  assert.equal(flush(), 2)
  assert.equal(flush(), 2, 'nothing is left')
  pending.refused(asks('x.example', 2))
  assert.equal(flush(), 2)
  pending.refused(asks('x.example', 60_001))
  assert.equal(flush(), 3)
  pending.sweep(() => true, 60_002)
  assert.equal(flush(), 4)
  assert.deepEqual(
    kept.map(({ changed, gone }) => [...names(changed), ...gone.map((domain) => `-${domain}`)]),
    [['x.example'], ['x.example'], ['x.example'], ['-x.example']],
  )
  const again = new PendingDomains(kept[2]?.changed ?? [], () => 10)
  assert.equal(again.find('x.example')?.times, 3)
})
