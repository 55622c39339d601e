// What every part of the SQLite store does its work in: whatever goes wrong becomes a `StoreError`, and what belongs together is done
// whole or not at all.

import type { DatabaseSync } from 'node:sqlite'
import type { Counts } from './record-classes.ts'
import { explain } from './sqlite-file.ts'

export abstract class Guarded {
  protected readonly file: string
  protected readonly database: DatabaseSync
  /** How many records there are. */
  protected readonly counts: Counts = { passed: 0, failed: 0, others: 0 }

  constructor(file: string, database: DatabaseSync) {
    this.file = file
    this.database = database
  }

  /** All of `work` or nothing, the counts included. @throws StoreError */
  protected transaction<Result>(work: (counts: Counts) => Result): Result {
    const before = { ...this.counts }
    try {
      this.database.exec('BEGIN IMMEDIATE')
      const result = work(this.counts)
      this.database.exec('COMMIT')
      return result
    } catch (error) {
      Object.assign(this.counts, before)
      // Some failures (a full disk among them) have rolled back already. https://sqlite.org/lang_transaction.html
      if (this.database.isOpen && this.database.isTransaction) this.database.exec('ROLLBACK')
      throw explain(this.file, error)
    }
  }

  /** @throws StoreError */
  protected guard<Result>(work: () => Result): Result {
    try {
      return work()
    } catch (error) {
      throw explain(this.file, error)
    }
  }
}
