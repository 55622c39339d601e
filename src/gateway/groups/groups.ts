// Groups whose members stand in directories: read again and again, kept over restarts, and put into the settings.
//
// Rule 1: what was read last stays in force until there is an answer that is believed (`judge.ts`), however long that takes.
// Rule 2: a policy with a group that has never been read is not in force. Nobody would know whom its walls are for.
// Rule 3: whoever is asked the same is asked once: a group is known by its definition, of which domains of ours are a part, and one that is
//         defined anew is new.

import { isDeepStrictEqual } from 'node:util'
import type { Finding } from '../../config/finding.ts'
import type { Settings } from '../../config/settings.ts'
import type { FoundMembers, GroupAnswer, GroupSearch } from '../../net/search-group.ts'
import type { GroupEvents } from '../../observe/group-events.ts'
import { definitionOf, type Directory, type DirectoryGroup } from '../../policy/directory.ts'
import type { Policy } from '../../policy/remote/grants.ts'
import type { KeptGroup } from '../../store/group-files.ts'
import { reason, type ReasonId } from '../../xmpp/reasons.ts'
import type { GroupStatus } from '../control.ts'
import { difference, objectionTo, type Objection } from './judge.ts'
import { readMembers } from './reading.ts'

/** Members of all groups together. */
const MOST_TOGETHER = 250_000
/** After a reading that came to nothing it is tried again no later than this. */
const AGAIN_MS = 30_000
/** The same where the policy waits for it. */
const AGAIN_SOON_MS = 5_000
/** At start everything at once would be much to ask of a directory. */
const SPREAD_MS = 2_000

/** So long the first start waits for groups that nobody has read yet; what is up waits for new ones this long. */
export const WAITS_MS = { atStart: 30_000, later: 700 }

/** Keeps members over restarts. */
export interface GroupKeeper {
  find(definition: string): Promise<KeptGroup | undefined>
  keep(definition: string, kept: KeptGroup): Promise<void>
  keepOnly(definitions: readonly string[]): Promise<void>
}

export interface GroupsOptions {
  search(search: GroupSearch, timeoutMs: number): Promise<GroupAnswer>
  readonly keeper: GroupKeeper
  now(): number
  random(): number
  /** Others are members than before: the house is to be built anew. Rejects where it cannot be. */
  changed(): Promise<void>
  /** Undefined: nobody listens yet. */
  events(): GroupEvents | undefined
  /** What could not be kept. */
  failed(error: unknown): void
}

interface Group {
  readonly definition: string
  directory: Directory
  group: DirectoryGroup
  ours: readonly string[]
  known: (KeptGroup & Partial<Pick<FoundMembers, 'without' | 'example'>>) | undefined
  trouble: (Objection & { readonly since: number }) | undefined
  /** Of which trouble the log knows. */
  told: ReasonId | undefined
  reading: Promise<void> | undefined
  timer: NodeJS.Timeout | undefined
}

export class Groups implements AsyncDisposable {
  readonly #o: GroupsOptions
  readonly #groups = new Map<string, Group>()
  /** What a policy is without members, and the same with those of now, at these domains of ours. */
  readonly #plain = new WeakMap<Policy, Policy>()
  #filled = new WeakMap<Policy, { readonly ours: readonly string[]; readonly policy: Policy }>()
  /** How many wait for groups that nobody knows yet. */
  #following = 0
  #disposed = false

  constructor(options: GroupsOptions) {
    this.#o = options
  }

  /**
   * Follows the groups of these settings and no others, and waits for those that nobody knows yet, for so long at most. Gives
   * back what keeps the first of them from being in force.
   */
  async follow(all: readonly [Settings, ...Settings[]], waitMs: number): Promise<readonly Finding[]> {
    const wanted = new Map<string, Pick<Group, 'directory' | 'group' | 'ours'>>()
    for (const settings of all)
      for (const directory of settings.policy.directories)
        for (const group of directory.groups) {
          const ours = oursOf(settings)
          const definition = definitionOf(directory, group, ours)
          if (!wanted.has(definition)) wanted.set(definition, { directory, group, ours })
        }
    for (const [definition, { timer }] of this.#groups) {
      if (wanted.has(definition)) continue
      clearTimeout(timer)
      this.#groups.delete(definition)
    }
    await Promise.all(Array.from(wanted, ([definition, parts]) => this.#add(definition, parts)))
    void this.#o.keeper.keepOnly([...wanted.keys()])
    const unknown = [...this.#groups.values()].filter(({ known }) => known === undefined)
    if (unknown.length > 0) {
      this.#following += 1
      await within(waitMs, Promise.all(unknown.map((one) => this.#read(one))))
      this.#following -= 1
    }
    return this.#missing(all[0])
  }

  /** The settings with the members as they are known; the same value as long as these are the same. */
  fill<S extends Settings>(settings: S): S {
    const { policy } = settings
    if (policy.directories.length === 0) return settings
    const plain = this.#plain.get(policy) ?? policy
    const ours = oursOf(settings)
    let filled = this.#filled.get(plain)
    // Whoever changes only the domains has the same policy.
    if (filled === undefined || !isDeepStrictEqual(filled.ours, ours)) {
      const members = Object.fromEntries(
        plain.directories.flatMap((directory) =>
          directory.groups.map((group) => [group.name, this.#membersOf(directory, group, ours)] as const),
        ),
      )
      filled = { ours, policy: { ...plain, groups: { ...plain.groups, ...members } } }
      this.#filled.set(plain, filled)
      this.#plain.set(filled.policy, plain)
    }
    return { ...settings, policy: filled.policy }
  }

  status(): readonly GroupStatus[] {
    return Array.from(this.#groups.values(), ({ directory, group, known, trouble }) => ({
      name: group.name,
      directory: directory.name,
      members: known?.members.length,
      readAt: known && new Date(known.readAt).toISOString(),
      ...(trouble && { reason: trouble.reason, detail: trouble.detail, since: new Date(trouble.since).toISOString() }),
    }))
  }

  /** What is told of groups in force; of the others `follow` tells. */
  findings(): readonly Finding[] {
    return [...this.#groups.values()].flatMap(({ group: { name, place }, known, trouble }) => {
      if (known === undefined) return []
      const about = (message: string): Finding => ({ severity: 'warning', ...place, message })
      const stale =
        trouble &&
        `${trouble.reason}: ${reason(trouble.reason).means} (${trouble.detail}; ${
          known.members.length
        } members as of ${new Date(known.readAt).toISOString()}) ${reason(trouble.reason).act}`
      const { without = 0, example = '' } = known
      const nameless =
        without > 0 &&
        `${without} of those found for ${name} have no address of ours, such as ${example}: no wall and no rule knows them`
      return [stale, nameless].flatMap((message) => (message ? [about(message)] : []))
    })
  }

  get figures(): {
    readonly read: number
    readonly stale: number
    readonly members: number
    readonly oldestMs: number
  } {
    const all = [...this.#groups.values()]
    const stale = all.filter(({ trouble }) => trouble !== undefined).length
    const oldest = Math.min(this.#o.now(), ...all.flatMap(({ known }) => known?.readAt ?? []))
    return { read: all.length - stale, stale, members: this.#together(), oldestMs: this.#o.now() - oldest }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    for (const { timer } of this.#groups.values()) clearTimeout(timer)
    await Promise.all(Array.from(this.#groups.values(), async ({ reading }) => reading))
  }

  async #add(definition: string, parts: Pick<Group, 'directory' | 'group' | 'ours'>): Promise<void> {
    const there = this.#groups.get(definition)
    if (there) {
      const asBefore = there.group.mayShrink === parts.group.mayShrink
      Object.assign(there, parts)
      if (!asBefore) this.#readIn(there, 0)
      return
    }
    const rest = { trouble: undefined, told: undefined, reading: undefined, timer: undefined }
    const group: Group = { definition, ...parts, ...rest, known: undefined }
    this.#groups.set(definition, group)
    group.known = await this.#o.keeper.find(definition)
    if (group.known !== undefined) this.#readIn(group, this.#o.random() * SPREAD_MS)
  }

  #membersOf(directory: Directory, group: DirectoryGroup, ours: readonly string[]): readonly string[] {
    return this.#groups.get(definitionOf(directory, group, ours))?.known?.members ?? []
  }

  #missing(settings: Settings): readonly Finding[] {
    const ours = oursOf(settings)
    return settings.policy.directories.flatMap((directory) =>
      directory.groups.flatMap((group) => {
        const { known, trouble } = this.#groups.get(definitionOf(directory, group, ours))!
        if (known !== undefined) return []
        const why = trouble ? `${trouble.reason}, ${trouble.detail}` : 'it is being read'
        const { means, act } = reason('SP-175')
        const message = `SP-175: ${means} (${why}) ${trouble ? reason(trouble.reason).act : act}`
        return [{ severity: 'error', ...group.place, message }]
      }),
    )
  }

  #readIn(group: Group, ms: number): void {
    clearTimeout(group.timer)
    if (!this.#disposed) group.timer = setTimeout(() => void this.#read(group), ms).unref()
  }

  /** Reads it, unless that is under way. Never rejects. */
  #read(group: Group): Promise<void> {
    group.reading ??= this.#readNow(group).finally(() => {
      group.reading = undefined
      if (this.#groups.get(group.definition) !== group) return
      const { refreshMs } = group.directory
      const again = group.known === undefined ? AGAIN_SOON_MS : AGAIN_MS
      this.#readIn(group, group.trouble === undefined ? refreshMs : Math.min(refreshMs, again))
    })
    return group.reading
  }

  async #readNow(group: Group): Promise<void> {
    const { directory, group: wanted, ours } = group
    const answer = await readMembers(directory, wanted, ours, (...search) => this.#o.search(...search))
    if (this.#disposed || this.#groups.get(group.definition) !== group) return
    const bounds = { mayShrink: group.group.mayShrink, room: MOST_TOGETHER - this.#together() }
    const objection = objectionTo(answer, group.known?.members, bounds)
    this.#o.events()?.groupRead(objection?.reason ?? 'ok')
    if (objection !== undefined || 'failed' in answer) this.#troubled(group, objection!)
    else await this.#take(group, answer)
  }

  #troubled(group: Group, objection: Objection): void {
    const { trouble, known, directory } = group
    group.trouble = { ...objection, since: trouble?.since ?? this.#o.now() }
    const events = this.#o.events()
    if (events === undefined || group.told === objection.reason) return
    group.told = objection.reason
    const members = known?.members.length
    events.groupTrouble({ ...objection, group: group.group.name, directory: directory.name, members })
  }

  async #take(group: Group, { members, without, example }: FoundMembers): Promise<void> {
    const { known, told, directory, definition } = group
    const names = { group: group.group.name, directory: directory.name }
    const change = difference(known?.members ?? [], members)
    const isOther = known === undefined || change.joined.length + change.left.length > 0
    const readAt = this.#o.now()
    group.known = { readAt, members: isOther ? members : known.members, without, example }
    group.trouble = undefined
    group.told = undefined
    if (told !== undefined) this.#o.events()?.groupMended(names.group, names.directory)
    if (isOther) {
      this.#filled = new WeakMap()
      this.#o.events()?.groupChanged({ ...names, members: members.length, ...change })
      // Who waits for it takes it over without being told.
      if (known !== undefined || this.#following === 0) void this.#o.changed().catch(this.#o.failed)
    }
    await this.#o.keeper.keep(definition, { readAt, members: group.known.members }).catch(this.#o.failed)
  }

  #together(): number {
    return [...this.#groups.values()].reduce((sum, { known }) => sum + (known?.members.length ?? 0), 0)
  }
}

const oursOf = ({ domains }: Settings): readonly string[] => domains.map(({ domain }) => domain)

/** Resolves when it is done, or after so long. */
async function within(ms: number, done: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  await Promise.race([done, promise])
  clearTimeout(timer)
}
