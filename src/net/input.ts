// The reading half of a connection: from the socket through the scanner to whoever takes its events, one at a time.
//
// Rule 1: while anybody holds the input, no event is taken and the socket is not read, so that a peer that sends more
//         than it may fills its own buffers.
// Rule 2: what was received before the connection broke is dealt with before the break is.
// Rule 3: in one turn of the event loop only so much is taken, however much there is: then others have their turn.
// Rule 4: TLS gets a new scanner: no byte that was read in plaintext is ever taken for one that came through it.

import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Frame } from '../xml/frame.ts'
import type { ScanLimits } from '../xml/limits.ts'
import { type ScanEvent, Scanner } from '../xml/scanner.ts'
import { brokenConnection, type Failure, heedless } from './failure.ts'
import type { StreamLimits } from './limits.ts'
import { thisTurn, TURN_BYTES, TURN_EVENTS } from './turn.ts'

/**
 * Who may hold the input: an effect in progress, the handler of the stream, a stream that has just become ready, streams
 * that were there before, answers of ours that the peer does not read, and for good whoever wants to hear nothing more.
 */
export type Holder = 'effect' | 'handler' | 'newcomer' | 'elders' | 'answers' | 'farewell'

const BIT: Readonly<Record<Holder, number>> = {
  effect: 1,
  handler: 2,
  newcomer: 4,
  elders: 8,
  answers: 16,
  farewell: 32,
}

/** So much is read and thrown away once all is said; whoever has more to say is left to it. */
const THROWN_AWAY_BYTES = 16_777_216

export interface InputOwner {
  received(bytes: number): void
  scanned(event: ScanEvent): void
  broken(failure: Failure): void
  /** Runs what a socket has caused, and answers for what it throws. */
  guard(act: () => void): void
}

export class Input {
  readonly #owner: InputOwner
  /** A bit for each. */
  #holders = 0
  #socket: Socket | TLSSocket
  #scanner: Scanner
  /** What came too early, and whether anybody reads now. */
  readonly #kept: ScanEvent[] = []
  #read = false
  #pumping = false
  #failure: Failure | undefined
  #ended = false
  #thrownAway = 0
  #overheard = false
  #sparing = false
  /** The turn in which something was last taken, and what was taken in it. */
  #turn = 0
  #turnBytes = 0
  #turnEvents = 0
  /** Waits for the next turn. */
  #rest: NodeJS.Immediate | undefined

  constructor(socket: Socket, limits: ScanLimits, owner: InputOwner) {
    this.#owner = owner
    this.#scanner = new Scanner(limits)
    this.#socket = socket
    this.#attach()
  }

  /** Bytes that were received and not looked at. */
  get unread(): number {
    return this.#scanner.pending + this.#socket.readableLength
  }

  /** Does anybody hold? */
  get held(): boolean {
    return this.#holders !== 0
  }

  /** Does the handler of the stream? */
  get heldByHandler(): boolean {
    return (this.#holders & BIT.handler) !== 0
  }

  hold(holder: Holder): void {
    this.#holders |= BIT[holder]
    this.#regulate()
  }

  /** Goes on, at once, unless somebody else still holds. */
  release(holder: Holder): void {
    if ((this.#holders & BIT[holder]) === 0) return
    this.#holders &= ~BIT[holder]
    if (holder === 'newcomer') this.#read = true
    this.#regulate()
    this.#pump()
  }

  /**
   * A new stream follows on the same connection. RFC 6120 §4.3.3. With `trailing` limits, stanzas of an authenticated peer
   * may come before its header: of any size that it may send, and as many as may wait to be written.
   */
  restart(trailing?: StreamLimits): void {
    this.#scanner.restart(trailing !== undefined)
    if (trailing) this.#scanner.setLimits({ ...trailing.after, totalBytes: trailing.highWaterBytes })
  }

  /** Keeps a stanza that came too early, for when somebody is there to read it. */
  keep(frame: Frame): void {
    this.#kept.push({ kind: 'frame', frame })
  }

  setLimits(limits: ScanLimits): void {
    this.#scanner.setLimits(limits)
  }

  /** Stops listening to the socket, which is about to be wrapped. */
  detach(): void {
    if (this.#rest) clearImmediate(this.#rest)
    this.#rest = undefined
    this.#socket
      .off('data', this.#onData)
      .off('end', this.#onEnd)
      .off('error', this.#onError)
      .off('close', this.#onClose)
    this.#socket.on('error', heedless) // it speaks through its wrapper from now on
  }

  /** Goes on with the secured socket, from nothing; but what was spent of the totals before is spent. */
  moveTo(socket: TLSSocket, limits: ScanLimits): void {
    const { totalBytes, totalElements } = this.#scanner.spent
    const left = { totalBytes: limits.totalBytes - totalBytes, totalElements: limits.totalElements - totalElements }
    this.#socket = socket
    this.#scanner = new Scanner({ ...limits, ...left })
    this.#attach()
  }

  /** From now on nobody holds the input: what comes is only looked at, until `end`; all of it, or within the same reason. */
  overhear(all: boolean): void {
    this.#overheard = true
    this.#sparing = !all
    this.#regulate()
  }

  /** From now on what comes is read and thrown away, within reason, so that the peer can read our last words. */
  end(): void {
    this.#ended = true
    this.#regulate()
  }

  #attach(): void {
    this.#socket.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onError).on('close', this.#onClose)
    this.#regulate()
  }

  #regulate(): void {
    const held = this.#holders !== 0 && !this.#ended && !this.#overheard
    if (held || this.#rest || this.#thrownAway >= THROWN_AWAY_BYTES) this.#socket.pause()
    else this.#socket.resume()
  }

  /** Counts what is taken in this turn; when it is enough, nothing more is read or taken before the next one. */
  #take(bytes: number, events: number): void {
    const turn = thisTurn()
    if (turn !== this.#turn) {
      this.#turn = turn
      this.#turnBytes = this.#turnEvents = 0
    }
    this.#turnBytes += bytes
    this.#turnEvents += events
    if (this.#rest || (this.#turnBytes < TURN_BYTES && this.#turnEvents < TURN_EVENTS)) return
    this.#rest = setImmediate(this.#rested)
    this.#regulate()
  }

  readonly #rested = (): void => {
    this.#rest = undefined
    this.#owner.guard(() => {
      this.#regulate()
      this.#pump()
    })
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#ended || this.#sparing) this.#throwAway(chunk.length)
    if (this.#ended) return
    this.#owner.guard(() => {
      this.#owner.received(chunk.length)
      this.#scanner.push(chunk)
      this.#pump()
      this.#take(chunk.length, 0)
    })
  }

  #throwAway(bytes: number): void {
    this.#thrownAway += bytes
    if (this.#thrownAway >= THROWN_AWAY_BYTES) this.#regulate()
  }

  readonly #onEnd = (): void => this.#break({ reason: 'SP-215', detail: 'ended without </stream:stream>' })
  readonly #onError = (error: unknown): void => this.#break(brokenConnection(error))
  readonly #onClose = (): void => this.#break({ reason: 'SP-214', detail: 'closed' })

  #break(failure: Failure): void {
    if (this.#ended) return
    this.#failure ??= failure
    this.#owner.guard(() => this.#pump())
  }

  /** Hands on events until there is none, or somebody holds. Called from within itself, it leaves the work to the outer call. */
  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    try {
      while ((this.#holders === 0 || this.#overheard) && !this.#ended && !this.#rest) {
        const event = (this.#read ? this.#kept.shift() : undefined) ?? this.#scanner.next()
        if (!event) break
        this.#take(0, 1)
        this.#owner.scanned(event)
      }
    } finally {
      this.#pumping = false
    }
    if (!this.#failure || this.#ended) return
    const [{ length: kept }, { pending }] = [this.#kept, this.#scanner]
    const unread = (this.#holders & (BIT.handler | BIT.elders)) !== 0 && pending + kept > 0
    const waits = this.#rest !== undefined || (this.#holders & BIT.newcomer) !== 0 || unread
    if (!waits) this.#owner.broken(this.#failure)
  }
}
