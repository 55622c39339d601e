// The traces that run, and what they are shown: every connection that is about one of them, questions to DNS, and what the
// journal tells (`journal.ts`).
//
// Rule 1: while nobody traces, no connection is watched.
// Rule 2: everything is bounded: traces, time, what is kept of strangers, lines of stanzas, and what waits for a reader.

import type { Observer } from '../../net/observer.ts'
import type { ConnectionOrigin } from '../../net/reception.ts'
import type { Asked } from '../../net/resolve.ts'
import type { Stream, StreamEnd } from '../../net/stream.ts'
import type { Pair } from '../../stream/types.ts'
import type { House } from '../house.ts'
import type { Journal } from '../journal.ts'
import type { Streams } from '../streams.ts'
import { endLine } from './lines.ts'
import type { Said, TraceOutcome, TraceProgress, TraceQuery } from './report.ts'
import { type Mention, Trace } from './trace.ts'
import { TracedConnection, type TracedOptions } from './connection.ts'

const MOST_TRACES = 4
/** Lines of peers that have not named themselves, together. */
const MOST_KEPT = 2000
/** Names of hosts that DNS led to. */
const MOST_HOSTS = 64

/** Why a trace was not begun. `busy`: another time it would be. */
export class TraceRefused extends Error {
  readonly kind: 'busy' | 'ours'

  constructor(kind: TraceRefused['kind'], message: string) {
    super(message)
    this.name = 'TraceRefused'
    this.kind = kind
  }
}

export interface TracingOptions {
  house(): House
  readonly streams: Streams
  readonly journal: Pick<Journal, 'traceBegun' | 'traceOver' | 'bug'>
  now(): number
}

export class Tracing {
  readonly #options: TracingOptions
  readonly #traces = new Set<Trace>()
  /** By reference. */
  readonly #connections = new Map<string, TracedConnection>()
  readonly #room = { lines: MOST_KEPT }
  readonly #hosts = new Map<string, string>()
  readonly #stopping = new AbortController()

  constructor(options: TracingOptions) {
    this.#options = options
  }

  /** Does nobody trace? */
  get idle(): boolean {
    return this.#traces.size === 0
  }

  /** How many connections are watched. */
  get watched(): number {
    return this.#connections.size
  }

  /** Traces until its time is over, or whoever asked has enough. `tell` is false for what they do not take. @throws TraceRefused */
  async run(query: TraceQuery, tell: (progress: TraceProgress) => boolean, signal: AbortSignal): Promise<TraceOutcome> {
    const { house, journal, now } = this.#options
    const { subject, bodies, forMs, by } = query
    if (subject.kind === 'domain' && house().isOurs(subject.domain))
      throw new TraceRefused('ours', `${subject.domain} is a domain of ours`)
    if (this.#traces.size >= MOST_TRACES) throw new TraceRefused('busy', `${MOST_TRACES} traces run already`)
    const entryOf = (domain: string): string | undefined => house().partners.find(domain)?.domain
    const trace = new Trace({ query, entryOf, tell, now })
    this.#traces.add(trace)
    const name = subject.kind === 'domain' ? subject.domain : subject.address
    journal.traceBegun({ subject: name, bodies, forMs, by, running: this.#traces.size })
    let ended: TraceOutcome['ended'] = 'stopped'
    try {
      tell({ kind: 'begun', at: new Date(now()).toISOString(), about: this.#about(query), bodies })
      for (const stream of this.#options.streams.all()) this.#standing(stream, trace)
      ended = await over(forMs, signal, this.#stopping.signal)
    } finally {
      this.#traces.delete(trace)
      if (this.idle) this.#release()
      const { lines, leftOut } = trace.over(ended)
      journal.traceOver({ subject: name, lines, leftOut, ended, running: this.#traces.size })
    }
    return trace.over(ended)
  }

  /** Ends all of them. */
  abandon(): void {
    this.#stopping.abort()
  }

  /** Who watches a connection that somebody makes to us. */
  receiving({ remoteAddress, balancer }: ConnectionOrigin, reference: string): readonly Observer[] {
    if (this.idle) return []
    const connection = this.#connection(reference, {
      addresses: balancer === undefined ? [remoteAddress] : [remoteAddress, balancer],
    })
    const through = balancer === undefined ? '' : `, through the balancer ${balancer}`
    connection.say({ what: 'connection', text: `${remoteAddress} connects${through}` })
    return [connection.see]
  }

  /** Who watches when we connect for a pair. */
  readonly dialling = ({ remote }: Pair, reference: string): Observer | undefined => {
    if (this.idle) return undefined
    const made = this.#make(reference, {
      names: [remote],
      met: () => void this.#connections.set(reference, made),
      over: () => void this.#connections.delete(reference),
    })
    return made.see
  }

  /** A stream is up, or carries stanzas for a further pair. */
  opened(stream: Stream): void {
    const { reference } = stream.info
    const known = this.#connections.get(reference)
    if (!known && this.idle) return
    const connection = known ?? this.#connection(reference, {})
    connection.bind(stream)
    if ([...this.#traces].some((trace) => connection.isFor(trace))) return stream.watch(connection.see)
    connection.unbind()
    this.#connections.delete(reference)
  }

  ended({ info }: Stream, end: StreamEnd): void {
    const { pair, peerAddress, reference } = info
    if (!this.idle) {
      const said = endLine(end, end.reference)
      const known = this.#connections.get(reference)
      if (known) known.say(said)
      else this.say({ names: [pair.remote], addresses: [peerAddress] }, said)
    }
    this.#forget(reference)
  }

  /** A peer's attempt is over; what was to be said of it has been, if it was watched. */
  failed(reference: string): boolean {
    return this.#forget(reference)
  }

  /** A question to DNS, and the answer. */
  readonly asked = ({ name, type, ms, answer }: Asked): void => {
    if (this.idle) return
    const domain = this.#hosts.get(name) ?? name.replace(/^_xmpps?-server\._tcp\./, '')
    const about = { names: [domain], addresses: [] }
    const isMeant = [...this.#traces].some((trace) => trace.covers(about))
    const records = answer.ok ? answer.records : []
    const words = records.map((record) => {
      if (typeof record === 'string') return record
      if (isMeant && this.#hosts.size < MOST_HOSTS)
        this.#hosts.set(record.name.toLowerCase().replace(/\.$/, ''), domain)
      return `${record.name}:${record.port} (${record.priority}, ${record.weight})`
    })
    const came = answer.ok ? words.join(', ') || 'no records' : answer.code
    const said: Said = { what: 'dns', text: `${type} ${name}: ${came}, after ${ms} ms` }
    this.say(about, answer.ok ? said : { ...said, mood: 'bad', reason: answer.reason })
  }

  /** Tells something that belongs to no connection that is watched. */
  say(about: Mention, said: Said): void {
    for (const trace of this.#traces) if (trace.covers(about)) trace.say(said)
  }

  #about({ subject }: TraceQuery): readonly string[] {
    if (subject.kind === 'address') return [subject.address]
    const entry = this.#options.house().partners.find(subject.domain)
    return entry ? [entry.domain, ...entry.alsoKnownAs] : [subject.domain]
  }

  /** Shows a trace a stream that was up before it. */
  #standing(stream: Stream, trace: Trace): void {
    const { info, proven } = stream
    const { reference, tls, method, role, since, bidi } = info
    const known = this.#connections.get(reference)
    const connection = known ?? this.#connection(reference, {})
    connection.bind(stream)
    if (!connection.isFor(trace)) {
      if (!known) this.#forget(reference)
      return
    }
    stream.watch(connection.see)
    const pairs = proven.map(({ pair }) => `${pair.local} and ${pair.remote}`).join('; ')
    const opened = role === 'receiving' ? 'theirs' : 'ours'
    const text = `up since ${new Date(since).toISOString()}, ${opened}${bidi ? ', for stanzas both ways' : ''}: ${pairs}, by ${method}, ${tls ? `${tls.version} ${tls.cipher}` : 'without TLS'}`
    trace.say({ what: 'stream', text }, { connection: reference, peer: info.peerAddress })
  }

  #make(reference: string, about: Pick<TracedOptions, 'names' | 'addresses' | 'met' | 'over'>): TracedConnection {
    const { now, journal } = this.#options
    const bug = (error: unknown): void => journal.bug(error, reference)
    return new TracedConnection({ reference, ...about, traces: this.#traces, room: this.#room, now, bug })
  }

  #connection(reference: string, about: Pick<TracedOptions, 'addresses'>): TracedConnection {
    const made = this.#make(reference, about)
    this.#connections.set(reference, made)
    return made
  }

  #forget(reference: string): boolean {
    this.#connections.get(reference)?.forget()
    return this.#connections.delete(reference)
  }

  /** Whoever still negotiates is let go when that comes to an end. */
  #release(): void {
    for (const [reference, connection] of this.#connections) {
      connection.unbind()
      if (connection.bound) this.#connections.delete(reference)
    }
    this.#hosts.clear()
  }
}

/** Resolves when the time is over, or somebody wants the end. */
async function over(ms: number, caller: AbortSignal, stopping: AbortSignal): Promise<TraceOutcome['ended']> {
  const { promise, resolve } = Promise.withResolvers<TraceOutcome['ended']>()
  const timer = setTimeout(() => resolve('time'), ms)
  const enough = (): void => resolve('caller')
  const stop = (): void => resolve('stopped')
  caller.addEventListener('abort', enough, { once: true })
  stopping.addEventListener('abort', stop, { once: true })
  if (caller.aborted) enough()
  if (stopping.aborted) stop()
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    caller.removeEventListener('abort', enough)
    stopping.removeEventListener('abort', stop)
  }
}
