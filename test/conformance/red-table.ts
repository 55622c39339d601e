// Which requirements have been seen red, by which deliberately wrong gateway, and which have not.

import { CASES } from '../../src/conformance/cases/all.ts'
import { REQUIREMENTS } from '../../src/conformance/requirement.ts'
import type { Mutation } from './mutation.ts'
import { MUTATIONS } from './mutations.ts'

const SHOWN = new Map(CASES.map(({ id, requirements }) => [id, requirements]))

/** Requirements that a mutation turns red: those of its cases. */
export const rowsOf = ({ cases }: Mutation): readonly string[] => [
  ...new Set(cases.flatMap((one) => SHOWN.get(one) ?? [])),
]

/** Requirement → mutations that one of its cases has seen. */
export function seenBy(): ReadonlyMap<string, readonly string[]> {
  const pairs = MUTATIONS.flatMap((one) => rowsOf(one).map((requirement) => [requirement, one.id] as const))
  const grouped = Map.groupBy(pairs, ([requirement]) => requirement)
  return new Map([...grouped].map(([requirement, own]) => [requirement, own.map(([, id]) => id)]))
}

/** Requirements that have cases, and that no mutation turns red. */
export function unseen(): readonly string[] {
  const red = seenBy()
  const played = new Set([...SHOWN.values()].flat())
  return REQUIREMENTS.map(({ id }) => id).filter((id) => played.has(id) && !red.has(id))
}

/** What the table says of one requirement: `id: what it does wrong` of each mutation. */
const saidOf = (ids: readonly string[]): readonly string[] =>
  MUTATIONS.filter(({ id }) => ids.includes(id)).map(({ id, about }) => `${id}: ${about}`)

const BREAK = '<br>'

/** The lines of a table as pairs of requirement and what is said of it. */
export const pairsOf = (table: string): readonly string[] =>
  table
    .split('\n')
    .filter((line) => /^\| [A-Z\d]{3}-\d\d \|/.test(line))
    .flatMap((line) => {
      const [, row, said] = line.split('|').map((cell) => cell.trim())
      return said!.split(BREAK).map((one) => `${row} ${one}`)
    })

export function redTable(): string {
  const red = seenBy()
  const rows = REQUIREMENTS.flatMap(({ id }) => {
    const by = red.get(id)
    return by === undefined ? [] : [`| ${id} | ${saidOf(by).join(BREAK)} |`]
  })
  const none = unseen()
  return [
    '# Which requirements have been seen red',
    '',
    'Written by `npm run mutations`, which runs each of these deliberately wrong gateways and sees a case of the requirement',
    'come out as a violation.',
    '',
    '| requirement | seen red when |',
    '|---|---|',
    ...rows,
    '',
    `Played, but not seen red yet: ${none.length === 0 ? 'none' : none.join(', ')}.`,
    '',
  ].join('\n')
}
