// Takes away from a gateway what it keeps its records in: the file is locked for writing by somebody else, as it would be by a
// shell that was left open in a transaction. That needs no rights that a run may lack, and can be taken back.

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Below the installation, by default of `store:`. */
const FILE = 'var/sallyport.db'
/** The gateway writes in between. */
const PATIENCE_MS = 5000

export class StoreLock implements Disposable {
  #holder: DatabaseSync | undefined

  /** @throws when there is no such file */
  lock(directory: string): void {
    this.#holder ??= new DatabaseSync(join(directory, FILE), { timeout: PATIENCE_MS })
    this.#holder.exec('BEGIN IMMEDIATE')
  }

  /** Nothing was written by whoever held it. */
  free(): void {
    this.#holder?.exec('ROLLBACK')
    this[Symbol.dispose]()
  }

  [Symbol.dispose](): void {
    this.#holder?.close()
    this.#holder = undefined
  }
}
