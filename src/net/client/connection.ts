// One connection of a session, outer or inner: feeds its automaton until that is through, then hands on what is said, and
// writes what its owner says. Less than the driver of streams between servers, over the same halves: no counts, no queue.
//
// Rule 1: while an effect is in progress nothing is read and no event is taken from the scanner.
// Rule 2: once the automaton is through, everything goes to the owner, which holds the input while it cannot take more.
// Rule 3: every way in from outside goes through `guard`, so that a bug ends this connection and no other.

import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { streamError } from '../../stream/stream-error.ts'
import type { CloseEffect, Effect, Machine, StreamEvent, TlsEffect, TlsInfo } from '../../stream/types.ts'
import type { Verdict } from '../../trust/verdict.ts'
import { peerChain } from '../../trust/peer-chain.ts'
import type { Frame } from '../../xml/frame.ts'
import type { ScanEvent } from '../../xml/scanner.ts'
import type { Bytes } from '../../xml/stretch.ts'
import { STREAM_FOOTER } from '../../xml/write.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import { Departing } from '../departing.ts'
import type { Failure } from '../failure.ts'
import { caught, guard, type Guarded } from '../guard.ts'
import { Input, type InputOwner } from '../input.ts'
import type { StreamLimits } from '../limits.ts'
import { Output, type OutputOwner } from '../output.ts'
import { GONE, type Secured, shakeHands } from '../secure.ts'
import { Watch, type Watched } from '../watch.ts'
import { type LastWords, LATE, STALLED } from './ends.ts'

/** Whom a connection is driven for. */
export interface ConnectionOwner {
  readonly role: 'receiving' | 'initiating'
  /** Shown in an error of ours before the automaton is through. */
  readonly reference: string
  /** Our header, as bytes. */
  header(effect: Extract<Effect, { kind: 'header' }>): Buffer
  /** Is there a certificate to show? Where we are the server. */
  identify(effect: Extract<Effect, { kind: 'identify' }>): Promise<StreamEvent>
  /** Starts the handshake. */
  wrap(effect: TlsEffect, plain: Socket): Promise<TLSSocket | undefined> | TLSSocket | undefined
  verify(chain: readonly Buffer[]): Verdict
  /** The automaton is through. `features`: the element that has brought it there, if one has. */
  through(features: Frame | undefined): void
  /** It never got through, or the connection ended. `end`: what the automaton makes of that. */
  over(end: CloseEffect): void
  scanned(event: ScanEvent): void
  drained(): void
  idle(): void
  bug(error: unknown): void
}

const SPACE = Buffer.from(' ')
const FOOTER = Buffer.from(STREAM_FOOTER)

export class Connection extends Departing implements InputOwner, OutputOwner, Guarded, Watched {
  readonly #owner: ConnectionOwner
  readonly #machine: Machine
  readonly #limits: StreamLimits
  readonly #input: Input
  readonly #output: Output
  #socket: Socket | TLSSocket
  #tls: TlsInfo | undefined
  #chain: readonly Buffer[] = []
  #watch: Watch | undefined
  #deadline: NodeJS.Timeout | undefined
  #handshaking = false
  /** The automaton is through: the owner hears everything. */
  #through = false
  #ended = false

  constructor(socket: Socket, machine: Machine, limits: StreamLimits, owner: ConnectionOwner) {
    super()
    this.#owner = owner
    this.#machine = machine
    this.#limits = limits
    this.#socket = socket
    this.#output = new Output(socket, limits.highWaterBytes, this)
    this.#input = new Input(socket, limits.before, this)
    socket.on('close', () => {
      clearTimeout(this.#deadline)
      this.#watch?.[Symbol.dispose]()
      this.depart()
    })
    this.#arm(limits.negotiationMs)
    if (machine.phase === 'connecting') this.guard(() => this.#feed({ kind: 'connected' }))
  }

  get tls(): TlsInfo | undefined {
    return this.#tls
  }

  /** What the peer showed, DER, leaf first. */
  get chain(): readonly Buffer[] {
    return this.#chain
  }

  get unread(): number {
    return this.#input.unread
  }

  get unsent(): number {
    return this.#output.bufferedBytes
  }

  get full(): boolean {
    return this.#output.full
  }

  /** Writes; false: the pipe is full now. */
  write(bytes: Bytes): boolean {
    if (this.#ended) return false
    this.#watch?.wrote()
    return this.#output.write(bytes)
  }

  say(text: string): boolean {
    return this.write(Buffer.from(text))
  }

  /** Nothing is taken from it meanwhile. */
  hold(): void {
    this.#input.hold('handler')
  }

  release(): void {
    this.guard(() => this.#input.release('handler'))
  }

  /** A new stream follows on the same connection. RFC 6120 §4.3.3 */
  restart(): void {
    this.#input.restart()
  }

  /** Whoever is there has logged in: other limits hold from here on. */
  authenticated(): void {
    this.#input.setLimits(this.#limits.after)
  }

  /** Negotiation is over: other clocks run from here on. */
  settled(): void {
    clearTimeout(this.#deadline)
    this.#deadline = undefined
    this.#watch = new Watch(this.#limits, this)
  }

  /** Says our last words, if any, and ends in good order; nothing that comes is heard any more. */
  end(words?: LastWords): void {
    if (this.#ended) return
    if (words?.condition && !this.#handshaking) {
      this.say(streamError(words.condition, words.reference, words.application))
    }
    if (words && !this.#handshaking) this.write(FOOTER)
    this.#finish()
  }

  destroy(): void {
    this.#ended = true
    this.#output.discard()
    this.#socket.destroy()
  }

  // --- what happens ---

  received(): void {
    this.#watch?.used()
  }

  scanned(event: ScanEvent): void {
    if (this.#ended) return
    if (this.#through) return this.#owner.scanned(event)
    switch (event.kind) {
      case 'frame':
        return this.#feed({ kind: 'element', frame: event.frame, pending: this.#input.unread })
      case 'error':
        return this.#feed({ ...event, kind: 'fault' })
      default:
        return this.#feed(event)
    }
  }

  broken(failure: Failure): void {
    if (this.#ended) return
    if (this.#through) this.#over({ ...failure, kind: 'close', by: 'network', condition: undefined, say: 'nothing' })
    else this.#feed({ kind: 'ended', ...failure })
  }

  taken(): void {}

  drained(): void {
    this.guard(() => !this.#ended && this.#owner.drained())
  }

  paused(): boolean {
    return this.#input.held
  }

  stuckSince(): number | undefined {
    return this.#output.stuckSince
  }

  idle(): void {
    this.guard(() => !this.#ended && this.#owner.idle())
  }

  keepalive(): void {
    if (!this.#ended && this.#output.bufferedBytes === 0) this.write(SPACE)
  }

  stalled(): void {
    const detail = `${this.#output.bufferedBytes} bytes, none taken for ${Math.round(this.#limits.stallMs / 1000)} s`
    this.guard(() => {
      if (!this.#ended) this.#over({ ...STALLED, detail })
      this.destroy()
    })
  }

  guard(act: () => unknown): void {
    guard(this, act)
  }

  bug(error: unknown): void {
    this.#owner.bug(error)
  }

  fail(detail: string): void {
    if (this.#ended) return
    this.#over({ kind: 'close', reason: 'SP-491', detail, by: 'us', condition: 'internal-server-error', say: 'error' })
  }

  /** We want to end what is not through. */
  quit(reason: ReasonId, detail = ''): void {
    this.guard(() => !this.#ended && this.#feed({ kind: 'quit', reason, detail }))
  }

  // --- what is done about it ---

  #arm(ms: number): void {
    clearTimeout(this.#deadline)
    this.#deadline = setTimeout(() => {
      if (this.#ended) this.destroy()
      else if (this.#through) this.guard(() => this.#over(LATE))
      else this.guard(() => this.#feed({ kind: 'deadline' }))
    }, ms)
  }

  #feed(event: StreamEvent): void {
    if (this.#ended || this.#through) return
    for (const effect of this.#machine.feed(event)) this.#perform(effect)
    // Nothing more is to come in this turn; after a handshake, our header leaves with the end of that.
    if (this.#owner.role === 'initiating' && !this.#ended) this.#output.hasten()
    if (this.#machine.phase !== 'through') return
    this.#through = true
    this.#owner.through(event.kind === 'element' ? event.frame : undefined)
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'header':
        return void this.write(this.#owner.header(effect))
      case 'send':
        return void this.say(effect.xml)
      case 'identify':
        return this.#await(this.#owner.identify(effect))
      case 'start-tls':
      case 'accept-tls':
        return this.#secure(effect)
      case 'verify': {
        const chain = this.#chain
        this.#chain = [] // What OpenSSL made of it hangs on it, and would for as long as the connection lasts.
        return this.#feed({ kind: 'verified', verdict: this.#owner.verify(chain) })
      }
      case 'close':
        return this.#over(effect)
      default:
        throw new Error(`${effect.kind} is no effect of a client's stream`)
    }
  }

  /** Holds the input until the event comes. */
  #await(event: Promise<StreamEvent>): void {
    this.#input.hold('effect')
    event.then((happened) => this.#goOn(() => this.#feed(happened)), this.#stumble)
  }

  /** What the input was held for has come. */
  #goOn(next: () => void): void {
    this.guard(() => {
      if (!this.#ended) next()
      this.#input.release('effect')
    })
  }

  readonly #stumble = (error: unknown): void => this.#goOn(() => caught(this, error))

  /** Holds the input until the handshake is over. What follows is said within its end, and leaves in one piece with that. */
  #secure(effect: TlsEffect): void {
    this.#input.hold('effect')
    const over = (secured: Secured): void => this.#goOn(() => this.#feed(this.#secured(secured)))
    this.#wrap(effect).then(
      (socket) => (socket ? shakeHands(socket, this.#owner.role, over) : over(GONE)),
      this.#stumble,
    )
  }

  async #wrap(effect: TlsEffect): Promise<TLSSocket | undefined> {
    await this.#output.drained()
    this.#input.detach()
    this.#handshaking = true
    const socket = await this.#owner.wrap(effect, this.#socket)
    if (socket) this.#socket = socket
    return socket
  }

  #secured(secured: Secured): StreamEvent {
    this.#handshaking = false
    if (!secured.ok) return { kind: 'ended', reason: secured.reason, detail: secured.detail }
    this.#tls = secured.tls
    this.#chain = peerChain(secured.socket)
    this.#output.moveTo(secured.socket)
    this.#input.moveTo(secured.socket, this.#limits.before)
    return { kind: 'secured', certificate: this.#chain.length > 0, tls: secured.tls }
  }

  /** It is over by itself: the last words are said, and the owner is told. */
  #over(end: CloseEffect): void {
    const { say, by, condition } = end
    if (say === 'nothing' || this.#handshaking || by === 'network') this.#cut()
    // Once it is through, the owner has the words.
    else if (!this.#through)
      this.end({ condition: say === 'error' ? condition : undefined, reference: this.#owner.reference })
    this.#owner.over(end)
  }

  #cut(): void {
    this.#input.end()
    this.destroy()
  }

  #finish(): void {
    this.#ended = true
    this.#watch?.[Symbol.dispose]()
    this.#input.end()
    this.#output.end()
    this.#arm(this.#limits.closeMs)
  }
}
