// Failed log-ins of accounts from outside, in the SQLite file: one row for each account, with when they were.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { AccountFailures } from '../policy/remote/guard.ts'
import { text } from './sqlite-rows.ts'
import type { FailureBounds } from './store.ts'

export class LogInFailureTable {
  readonly #all: StatementSync
  readonly #keep: StatementSync
  readonly #drop: StatementSync
  readonly #dropOver: StatementSync
  readonly #count: StatementSync
  readonly #dropOldest: StatementSync

  constructor(database: DatabaseSync) {
    this.#all = database.prepare('SELECT kind, name, times FROM log_in_failures ORDER BY last, name')
    this.#keep = database.prepare(
      'INSERT OR REPLACE INTO log_in_failures (kind, name, last, times) VALUES (?, ?, ?, ?)',
    )
    this.#drop = database.prepare('DELETE FROM log_in_failures WHERE kind = ? AND name = ?')
    this.#dropOver = database.prepare('DELETE FROM log_in_failures WHERE last <= ?')
    this.#count = database.prepare('SELECT count(*) AS n FROM log_in_failures')
    this.#dropOldest = database.prepare(
      'DELETE FROM log_in_failures WHERE (kind, name) IN (SELECT kind, name FROM log_in_failures ORDER BY last LIMIT ?)',
    )
  }

  /** The last one at the end. */
  all(): readonly AccountFailures[] {
    return this.#all.all().flatMap((row) => {
      const [kind, name, times] = [text(row['kind']), text(row['name']), text(row['times'])]
      if ((kind !== 'own' && kind !== 'strange') || name === undefined || times === undefined) return []
      return [{ kind, name, times: times.split(' ').map(Number).filter(Number.isFinite) }]
    })
  }

  /** Within a transaction. */
  keep(changes: readonly AccountFailures[], { over, most }: FailureBounds): void {
    for (const { kind, name, times } of changes) {
      const last = times.at(-1)
      if (last === undefined) this.#drop.run(kind, name)
      else this.#keep.run(kind, name, Math.round(last), times.map(Math.round).join(' '))
    }
    this.#dropOver.run(Math.round(over))
    const excess = Number(this.#count.get()?.['n']) - most
    if (excess > 0) this.#dropOldest.run(excess)
  }
}
