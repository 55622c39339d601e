// Groups whose members stand in directories: read again and again, kept over restarts, and put into the settings.
//
// Rule 1: what was read last stays in force until there is an answer that is believed (`judge.ts`), however long that takes.
// Rule 2: a policy with a group that has never been read is not in force. Nobody would know whom its walls are for.
// Rule 3: whoever is asked the same is asked once: a group is known by its definition, of which domains of ours are a part, and one that is
//         defined anew is new.
// Rule 4: what is read together (`directory-reader.ts`) is put in force together.

import { isDeepStrictEqual } from 'node:util'
import type { Finding } from '../../config/finding.ts'
import type { Settings } from '../../config/settings.ts'
import type { FoundMembers, GroupAnswer, GroupSearch } from '../../net/search-group.ts'
import type { GroupEvents } from '../../observe/group-events.ts'
import { definitionOf, wayTo, type Directory, type DirectoryGroup } from '../../policy/directory.ts'
import type { Policy } from '../../policy/remote/grants.ts'
import type { KeptGroup } from '../../store/group-files.ts'
import { reason, type ReasonId } from '../../xmpp/reasons.ts'
import type { GroupStatus } from '../control.ts'
import { DirectoryReader, type Readable } from './directory-reader.ts'
import { difference, objectionTo, type Difference, type Objection } from './judge.ts'
import { readMembers, type Answered } from './reading.ts'

/** Members of all groups together. */
const MOST_TOGETHER = 250_000
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
  /** Never rejects; the signal ends it at once. */
  search(search: GroupSearch, timeoutMs: number, signal: AbortSignal): Promise<GroupAnswer>
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

interface Group extends Readable {
  readonly definition: string
  readonly reader: DirectoryReader<Group>
  directory: Directory
  group: DirectoryGroup
  ours: readonly string[]
  known: (KeptGroup & Partial<Pick<FoundMembers, 'without' | 'example'>>) | undefined
  trouble: (Objection & { readonly since: number }) | undefined
  /** Of which trouble the log knows. */
  told: ReasonId | undefined
}

/** What is thought of an answer. */
interface Judged {
  readonly objection: Objection | undefined
  readonly change: Difference
}

const NO_CHANGE: Difference = { joined: [], left: [] }

export class Groups implements AsyncDisposable {
  readonly #o: GroupsOptions
  readonly #groups = new Map<string, Group>()
  /** By the way to the directory; those that nobody wants any more until they have ended. */
  readonly #readers = new Map<string, DirectoryReader<Group>>()
  readonly #ending = new Set<Promise<void>>()
  /** What a policy is without members, and the same with those of now, at these domains of ours. */
  readonly #plain = new WeakMap<Policy, Policy>()
  #filled = new WeakMap<Policy, { readonly ours: readonly string[]; readonly policy: Policy }>()
  #files: Promise<void> = Promise.resolve()
  /** What is known of members could not be put in force. */
  #isBehind = false
  /** How many wait for groups that nobody knows yet. */
  #following = 0

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
    for (const [definition, group] of this.#groups) if (!wanted.has(definition)) this.#drop(group)
    await Promise.all(Array.from(wanted, ([definition, parts]) => this.#add(definition, parts)))
    void this.#inTurn(() => this.#o.keeper.keepOnly([...wanted.keys()]))
    const unknown = [...this.#groups.values()].filter(
      ({ known, trouble, reader }) => known === undefined && (trouble === undefined || !reader.isResting),
    )
    if (unknown.length > 0) {
      this.#following += 1
      await within(waitMs, this.#read(unknown))
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

  /** Ends at once what is being read, and what waits for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...Array.from(this.#readers.values(), (one) => one[Symbol.asyncDispose]()), ...this.#ending])
    await this.#files
  }

  async #add(definition: string, parts: Pick<Group, 'directory' | 'group' | 'ours'>): Promise<void> {
    const there = this.#groups.get(definition)
    if (there) {
      const asBefore = there.group.mayShrink === parts.group.mayShrink
      Object.assign(there, parts)
      if (!asBefore) void there.reader.read([there])
      return
    }
    const reader = this.#readerOf(parts.directory)
    const rest = { trouble: undefined, told: undefined, reading: undefined, askedAt: 0 }
    const group: Group = { definition, reader, ...parts, ...rest, known: undefined }
    this.#groups.set(definition, group)
    reader.add(group)
    group.known = await this.#o.keeper.find(definition)
    if (group.known !== undefined) reader.allWithin(this.#o.random() * SPREAD_MS)
  }

  #readerOf(directory: Directory): DirectoryReader<Group> {
    const way = wayTo(directory)
    const there = this.#readers.get(way)
    if (there !== undefined) return there
    const { now, random, search } = this.#o
    const reader = new DirectoryReader<Group>({
      ...{ now, random },
      read: (group, signal) =>
        readMembers(group.directory, group.group, group.ours, (wanted, timeoutMs) => search(wanted, timeoutMs, signal)),
      answered: (round) => this.#answered(round),
    })
    this.#readers.set(way, reader)
    return reader
  }

  #drop(group: Group): void {
    const { reader } = group
    this.#groups.delete(group.definition)
    if (reader.delete(group)) return
    this.#readers.delete(wayTo(group.directory))
    const ending = reader[Symbol.asyncDispose]().finally(() => this.#ending.delete(ending))
    this.#ending.add(ending)
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

  async #read(groups: readonly Group[]): Promise<void> {
    const byReader = Map.groupBy(groups, ({ reader }) => reader)
    await Promise.all(Array.from(byReader, ([reader, some]) => reader.read(some)))
  }

  /** What a round has brought: judged one after the other, with other work in between, and taken all at once. */
  async #answered(round: readonly Answered<Group>[]): Promise<void> {
    const judged: (Answered<Group> & Judged)[] = []
    let room = MOST_TOGETHER - this.#together()
    for (const one of round) {
      const { group, answer } = one
      const before = group.known?.members ?? []
      const objection = objectionTo(answer, group.known?.members, { mayShrink: group.group.mayShrink, room })
      const change = 'failed' in answer || objection ? NO_CHANGE : difference(before, answer.members)
      room -= change.joined.length - change.left.length
      judged.push({ ...one, objection, change })
      await new Promise((go) => setImmediate(go))
    }
    const wanted = judged.filter(({ group }) => this.#groups.get(group.definition) === group)
    const isOther = wanted.map((one) => this.#take(one)).includes(true)
    if (isOther || this.#isBehind) void this.#putInForce()
    void this.#inTurn(async () => {
      for (const { group, objection } of wanted) {
        if (objection !== undefined || group.known === undefined) continue
        if (this.#groups.get(group.definition) !== group) continue
        const { readAt, members } = group.known
        await this.#o.keeper.keep(group.definition, { readAt, members }).catch(this.#o.failed)
      }
    })
  }

  /** Where that fails it is tried again with the next round. */
  async #putInForce(): Promise<void> {
    this.#isBehind = false
    try {
      await this.#o.changed()
    } catch (error) {
      this.#isBehind = true
      this.#o.failed(error)
    }
  }

  /** Files are written and taken away one after the other. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#files = this.#files.then(work)
    return this.#files
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

  /** @returns whether others are members than before, and nobody waits for that */
  #take({ group, answer, asked, objection, change }: Answered<Group> & Judged): boolean {
    const events = this.#o.events()
    if (asked) events?.groupRead(objection?.reason ?? 'ok')
    if (objection !== undefined || 'failed' in answer) {
      this.#troubled(group, objection!)
      return false
    }
    const { members, without, example } = answer
    const { known, told, directory } = group
    const names = { group: group.group.name, directory: directory.name }
    const isOther = known === undefined || change.joined.length + change.left.length > 0
    group.known = { readAt: this.#o.now(), members: isOther ? members : known.members, without, example }
    group.trouble = undefined
    group.told = undefined
    if (told !== undefined) events?.groupMended(names.group, names.directory)
    if (!isOther) return false
    this.#filled = new WeakMap()
    events?.groupChanged({ ...names, members: members.length, ...change })
    // Who waits for it takes it over without being told.
    return known !== undefined || this.#following === 0
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
