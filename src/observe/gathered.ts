// Lines on their way to where the log goes: those that come soon after each other are one piece, since handing on and writing
// a piece costs more than the making of a line.
//
// Rule 1: after a rest, nothing waits longer than to the end of the turn; while pieces follow each other, PAUSE_MS at most.
//         `flush` is for whoever cannot wait even so long, which is the end of the process.
// Rule 2: how much waits is bounded by what is cut of a flood (`log.ts`). However much it is, it waits here: what was handed on
//         and not taken is lost when the process ends.

const PAUSE_MS = 10

export class Gathered {
  readonly #write: (lines: string) => void
  #lines = ''
  #turn: NodeJS.Immediate | undefined
  #pause: NodeJS.Timeout | undefined

  /** `write` takes whole lines. */
  constructor(write: (lines: string) => void) {
    this.#write = write
  }

  add(line: string): void {
    this.#lines += `${line}\n`
    if (!this.#pause) this.#turn ??= setImmediate(() => this.flush())
  }

  /** Writes what waits; `write`: by other means. */
  flush(write = this.#write): void {
    if (this.#turn) clearImmediate(this.#turn)
    this.#turn = undefined
    const lines = this.#lines
    this.#lines = ''
    if (lines === '') return
    this.#pause ??= setTimeout(this.#goOn, PAUSE_MS)
    write(lines)
  }

  readonly #goOn = (): void => {
    this.#pause = undefined
    this.flush()
  }
}
