// What walls and policies of policy.yaml and the entries of partners get wrong together: names of partners, tags, classes and
// policies that there are not. Pure.

import { DEFAULT_POLICY, OF_CLASS, TAGGED } from '../xmpp/policy-words.ts'
import type { Partner } from '../policy/partner.ts'
import type { Policy } from '../policy/remote/grants.ts'
import { findingAt } from './check.ts'
import { GATEWAY_FILE, POLICY_FILE, type Conflict } from './cross-checks.ts'
import type { PathStep } from './finding.ts'
import { BUILT_IN_CLASSES } from './partner-values.ts'
import type { GatewayReading, PartnerReading, PolicyReading } from './readings.ts'
import { atOnce, type Steps } from './slices.ts'
import { suggest } from './suggest.ts'
import { rulesInVain } from './whom-entry-checks.ts'
import { checkRooms } from './whom-room-checks.ts'
import type { YamlFile } from './yaml.ts'

type Names = 'everyone' | readonly string[]
const warning = { severity: 'warning' } as const

/** The checks of walls and policies against the entries of partners, and of these against policies. */
export const checkWhomPartners = (...all: Parameters<typeof whomPartnerSteps>): readonly Conflict[] =>
  atOnce(whomPartnerSteps(...all))

/** The same with pauses. */
export function* whomPartnerSteps(
  { draft }: GatewayReading,
  { yaml, policy }: PolicyReading,
  partners: Iterable<PartnerReading>,
): Steps<readonly Conflict[]> {
  const readings = [...partners]
  const known = yield* knownOf(readings.flatMap(({ partner }) => partner ?? []))
  const conflicts: Conflict[] = [...checkNamedPolicies({ policy }, readings)]
  if (yaml === undefined || policy === undefined) return conflicts
  const classes = [...BUILT_IN_CLASSES, ...(draft.classes ?? [])]
  for (const [name, path] of partnerNames(policy)) {
    yield
    const isUnknownClass = name.startsWith(OF_CLASS) && !classes.includes(name.slice(OF_CLASS.length))
    if (isUnknownClass && draft.classes !== undefined) {
      const word = name.slice(OF_CLASS.length)
      const message = `there is no class ${word}; add it to federation.classes in ${GATEWAY_FILE}${near(word, classes)}`
      conflicts.push({ finding: findingAt(yaml, path, message), files: [POLICY_FILE, GATEWAY_FILE] })
    } else if (!isUnknownClass) {
      const message = unmatched(name, known)
      if (message !== undefined)
        conflicts.push({ finding: findingAt(yaml, path, message, warning), files: [POLICY_FILE] })
    }
  }
  for (const name of Object.keys(policy.shown ?? {})) {
    if (draft.classes === undefined || classes.includes(name)) continue
    const message = `there is no class ${name}; add it to federation.classes in ${GATEWAY_FILE}${near(name, classes)}`
    const finding = findingAt(yaml, ['presence', name], message, { at: 'key' })
    conflicts.push({ finding, files: [POLICY_FILE, GATEWAY_FILE] })
  }
  for (const finding of checkRooms(yaml, policy, draft.domains ?? [], known.entries))
    conflicts.push({ finding, files: [POLICY_FILE, GATEWAY_FILE] })
  yield
  conflicts.push(...(yield* onTwoSides(yaml, policy, known)))
  for (const finding of yield* rulesInVain(yaml, policy, known.entries))
    conflicts.push({ finding, files: [POLICY_FILE] })
  const used = new Set([DEFAULT_POLICY, ...known.policies])
  for (const name of Object.keys(policy.whom.policies)) {
    if (used.has(name)) continue
    const message = `no partner's entry says policy: ${name}, so that it holds for none`
    const finding = findingAt(yaml, ['policies', name], message, { ...warning, at: 'key' })
    conflicts.push({ finding, files: [POLICY_FILE] })
  }
  return conflicts
}

/** The policies that entries of partners name. */
export function checkNamedPolicies(
  { policy }: Pick<PolicyReading, 'policy'>,
  partners: Iterable<PartnerReading>,
): readonly Conflict[] {
  if (policy === undefined) return [] // It may well say what they name.
  const { policies } = policy.whom
  return [...partners].flatMap(({ name: file, partner, yaml }) => {
    if (partner === undefined || yaml === undefined) return []
    if (partner.policy === DEFAULT_POLICY || Object.hasOwn(policies, partner.policy)) return []
    const meant = near(partner.policy, [DEFAULT_POLICY, ...Object.keys(policies)])
    const message = `there is no policy ${partner.policy}; write it below policies: in ${POLICY_FILE}${meant}`
    return [{ finding: findingAt(yaml, ['policy'], message), files: [file, POLICY_FILE] }]
  })
}

/** Every name of a partner, a tag or a class, and where it stands. */
function* partnerNames({ whom }: Policy): Iterable<readonly [name: string, path: readonly PathStep[]]> {
  const lists: (readonly [Names, readonly PathStep[]])[] = []
  for (const [wall, { sides }] of whom.walls.entries())
    for (const [side, { partners }] of sides.entries())
      lists.push([partners, ['walls', wall, 'sides', side, 'partners']])
  for (const { name, rules } of Object.values(whom.policies))
    for (const [rule, { partners }] of rules.entries())
      lists.push([partners, ['policies', name, 'rules', rule, 'partners']])
  for (const [partners, path] of lists) {
    if (partners === 'everyone') continue
    for (const [index, name] of partners.entries()) yield [name, [...path, index]]
  }
}

/**
 * A partner that stands on one side of a wall by its domain, and on another by a tag or its class. One with the tags of two sides
 * is kept from both, as may be meant; one name on two sides is told of in `whom-checks.ts`.
 */
function* onTwoSides(yaml: YamlFile, { whom }: Policy, { entries }: Known): Steps<readonly Conflict[]> {
  if (whom.walls.length === 0) return []
  const meant = new Map<string, string[]>()
  for (const { domain, tags, class: itsClass } of entries) {
    yield
    for (const name of [domain, OF_CLASS + itsClass, ...tags.map((tag) => TAGGED + tag)]) {
      const domains = meant.get(name)
      if (domains === undefined) meant.set(name, [domain])
      else domains.push(domain)
    }
  }
  return whom.walls.flatMap(({ sides }, wall) => {
    const before = new Map<string, string[]>()
    return sides.flatMap(({ partners }, side): readonly Conflict[] => {
      const all = partners === 'everyone' ? [] : partners
      const here = all.flatMap((name) => (meant.get(name) ?? []).map((domain) => [domain, name] as const))
      const found = here.find(([domain, name]) =>
        before.get(domain)?.some((other) => other !== name && (other === domain || name === domain)),
      )
      for (const [domain, name] of here) before.set(domain, [...(before.get(domain) ?? []), name])
      if (found === undefined) return []
      const [domain, name] = found
      const message = `${domain} is on another side of the same wall too (${name}); keep it on one`
      const path = ['walls', wall, 'sides', side, 'partners']
      return [{ finding: findingAt(yaml, path, message, warning), files: [POLICY_FILE] }]
    })
  })
}

/** By what entries can be found. */
interface Known {
  readonly domains: ReadonlySet<string>
  readonly tags: ReadonlySet<string>
  readonly classes: ReadonlySet<string>
  readonly policies: ReadonlySet<string>
  readonly entries: readonly Partner[]
}

function* knownOf(entries: readonly Partner[]): Steps<Known> {
  const [domains, tags, classes, policies] = [
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
  ]
  for (const entry of entries) {
    yield
    domains.add(entry.domain)
    for (const tag of entry.tags) tags.add(tag)
    classes.add(entry.class)
    policies.add(entry.policy)
  }
  return { domains, tags, classes, policies, entries }
}

/** Why a name matches no entry. */
function unmatched(name: string, { domains, tags, classes, entries }: Known): string | undefined {
  const vain = 'so that it stands for none'
  const [, kind, word = name] = /^(tag:|class:)?(.*)$/.exec(name) ?? []
  if (kind === TAGGED)
    return tags.has(word) ? undefined : `no partner has the tag ${word}, ${vain}${near(word, [...tags])}`
  if (kind === OF_CLASS) return classes.has(word) ? undefined : `no partner is of the class ${word}, ${vain}`
  if (domains.has(word)) return undefined
  const holder = entries.find(({ alsoKnownAs }) => alsoKnownAs.includes(word))
  if (holder !== undefined)
    return `${word} is under ${holder.domain}; write that, which stands for all names of the entry`
  return `there is no entry for ${word}, ${vain}${near(word, [...domains])}`
}

function near(word: string, known: readonly string[]): string {
  const meant = suggest(word, known)
  return meant === undefined ? '' : `; did you mean "${meant}"?`
}
