// What the files of partners said, in the SQLite file: one row for each change of each file.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { text, type Row } from './sqlite-rows.ts'
import type { NewPartnerVersion, PartnerVersion } from './store.ts'

const COLUMNS = 'domain, version, at, done, made_by, why, content, together, together_files'
/** Of one file; the oldest go first. */
const MOST_OF_ONE = 100

export class PartnerVersionTable {
  readonly #last: StatementSync
  readonly #of: StatementSync
  readonly #together: StatementSync
  readonly #there: StatementSync
  readonly #add: StatementSync
  readonly #dropOfOne: StatementSync
  readonly #dropOld: StatementSync
  #rows: number

  constructor(database: DatabaseSync) {
    this.#last = database.prepare(
      `SELECT ${COLUMNS} FROM partner_versions WHERE domain = ? ORDER BY version DESC LIMIT 1`,
    )
    this.#of = database.prepare(`SELECT ${COLUMNS} FROM partner_versions WHERE domain = ? ORDER BY version DESC`)
    this.#together = database.prepare(
      `SELECT ${COLUMNS} FROM partner_versions WHERE together = ? AND domain > ? ORDER BY domain LIMIT ?`,
    )
    this.#there = database.prepare(
      `SELECT domain FROM partner_versions AS one WHERE content IS NOT NULL AND NOT EXISTS
         (SELECT 1 FROM partner_versions AS later WHERE later.domain = one.domain AND later.version > one.version)`,
    )
    this.#add = database.prepare(`INSERT INTO partner_versions (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    this.#dropOfOne = database.prepare('DELETE FROM partner_versions WHERE domain = ? AND version <= ?')
    // The last one of a file that is there stays: what is found next is held against it.
    this.#dropOld = database.prepare(
      `DELETE FROM partner_versions WHERE number IN
         (SELECT number FROM partner_versions AS one WHERE content IS NULL OR EXISTS
           (SELECT 1 FROM partner_versions AS later WHERE later.domain = one.domain AND later.version > one.version)
          ORDER BY number LIMIT ?)`,
    )
    this.#rows = Number(database.prepare('SELECT count(*) AS n FROM partner_versions').get()?.['n'])
  }

  get size(): number {
    return this.#rows
  }

  last(domain: string): PartnerVersion | undefined {
    const row = this.#last.get(domain)
    return row && fromRow(row)
  }

  of(domain: string): readonly PartnerVersion[] {
    return this.#of.all(domain).map(fromRow)
  }

  /** One of each domain: a file changes once at a time. */
  together(reference: string, after: string, most: number): readonly PartnerVersion[] {
    return this.#together.all(reference, after, most).map(fromRow)
  }

  /** The domains whose file was there when it was last looked at. */
  there(): readonly string[] {
    return this.#there.all().flatMap((row) => text(row['domain']) ?? [])
  }

  /** Within a transaction; what is more than `most` goes, the oldest first. */
  add(versions: readonly NewPartnerVersion[], most: number): void {
    for (const { domain, at, done, by, why, text: content, together } of versions) {
      const version = (this.last(domain)?.version ?? 0) + 1
      const beside = [together?.reference ?? null, together?.files ?? null] as const
      this.#add.run(domain, version, Math.round(at), done, by, why ?? null, content ?? null, ...beside)
      this.#rows += 1
      if (version > MOST_OF_ONE) this.#rows -= Number(this.#dropOfOne.run(domain, version - MOST_OF_ONE).changes)
    }
    if (this.#rows > most) this.#rows -= Number(this.#dropOld.run(this.#rows - most).changes)
  }

  /** After a transaction that came to nothing. */
  recount(rows: number): void {
    this.#rows = rows
  }
}

const DONE: readonly PartnerVersion['done'][] = ['found', 'added', 'changed', 'removed']

function fromRow(row: Row): PartnerVersion {
  const reference = text(row['together'])
  const files = typeof row['together_files'] === 'number' ? row['together_files'] : undefined
  return {
    domain: text(row['domain']) ?? '',
    version: Number(row['version']),
    at: Number(row['at']),
    done: DONE.find((known) => known === row['done']) ?? 'changed',
    by: text(row['made_by']) ?? '',
    why: text(row['why']),
    text: text(row['content']),
    ...(reference === undefined ? {} : { together: { reference, files } }),
  }
}
