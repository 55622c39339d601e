// Rules of policies that can never decide, by what the entries of the partners they name say: that another policy holds for these,
// or that nothing crosses in the rule's direction. Pure.

import { OF_CLASS, TAGGED } from '../xmpp/policy-words.ts'
import type { Direction, Partner } from '../policy/partner.ts'
import type { Policy } from '../policy/remote/grants.ts'
import { findingAt } from './check.ts'
import type { Finding } from './finding.ts'
import type { Steps } from './slices.ts'
import type { YamlFile } from './yaml.ts'

/** What entries that one name stands for say: by policy, the directions in which anything crosses, and one of the entries. */
type Said = ReadonlyMap<string, { readonly domain: string; readonly directions: ReadonlySet<Direction> }>

const warning = { severity: 'warning' } as const

/** The rules that name partners for which they are never asked, or to which they never apply. */
export function* rulesInVain(yaml: YamlFile, { whom }: Policy, entries: readonly Partner[]): Steps<readonly Finding[]> {
  const rules = Object.values(whom.policies).flatMap((policy) =>
    policy.rules.flatMap((rule, place) =>
      rule.partners === 'everyone' ? [] : [{ policy: policy.name, rule, partners: rule.partners, place }],
    ),
  )
  if (rules.length === 0) return []
  const names = new Set(rules.flatMap(({ partners }) => partners))
  const said = yield* saidBy(entries, names)
  return rules.flatMap(({ policy, rule: { allow, direction }, partners, place }) => {
    const all = partners.flatMap((name) => said.get(name) ?? [])
    const path = ['policies', policy, 'rules', place]
    const [other] = all.flatMap((one) => [...one])
    if (other === undefined) return [] // Names of nothing are told of elsewhere.
    const here = all.flatMap((one) => one.get(policy) ?? [])
    if (here.length === 0) {
      const message = `never asked: the entry of ${other[1].domain} says policy: ${other[0]}; write the rule below that policy, or take it out`
      return [findingAt(yaml, [...path, 'partners'], message, warning)]
    }
    if (direction === 'both' || allow === 'none' || here.some(({ directions }) => directions.has(direction))) return []
    const message = `allows nothing: the entry of ${here[0]!.domain} lets nothing cross ${direction}; change the one or the other`
    return [findingAt(yaml, [...path, 'direction'], message, warning)]
  })
}

/** Each entry is looked at once, however many rules there are. */
function* saidBy(entries: readonly Partner[], names: ReadonlySet<string>): Steps<ReadonlyMap<string, Said>> {
  const said = new Map<string, Map<string, { readonly domain: string; readonly directions: Set<Direction> }>>()
  for (const { domain, tags, class: ofClass, policy, direction } of entries) {
    yield
    for (const name of [domain, OF_CLASS + ofClass, ...tags.map((tag) => TAGGED + tag)]) {
      if (!names.has(name)) continue
      let own = said.get(name)
      if (own === undefined) said.set(name, (own = new Map()))
      let one = own.get(policy)
      if (one === undefined) own.set(policy, (one = { domain, directions: new Set() }))
      for (const way of direction === 'both' ? (['inbound', 'outbound'] as const) : [direction]) one.directions.add(way)
    }
  }
  return said
}
