// Drives one connection: feeds what happens on its socket to the automaton of its stream, and performs the effects.
//
// Rule 1: while an effect is in progress nothing is read and no event is taken from the scanner.
// Rule 2: once ready, stanzas go from the scanner straight to the handler; everything else goes to the automaton.
// Rule 3: every way in from outside goes through `#guard`, so that a bug ends this connection and no other.

import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { isStanza } from '../stream/elements.ts'
import { streamError } from '../stream/stream-error.ts'
import type { CloseEffect, Effect, Machine, Pair, StreamEvent, TlsEffect, TlsInfo } from '../stream/types.ts'
import { peerChain } from '../trust/peer-chain.ts'
import type { ScanEvent } from '../xml/scanner.ts'
import { STREAM_FOOTER } from '../xml/write.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import { Credentials } from './credentials.ts'
import { Input } from './input.ts'
import { claimedPair, newStreamId, ourHeader } from './introduction.ts'
import { Output } from './output.ts'
import type { Party } from './party.ts'
import { handshake } from './secure.ts'
import { type CloseOptions, Stream, type Wire } from './stream.ts'
import { Watch } from './watch.ts'

const FOOTER = Buffer.from(STREAM_FOOTER)
const SPACE = Buffer.from(' ')

export class Driver implements Wire {
  readonly gone: Promise<void>
  readonly #party: Party
  readonly #machine: Machine
  readonly #input: Input
  readonly #output: Output
  readonly #credentials: Credentials
  readonly #left = Promise.withResolvers<void>()
  #reference: string
  #socket: Socket | TLSSocket
  #tls: TlsInfo | undefined
  #pair: Pair | undefined
  #id = ''
  #stream: Stream | undefined
  #deadline: NodeJS.Timeout | undefined
  #watch: Watch | undefined
  /** A TLS handshake runs: no place for words of ours. */
  #handshaking = false
  #end: CloseEffect | undefined

  constructor(socket: Socket, machine: Machine, party: Party) {
    this.gone = this.#left.promise
    this.#party = party
    this.#machine = machine
    this.#credentials = new Credentials(party)
    this.#reference = party.reference
    this.#socket = socket
    this.#pair = party.pair
    this.#output = new Output(socket, party.limits.highWaterBytes, {
      taken: (stanzas) => this.#guard(() => this.#stream?.handler.taken?.(stanzas)),
      drained: () => this.#guard(() => this.open && this.#stream?.handler.drained()),
    })
    this.#input = new Input(socket, party.limits.before, {
      received: (bytes) => this.#received(bytes),
      scanned: (event) => this.#scanned(event),
      broken: (failure) => this.#feed({ kind: 'ended', ...failure }),
      guard: (act) => this.#guard(act),
    })
    socket.once('close', () => {
      clearTimeout(this.#deadline)
      this.#left.resolve()
    })
    this.#arm(party.limits.negotiationMs)
    if (machine.phase === 'connecting') this.#guard(() => this.#feed({ kind: 'connected' }))
  }

  get open(): boolean {
    return this.#machine.phase === 'ready'
  }

  /** Ready streams have one. */
  get stream(): Stream | undefined {
    return this.#stream
  }

  get bufferedBytes(): number {
    return this.#output.bufferedBytes
  }

  send(bytes: Buffer): boolean {
    return this.#counted(bytes) && this.#output.write(bytes)
  }

  interject(bytes: Buffer): void {
    if (this.#counted(bytes)) this.#output.say(bytes)
  }

  pause(): void {
    this.#input.hold('handler')
  }

  resume(): void {
    this.#guard(() => this.#input.release('handler'))
  }

  hush(): void {
    this.#input.hold('farewell')
  }

  quit(reason: ReasonId, { reference, detail }: CloseOptions): void {
    if (this.#end) return
    if (reference !== undefined) this.#reference = reference
    this.#guard(() => this.#feed({ kind: 'quit', reason, detail: detail ?? '' }, true))
  }

  destroy(): void {
    this.#output.discard()
    this.#socket.destroy()
  }

  // --- what happens ---

  #received(bytes: number): void {
    // Blanks of a peer that takes nothing from us are no use of the stream.
    if (this.#party.role === 'receiving' || this.bufferedBytes === 0) this.#watch?.used()
    if (this.#stream) this.#stream.info.counters.bytesIn += bytes
  }

  #scanned(event: ScanEvent): void {
    switch (event.kind) {
      case 'frame': {
        const stream = this.#stream
        if (!stream || !isStanza(event.frame)) {
          return this.#feed({ kind: 'element', frame: event.frame, pending: this.#input.unread })
        }
        stream.info.counters.stanzasIn += 1
        return stream.handler.frame(event.frame)
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

  #arm(ms: number): void {
    clearTimeout(this.#deadline)
    this.#deadline = setTimeout(() => {
      if (this.#end) this.destroy()
      else this.#guard(() => this.#feed({ kind: 'deadline' }))
    }, ms)
  }

  // --- what is done about it ---

  /** `asked`: our own user wants the end, and is told of it later, not from within its own call. */
  #feed(event: StreamEvent, asked = false): void {
    if (this.#end) return
    for (const effect of this.#machine.feed(event)) {
      if (effect.kind === 'close') this.#close(effect, asked)
      else this.#perform(effect)
    }
  }

  #perform(effect: Exclude<Effect, CloseEffect>): void {
    switch (effect.kind) {
      case 'header':
        if (this.#party.role === 'receiving') this.#id = newStreamId()
        return this.#say(ourHeader(effect, this.#party.role === 'receiving' ? this.#id : undefined))
      case 'send':
        return this.#say(Buffer.from(effect.xml))
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
        return this.#await(this.#credentials.verify(effect.pair, this.#socket))
      case 'judge':
        return this.#later(this.#credentials.judge({ ...effect, id: this.#id }, this.#socket))
      case 'proven':
        return this.#stream?.authorise(effect.proven)
      case 'answered':
        return this.#party.answered?.(effect.answer)
      case 'ready':
        return this.#ready(effect)
      case 'footer':
        this.#say(FOOTER)
        return this.#arm(this.#party.limits.closeMs)
    }
  }

  /** Writes what is no stanza of the stream's owner. */
  #say(words: Buffer): void {
    this.#wrote(words)
    this.#output.say(words)
  }

  /** Counts a stanza that is to be written; false when none may be. */
  #counted(bytes: Buffer): boolean {
    if (!this.#stream || this.#machine.phase !== 'ready') return false
    this.#stream.info.counters.stanzasOut += 1
    this.#watch?.used()
    this.#wrote(bytes)
    return true
  }

  #wrote({ length }: Buffer): void {
    this.#watch?.wrote()
    if (this.#stream) this.#stream.info.counters.bytesOut += length
  }

  /** Holds the input until the event comes. */
  #await(event: Promise<StreamEvent>): void {
    this.#input.hold('effect')
    this.#later(event, () => this.#input.release('effect'))
  }

  /** Feeds the event when it comes; a rejection is a bug. */
  #later(event: Promise<StreamEvent>, finish?: () => void): void {
    const settle = (next: () => void): void =>
      this.#guard(() => {
        if (!this.#end) next()
        finish?.()
      })
    event.then(
      (happened) => settle(() => this.#feed(happened)),
      (error: unknown) => settle(() => this.#bug(error)),
    )
  }

  async #secure(effect: TlsEffect): Promise<StreamEvent> {
    const wrap = await this.#credentials.wrap(effect)
    if (!wrap) return { kind: 'quit', reason: 'SP-360', detail: 'none to begin TLS with' }
    await this.#output.drained()
    if (this.#end) throw new Error('closed before the handshake')
    this.#input.detach()
    this.#handshaking = true
    const socket = wrap(this.#socket)
    this.#socket = socket
    const secured = await handshake(socket, this.#party.role)
    this.#handshaking = false
    if (!secured.ok) return { kind: 'ended', reason: secured.reason, detail: secured.detail }
    this.#tls = secured.tls
    this.#output.moveTo(socket)
    this.#input.moveTo(socket, this.#party.limits.before)
    return { kind: 'secured', certificate: peerChain(socket).length > 0, tls: secured.tls }
  }

  #ready({ proven: { pair, method, certificate }, bidi }: Extract<Effect, { kind: 'ready' }>): void {
    const { role, limits, remoteAddress } = this.#party
    const socket = this.#socket
    const tls = 'getPeerX509Certificate' in socket ? this.#tls : undefined
    // SECURITY: only a component is ever met without TLS, where its opener vouches for the network.
    if (!tls && method !== 'secret') throw new Error('ready without TLS')
    clearTimeout(this.#deadline)
    this.#input.setLimits(limits.after)
    this.#watch = new Watch(limits, {
      paused: () => this.#input.held,
      stuckSince: () => this.#output.stuckSince,
      idle: () => this.#guard(() => this.#feed({ kind: 'idle' })),
      keepalive: () => this.#guard(() => this.open && this.bufferedBytes === 0 && this.#say(SPACE)),
      stalled: () => this.#guard(() => this.#stalled()),
    })
    this.#stream = new Stream(
      {
        id: this.#id || newStreamId(),
        role,
        pair,
        leg: this.#party.leg(pair),
        peerAddress: remoteAddress,
        tls: tls && { ...tls, start: this.#party.tls },
        bidi,
        method,
        certificate,
        chain: 'getPeerX509Certificate' in socket ? peerChain(socket) : [],
        reference: this.#reference,
      },
      this,
    )
    // The owner gets a turn of the event loop before the first frame, or the end.
    this.#input.hold('newcomer')
    setImmediate(() => this.#guard(() => this.#input.release('newcomer')))
    this.#stream.handler = this.#party.ready(this.#stream)
  }

  /** The peer reads nothing: words would not reach it either. */
  #stalled(): void {
    const seconds = Math.round(this.#party.limits.stallMs / 1000)
    this.#feed({ kind: 'ended', reason: 'SP-467', detail: `${this.bufferedBytes} bytes, none taken for ${seconds} s` })
    this.destroy()
  }

  #close(effect: CloseEffect, asked: boolean): void {
    this.#end = effect
    const { reason, detail, by, condition, say, elsewhere } = effect
    this.#output.cut() // Another stream can carry what waits here; who ends this one may not read it any more.
    if (say === 'error' && condition) this.#say(Buffer.from(streamError(condition, this.#reference)))
    if (say !== 'nothing') this.#say(FOOTER)
    this.#watch?.[Symbol.dispose]()
    this.#input.end()
    if (by === 'network' || this.#handshaking) this.destroy()
    else {
      this.#output.end()
      this.#arm(this.#party.limits.closeMs)
      // Nobody waits for the connection of an attempt that failed; the end of the process need not either.
      if (!this.#stream && this.#party.role === 'initiating') {
        this.#socket.unref()
        this.#deadline?.unref()
      }
    }
    const ending = { reason, reference: this.#reference, detail, by, condition }
    const [end, stream] = [elsewhere === undefined ? ending : { ...ending, elsewhere }, this.#stream]
    const tell = (): void => {
      stream?.handler.closed(end)
      if (stream) return void this.gone.then(() => this.#guard(() => stream.handler.gone?.(this.#output.doubtful)))
      const { role, remoteAddress } = this.#party
      const [pair, certificate] = [this.#pair, this.#credentials.seen]
      this.#party.failed({ ...end, role, pair, leg: pair && this.#party.leg(pair), remoteAddress, certificate })
    }
    if (asked) setImmediate(() => this.#guard(tell))
    else tell()
  }

  #guard(act: () => unknown): void {
    try {
      act()
    } catch (error) {
      this.#bug(error)
    }
  }

  #bug(error: unknown): void {
    try {
      this.#party.bug(error, this.#reference)
      this.#feed({ kind: 'quit', reason: 'SP-491', detail: error instanceof Error ? error.message : String(error) })
    } catch (second) {
      this.#party.bug(second, this.#reference)
      this.destroy()
    }
  }
}
