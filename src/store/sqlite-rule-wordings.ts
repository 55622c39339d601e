// What walls and rules said that decided something, in the SQLite file: one row for each wording.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { text } from './sqlite-rows.ts'
import type { KeptWording } from './store.ts'

export class RuleWordingTable {
  readonly #find: StatementSync
  readonly #add: StatementSync
  readonly #dropOld: StatementSync

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT version, name, place, content, at FROM rule_wordings WHERE version = ?')
    this.#add = database.prepare(
      'INSERT OR IGNORE INTO rule_wordings (version, name, place, content, at) VALUES (?, ?, ?, ?, ?)',
    )
    this.#dropOld = database.prepare(
      'DELETE FROM rule_wordings WHERE number <= (SELECT number FROM rule_wordings ORDER BY number DESC LIMIT 1 OFFSET ?)',
    )
  }

  find(version: string): KeptWording | undefined {
    const row = this.#find.get(version)
    if (row === undefined) return undefined
    const [name = '', content = ''] = [text(row['name']), text(row['content'])]
    return { version, name, place: text(row['place']), text: content, at: Number(row['at']) }
  }

  /** Within a transaction; what is more than `most` goes, the oldest first. Gives back whether anything went. */
  keep({ version, name, place, text: content, at }: KeptWording, most: number): boolean {
    this.#add.run(version, name, place ?? null, content, Math.round(at))
    return Number(this.#dropOld.run(most).changes) > 0
  }
}
