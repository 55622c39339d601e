import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type Asked, Meters } from '../../../../src/policy/limits/meters.ts'
import type { Allowance } from '../../../../src/policy/limits/terms.ts'

const DAY_MS = 86_400_000
const AT = Date.UTC(2026, 5, 15, 12)
const BURST_MS = 1000

const ofPartner = (allowed: Allowance): Asked => ({ user: undefined, allowed })
const of = (user: string, allowed: Allowance): Asked => ({ user, allowed })
const to = (recipient: string | undefined, bytes = 100) => ({
  bytes,
  names: recipient === undefined ? {} : { recipientsPerDay: recipient },
})

test('what exceeds one limit is taken from none', () => {
  const meters = new Meters(7, () => ({ senders: 100, recipients: 100 }))
  const asked = [ofPartner({ stanzasPerSecond: 2 }), of('bob@a.example', { recipientsPerDay: 1 })]
  assert.equal(meters.take('a.example', asked, to('anna'), BURST_MS, AT), undefined)
  const excess = { limit: 'recipientsPerDay', most: 1, waitMs: undefined, user: 'bob@a.example', group: 'a.example' }
  for (let n = 0; n < 5; n++) assert.deepEqual(meters.take('a.example', asked, to('ben'), BURST_MS, AT), excess)
  assert.equal(meters.take('a.example', asked, to('anna'), BURST_MS, AT), undefined, 'the second of its two')
  assert.deepEqual(meters.take('a.example', asked, to(undefined), BURST_MS, AT), {
    ...{ limit: 'stanzasPerSecond', most: 2, waitMs: 500, user: undefined, group: 'a.example' },
  })
})

for (const [about, allowed, load, expected] of [
  ['stanzas', { stanzasPerSecond: 1 }, to(undefined), ['stanzasPerSecond', 1000]],
  ['bytes', { bytesPerSecond: 100 }, to(undefined, 150), ['bytesPerSecond', 1000]],
  ['what lasts longest', { stanzasPerSecond: 1, bytesPerSecond: 50 }, to(undefined, 50), ['stanzasPerSecond', 1000]],
  ['nothing that is not limited', {}, to('ben'), undefined],
  ['recipients', { recipientsPerDay: 1 }, to('ben'), ['recipientsPerDay', undefined]],
  ['no recipient of an answer', { recipientsPerDay: 1 }, to(undefined), undefined],
  ['no recipient that it has had', { recipientsPerDay: 1 }, to('anna'), undefined],
] as const) {
  test(`a partner is held to ${about}`, () => {
    const meters = new Meters(7, () => ({ senders: 100, recipients: 100 }))
    const asked = [ofPartner(allowed)]
    assert.equal(meters.take('a.example', asked, to('anna', 100), BURST_MS, AT), undefined)
    const excess = meters.take('a.example', asked, load, BURST_MS, AT)
    assert.deepEqual(excess && [excess.limit, excess.waitMs], expected)
    assert.equal(meters.take('b.example', asked, load, BURST_MS, AT), undefined, 'and no other')
  })
}

test('whatever names are made up, no more is kept than there is room for, and a partner leaves room to others', () => {
  const room = { senders: 60, recipients: 200 }
  const allowed: Allowance = { stanzasPerSecond: 1, recipientsPerDay: 50 }
  let full = 0
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          partner: fc.integer({ min: 0, max: 5 }),
          user: fc.integer({ min: 0, max: 200 }),
          recipient: fc.integer({ min: 0, max: 500 }),
          pause: fc.integer({ min: 0, max: 300 }),
        }),
        { minLength: 200, maxLength: 600 },
      ),
      (all) => {
        const meters = new Meters(7, () => room)
        let now = AT
        for (const { partner, user, recipient, pause } of all) {
          now += pause
          const asked = [ofPartner({ recipientsPerDay: 200 }), of(`u${user}@p${partner}.example`, allowed)]
          meters.take(`p${partner}.example`, asked, to(`r${recipient}@corp.example`), BURST_MS, now)
          const { senders, recipients } = meters.used
          assert.ok(senders <= room.senders, `${senders} senders`)
          assert.ok(recipients <= room.recipients, `${recipients} recipients`)
          if (recipients > room.recipients / 2) full += 1
        }
        const newcomer = [ofPartner({ recipientsPerDay: 200 })]
        assert.equal(meters.take('new.example', newcomer, to('anna@corp.example'), BURST_MS, now), undefined)
      },
    ),
    { numRuns: 50 },
  )
  assert.ok(full > 5000, `it was crowded only ${full} times`)
})

test('where there is no room for further names, those that were there today still count', () => {
  const meters = new Meters(7, () => ({ senders: 100, recipients: 100 }))
  const asked = [ofPartner({ recipientsPerDay: 90 })]
  const takes = (partner: string, name: string): boolean =>
    meters.take(partner, asked, to(name), BURST_MS, AT) === undefined
  for (let n = 0; n < 20; n++) assert.ok(takes('good.example', `u${n}`))
  for (let d = 0; d < 30; d++) for (let n = 0; n < 80; n++) takes(`d${d}.evil.example`, `u${n}`)
  assert.ok(meters.used.recipients > 85 && meters.used.recipients <= 100)
  assert.equal(takes('good.example', 'new'), false, 'it is crowded')
  for (let n = 0; n < 20; n++) assert.ok(takes('good.example', `u${n}`))
})

test('at midnight all names go, of partners and users, and whoever still waits for a bucket stays', () => {
  const meters = new Meters(7, () => ({ senders: 6, recipients: 1000 }))
  const midnight = Date.UTC(2026, 5, 16)
  const slow: Allowance = { stanzasPerSecond: 1, recipientsPerDay: 9 }
  const quick: Allowance = { stanzasPerSecond: 1000, recipientsPerDay: 9 }
  const asked = (user: string, allowed: Allowance): readonly Asked[] => [
    ofPartner({ recipientsPerDay: 90 }),
    of(user, allowed),
  ]
  const send = (partner: string, user: string, allowed: Allowance, at: number, name: string) =>
    meters.take(partner, asked(user, allowed), to(name), 60_000, at)
  // The last second of a day: the bucket of one needs half a minute to be full again.
  for (let n = 0; n < 9; n++) send('slow.example', 'bob@slow.example', slow, midnight - 1000, `u${n}`)
  for (let n = 0; n < 9; n++) send('quick.example', 'eve@quick.example', quick, midnight - 1000, `u${n}`)
  // There is no room for this one, which shares what is for all others.
  for (const one of ['a', 'b', 'c', 'd']) send(`${one}.example`, `x@${one}.example`, quick, midnight - 900, 'anna')
  assert.equal(meters.used.senders, 6)
  assert.equal(send('slow.example', 'bob@slow.example', slow, midnight - 800, 'tenth')?.limit, 'recipientsPerDay')
  assert.equal(send('new.example', 'y@new.example', quick, midnight + 1000, 'anna'), undefined)
  assert.deepEqual(meters.used, { senders: 4, recipients: 2 }, 'slow and its user, and the new one with its own')
  assert.equal(meters.count('slow.example', 'recipientsPerDay', midnight + 1000), 0)
  assert.equal(send('slow.example', 'bob@slow.example', slow, midnight + 2000, 'tenth'), undefined, 'a new day')
  assert.equal(send('slow.example', 'bob@slow.example', slow, midnight - 500, 'u0'), undefined, 'the clock went back')
  assert.equal(meters.used.recipients, 6, 'and nothing began again')
})

test('a clock that was far ahead makes no limit of a day one of a lifetime', () => {
  const meters = new Meters(7, () => ({ senders: 6, recipients: 100 }))
  const asked = [ofPartner({ recipientsPerDay: 2 })]
  const send = (name: string, at: number) => meters.take('a.example', asked, to(name), BURST_MS, at)?.limit
  const day = 86_400_000
  for (const at of [AT + 300 * day, AT, AT + day]) {
    assert.equal(send(`anna${at}`, at), undefined)
    assert.equal(send(`ben${at}`, at), undefined)
    assert.equal(send(`carol${at}`, at), 'recipientsPerDay')
    assert.deepEqual(meters.used, { senders: 1, recipients: 2 })
  }
})

test('how it stands with limits is told, and asking takes nothing', () => {
  const meters = new Meters(7, () => ({ senders: 100, recipients: 100 }))
  const allowed = { stanzasPerSecond: 10, recipientsPerDay: 2 }
  const asked = [ofPartner(allowed)]
  assert.deepEqual(meters.standing('a.example', asked[0]!, BURST_MS, AT), [
    { limit: 'stanzasPerSecond', now: 10, most: 10 },
    { limit: 'recipientsPerDay', now: 0, most: 2 },
  ])
  assert.equal(meters.wouldExceed('a.example', asked, to('anna'), BURST_MS, AT), undefined)
  assert.deepEqual(meters.used, { senders: 0, recipients: 0 }, 'nothing is kept')
  for (const name of ['anna', 'ben']) meters.take('a.example', asked, to(name), BURST_MS, AT)
  for (let n = 0; n < 3; n++)
    assert.equal(meters.wouldExceed('a.example', asked, to('carol'), BURST_MS, AT)?.limit, 'recipientsPerDay')
  assert.deepEqual(meters.standing('a.example', asked[0]!, BURST_MS, AT + 100), [
    { limit: 'stanzasPerSecond', now: 9, most: 10 },
    { limit: 'recipientsPerDay', now: 2, most: 2 },
  ])
})

test('users for whom there is no room share one allowance, so that names made up give no more', () => {
  const meters = new Meters(7, () => ({ senders: 10, recipients: 100 }))
  let crossed = 0
  for (let n = 0; n < 1000; n++) {
    const asked = [of(`u${n}@a.example`, { stanzasPerSecond: 1 })]
    if (meters.take('a.example', asked, to(undefined), BURST_MS, AT) === undefined) crossed += 1
  }
  assert.ok(crossed <= 10, `${crossed} crossed`)
})

test('names are counted anew on the next day, also of who has just sent', () => {
  const meters = new Meters(7, () => ({ senders: 100, recipients: 100 }))
  const midnight = Date.UTC(2026, 5, 16)
  const asked = [of('bob@a.example', { stanzasPerSecond: 1, recipientsPerDay: 5 })]
  for (const name of ['anna', 'ben']) meters.take('a.example', asked, to(name), 60_000, midnight - 10)
  assert.equal(meters.used.recipients, 2)
  meters.take('a.example', asked, to('carol'), 60_000, midnight + 10)
  assert.equal(meters.used.recipients, 1)
})

test('who has sent nothing that still counts is forgotten, recipients with their day', () => {
  const meters = new Meters(7, () => ({ senders: 100_000, recipients: 100_000 }))
  const asked = (n: number): readonly Asked[] => [
    ofPartner({ recipientsPerDay: 10_000 }),
    of(`u${n}@a.example`, { stanzasPerSecond: 10, recipientsPerDay: 10 }),
  ]
  for (let n = 0; n < 1000; n++) meters.take('a.example', asked(n), to(`r${n}`), BURST_MS, AT)
  assert.deepEqual(meters.used, { senders: 1001, recipients: 2000 })
  assert.equal(meters.count('a.example', 'recipientsPerDay', AT), 1000)
  meters.take('b.example', asked(0), to('anna'), BURST_MS, AT + DAY_MS)
  assert.deepEqual(meters.used, { senders: 2, recipients: 2 })
})
