// How domains outside behave, in the SQLite file: one row for each of which something is known; points, and what somebody has said,
// as JSON. A state that this version does not know is the mildest one that is not normal.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ConductState, Held, Offence, Points } from '../policy/conduct/conduct.ts'
import type { ConductChanges, KnownConduct } from '../policy/conduct/conducts.ts'
import { objectOf, text, type Row } from './sqlite-rows.ts'

const STATES: readonly ConductState[] = ['normal', 'limited', 'watch', 'blocked']
const OFFENCES: readonly Offence[] = ['rate', 'recipients', 'failures', 'subscriptions', 'violations']
const COLUMNS = 'domain, state, since, at, points, held'

export class ConductTable {
  readonly #all: StatementSync
  readonly #keep: StatementSync
  readonly #drop: StatementSync

  constructor(database: DatabaseSync) {
    this.#all = database.prepare(`SELECT ${COLUMNS} FROM conducts ORDER BY domain`)
    this.#keep = database.prepare(`INSERT OR REPLACE INTO conducts (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`)
    this.#drop = database.prepare('DELETE FROM conducts WHERE domain = ?')
  }

  all(): readonly KnownConduct[] {
    return this.#all.all().flatMap((row) => fromRow(row) ?? [])
  }

  /** Within a transaction. */
  keep({ changed, gone }: ConductChanges): void {
    for (const domain of gone) this.#drop.run(domain)
    for (const { domain, state, since, at, points, held } of changed)
      this.#keep.run(
        ...[domain, state, Math.round(since), Math.round(at)],
        JSON.stringify(points),
        held ? JSON.stringify(held) : null,
      )
  }
}

function fromRow(row: Row): KnownConduct | undefined {
  const domain = text(row['domain'])
  if (domain === undefined) return undefined
  return {
    domain,
    state: stateIn(row['state']) ?? 'limited',
    since: Number(row['since']),
    at: Number(row['at']),
    points: pointsIn(objectOf(row['points'])),
    held: heldIn(objectOf(row['held'])),
  }
}

/** ECMA-262: times beyond are none. */
const isTime = (ms: number): boolean => !Number.isNaN(new Date(ms).getTime())

const stateIn = (value: unknown): ConductState | undefined => STATES.find((one) => one === value)

function pointsIn(read: object | undefined): Points {
  const cells = new Map<string, unknown>(Object.entries(read ?? {}))
  return Object.fromEntries(
    OFFENCES.flatMap((offence) => {
      const some = cells.get(offence)
      return typeof some === 'number' && some > 0 ? [[offence, some] as const] : []
    }),
  )
}

function heldIn(read: object | undefined): Held | undefined {
  const cells = new Map<string, unknown>(Object.entries(read ?? {}))
  const [state, until, by, why] = [stateIn(cells.get('state')), cells.get('until'), cells.get('by'), cells.get('why')]
  if (state === undefined) return undefined
  return {
    state,
    at: Number(cells.get('at')),
    until: typeof until === 'number' && isTime(until) ? until : undefined,
    by: typeof by === 'string' ? by : '',
    why: typeof why === 'string' ? why : undefined,
  }
}
