// Who of ours is meant: users by their bare addresses, groups by their names, everybody at a domain, or everyone.

/** Members by group, bare addresses in canonical form. */
export type Groups = Readonly<Record<string, readonly string[]>>

/** `everyone`, or names: of groups, bare addresses in canonical form, and `domain:` with a domain of ours behind it. */
export type Names = 'everyone' | readonly string[]

/** All at a domain of ours: users, rooms and the domain itself. */
export const AT_DOMAIN = 'domain:'

/** Is this a user, and not a group or a domain? */
export const isUser = (name: string): boolean => name.includes('@')

const sets = new WeakMap<Groups, ReadonlyMap<string, ReadonlySet<string>>>()

/** The members of each group, ready to be asked; made once for the same groups. */
export function membersOf(groups: Groups): ReadonlyMap<string, ReadonlySet<string>> {
  let members = sets.get(groups)
  if (members === undefined) {
    members = new Map(Object.entries(groups).map(([name, users]) => [name, new Set(users)]))
    sets.set(groups, members)
  }
  return members
}

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
    this.#sets = users.length === 0 ? groups : [new Set(users), ...groups]
  }

  /** @param user a bare address in canonical form, or a domain of ours */
  has(user: string): boolean {
    if (this.#everyone || this.#sets.some((set) => set.has(user))) return true
    return this.#domains.length > 0 && this.#domains.includes(user.slice(user.indexOf('@') + 1))
  }
}
