// A text that outlasts the process, in a file of its own beside others that are kept: small, written rarely, and worth
// nothing but time if it is lost.

import { readFile } from 'node:fs/promises'
import { replaceOwned } from './owned-file.ts'

/** Nothing that is kept so is larger. */
const MOST_CHARACTERS = 256 * 1024

export class KeptText {
  /** What was kept before; undefined: nothing, or it cannot be read. */
  readonly text: string | undefined
  readonly #file: string
  /** To be written once what is being written is. */
  #next: string | undefined
  #writing: Promise<void> | undefined

  private constructor(file: string, text: string | undefined) {
    this.#file = file
    this.text = text !== undefined && text.length <= MOST_CHARACTERS ? text : undefined
  }

  static async open(file: string): Promise<KeptText> {
    return new KeptText(file, await readFile(file, 'utf8').catch(() => undefined))
  }

  /** Puts this in its place. Settles when it is written, or cannot be. */
  async keep(text: string): Promise<void> {
    this.#next = text
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined))
    await this.#writing
  }

  async #write(): Promise<void> {
    while (this.#next !== undefined) {
      const text = this.#next
      this.#next = undefined
      await replaceOwned(this.#file, text, 0o600).catch(() => undefined)
    }
  }
}
