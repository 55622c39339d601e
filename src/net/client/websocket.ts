// A client over WebSocket (RFC 7395), from the end of the handshake on: messages in, one element each
// (`stream/client/framing.ts`), and messages out.
//
// Rule 1: until the client is known, all its bytes together are few, whatever frames and parts they come in.
// Rule 2: one that says nothing is asked whether it is there (RFC 7395 §3.8), and cut when it does not answer.

import type { TLSSocket } from 'node:tls'
import type { WebSocket } from 'ws'
import {
  CLOSE_ELEMENT,
  errorMessage,
  featuresMessage,
  Framing,
  type FramingFault,
  openElement,
} from '../../stream/client/framing.ts'
import { standalone } from '../../xml/standalone.ts'
import type { Bytes } from '../../xml/stretch.ts'
import { toUnicodeDomain } from '../../xmpp/domain.ts'
import { NS } from '../../xmpp/namespaces.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import { Departing } from '../departing.ts'
import { guard, type Guarded } from '../guard.ts'
import type { StreamLimits } from '../limits.ts'
import { Watch, type Watched } from '../watch.ts'
import { MessageInput, type MessageTaker } from './message-input.ts'
import { MessageOutput, type MessageOwner } from './message-output.ts'
import type { ClientFacts, ClientHandler, ClientTransport, Farewell, OurHeader } from './transport.ts'

export interface WebSocketOptions {
  readonly facts: ClientFacts
  readonly limits: StreamLimits
  readonly reference: string
}

/** What frames and pings may add to the bytes of elements. */
const FRAMING_BYTES = 4_096

/** Close codes of RFC 6455 §7.4.1. */
const NORMAL = 1000
const UNACCEPTABLE = 1003

export class WebSocketTransport
  extends Departing
  implements ClientTransport, MessageOwner, MessageTaker, Guarded, Watched
{
  readonly facts: ClientFacts
  readonly reference: string
  readonly #limits: StreamLimits
  readonly #websocket: WebSocket
  readonly #socket: TLSSocket
  readonly #framing: Framing
  readonly #input: MessageInput
  readonly #output: MessageOutput
  #handler: ClientHandler | undefined
  /** Bytes that a client may still say before it is known. */
  #budget: number
  #watch: Watch | undefined
  #deadline: NodeJS.Timeout | undefined
  #pong: NodeJS.Timeout | undefined
  /** The connection is gone, and what it has brought still waits. */
  #rest: NodeJS.Timeout | undefined
  /** The client has ended its stream. */
  #footed = false
  #closing = false
  #told = false
  #code = NORMAL

  /** Tells nothing in this turn. */
  constructor(websocket: WebSocket, socket: TLSSocket, { facts, limits, reference }: WebSocketOptions) {
    super()
    this.facts = facts
    this.reference = reference
    this.#limits = limits
    this.#websocket = websocket
    this.#socket = socket
    this.#framing = new Framing(limits.before)
    this.#input = new MessageInput(websocket, this)
    this.#output = new MessageOutput(websocket, socket, limits.highWaterBytes, this)
    this.#budget = limits.before.totalBytes + FRAMING_BYTES
    socket.prependListener('data', this.#count)
    websocket
      .on('message', (data: Buffer, isBinary) => this.guard(() => this.#received(data, isBinary)))
      .on('ping', () => this.guard(() => this.#asked()))
      .on('pong', this.#answered)
      .on('error', (error) => this.guard(() => this.#broken(error)))
      .on('close', () => this.#gone())
    this.#arm(limits.negotiationMs)
  }

  get handler(): ClientHandler {
    if (!this.#handler) throw new Error('nobody takes the client')
    return this.#handler
  }

  set handler(handler: ClientHandler) {
    this.#handler = handler
  }

  get unread(): number {
    return this.#input.bytes + this.#socket.readableLength
  }

  get unsent(): number {
    return this.#output.unsent
  }

  open({ from, to, id }: OurHeader): void {
    this.#say(openElement({ from: from && toUnicodeDomain(from), to, id }))
  }

  features(children: string): void {
    this.#say(featuresMessage(children))
  }

  send(bytes: Bytes): boolean {
    return this.#write(standalone(bytes, NS.client))
  }

  restart(): void {
    this.#framing.restart()
  }

  authenticated(): void {
    this.#socket.off('data', this.#count)
    this.#framing.setLimits(this.#limits.after)
  }

  settled(): void {
    clearTimeout(this.#deadline)
    this.#watch = new Watch(this.#limits, this)
  }

  hold(): void {
    this.#input.hold()
  }

  release(): void {
    this.guard(() => this.#input.release())
  }

  /** A client that goes, or has said what nobody may, waits for nothing; else its own <close/> is waited for. RFC 7395 §3.6 */
  close({ condition, application, reference }: Farewell): void {
    if (this.#closing) return
    this.#closing = true
    this.#watch?.[Symbol.dispose]()
    clearTimeout(this.#pong)
    if (condition) this.#say(errorMessage(condition, reference, application))
    this.#say(CLOSE_ELEMENT)
    if (condition || this.#footed) this.#websocket.close(this.#code)
    this.#arm(this.#limits.closeMs)
    this.release()
  }

  // --- what happens ---

  /** Before anybody is known. */
  readonly #count = (chunk: Buffer): void => {
    this.#budget -= chunk.length
    if (this.#budget >= 0) return
    this.#socket.off('data', this.#count)
    this.guard(() => this.#fault({ ...TOO_MUCH, detail: `more than ${this.#limits.before.totalBytes} bytes` }))
    this.#websocket.terminate()
  }

  #received(message: Buffer, isBinary: boolean): void {
    this.#alive()
    this.#input.push(message, isBinary)
  }

  take(message: Buffer, isBinary: boolean): void {
    if (isBinary) {
      this.#code = UNACCEPTABLE
      return this.#fault({ ...BINARY, detail: `${message.length} bytes` })
    }
    const event = this.#framing.read(message)
    if (event?.kind === 'footer') {
      this.#footed = true
      if (this.#closing) return this.#websocket.close(this.#code)
    }
    if (!event || this.#closing) return
    switch (event.kind) {
      case 'header':
        return this.handler.header(event.header)
      case 'frame':
        return this.handler.frame(event.frame)
      case 'footer':
        return this.handler.footer()
      case 'fault':
        return this.#fault(event)
    }
  }

  #fault({ reason, detail, condition }: Omit<FramingFault, 'kind'>): void {
    if (!this.#closing) this.handler.fault(reason, detail, condition)
  }

  /** The frames are not what they must be: the close frame that says so is out already. RFC 6455 §7.1.7 */
  #broken(error: Error): void {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
    if (!code.startsWith('WS_ERR_')) return // the connection's own, which `close` follows
    const tooLarge = code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' || code === 'WS_ERR_TOO_MANY_BUFFERED_PARTS'
    this.#fault({ ...(tooLarge ? TOO_LARGE : MALFORMED), detail: error.message })
  }

  /** What it has said last may still wait for others: so long and no longer. */
  #gone(): void {
    clearTimeout(this.#deadline)
    clearTimeout(this.#pong)
    this.#watch?.[Symbol.dispose]()
    this.#rest = setTimeout(() => this.guard(() => this.#input.discard()), this.#limits.closeMs)
    this.guard(() => this.#input.end())
  }

  emptied(): void {
    clearTimeout(this.#rest)
    this.guard(() => this.#end('SP-816', 'closed'))
    this.depart()
  }

  #end(reason: ReasonId, detail: string): void {
    if (this.#told) return
    this.#told = true
    this.#handler?.ended(this.#closing ? 'SP-815' : reason, detail)
  }

  // --- its clocks ---

  readonly #alive = (): void => {
    this.#watch?.used()
    this.#answered()
  }

  /** The library answers; it cuts who takes no answers (`maxPendingAutoPongs`). */
  #asked(): void {
    this.#alive()
    if (!this.#closing) this.#handler?.asked()
  }

  readonly #answered = (): void => {
    clearTimeout(this.#pong)
    this.#pong = undefined
  }

  #arm(ms: number): void {
    clearTimeout(this.#deadline)
    this.#deadline = setTimeout(() => {
      if (this.#closing) this.#websocket.terminate()
      else this.guard(() => this.#fault(LATE))
    }, ms)
  }

  paused(): boolean {
    return this.#input.held
  }

  stuckSince(): number | undefined {
    return this.#output.stuckSince
  }

  idle(): void {
    this.guard(() => !this.#closing && this.handler.idle())
  }

  keepalive(): void {
    this.#websocket.ping()
    this.#watch?.wrote()
    this.#pong ??= setTimeout(this.#unanswered, this.#limits.stallMs || this.#limits.keepaliveMs).unref()
  }

  readonly #unanswered = (): void => {
    this.#pong = undefined
    if (this.#input.held) return // it is we who do not listen
    this.#cut('SP-867', 'asked whether it is there, it did not answer')
  }

  stalled(): void {
    this.#cut('SP-467', `${this.#output.unsent} bytes, none taken for ${Math.round(this.#limits.stallMs / 1000)} s`)
  }

  #cut(reason: ReasonId, detail: string): void {
    this.guard(() => this.#end(reason, detail))
    this.#input.discard()
    this.destroy()
  }

  // --- what is said ---

  #say(text: string): void {
    this.#write(Buffer.from(text))
  }

  #write(message: Buffer): boolean {
    this.#watch?.wrote()
    return this.#output.write(message)
  }

  drained(): void {
    if (!this.#closing) this.#handler?.drained()
  }

  // --- bugs ---

  guard(act: () => unknown): void {
    guard(this, act)
  }

  bug(error: unknown): void {
    this.#handler?.bug(error)
  }

  fail(detail: string): void {
    if (!this.#closing) this.handler.fault('SP-491', detail, 'internal-server-error')
  }

  destroy(): void {
    this.#websocket.terminate()
  }
}

const LATE = { reason: 'SP-430', detail: '', condition: 'connection-timeout' } as const
const BINARY = { reason: 'SP-864', condition: 'bad-format' } as const
const MALFORMED = { reason: 'SP-864', condition: 'bad-format' } as const
const TOO_LARGE = { reason: 'SP-865', condition: 'policy-violation' } as const
const TOO_MUCH = { reason: 'SP-435', condition: 'policy-violation' } as const
