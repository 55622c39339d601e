// One reading of a group: what the files that its directory names say, and what the directory then does; and one of many groups
// of a directory.

import { MOST_AT_ONCE, type FailedAt, type GroupAnswer, type GroupSearch } from '../../net/search-group.ts'
import type { Directory, DirectoryGroup } from '../../policy/directory.ts'
import { readText } from '../../trust/files.ts'
import { loadSecret } from '../../trust/secret.ts'

/** Members of one group. */
export const MOST_MEMBERS = 50_000
/** An answer as it comes, with all that stands around addresses. */
const MOST_BYTES = 64 * 1024 * 1024

export type SearchFor = (search: GroupSearch, timeoutMs: number) => Promise<GroupAnswer>

const PASSWORD = { path: 'passwordFile', what: 'the password', how: 'write the password of bind: into it' }

/** The members, or why they are not known. The files are read each time, so that new ones hold. Never rejects. */
export async function readMembers(
  directory: Directory,
  { base, filter, attribute, domain }: DirectoryGroup,
  ours: readonly string[],
  search: SearchFor,
): Promise<GroupAnswer> {
  const { host, port, tls, trust, bind, timeoutMs } = directory
  const anchors: string[] = []
  for (const file of trust) {
    const read = await readText(file)
    if ('fault' in read) return { failed: 'tls', detail: `${file}: ${read.fault}` }
    if (!read.text.includes('-----BEGIN CERTIFICATE-----'))
      return { failed: 'tls', detail: `${file}: no certificate in PEM is in it` }
    anchors.push(read.text)
  }
  let password: string | undefined
  if (bind) {
    const { secret, findings } = await loadSecret(bind.passwordFile, PASSWORD)
    if (secret === undefined)
      return { failed: 'bind', detail: `${bind.passwordFile}: ${findings[0]?.message ?? 'cannot be read'}` }
    password = secret
  }
  const as = bind && password !== undefined ? { dn: bind.dn, password } : undefined
  const where = { host, port, tls, anchors, bind: as, base, filter, attribute, domain }
  return search({ ...where, ours, mostMembers: MOST_MEMBERS, mostBytes: MOST_BYTES }, timeoutMs)
}

/** What came of a group; `asked` not: the directory had failed before its turn. */
export interface Answered<Group> {
  readonly group: Group
  readonly answer: GroupAnswer
  readonly asked: boolean
}

/**
 * Reads groups of one directory, and tells of each as its answer comes. Where it is the directory that fails, those that are left are not
 * asked for: each of them would take as long, and none would come to more. Never rejects.
 * @returns whether the directory failed
 */
export async function readMany<Group>(
  groups: readonly Group[],
  read: (group: Group) => Promise<GroupAnswer>,
  answered: (one: Answered<Group>) => void,
): Promise<boolean> {
  const waiting = [...groups]
  let isThere = false
  let failed: GroupAnswer | undefined
  const reader = async (): Promise<void> => {
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
      const known = failed
      const answer = known ?? (await read(group))
      isThere ||= !('failed' in answer) || answer.failed === 'search' || answer.failed === 'too-much'
      if ('failed' in answer && isOfDirectory(answer.failed, isThere)) failed ??= answer
      answered({ group, answer, asked: known === undefined })
    }
  }
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, reader))
  return failed !== undefined
}

/** One that has answered of others may take too long for this one. */
const isOfDirectory = (failed: FailedAt, isThere: boolean): boolean =>
  failed === 'connect' || failed === 'tls' || failed === 'bind' || (failed === 'time' && !isThere)
