// Requests for presence that nobody has answered, in the SQLite file: one row for each.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { KeptRequest, RequestChanges } from '../policy/limits/requests.ts'
import { text } from './sqlite-rows.ts'

/** Of those that are over so many go at a time, as each write stops traffic while it lasts. */
const MOST_OVER = 500

export class RequestTable {
  readonly #all: StatementSync
  readonly #keep: StatementSync
  readonly #drop: StatementSync
  readonly #dropOver: StatementSync

  constructor(database: DatabaseSync) {
    this.#all = database.prepare('SELECT user, contact, partner, at FROM pending_requests ORDER BY at')
    this.#keep = database.prepare(
      'INSERT OR REPLACE INTO pending_requests (user, contact, partner, at) VALUES (?, ?, ?, ?)',
    )
    this.#drop = database.prepare('DELETE FROM pending_requests WHERE user = ? AND contact = ?')
    this.#dropOver = database.prepare(
      `DELETE FROM pending_requests WHERE (user, contact) IN
        (SELECT user, contact FROM pending_requests WHERE at <= ? ORDER BY at LIMIT ${MOST_OVER})`,
    )
  }

  all(): readonly KeptRequest[] {
    return this.#all.all().flatMap((row) => {
      const [user, contact, partner] = [text(row['user']), text(row['contact']), text(row['partner'])]
      if (user === undefined || contact === undefined || partner === undefined) return []
      return { user, contact, partner, at: Number(row['at']) }
    })
  }

  /** Within a transaction. */
  keep({ changed, gone, over }: RequestChanges): void {
    for (const { user, contact } of gone) this.#drop.run(user, contact)
    for (const { user, contact, partner, at } of changed) this.#keep.run(user, contact, partner, Math.round(at))
    this.#dropOver.run(Math.round(over))
  }
}
