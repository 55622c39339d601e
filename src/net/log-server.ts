// One log server: what waits for it, and the connection that takes it there. Our own on node:tls: the transports for winston
// that there are put no length before a message (RFC 5425 §4.3) and let what waits grow without bound.
//
// Rule 1: whoever logs never waits. What does not fit is counted, and told once for each time that it begins.
// Rule 2: a line leaves the queue when the connection has taken it. Syslog acknowledges nothing, so that what was on its way when
//         a connection broke may be lost, and what was written in part comes twice.
// Rule 3: it is tried again after a time that doubles and is drawn by chance, for ever. A connection that takes nothing is ended.

import type { TLSSocket } from 'node:tls'
import type { LogServerEvents } from '../observe/log-server-events.ts'
import { brokenConnection } from './failure.ts'
import { Fifo } from './fifo.ts'
import { connectToLogServer, type LogConnection, type LogServerPlace, nameOfPlace } from './log-server-connection.ts'

/** What is written at once. */
const PIECE_BYTES = 65_536
const STALLED_MS = 30_000
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000
/** A connection that lasted so long was a good one. */
const GOOD_MS = 10_000
/** At the end what waits is still sent, for so long. */
const PARTING_MS = 2000

export interface LogServerOptions extends Omit<LogConnection, 'signal' | 'timeoutMs'> {
  readonly events: LogServerEvents
  /** Most bytes that may wait. */
  mostBytes(): number
  timeoutMs(): number
  random(): number
  /** So long a connection may take nothing of what is written; default: half a minute. */
  readonly stalledMs?: number
}

export interface LogServerStatus {
  /** `host:port`. */
  readonly server: string
  readonly isUp: boolean
  /** Why it is not. */
  readonly detail: string | undefined
  readonly waiting: number
  readonly waitingBytes: number
  readonly sent: number
  readonly lost: number
}

export class LogServer implements AsyncDisposable {
  readonly place: LogServerPlace
  readonly #name: string
  readonly #o: LogServerOptions
  readonly #over = new AbortController()
  readonly #ended: Promise<void>
  readonly #waiting = new Fifo<Buffer>()
  /** Those that are being written: they wait until the connection has taken them. */
  #flying: readonly Buffer[] = []
  /** Of both. */
  #waitingBytes = 0
  #socket: TLSSocket | undefined
  #turn: NodeJS.Immediate | undefined
  #trouble: string | undefined = 'not yet'
  #told: string | undefined
  #sent = 0
  #lost = 0
  /** Lost since when that was told; undefined: nothing is lost at present. */
  #losing: number | undefined
  /** Ends a pause, and hears that nothing waits any more. */
  #wake: (() => void) | undefined

  constructor(options: LogServerOptions) {
    this.#o = options
    this.place = options.place
    this.#name = nameOfPlace(options.place)
    this.#ended = this.#run()
  }

  status(): LogServerStatus {
    return {
      server: this.#name,
      isUp: this.#socket !== undefined,
      detail: this.#trouble,
      ...{ waiting: this.#count, waitingBytes: this.#waitingBytes, sent: this.#sent, lost: this.#lost },
    }
  }

  /** How many wait. */
  get #count(): number {
    return this.#waiting.length + this.#flying.length
  }

  /** A message with its length before it. */
  take(frame: Buffer): void {
    if (this.#waitingBytes + frame.length > this.#o.mostBytes()) return this.#lose()
    this.#waiting.push(frame)
    this.#waitingBytes += frame.length
    this.#turn ??= setImmediate(this.#write)
  }

  #lose(): void {
    this.#lost += 1
    this.#o.events.logLineLost(this.#name)
    const isFirst = this.#losing === undefined
    this.#losing = (this.#losing ?? 0) + 1
    // What is told of it is a line too.
    if (isFirst) this.#o.events.logServerFull(this.#name, this.#count)
  }

  async #run(): Promise<void> {
    const { events } = this.#o
    const { signal } = this.#over
    let pause = FIRST_PAUSE_MS
    while (!signal.aborted) {
      const made = await connectToLogServer({ ...this.#o, timeoutMs: this.#o.timeoutMs(), signal })
      if (signal.aborted) return void (made.ok && made.socket.destroy())
      const began = performance.now()
      let trouble: string
      if (made.ok) {
        this.#trouble = this.#told = undefined
        events.logServerUp(this.#name, made.tls, this.#count)
        trouble = await this.#serve(made.socket)
        if (performance.now() - began >= GOOD_MS) pause = FIRST_PAUSE_MS
      } else trouble = made.detail
      this.#trouble = trouble
      if (signal.aborted) return
      if (this.#told !== trouble) events.logServerDown(this.#name, trouble, this.#count)
      this.#told = trouble
      await this.#pause(pause / 2 + (this.#o.random() * pause) / 2)
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS)
    }
  }

  /** Sends what waits until the connection is over. @returns why it is */
  #serve(socket: TLSSocket): Promise<string> {
    this.#socket = socket
    this.#turn ??= setImmediate(this.#write)
    return new Promise((resolve) => {
      const end = (why: string): void => {
        if (this.#socket !== socket) return
        this.#socket = undefined
        // What was not taken whole is written anew.
        this.#waiting.putBack(this.#flying)
        this.#flying = []
        socket.destroy()
        resolve(why)
      }
      socket.on('error', (error) => end(brokenConnection(error).detail))
      socket.on('end', () => end('it has ended the connection'))
      socket.on('close', () => end('the connection is gone'))
      const { stalledMs = STALLED_MS } = this.#o
      socket.on('timeout', () => this.#flying.length > 0 && end(`it has taken nothing for ${stalledMs / 1000} s`))
      // It has nothing to say.
      socket.setTimeout(stalledMs).resume()
    })
  }

  readonly #write = (): void => {
    this.#turn = undefined
    const socket = this.#socket
    if (!socket || this.#flying.length > 0) return
    if (this.#waiting.length === 0) return this.#caughtUp()
    const piece: Buffer[] = []
    let bytes = 0
    while (bytes < PIECE_BYTES) {
      const frame = this.#waiting.shift()
      if (!frame) break
      piece.push(frame)
      bytes += frame.length
    }
    this.#flying = piece
    socket.write(Buffer.concat(piece, bytes), (error) => {
      if (error || this.#socket !== socket) return
      this.#flying = []
      this.#waitingBytes -= bytes
      this.#sent += piece.length
      this.#o.events.logLinesSent(this.#name, piece.length)
      this.#write()
    })
  }

  #caughtUp(): void {
    const lost = this.#losing
    this.#losing = undefined
    if (lost !== undefined) this.#o.events.logServerCaughtUp(this.#name, lost)
    else this.#wake?.()
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        this.#over.signal.removeEventListener('abort', end)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(end, ms)
      this.#over.signal.addEventListener('abort', end, { once: true })
      this.#wake = this.#socket ? end : undefined
    })
  }

  /** Sends what waits, where it is up, and ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket && this.#count > 0) await this.#pause(PARTING_MS)
    if (this.#turn) clearImmediate(this.#turn)
    this.#over.abort()
    // In good order, so that it has what was written; unless it takes nothing.
    const socket = this.#socket
    const timer = setTimeout(() => socket?.destroy(), PARTING_MS)
    socket?.destroySoon()
    // Where there is none, nothing is on its way, and DNS may take its time.
    if (socket) await this.#ended
    clearTimeout(timer)
  }
}
