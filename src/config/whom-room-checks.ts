// Walls with a way around them: rooms of ours into which partners on another side may come, where both sides meet. Domains
// below one of users' own, such as conference.corp.example, are taken for those of rooms. Pure.

import type { Partner } from '../policy/partner.ts'
import type { Policy } from '../policy/remote/grants.ts'
import type { Allowed, Partners, Wall } from '../policy/whom/policies.ts'
import { findingAt } from './check.ts'
import type { Finding } from './finding.ts'
import type { YamlFile } from './yaml.ts'

type Names = 'everyone' | readonly string[]

/** The walls that leave rooms open; `domains`: those we speak for. */
export function checkRooms(
  yaml: YamlFile,
  policy: Policy,
  domains: readonly string[],
  partners: readonly Partner[],
): readonly Finding[] {
  const { whom, groups, directories } = policy
  const tops = domains.filter((domain) => !domains.some((own) => domain.endsWith(`.${own}`)))
  // Whoever is read from a directory may be at any of our domains.
  const unread = new Map(directories.flatMap((one) => one.groups.map(({ name }) => [name, tops] as const)))
  return whom.walls.flatMap(({ sides, report }, wall) =>
    sides.flatMap(({ who }, side) => {
      if (report || who === 'everyone') return []
      const named = new Set(who.flatMap((name) => groups[name] ?? unread.get(name) ?? [name]).map(domainOf))
      const rooms = domains.filter(
        (domain) => !named.has(domain) && [...named].some((own) => domain.endsWith(`.${own}`)),
      )
      return rooms.flatMap((room) => {
        const other = partners.find((one) => isBeyond(one, sides, side) && mayEnter(one, room, policy))
        if (other === undefined) return []
        const message = `${other.domain} stands on another side and may enter rooms at ${room}, where it hears users of this side if the room hides who they are; add domain:${room} to keep it out`
        return [findingAt(yaml, ['walls', wall, 'sides', side, 'who'], message, { severity: 'warning' })]
      })
    }),
  )
}

/** The domain of a user or a room, or behind `domain:`. */
const domainOf = (name: string): string => name.slice(Math.max(name.indexOf('@'), name.indexOf(':')) + 1)

const isBeyond = (partner: Partner, sides: Wall['sides'], side: number): boolean =>
  sides.some(({ partners }, other) => other !== side && isAmong(partner, partners))

/** May the partner come into a room there, or into one that a rule names? */
function mayEnter(partner: Partner, room: string, { whom, groups }: Policy): boolean {
  if (partner.status !== 'allowed' || partner.direction === 'outbound') return false
  const isWalled = ({ sides, report }: Wall): boolean =>
    !report && sides.some(({ who }, side) => hasAll(who, room) && isBeyond(partner, sides, side))
  if (whom.walls.some(isWalled)) return false
  const policy = whom.policies[partner.policy]
  if (policy === undefined) return true
  const isOne = (name: string): boolean => name.endsWith(`@${room}`)
  for (const { who, partners, allow, direction, report } of policy.rules) {
    if (report || !isAmong(partner, partners)) continue
    const isOpen = direction !== 'outbound' && letsIntoRooms(allow)
    if (hasAll(who, room)) return isOpen
    if (isOpen && who !== 'everyone' && who.some((name) => isOne(name) || groups[name]?.some(isOne))) return true
  }
  return letsIntoRooms(policy.otherwise)
}

const hasAll = (who: Names, room: string): boolean => who === 'everyone' || who.includes(`domain:${room}`)

const letsIntoRooms = (allow: Allowed): boolean => allow === 'all' || (allow !== 'none' && allow.includes('rooms'))

const isAmong = ({ domain, tags, class: ofClass }: Partner, partners: Partners): boolean =>
  partners === 'everyone' ||
  partners.some((name) => name === domain || name === `class:${ofClass}` || tags.some((tag) => name === `tag:${tag}`))
