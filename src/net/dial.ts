// Connects to a domain: target after target, the addresses of each in a race, until a stream is ready or the peer has
// said no.
//
// Rule 1: policy comes before this, so a domain that is not admitted costs no question and no packet.
// Rule 2: what the peer itself refuses is not tried again elsewhere; what the network, TLS or a server in trouble spoils is.
// Rule 3: the failure that is reported is that of the attempt that came furthest.

import { isIP, type Socket } from 'node:net'
import { initiating, type InitiatingDialback } from '../stream/initiating.ts'
import type { KeyAnswer, Machine, Pair, TlsInfo } from '../stream/types.ts'
import type { Identity } from '../trust/identity.ts'
import type { Verdict } from '../trust/verdict.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import { CANCELLED, connectTo } from './connect.ts'
import { Driver } from './driver.ts'
import type { Failure } from './failure.ts'
import type { StreamLimits } from './limits.ts'
import { observed, type Observer, Observers } from './observer.ts'
import { type Delay, race, type RaceResult } from './race.ts'
import type { StreamFailure } from './reception.ts'
import type { AddressResolution, Resolution, Target } from './resolve.ts'
import type { Stream, StreamHandler } from './stream.ts'

export interface DialOptions {
  readonly pair: Pair
  readonly leg: string
  /** Where to connect, or how to find out. */
  readonly targets: readonly Target[] | (() => Promise<Resolution>)
  /** The addresses of a target's host; absent: targets must be addresses. */
  addresses?(host: string): Promise<AddressResolution>
  /** What we prove `pair.local` with; absent only where no certificate is ever asked for. */
  readonly identity?: Identity
  /** What negotiates; default: the initiating side of a server-to-server stream. */
  readonly machine?: () => Machine
  /** Do we want the peer to send on it too, where it offers that? XEP-0288 */
  readonly bidi?: boolean
  /** Does the chain prove `pair.remote`? */
  verify(chain: readonly Buffer[], staple: Buffer | undefined, tls: TlsInfo): Promise<Verdict>
  /** Present where dialback is proof enough, theirs and ours. */
  readonly dialback?: InitiatingDialback | undefined
  /** The answer that a stream with a question was opened for. */
  answered?(answer: KeyAnswer): void
  readonly limits: StreamLimits
  readonly reference: string
  readonly signal?: AbortSignal
  readonly localAddress?: string
  /** The clock between the attempts of a race. */
  readonly delay?: Delay
  /** Sees what is tried, and what is said until the stream is ready and when it ends. */
  readonly observer?: Observer | undefined
  /** Something threw that must not. */
  bug?(error: unknown, reference: string): void
}

export interface Attempt {
  readonly target: Target
  readonly address: string | undefined
  readonly reason: ReasonId
  readonly detail: string
}

/** Why no stream came about, and what was tried. */
export interface DialFailure extends StreamFailure {
  readonly attempts: readonly Attempt[]
}

export type DialResult =
  | { readonly ok: true; readonly stream: Stream }
  | { readonly ok: false; readonly failure: DialFailure }

type Outcome = { readonly ok: true; readonly stream: Stream } | { readonly ok: false; readonly failure: StreamFailure }

/** So that a domain with many records cannot keep us busy. */
const MOST_ATTEMPTS = 8

/** What a peer says when it means it, wherever we ask. */
const FINAL: ReadonlySet<ReasonId> = new Set<ReasonId>([
  'SP-131',
  'SP-132',
  'SP-133',
  'SP-441',
  'SP-442',
  'SP-444',
  'SP-445',
  'SP-451',
  'SP-452',
  'SP-453',
  'SP-462',
  'SP-217',
  'SP-477',
  'SP-478',
  'SP-481',
])

/** Opens a stream. `handler` is called once, when it is ready and before its first frame. Never rejects. */
export async function dial(options: DialOptions, handler: (stream: Stream) => StreamHandler): Promise<DialResult> {
  const failures: StreamFailure[] = []
  const attempts: Attempt[] = []
  const give = (failure: StreamFailure): DialResult => ({ ok: false, failure: { ...failure, attempts } })

  const resolution = await resolved(options)
  if (!resolution.ok) return give(failureOf(options, resolution, ''))
  for (const target of resolution.targets) {
    const found = await addressesOf(options, target)
    if (!found.ok) {
      failures.push(failureOf(options, found, ''))
      attempts.push({ target, address: undefined, reason: found.reason, detail: found.detail })
      continue
    }
    let left: readonly string[] = found.addresses
    for (let { more } = found; attempts.length < MOST_ATTEMPTS;) {
      if (left.length === 0 && more) [left, more] = [await more, undefined]
      if (left.length === 0) break
      const { winner, failed } = await firstOf(options, target, left.slice(0, MOST_ATTEMPTS - attempts.length))
      const tried = failed.map(({ address, lost }) => ({
        address,
        failure: notConnected(options, target, address, lost),
      }))
      if (winner) {
        const outcome = await negotiate(options, target, winner.address, winner.won, handler)
        if (outcome.ok) return outcome
        tried.push({ address: winner.address, failure: outcome.failure })
      }
      for (const { address, failure } of tried) {
        failures.push(failure)
        attempts.push({ target, address, reason: failure.reason, detail: failure.detail })
      }
      const final = tried.find(({ failure }) => FINAL.has(failure.reason) || failure.elsewhere !== undefined)
      if (final) return give(final.failure)
      left = left.filter((address) => !tried.some((done) => done.address === address))
    }
  }
  const nowhere: Failure = { reason: 'SP-202', detail: 'no targets' }
  return give(furthest(failures) ?? failureOf(options, nowhere, ''))
}

async function resolved({ targets, signal }: DialOptions): Promise<Resolution> {
  const resolution = typeof targets === 'function' ? await targets() : { ok: true as const, targets }
  return signal?.aborted ? { ok: false, ...CANCELLED } : resolution
}

function addressesOf(options: DialOptions, { host, address }: Target): Promise<AddressResolution> | AddressResolution {
  if (options.signal?.aborted) return { ok: false, ...CANCELLED }
  const known = address ?? (isIP(host) ? host : undefined)
  if (known !== undefined) return { ok: true, addresses: [known] }
  return options.addresses?.(host) ?? { ok: false, reason: 'SP-202', detail: `no address for ${host}` }
}

/** The first of the addresses that takes a connection. */
function firstOf(
  { limits, signal, localAddress, observer, delay = onTheClock }: DialOptions,
  target: Target,
  addresses: readonly string[],
): Promise<RaceResult<Socket, Failure>> {
  return race({
    addresses,
    async attempt(host, given) {
      observer?.({ kind: 'connecting', target, address: host })
      const outcome = await connectTo({
        host,
        port: target.port,
        timeoutMs: limits.connectMs,
        localAddress,
        signal: given,
      })
      const from = outcome.ok ? (outcome.won.localAddress ?? '') : ''
      if (outcome.ok) observer?.({ kind: 'connected', target, address: host, from })
      else observer?.({ kind: 'unconnected', target, address: host, failure: outcome.lost })
      return outcome
    },
    discard: (socket) => socket.destroy(),
    delay,
    signal,
  })
}

/** The real clock. */
export function onTheClock(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms)
  return () => clearTimeout(timer)
}

function notConnected(options: DialOptions, { port }: Target, address: string, failure: Failure): StreamFailure {
  const where = `${address.includes(':') ? `[${address}]` : address}:${port}`
  return failureOf(options, { ...failure, detail: `${where}: ${failure.detail}` }, address)
}

/** A stream over a connection that is up. */
async function negotiate(
  options: DialOptions,
  { tls }: Target,
  address: string,
  socket: Socket,
  handler: (stream: Stream) => StreamHandler,
): Promise<Outcome> {
  const { pair, leg, bidi, limits, reference, signal } = options
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  let proven = false
  const { dialback } = options
  const machine = options.machine?.() ?? initiating({ pair, tls, dialback, ...(bidi ? { bidi } : {}) })
  const observers = new Observers(options.observer ? [options.observer] : [])
  const driver = new Driver(socket, observed(machine, observers), {
    role: 'initiating',
    tls,
    limits,
    reference,
    remoteAddress: address,
    pair,
    observers,
    identity: () =>
      options.identity ? Promise.resolve(options.identity) : Promise.reject(new Error('no certificate to show')),
    async verify(_, chain, staple, secured) {
      const verdict = await options.verify(chain, staple, secured)
      proven = verdict.proven
      return verdict
    },
    leg: () => leg,
    ready(stream) {
      resolve({ ok: true, stream })
      return handler(stream)
    },
    answered: (answer) => options.answered?.(answer),
    failed: (failure) => resolve({ ok: false, failure: proven ? failure : notSentAway(failure) }),
    bug: (error, at) => options.bug?.(error, at),
  })
  const cancel = (): void => driver.quit('SP-217', {})
  signal?.addEventListener('abort', cancel, { once: true })
  if (signal?.aborted) cancel() // between the connection and here
  const outcome = await promise
  signal?.removeEventListener('abort', cancel)
  return outcome
}

/** Who has proven nothing cannot send us elsewhere. RFC 6120 §4.9.3.19 */
function notSentAway({ elsewhere, ...failure }: StreamFailure): StreamFailure {
  return elsewhere === undefined ? failure : { ...failure, reason: 'SP-218' }
}

function failureOf({ pair, leg, reference }: DialOptions, { reason, detail }: Failure, address: string): StreamFailure {
  return {
    reference,
    reason,
    detail,
    role: 'initiating',
    pair,
    leg,
    remoteAddress: address,
    condition: undefined,
    by: reason === 'SP-217' ? 'us' : 'network',
    certificate: undefined,
  }
}

const stage = ({ reason }: StreamFailure): string => reason.slice(0, 'SP-4'.length)

/** Reasons are numbered in the order of the way: DNS and connection, TLS and certificate, stream. */
function furthest(failures: readonly StreamFailure[]): StreamFailure | undefined {
  return failures.reduce<StreamFailure | undefined>(
    (best, next) => (best && stage(best) >= stage(next) ? best : next),
    undefined,
  )
}
