// The reading half of a WebSocket: hands on its messages one at a time, and lets them wait while nobody can take more.
//
// Rule 1: while it is held nothing is handed on and the socket is not read; what has been read already waits.
// Rule 2: in one turn of the event loop only so much is handed on: then others have their turn.
// Rule 3: what was received before the connection was gone is handed on before its end is told, once nobody holds it.

import type { WebSocket } from 'ws'
import { thisTurn, TURN_BYTES, TURN_EVENTS } from '../turn.ts'

export interface MessageTaker {
  take(message: Buffer, isBinary: boolean): void
  /** The connection is gone, and nothing waits any more. Called once. */
  emptied(): void
  guard(act: () => unknown): void
}

export class MessageInput {
  readonly #websocket: WebSocket
  readonly #taker: MessageTaker
  #waiting: (readonly [message: Buffer, isBinary: boolean])[] = []
  #bytes = 0
  #held = false
  #pumping = false
  /** The turn in which something was last handed on, and what was in it. */
  #turn = 0
  #turnBytes = 0
  #turnEvents = 0
  /** Waits for the next turn. */
  #rest: NodeJS.Immediate | undefined
  /** The connection is gone: what waits is handed on as soon as it may be. */
  #over = false
  #emptied = false

  constructor(websocket: WebSocket, taker: MessageTaker) {
    this.#websocket = websocket
    this.#taker = taker
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes
  }

  get held(): boolean {
    return this.#held
  }

  push(message: Buffer, isBinary: boolean): void {
    this.#waiting.push([message, isBinary])
    this.#bytes += message.length
    this.#pump()
  }

  hold(): void {
    this.#held = true
    this.#websocket.pause()
  }

  release(): void {
    if (!this.#held) return
    this.#held = false
    this.#pump()
  }

  /** The connection is gone. */
  end(): void {
    this.#over = true
    if (this.#rest) clearImmediate(this.#rest)
    this.#rest = undefined
    this.#pump()
  }

  /** What waits is forgotten. */
  discard(): void {
    this.#waiting = []
    this.#bytes = 0
    this.#pump()
  }

  #pump(): void {
    if (this.#pumping || this.#rest) return
    this.#pumping = true
    try {
      while (!this.#held && this.#waiting.length > 0 && !this.#tired()) {
        const [message, isBinary] = this.#waiting.shift()!
        this.#bytes -= message.length
        this.#turnBytes += message.length
        this.#turnEvents += 1
        this.#taker.take(message, isBinary)
      }
    } finally {
      this.#pumping = false
    }
    if (this.#over) this.#settle()
    else if (this.#held || this.#rest) this.#websocket.pause()
    else this.#websocket.resume()
  }

  #settle(): void {
    if (this.#emptied || this.#waiting.length > 0) return
    this.#emptied = true
    this.#taker.emptied()
  }

  /** Was it enough for this turn? Then it goes on in the next. */
  #tired(): boolean {
    const turn = thisTurn()
    if (turn !== this.#turn) {
      this.#turn = turn
      this.#turnBytes = this.#turnEvents = 0
    }
    if (this.#over || (this.#turnBytes < TURN_BYTES && this.#turnEvents < TURN_EVENTS)) return false
    this.#rest = setImmediate(() => {
      this.#rest = undefined
      this.#taker.guard(() => this.#pump())
    })
    return true
  }
}
