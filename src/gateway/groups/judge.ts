// What is believed of what a directory says of a group. Pure.
//
// SECURITY: groups stand on walls, and whoever is missing in an answer could walk around one. So an answer is taken whole or
// not at all, and one without members, or with much fewer than before, only where the group says that this may be.

import type { FailedAt, GroupAnswer } from '../../net/search-group.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'

/** Why an answer is not taken. */
export interface Objection {
  readonly reason: ReasonId
  readonly detail: string
}

/** Groups of so many members and more do not lose half of them from one reading to the next. */
const MANY = 10

const REASONS: Readonly<Record<FailedAt, ReasonId>> = {
  connect: 'SP-176',
  bind: 'SP-176',
  search: 'SP-176',
  time: 'SP-176',
  tls: 'SP-177',
  'too-much': 'SP-178',
  incomplete: 'SP-178',
}

/** @param known the members so far; undefined: none are known @param room for so many members more than these */
export function objectionTo(
  answer: GroupAnswer,
  known: readonly string[] | undefined,
  { mayShrink, room }: { readonly mayShrink: boolean; readonly room: number },
): Objection | undefined {
  if ('failed' in answer) return { reason: REASONS[answer.failed], detail: `${answer.failed}: ${answer.detail}` }
  const { members, entries } = answer
  const before = known?.length ?? 0
  if (members.length - before > room)
    return { reason: 'SP-178', detail: `${members.length} members, and all groups together would have too many` }
  if (mayShrink) return undefined
  if (members.length === 0) {
    const found = entries === 0 ? 'nothing is found' : `${entries} found, and none has an address of ours`
    return { reason: 'SP-179', detail: before === 0 ? found : `${found}; ${before} members before` }
  }
  const kept = before < MANY ? before : countOf(known ?? [], new Set(members))
  if (kept * 2 >= before) return undefined
  return { reason: 'SP-179', detail: `only ${kept} of ${before} members are still there` }
}

const countOf = (users: readonly string[], among: ReadonlySet<string>): number =>
  users.reduce((sum, user) => (among.has(user) ? sum + 1 : sum), 0)

/** Who is new, and who is gone. */
export function difference(before: readonly string[], after: readonly string[]): Difference {
  const [old, now] = [new Set(before), new Set(after)]
  return { joined: after.filter((user) => !old.has(user)), left: before.filter((user) => !now.has(user)) }
}

export interface Difference {
  readonly joined: readonly string[]
  readonly left: readonly string[]
}
