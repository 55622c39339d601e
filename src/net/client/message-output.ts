// The writing half of a WebSocket: each element is a message, and those of one turn of the event loop leave together.

import type { TLSSocket } from 'node:tls'
import type { WebSocket } from 'ws'

export interface MessageOwner {
  /** Called once each time `write` has said false and there is room again. */
  drained(): void
  guard(act: () => unknown): void
}

export class MessageOutput {
  readonly #websocket: WebSocket
  readonly #socket: TLSSocket
  readonly #highWaterBytes: number
  readonly #owner: MessageOwner
  #unsent = 0
  #progressAt = 0
  #full = false
  #corked: NodeJS.Immediate | undefined

  constructor(websocket: WebSocket, socket: TLSSocket, highWaterBytes: number, owner: MessageOwner) {
    this.#websocket = websocket
    this.#socket = socket
    this.#highWaterBytes = highWaterBytes
    this.#owner = owner
  }

  /** Bytes accepted that the operating system has not taken yet. */
  get unsent(): number {
    return this.#unsent
  }

  /** Since when none of them is taken, on the clock of `performance.now()`; undefined when there are none. */
  get stuckSince(): number | undefined {
    return this.#unsent > 0 ? this.#progressAt : undefined
  }

  /** Takes a message in any case; false when there is now more than the high-water mark. Nothing is taken once we have closed. */
  write(message: Buffer): boolean {
    if (this.#websocket.readyState !== this.#websocket.OPEN) return false
    this.#cork()
    if (this.#unsent === 0) this.#progressAt = performance.now()
    this.#unsent += message.length
    this.#websocket.send(message, { binary: false, compress: false }, (error) => {
      if (!error) this.#owner.guard(() => this.#sent(message.length)) // else `close` follows
    })
    if (this.#unsent <= this.#highWaterBytes) return true
    this.#full = true
    return false
  }

  #cork(): void {
    if (this.#corked) return
    this.#socket.cork()
    this.#corked = setImmediate(() => {
      this.#corked = undefined
      this.#socket.uncork()
    })
  }

  #sent(bytes: number): void {
    this.#unsent -= bytes
    this.#progressAt = performance.now()
    if (!this.#full || this.#unsent > this.#highWaterBytes) return
    this.#full = false
    this.#owner.drained()
  }
}
