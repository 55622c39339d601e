// What was said about revocation, in the SQLite file: one row for each place it came from.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { KeptEvidence } from './store.ts'

/** What a row takes beside what is in it; some have no octets. */
const ROW_BYTES = 128

export class EvidenceTable {
  readonly #find: StatementSync
  readonly #keep: StatementSync
  readonly #drop: StatementSync
  readonly #dropOver: StatementSync
  readonly #oldest: StatementSync
  readonly #total: StatementSync

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT octets, until FROM evidence WHERE place = ?')
    this.#keep = database.prepare('INSERT INTO evidence (place, kept_at, until, bytes, octets) VALUES (?, ?, ?, ?, ?)')
    this.#drop = database.prepare('DELETE FROM evidence WHERE place = ?')
    this.#dropOver = database.prepare('DELETE FROM evidence WHERE until <= ?')
    this.#oldest = database.prepare('SELECT place, bytes FROM evidence ORDER BY kept_at LIMIT 1')
    this.#total = database.prepare('SELECT total(bytes) AS bytes FROM evidence')
  }

  find(place: string): KeptEvidence | undefined {
    const row = this.#find.get(place)
    const octets = row?.['octets']
    return octets instanceof Uint8Array ? { octets: Buffer.from(octets), until: Number(row?.['until']) } : undefined
  }

  /** Within a transaction. */
  keep(place: string, { octets, until }: KeptEvidence, now: number, mostBytes: number): void {
    this.#dropOver.run(now)
    this.#drop.run(place)
    if (octets.length > mostBytes) return
    const bytes = octets.length + place.length + ROW_BYTES
    let excess = Number(this.#total.get()?.['bytes'] ?? 0) + bytes - mostBytes
    while (excess > 0) {
      const row = this.#oldest.get()
      if (!row) break
      this.#drop.run(String(row['place']))
      excess -= Number(row['bytes'])
    }
    this.#keep.run(place, Math.round(now), Math.round(until), bytes, octets)
  }
}
