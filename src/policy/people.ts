// Who of ours is meant: users by their bare addresses, groups by their names, everybody at a domain, or everyone.
//
// SECURITY: a user is whom the core delivers to, and a core of RFC 6122 takes `roß` for `ross`. So addresses are compared as
//           `foldedAddress` has them, those of the files too; they are shown as they are written.

import { foldedAddress } from '../xmpp/address.ts'
import { AT_DOMAIN, isUser } from '../xmpp/policy-words.ts'

/** Members by group, bare addresses in canonical form. */
export type Groups = Readonly<Record<string, readonly string[]>>

/** `everyone`, or names: of groups, bare addresses in canonical form, and `domain:` with a domain of ours behind it. */
export type Names = 'everyone' | readonly string[]

const known = new WeakMap<Groups, ReadonlyMap<string, ReadonlySet<string>>>()
const sets = new WeakMap<readonly string[], ReadonlySet<string>>()

/** The members of each group, ready to be asked; made once for the same groups, and each once for the same members. */
export function membersOf(groups: Groups): ReadonlyMap<string, ReadonlySet<string>> {
  let members = known.get(groups)
  if (members === undefined) {
    members = new Map(Object.entries(groups).map(([name, users]) => [name, setOf(users)]))
    known.set(groups, members)
  }
  return members
}

function setOf(users: readonly string[]): ReadonlySet<string> {
  let set = sets.get(users)
  if (set === undefined) sets.set(users, (set = foldedSet(users)))
  return set
}

const foldedSet = (users: readonly string[]): ReadonlySet<string> =>
  new Set(users.map((user) => foldedAddress(user) ?? user))

/** Those whom names mean. */
export class People {
  readonly #everyone: boolean
  readonly #sets: readonly ReadonlySet<string>[]
  readonly #domains: readonly string[]

  constructor(names: Names, members: ReadonlyMap<string, ReadonlySet<string>>) {
    const all = names === 'everyone' ? [] : names
    this.#everyone = names === 'everyone'
    this.#domains = all.filter((name) => name.startsWith(AT_DOMAIN)).map((name) => name.slice(AT_DOMAIN.length))
    const groups = all.flatMap((name) => members.get(name) ?? [])
    const users = all.filter((name) => isUser(name))
    this.#sets = users.length === 0 ? groups : [foldedSet(users), ...groups]
  }

  /** @param user as `foldedAddress` gives it: a bare address, or a domain of ours */
  has(user: string): boolean {
    if (this.#everyone || this.#sets.some((set) => set.has(user))) return true
    return this.#domains.length > 0 && this.#domains.includes(user.slice(user.indexOf('@') + 1))
  }
}
