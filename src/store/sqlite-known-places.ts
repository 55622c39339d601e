// From which networks remote users have logged in, in the SQLite file: one row for each user and network.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { KnownPlace, PlaceChanges } from '../policy/remote/known-places.ts'
import { text } from './sqlite-rows.ts'

export class KnownPlaceTable {
  readonly #all: StatementSync
  readonly #keep: StatementSync
  readonly #drop: StatementSync

  constructor(database: DatabaseSync) {
    this.#all = database.prepare('SELECT user, network, at FROM known_places ORDER BY at, user, network')
    this.#keep = database.prepare('INSERT OR REPLACE INTO known_places (user, network, at) VALUES (?, ?, ?)')
    this.#drop = database.prepare('DELETE FROM known_places WHERE user = ? AND network = ?')
  }

  /** The longest unseen first. */
  all(): readonly KnownPlace[] {
    return this.#all.all().flatMap((row) => {
      const [user, network] = [text(row['user']), text(row['network'])]
      return user === undefined || network === undefined ? [] : [{ user, network, at: Number(row['at']) }]
    })
  }

  /** Within a transaction. */
  keep({ changed, gone }: PlaceChanges): void {
    for (const { user, network } of gone) this.#drop.run(user, network)
    for (const { user, network, at } of changed) this.#keep.run(user, network, Math.round(at))
  }
}
