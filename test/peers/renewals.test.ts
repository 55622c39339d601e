// Numbers cross both ways between real servers while the gateway has its partner prove its name anew, every two to four
// seconds: all arrive, once, in order. What goes out is written at an even pace, whatever happens. What comes in is written
// in gusts, by a partner that has said all it has when its time is over: stock servers lose what they have for a stream that
// ends (ejabberd), or send it back to its users (Prosody).

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { test } from 'node:test'
import { accountFor, isComplete } from '../foul/account.ts'
import type { Account } from '../foul/account.ts'
import { Client, xml } from '../support/client.ts'
import type { Element } from '../support/client.ts'
import { ejabberd } from '../support/ejabberd.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import type { StartServer, XmppServer } from '../support/server.ts'
import { eventually } from '../support/within.ts'
import { OURS, THEIRS, places, side } from './places.ts'
import { buildWorld } from './world.ts'

/** Stanzas each way, at a pace that a busy machine keeps up with; `TEST_FLOOD` is for more. */
const COUNT = Number(process.env['TEST_FLOOD'] ?? 1500)
const PER_SECOND = 1000
const OVER_MS = Math.max(5000, (COUNT / PER_SECOND) * 1000)
const PATIENCE_MS = Math.max(60_000, OVER_MS)
/** Streams of ours are replaced when half to two thirds of it are over, the partner's end in its last tenth. */
const REAUTHENTICATE_MS = 4000
/** So long after its first word on a stream the partner says nothing more, until it hears of the end. */
const SPEAKS_MS = 1900
/** The partner's next gust comes when all of this one has arrived. */
const GUST = 100
/** A knock that nobody has heard for so long is repeated. */
const AGAIN_MS = 2000

for (const [name, partner, core, number] of [
  ['Prosody', prosody, ejabberd, 181],
  ['ejabberd', ejabberd, prosody, 182],
] as const) {
  testRenewals(name, partner, core, number)
}

/** Numbers from one to the other. */
class Way {
  readonly arrived: number[] = []
  readonly told = new Set<number>()
  readonly #from: Client
  readonly #to: string
  readonly #thread = randomUUID()
  sent = 0
  #knocked = false

  constructor(from: Client, to: Client) {
    this.#from = from
    this.#to = to.jid
    to.listen((stanza) => {
      if (stanza.attrs['id'] === this.#thread) this.#knocked = true
      if (isOrdinary(stanza) && stanza.getChildText('thread') === this.#thread)
        this.arrived.push(Number(stanza.getChildText('body')))
    })
    from.listen((stanza) => {
      const [thread, number] = (stanza.attrs['id'] ?? '').split('/')
      if (!isOrdinary(stanza) && thread === this.#thread && number !== undefined) this.told.add(Number(number))
    })
  }

  /** Sends so many more, at most. */
  async send(count: number): Promise<void> {
    const numbers = Array.from({ length: Math.min(count, COUNT - this.sent) }, (_, n) => this.sent + n)
    this.sent += numbers.length
    if (numbers.length > 0) await this.#from.sendMany(numbers.map((number) => this.#message(number)))
  }

  /**
   * A word without a number, until one is heard.
   *
   * COMPAT: ejabberd 23.01 loses what it is given for a stream while it takes note of the end of that stream.
   */
  async knock(): Promise<void> {
    this.#knocked = false
    let last = -Infinity
    const hear = async (): Promise<true | undefined> => {
      if (this.#knocked || performance.now() - last < AGAIN_MS) return this.#knocked || undefined
      last = performance.now()
      await this.#from.send(xml('message', { to: this.#to, type: 'chat', id: this.#thread }))
      return undefined
    }
    await eventually('a knock', hear, { ms: PATIENCE_MS, everyMs: 10 })
  }

  /** Waits until all that was sent has arrived, or has come back. */
  async settled(): Promise<void> {
    const what = (): string => `the last of ${this.sent}: ${inShort(this.account)}`
    await eventually(what, () => isComplete(this) || undefined, { ms: PATIENCE_MS, everyMs: 10 })
  }

  get account(): Account {
    return accountFor(this)
  }

  #message(number: number): Element {
    const body = xml('body', {}, String(number))
    const thread = xml('thread', {}, this.#thread)
    return xml('message', { to: this.#to, type: 'chat', id: `${this.#thread}/${number}` }, body, thread)
  }
}

const isOrdinary = ({ name, attrs }: Element): boolean => name === 'message' && attrs['type'] !== 'error'

/** An even pace, behind a knock: Prosody overtakes its own queue while it opens a stream. */
async function steadily(way: Way): Promise<void> {
  await way.knock()
  const begun = performance.now()
  while (way.sent < COUNT) {
    await way.send(Math.ceil(((performance.now() - begun) / OVER_MS) * COUNT) - way.sent)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await way.settled()
}

/** Gusts, each when the one before has arrived, behind a knock that opens a stream; `ends`: how many have ended by our word. */
async function inGusts(way: Way, { log }: XmppServer, ends: () => number): Promise<void> {
  while (way.sent < COUNT) {
    const before = ends()
    await way.knock()
    // What the server has to say of the stream before, it has said by now.
    const since = log.length
    const begun = performance.now()
    while (way.sent < COUNT && performance.now() - begun < SPEAKS_MS) {
      await way.send(GUST)
      await way.settled()
    }
    await eventually('the end of a stream of the partner', () => ends() > before || undefined, { everyMs: 10 })
    await log.expect(/\breset\b/, { since })
  }
}

function testRenewals(name: string, startPartner: StartServer, core: StartServer, number: number): void {
  test(
    `${name} proves its name anew: ${COUNT} numbers each way, all once, in order`,
    needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root'),
    async (t) => {
      const at = places(number)
      const reauthenticate = `${REAUTHENTICATE_MS}ms`
      const world = await buildWorld(t, {
        number,
        core,
        outside: { [THEIRS]: at.partner },
        settings: { trust: { anchors: ['certs/anchors.pem'], revocation: 'off', reauthenticate } },
        partners: { [THEIRS]: { status: 'allowed' } },
      })
      const { gateway } = world
      const partner = await startPartner(t, {
        address: at.partner,
        dns: at.outerDns,
        anchors: [world.publicCa],
        hosts: [
          {
            domain: THEIRS,
            certificate: await issue({ ca: world.publicCa, names: [THEIRS] }),
            users: ['bob'],
          },
        ],
      })
      const alice = await side(world.core, OURS).login(t, 'alice')
      const bob = await Client.login(t, { user: 'bob', domain: THEIRS, address: at.partner, unverified: true })
      const times = (event: string): number =>
        gateway.log.lines(new RegExp(`"event":"reauthentication.${event}"`)).length
      const [outbound, inbound] = [new Way(alice, bob), new Way(bob, alice)]
      const begun = performance.now()
      const came = (): string => {
        const seconds = Math.round((performance.now() - begun) / 1000)
        const renewals = ['renewed', 'told', 'failed', 'overdue'].map((event) => `${event} ${times(event)}`)
        const reasons = new Map<string, number>()
        for (const line of gateway.log.lines(/"event":"(?:stream|stanza)\./)) {
          const reason = /"event":"([^"]+)".*"reason":"(SP-\d+)"/.exec(line)?.slice(1, 3).join(' ')
          if (reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
        }
        return [`in ${seconds} s`, ...renewals, ...[...reasons].map((one) => one.join(' '))].join(', ')
      }
      try {
        await Promise.all([steadily(outbound), inGusts(inbound, partner, () => times('told'))])
        t.diagnostic(came())
        for (const way of [outbound, inbound]) {
          const { delivered, told, both, lost, twice, late } = way.account
          assert.deepEqual([delivered, told, both, lost, twice, late], [COUNT, 0, [], [], [], []])
        }
        assert.ok(
          times('renewed') >= Math.floor(OVER_MS / REAUTHENTICATE_MS),
          'streams of ours were replaced too rarely',
        )
      } catch (error) {
        t.diagnostic(`${came()}; out: ${inShort(outbound.account)}; in: ${inShort(inbound.account)}`)
        t.diagnostic([gateway, world.core, partner].map(({ log }) => log.tail()).join('\n'))
        throw error
      }
    },
  )
}

function inShort({ sent, delivered, told, both, lost, twice, late }: Account): string {
  const counts = { sent, delivered, told, both: both.length, lost: lost.length, twice: twice.length, late: late.length }
  return JSON.stringify(counts)
}
