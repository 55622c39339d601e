// Drives one connection: feeds what happens on its socket to the automaton of its stream, and performs the effects.
//
// Rule 1: while an effect is in progress nothing is read and no event is taken from the scanner.
// Rule 2: once ready, stanzas go from the scanner straight to the handler; everything else goes to the automaton.
// Rule 3: every way in from outside (socket, timer, promise, handler) goes through `#guard`, so that a bug ends this
//         connection, with `internal-server-error`, and no other.

import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { isStanza } from '../stream/elements.ts'
import { streamError } from '../stream/stream-error.ts'
import type { CloseEffect, Effect, Machine, Pair, StreamEvent } from '../stream/types.ts'
import type { Identity } from '../trust/identity.ts'
import { peerChain } from '../trust/peer-chain.ts'
import type { CertificateSummary, Verdict } from '../trust/verdict.ts'
import type { StreamHeader } from '../xml/frame.ts'
import type { ScanEvent } from '../xml/scanner.ts'
import { STREAM_FOOTER, streamHeader } from '../xml/write.ts'
import { parseDomain, toUnicodeDomain } from '../xmpp/domain.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import { Input } from './input.ts'
import { Output } from './output.ts'
import type { Party } from './party.ts'
import { handshake, startTls, type TlsInfo } from './secure.ts'
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
  readonly #left = Promise.withResolvers<void>()
  #reference: string
  #socket: Socket | TLSSocket
  #identity: Identity | undefined
  #tls: TlsInfo | undefined
  #pair: Pair | undefined
  #certificate: CertificateSummary | undefined
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
    this.#reference = party.reference
    this.#socket = socket
    this.#pair = party.pair
    this.#output = new Output(socket, party.limits.highWaterBytes, () => this.#guard(() => this.#drained()))
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
    if (party.role === 'initiating') this.#guard(() => this.#feed({ kind: 'connected' }))
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
    const stream = this.#stream
    if (!stream || this.#machine.phase !== 'ready') return false
    stream.info.counters.stanzasOut += 1
    this.#watch?.used()
    return this.#write(bytes)
  }

  pause(): void {
    this.#input.hold('handler')
  }

  resume(): void {
    this.#guard(() => this.#input.release('handler'))
  }

  quit(reason: ReasonId, { reference, detail }: CloseOptions): void {
    if (this.#end) return
    if (reference !== undefined) this.#reference = reference
    this.#guard(() => this.#feed({ kind: 'quit', reason, detail: detail ?? '' }, true))
  }

  // --- what happens ---

  #received(bytes: number): void {
    this.#watch?.used()
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
        this.#noteHeader(event.header)
        return this.#feed(event)
      case 'footer':
        return this.#feed(event)
      case 'error':
        return this.#feed({ ...event, kind: 'fault' })
    }
  }

  /** What a header claims, for whoever is told how the stream ended. */
  #noteHeader({ to, from, id }: StreamHeader): void {
    if (this.#party.role === 'initiating') this.#id = id ?? ''
    const local = parseDomain(to ?? '')
    const remote = parseDomain(from ?? '')
    if (local !== undefined && remote !== undefined) this.#pair ??= { local, remote }
  }

  #drained(): void {
    if (this.#machine.phase === 'ready') this.#stream?.handler.drained()
  }

  #arm(ms: number): void {
    clearTimeout(this.#deadline)
    this.#deadline = setTimeout(() => {
      if (this.#end) this.#destroy()
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
        return this.#writeHeader(effect.from, effect.to)
      case 'send':
        this.#write(Buffer.from(effect.xml))
        return
      case 'identify':
        return this.#await(this.#identify(effect.pair), (event) => this.#feed(event))
      case 'start-tls':
        return this.#await(this.#secure(effect.pair), (event) => this.#feed(event))
      case 'restart':
        return this.#input.restart()
      case 'verify':
        return this.#await(this.#verify(effect.pair), (verdict) => {
          this.#certificate = verdict.certificate
          this.#feed({ kind: 'verified', verdict })
        })
      case 'ready':
        return this.#ready(effect.pair, effect.certificate)
      case 'footer':
        this.#write(FOOTER)
        return this.#arm(this.#party.limits.closeMs)
    }
  }

  #writeHeader(from: string | undefined, to: string | undefined): void {
    // SECURITY: unguessable, RFC 6120 §4.7.3. The initiating side sends none.
    const id = this.#party.role === 'receiving' ? randomBytes(16).toString('base64url') : undefined
    if (id) this.#id = id
    const header = streamHeader({
      to: to && toUnicodeDomain(to),
      from: from && toUnicodeDomain(from),
      id,
      lang: 'en',
    })
    this.#write(Buffer.from(header))
  }

  #write(bytes: Buffer): boolean {
    this.#watch?.wrote()
    if (this.#stream) this.#stream.info.counters.bytesOut += bytes.length
    return this.#output.write(bytes)
  }

  /** Holds the input until the promise settles; a rejection is a bug. */
  #await<T>(promise: Promise<T>, then: (value: T) => void): void {
    this.#input.hold('effect')
    const settle = (next: () => void): void =>
      this.#guard(() => {
        if (!this.#end) next()
        this.#input.release('effect')
      })
    promise.then(
      (value) => settle(() => then(value)),
      (error: unknown) => settle(() => this.#bug(error)),
    )
  }

  async #identify(pair: Pair): Promise<StreamEvent> {
    try {
      this.#identity = await this.#party.identity(pair)
      return { kind: 'identified', found: true, detail: '' }
    } catch (error) {
      return { kind: 'identified', found: false, detail: error instanceof Error ? error.message : String(error) }
    }
  }

  async #secure(pair: Pair): Promise<StreamEvent> {
    const { role } = this.#party
    const identity = this.#identity ?? (await this.#party.identity(pair))
    await this.#output.drained()
    if (this.#end) throw new Error('closed before the handshake')
    this.#input.detach()
    this.#handshaking = true
    const socket = startTls(this.#socket, { role, identity, remote: pair.remote })
    this.#socket = socket
    const secured = await handshake(socket, role)
    this.#handshaking = false
    if (!secured.ok) return { kind: 'ended', reason: secured.reason, detail: secured.detail }
    this.#tls = secured.tls
    this.#output.moveTo(socket)
    this.#input.moveTo(socket, this.#party.limits.before)
    return { kind: 'secured', certificate: peerChain(socket).length > 0 }
  }

  #verify(pair: Pair): Promise<Verdict> {
    const socket = this.#socket
    return 'getPeerX509Certificate' in socket
      ? this.#party.verify(pair, peerChain(socket))
      : Promise.reject(new Error('nothing to verify before TLS'))
  }

  #ready(pair: Pair, certificate: CertificateSummary): void {
    const { role, limits, remoteAddress } = this.#party
    const socket = this.#socket
    if (!this.#tls || !('getPeerX509Certificate' in socket)) throw new Error('ready without TLS')
    clearTimeout(this.#deadline)
    this.#input.setLimits(limits.after)
    this.#watch = new Watch({
      idleMs: limits.idleMs,
      keepaliveMs: limits.keepaliveMs,
      onIdle: () => this.#guard(() => this.#feed({ kind: 'idle' })),
      onKeepalive: () => this.#guard(() => this.#keepAlive()),
    })
    this.#stream = new Stream(
      {
        id: this.#id || randomBytes(16).toString('base64url'),
        role,
        pair,
        leg: this.#party.leg(pair),
        peerAddress: remoteAddress,
        tls: this.#tls,
        method: 'certificate',
        certificate,
        chain: peerChain(socket),
        since: Date.now(),
        reference: this.#reference,
        counters: { stanzasIn: 0, stanzasOut: 0, bytesIn: 0, bytesOut: 0 },
      },
      this,
    )
    // The owner gets a turn of the event loop before the first frame, or the end.
    this.#input.hold('newcomer')
    setImmediate(() => this.#guard(() => this.#input.release('newcomer')))
    this.#stream.handler = this.#party.ready(this.#stream)
  }

  #keepAlive(): void {
    if (this.#machine.phase === 'ready' && this.bufferedBytes === 0) this.#write(SPACE)
  }

  #close(effect: CloseEffect, asked: boolean): void {
    this.#end = effect
    const { reason, detail, by, condition, say } = effect
    if (say === 'error' && condition) this.#write(Buffer.from(streamError(condition, this.#reference)))
    if (say !== 'nothing') this.#write(FOOTER)
    this.#watch?.[Symbol.dispose]()
    this.#input.end()
    if (by === 'network' || this.#handshaking) this.#destroy()
    else {
      this.#output.end()
      this.#arm(this.#party.limits.closeMs)
    }
    const end = { reason, reference: this.#reference, detail, by, condition }
    const stream = this.#stream
    const tell = (): void => {
      if (stream) return stream.handler.closed(end)
      const { role, remoteAddress } = this.#party
      const leg = this.#pair && this.#party.leg(this.#pair)
      this.#party.failed({ ...end, role, pair: this.#pair, leg, remoteAddress, certificate: this.#certificate })
    }
    if (asked) setImmediate(() => this.#guard(tell))
    else tell()
  }

  #destroy(): void {
    this.#output.discard()
    this.#socket.destroy()
  }

  // --- what must not happen ---

  #guard(act: () => void): void {
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
      this.#destroy()
    }
  }
}
