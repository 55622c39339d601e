// By which keys partners are known, in the SQLite file: one row for each domain and key.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { objectOf, text, type Row } from './sqlite-rows.ts'
import type { KnownKey } from './store.ts'

const COLUMNS =
  'domain, spki, state, change, certificate, sides, first_seen, last_seen, reference, decided_at, decided_by'

export class KnownKeyTable {
  readonly #all: StatementSync
  readonly #keep: StatementSync
  readonly #drop: StatementSync

  constructor(database: DatabaseSync) {
    this.#all = database.prepare(`SELECT ${COLUMNS} FROM known_keys ORDER BY domain, first_seen, spki`)
    this.#keep = database.prepare(
      `INSERT OR REPLACE INTO known_keys (${COLUMNS}) VALUES (${COLUMNS.replaceAll(/\w+/g, '?')})`,
    )
    this.#drop = database.prepare('DELETE FROM known_keys WHERE domain = ? AND spki = ?')
  }

  all(): readonly KnownKey[] {
    return this.#all.all().flatMap((row) => fromRow(row) ?? [])
  }

  /** Within a transaction. */
  keep(changed: readonly KnownKey[], gone: readonly Pick<KnownKey, 'domain' | 'spki'>[]): void {
    for (const { domain, spki } of gone) this.#drop.run(domain, spki)
    for (const key of changed) this.#keep.run(...toRow(key))
  }
}

function toRow(key: KnownKey): (string | number | null)[] {
  const { domain, spki, state, change, certificate, sides, firstSeen, lastSeen } = key
  return [
    ...[domain, spki, state, change],
    certificate && JSON.stringify(certificate),
    sides.join(' '),
    ...[Math.round(firstSeen), Math.round(lastSeen)],
    key.reference,
    key.decidedAt && Math.round(key.decidedAt),
    key.decidedBy,
  ].map((value) => value ?? null)
}

const STATES: readonly KnownKey['state'][] = ['known', 'open', 'refused']
const SIDES: readonly KnownKey['sides'][number][] = ['client', 'server']

/** Undefined for a row of a newer version that this one cannot read: a word unknown here must not make a key known. */
function fromRow(row: Row): KnownKey | undefined {
  const domain = text(row['domain'])
  const spki = text(row['spki'])
  const state = STATES.find((one) => one === row['state'])
  if (domain === undefined || spki === undefined || state === undefined) return undefined
  const sides = new Set((text(row['sides']) ?? '').split(' '))
  return {
    domain,
    spki,
    state,
    change: text(row['change']) ?? '',
    certificate: objectOf(row['certificate']),
    sides: SIDES.filter((side) => sides.has(side)),
    firstSeen: Number(row['first_seen']),
    lastSeen: Number(row['last_seen']),
    reference: text(row['reference']),
    decidedAt: typeof row['decided_at'] === 'number' ? row['decided_at'] : undefined,
    decidedBy: text(row['decided_by']),
  }
}
