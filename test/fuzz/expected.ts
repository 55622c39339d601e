// All that the streams are to reach, in groups.

import { PRODUCTIONS } from './grammar.ts'
import { MUTATIONS } from './mutate.ts'
import { expectedReach } from './reach.ts'

export function groups(): ReadonlyMap<string, readonly string[]> {
  const reach = expectedReach()
  const those = (kind: string): readonly string[] => reach.filter((what) => what.startsWith(`${kind}:`))
  return new Map([
    ['kinds of fault', those('fault')],
    ['states of the automaton', those('state')],
    ['cells: a state and a kind of byte', those('cell')],
    ['productions of the grammar', PRODUCTIONS.map((name) => `production:${name}`)],
    ['mutations', Object.keys(MUTATIONS).map((name) => `mutation:${name}`)],
  ])
}
