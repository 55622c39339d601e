// One reading of a group: what the files that its directory names say, and what the directory then does.

import type { GroupAnswer, GroupSearch } from '../../net/search-group.ts'
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
