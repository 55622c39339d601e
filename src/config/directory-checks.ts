// What directories of policy.yaml get wrong together with its other groups, and with the domains of gateway.yaml. Pure.

import type { Policy } from '../policy/remote/grants.ts'
import { findingAt } from './check.ts'
import type { Finding, PathStep } from './finding.ts'
import { suggest } from './suggest.ts'
import type { YamlFile } from './yaml.ts'

/** The names of all groups, those of directories too. */
export const groupNames = ({ groups, directories }: Pick<Policy, 'groups' | 'directories'>): ReadonlySet<string> =>
  new Set([...Object.keys(groups), ...directories.flatMap((one) => one.groups.map(({ name }) => name))])

/** Groups that there are twice, and directories that are asked for none. */
export function checkDirectories(yaml: YamlFile, { groups, directories }: Policy): readonly Finding[] {
  const seen = new Map(Object.keys(groups).map((name) => [name, 'groups:']))
  return directories.flatMap(({ name: directory, groups: own }) => {
    const path = ['directories', directory, 'groups']
    if (own.length === 0) {
      const message = 'no group is read there; write one, or take the directory out'
      return [findingAt(yaml, path, message, { severity: 'warning', at: 'key' })]
    }
    return own.flatMap(({ name }) => {
      const other = seen.get(name)
      if (other === undefined) seen.set(name, `directories.${directory}.groups`)
      if (other === undefined) return []
      const message = `another group of this name stands below ${other}; give this one a name of its own`
      return [findingAt(yaml, [...path, name], message, { at: 'key' })]
    })
  })
}

/** Directories whose users would all be at a domain that is none of ours. */
export function foreignDirectories(
  yaml: YamlFile,
  { directories }: Policy,
  ours: ReadonlySet<string>,
): readonly Finding[] {
  return directories.flatMap(({ name, groups }) => {
    const domain = groups[0]?.domain
    if (domain === undefined || ours.has(domain)) return []
    const near = suggest(domain, [...ours])
    const meant = near === undefined ? '' : `; did you mean "${near}"?`
    const path: readonly PathStep[] = ['directories', name, 'domain']
    return [findingAt(yaml, path, `${domain} is not one of our domains (gateway.yaml)${meant}`)]
  })
}

/** Stands for the members of a group that are not in the files, among users; no user and no domain is called that. */
export const membersUnread = (group: string): string => `members of ${group}`

/** Members by group as far as they are in the files; one that stands for all of those that are in a directory. */
export const membersInFiles = ({ groups, directories }: Policy): ReadonlyMap<string, readonly string[]> =>
  new Map([
    ...Object.entries(groups),
    ...directories.flatMap((one) => one.groups.map(({ name }) => [name, [membersUnread(name)]] as const)),
  ])
