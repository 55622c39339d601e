// A hash for tests: the same each time, spread like a real one.

import { hash } from 'node:crypto'
import { Relations, type RelationOptions } from '../../../../src/policy/relations/relations.ts'

export const sha = (text: string): string => hash('sha256', `a secret${text}`, 'binary')

export const DAY_MS = 86_400_000

/** A ledger with room for so many, each kept for so many days. */
export const relations = (most = 1000, days = 365, changes: Partial<RelationOptions> = {}): Relations =>
  new Relations({ hash: sha, limits: () => ({ relations: most, relationsKeptMs: days * DAY_MS }), ...changes })
