// One look at all groups of directories beside a gateway, for `check`: nothing is kept, and nothing follows from it.

import { formatFinding } from '../../config/finding.ts'
import type { Settings } from '../../config/settings.ts'
import { Resolver } from '../../net/resolve.ts'
import { GroupSearches, type FoundMembers, type GroupAnswer } from '../../net/search-group.ts'
import { definitionOf, type Directory, type DirectoryGroup } from '../../policy/directory.ts'
import { GroupFiles, groupFolder } from '../../store/group-files.ts'
import { objectionTo, type Objection } from './judge.ts'
import { readMany, readMembers } from './reading.ts'

/** How one group is: what was found, or why that would not be believed after what a gateway has read last. */
export type GroupLook = { readonly name: string; readonly host: string; readonly attribute: string } & (
  | { readonly found: FoundMembers }
  | { readonly objection: Objection; readonly place: string }
)

/** `online`: directories are asked; otherwise only what files lack is told. Never rejects. */
export async function lookAtGroups(
  { policy, domains, dns, store }: Settings,
  { online }: { readonly online: boolean },
): Promise<readonly GroupLook[]> {
  const ours = domains.map(({ domain }) => domain)
  const resolver = new Resolver({ timeoutMs: dns.timeoutMs })
  const searches = new GroupSearches((host) => resolver.addresses(host))
  const kept = new GroupFiles(groupFolder(store.file))
  const { signal } = new AbortController()
  const look = async (directory: Directory): Promise<readonly GroupLook[]> => {
    const answers = new Map<DirectoryGroup, GroupAnswer>()
    const read = (group: DirectoryGroup): Promise<GroupAnswer> =>
      readMembers(directory, group, ours, (...search) =>
        online ? searches.find(...search, signal) : Promise.resolve(NOT_ASKED),
      )
    await readMany(directory.groups, read, ({ group, answer }) => void answers.set(group, answer))
    const looks = directory.groups.map(async (group): Promise<readonly GroupLook[]> => {
      const { name, attribute, mayShrink, place } = group
      const about = { name, host: directory.host, attribute }
      const answer = answers.get(group)
      if (answer === undefined || answer === NOT_ASKED) return []
      const known = await kept.find(definitionOf(directory, group, ours))
      const objection = objectionTo(answer, known?.members, { mayShrink, room: Infinity })
      if (objection === undefined && !('failed' in answer)) return [{ ...about, found: answer }]
      const said = formatFinding({ severity: 'error', ...place, message: objection!.detail })
      return [{ ...about, objection: objection!, place: said }]
    })
    return (await Promise.all(looks)).flat()
  }
  return (await Promise.all(policy.directories.map(look))).flat()
}

/** Files were read, and that was all. */
const NOT_ASKED: GroupAnswer = { members: [], entries: 0, without: 0, example: undefined }
