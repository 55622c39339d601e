// Which requirements have been seen red, by which deliberately wrong gateway, and which have not.

import { CASES } from '../../src/conformance/cases/all.ts'
import { REQUIREMENTS } from '../../src/conformance/requirement.ts'
import { MUTATIONS } from './mutations.ts'

/** Requirement → mutations that one of its cases has seen. */
export function seenBy(): ReadonlyMap<string, readonly string[]> {
  const shown = new Map(CASES.map(({ id, requirements }) => [id, requirements]))
  const pairs = MUTATIONS.flatMap(({ id, cases }) =>
    cases.flatMap((one) => (shown.get(one) ?? []).map((requirement) => [requirement, id] as const)),
  )
  const grouped = Map.groupBy(pairs, ([requirement]) => requirement)
  return new Map([...grouped].map(([requirement, own]) => [requirement, [...new Set(own.map(([, id]) => id))]]))
}

/** Requirements that have cases, and that no mutation turns red. */
export function unseen(): readonly string[] {
  const red = seenBy()
  const played = new Set(CASES.flatMap(({ requirements }) => requirements))
  return REQUIREMENTS.map(({ id }) => id).filter((id) => played.has(id) && !red.has(id))
}

export function redTable(): string {
  const red = seenBy()
  const about = new Map(MUTATIONS.map(({ id, about: text }) => [id, text]))
  const rows = REQUIREMENTS.flatMap(({ id }) => {
    const by = red.get(id)
    return by === undefined ? [] : [`| ${id} | ${by.map((one) => `${one}: ${about.get(one)}`).join('<br>')} |`]
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
