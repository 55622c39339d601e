// Who of ours has to do with whom outside, in the SQLite file: one row for each two, some 100 bytes.
//
// Rule: nothing is found by its age, which would take an index as large as the table; whoever forgets goes through all.

import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import type { Relation } from '../policy/relations/relations.ts'
import { text, type Row } from './sqlite-rows.ts'

const COLUMNS = 'user, contact, marks, day'

type Pair = Pick<Relation, 'user' | 'contact'>

export class RelationTable {
  readonly #all: StatementSync
  readonly #one: StatementSync
  readonly #after: StatementSync
  readonly #ofUser: StatementSync
  readonly #keep: StatementSync
  readonly #drop: StatementSync

  constructor(database: DatabaseSync) {
    this.#all = database.prepare(`SELECT ${COLUMNS} FROM relations`)
    this.#one = database.prepare(`SELECT ${COLUMNS} FROM relations WHERE user = ? AND contact = ?`)
    this.#after = database.prepare(
      `SELECT ${COLUMNS} FROM relations WHERE (user, contact) > (?, ?) ORDER BY user, contact LIMIT ?`,
    )
    this.#ofUser = database.prepare(
      `SELECT ${COLUMNS} FROM relations WHERE user = ? AND contact > ? ORDER BY contact LIMIT ?`,
    )
    this.#keep = database.prepare(`INSERT OR REPLACE INTO relations (${COLUMNS}) VALUES (?, ?, ?, ?)`)
    this.#drop = database.prepare('DELETE FROM relations WHERE user = ? AND contact = ?')
  }

  *all(): Iterable<Relation> {
    for (const row of this.#all.iterate()) {
      const relation = fromRow(row)
      if (relation !== undefined) yield relation
    }
  }

  one({ user, contact }: Pair): Relation | undefined {
    const row = this.#one.get(user, contact)
    return row && fromRow(row)
  }

  after(after: Pair | undefined, limit: number, user: string | undefined): readonly Relation[] {
    const { user: last = '', contact = '' } = after ?? {}
    const rows = user === undefined ? this.#after.all(last, contact, limit) : this.#ofUser.all(user, contact, limit)
    return rows.flatMap((row) => fromRow(row) ?? [])
  }

  /** Within a transaction. */
  keep(changes: readonly Relation[]): void {
    for (const { user, contact, marks, day } of changes) {
      if (marks === 0) this.#drop.run(user, contact)
      else this.#keep.run(user, contact, marks, day)
    }
  }
}

function fromRow(row: Row): Relation | undefined {
  const [user, contact] = [text(row['user']), text(row['contact'])]
  if (user === undefined || contact === undefined) return undefined
  return { user, contact, marks: number(row['marks']), day: number(row['day']) }
}

const number = (value: SQLOutputValue | undefined): number => (typeof value === 'number' ? value : 0)
