// The history of the partner list: what the file of each partner said, from one change to the next, with who changed it and
// why. Whatever changes a file is noticed where files are read; whoever changes it by a command says so beforehand.
//
// Rule 1: a change that nobody has announced was made by hand: by `file`.
// Rule 2: no trouble of the store stops a change. It is told, and what could not be kept is found again at the next look
// at all files, then as a change by hand.
// Rule 3: bounded, in the store by `limits.partnerHistory`, and of announcements by what is under way: one of many files holds until
// it has been settled, however long that takes, any other for a minute.
// Rule 4: what is announced of many files is kept until it has been settled, so that what was done of it by a gateway that died over it
// is whose it is.

import type { TextChange } from '../config/changes.ts'
import {
  StoreError,
  type AnnouncedPartner,
  type NewPartnerVersion,
  type PartnerVersion,
  type PartnerVersionStore,
  type Together,
} from '../store/store.ts'
import type { ReasonId } from '../xmpp/reasons.ts'

export interface HistoryOptions {
  readonly store: PartnerVersionStore
  /** Most versions that are kept. */
  most(): number
  /** Milliseconds since 1970. */
  now(): number
  /** The store could not keep or tell something. */
  failed(reason: ReasonId): void
}

/** Who changes a file, and why. */
export interface Said {
  readonly by: string
  readonly why: string | undefined
  /** What is changed at once: one reference for all, and how many files these are. */
  readonly together?: Together
}

/** Who it was when nobody has said so. */
export const BY_HAND = 'file'
const MOST_ANNOUNCED = 100_000
const ANNOUNCED_MS = 60_000
/** Files that are held against the store in one go. */
const SLICE = 50

export class PartnerHistory {
  readonly #o: HistoryOptions
  readonly #announced = new Map<string, Said & { readonly text: string | undefined; readonly until: number }>()
  /** Noticed and not yet kept, by domain: one for each file at most. */
  readonly #waiting = new Map<string, TextChange>()

  constructor(options: HistoryOptions) {
    this.#o = options
  }

  /** The file of this domain is about to say this. */
  announce(domain: string, text: string | undefined, said: Said): void {
    if (this.#announced.size >= MOST_ANNOUNCED) this.#announced.clear()
    const until = said.together === undefined ? this.#o.now() + ANNOUNCED_MS : Infinity
    this.#announced.set(domain, { ...said, text, until })
  }

  /** The files of these domains are about to say this, all at once: in slices, with other work in between. */
  async announceAll(
    texts: readonly { readonly domain: string; readonly text: string | undefined }[],
    said: Said & { readonly together: Together },
  ): Promise<void> {
    for (const slice of slices(texts)) {
      for (const { domain, text } of slice) this.announce(domain, text, said)
      this.#guard(() => this.#o.store.announcePartners(slice.map(({ domain, text }) => ({ ...said, domain, text }))))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** What was announced of the file of this domain has come to nothing: who writes the same later is somebody else. */
  withdraw(domain: string): void {
    this.#write([domain]) // What has happened is whose it is.
    this.#announced.delete(domain)
  }

  /**
   * What was announced of all these has been done and noticed, or has come to nothing: keeps what still waits of it, in slices.
   * @returns whether each of them stands in the history under this reference
   */
  async settle(reference: string, domains: readonly string[]): Promise<boolean> {
    let kept = 0
    for (const slice of slices(domains)) {
      this.#write(slice)
      this.#guard(() => {
        for (const domain of slice)
          if (this.#o.store.lastPartnerVersion(domain)?.together?.reference === reference) kept += 1
        this.#o.store.forgetAnnounced(reference, slice)
      })
      for (const domain of slice)
        if (this.#announced.get(domain)?.together?.reference === reference) this.#announced.delete(domain)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return kept === domains.length
  }

  /** Files have changed. Few are kept at once; many in slices, with other work in between. */
  noticed(changes: readonly TextChange[]): void {
    this.#write(changes.map(({ domain }) => domain)) // What waits of the same files comes first.
    const isIdle = this.#waiting.size === 0
    for (const change of changes) this.#waiting.set(change.domain, change)
    if (isIdle) this.#work()
  }

  /** Keeps what has been noticed and still waits, now: before the store closes. */
  flush(): void {
    this.#write([...this.#waiting.keys()])
  }

  /** Newest first. @throws StoreError */
  of(domain: string): readonly PartnerVersion[] {
    this.#write([domain])
    return this.#o.store.partnerVersions(domain)
  }

  /** All that was changed at once, by its reference. Rejects with StoreError. */
  async together(reference: string): Promise<readonly PartnerVersion[]> {
    for (const slice of slices([...this.#waiting.keys()])) {
      this.#write(slice)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return await versionsTogether(this.#o.store, reference)
  }

  /**
   * Holds all files against what is known of them: those that changed while nobody watched. In slices, with other work in
   * between. `domains`: those that have a file; `textOf`: what one says now.
   */
  async catchUp(domains: readonly string[], textOf: (domain: string) => string | undefined): Promise<void> {
    const { store } = this.#o
    let isFirst = false
    let announced: readonly AnnouncedPartner[] = []
    const all = new Set(domains)
    this.#guard(() => {
      // Whoever announced it and did not settle it is gone.
      announced = store.partnersAnnounced()
      for (const { domain, text, ...said } of announced) this.announce(domain, text, said)
      isFirst = store.partnerVersionsKept === 0
      for (const domain of store.partnersThere()) all.add(domain)
    })
    const waiting = [...all]
    while (waiting.length > 0) {
      const slice = waiting.splice(-SLICE)
      this.#guard(() => {
        const versions = slice.flatMap((domain) => {
          const change = { domain, before: undefined, after: textOf(domain) }
          return isFirst ? [this.#found(domain, change.after)].flatMap((one) => one ?? []) : this.#versionsOf(change)
        })
        this.#keep(versions)
      })
      await new Promise((resolve) => setImmediate(resolve))
    }
    for (const [reference, its] of Map.groupBy(announced, ({ together }) => together.reference))
      await this.settle(
        reference,
        its.map(({ domain }) => domain),
      )
  }

  #work(): void {
    this.#write([...this.#waiting.keys().take(SLICE)])
    if (this.#waiting.size > 0) setImmediate(() => this.#work())
  }

  /** Keeps what waits of these. */
  #write(domains: readonly string[]): void {
    const changes = domains.flatMap((domain) => this.#waiting.get(domain) ?? [])
    for (const { domain } of changes) this.#waiting.delete(domain)
    if (changes.length > 0) this.#guard(() => this.#keep(changes.flatMap((change) => this.#versionsOf(change))))
  }

  #keep(versions: readonly NewPartnerVersion[]): void {
    if (versions.length > 0) this.#o.store.addPartnerVersions(versions, this.#o.most())
    for (const { domain, text } of versions)
      if (this.#announced.get(domain)?.text === text) this.#announced.delete(domain)
  }

  /** The version that a file has come to, after the one before it where that is not known yet. */
  #versionsOf({ domain, before, after }: TextChange): readonly NewPartnerVersion[] {
    const last = this.#o.store.lastPartnerVersion(domain)
    if (last === undefined ? before === after : last.text === after) return []
    const known = before === undefined || last?.text === before ? undefined : this.#found(domain, before)
    const announced = this.#announced.get(domain)
    const isIts = announced !== undefined && announced.text === after && this.#o.now() < announced.until
    const { by, why, together } = isIts ? announced : { by: BY_HAND, why: undefined }
    const was = before ?? last?.text
    const done = after === undefined ? 'removed' : was === undefined ? 'added' : 'changed'
    const version = { domain, at: this.#o.now(), done, by, why, text: after } as const
    return [...(known ? [known] : []), together === undefined ? version : { ...version, together }]
  }

  #found(domain: string, text: string | undefined): NewPartnerVersion | undefined {
    if (text === undefined) return undefined
    return { domain, at: this.#o.now(), done: 'found', by: BY_HAND, why: undefined, text }
  }

  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      this.#o.failed(error.reason)
    }
  }
}

/** A part of the versions at a time, with other work in between. Rejects with StoreError. */
export async function versionsTogether(
  store: Pick<PartnerVersionStore, 'partnerVersionsTogether'>,
  reference: string,
): Promise<readonly PartnerVersion[]> {
  const all: PartnerVersion[] = []
  for (;;) {
    const some = store.partnerVersionsTogether(reference, all.at(-1)?.domain ?? '', SLICE)
    all.push(...some)
    if (some.length < SLICE) return all
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function* slices<Item>(all: readonly Item[]): Iterable<readonly Item[]> {
  for (let from = 0; from < all.length; from += SLICE) yield all.slice(from, from + SLICE)
}
