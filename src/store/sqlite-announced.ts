// Files of partners that are about to be changed at once, in the SQLite file: one row for each, as long as the change is under way.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { text } from './sqlite-rows.ts'
import type { AnnouncedPartner } from './store.ts'

const COLUMNS = 'domain, content, made_by, why, together, together_files'

export class AnnouncedTable {
  readonly #all: StatementSync
  readonly #keep: StatementSync
  readonly #drop: StatementSync

  constructor(database: DatabaseSync) {
    this.#all = database.prepare(`SELECT ${COLUMNS} FROM partners_announced ORDER BY domain`)
    this.#keep = database.prepare(`INSERT OR REPLACE INTO partners_announced (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`)
    this.#drop = database.prepare('DELETE FROM partners_announced WHERE domain = ? AND together = ?')
  }

  all(): readonly AnnouncedPartner[] {
    return this.#all.all().map((row) => ({
      domain: text(row['domain']) ?? '',
      text: text(row['content']),
      by: text(row['made_by']) ?? '',
      why: text(row['why']),
      together: {
        reference: text(row['together']) ?? '',
        files: typeof row['together_files'] === 'number' ? row['together_files'] : undefined,
      },
    }))
  }

  /** Within a transaction. */
  keep(announced: readonly AnnouncedPartner[]): void {
    for (const { domain, text: content, by, why, together } of announced)
      this.#keep.run(domain, content ?? null, by, why ?? null, together.reference, together.files ?? null)
  }

  /** Within a transaction. */
  drop(reference: string, domains: readonly string[]): void {
    for (const domain of domains) this.#drop.run(domain, reference)
  }
}
