// Challenges for those who are not there: of the kind, the shape and the time of real ones, and steady as they are.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { Decoys, MOST_OWN } from '../../../../src/gateway/remote/decoys.ts'
import type { Claim } from '../../../../src/gateway/remote/gate.ts'
import { readShapes, writeShapes } from '../../../../src/gateway/remote/kept-shapes.ts'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
const SCRAM = 'SCRAM-SHA-256'
const claim = (name: string, mechanism = SCRAM, domain = 'corp.example'): Claim => ({
  ...{ domain, mechanism, user: `${name}@${domain}` },
})
const shown = (salt: string | Buffer, more = 'def+', iterations = 4096, rest = '') => ({
  ...{ salt: Buffer.from(salt).toString('base64'), iterations, more, rest },
})
const names = Array.from({ length: 200 }, (_, n) => `user${n}`)

function made() {
  let chance = 0
  const decoys = new Decoys({ digest, random: () => (chance = (chance + 0.37) % 1) })
  return { decoys, make: (user: string, tookMs?: number) => decoys.make(claim(user), tookMs) }
}

test('decoys are of the kind of real challenges, and of the usual one before there was any', () => {
  const usual = made().make('anna')
  assert.deepEqual([Buffer.from(usual.salt, 'base64').length, usual.iterations, usual.more.length], [16, 4096, 24])
  for (const bytes of [12, 16, 32, 40, 64]) {
    const { decoys, make } = made()
    const salt = Buffer.alloc(bytes, 0x81)
    const more = Buffer.alloc(bytes, 0x42).toString('base64')
    decoys.learn(claim('ben'), shown(salt, more, 5000), 1)
    const one = make('anna')
    assert.equal(Buffer.from(one.salt, 'base64').length, bytes)
    assert.deepEqual([one.more.length, one.more.endsWith('='), one.iterations], [more.length, more.endsWith('='), 5000])
    assert.notEqual(one.more, make('anna').more, 'a new nonce each time')
  }
  for (const [more, pattern] of [
    ['0a1b2c', /^[0-9a-f]{6}$/],
    ['%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0', /^[A-Za-z0-9+/]{30}$/],
    ['18fa3f7c-8d5a-4c0e-b9a1-77e2c1f4d6aa', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
  ] as const) {
    const { decoys, make } = made()
    decoys.learn(claim('ben'), shown('salt', more, 4096, ',d=x'), 1)
    assert.match(make('anna').more, pattern)
    assert.equal(make('anna').rest, ',d=x')
  }
})

test('a name keeps its shape and its salt, whoever else logs in', () => {
  const { decoys, make } = made()
  for (let n = 0; n < 3; n++) decoys.learn(claim('anna'), shown(Buffer.alloc(16, 1), 'def+', 4096), 1)
  decoys.learn(claim('ben'), shown(Buffer.alloc(16, 2), 'def+', 10_000), 1)
  const before = names.map((name) => make(name))
  for (const [name, iterations] of [
    ['anna', 4096],
    ['ben', 10_000],
    ['anna', 4096],
  ] as const)
    decoys.learn(claim(name), shown(Buffer.alloc(16, name.length), 'def+', iterations), 1)
  const after = names.map((name) => make(name))
  const steady = ({ salt, iterations }: { salt: string; iterations: number }) => [salt, iterations]
  assert.deepEqual(after.map(steady), before.map(steady))
  const old = before.filter(({ iterations }) => iterations === 4096).length
  assert.ok(old > 60 && old < 140, `${old} of 200 look as anna does`)
})

test('of shapes so many are kept, and a new one moves no name but to itself', () => {
  const { decoys, make } = made()
  const learn = (iterations: number): number => decoys.learn(claim('anna'), shown('salt', 'def+', iterations), 1)
  for (let n = 1; n <= 16; n++) learn(n)
  const before = names.map((name) => make(name).iterations)
  assert.ok(new Set(before).size === 16)
  learn(17)
  const after = names.map((name) => make(name).iterations)
  assert.equal(new Set(after).has(1), false, 'the one not seen for longest is gone')
  for (const [n, iterations] of after.entries())
    assert.ok(iterations === before[n] || iterations === 17 || before[n] === 1, `${before[n]} became ${iterations}`)
})

test('each domain has its own, and each mechanism', () => {
  const { decoys } = made()
  decoys.learn(claim('anna'), shown('salt', 'def+', 10_000), 1)
  assert.equal(decoys.make(claim('eve')).iterations, 10_000)
  assert.equal(decoys.make(claim('eve', 'SCRAM-SHA-1')).iterations, 4096)
  assert.equal(decoys.make(claim('eve', SCRAM, 'other.example')).iterations, 4096)
})

test('a name has one salt, and a new one each time only where the salt of one user changes twice running', () => {
  const { decoys, make } = made()
  const salt = (user: string): string => make(user).salt
  const learn = (user: string, byte: number): number => decoys.learn(claim(user), shown(Buffer.alloc(16, byte)), 1)
  learn('anna', 1)
  learn('ben', 2)
  assert.equal(salt('eve'), salt('eve'))
  assert.notEqual(salt('eve'), salt('eva'))
  learn('ben', 3)
  assert.equal(salt('eve'), salt('eve'), 'somebody has a new password')
  learn('anna', 4)
  assert.equal(salt('eve'), salt('eve'), 'so has another')
  learn('ben', 5)
  assert.notEqual(salt('eve'), salt('eve'))
  learn('anna', 4)
  assert.equal(salt('eve'), salt('eve'))
})

test('whom the core has shown a challenge is shown the same one when it hears nothing of them', () => {
  const { decoys, make } = made()
  for (let n = 0; n < 9; n++) decoys.learn(claim(`other${n}`), shown(Buffer.alloc(12, n), 'abcd', 4096), 1)
  decoys.learn(claim('anna'), shown(Buffer.alloc(16, 7), 'def+', 10_000, ',d=x'), 1)
  for (let n = 0; n < 2; n++) {
    const { salt, iterations, more, rest } = make('anna')
    assert.deepEqual([salt, iterations, rest], [Buffer.alloc(16, 7).toString('base64'), 10_000, ',d=x'])
    assert.notEqual(more, 'def+')
  }
  const elsewhere = decoys.make(claim('anna', 'SCRAM-SHA-1')).salt
  assert.notEqual(elsewhere, make('anna').salt, 'by another mechanism it is another')
  decoys.learn(claim('anna'), shown(Buffer.alloc(16, 8)), 1)
  assert.equal(make('anna').salt, Buffer.alloc(16, 8).toString('base64'), 'a new password')
  for (let n = 0; n < 3; n++) decoys.learn(claim('ben'), shown(Buffer.alloc(16, n)), 1)
  assert.notEqual(make('anna').salt, make('anna').salt, 'where the core makes a new one each time, so do we')
})

test('of so many users that is remembered, of those seen last', () => {
  const { decoys, make } = made()
  const own = (user: string): boolean => make(user).salt === Buffer.alloc(16, 3).toString('base64')
  for (const user of ['anna', 'ben', 'anna']) decoys.learn(claim(user), shown(Buffer.alloc(16, 3)), 1)
  for (let n = 0; n < MOST_OWN - 1; n++) decoys.learn(claim(`user${n}`), shown(Buffer.alloc(16, 4)), 1)
  assert.deepEqual([own('anna'), own('ben')], [true, false])
})

test('what they look like outlasts a restart, and is kept when it has changed, without names or salts', () => {
  const { decoys, make } = made()
  assert.equal(decoys.learnt(), undefined)
  for (let n = 1; n <= 3; n++) decoys.learn(claim('anna'), shown(Buffer.alloc(16, n), 'def+', 4096, ',d="x"'), 1)
  decoys.learn(claim('ben'), shown('18fa3f7c-8d5a-4c0e-b9a1-77e2c1f4d6aa', '0a1b', 10_000), 1)
  const known = decoys.learnt()
  assert.ok(known)
  decoys.learn(claim('carol'), shown(Buffer.alloc(16, 1), 'def+', 4096, ',d="x"'), 1)
  assert.equal(decoys.learnt(), undefined, 'nothing new')
  const text = writeShapes(known)
  assert.doesNotMatch(text, /anna|ben@|AQEB|18fa/)
  const after = new Decoys({ digest, random: () => 0.5 }, readShapes(text))
  assert.equal(after.learnt(), undefined)
  const iterations = (name: string): number => make(name).iterations
  for (const name of names) assert.equal(after.make(claim(name)).iterations, iterations(name))
  assert.notEqual(after.make(claim('eve')).salt, after.make(claim('eve')).salt, 'salts were fresh')
})

for (const text of [
  ...[undefined, '', 'null', '[]', '{', '{"version":1}', '{"version":2,"ways":[]}', '{"version":1,"ways":[1]}'],
  '{"version":1,"ways":[{"domain":"a","mechanism":"b","isFresh":false,"shapes":[{"salt":"bytes 99999999","more":"hex 1","iterations":1,"rest":""}]}]}',
])
  test(`what was kept and cannot be read is nothing: ${text}`, () => assert.deepEqual(readShapes(text), []))

test('real challenges and decoys are shown after the same time', () => {
  const { decoys, make } = made()
  const learn = (tookMs: number): number => decoys.learn(claim('anna'), shown('salt'), tookMs)
  assert.deepEqual([make('eve').delayMs, learn(10), make('eve').delayMs], [50, 40, 50], 'at first')
  for (let n = 0; n < 40; n++) learn(n % 4 === 3 ? 300 : 20)
  assert.deepEqual([learn(5), learn(20), learn(300)], [15, 0, 0], 'none comes sooner than half of them')
  const delays = names.map((name) => make(name).delayMs)
  const slow = delays.filter((ms) => ms === 300).length
  assert.ok(delays.every((ms) => ms === 20 || ms === 300))
  assert.ok(slow > 30 && slow < 70, `${slow} of 200 are as slow as a quarter of the real ones`)
  for (let n = 0; n < 40; n++) learn(60_000)
  assert.equal(learn(0), 1000, 'however slow the core is')
})

test('once the core says no to names, whatever is seen comes as late as its noes do, as long as there are any', () => {
  const { decoys, make } = made()
  const learn = (tookMs: number): number => decoys.learn(claim('anna'), shown('salt'), tookMs)
  for (let n = 0; n < 40; n++) learn(20)
  const own = Array.from({ length: 40 }, (_, n) => make('eve', n % 20 === 19 ? 200 : 40).delayMs)
  assert.ok(own.every((ms) => ms === 0))
  /** How many of two hundred come that late. */
  const late = (seen: () => number): number => Array.from({ length: 200 }, seen).filter((ms) => ms === 200).length
  const real = late(() => learn(20) + 20)
  const unheard = late(() => make('eva').delayMs)
  for (const many of [real, unheard]) assert.ok(many > 2 && many < 30, `${real} and ${unheard} of 200`)
  assert.deepEqual([make('eve', 30).delayMs, learn(60)], [10, 0])
  for (let n = 0; n < 10; n++) make('eve', 60_000)
  const longest = Math.max(...Array.from({ length: 200 }, () => learn(20) + 20))
  assert.equal(longest, 1000, 'however slow its noes are')
  for (let n = 0; n < 1000; n++) learn(20)
  assert.equal(learn(20), 0, 'nobody has guessed for long')
})
