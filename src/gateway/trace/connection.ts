// One connection as traces see it. A peer that connects is nobody until it names itself, so what it says before that is
// kept, within bounds, for the trace that turns out to be about it.

import type { Observer, Sight } from '../../net/observer.ts'
import { claimedPair } from '../../net/introduction.ts'
import type { Stream } from '../../net/stream.ts'
import { mask } from '../../xml/mask.ts'
import { parseDomain } from '../../xmpp/domain.ts'
import { endLine, linesOf } from './lines.ts'
import type { Said } from './report.ts'
import type { Trace } from './trace.ts'

/** More than a peer says before it names itself. */
const MOST_KEPT = 40

interface Kept {
  readonly said: Said
  readonly at: number
}

export interface TracedOptions {
  readonly reference: string
  /** Known to whoever dials; grows as the peer claims and proves names. */
  readonly names?: Iterable<string>
  /** The other end, and the balancer before it. */
  readonly addresses?: readonly string[]
  readonly traces: ReadonlySet<Trace>
  /** What may still be kept, by all connections together. */
  readonly room: { lines: number }
  now(): number
  /** An attempt of ours has come to a connection; it is over, and nobody uses a stream of it. */
  met?(): void
  over?(): void
  bug(error: unknown): void
}

export class TracedConnection {
  readonly #options: TracedOptions
  readonly #names: Set<string>
  #addresses: readonly string[]
  /** Of attempts that are under way at once, one comes to something: it is the one that is spoken with. */
  #peer: string | undefined
  #kept: Kept[] = []
  #keptOut = 0
  /** Those that have been told what was kept. */
  readonly #told = new WeakSet<Trace>()
  #stream: Stream | undefined
  #ready = false

  constructor(options: TracedOptions) {
    this.#options = options
    this.#names = new Set(options.names)
    this.#addresses = options.addresses ?? []
    this.#peer = this.#addresses[0]
  }

  /** Sees what happens. */
  readonly see: Observer = (sight) => {
    try {
      this.#see(sight)
    } catch (error) {
      this.#options.bug(error)
    }
  }

  /** The stream is up: from now on its proven names count. */
  bind(stream: Stream): void {
    this.#stream = stream
    this.#ready = true
    this.forget()
    this.#peer ??= stream.info.peerAddress
    if (this.#addresses.length === 0) this.#addresses = [this.#peer]
    for (const { pair } of stream.proven) this.#names.add(pair.remote)
  }

  unbind(): void {
    this.forget()
    this.#stream?.unwatch(this.see)
  }

  /** Gives up what is kept. */
  forget(): void {
    this.#options.room.lines += this.#kept.length
    this.#kept = []
  }

  /** Is there a stream that somebody uses? */
  get bound(): boolean {
    return this.#stream !== undefined
  }

  isFor(trace: Trace): boolean {
    return trace.covers({ names: this.#names, addresses: this.#addresses })
  }

  say(said: Said): void {
    const at = this.#options.now()
    let forAll = true
    for (const trace of this.#options.traces) {
      if (!this.isFor(trace)) {
        forAll = false
        continue
      }
      this.#tellKept(trace)
      trace.say(said, this.#where, at)
    }
    if (forAll || this.#ready || this.#options.names) return
    const { room } = this.#options
    if (this.#kept.length < MOST_KEPT && room.lines > 0) {
      room.lines -= 1
      this.#kept.push({ said, at })
    } else this.#keptOut += 1
  }

  get #where(): { readonly connection: string; readonly peer?: string } {
    const { reference } = this.#options
    return this.#peer === undefined ? { connection: reference } : { connection: reference, peer: this.#peer }
  }

  #tellKept(trace: Trace): void {
    if (this.#told.has(trace)) return
    this.#told.add(trace)
    for (const { said, at } of this.#kept) trace.say(said, this.#where, at)
    if (this.#keptOut > 0) trace.missed(this.#keptOut)
  }

  #see(sight: Sight): void {
    const parting = sight.kind === 'effect' && sight.effect.kind === 'close' && !this.#stream ? sight.effect : undefined
    if (this.#options.traces.size === 0) return parting && this.#options.over?.()
    if (sight.kind === 'stanza') return this.#stanza(sight)
    if (sight.kind === 'connecting' || sight.kind === 'connected' || sight.kind === 'unconnected') {
      return this.#attempt(sight)
    }
    this.#learn(sight)
    for (const said of linesOf(sight, false)) this.say(said)
    if (!parting) return
    this.say(endLine(parting, this.#options.reference))
    if (this.#options.names) this.#peer = undefined // the next attempt may go elsewhere
    this.#options.over?.()
  }

  #attempt(sight: Extract<Sight, { kind: 'connecting' | 'connected' | 'unconnected' }>): void {
    const { address } = sight
    const [peer, addresses] = [this.#peer, this.#addresses]
    this.#peer = address
    this.#addresses = [address]
    for (const said of linesOf(sight, false)) this.say(said)
    if (sight.kind === 'connected' && peer === undefined) return this.#options.met?.()
    this.#peer = peer
    this.#addresses = addresses
  }

  /** Who it is: by its header, and by what it shows keys for. */
  #learn(sight: Sight): void {
    if (sight.kind === 'event' && sight.event.kind === 'header') {
      const claimed = claimedPair(sight.event.header)?.remote ?? parseDomain(sight.event.header.from ?? '')
      if (claimed !== undefined) this.#names.add(claimed)
    }
    if (sight.kind !== 'effect') return
    if (sight.effect.kind === 'judge') this.#names.add(sight.effect.pair.remote)
    if (sight.effect.kind === 'proven' || sight.effect.kind === 'ready')
      this.#names.add(sight.effect.proven.pair.remote)
    if (sight.effect.kind === 'ready') this.#ready = true
  }

  #stanza(sight: Extract<Sight, { kind: 'stanza' }>): void {
    const { way, bytes } = sight
    for (const trace of this.#options.traces) {
      if (!this.isFor(trace) || !trace.admits(bytes.length)) continue
      if (this.#names.size > 1) {
        const { from, to } = mask(bytes.toString(), 'addressing')
        if (!trace.coversStanza(way === 'in' ? from : to)) continue
      }
      for (const said of linesOf(sight, trace.bodies)) trace.say(said, this.#where)
    }
  }
}
