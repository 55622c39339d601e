// Who may prove a name by dialback, what the others are told, and when.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Dialback } from '../../../src/gateway/dialback.ts'
import type { House } from '../../../src/gateway/house.ts'
import type { Asked } from '../../../src/net/ask.ts'
import type { Judgement, KeyAnswer, KeyQuestion } from '../../../src/stream/types.ts'
import { DialbackKeys } from '../../../src/trust/dialback-key.ts'
import type { PathFault } from '../../../src/trust/demands.ts'
import type { Verdict } from '../../../src/trust/verdict.ts'
import type { ReasonId } from '../../../src/xmpp/reasons.ts'
import { CERTIFICATE, NOT_PROVEN, PROVEN } from '../stream/play.ts'

const TLS = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', group: undefined }

interface World {
  conceal?: boolean
  offered?: boolean
  /** Domains whose entry takes dialback. */
  floors?: readonly string[]
  refused?: Readonly<Record<string, ReasonId>>
  verdict?: Verdict
  /** What the profile of the domain has against the handshake. */
  fault?: PathFault
  dialbacks?: number
}

const VALID: Asked = { ok: true, answer: { verdict: 'valid' } }
const answered = (answer: KeyAnswer): Asked => ({ ok: true, answer })
const failed = (reason: ReasonId): Asked => ({
  ok: false,
  failure: {
    ...{ reference: 'r', reason, detail: 'd', role: 'initiating', pair: undefined, leg: 'partner' },
    ...{ remoteAddress: '', condition: undefined, by: 'network', certificate: undefined, attempts: [] },
  },
})

const DEFAULTS: Required<Pick<World, 'conceal' | 'offered' | 'floors' | 'verdict' | 'dialbacks'>> = {
  conceal: true,
  offered: true,
  floors: ['peer.test'],
  verdict: NOT_PROVEN,
  dialbacks: 200,
}

/** A dialback whose clock and authoritative servers are the test's. */
function bench(world: World = {}) {
  const now: World & typeof DEFAULTS = { ...DEFAULTS, ...world }
  const asked: { question: KeyQuestion; answer: (asked: Asked) => void; signal: AbortSignal }[] = []
  const timers = new Set<() => void>()
  const told: Judgement[] = []
  const vouched: boolean[] = []
  const house = (): House =>
    ({
      isOurs: (domain: string) => domain === 'us.test' || domain === 'rooms.us.test',
      verifyPartner: () => now.verdict,
      handshakeFault: () => now.fault,
      admission: (domain: string) => now.refused?.[domain],
      floor: (domain: string) => (now.floors.includes(domain) ? 'dialback-over-tls' : 'certificate'),
      usesDialback: now.offered,
      conceal: now.conceal,
      settings: { limits: { dialbacks: now.dialbacks, dialbackMs: 10_000 } },
    }) as unknown as House
  const keys = new DialbackKeys('secret')
  const dialback = new Dialback({
    house,
    keys,
    proving: { confirm: (verdict) => Promise.resolve(verdict) },
    ask: (question, _, signal) =>
      new Promise((answer) => {
        asked.push({ question, answer, signal })
      }),
    journal: {
      judged: (_, __, judgement) => void told.push(judgement),
      vouched: (_, __, genuine) => void vouched.push(genuine),
    },
    reference: () => 'ref',
    delay: (_, then) => {
      timers.add(then)
      return () => timers.delete(then)
    },
  })
  const claim = (remote = 'peer.test', local = 'us.test', address = '192.0.2.1') => {
    const seen: { judgement?: Judgement } = {}
    const done = dialback
      .judge({ pair: { local, remote }, id: 's1', key: 'k' }, { chain: [], tls: TLS, remoteAddress: address })
      .then((judgement) => {
        seen.judgement = judgement
        return judgement
      })
    return { seen, done }
  }
  /** The time for the claims is over. */
  const strike = (): void => {
    for (const then of timers) then()
  }
  return { now, asked, told, vouched, dialback, keys, claim, strike, timers }
}

const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** What a refusal says, and why. */
const words = (judgement: Judgement | undefined): string =>
  !judgement ? 'undecided' : judgement.valid ? judgement.proven.method : `${judgement.say} ${judgement.reason}`

test('a partner whose entry takes dialback is asked, and believed when it says yes', async () => {
  const { claim, asked, told, dialback, timers } = bench()
  const { seen, done } = claim()
  await settle()
  assert.equal(words(seen.judgement), 'undecided')
  assert.equal(dialback.underWay, 1)
  assert.deepEqual(asked[0]?.question, { pair: { local: 'us.test', remote: 'peer.test' }, id: 's1', key: 'k' })
  asked[0]?.answer(VALID)
  assert.deepEqual(await done, {
    valid: true,
    proven: { pair: { local: 'us.test', remote: 'peer.test' }, method: 'dialback', certificate: undefined },
  })
  assert.deepEqual([dialback.underWay, timers.size, told.length], [0, 0, 1])
})

test('a certificate that proves the name is enough, whatever the floor, and nobody is asked', async () => {
  for (const floors of [[], ['peer.test']]) {
    for (const offered of [true, false]) {
      const { claim, asked } = bench({ verdict: PROVEN, floors, offered })
      const judgement = await claim().done
      assert.ok(judgement.valid)
      assert.deepEqual([judgement.proven.method, judgement.proven.certificate], ['certificate', CERTIFICATE])
      assert.equal(asked.length, 0)
    }
  }
})

test('what has proven a name is told where it is refused, and of a name that is only claimed there is nothing', async () => {
  const refused = { 'peer.test': 'SP-161' } as const
  const proven = await bench({ verdict: PROVEN, refused }).claim().done
  assert.ok(!proven.valid)
  assert.deepEqual([proven.reason, proven.certificate], ['SP-161', CERTIFICATE])
  for (const conceal of [true, false]) {
    const { claim, strike } = bench({ refused, conceal })
    const { done } = claim()
    await settle()
    strike()
    const unproven = await done
    assert.ok(!unproven.valid)
    assert.deepEqual([unproven.reason, unproven.certificate], ['SP-161', undefined])
  }
})

describe('nobody is asked about', () => {
  const cases: readonly (readonly [what: string, world: World, names: readonly string[], expected: string])[] = [
    ['an unknown domain', { refused: { 'x.test': 'SP-101' } }, ['x.test'], 'not-authorized SP-101'],
    ['a blocked one whose entry takes dialback', { refused: { 'peer.test': 'SP-102' } }, [], 'not-authorized SP-102'],
    ['one that needs a certificate', { floors: ['other.test'] }, [], 'not-authorized SP-472'],
    [
      'one whose handshake is below its profile',
      { fault: { reason: 'SP-321', detail: 'd' } },
      [],
      'not-authorized SP-321',
    ],
    ['one of ours', {}, ['us.test'], 'not-acceptable SP-111'],
    ['one that asks for somebody else', {}, ['peer.test', 'elsewhere.test'], 'item-not-found SP-115'],
    [
      'a proven one that is not admitted',
      { verdict: PROVEN, refused: { 'peer.test': 'SP-102' } },
      [],
      'policy-violation SP-102',
    ],
    ['anybody where no entry takes dialback', { offered: false }, [], 'not-authorized SP-301'],
  ]
  for (const [what, world, names, expected] of cases) {
    test(what, async () => {
      const { claim, asked, strike } = bench(world)
      const { done } = claim(...names)
      await settle()
      strike()
      assert.equal(words(await done), expected)
      assert.equal(asked.length, 0)
    })
  }
})

describe('with conceal, who has proven nothing hears the same words, and not before the time is over', () => {
  const ANSWERS: readonly (readonly [what: string, asked: Asked, reason: ReasonId])[] = [
    ['the key is false', answered({ verdict: 'invalid' }), 'SP-470'],
    ['the server has an error', answered({ verdict: 'error', condition: 'item-not-found', detail: 'x' }), 'SP-473'],
    ['the server is not found', failed('SP-201'), 'SP-473'],
    ['the server is not reached', failed('SP-211'), 'SP-473'],
  ]
  for (const [what, answer, reason] of ANSWERS) {
    test(what, async () => {
      const { claim, asked, strike } = bench()
      const { seen, done } = claim()
      asked[0]?.answer(answer)
      await settle()
      assert.equal(words(seen.judgement), 'undecided')
      strike()
      assert.equal(words(await done), `not-authorized ${reason}`)
    })
  }
  test('nobody answers, and the question is given up', async () => {
    const { claim, asked, strike } = bench()
    const { done } = claim()
    strike()
    assert.equal(words(await done), 'not-authorized SP-474')
    assert.equal(asked[0]?.signal.aborted, true)
  })
  test('the name is unknown, or its entry asks for more', async () => {
    for (const world of [{ refused: { 'peer.test': 'SP-101' } }, { floors: ['other.test'] }] as const) {
      const { claim, strike } = bench(world)
      const { seen, done } = claim()
      await settle()
      assert.equal(words(seen.judgement), 'undecided')
      strike()
      assert.match(words(await done), /^not-authorized /)
    }
  })
})

describe('without conceal, the answer is the truth and comes at once', () => {
  const cases: readonly (readonly [what: string, world: World, answer: Asked, expected: string])[] = [
    ['unknown', { refused: { 'peer.test': 'SP-101' } }, VALID, 'policy-violation SP-101'],
    ['a certificate needed', { floors: ['other.test'] }, VALID, 'not-authorized SP-472'],
    ['a false key', {}, answered({ verdict: 'invalid' }), 'invalid SP-470'],
    ['no server', {}, failed('SP-201'), 'remote-server-not-found SP-473'],
    ['no connection', {}, failed('SP-212'), 'remote-server-timeout SP-473'],
  ]
  for (const [what, world, answer, expected] of cases) {
    test(what, async () => {
      const { claim, asked } = bench({ ...world, conceal: false })
      const { done } = claim()
      asked[0]?.answer(answer)
      assert.equal(words(await done), expected)
    })
  }
})

test('what has changed while the server was asked counts', async () => {
  const { claim, asked, now, strike } = bench()
  const { done } = claim()
  now.floors = ['other.test']
  asked[0]?.answer(VALID)
  await settle()
  strike()
  assert.equal(words(await done), 'not-authorized SP-472')
})

describe('claims under way are bounded', () => {
  test('in all, whatever name is claimed', async () => {
    const { claim, strike } = bench({ dialbacks: 2 })
    const first = [claim('a.test', 'us.test', '192.0.2.1'), claim('peer.test', 'us.test', '192.0.2.2')]
    assert.equal(words(await claim('peer.test', 'us.test', '192.0.2.3').done), 'resource-constraint SP-475')
    assert.equal(words(await claim('b.test', 'us.test', '192.0.2.4').done), 'resource-constraint SP-475')
    strike()
    await Promise.all(first.map(({ done }) => done))
    const again = claim()
    await settle()
    assert.equal(words(again.seen.judgement), 'undecided')
  })
  test('so that ten hosts leave room for others, however many claims they make', async () => {
    const { claim, strike } = bench()
    const greedy = Array.from({ length: 10 }, (_, host) =>
      Array.from({ length: 40 }, () => claim('a.test', 'us.test', `192.0.2.${host}`)),
    ).flat()
    await settle()
    const underWay = greedy.filter(({ seen }) => seen.judgement === undefined)
    assert.ok(underWay.length >= 120 && underWay.length < 180, `${underWay.length}`)
    for (let host = 0; host < 10; host++) {
      const modest = claim('b.test', 'us.test', `198.51.100.${host}`)
      await settle()
      assert.equal(words(modest.seen.judgement), 'undecided', `host ${host}`)
    }
    strike()
    await Promise.all(greedy.map(({ done }) => done))
  })
  test('for each IPv6 network that one host has to itself', async () => {
    const { claim, strike } = bench()
    const first = Array.from({ length: 20 }, (_, n) => claim('a.test', 'us.test', `2001:db8::${n}:1`))
    assert.equal(words(await claim('b.test', 'us.test', '2001:db8::ffff').done), 'resource-constraint SP-475')
    const elsewhere = claim('b.test', 'us.test', '2001:db8:0:1::1')
    await settle()
    assert.equal(words(elsewhere.seen.judgement), 'undecided')
    strike()
    await Promise.all(first.map(({ done }) => done))
    const again = claim('b.test', 'us.test', '2001:db8::1:1')
    await settle()
    assert.equal(words(again.seen.judgement), 'undecided')
  })
  test('for each address', async () => {
    const { claim, strike } = bench()
    const first = Array.from({ length: 20 }, () => claim('a.test'))
    assert.equal(words(await claim('b.test').done), 'resource-constraint SP-475')
    const elsewhere = claim('b.test', 'us.test', '192.0.2.2')
    await settle()
    assert.equal(words(elsewhere.seen.judgement), 'undecided')
    strike()
    await Promise.all(first.map(({ done }) => done))
    const again = claim('b.test')
    await settle()
    assert.equal(words(again.seen.judgement), 'undecided')
  })
  test('for each domain that is asked, and nobody sees it', async () => {
    const { claim, asked, strike } = bench()
    const claims = Array.from({ length: 11 }, (_, n) => claim('peer.test', 'us.test', `192.0.2.${n}`))
    await settle()
    assert.equal(asked.length, 10)
    strike()
    const said = await Promise.all(claims.map(({ done }) => done))
    assert.deepEqual(said.map(words).toSorted().at(-1), 'not-authorized SP-475')
    assert.deepEqual(new Set(said.map((one) => words(one).split(' ')[0])), new Set(['not-authorized']))
    // A question that was given up has its place until it has really ended.
    claim('peer.test', 'us.test', '192.0.2.99')
    await settle()
    assert.equal(asked.length, 10)
    for (const { answer } of asked) answer(failed('SP-217'))
    await settle()
    claim('peer.test', 'us.test', '192.0.2.99')
    assert.equal(asked.length, 11)
  })
})

test('when the gateway ends, nobody waits for the time to be over', async () => {
  const { claim, dialback } = bench()
  const { done } = claim()
  dialback[Symbol.dispose]()
  assert.equal(words(await done), 'not-authorized SP-474')
})

test('a key is known again that was made for the same stream, for a domain of ours', () => {
  const { dialback, vouched } = bench()
  const pair = { local: 'us.test', remote: 'peer.test' }
  const key = dialback.key(pair, 's1')
  assert.equal(dialback.rules.vouches({ pair, id: 's1', key }), 'valid')
  assert.equal(dialback.rules.vouches({ pair, id: 's2', key }), 'invalid')
  assert.equal(dialback.rules.vouches({ pair: { ...pair, local: 'rooms.us.test' }, id: 's1', key }), 'invalid')
  assert.equal(dialback.rules.vouches({ pair: { ...pair, local: 'elsewhere.test' }, id: 's1', key }), 'item-not-found')
  assert.deepEqual(vouched, [true, false, false])
})
