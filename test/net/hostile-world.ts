// The whole gateway with somebody hostile at one of its doors, and a bystander who is nobody's fault.
//
// The lab's aurora.example and its core have two faces here: their servers are well-behaved, and the test speaks in their
// names as well, with their certificates. What the good half hears is what came of the bad half.

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Settings } from '../../src/config/settings.ts'
import type { LabNews } from '../../src/lab/lab.ts'
import { LAB_CERTS } from '../../src/lab/places.ts'
import type { Partner } from '../../src/policy/partner.ts'
import type { Dialog, DialogTls } from '../support/dialog.ts'
import { HOSTILE_STANZA_BYTES } from '../support/hostile.ts'
import { eventually } from '../support/within.ts'
import { chat, evaluation, first } from './evaluation.ts'

export const CORE = 'corp.example'
export const PEER = 'aurora.example'
export const BYSTANDER = 'borealis.example'

type Evaluation = Awaited<ReturnType<typeof evaluation>>

/** Which way the bystander speaks: away from where it is hostile; or how. */
export type Way = 'in' | 'out' | ((world: World) => Promise<void>)

export class World {
  readonly host: string
  readonly evaluation: Evaluation
  readonly #way: Way
  /** The last event of the lab that a case has seen. */
  #seen = 0
  #said = 0

  private constructor(host: string, way: Way, evaluated: Evaluation) {
    this.host = host
    this.#way = way
    this.evaluation = evaluated
  }

  static async open(
    t: TestContext,
    host: string,
    way: Way,
    change: (settings: Settings) => Settings = (settings) => settings,
    partners: (partner: Partner) => Partner = (partner) => partner,
  ): Promise<World> {
    const evaluated = await evaluation(t, host, (settings) =>
      change({ ...settings, limits: { ...settings.limits, stanzaBytes: HOSTILE_STANZA_BYTES } }),
    )
    const { gateway, build, partners: listed } = evaluated
    gateway.apply(await build(listed.map((one) => partners({ ...one, status: 'allowed' }))))
    return new World(host, way, evaluated)
  }

  /** What a server of the lab shows for its name. */
  certificate(domain: string): NonNullable<DialogTls['certificate']> {
    const [fullchainPem, keyPem] = ['fullchain.pem', 'privkey.pem'].map((name) =>
      readFileSync(join(this.evaluation.root, LAB_CERTS, domain, name), 'utf8'),
    )
    ok(fullchainPem !== undefined && keyPem !== undefined)
    return { fullchainPem, keyPem }
  }

  /** A stanza from a well-behaved server crosses to another. */
  async crosses(from: string, to: string, id = `w-${++this.#said}`): Promise<void> {
    const after = this.evaluation.lab.lastEvent
    equal(this.evaluation.lab.send(domainOf(from), chat(from, to, id)), undefined)
    await first(this.evaluation.lab, after, (news) => arrived(news, domainOf(to), `id="${id}"`))
  }

  /**
   * The bystander goes on, on the streams it had, and nothing but these has reached anybody since the last case.
   * @returns how many of these have
   */
  async unharmed(...these: readonly RegExp[]): Promise<number> {
    const { lab, told } = this.evaluation
    if (this.#way === 'in') await this.crosses(`mallory@${BYSTANDER}`, `alice@${CORE}`, 'bystander')
    else if (this.#way === 'out') await this.crosses(`alice@${CORE}`, `mallory@${BYSTANDER}`, 'bystander')
    else await this.#way(this)
    const news = lab.lastEvent > this.#seen ? await lab.events(this.#seen, 100) : []
    this.#seen = lab.lastEvent
    const others = news.flatMap((one) =>
      one.kind === 'received' && !one.stanza.includes('id="bystander"') ? [one.stanza] : [],
    )
    deepEqual(
      others.filter((stanza) => !these.some((known) => known.test(stanza))),
      [],
    )
    deepEqual(told('bug'), [])
    return others.length
  }

  /** What a hostile peer may have said before it turned hostile. */
  async unharmedAfter(crosses = 0): Promise<void> {
    equal(await this.unharmed(...(crosses > 0 ? [/^<message [^>]*from="mallory@[^"]*" to="[^"@]*"\/>$/] : [])), crosses)
  }

  /** The answer that a well-behaved server was sent since the last case. */
  async answered(domain: string, pattern: RegExp): Promise<void> {
    await first(this.evaluation.lab, this.#seen, (news) => arrived(news, domain, pattern))
  }

  /** The next stanza is worth an attempt, whatever has happened. */
  again(): void {
    for (const link of this.evaluation.gateway.ways.all()) link.retry()
  }

  /** Nothing took a deadline, and in the end nothing but streams of others is up. */
  async atLast(): Promise<void> {
    const { gateway, told } = this.evaluation
    const reasons = ['failed', 'notOpened', 'ended', 'turnedAway'] as const
    const all = reasons.flatMap((what) => told(what)).map((one) => JSON.stringify(one.with.map(reasonOf)))
    deepEqual(
      all.filter((text) => /SP-(?:430|466|467|491)/.test(text)),
      [],
    )
    deepEqual(
      told('ended').filter((one) => JSON.stringify(one.with.map(pairOf)).includes(BYSTANDER)),
      [],
    )
    await eventually('the end of all hostile streams', () =>
      [...gateway.streams.all()].every(({ open }) => open) ? true : undefined,
    )
  }
}

const reasonOf = (thing: unknown): unknown => Object(thing).reason
const pairOf = (thing: unknown): unknown => Object(thing).info?.pair

export const arrived = (news: LabNews, domain: string, what: string | RegExp): boolean =>
  news.kind === 'received' &&
  news.domain === domain &&
  (typeof what === 'string' ? news.stanza.includes(what) : what.test(news.stanza))

const domainOf = (address: string): string => address.slice(address.indexOf('@') + 1)

const REFERENCE = 'Reference:? [0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}'
const NAMES = ` xmlns='jabber:(?:server|component:accept)' xmlns:stream='http://etherx\\.jabber\\.org/streams'`
const HEADER = `<stream:stream${NAMES}(?: xmlns:db='jabber:server:dialback')?(?: (?:from|to|id|version|xml:lang)='[^']*')+>`
const OFFER = `<stream:features>(?:<(?:starttls|mechanisms|bidi|dialback|sm) .*?)?</stream:features>`

/** What a stream may say before its end, and the end: a condition and a reference, and nothing else of ours. */
export function endingIn(condition: string, said = ''): RegExp {
  const error = `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text [^>]*>${REFERENCE}</text>(?:<handled-count-too-high [^>]*/>)?</stream:error>`
  const end = condition === 'close' ? '(?:</stream:stream>)?' : `${error}</stream:stream>`
  return new RegExp(`^(?:<\\?xml version='1\\.0'\\?>)?(?:${HEADER}(?:${OFFER})?)?${said}${end}$`)
}

/** The error in which a stanza is sent back. */
export const stanzaError = (condition: string): RegExp =>
  new RegExp(
    `<error type=['"][a-z]+['"]><${condition} xmlns=['"]urn:ietf:params:xml:ns:xmpp-stanzas['"]/><text [^>]*>${REFERENCE}</text></error>`,
  )

/** Words a stream has for failed attempts to authenticate, and for acknowledgements. */
const ANSWERS = `(?:<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><[a-z-]+/></failure>)*(?:<(?:enabled|r|a) xmlns='urn:xmpp:sm:3'[^>]*/>)*`

/** The stream ends as it should, and the connection with it. */
export async function ends(dialog: Dialog, condition: string, said = ANSWERS): Promise<void> {
  match(await dialog.end(), endingIn(condition, said))
}
