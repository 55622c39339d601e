// Who is in groups of directories where no gateway is asked: whom one has read last, and left beside its store.

import type { Finding } from '../config/finding.ts'
import type { Settings } from '../config/settings.ts'
import { definitionOf } from '../policy/directory.ts'
import { GroupFiles, groupFolder } from '../store/group-files.ts'

/** Members by group. */
export type Members = Readonly<Record<string, readonly string[]>>

export interface WithMembers {
  readonly settings: Settings
  /** Groups of which nobody knows who is in them. */
  readonly unread: readonly Finding[]
}

/** The settings with members. @param given those that are given by hand, which count @param store where a gateway has left them */
export async function withMembers(
  settings: Settings,
  given: Members,
  store = settings.store.file,
): Promise<WithMembers> {
  const { policy } = settings
  const ours = settings.domains.map(({ domain }) => domain)
  const files = new GroupFiles(groupFolder(store))
  const members: Record<string, readonly string[]> = {}
  const there = new Set(policy.directories.flatMap(({ groups }) => groups.map(({ name }) => name)))
  const unread: Finding[] = Object.keys(given).flatMap((name): readonly Finding[] => {
    if (there.has(name)) return []
    const message = 'no directory of policy.yaml has a group of this name; members of others stand there'
    return [{ severity: 'error', file: 'the cases', line: undefined, path: `groups.${name}`, message }]
  })
  for (const directory of policy.directories) {
    for (const group of directory.groups) {
      const known = given[group.name] ?? (await files.find(definitionOf(directory, group, ours)))?.members
      members[group.name] = known ?? []
      const message = `nobody knows who is in it: no gateway has read it here; for \`policy test\` its members may be written below groups: in a file of cases`
      if (known === undefined) unread.push({ severity: 'error', ...group.place, message })
    }
  }
  return { settings: { ...settings, policy: { ...policy, groups: { ...policy.groups, ...members } } }, unread }
}
