// One look at all groups of directories beside a gateway, for `check`: nothing is kept, and nothing follows from it.

import { formatFinding } from '../../config/finding.ts'
import type { Settings } from '../../config/settings.ts'
import { Resolver } from '../../net/resolve.ts'
import { GroupSearches, type FoundMembers, type GroupAnswer } from '../../net/search-group.ts'
import { definitionOf } from '../../policy/directory.ts'
import { GroupFiles, groupFolder } from '../../store/group-files.ts'
import { objectionTo, type Objection } from './judge.ts'
import { readMembers } from './reading.ts'

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
  const all = policy.directories.flatMap((directory) =>
    directory.groups.map(async (group): Promise<readonly GroupLook[]> => {
      const { name, attribute, mayShrink, place } = group
      const about = { name, host: directory.host, attribute }
      const answer = await readMembers(directory, group, ours, (search, timeoutMs) =>
        online ? searches.find(search, timeoutMs) : Promise.resolve(NOT_ASKED),
      )
      if (answer === NOT_ASKED) return []
      const known = await kept.find(definitionOf(directory, group, ours))
      const objection = objectionTo(answer, known?.members, { mayShrink, room: Infinity })
      if (objection === undefined && !('failed' in answer)) return [{ ...about, found: answer }]
      const said = formatFinding({ severity: 'error', ...place, message: objection!.detail })
      return [{ ...about, objection: objection!, place: said }]
    }),
  )
  return (await Promise.all(all)).flat()
}

/** Files were read, and that was all. */
const NOT_ASKED: GroupAnswer = { members: [], entries: 0, without: 0, example: undefined }
