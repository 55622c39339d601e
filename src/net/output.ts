// The writing half of a connection. What is written within one turn of the event loop goes out as one piece, and while
// a piece is on its way the next one gathers: under load the pieces grow by themselves.

import type { Duplex } from 'node:stream'

export class Output {
  readonly #highWaterBytes: number
  readonly #onDrained: () => void
  #socket: Duplex
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #flightBytes = 0
  #full = false
  #scheduled: NodeJS.Immediate | undefined
  #ended = false

  /** `onDrained` is called once each time `write` has said false and there is room again. */
  constructor(socket: Duplex, highWaterBytes: number, onDrained: () => void) {
    this.#socket = socket
    this.#highWaterBytes = highWaterBytes
    this.#onDrained = onDrained
  }

  /** Bytes accepted that the operating system has not taken yet. */
  get bufferedBytes(): number {
    return this.#waitingBytes + this.#flightBytes
  }

  /** Takes bytes in any case; false when there are now more than the high-water mark. Nothing is taken after `end`. */
  write(bytes: Buffer): boolean {
    if (this.#ended) return false
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    if (this.#flightBytes === 0) this.#scheduled ??= setImmediate(this.#flush)
    if (this.bufferedBytes <= this.#highWaterBytes) return true
    this.#full = true
    return false
  }

  /** Resolves when everything written so far has left; never, when the connection breaks. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.write(this.#take(), (error) => {
        if (!error) resolve()
      })
    })
  }

  /** Continues on another socket: the secured one. Nothing may be waiting. */
  moveTo(socket: Duplex): void {
    this.#socket = socket
  }

  /** Writes what waits, then ends our half of the connection. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#socket.end(this.#take())
  }

  /** Forgets what waits; for a connection that is gone. */
  discard(): void {
    this.#ended = true
    this.#take()
  }

  #take(): Buffer {
    if (this.#scheduled) clearImmediate(this.#scheduled)
    this.#scheduled = undefined
    const waiting = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    const [first] = waiting
    return first && waiting.length === 1 ? first : Buffer.concat(waiting)
  }

  readonly #flush = (): void => {
    this.#scheduled = undefined
    if (this.#flightBytes > 0 || this.#waitingBytes === 0 || this.#ended) return
    const piece = this.#take()
    this.#flightBytes = piece.length
    this.#socket.write(piece, this.#written)
  }

  readonly #written = (error: Error | null | undefined): void => {
    this.#flightBytes = 0
    if (error || this.#ended) return // the socket's own events tell the rest
    this.#flush()
    if (!this.#full || this.bufferedBytes > this.#highWaterBytes) return
    this.#full = false
    this.#onDrained()
  }
}
