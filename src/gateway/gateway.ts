// The running gateway: it opens the listeners, holds the house, the links and the streams together, applies changes to
// what is up, and closes everything in order. What each part does is written in that part.

import type { DialFailure } from '../net/dial.ts'
import type { Reception } from '../net/reception.ts'
import type { Stream, StreamEnd } from '../net/stream.ts'
import type { Pair, ProvenPair } from '../stream/types.ts'
import { Adoptions } from './links/adoptions.ts'
import { Budgets } from './links/budgets.ts'
import { type ComponentWays, Components } from './components.ts'
import { Conduct, conductJournal } from './conduct.ts'
import type { LedgerStatus, Status } from './control.ts'
import { legOf, type Leg } from './leg.ts'
import { Dialback } from './dialback.ts'
import { Elders } from './elders.ts'
import { Draining, drainTimes } from './draining.ts'
import type { GatewayOptions } from './gateway-options.ts'
import type { House } from './house.ts'
import { Proving } from './keys/proving.ts'
import { Ledgers } from './ledgers/ledgers.ts'
import type { Link } from './links/link.ts'
import { Links } from './links/links.ts'
import { makeLink } from './link-making.ts'
import { type Limiting, limitingOf } from './limiting.ts'
import { listenerStatus, openListeners, type OpenListener } from './listening.ts'
import { Lookups } from './lookups.ts'
import { askingPartners } from './opening.ts'
import { Pending, pendingJournal } from './pending.ts'
import { Pings } from './pings.ts'
import { Probes } from './probe/probes.ts'
import { reception, type Hosts } from './reception.ts'
import { Renewals } from './renewals.ts'
import { noRemoteControl, type RemoteControl } from './remote/remote-control.ts'
import { type RemoteUsers, remoteUsersOf } from './remote/remote-users.ts'
import { Revocations } from './revocations.ts'
import { Router } from './router.ts'
import {
  dismiss,
  dismissLinks,
  dismissWhere,
  objectionToChange,
  objectionToProof,
  objectionToStream,
} from './standing.ts'
import { isHeard, Streams } from './streams.ts'
import { tracedJournal } from './trace/journal.ts'
import { Tracing } from './trace/tracing.ts'
import { Ways } from './ways.ts'

const TICK_MS = 1000
/** How long a link is remembered for its last failure when nothing uses it. */
const FORGET_LINK_MS = 600_000

export class Gateway implements AsyncDisposable {
  readonly links: Links
  readonly components: Components
  readonly ways: Ways
  readonly dialback: Dialback
  readonly streams = new Streams()
  readonly probes: Probes
  /** Who waits to be let in. */
  readonly pending: Pending
  readonly conduct: Conduct
  readonly tracing: Tracing
  readonly draining: Draining
  readonly revocations: Revocations
  readonly lookups: Lookups
  readonly proving: Proving
  readonly limiting: Limiting
  readonly renewals: Renewals
  /** Undefined where nobody is to hear of any. */
  readonly remote: RemoteUsers | undefined
  readonly #options: GatewayOptions
  readonly #router: Router
  readonly #reception: Reception
  readonly #adoptions = new Adoptions()
  readonly #elders = new Elders()
  readonly #pings = new Pings()
  readonly budgets: Budgets
  readonly #ledgers: Ledgers
  readonly #listeners: OpenListener[] = []
  readonly #timer: NodeJS.Timeout
  #house: House
  #stopping = false

  private constructor(options: GatewayOptions) {
    const { house, now, reference } = options
    this.#house = house
    this.tracing = new Tracing({ house: () => this.#house, streams: this.streams, journal: options.journal, now })
    const observer = this.tracing.dialling
    const traced = tracedJournal(options.journal, () => this.tracing)
    const heard = pendingJournal(traced, () => this.pending)
    const journal = conductJournal(heard, () => this.conduct)
    this.#options = { ...options, journal }
    this.lookups = new Lookups(house.settings, this.tracing.asked)
    this.revocations = new Revocations({ ...this.#options, house: () => this.#house, lookups: () => this.lookups })
    const streams = () => this.streams.all()
    const proving = new Proving({ ...this.#options, house: () => this.#house, revocations: this.revocations, streams })
    this.proving = proving
    this.budgets = new Budgets(house.settings.limits)
    this.links = new Links(
      () => this.#house.settings.limits.links,
      (leg, pair, after) => this.#makeLink(leg, pair, after),
      (link) => link.close({ reason: 'SP-431', detail: 'its place was needed', reference: reference() }),
    )
    const among = { links: this.links, streams: this.streams }
    this.renewals = new Renewals({ ...this.#options, house: () => this.#house, ...among })
    this.probes = new Probes({
      ...this.#options,
      house: () => this.#house,
      proving: proving.looking,
      receiving: (pair) => this.streams.receiving('partner', pair),
      listeners: () => this.listeners.filter(({ name }) => name === 'federation').map(({ address }) => address),
      key: (pair, id) => this.dialback.key(pair, id),
    })
    const shut = () => this.draining.refuses
    this.pending = new Pending({ ...this.#options, house: () => this.#house, probes: this.probes, shut })
    this.conduct = new Conduct({ ...this.#options, house: () => this.#house, streams, enforce: () => this.#enforce() })
    this.components = new Components({
      house: () => this.#house,
      resolver: () => this.lookups.on('core'),
      budget: this.budgets.all,
      make: (pair, after, ways) => this.#makeLink('core', pair, after, ways),
      bounce: ({ local, remote }, parcel, why) => this.#router.bounce('core', local, remote, parcel, why),
      opened: (stream) => this.#opened(stream),
      notOpened: (failure) => this.#notOpened(failure),
      observer,
      bug: (error, at) => journal.bug(error, at),
      reference,
    })
    this.ways = new Ways(
      this.links,
      this.components,
      () => this.#house,
      (domain) => this.lookups.on('partner').renew(domain),
    )
    const common = { ...this.#options, house: () => this.#house, ways: this.ways }
    this.#ledgers = new Ledgers({
      ...common,
      streams: this.streams,
      gone: (isGone) => this.limiting.doorman.rooms.gone(isGone),
      answer: (question, why) => this.#router.unanswered(question, why),
    })
    this.limiting = limitingOf(this, options)
    this.#router = new Router({
      ...common,
      pings: this.#pings,
      probes: this.probes,
      ledgers: this.#ledgers,
      limiting: this.limiting,
    })
    this.remote = remoteUsersOf(this.#options, {
      house: () => this.#house,
      revocations: this.revocations,
      resolver: () => this.lookups.on('core'),
      shut,
    })
    this.draining = new Draining({
      ways: this.ways,
      streams: () => this.streams.all(),
      sessions: () => this.remote?.all() ?? [],
      limiting: this.limiting,
      settle: (why) => this.#ledgers.close(why),
      abandon: () => this.lookups.cancel(),
      times: () => drainTimes(this.#house.settings),
      reference,
      now,
      changed: (state) => journal.service(state),
    })
    this.dialback = new Dialback({
      house: () => this.#house,
      keys: options.keys,
      proving,
      ask: askingPartners({ proving, resolver: () => this.lookups.on('partner'), journal, reference, observer }),
      journal,
      reference,
    })
    const hosts: Hosts = {
      ready: (stream) => {
        this.#opened(stream)
        const { leg, pair, bidi } = stream.info
        if (bidi) this.links.known(legOf(leg), pair)?.offered()
        const frame = this.#router.reader(stream)
        const handler = this.#adoptions.handler(stream, { frame, closed: (end) => this.#ended(stream, end) })
        const proven = ({ pair: further }: ProvenPair): void => {
          this.streams.extend(stream, further)
          this.revocations.proven(stream)
          this.tracing.opened(stream)
          if (this.#review(stream, further)) this.#ledgers.opened(stream, further)
        }
        return { ...handler, proven }
      },
      dialback: this.dialback,
      proving,
      failed: (failure) => journal.failed(failure),
      turnedAway: (origin, reason, detail) => journal.turnedAway(origin, reason, detail),
      bug: (error, failed) => journal.bug(error, failed),
      reference,
      observers: (origin, at) => [...this.probes.observers(origin, at), ...this.tracing.receiving(origin, at)],
    }
    this.#reception = reception(() => this.#house, hosts, shut)
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  /** Opens all listeners. @throws ListenError; nothing listens then */
  static async start(options: GatewayOptions): Promise<Gateway> {
    const gateway = new Gateway(options)
    try {
      await openListeners({
        house: () => gateway.#house,
        reception: gateway.#reception,
        journal: options.journal,
        remote: gateway.remote,
        mayCome: (address) => gateway.limiting.mayCome(address),
        opened: (listener) => gateway.#listeners.push(listener),
      })
      gateway.components.follow()
      return gateway
    } catch (error) {
      await gateway[Symbol.asyncDispose]()
      throw error
    }
  }

  get house(): House {
    return this.#house
  }

  get remoteControl(): RemoteControl {
    return this.remote?.control ?? noRemoteControl(() => this.#house.settings.policy)
  }

  /** What is remembered of questions and presence. */
  get ledgers(): LedgerStatus {
    return this.#ledgers.status
  }

  get listeners(): Status['listeners'] {
    return this.#listeners.map(listenerStatus)
  }

  /** Takes over new settings or partners: what is up and no longer admitted or proven closes before this returns. */
  apply(house: House): void {
    const former = this.#house
    this.#house = house
    this.lookups.apply(house.settings)
    this.budgets.apply(house.settings.limits)
    for (const link of this.ways.all()) link.retry()
    this.#ledgers.changed(former)
    this.components.follow()
    this.#enforce()
    this.proving.keys.enforce()
    this.pending.enforce()
    const now = this.#options.now()
    dismissWhere(this.streams.all(), (stream) => objectionToChange(house, stream, former, now))
  }

  /** Closes what is up and no longer admitted: streams, attempts and queues. */
  #enforce(): void {
    const house = this.#house
    this.#ledgers.enforce()
    this.remote?.enforce()
    dismissLinks(this.links, house, this.#options.reference)
    dismissWhere(this.streams.all(), (stream) => objectionToStream(house, stream, this.#options.now()))
  }

  /** Once a second: days that end, stanzas that waited too long, peers that fell silent. */
  #tick(): void {
    const { journal, now, reference } = this.#options
    try {
      this.#enforce()
      for (const link of this.ways.all()) link.expire()
      this.components.wake()
      this.links.sweep(now() - FORGET_LINK_MS)
      this.budgets.sweep(new Set([...this.ways.all()].map(({ budget }) => budget)))
      this.#pings.tend(this.streams, this.#house.settings.limits, now(), reference)
      for (const part of [this.#ledgers, this.proving, this.pending, this.conduct, this.renewals, this.limiting])
        part.tick()
    } catch (error) {
      journal.bug(error, reference())
    }
  }

  #makeLink(leg: Leg, pair: Pair, after: Promise<void> | undefined, ways: Partial<ComponentWays> = {}): Link {
    const making = {
      ...this.#options,
      adoptions: this.#adoptions,
      router: this.#router,
      opened: (stream: Stream) => this.#opened(stream),
      ended: (stream: Stream, end: StreamEnd) => this.#ended(stream, end),
      notOpened: (failure: DialFailure) => this.#notOpened(failure),
    }
    return makeLink(this, making, { leg, pair, after }, ways)
  }

  #opened(stream: Stream): void {
    const { leg, pair } = stream.info
    if (isHeard(stream)) this.#elders.before(stream, [...this.streams.heardFrom(leg, pair)])
    this.streams.add(stream)
    this.revocations.proven(stream)
    this.renewals.opened(stream)
    this.probes.opened(stream)
    this.#options.journal.opened(stream)
    if (this.#review(stream, pair)) this.#ledgers.opened(stream)
  }

  /** A pair was proven on a stream; false where it does not stay up. */
  #review(stream: Stream, pair: Pair): boolean {
    const { leg, role } = stream.info
    // Who has just proven to be there need not be waited for.
    if (role === 'receiving') this.links.known(legOf(leg), pair)?.retry()
    // The settings may have changed while it was negotiated.
    const changed = objectionToStream(this.#house, stream, this.#options.now()) ?? objectionToProof(this.#house, stream)
    const reason = changed ?? this.streams.objection(stream, this.#house, this.draining.refuses)
    if (reason) dismiss(stream, reason)
    return !reason
  }

  #notOpened(failure: DialFailure): void {
    this.#options.journal.notOpened(failure)
    this.#ledgers.notOpened(failure)
  }

  #ended(stream: Stream, end: StreamEnd): void {
    this.streams.delete(stream)
    this.revocations.ended(stream)
    this.renewals.ended(stream)
    this.#pings.forget(stream)
    this.#options.journal.ended(stream, end)
    this.#ledgers.ended(stream, end)
  }

  /** Takes everything out of service, in a hurry, and stops listening. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stopping) return
    this.#stopping = true
    await this.draining.finish('SP-471')
    for (const part of [this.proving.keys, this.pending, this.conduct, this.limiting]) part.flush()
    this.remote?.[Symbol.dispose]()
    clearInterval(this.#timer)
    this.renewals[Symbol.dispose]()
    this.probes.abandon()
    this.tracing.abandon()
    this.dialback[Symbol.dispose]()
    await Promise.all(this.#listeners.map(async ({ listener }) => listener[Symbol.asyncDispose]()))
    await this.revocations[Symbol.asyncDispose]()
    this.#ledgers[Symbol.dispose]()
  }
}
