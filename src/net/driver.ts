// Drives one connection: feeds what happens on its socket to the automaton of its stream, and performs the effects.
//
// Rule 1: while an effect is in progress nothing is read and no event is taken from the scanner.
// Rule 2: once ready, stanzas go from the scanner straight to the handler; everything else goes to the automaton.
// Rule 3: every way in from outside goes through `guard`, so that a bug ends this connection and no other.

import type { Socket } from 'node:net'
import { isStanza } from '../stream/elements.ts'
import { streamError } from '../stream/stream-error.ts'
import type { CloseEffect, Effect, Machine, Pair, StreamEvent, TlsEffect, TlsInfo } from '../stream/types.ts'
import type { ScanEvent } from '../xml/scanner.ts'
import type { Bytes } from '../xml/stretch.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import type { AckFigures } from './acks.ts'
import { Credentials } from './credentials.ts'
import { Departing } from './departing.ts'
import type { Failure } from './failure.ts'
import { caught, guard, type Guarded } from './guard.ts'
import { Input, type InputOwner } from './input.ts'
import { claimedPair, newStreamId, ourHeader } from './introduction.ts'
import { Outgoing, type OutgoingOwner } from './outgoing.ts'
import { Parting } from './parting.ts'
import type { Party } from './party.ts'
import { GONE, handshake } from './secure.ts'
import { endOf, failureOf, infoOf } from './stream-info.ts'
import { type CloseOptions, Stream, type StreamFlow, type Wire } from './stream.ts'
import { type Kept, Upkeep } from './upkeep.ts'
import { Watch } from './watch.ts'

export class Driver extends Departing implements Wire, InputOwner, OutgoingOwner, Kept, Guarded {
  readonly #party: Party
  readonly #machine: Machine
  readonly #input: Input
  readonly #out: Outgoing
  readonly #parting: Parting
  readonly #credentials: Credentials
  #reference: string
  #socket: Socket
  #tls: TlsInfo | undefined
  #pair: Pair | undefined
  #id = ''
  #stream: Stream | undefined
  #deadline: NodeJS.Timeout | undefined
  #watch: Watch | undefined
  /** A TLS handshake runs: no place for words of ours. */
  #handshaking = false
  #end: CloseEffect | undefined
  #patienceMs = 0

  constructor(socket: Socket, machine: Machine, party: Party) {
    super()
    this.#party = party
    this.#machine = machine
    this.#credentials = new Credentials(party)
    this.#reference = party.reference
    this.#socket = socket
    this.#pair = party.pair
    this.#out = new Outgoing(socket, party.limits, this)
    this.#input = new Input(socket, party.limits.before, this)
    this.#parting = new Parting(socket, this.#input, this.#out)
    socket.on('close', () => {
      clearTimeout(this.#deadline)
      this.depart()
    })
    this.#arm(party.limits.negotiationMs)
    if (machine.phase === 'connecting') this.hear({ kind: 'connected' })
  }

  get open(): boolean {
    return this.#machine.phase === 'ready'
  }

  get stream(): Stream | undefined {
    return this.#stream
  }

  get bufferedBytes(): number {
    return this.#out.output.bufferedBytes
  }

  get flow(): StreamFlow {
    return { unread: this.#input.unread, unsent: this.bufferedBytes, held: this.#input.heldByHandler }
  }

  send(bytes: Bytes): boolean {
    return this.#counted() && this.#out.send(bytes)
  }

  interject(bytes: Buffer): void {
    if (this.#counted()) this.#out.interject(bytes)
  }

  get acks(): AckFigures | undefined {
    return this.#out.acks.figures
  }

  ask(): void {
    this.guard(() => this.open && this.#out.acks.ask())
  }

  pause(): void {
    this.#input.hold('handler')
  }

  resume(): void {
    this.guard(() => this.#input.release('handler'))
  }

  get held(): boolean {
    return this.#input.held
  }

  waitFor(others: Promise<unknown>): void {
    this.#input.hold('elders')
    void others.then(() => this.guard(() => this.#input.release('elders')))
  }

  hush(): void {
    this.#input.hold('farewell')
  }

  quit(reason: ReasonId, { reference, detail, patienceMs }: CloseOptions): void {
    if (this.#end) return
    ;[this.#reference, this.#patienceMs] = [reference ?? this.#reference, patienceMs ?? 0]
    this.guard(() => this.#feed({ kind: 'quit', reason, detail: detail ?? '' }, true))
  }

  destroy(): void {
    this.#parting.cut(this.#socket)
  }

  // --- what happens ---

  received(bytes: number): void {
    // Blanks of a peer that takes nothing from us are no use of the stream; nor is the talk about acknowledgements.
    if (!this.#out.acks.on && (this.#party.role === 'receiving' || this.bufferedBytes === 0)) this.#watch?.used()
    if (this.#stream) this.#stream.info.counters.bytesIn += bytes
  }

  scanned(event: ScanEvent): void {
    if (this.#end) return this.#parting.overhear(event)
    switch (event.kind) {
      case 'frame': {
        const stream = this.#stream
        if (!stream || !isStanza(event.frame)) {
          return this.#feed({ kind: 'element', frame: event.frame, pending: this.#input.unread })
        }
        if (this.#out.acks.parted) return // The peer answers for it, since it is not acknowledged.
        stream.info.counters.stanzasIn += 1
        this.#watch?.used()
        stream.take(event.frame)
        return this.#out.acks.handled()
      }
      case 'header':
        if (this.#party.role === 'initiating') this.#id = event.header.id ?? ''
        this.#pair ??= claimedPair(event.header) // for whoever is told how the stream ended
        return this.#feed(event)
      case 'footer':
        return this.#feed(event)
      case 'error':
        return this.#feed({ ...event, kind: 'fault' })
    }
  }

  broken(failure: Failure): void {
    if (this.#end) this.#parting.heardOut()
    else this.#feed({ kind: 'ended', ...failure })
  }

  taken(stanzas: number): void {
    this.#stream?.handler.taken?.(stanzas)
  }

  drained(): void {
    if (this.open) this.#stream?.handler.drained()
  }

  deaf(): boolean {
    return this.#input.held
  }

  // SECURITY: who asks and asks and does not read the answers would fill the memory; it is not heard meanwhile.
  choked(is: boolean): void {
    this.#input[is ? 'hold' : 'release']('answers')
  }

  guard(act: () => unknown): void {
    guard(this, act)
  }

  hear(event: StreamEvent): void {
    this.guard(() => this.#feed(event))
  }

  bug(error: unknown): void {
    this.#party.bug(error, this.#reference)
  }

  fail(detail: string): void {
    this.#feed({ kind: 'quit', reason: 'SP-491', detail })
  }

  #arm(ms: number): void {
    clearTimeout(this.#deadline)
    this.#deadline = setTimeout(() => {
      if (this.#end) this.destroy()
      else this.hear({ kind: 'deadline' })
    }, ms)
  }

  // --- what is done about it ---

  /** `asked`: our own user wants the end, and is told of it later, not from within its own call. */
  #feed(event: StreamEvent | undefined, asked = false): void {
    if (!event || this.#end) return
    for (const effect of this.#machine.feed(event)) {
      if (effect.kind === 'close') this.#close(effect, asked)
      else this.#perform(effect)
    }
    // Before it is ready nothing more could go out with what was said, unless an effect is in progress.
    if (!this.#stream && !this.#end && !this.#input.held) this.#out.output.hasten()
  }

  #perform(effect: Exclude<Effect, CloseEffect>): void {
    switch (effect.kind) {
      case 'header':
        if (this.#party.role === 'receiving') this.#id = newStreamId()
        return this.#out.say(ourHeader(effect, this.#party.role === 'receiving' ? this.#id : undefined))
      case 'send':
        return this.#out.say(effect.xml)
      case 'identify':
        return this.#await(this.#credentials.identify(effect.pair))
      case 'start-tls':
      case 'accept-tls':
        return this.#await(this.#secure(effect))
      case 'restart':
        return this.#input.restart(effect.trailing && this.#party.limits)
      case 'early':
        return this.#input.keep(effect.frame)
      case 'verify':
        return this.#await(this.#credentials.verify(effect.pair))
      case 'judge':
        return this.#later(this.#credentials.judge({ ...effect, id: this.#id }))
      case 'proven':
        return this.#stream?.authorise(effect.proven)
      case 'answered':
        return this.#party.answered?.(effect.answer)
      case 'ready':
        return this.#ready(effect)
      case 'acks':
        return this.#out.acks.count(effect.counts)
      case 'acknowledge':
        return this.#out.acks.acknowledge()
      case 'acknowledged':
        return this.#feed(this.#out.acks.heard(effect.handled))
      case 'footer':
        this.#out.footer(effect.condition && streamError(effect.condition, this.#reference))
        setImmediate(() => this.guard(() => this.#input.release('farewell'))) // their footer is waited for
        return this.#arm(Math.max(this.#party.limits.closeMs, this.#patienceMs))
    }
  }

  /** Counts a stanza that is to be written; false when none may be. */
  #counted(): boolean {
    if (!this.#stream || this.#machine.phase !== 'ready') return false
    this.#stream.info.counters.stanzasOut += 1
    this.#watch?.used()
    return true
  }

  wrote(bytes: number): void {
    this.#watch?.wrote()
    if (this.#stream) this.#stream.info.counters.bytesOut += bytes
  }

  /** Holds the input until the event comes. */
  #await(event: Promise<StreamEvent>): void {
    this.#input.hold('effect')
    this.#later(event, () => this.#input.release('effect'))
  }

  /** Feeds the event when it comes; a rejection is a bug. */
  #later(event: Promise<StreamEvent>, finish?: () => void): void {
    const settle = (next: () => void): void =>
      this.guard(() => {
        if (!this.#end) next()
        finish?.()
      })
    event.then(
      (happened) => settle(() => this.#feed(happened)),
      (error: unknown) => settle(() => caught(this, error)),
    )
  }

  async #secure(effect: TlsEffect): Promise<StreamEvent> {
    const wrap = await this.#credentials.wrap(effect)
    if (!wrap) return { kind: 'quit', reason: 'SP-360', detail: 'none to begin TLS with' }
    await this.#out.output.drained()
    if (this.#end) throw new Error('closed before the handshake')
    this.#input.detach()
    this.#handshaking = true
    const socket = await wrap(this.#socket)
    if (socket) this.#socket = socket
    const secured = socket ? await handshake(socket, this.#party.role) : GONE
    this.#handshaking = false
    if (!secured.ok) return { kind: 'ended', reason: secured.reason, detail: secured.detail }
    this.#tls = secured.tls
    this.#credentials.secured(secured.socket, secured.tls)
    this.#out.output.moveTo(secured.socket)
    this.#input.moveTo(secured.socket, this.#party.limits.before)
    return { kind: 'secured', certificate: this.#credentials.chain.length > 0, tls: secured.tls }
  }

  #ready({ proven: { pair, method, certificate }, bidi }: Extract<Effect, { kind: 'ready' }>): void {
    const { limits } = this.#party
    // SECURITY: only a component is ever met without TLS, where its opener vouches for the network.
    if (!this.#tls && method !== 'secret') throw new Error('ready without TLS')
    clearTimeout(this.#deadline)
    this.#deadline = undefined
    this.#input.setLimits(limits.after)
    this.#watch = new Watch(limits, new Upkeep(this, this.#input, this.#out, limits.stallMs))
    const about = { id: this.#id || newStreamId(), reference: this.#reference, bidi, leg: this.#party.leg(pair) }
    const info = infoOf(about, { pair, method, certificate }, this.#party, this.#credentials.chain, this.#tls)
    this.#stream = new Stream(this, this.#party.observers, info)
    // The owner gets a turn of the event loop before the first frame, or the end.
    this.#input.hold('newcomer')
    setImmediate(() => this.guard(() => this.#input.release('newcomer')))
    this.#stream.handler = this.#party.ready(this.#stream)
  }

  #close(effect: CloseEffect, asked: boolean): void {
    this.#end = effect
    this.#watch?.[Symbol.dispose]()
    if (this.#parting.begin(effect, this.#reference, this.#socket, this.#handshaking)) {
      this.#arm(this.#party.limits.closeMs)
      // Nobody waits for the connection of an attempt that failed; the end of the process need not either.
      if (!this.#stream && this.#party.role === 'initiating') {
        for (const one of [this.#socket, this.#deadline]) one?.unref()
      }
    }
    const [end, stream] = [endOf(effect, this.#reference), this.#stream]
    const tell = (): void => {
      stream?.handler.closed(end)
      if (stream) return void this.whenGone(() => this.guard(() => stream.handler.gone?.(this.#out.acks.doubtful)))
      this.#party.failed(failureOf(end, this.#party, this.#pair, this.#credentials.seen))
    }
    if (asked) setImmediate(() => this.guard(tell))
    else tell()
  }
}
