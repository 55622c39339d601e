// What the parts of policy.yaml get wrong together, and with the domains of gateway.yaml: names of groups that there are
// not, users who are not ours, grants that can never decide. Pure.

import { foldedAddress } from '../xmpp/address.ts'
import { AT_DOMAIN, isUser } from '../xmpp/policy-words.ts'
import type { Grant, Policy } from '../policy/remote/grants.ts'
import { findingAt } from './check.ts'
import { checkDirectories, groupNames, membersInFiles } from './directory-checks.ts'
import type { Finding, PathStep } from './finding.ts'
import { suggest } from './suggest.ts'
import { isWithin } from './values.ts'
import { checkWhom } from './whom-checks.ts'
import type { YamlFile } from './yaml.ts'

/** So many users of foreign domains are told of. */
const MOST_STRANGERS = 20

/** The checks within policy.yaml. */
export function checkPolicy(yaml: YamlFile, policy: Policy): readonly Finding[] {
  return [
    ...unknownGroups(yaml, policy),
    ...emptyGroups(yaml, policy),
    ...vainGrants(yaml, policy),
    ...checkDirectories(yaml, policy),
    ...checkWhom(yaml, policy),
  ]
}

/** Users at domains that are not ours can never log in here. */
export function foreignUsers(yaml: YamlFile, policy: Policy, ours: ReadonlySet<string>): readonly Finding[] {
  const findings: Finding[] = []
  for (const [name, path] of names(policy)) {
    const domain = name.slice(Math.max(name.indexOf('@'), name.indexOf(':')) + 1)
    if (isGroup(name) || ours.has(domain) || findings.length >= MOST_STRANGERS) continue
    const near = suggest(domain, [...ours])
    const message = `${domain} is not one of our domains (gateway.yaml)${near === undefined ? '' : `; did you mean "${near}"?`}`
    findings.push(findingAt(yaml, path, message))
  }
  return findings
}

/** Where there is no door for remote users. */
export function grantedInVain(yaml: YamlFile, { remote }: Policy): readonly Finding[] {
  if (remote.grants.length === 0) return []
  const message =
    'nobody can log in from outside all the same; write where their clients connect: listen.remote in gateway.yaml'
  return [findingAt(yaml, ['remote', 'grants'], message, { severity: 'warning', at: 'key' })]
}

/** A certificate that nobody could know. */
export function certificatesInVain(yaml: YamlFile, { remote }: Policy): readonly Finding[] {
  const place = remote.grants.findIndex(({ certificate }) => certificate === 'required')
  if (place < 0) return []
  const message = 'nobody can log in by certificate: trust.cards is not written in gateway.yaml'
  return [findingAt(yaml, ['remote', 'grants', place, 'certificate'], message, { severity: 'warning' })]
}

/** Every name in the file, and where it stands. */
function* names({ groups, ...policy }: Policy): Iterable<readonly [name: string, path: readonly PathStep[]]> {
  for (const [group, users] of Object.entries(groups)) {
    for (const [index, user] of users.entries()) yield [user, ['groups', group, index]]
  }
  yield* named(policy)
}

/** The names outside groups. */
function* named({ remote, whom }: Pick<Policy, 'remote' | 'whom'>): Iterable<readonly [string, readonly PathStep[]]> {
  const { block, grants } = remote
  for (const [index, name] of block.entries()) yield [name, ['remote', 'block', index]]
  for (const [place, { to }] of grants.entries()) yield* namesIn(to, ['remote', 'grants', place, 'to'])
  for (const [wall, { sides }] of whom.walls.entries())
    for (const [side, { who }] of sides.entries()) yield* namesIn(who, ['walls', wall, 'sides', side, 'who'])
  for (const policy of Object.values(whom.policies))
    for (const [place, { who }] of policy.rules.entries())
      yield* namesIn(who, ['policies', policy.name, 'rules', place, 'who'])
}

function* namesIn(list: 'everyone' | readonly string[], path: readonly PathStep[]): ReturnType<typeof named> {
  if (list === 'everyone') return
  for (const [index, name] of list.entries()) yield [name, [...path, index]]
}

function unknownGroups(yaml: YamlFile, policy: Policy): readonly Finding[] {
  const known = groupNames(policy)
  return [...named(policy)].flatMap(([name, path]) => {
    if (!isGroup(name) || known.has(name)) return []
    const near = suggest(name, [...known])
    const mend = near === undefined ? 'write its members below groups:' : `did you mean "${near}"?`
    return [findingAt(yaml, path, `there is no group ${name}; ${mend}`)]
  })
}

function emptyGroups(yaml: YamlFile, { groups }: Policy): readonly Finding[] {
  return Object.entries(groups).flatMap(([name, users]) =>
    users.length > 0 ? [] : [findingAt(yaml, ['groups', name], 'has no members', { severity: 'warning', at: 'key' })],
  )
}

/** A grant that never decides: everybody it is made out to is blocked, or has one further up for all its networks. */
function vainGrants(yaml: YamlFile, policy: Policy): readonly Finding[] {
  const { remote } = policy
  const members = membersInFiles(policy)
  const users = (to: readonly string[]) =>
    new Set(
      to
        .flatMap((name) => (isUser(name) ? [name] : (members.get(name) ?? [])))
        .map((user) => foldedAddress(user) ?? user),
    )
  const blocked = users(remote.block)
  const people = remote.grants.map(({ to }) => (to === 'everyone' ? undefined : users(to)))
  return remote.grants.flatMap((grant, place) => {
    const mine = people[place]
    if (mine?.size === 0) return [] // An empty or unknown group, told of already.
    const path = ['remote', 'grants', place, 'to']
    if (mine && [...mine].every((user) => blocked.has(user)))
      return [findingAt(yaml, path, 'everybody it is made out to is blocked', { severity: 'warning' })]
    const above = remote.grants.findIndex((other, index) => {
      if (index >= place || !takesNetworks(other, grant)) return false
      const theirs = people[index]
      return theirs === undefined || (mine !== undefined && [...mine].every((user) => theirs.has(user)))
    })
    if (above < 0) return []
    const message = `never decides: remote.grants[${above}] is made out to the same users and networks, and stands first; put this one above it, or take it out`
    return [findingAt(yaml, path, message)]
  })
}

/** Are all networks of the second among those of the first? */
function takesNetworks(first: Grant, second: Grant): boolean {
  if (first.networks.length === 0) return true
  if (second.networks.length === 0) return false
  return second.networks.every((part) => first.networks.some((whole) => isWithin(part, whole)))
}

const isGroup = (name: string): boolean => !isUser(name) && !name.startsWith(AT_DOMAIN)
