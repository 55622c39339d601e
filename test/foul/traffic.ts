// Numbered traffic both ways between two people whose servers may go and come back: each logs in again, as the same
// resource, as soon as that is possible, and goes on where it was.

import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Client, xml } from '../support/client.ts'
import type { Element } from '../support/client.ts'
import type { Cleanup } from '../support/program.ts'
import { eventually } from '../support/within.ts'
import { accountFor, isComplete } from './account.ts'
import type { Account } from './account.ts'

export interface PersonOptions {
  readonly user: string
  readonly domain: string
  /** Of the server, asked at each log-in: it may move. */
  address(): string
}

/** Somebody who stays logged in. */
class Person {
  readonly jid: string
  readonly #t: Cleanup
  readonly #options: PersonOptions
  readonly #resource = `weather-${randomUUID().slice(0, 8)}`
  readonly #heard: (stanza: Element) => void
  #client: Client | undefined
  #staying = true

  constructor(t: Cleanup, options: PersonOptions, heard: (stanza: Element) => void) {
    this.#t = t
    this.#options = options
    this.#heard = heard
    this.jid = `${options.user}@${options.domain}/${this.#resource}`
    t.after(() => void (this.#staying = false))
  }

  async arrive(): Promise<void> {
    await this.#login()
    void this.#stay()
  }

  get staying(): boolean {
    return this.#staying
  }

  leave(): void {
    this.#staying = false
  }

  /** The connection, if there is one. */
  get client(): Client | undefined {
    return this.#client?.online ? this.#client : undefined
  }

  async #login(): Promise<void> {
    const client = await Client.login(this.#t, {
      user: this.#options.user,
      domain: this.#options.domain,
      address: this.#options.address(),
      resource: this.#resource,
      unverified: true, // the server's certificate may be part of the weather
    })
    client.listen(this.#heard)
    this.#client = client
  }

  async #stay(): Promise<void> {
    while (this.#staying) {
      // What fails is tried again: the server is away.
      if (!this.client) await this.#login().catch(() => {})
      await pause(50)
    }
  }
}

export interface TrafficOptions {
  /** Stanzas each way. */
  readonly stanzas: number
  /** Time over which they are spread. */
  readonly overMs: number
  readonly ours: PersonOptions
  readonly theirs: PersonOptions
}

/** One way. */
export interface Result {
  readonly account: Account
  /** References of the errors, by number. */
  readonly references: ReadonlyMap<number, string>
  /** The number that was next when the weather began. */
  readonly began: number
}

const TICK_MS = 50
/** From the first number to the weather. */
const BEFORE_MS = 1_000
/** Nothing new for so long means that nothing more comes. */
const QUIET_MS = 8_000
const REFERENCE = /Reference:? (\S+)/

class Way {
  readonly arrived: number[] = []
  readonly told = new Set<number>()
  readonly references = new Map<number, string>()
  readonly #thread = randomUUID()
  sent = 0

  message(to: string, number: number): Element {
    const body = xml('body', {}, String(number))
    return xml('message', { to, type: 'chat', id: `${this.#thread}/${number}` }, body, xml('thread', {}, this.#thread))
  }

  /** Takes what the receiver heard. */
  hear(stanza: Element): void {
    if (stanza.name !== 'message' || stanza.attrs['type'] === 'error') return
    if (stanza.getChildText('thread') === this.#thread) this.arrived.push(Number(stanza.getChildText('body')))
  }

  /** Takes what the sender heard. */
  answer(stanza: Element): void {
    const [thread, number] = (stanza.attrs['id'] ?? '').split('/')
    if (stanza.name !== 'message' || stanza.attrs['type'] !== 'error' || thread !== this.#thread) return
    this.told.add(Number(number))
    const [, reference] = REFERENCE.exec(stanza.getChild('error')?.getChildText('text') ?? '') ?? []
    if (reference !== undefined) this.references.set(Number(number), reference)
  }
}

/** Sends everything, lets the weather happen meanwhile, and counts when nothing more comes. */
export async function trafficThrough(
  t: Cleanup,
  o: TrafficOptions,
  weather: () => Promise<void>,
): Promise<Readonly<Record<'outbound' | 'inbound', Result>>> {
  const [outbound, inbound] = [new Way(), new Way()]
  const ours = new Person(t, o.ours, (stanza) => {
    outbound.answer(stanza)
    inbound.hear(stanza)
  })
  const theirs = new Person(t, o.theirs, (stanza) => {
    inbound.answer(stanza)
    outbound.hear(stanza)
  })
  await Promise.all([ours.arrive(), theirs.arrive()])
  const written = Promise.all([write(o, outbound, ours, theirs.jid), write(o, inbound, theirs, ours.jid)])
  let began = [0, 0]
  try {
    await pause(BEFORE_MS)
    began = [outbound.sent, inbound.sent]
    await weather()
    await written
  } catch (error) {
    ours.leave()
    theirs.leave()
    throw error
  }
  let last = -1
  let since = performance.now()
  await eventually(
    'the end of the traffic',
    () => {
      const count = [outbound, inbound].reduce((sum, way) => sum + way.arrived.length + way.told.size, 0)
      if (count !== last) [last, since] = [count, performance.now()]
      return (isComplete(outbound) && isComplete(inbound)) || performance.now() - since > QUIET_MS ? true : undefined
    },
    { ms: 180_000, everyMs: 250 },
  )
  ours.leave()
  theirs.leave()
  const [out, into] = [outbound, inbound].map((way, index) => ({
    account: accountFor(way),
    references: way.references,
    began: began[index] ?? 0,
  }))
  if (!out || !into) throw new Error('two ways have two results')
  return { outbound: out, inbound: into }
}

/** Writes the numbers at an even pace; what is due while the writer's server is away is written when it is back. */
async function write({ stanzas, overMs }: TrafficOptions, way: Way, from: Person, to: string): Promise<void> {
  const begun = performance.now()
  while (way.sent < stanzas && from.staying) {
    const due = Math.min(stanzas, Math.ceil(((performance.now() - begun) / overMs) * stanzas))
    const { client } = from
    if (client && due > way.sent) {
      const numbers = Array.from({ length: Math.min(due - way.sent, 500) }, (_, n) => way.sent + n)
      way.sent += numbers.length
      // On a connection that breaks meanwhile they are lost on the way to the sender's own server.
      await client.sendMany(numbers.map((number) => way.message(to, number))).catch(() => {})
    }
    await pause(TICK_MS)
  }
}
