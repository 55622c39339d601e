// A live test of one partner, admitted or not: DNS, every address up to a stream that is ready, a ping, and what the
// partner's server does to answer it. The negotiation is the gateway's own, by `net/`'s dialler; this only watches it.
//
// Rule 1: nothing follows from a probe: no admission, no link, no stanza but one ping.
// Rule 2: it ends in time: every wait is cut to what is left.

import type { DialFailure } from '../../net/dial.ts'
import type { StreamLimits } from '../../net/limits.ts'
import { mayBeSentTo, readRedirect } from '../../net/redirect.ts'
import type { Stream, StreamEnd, StreamHandler } from '../../net/stream.ts'
import type { Pair } from '../../stream/types.ts'
import type { House } from '../house.ts'
import { dialbackWith } from '../opening.ts'
import { attempt } from './attempt.ts'
import type { Callback } from './callback.ts'
import { ProbeResolver } from './dns.ts'
import { judge } from './findings.ts'
import { letterOf } from './letter.ts'
import { deadline, isAnswer, pingElement, waitForAnswer } from './ping.ts'
import type { ProbeAttempt, ProbeHost, ProbeOurs, ProbePing, ProbeProgress } from './report.ts'
import type { ProbeDns, ProbeFailure, ProbeReport, ProbeTarget } from './report.ts'
import { hostAndPort } from '../status.ts'
import type { Confirming } from '../keys/proving.ts'
import { streamLimits } from '../stream-limits.ts'

export interface ProbeOptions {
  readonly house: House
  readonly pair: Pair
  readonly timeoutMs: number
  /** Where we listen for partners. */
  readonly listeners: readonly string[]
  /** Collects what the partner opens to us; absent where no gateway runs that could be connected to. */
  readonly callback: Callback | undefined
  readonly signal: AbortSignal
  /** Absent: it is not asked whether certificates were revoked. */
  readonly proving?: Pick<Confirming, 'confirm'>
  /** Our key for a stream to a partner that takes one. */
  key(pair: Pair, id: string): string
  reference(): string
  now(): number
  tell(progress: ProbeProgress): void
  opened(stream: Stream): void
  ended(stream: Stream, end: StreamEnd): void
  notOpened(failure: DialFailure): void
  bug(error: unknown, reference: string): void
}

/** As many connections as one attempt of the dialler makes at most. */
const MOST_ATTEMPTS = 8
const MOST_HOPS = 3
/** After that, streams close by themselves. */
const CLOSING_MS = 3000
/** Too little for anything. */
const TOO_LATE_MS = 200
/** Whoever needs longer for an answer is not well. */
const PING_MS = 15_000
const PING_ID = 'sallyport-probe-'

/** Tests a partner. Never rejects for what the partner does. */
export async function runProbe(options: ProbeOptions): Promise<ProbeReport> {
  const { pair, now, tell } = options
  const at = new Date(now()).toISOString()
  const ours = oursOf(options)
  tell({ kind: 'start', domain: pair.remote, at, ours })
  const run = new Probe(options)
  if (ours.certificate) await run.all()
  const seen = { domain: pair.remote, at, ours, ...run.seen() }
  const findings = judge(seen)
  return { ...seen, findings, letter: letterOf(seen, findings) }
}

function oursOf({ house, pair, listeners, now }: ProbeOptions): ProbeOurs {
  const identity = house.ownIdentity(pair.local, pair.remote)
  const expired = identity && Date.parse(identity.certificate.notAfter) <= now()
  return {
    domain: pair.local,
    certificate: identity?.certificate,
    fault: !identity
      ? { reason: 'SP-360', detail: pair.local }
      : expired
        ? { reason: 'SP-302', detail: `it ended at ${identity.certificate.notAfter}` }
        : identity.covers(pair.local)
          ? undefined
          : { reason: 'SP-301', detail: `it names ${identity.certificate.names.join(', ')}` },
    listeners,
    entry: house.partners.find(pair.remote)?.status,
    refused: house.admission(pair.remote),
  }
}

interface Way {
  readonly target: ProbeTarget
  readonly address: string
}

class Probe {
  readonly #o: ProbeOptions
  readonly #until: number
  readonly #resolver: ProbeResolver
  readonly #hosts: ProbeHost[] = []
  readonly #attempts: ProbeAttempt[] = []
  readonly #untried: string[] = []
  /** Streams that are ready, each with what resolves when it has ended. */
  readonly #streams = new Map<Stream, PromiseWithResolvers<StreamEnd>>()
  /** How often the partner sent us elsewhere. */
  #hops = 0
  #dns: ProbeDns | undefined
  #ping: ProbePing | undefined
  #pinging: Promise<void> | undefined
  /** The id of our ping, and the stream that carries it. */
  #asked: { readonly id: string; readonly stream: Stream } | undefined

  constructor(options: ProbeOptions) {
    this.#o = options
    this.#until = options.now() + options.timeoutMs
    this.#resolver = new ProbeResolver(options.house, options.timeoutMs)
  }

  get #left(): number {
    return this.#o.signal.aborted ? 0 : Math.max(0, this.#until - this.#o.now())
  }

  seen() {
    const inbound = this.#o.callback?.inbound() ?? []
    const [dns, hosts, attempts] = [this.#dns, this.#hosts, this.#attempts]
    return { dns, hosts, attempts, untried: this.#untried, ping: this.#ping, inbound }
  }

  async all(): Promise<void> {
    const { pair, tell, signal, callback } = this.#o
    const cancel = (): void => {
      this.#resolver.cancel()
      for (const stream of this.#streams.keys()) stream.close('SP-471')
    }
    signal.addEventListener('abort', cancel, { once: true })
    tell({ kind: 'doing', what: `looking for ${pair.remote}` })
    this.#dns = await this.#resolver.federation(pair.remote, pair.local)
    tell({ kind: 'dns', dns: this.#dns })
    const ways = await this.#ways(this.#dns.targets)
    for (const { target, address } of ways) {
      callback?.expectFrom(ways.map((way) => way.address))
      if (this.#attempts.length >= MOST_ATTEMPTS || this.#left < TOO_LATE_MS) {
        this.#untried.push(`${hostAndPort(target.host, target.port)} (${address})`)
      } else ways.push(...(await this.#try(target, address))) // where we are sent comes last
    }
    await this.#pinging
    if (!this.#ping) this.#pinged({ outcome: 'unsent', way: undefined, ms: undefined, error: false, ended: undefined })
    for (const inbound of callback?.inbound() ?? []) tell({ kind: 'inbound', inbound })
    await this.#closeAll()
    signal.removeEventListener('abort', cancel)
  }

  /** Every address of every target, in the order of the targets. */
  async #ways(targets: readonly ProbeTarget[]): Promise<Way[]> {
    const ways: Way[] = []
    for (const target of targets.slice(0, MOST_ATTEMPTS)) {
      let host = this.#hosts.find((known) => known.host === target.host)
      if (!host && this.#left < TOO_LATE_MS) {
        this.#untried.push(hostAndPort(target.host, target.port))
        continue
      }
      if (!host) {
        host = await this.#resolver.host(target.host)
        this.#hosts.push(host)
        this.#o.tell({ kind: 'host', host })
      }
      ways.push(...host.addresses.map((address) => ({ target, address })))
    }
    return ways
  }

  /** Gives the further ways that the partner sends us. */
  async #try(target: ProbeTarget, address: string): Promise<readonly Way[]> {
    const { house, proving, pair, tell, signal, key, reference, now, bug } = this.#o
    const identity = house.ownIdentity(pair.local, pair.remote)
    if (!identity) return []
    tell({ kind: 'doing', what: `connecting to ${address} port ${target.port}` })
    const result = await attempt({
      pair,
      target,
      address,
      identity,
      async verify(chain, staple, tls) {
        const verdict = house.verifyPartner(pair.remote, chain, 'server', tls)
        const shown = { domain: pair.remote, chain, staple, side: 'server' } as const
        return (await proving?.confirm(verdict, shown)) ?? verdict
      },
      dialback: dialbackWith(pair, house, key),
      limits: this.#limits(),
      reference: reference(),
      signal,
      handler: (stream) => this.#handler(stream),
      bug,
      now,
    })
    const sent = result.failure?.elsewhere === undefined ? undefined : await this.#sent(result.failure, target.port)
    const seen = sent && 'reason' in sent ? { ...result.attempt.failure!, ...sent } : result.attempt.failure
    const tried = { ...result.attempt, failure: seen, followed: sent !== undefined && !('reason' in sent) }
    this.#attempts.push(tried)
    tell({ kind: 'attempt', attempt: tried })
    if (result.failure) this.#o.notOpened(result.failure)
    // The first stream carries the ping, while further addresses are tried.
    if (this.#pinging) result.stream?.close('SP-222')
    else if (result.stream) this.#pinging = this.#ask(result.stream)
    return sent && 'ways' in sent ? sent.ways : []
  }

  /** Where a partner that has proven its name sends us, by the rules of the dialler (`net/redirect.ts`). */
  async #sent(
    { elsewhere = '', remoteAddress }: DialFailure,
    from: number,
  ): Promise<ProbeFailure | { readonly ways: Way[] }> {
    const target = readRedirect(elsewhere)
    if (!target) return { reason: 'SP-219', detail: `"${elsewhere.slice(0, 100)}" is no host and port` }
    const { host, port } = target
    const words = `${remoteAddress} sends us to ${host} port ${port}`
    const route = this.#dns?.routes === true && this.#dns.targets.some((one) => one.host === host && one.port === port)
    const all = await this.#ways([{ host, port, tls: target.tls }])
    const ways = all.filter(({ address }) => route || mayBeSentTo(address, remoteAddress))
    if (ways.length === 0) return { reason: 'SP-219', detail: `${words}, which is no public address` }
    const been = (way: Way): boolean => this.#attempts.some((one) => one.address === way.address && one.port === port)
    const fresh = ways.filter((way) => !been(way) && !(way.address === remoteAddress && from === port))
    if (fresh.length === 0 || ++this.#hops > MOST_HOPS) return { reason: 'SP-220', detail: words }
    return { ways: fresh }
  }

  #limits(): StreamLimits {
    const limits = streamLimits(this.#o.house.settings.limits)
    const cut = (ms: number): number => Math.max(1, Math.min(ms, this.#left))
    return { ...limits, connectMs: cut(limits.connectMs), negotiationMs: cut(limits.negotiationMs) }
  }

  #handler(stream: Stream): StreamHandler {
    const ended = Promise.withResolvers<StreamEnd>()
    this.#streams.set(stream, ended)
    this.#o.opened(stream)
    return {
      frame: (frame) => {
        if (this.#asked && isAnswer(frame, this.#asked.id)) this.#o.callback?.answered(frame, stream)
        else stream.close('SP-436', { detail: `<${frame.name}/> on the stream of a probe` })
      },
      drained: () => {},
      closed: (end) => {
        this.#o.ended(stream, end)
        ended.resolve(end)
      },
    }
  }

  async #ask(stream: Stream): Promise<void> {
    const { pair, callback, tell, reference, now } = this.#o
    const unknown = { way: undefined, ms: undefined, error: false, ended: undefined } as const
    if (!callback) return this.#pinged({ ...unknown, outcome: 'untested' })
    const id = `${PING_ID}${reference()}`
    this.#asked = { id, stream }
    callback.asks(id)
    tell({ kind: 'doing', what: `asking ${pair.remote} whether it is there, and waiting for its answer` })
    const sentAt = now()
    stream.send(pingElement(pair, id))
    const outcome = await waitForAnswer(callback, this.#streams.get(stream)?.promise, this.#pingMs())
    const { answer } = callback
    this.#pinged({
      outcome: answer ? 'answered' : 'unanswered',
      way: answer && (answer.stream.info.role === 'initiating' ? 'ours' : 'theirs'),
      ms: (answer?.at ?? now()) - sentAt,
      error: answer?.frame.type === 'error',
      ended: outcome.ended && { reason: outcome.ended.reason, detail: outcome.ended.detail },
      at: new Date(sentAt).toISOString(),
    })
  }

  #pingMs(): number {
    return Math.min(PING_MS, this.#o.house.settings.limits.pingAnswerMs, this.#left)
  }

  #pinged(ping: Omit<ProbePing, 'at'> & { readonly at?: string }): void {
    this.#ping = { at: new Date(this.#o.now()).toISOString(), ...ping }
    this.#o.tell({ kind: 'ping', ping: this.#ping })
  }

  /** In good order, and no longer than closing may take. */
  async #closeAll(): Promise<void> {
    for (const stream of this.#streams.keys()) stream.close('SP-222')
    const closed = Promise.all([...this.#streams.values()].map(({ promise }) => promise))
    const over = deadline(CLOSING_MS)
    await Promise.race([closed, over.promise])
    over.clear()
  }
}
