// Acknowledgements with a real Prosody, as partner and as core, when it vanishes in the middle of a flood: what it had not
// acknowledged comes back to its sender, who is told that it may have arrived, and nothing is lost without a word.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { xml } from '../support/client.ts'
import type { Client, Element } from '../support/client.ts'
import { Cutter } from '../support/cutter.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import { eventually } from '../support/within.ts'
import { freshId, isMessage, referenceIn } from './conversations/conversation.ts'
import { OURS, THEIRS, USERS, conferenceOf, places, side } from './places.ts'
import { buildWorld } from './world.ts'

/** Enough that the flood lasts well beyond the moment in which the wire is cut. */
const COUNT = 6_000
const AT_ONCE = 100
/** So many have arrived when it happens. */
const BEFORE = 300
const PATIENCE = { ms: 90_000, everyMs: 200 }

/** Numbered messages, and what became of each. */
class Flood {
  readonly arrived: number[] = []
  readonly returned = new Map<number, Element>()
  readonly #from: Client
  readonly #to: Client
  readonly #thread = freshId()
  readonly #happened = Promise.withResolvers<void>()

  constructor(from: Client, to: Client) {
    this.#from = from
    this.#to = to
    to.listen((stanza) => {
      if (stanza.getChildText('thread') !== this.#thread || stanza.attrs['type'] === 'error') return
      this.arrived.push(Number(stanza.getChildText('body')))
      if (this.arrived.length === BEFORE) this.#happened.resolve()
    })
    from.listen((stanza) => {
      const [thread, number] = String(stanza.attrs['id']).split(' ')
      if (thread === this.#thread && stanza.attrs['type'] === 'error') this.returned.set(Number(number), stanza)
    })
  }

  /** Sends all, and does something in the middle. */
  async pour(inTheMiddle: () => unknown): Promise<void> {
    const middle = this.#happened.promise.then(inTheMiddle)
    for (let first = 0; first < COUNT; first += AT_ONCE) {
      await this.#from.sendMany(Array.from({ length: AT_ONCE }, (_, n) => this.#message(first + n)))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await middle
  }

  get lost(): readonly number[] {
    const arrived = new Set(this.arrived)
    return Array.from({ length: COUNT }, (_, n) => n).filter((n) => !arrived.has(n) && !this.returned.has(n))
  }

  /** Arrived and returned. */
  get both(): readonly number[] {
    return this.arrived.filter((n) => this.returned.has(n))
  }

  #message(n: number): Element {
    const attributes = { to: this.#to.jid, type: 'chat', id: `${this.#thread} ${n}` }
    return xml('message', attributes, xml('body', {}, String(n)), xml('thread', {}, this.#thread))
  }
}

for (const [index, victim] of (['partner', 'core'] as const).entries()) {
  test(`a ${victim} of Prosody that vanishes`, needsPeer('prosody', 'dnsmasq', 'root'), async (t) => {
    const number = 43 + index
    const at = places(number)
    const [toCore, toPartner] = [`127.0.${number}.5`, `127.0.${number}.6`]
    const world = await buildWorld(t, {
      number,
      core: prosody,
      outside: { [THEIRS]: toPartner },
      via: { core: toCore },
      settings: { limits: { ping: '5s', pingAnswer: '2s', close: '1s', negotiation: '3s', queueWait: '5s' } },
      partners: { [THEIRS]: { status: 'allowed' } },
    })
    const partner = await prosody(t, {
      address: at.partner,
      dns: at.outerDns,
      anchors: [world.publicCa],
      hosts: [
        {
          domain: THEIRS,
          conference: conferenceOf(THEIRS),
          certificate: await issue({ ca: world.publicCa, names: [THEIRS, conferenceOf(THEIRS)] }),
          users: USERS,
        },
      ],
    })
    const wires = {
      core: await Cutter.open({ host: at.core, port: 5269 }, toCore, 5269),
      partner: await Cutter.open({ host: at.partner, port: 5269 }, toPartner, 5269),
    }
    t.after(async () => {
      for (const wire of Object.values(wires)) await wire[Symbol.asyncDispose]()
    })
    const { gateway, core } = world
    const sides = { core: side(core, OURS), partner: side(partner, THEIRS) }
    const [from, to] = victim === 'partner' ? [sides.core, sides.partner] : [sides.partner, sides.core]

    const step = async (name: string, run: (one: TestContext) => Promise<void>): Promise<void> => {
      await t.test(name, async (one) => {
        try {
          await run(one)
        } catch (error) {
          one.diagnostic([gateway, core, partner].map(({ log }) => log.tail()).join('\n'))
          throw error
        }
      })
    }
    const talk = async (one: TestContext): Promise<void> => {
      const [alice, bob] = [await from.login(one, 'alice'), await to.login(one, 'bob')]
      for (const [who, whom] of [
        [alice, bob],
        [bob, alice],
      ] as const) {
        await eventually(
          `that words of ${who.bare} reach ${whom.bare}`,
          async () => {
            const text = freshId()
            await who.send(xml('message', { to: whom.jid, type: 'chat', id: freshId() }, xml('body', {}, text)))
            return whom.expect('the words', isMessage(who.jid, text), 2_000).catch(() => undefined)
          },
          PATIENCE,
        )
      }
    }
    /** The stream on which the flood leaves the gateway. */
    const lastMile = async () =>
      (await gateway.streams()).find(
        ({ leg, role, local, remote }) =>
          leg === victim && role === 'initiating' && local === from.domain && remote === to.domain,
      )
    const detailOf = async (flood: Flood, n: number): Promise<string> => {
      const returned = flood.returned.get(n)
      return returned ? ((await gateway.why(referenceIn(returned))).detail ?? '') : ''
    }

    await step('acknowledges on every stream, both ways, until nothing is left', async (one) => {
      await talk(one)
      await eventually('that all is acknowledged', async () => {
        const streams = (await gateway.streams()).filter(({ local, remote }) => [local, remote].includes(THEIRS))
        if (streams.length < 4) return undefined
        return streams.every(
          ({ role, acks }) => acks?.unacknowledged === 0 && (role === 'receiving' || acks.acknowledged > 0),
        )
          ? true
          : undefined
      })
    })
    await step('a black hole: within the time for an answer everything has arrived or come back', async (one) => {
      const flood = new Flood(await from.login(one, 'alice'), await to.login(one, 'bob'))
      await flood.pour(() => wires[victim].swallow())
      await eventually(
        () =>
          `that all came to an end: ${flood.arrived.length} arrived, ${flood.returned.size} returned, lost ${flood.lost.length}: ${flood.lost[0]} to ${flood.lost.at(-1)}`,
        () => (flood.lost.length === 0 ? true : undefined),
        PATIENCE,
      )
      assert.equal(new Set(flood.arrived).size, flood.arrived.length, 'some arrived twice')
      const numbers = [...flood.returned.keys()].toSorted((a, b) => a - b)
      const details = await Promise.all(numbers.slice(0, 3).map((n) => detailOf(flood, n)))
      for (const detail of details) assert.match(detail, /no answer from .*; it may have arrived$/)
      for (const n of [...flood.both.slice(0, 3), ...flood.both.slice(-3)]) {
        assert.match(await detailOf(flood, n), /may have arrived/)
      }
    })
    await step('when the wire is whole again, so is everything', async (one) => {
      wires[victim].heal()
      await talk(one)
    })
    await step('killed: whatever it had not acknowledged comes back, and nothing that it had', async (one) => {
      const flood = new Flood(await from.login(one, 'alice'), await to.login(one, 'bob'))
      const before = (await lastMile())?.acks?.acknowledged
      assert.ok(before !== undefined)
      const mark = gateway.log.length
      await flood.pour(() => (victim === 'core' ? core : partner).kill())
      const ends = await gateway.log.expect(
        new RegExp(
          `"stream.closed".*"leg":"${victim}","role":"initiating","local":"${from.domain}","remote":"${to.domain}".*"acknowledged":(\\d+)`,
        ),
        { since: mark },
      )
      const acknowledged = Number(ends[1]) - before
      assert.ok(acknowledged >= BEFORE / 2 && acknowledged < COUNT, `${acknowledged} acknowledged`)
      await eventually(
        `that all from ${acknowledged} on came back; ${flood.returned.size} did`,
        () => (flood.lost.every((n) => n < acknowledged) ? true : undefined),
        PATIENCE,
      )
      assert.equal(new Set(flood.arrived).size, flood.arrived.length, 'some arrived twice')
      assert.deepEqual(
        [...flood.returned.keys()].filter((n) => n < acknowledged),
        [],
        'acknowledged, and came back',
      )
      for (const n of [...flood.both.slice(0, 3), ...flood.both.slice(-3)]) {
        assert.match(await detailOf(flood, n), /may have arrived/)
      }
      one.diagnostic(
        `${acknowledged} acknowledged, ${flood.returned.size} came back, ${flood.both.length} of them had arrived, ${flood.lost.length} died with it`,
      )
    })
  })
}
