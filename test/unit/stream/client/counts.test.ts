// The counts of both sides of a session, however many stanzas are refused and answered in between, and however often it
// is resumed: nobody ever sends what was handled, nor forgets what was not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Counts, MOST_UNSETTLED, unwrapped } from '../../../../src/stream/client/counts.ts'

test('without refusals every word is the same on both sides', () => {
  const counts = new Counts()
  for (let n = 0; n < 5; n++) counts.passed()
  for (let n = 0; n < 7; n++) counts.given()
  assert.deepEqual([counts.handled(3), counts.handled(5), counts.received(7)], [3, 5, 7])
})

test('a refused stanza counts as handled once all before it are', () => {
  const counts = new Counts()
  counts.passed()
  counts.refused()
  counts.refused()
  counts.passed()
  assert.deepEqual([counts.handled(0), counts.handled(1), counts.handled(2)], [0, 3, 4])
})

test('what the core has not sent it is not told of', () => {
  const counts = new Counts()
  counts.given()
  counts.said(Buffer.from('<a/>'))
  counts.given()
  assert.deepEqual([counts.received(1), counts.received(2), counts.received(3)], [1, 1, 2])
})

test('nobody handles what they never got, or takes back a word', () => {
  const counts = new Counts()
  counts.passed()
  counts.given()
  assert.deepEqual([counts.handled(2), counts.received(2)], [undefined, undefined])
  counts.handled(1)
  assert.equal(counts.handled(0), undefined)
})

test('a count goes on where 32 bits begin anew', () => {
  const wrap = 2 ** 32
  assert.equal(unwrapped(3, wrap - 2), wrap + 3)
  assert.equal(unwrapped(wrap - 1, wrap + 1), wrap - 1)
  assert.equal(unwrapped(5, 5 * wrap), 5 * wrap + 5)
  assert.equal(unwrapped(0, 0), 0)
})

test('a word from far away is none', () => {
  const counts = new Counts()
  for (let n = 0; n < 10; n++) counts.passed()
  assert.equal(counts.handled(2 ** 32 - 2), undefined)
  assert.equal(counts.handled(2 ** 31), undefined)
})

test('what is remembered is bounded', () => {
  const counts = new Counts()
  let last = true
  for (let n = 0; n <= MOST_UNSETTLED; n++) {
    counts.passed()
    last = counts.refused()
  }
  assert.equal(last, false)
  const many = new Counts()
  for (let n = 0; n < 10_000; n++) assert.equal(many.refused(), true)
  assert.equal(many.unsettled, 1, 'those at one place are one')
})

type Act =
  | { readonly kind: 'say'; readonly refused: boolean }
  | { readonly kind: 'tell' }
  | { readonly kind: 'core-acks'; readonly share: number }
  | { readonly kind: 'client-acks'; readonly share: number }
  | { readonly kind: 'resume'; readonly coreGot: number; readonly clientGot: number }

const share = fc.double({ min: 0, max: 1, noNaN: true })
const act: fc.Arbitrary<Act> = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant('say' as const), refused: fc.boolean() }), weight: 6 },
  { arbitrary: fc.record({ kind: fc.constant('tell' as const) }), weight: 3 },
  { arbitrary: fc.record({ kind: fc.constant('core-acks' as const), share }), weight: 2 },
  { arbitrary: fc.record({ kind: fc.constant('client-acks' as const), share }), weight: 2 },
  { arbitrary: fc.record({ kind: fc.constant('resume' as const), coreGot: share, clientGot: share }), weight: 2 },
)

/**
 * Both ends as XEP-0198 has them, each by its own rules: a list of what was sent and not acknowledged, and a number of what
 * was handled. Stanzas have names, so that one that is lost or comes twice is seen.
 */
class World {
  readonly counts = new Counts()
  resumptions = 0
  refusals = 0
  // The client's side.
  #clientSent = 0
  #unacked: string[] = []
  #clientHandled = 0
  readonly seenByClient: string[] = []
  // The core's side.
  #coreHandled = 0
  readonly seenByCore: string[] = []
  readonly #coreSent: string[] = []
  #toClient: string[] = []
  #coreAcked = 0
  #coreTotal = 0
  readonly refusedNames = new Set<string>()
  readonly passed = new Set<string>()
  readonly told = new Set<string>()
  #toCore: string[] = []
  #name = 0

  say(refused: boolean, name = `c${(this.#name += 1)}`): void {
    this.#clientSent += 1
    this.#unacked.push(name)
    this.#through(name, refused || this.refusedNames.has(name))
  }

  #through(name: string, refused: boolean): void {
    if (!refused) {
      this.counts.passed()
      this.passed.add(name)
      this.#toCore.push(name)
      return
    }
    this.refusals += 1
    this.refusedNames.add(name)
    assert.equal(this.counts.refused(), true)
    const answer = Buffer.from(`error-${name}`)
    assert.equal(this.counts.said(answer), true)
    this.#toClient.push(answer.toString())
  }

  tell(): void {
    const name = `s${(this.#name += 1)}`
    this.#coreTotal += 1
    this.told.add(name)
    this.#coreSent.push(name)
    this.counts.given()
    this.#toClient.push(name)
  }

  /** So much of what is under way arrives. */
  arrive(toCore: number, toClient: number): void {
    for (const name of this.#toCore.splice(0, Math.round(this.#toCore.length * toCore))) {
      this.#coreHandled += 1
      this.seenByCore.push(name)
    }
    for (const name of this.#toClient.splice(0, Math.round(this.#toClient.length * toClient))) {
      this.#clientHandled += 1
      this.seenByClient.push(name)
    }
  }

  coreAcks(): void {
    this.#heardByClient(this.counts.handled(this.#coreHandled))
  }

  #heardByClient(h: number | undefined): void {
    assert.notEqual(h, undefined)
    const left = this.#clientSent - h!
    assert.ok(left >= 0 && left <= this.#unacked.length, `the client hears ${h} of ${this.#clientSent}`)
    this.#unacked = this.#unacked.slice(this.#unacked.length - left)
  }

  clientAcks(): void {
    this.#heardByCore(this.counts.received(this.#clientHandled))
  }

  #heardByCore(h: number | undefined): void {
    assert.notEqual(h, undefined)
    const more = h! - this.#coreAcked
    assert.ok(more >= 0 && more <= this.#coreSent.length, `the core hears ${h} of ${this.#coreTotal}`)
    this.#coreSent.splice(0, more)
    this.#coreAcked = h!
  }

  resume(): void {
    this.resumptions += 1
    this.#toCore = []
    this.#toClient = []
    this.#heardByCore(this.counts.received(this.#clientHandled))
    this.#heardByClient(this.counts.handled(this.#coreHandled))
    const again = this.counts.resumed()
    for (const bytes of again) {
      this.counts.said(bytes)
      this.#toClient.push(bytes.toString())
    }
    for (const name of this.#coreSent) {
      this.counts.given()
      this.#toClient.push(name)
    }
    this.#clientSent -= this.#unacked.length
    for (const name of this.#unacked.splice(0)) this.say(false, name)
  }
}

test('nothing is lost and nothing comes twice, whatever is refused, acknowledged and resumed', () => {
  let resumptions = 0
  let refusals = 0
  fc.assert(
    fc.property(fc.array(act, { minLength: 15, maxLength: 60 }), (acts) => {
      const world = new World()
      for (const one of acts) {
        if (one.kind === 'say') world.say(one.refused)
        else if (one.kind === 'tell') world.tell()
        else if (one.kind === 'core-acks') {
          world.arrive(one.share, 0)
          world.coreAcks()
        } else if (one.kind === 'client-acks') {
          world.arrive(0, one.share)
          world.clientAcks()
        } else {
          world.arrive(one.coreGot, one.clientGot)
          world.resume()
        }
      }
      world.arrive(1, 1)
      world.coreAcks()
      world.clientAcks()
      for (const [who, seen] of [
        ['core', world.seenByCore],
        ['client', world.seenByClient],
      ] as const) {
        // A stanza that is sent again because it was not acknowledged is refused again.
        const once = seen.filter((name) => !name.startsWith('error-'))
        assert.equal(new Set(once).size, once.length, `${who} has seen something twice: ${seen.join(' ')}`)
      }
      for (const name of world.seenByCore) assert.ok(!world.refusedNames.has(name))
      for (const name of world.passed) assert.ok(world.seenByCore.includes(name), `the core has lost ${name}`)
      for (const name of world.told) assert.ok(world.seenByClient.includes(name), `the client has lost ${name}`)
      const said = [...world.refusedNames].map((name) => `error-${name}`)
      for (const name of said) assert.ok(world.seenByClient.includes(name), `${name} was never heard`)
      resumptions += world.resumptions
      refusals += world.refusals
    }),
    { numRuns: 400 },
  )
  assert.ok(resumptions > 400, `${resumptions} resumptions`)
  assert.ok(refusals > 1000, `${refusals} refusals`)
})
