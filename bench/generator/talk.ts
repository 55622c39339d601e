// A connection until its stream is ready: say this, wait for that. Afterwards the socket is handed on as it is, with the
// bytes that came early, and costs nothing more.

import type { Socket } from 'node:net'

const PATIENCE_MS = 20_000

export class Talk {
  #socket: Socket
  #heard = Buffer.alloc(0)
  #over: string | undefined
  #wake: () => void = () => {}
  readonly #hear = (chunk: Buffer): void => {
    this.#heard = Buffer.concat([this.#heard, chunk])
    this.#wake()
  }
  readonly #end = (error?: unknown): void => {
    this.#over ??= error instanceof Error ? error.message : 'the connection was closed'
    this.#wake()
  }

  constructor(socket: Socket) {
    this.#socket = socket
    this.#listen(socket)
  }

  say(words: string): void {
    this.#socket.write(words)
  }

  /** The first match in what was heard; it and everything before it is consumed. */
  async expect(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const match = pattern.exec(this.#heard.toString('latin1'))
      if (match) {
        this.#heard = this.#heard.subarray(match.index + match[0].length)
        return match
      }
      if (this.#over === undefined && performance.now() > deadline) this.#over = 'it says nothing'
      if (this.#over !== undefined) {
        throw new Error(`no ${String(pattern)}: ${this.#over}; heard: ${this.#heard.toString('latin1').slice(-2000)}`)
      }
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      const timer = setTimeout(resolve, PATIENCE_MS)
      await promise
      clearTimeout(timer)
    }
  }

  /** Puts another socket, TLS over this one, in its place. */
  async secure(over: (plain: Socket) => Promise<Socket>): Promise<void> {
    this.#leave()
    this.#socket = await over(this.#socket)
    this.#heard = Buffer.alloc(0)
    this.#listen(this.#socket)
  }

  /** Hands the socket on, paused, with what was heard and not consumed. */
  finish(): { readonly socket: Socket; readonly early: Buffer } {
    this.#socket.pause()
    this.#leave()
    return { socket: this.#socket, early: this.#heard }
  }

  #listen(socket: Socket): void {
    socket.on('data', this.#hear).on('error', this.#end).on('close', this.#end)
  }

  #leave(): void {
    this.#socket.off('data', this.#hear).off('error', this.#end).off('close', this.#end)
  }
}
