// Keys that there was no room for are told of once each, though they are shown at every handshake.
//
// Rule: bounded: of many, those told of first are told of again.

import type { KeyNotice } from './report.ts'

const MOST = 1000

export class Unkept {
  readonly #told = new Set<string>()

  /** Has nobody been told of this yet? From now on somebody has. */
  isNew({ key, held }: KeyNotice): boolean {
    const name = `${key.domain} ${key.spki} ${held}`
    if (this.#told.has(name)) return false
    const [oldest] = this.#told
    if (this.#told.size >= MOST && oldest !== undefined) this.#told.delete(oldest)
    this.#told.add(name)
    return true
  }
}
