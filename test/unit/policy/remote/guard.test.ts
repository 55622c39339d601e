// The log-in guard against whoever guesses: what the core may hear at most, who still gets in, and what is remembered.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { placesOf } from '../../../../src/policy/remote/places.ts'
import { Guard, type AccountFailures, type Attempt, type GuardLimits } from '../../../../src/policy/remote/guard.ts'

const MINUTE = 60_000
const WINDOW = 15 * MINUTE
const LIMITS: GuardLimits = {
  failuresPerAccount: 4,
  failuresPerAddress: 20,
  failuresPerNetwork: 60,
  windowMs: WINDOW,
  kept: 200,
}
const ANNA = 'anna@corp.example'
const HOME = '198.51.100.7'

const guard = (over: Partial<GuardLimits> = {}): Guard => new Guard(() => ({ ...LIMITS, ...over }), 0x5a117)

/** The core hears of it, and says no. */
function fail(of: Guard, user: string, address: string, now: number): string | undefined {
  const attempt = of.begin(user, address, now)
  if (typeof attempt === 'string') return attempt
  of.failed(attempt, now)
  return undefined
}

function logIn(of: Guard, user: string, address: string, now: number): string | undefined {
  const attempt = of.begin(user, address, now)
  if (typeof attempt === 'string') return attempt
  of.succeeded(attempt, user, now)
  return undefined
}

const address = (n: number): string => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`

test('of one account the core hears of half its failures from strangers, the rest at home', () => {
  const one = guard()
  assert.equal(logIn(one, ANNA, HOME, 0), undefined)
  const heard = Array.from({ length: 100 }, (_, n) => fail(one, ANNA, address(n * 256), 1000 + n)).filter((r) => !r)
  assert.equal(heard.length, 2)
  assert.deepEqual(
    [1, 2, 3].map(() => fail(one, ANNA, HOME, 2000)),
    [undefined, undefined, 'SP-837'],
  )
})

test('a card opens however often passwords were guessed, and gives no guesses back', () => {
  const one = guard()
  const byCard = (at: string): Attempt | string => one.begin(ANNA, at, 3000, true)
  assert.equal(logIn(one, ANNA, HOME, 0), undefined)
  for (let n = 0; n < 100; n++) fail(one, ANNA, address(n * 256), 1)
  for (let n = 0; n < 100; n++) fail(one, ANNA, HOME, 2)
  for (const at of ['203.0.113.9', HOME]) {
    const attempt = byCard(at)
    assert.ok(typeof attempt !== 'string', at)
    one.succeeded(attempt, ANNA, 3000)
    assert.equal(fail(one, ANNA, at, 3000), 'SP-837')
  }
  // Where an address or a network fails too often, nobody is heard who has not been there before.
  for (let n = 0; n < 30; n++) fail(one, `user${n}@corp.example`, '192.0.2.1', 3000)
  assert.equal(byCard('192.0.2.1'), 'SP-838')
  for (let n = 0; n < 30; n++) fail(one, `user${n}@corp.example`, HOME, 3000)
  assert.ok(typeof byCard(HOME) !== 'string')
})

test('a lock ends with the window, and attempts meanwhile do not make it longer', () => {
  const one = guard()
  for (let now = 0; now < WINDOW; now += MINUTE) fail(one, ANNA, address(now), now)
  assert.equal(fail(one, ANNA, HOME, WINDOW - 1), 'SP-837')
  assert.equal(fail(one, ANNA, HOME, WINDOW + 1), undefined)
})

test('the user gets in from a network of theirs while others guess, and a success there gives the share back', () => {
  const one = guard()
  logIn(one, ANNA, HOME, 0)
  for (let n = 0; n < 1000; n++) fail(one, ANNA, address(n * 256), 1)
  assert.equal(logIn(one, ANNA, '198.51.100.99', 2), undefined, 'another address of the network')
  assert.equal(logIn(one, ANNA, '203.0.113.1', 2), 'SP-837', 'a network that is not known')
  for (let n = 0; n < 10; n++) {
    assert.equal(fail(one, ANNA, HOME, 3), undefined)
    assert.equal(logIn(one, ANNA, HOME, 3), undefined)
  }
})

test('a locked address does not keep out whom it is known of', () => {
  const one = guard()
  logIn(one, ANNA, HOME, 0)
  for (let n = 0; n < 60; n++) fail(one, `u${n}@corp.example`, HOME, 1)
  assert.equal(fail(one, 'other@corp.example', HOME, 2), 'SP-838')
  assert.equal(logIn(one, ANNA, HOME, 2), undefined)
})

test('a network is locked when its addresses fail together, and an account of the guesser helps nothing', () => {
  const one = guard()
  const heard = Array.from({ length: 200 }, (_, n) => {
    logIn(one, 'mallory@corp.example', `192.0.2.${n}`, n)
    return fail(one, `u${n}@corp.example`, `192.0.2.${n}`, n)
  }).filter((reason) => reason === undefined)
  assert.equal(heard.length, LIMITS.failuresPerNetwork)
  assert.equal(fail(one, 'x@corp.example', '192.0.2.250', 300), 'SP-839')
  assert.equal(fail(one, 'x@corp.example', '192.0.3.250', 300), undefined)
})

test('spellings that a directory may take for one account are counted as one', () => {
  const one = guard()
  const spellings = ['anna', 'ánna', 'ànna', 'annä'].map((local, n) =>
    fail(one, `${local}@corp.example`, address(n * 256), n),
  )
  assert.deepEqual(spellings, [undefined, undefined, 'SP-837', 'SP-837'])
})

test('what is under way counts, and what came to nothing does not', () => {
  const one = guard()
  const attempts = [1, 2].map((n) => one.begin(ANNA, address(n * 256), 0))
  assert.equal(one.begin(ANNA, address(0), 0), 'SP-837')
  for (const attempt of attempts) if (typeof attempt !== 'string') one.abandoned(attempt, 1)
  assert.equal(fail(one, ANNA, address(0), 2), undefined)
})

test('an administrator sees what is locked and unlocks it', () => {
  const one = guard()
  for (let n = 0; n < 30; n++) fail(one, `u${n}@corp.example`, HOME, n)
  fail(one, ANNA, '203.0.113.1', 100)
  fail(one, ANNA, '203.0.113.1', 101)
  assert.deepEqual(
    one.locks(200).map(({ kind, name, failures, until }) => [kind, name, failures, until]),
    [
      ['account', ANNA, 2, 100 + WINDOW],
      ['address', HOME, 20, WINDOW],
    ],
  )
  assert.equal(one.unlock({ user: ANNA }, 200), 2)
  assert.equal(one.unlock({ address: HOME }, 200), 20)
  assert.deepEqual(one.locks(200), [])
  assert.equal(fail(one, ANNA, HOME, 201), undefined)
})

test('an administrator sees that an account is locked where its user is known, and there alone', () => {
  const one = guard()
  assert.equal(logIn(one, ANNA, HOME, 0), undefined)
  for (const at of [1, 2]) assert.equal(fail(one, ANNA, HOME, at), undefined)
  assert.equal(fail(one, ANNA, HOME, 3), 'SP-837')
  assert.deepEqual(
    one.locks(10).map(({ kind, name, failures, until }) => [kind, name, failures, until]),
    [['known-account', ANNA, 2, 1 + WINDOW]],
  )
  assert.equal(one.unlock({ user: ANNA }, 11), 2)
  assert.deepEqual(one.locks(12), [])
  assert.equal(fail(one, ANNA, HOME, 13), undefined)
})

test('an administrator unlocks an account also where there was no more room to count it by itself', () => {
  const one = guard({ kept: 10 })
  fail(one, ANNA, address(1), 0)
  fail(one, ANNA, address(2), 0)
  for (let n = 0; n < 30; n++) fail(one, `u${n}@corp.example`, address(n * 256), 1)
  assert.equal(fail(one, ANNA, HOME, 2), 'SP-837')
  one.unlock({ user: ANNA }, 3)
  assert.equal(fail(one, ANNA, HOME, 4), undefined)
})

/** What happens at an account: guesses from anywhere, log-ins of the user, floods of other names, time. */
const deeds = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('guess' as const), at: fc.integer({ min: 0, max: 4000 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('guess-at-home' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('log-in' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('flood' as const), from: fc.nat(1_000_000) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: WINDOW }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('hold' as const), at: fc.integer({ min: 0, max: 4000 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), failed: fc.boolean() }) },
  ),
  { minLength: 20, maxLength: 120, size: 'max' },
)

test('whatever happens, the core hears of no more failures in a window, and memory is bounded', () => {
  const reached = { locked: 0, blurred: 0, home: 0 }
  fc.assert(
    fc.property(deeds, fc.integer({ min: 2, max: 7 }), (all, failuresPerAccount) => {
      const one = guard({ failuresPerAccount, kept: 50 })
      let now = 0
      /** Failures of which the core has heard since the last success, and when. */
      let heard: number[] = []
      const held: Attempt[] = []
      let isKnown = false
      const guess = (from: string): void => {
        const reason = fail(one, ANNA, from, now)
        if (reason === undefined) heard.push(now)
        else if (reason === 'SP-837') reached.locked += 1
      }
      for (const deed of all) {
        if (deed.do === 'wait') now += deed.ms
        else if (deed.do === 'guess') guess(address(deed.at * 256))
        else if (deed.do === 'guess-at-home') guess(HOME)
        else if (deed.do === 'hold') {
          const attempt = one.begin(ANNA, address(deed.at * 256), now)
          if (typeof attempt !== 'string') held.push(attempt)
        } else if (deed.do === 'release') {
          const attempt = held.pop()
          if (attempt && deed.failed) {
            one.failed(attempt, now)
            heard.push(now)
          } else if (attempt) one.abandoned(attempt, now)
        } else if (deed.do === 'flood') {
          for (let n = 0; n < 60; n++) fail(one, `u${deed.from + n}@corp.example`, address((deed.from + n) * 256), now)
          if (one.figures.blurred) reached.blurred += 1
        } else {
          const reason = logIn(one, ANNA, HOME, now)
          const own = heard.filter((at) => at > now - WINDOW).length
          if (isKnown && own < failuresPerAccount - Math.floor(failuresPerAccount / 2)) {
            assert.equal(reason, undefined, 'a good user is kept out of their own network')
            reached.home += 1
          }
          if (reason === undefined) {
            isKnown = true
            heard = heard.filter(() => false) // The directory forgets them, too.
          }
        }
        const recent = heard.filter((at) => at > now - WINDOW).length
        assert.ok(recent <= failuresPerAccount, `the core heard of ${recent} failures, of ${failuresPerAccount}`)
        const { accounts, places } = one.figures
        assert.ok(accounts <= 2 * (50 + held.length) && places <= 2 * (50 + held.length), `${accounts}, ${places}`)
      }
    }),
    { numRuns: 100 },
  )
  assert.ok(reached.locked > 150 && reached.blurred > 30 && reached.home > 10, JSON.stringify(reached))
})

test('a flood of other names washes nothing out', () => {
  const one = guard({ kept: 1000 })
  fail(one, ANNA, address(1), 0)
  fail(one, ANNA, address(2), 0)
  for (let n = 0; n < 20_000; n++) fail(one, `u${n}@corp.example`, address(n * 256), 1)
  assert.equal(one.begin(ANNA, '203.0.113.9', 2), 'SP-837')
  assert.ok(one.figures.accounts <= 1000)
})

test('names that a core may take for one are counted as one', () => {
  for (const [one, other] of [
    ['strasse', 'straße'],
    ['odysseus', 'ODYSSEUS'],
    ['οδυσσευσ', 'οδυσσευς'],
    ['jose', 'josé'],
    ['anna', 'ａｎｎａ'],
    ['αι', 'ᾳ'],
    ['rita', 'rıta'],
  ] as const) {
    const both = guard()
    const tried = [one, other, one, other].map((name, n) => fail(both, `${name}@corp.example`, address(n * 256), n))
    assert.deepEqual(tried, [undefined, undefined, 'SP-837', 'SP-837'], `${one} ${other}`)
  }
})

test('a guard that is made anew after every few attempts lets the core hear of nothing that one which stays would not', () => {
  let [locked, heard] = [0, 0]
  const user = fc.constantFrom(ANNA, 'ben@corp.example', 'nobody@corp.example')
  const step = fc.record({ user, what: fc.constantFrom('guess', 'guess', 'home', 'in', 'unlock'), ms: fc.nat(MINUTE) })
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), fc.nat(5), (steps, every) => {
      const limits = { failuresPerAddress: 1000, failuresPerNetwork: 1000 }
      const stays = guard(limits)
      let restarts = guard(limits)
      const kept = new Map<string, AccountFailures>()
      let now = 1000
      for (const [n, { user: name, what, ms }] of steps.entries()) {
        now += ms
        const both = [stays, restarts]
        const outcomes = both.map((one) => {
          if (what === 'unlock') return one.unlock({ user: name }, now)
          if (what === 'in') return logIn(one, name, HOME, now)
          return fail(one, name, what === 'home' ? HOME : address(n), now)
        })
        assert.equal(outcomes[0], outcomes[1], `${what} of ${name}`)
        if (outcomes[1] === 'SP-837') locked += 1
        else heard += 1
        for (const one of restarts.changes(now)) kept.set(`${one.kind} ${one.name}`, one)
        if (n % (every + 1) > 0) continue
        restarts = guard(limits)
        restarts.restore([...kept.values()], now)
        for (const known of [ANNA, 'ben@corp.example', 'nobody@corp.example'])
          if (stays.known.has(known, placesOf(HOME).network, now))
            restarts.known.add({ user: known, network: placesOf(HOME).network, at: now })
      }
    }),
  )
  assert.ok(locked > 100 && heard > 1000, `${locked} refused, ${heard} heard`)
})

test('what could not be kept is kept the next time, and nothing twice; a clock that was set back prolongs nothing', () => {
  const one = guard()
  fail(one, ANNA, address(1), 5000)
  const lost = one.changes(5000)
  assert.deepEqual(lost, [{ kind: 'strange', name: ANNA, times: [5000] }])
  assert.deepEqual(one.changes(5000), [])
  one.keepLater(lost)
  fail(one, 'ANNA@corp.example', address(2), 6000)
  assert.deepEqual(one.changes(6000), [{ kind: 'strange', name: ANNA, times: [5000, 6000] }])
  one.unlock({ user: ANNA }, 6000)
  const forgotten = one.changes(6000)
  assert.deepEqual(forgotten, [
    { kind: 'own', name: ANNA, times: [] },
    { kind: 'strange', name: ANNA, times: [] },
  ])
  const other = guard()
  other.restore([{ kind: 'strange', name: ANNA, times: [900_000_000, 900_000_001] }], 1000)
  assert.equal(fail(other, ANNA, address(3), 1000), 'SP-837')
  assert.equal(fail(other, ANNA, address(3), 1001 + WINDOW), undefined)
})

test('what a flood of names has pushed into the blur is not taken for forgotten', () => {
  const one = guard({ kept: 10 })
  fail(one, ANNA, address(1), 1000)
  fail(one, ANNA, address(2), 1000)
  const before = one.changes(1000)
  assert.equal(before.length, 1)
  for (let n = 0; n < 50; n++) fail(one, `u${n}@corp.example`, address(100 + n), 1001)
  const after = one.changes(1002)
  assert.ok(after.length <= 10)
  assert.ok(after.every(({ name, times }) => name !== ANNA && times.length > 0))
})
