// What walls and policies of policy.yaml get wrong together: rules that never decide, walls that keep nobody apart. Against the
// entries of partners they are held in `whom-partner-checks.ts`. Pure.

import { foldedAddress } from '../xmpp/address.ts'
import { AT_DOMAIN, isUser } from '../xmpp/policy-words.ts'
import type { Policy } from '../policy/remote/grants.ts'
import type { NamedPolicy, Wall, WhomRule } from '../policy/whom/policies.ts'
import { findingAt } from './check.ts'
import { membersInFiles } from './directory-checks.ts'
import type { Finding, PathStep } from './finding.ts'
import type { YamlFile } from './yaml.ts'

const warning = { severity: 'warning' } as const
type Names = 'everyone' | readonly string[]

/** The checks within policy.yaml. */
export function checkWhom(yaml: YamlFile, policy: Policy): readonly Finding[] {
  const { whom } = policy
  const users = usersOf(policy)
  return [
    ...twins(yaml, whom.walls, ['walls']),
    ...whom.walls.flatMap((wall, index) => wallFindings(yaml, wall, index, users)),
    ...Object.values(whom.policies).flatMap((one) => [
      ...twins(yaml, one.rules, ['policies', one.name, 'rules']),
      ...one.rules.flatMap((rule, index) => ruleFindings(yaml, one, rule, index, whom.walls, users)),
    ]),
  ]
}

type Users = (names: Names) => ReadonlySet<string> | undefined

/**
 * Whom names mean, groups by their members, as a core may take them for one; undefined: everyone. `domain:` stands for itself.
 * Put together once for the same names: each rule is held against each other one.
 */
function usersOf(policy: Policy): Users {
  const members = new Map(Array.from(membersInFiles(policy), ([name, users]) => [name, users.map(asAsked)]))
  const known = new Map<Names, ReadonlySet<string>>()
  return (names) => {
    if (names === 'everyone') return undefined
    let users = known.get(names)
    if (users === undefined) {
      users = new Set(names.flatMap((name) => (isPlain(name) ? [asAsked(name)] : (members.get(name) ?? []))))
      known.set(names, users)
    }
    return users
  }
}

const isPlain = (name: string): boolean => isUser(name) || name.startsWith(AT_DOMAIN)

/** A user as the question who it is compares them. */
const asAsked = (name: string): string => (isUser(name) ? (foldedAddress(name) ?? name) : name)

/** Two of one name could not be told apart. */
function twins(
  yaml: YamlFile,
  all: readonly { readonly name: string }[],
  path: readonly PathStep[],
): readonly Finding[] {
  return all.flatMap(({ name }, index) => {
    const first = all.findIndex((other) => other.name === name)
    if (first === index) return []
    return [
      findingAt(yaml, [...path, index, 'name'], `another is called ${name} already; give this one a name of its own`),
    ]
  })
}

/** A wall that keeps nobody apart, and what stands on two sides of one. */
function wallFindings(yaml: YamlFile, { sides }: Wall, wall: number, users: Users): readonly Finding[] {
  const path = ['walls', wall, 'sides']
  const findings: Finding[] = []
  for (const [side, { who, partners }] of sides.entries()) {
    if (who.length === 0 && partners.length === 0)
      findings.push(findingAt(yaml, [...path, side], 'is empty; write who: or partners:, or take it out'))
    for (const key of ['who', 'partners'] as const) {
      const twice = sides
        .slice(0, side)
        .flatMap((other) => both(other[key], sides[side]![key]))
        .at(0)
      const member = key === 'who' && twice === undefined ? sharedUser(sides, side, users) : undefined
      if (member !== undefined) {
        const message = `${member.user} is on another side of the same wall too, by ${member.by}; keep them on one`
        findings.push(findingAt(yaml, [...path, side, key], message))
      }
      if (twice === undefined) continue
      const message = `${twice} is on another side of the same wall; keep it on one`
      findings.push(findingAt(yaml, [...path, side, key], message))
    }
  }
  const keeps = sides.some((one) =>
    sides.some((other) => other !== one && one.who.length > 0 && other.partners.length > 0),
  )
  if (!keeps && findings.length === 0)
    findings.push(findingAt(yaml, path, 'keeps nobody apart; write who: on one side, and partners: on another'))
  return findings
}

/** Somebody on this side who is on one before it as well. */
function sharedUser(sides: Wall['sides'], side: number, users: Users): SharedUser | undefined {
  const mine = users(sides[side]!.who) ?? new Set()
  for (const { who } of sides.slice(0, side)) {
    const theirs = users(who) ?? new Set()
    const found =
      mine.values().find((user) => hasUser(theirs, user)) ?? theirs.values().find((user) => hasUser(mine, user))
    if (found === undefined) continue
    const domain = domainOf(found)
    return { user: found, by: mine.has(domain) || theirs.has(domain) ? domain : 'a group' }
  }
  return undefined
}

interface SharedUser {
  readonly user: string
  /** How they are on both. */
  readonly by: string
}

/** What stands in both; `everyone` takes in all. */
function both(one: Names, other: Names): readonly string[] {
  if (one.length === 0 || other.length === 0) return []
  if (one === 'everyone') return other === 'everyone' ? [other] : other
  if (other === 'everyone') return one
  const others = new Set(other.map(asAsked))
  return one.filter((name) => others.has(asAsked(name)))
}

function ruleFindings(
  yaml: YamlFile,
  { name, rules }: NamedPolicy,
  rule: WhomRule,
  place: number,
  walls: readonly Wall[],
  users: Users,
): readonly Finding[] {
  const path = ['policies', name, 'rules', place]
  const findings: Finding[] = []
  const mine = users(rule.who)
  const above = rules.findIndex(
    (other, index) => index < place && !other.report && takes(other, rule) && isWithinUsers(mine, users(other.who)),
  )
  if (above >= 0) {
    const message = `never decides: ${rules[above]!.name} is made out to the same users and partners, and stands first; put this one above it, or take it out`
    findings.push(findingAt(yaml, path, message))
  }
  if (rule.allow === 'none' && (rule.hours !== undefined || rule.direction !== 'both')) {
    const key = rule.hours === undefined ? 'direction' : 'hours'
    const message = `nothing is allowed, at any time and in any direction; take ${key}: out, or write what is allowed`
    findings.push(findingAt(yaml, [...path, key], message, { at: 'key' }))
  }
  if (rule.allow === 'none') return findings
  const wall = walls.find((one) => !one.report && isBehind(one, rule, mine, users))
  if (wall !== undefined) {
    const message = `allows nothing: the wall ${wall.name} stands between all of them; take the rule out`
    findings.push(findingAt(yaml, path, message, warning))
  }
  return findings
}

/** Are all partners of the second among those of the first? */
const takes = ({ partners: all }: WhomRule, { partners }: WhomRule): boolean =>
  all === 'everyone' || (partners !== 'everyone' && partners.every((one) => all.includes(one)))

/** Undefined is everyone; nobody at all is told of elsewhere. */
function isWithinUsers(mine: ReadonlySet<string> | undefined, theirs: ReadonlySet<string> | undefined): boolean {
  if (theirs === undefined) return true
  return mine !== undefined && mine.size > 0 && mine.values().every((user) => hasUser(theirs, user))
}

const hasUser = (all: ReadonlySet<string>, user: string): boolean => all.has(user) || all.has(domainOf(user))

const domainOf = (user: string): string => AT_DOMAIN + user.slice(user.indexOf('@') + 1)

function isBehind(
  { sides }: Wall,
  { partners }: WhomRule,
  mine: ReadonlySet<string> | undefined,
  users: Users,
): boolean {
  if (partners === 'everyone') return false
  return sides.some(({ who }, side) => {
    if (who.length === 0 || !isWithinUsers(mine, users(who))) return false
    const others = new Set(sides.filter((_, other) => other !== side).flatMap((other) => other.partners))
    return partners.every((one) => others.has(one))
  })
}
