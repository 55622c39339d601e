import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type KeptRequest, type RequestChanges, Requests } from '../../../../src/policy/limits/requests.ts'

const KEPT_MS = 1000
const of = (partner: string, user: string, contact = 'bob') => ({ partner, user, contact: `${contact}@${partner}` })
const ANY = { partner: undefined, user: 1000 }

test('a partner, and all partners at one user, may have so many waiting', () => {
  const requests = new Requests(7, () => ({ pendingRequests: 100, requestsKeptMs: KEPT_MS }))
  const caps = { partner: 3, user: 2 }
  const asks = (request: ReturnType<typeof of>): string | undefined => {
    const exceeded = requests.exceeded(request, caps, 0)
    if (exceeded === undefined) requests.add(request, 0)
    return exceeded?.reason
  }
  assert.equal(asks(of('a.example', 'anna')), undefined)
  assert.equal(asks(of('b.example', 'anna')), undefined)
  assert.equal(asks(of('c.example', 'anna')), 'SP-159')
  assert.equal(asks(of('a.example', 'ben')), undefined)
  assert.equal(asks(of('a.example', 'carol')), undefined)
  assert.equal(asks(of('a.example', 'dora')), 'SP-158')
  assert.equal(asks(of('a.example', 'carol')), undefined, 'it waits already')
  requests.end('ben', 'bob@a.example')
  assert.equal(asks(of('a.example', 'dora')), undefined)
  assert.deepEqual([requests.of('a.example'), requests.at('anna'), requests.at('ben'), requests.size], [3, 2, 0, 4])
})

test('what waited too long counts no more', () => {
  const requests = new Requests(7, () => ({ pendingRequests: 100, requestsKeptMs: KEPT_MS }))
  const caps = { partner: 1, user: undefined }
  requests.add(of('a.example', 'anna'), 0)
  assert.equal(requests.exceeded(of('a.example', 'ben'), caps, KEPT_MS - 1)?.reason, 'SP-158')
  assert.equal(requests.exceeded(of('a.example', 'ben'), caps, KEPT_MS), undefined)
  assert.equal(requests.size, 0)
})

test('whatever is asked, no more is kept than there is room for, a partner leaves room to others, and the counts are right', () => {
  let crowded = 0
  const asking = fc.record({
    partner: fc.integer({ min: 0, max: 3 }),
    user: fc.integer({ min: 0, max: 20 }),
    contact: fc.integer({ min: 0, max: 20 }),
    ends: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(asking, { minLength: 100, maxLength: 300 }), (all) => {
      const requests = new Requests(7, () => ({ pendingRequests: 40, requestsKeptMs: KEPT_MS }))
      const kept = new Set<string>()
      for (const { partner, user, contact, ends } of all) {
        const request = of(`p${partner}.example`, `u${user}`, `c${contact}`)
        const key = `${request.user} ${request.contact}`
        if (ends) {
          requests.end(request.user, request.contact)
          kept.delete(key)
        } else if (requests.exceeded(request, ANY, 0) === undefined) {
          requests.add(request, 0)
          kept.add(key)
        } else crowded += 1
        assert.equal(requests.size, kept.size)
        assert.ok(requests.size <= 40)
        for (let n = 0; n <= 3; n++)
          assert.equal(requests.of(`p${n}.example`), [...kept].filter((one) => one.endsWith(`@p${n}.example`)).length)
      }
      assert.equal(requests.exceeded(of('new.example', 'anna'), ANY, 0), undefined, 'there is room for another')
    }),
    { numRuns: 50 },
  )
  assert.ok(crowded > 500, `it was crowded only ${crowded} times`)
})

test('what waits is kept as it changes, and waits again afterwards, as long as it would have', () => {
  const room = (): { pendingRequests: number; requestsKeptMs: number } => ({
    pendingRequests: 100,
    requestsKeptMs: KEPT_MS,
  })
  const store = new Map<string, KeptRequest>()
  const keep = ({ changed, gone, over }: RequestChanges): boolean => {
    for (const { user, contact } of gone) store.delete(`${user} ${contact}`)
    for (const one of changed) store.set(`${one.user} ${one.contact}`, one)
    for (const [key, { at }] of store) if (at <= over) store.delete(key)
    return true
  }
  const before = new Requests(7, room)
  before.add(of('a.example', 'anna'), 0)
  before.add(of('a.example', 'ben'), 10)
  before.add(of('b.example', 'anna'), 20)
  assert.equal(
    before.flush(() => false, 20),
    false,
  )
  assert.equal(before.flush(keep, 20, 1), true)
  assert.equal(store.size, 1, 'so many at a time')
  before.end('ben', 'bob@a.example')
  before.end('nobody', 'bob@a.example')
  assert.equal(before.flush(keep, 30), true)
  assert.deepEqual([...store.keys()], ['anna bob@a.example', 'anna bob@b.example'])
  assert.equal(
    before.flush(() => assert.fail('nothing has changed'), 30),
    true,
  )

  const after = new Requests(8, room)
  after.restore(store.values(), 40)
  assert.deepEqual([after.of('a.example'), after.of('b.example'), after.at('anna'), after.size], [1, 1, 2, 2])
  const one = { partner: 1, user: undefined }
  assert.equal(after.exceeded(of('a.example', 'carol'), one, 40)?.reason, 'SP-158')
  assert.equal(after.exceeded(of('a.example', 'anna'), one, 40), undefined, 'it waits already')
  assert.equal(
    after.flush(() => assert.fail('what was kept is no change'), 40),
    true,
  )
  assert.equal(after.exceeded(of('a.example', 'carol'), one, KEPT_MS), undefined, 'the first has waited too long')
  assert.equal(after.size, 1)
  after.end('anna', 'bob@b.example')
  after.add(of('a.example', 'dora'), KEPT_MS)
  assert.equal(after.flush(keep, KEPT_MS), true)
  assert.deepEqual([...store.keys()], ['dora bob@a.example'])
})

test('what counts no more is taken out of what is kept also where nothing changes, once an hour', () => {
  const requests = new Requests(7, () => ({ pendingRequests: 100, requestsKeptMs: KEPT_MS }))
  requests.restore([{ ...of('a.example', 'anna'), at: 0 }], 0)
  const kept: RequestChanges[] = []
  const keep = (changes: RequestChanges): boolean => kept.push(changes) > 0
  const hour = 3_600_000
  for (const now of [0, hour / 2, hour - 1]) assert.equal(requests.flush(keep, now), true)
  assert.deepEqual(kept, [])
  assert.equal(
    requests.flush(() => false, hour),
    false,
  )
  for (const now of [hour, hour + 1, 2 * hour - 1, 2 * hour]) assert.equal(requests.flush(keep, now), true)
  assert.deepEqual(
    kept,
    [hour, 2 * hour].map((now) => ({ changed: [], gone: [], over: now - KEPT_MS })),
  )
})

test('what is kept for longer than it may wait, is ahead of the clock, or is too much, does not keep everybody out', () => {
  const requests = new Requests(7, () => ({ pendingRequests: 2, requestsKeptMs: KEPT_MS }))
  const kept = (user: string, at: number): KeptRequest => ({ ...of('a.example', user), at })
  requests.restore([kept('late', 9 * KEPT_MS), kept('old', 0), kept('new', KEPT_MS), kept('mid', KEPT_MS / 2)], KEPT_MS)
  assert.deepEqual([requests.size, requests.at('late'), requests.at('new'), requests.at('old')], [2, 1, 1, 0])
  requests.sweep(2 * KEPT_MS)
  assert.equal(requests.size, 0)
})
