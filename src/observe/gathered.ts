// Lines on their way to where the log goes: those of one turn of the event loop are one piece, since each write to a pipe or a
// file costs more than the making of a line.
//
// Rule: nothing waits longer than that turn; `flush` is for whoever cannot wait even so long, which is the end of the process.

import { Writable } from 'node:stream'

export class Gathered extends Writable {
  readonly #to: Writable
  #lines = ''
  #scheduled: NodeJS.Immediate | undefined

  constructor(to: Writable) {
    super({ decodeStrings: false })
    this.#to = to
  }

  override _write(lines: string, _: BufferEncoding, done: () => void): void {
    this.#lines += lines
    this.#scheduled ??= setImmediate(() => this.flush())
    done()
  }

  /** Writes what waits. */
  flush(write: (lines: string) => void = (lines) => void this.#to.write(lines)): void {
    if (this.#scheduled) clearImmediate(this.#scheduled)
    this.#scheduled = undefined
    const lines = this.#lines
    this.#lines = ''
    if (lines !== '') write(lines)
  }
}
