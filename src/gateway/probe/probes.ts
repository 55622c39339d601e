// The probes that run: one of a domain at a time, few at once, and not too many in a minute. They are asked for by an
// administrator and cost a stranger's server connections, so haste is nobody's friend.

import type { Observer } from '../../net/observer.ts'
import type { ConnectionOrigin } from '../../net/reception.ts'
import type { Stream } from '../../net/stream.ts'
import type { Pair } from '../../stream/types.ts'
import type { Frame } from '../../xml/frame.ts'
import type { House } from '../house.ts'
import type { Journal } from '../journal.ts'
import type { Confirming } from '../keys/proving.ts'
import { runProbe } from './probe.ts'
import { Callback } from './callback.ts'
import type { ProbeProgress, ProbeQuery, ProbeReport } from './report.ts'

/** At once, of different domains. */
const MOST_AT_ONCE = 4
/** Within `WINDOW_MS`. */
const MOST_IN_WINDOW = 60
const WINDOW_MS = 60_000

/** Why a probe was not begun. `busy`: another time it would be. */
export class ProbeRefused extends Error {
  readonly kind: 'busy' | 'ours' | 'not-ours'

  constructor(kind: ProbeRefused['kind'], message: string) {
    super(message)
    this.name = 'ProbeRefused'
    this.kind = kind
  }
}

/**
 * Whom a probe speaks for, and with whom.
 * @throws ProbeRefused
 */
export function probePair(house: House, { domain, from }: Pick<ProbeQuery, 'domain' | 'from'>): Pair {
  const local = from ?? house.settings.domains[0]?.domain
  if (local === undefined || !house.isOurs(local)) throw new ProbeRefused('not-ours', `${local} is no domain of ours`)
  if (house.isOurs(domain)) throw new ProbeRefused('ours', `${domain} is a domain of ours`)
  return { local, remote: domain }
}

export interface ProbesOptions {
  house(): House
  readonly journal: Pick<Journal, 'opened' | 'ended' | 'notOpened' | 'bug'>
  readonly proving: Pick<Confirming, 'confirm'>
  /** The streams that a partner has to us. */
  receiving(pair: Pair): Iterable<Stream>
  listeners(): readonly string[]
  /** Our key for a stream to a partner that takes one. */
  key(pair: Pair, id: string): string
  reference(): string
  now(): number
}

export class Probes {
  readonly #options: ProbesOptions
  readonly #running = new Map<string, { readonly callback: Callback; readonly abort: AbortController }>()
  #begun: number[] = []

  constructor(options: ProbesOptions) {
    this.#options = options
  }

  /** Tests a partner and tells of it on the way. @throws ProbeRefused */
  async run(query: ProbeQuery, tell: (progress: ProbeProgress) => void): Promise<ProbeReport> {
    const { house, proving, journal, receiving, listeners, key, reference, now } = this.#options
    const pair = probePair(house(), query)
    this.#admit(pair.remote)
    const callback = new Callback(pair, now)
    callback.stand(receiving(pair))
    const abort = new AbortController()
    this.#running.set(pair.remote, { callback, abort })
    try {
      return await runProbe({
        house: house(),
        proving,
        pair,
        timeoutMs: query.timeoutMs,
        listeners: listeners(),
        callback,
        signal: abort.signal,
        key,
        reference,
        now,
        tell,
        opened: (stream) => journal.opened(stream),
        ended: (stream, end) => journal.ended(stream, end),
        notOpened: (failure) => journal.notOpened(failure),
        bug: (error, at) => journal.bug(error, at),
      })
    } finally {
      this.#running.delete(pair.remote)
    }
  }

  #admit(domain: string): void {
    const now = this.#options.now()
    this.#begun = this.#begun.filter((at) => now - at < WINDOW_MS)
    if (this.#running.has(domain)) throw new ProbeRefused('busy', `a probe of ${domain} runs already`)
    if (this.#running.size >= MOST_AT_ONCE) throw new ProbeRefused('busy', `${MOST_AT_ONCE} probes run already`)
    if (this.#begun.length >= MOST_IN_WINDOW)
      throw new ProbeRefused('busy', `${MOST_IN_WINDOW} probes within a minute are enough`)
    this.#begun.push(now)
  }

  /** Who watches a new connection from outside: nobody, unless a probe runs. */
  observers(origin: ConnectionOrigin, reference: string): readonly Observer[] {
    return [...this.#running.values()].map(({ callback }) => callback.observer(origin, reference))
  }

  /** A stream has become ready. */
  opened(stream: Stream): void {
    for (const { callback } of this.#running.values()) callback.opened(stream)
  }

  /** True when the stanza is the answer to the ping of a probe, which goes no further. */
  take(frame: Frame, stream: Stream): boolean {
    for (const { callback } of this.#running.values()) if (callback.take(frame, stream)) return true
    return false
  }

  /** Ends all of them; their streams close. */
  abandon(): void {
    for (const { abort } of this.#running.values()) abort.abort()
  }
}
