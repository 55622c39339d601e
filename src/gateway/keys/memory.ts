// The keys by which domains outside are known, in memory and, a moment later, in the store.
//
// Rule 1: bounded, for each domain and in all. When there is no room, nothing that is known of a partner makes room for
//         what is not: it would have its first key again. What an administrator has said of a key is never given up for another.
//         Only an entry with more than its part gives up names of its own.
// Rule 2: what could not be written is tried again with each `flush`.

import type { KnownKey } from '../../store/store.ts'
import type { KeyCertificate, KeyChange } from '../../trust/known-keys.ts'

/** A key of a domain; what the store has as plain data is known here. */
export interface PartnerKey extends KnownKey {
  readonly change: KeyChange
  /** Undefined: it has not been seen. */
  readonly certificate: KeyCertificate | undefined
}

/** Who keeps the keys over restarts. */
export interface KeyKeeper {
  recall(): readonly KnownKey[]
  /** False: not now. */
  keep(changed: readonly KnownKey[], gone: readonly Pick<KnownKey, 'domain' | 'spki'>[]): boolean
}

/** Of one domain: eight servers with a key each, and the ones before; whoever shows many that are strange is one alarm. */
const MOST: Readonly<Record<PartnerKey['state'], number>> = { known: 16, open: 4, refused: 32 }
/** A key that has not been seen for so long is forgotten, unless it is the last one that is known. */
const KEPT_MS = 400 * 86_400_000
/** Looked through for what may go so often, or once a minute while there is no room. */
const SWEEP_MS = 3_600_000
const FULL_SWEEP_MS = 60_000
/** Of all keys, what one entry may hold when there is no more room, and what is left then for domains that have keys. */
const ENTRY_PART = 1 / 8
const RESERVE_PART = 1 / 4

export interface MemoryOptions {
  readonly keeper: KeyKeeper | undefined
  most(): number
  /** By its domain, the entry of the partner list that covers this one. */
  entryOf(domain: string): string | undefined
}

export class KeyMemory {
  readonly #o: MemoryOptions
  readonly #domains = new Map<string, readonly PartnerKey[]>()
  readonly #changed = new Map<string, PartnerKey>()
  readonly #gone = new Map<string, PartnerKey>()
  #size = 0
  #doubtful = 0
  #swept = 0

  /** Has what the store has. Throws what it throws: without memory, everything would be seen for the first time. */
  constructor(o: MemoryOptions) {
    this.#o = o
    for (const key of o.keeper?.recall() ?? []) this.#set(key.domain, [...this.of(key.domain), readKey(key)])
  }

  /** How many keys there are. */
  get size(): number {
    return this.#size
  }

  /** How many of them are not known. */
  get doubtful(): number {
    return this.#doubtful
  }

  of(domain: string): readonly PartnerKey[] {
    return this.#domains.get(domain) ?? []
  }

  find(domain: string, spki: string): PartnerKey | undefined {
    return this.of(domain).find((key) => key.spki === spki)
  }

  *all(): Iterable<PartnerKey> {
    for (const keys of this.#domains.values()) yield* keys
  }

  /** Can all these be kept, with what must stay of their domains? */
  canHold(decided: readonly PartnerKey[], now: number): boolean {
    return decided.every(({ domain, state }) => {
      const said = decided.filter((key) => key.domain === domain)
      const others = this.of(domain).filter(({ spki }) => !said.some((key) => key.spki === spki))
      const staying = [...others.filter((key) => mustStay(key, now)), ...said]
      return staying.filter((key) => key.state === state).length <= MOST[state]
    })
  }

  /** Keeps a key in place of what was kept of it; false when there is no room for another. */
  put(key: PartnerKey, now: number): boolean {
    if (this.#size >= this.#o.most()) this.sweep(now)
    const keys = this.of(key.domain)
    const others = keys.filter(({ spki }) => spki !== key.spki)
    const alike = others.filter(({ state }) => state === key.state)
    const loose = alike.filter((one) => !mustStay(one, now)).toSorted((a, b) => b.lastSeen - a.lastSeen)
    const room = MOST[key.state] - 1 - (alike.length - loose.length)
    if (room < 0) return false
    const dropped = new Set(loose.slice(room))
    const isMore = others.length === keys.length && dropped.size === 0
    const most = this.#o.most() * (keys.length > 0 ? 1 + RESERVE_PART : 1)
    if (isMore && key.decidedAt === undefined && this.#size >= most) return false
    this.#set(key.domain, [...others.filter((other) => !dropped.has(other)), key])
    for (const one of dropped) this.#drop(one)
    this.#gone.delete(nameOf(key))
    this.#changed.set(nameOf(key), key)
    return true
  }

  /** Forgets what has not been seen for a long time, now and then. */
  sweep(now: number): void {
    const isFull = this.#size >= this.#o.most()
    if (now - this.#swept < (isFull ? FULL_SWEEP_MS : SWEEP_MS)) return
    this.#swept = now
    for (const [domain, keys] of this.#domains) {
      const isPartner = this.#o.entryOf(domain) !== undefined
      const recent = (key: PartnerKey): boolean => now - key.lastSeen < KEPT_MS
      const kept = isPartner
        ? keys.filter((key) => key.state === 'refused' || recent(key) || isLastKnown(key, keys, recent))
        : keys.filter((key) => !isFull && recent(key))
      if (kept.length === keys.length) continue
      this.#set(domain, kept)
      for (const key of keys) if (!kept.includes(key)) this.#drop(key)
    }
    if (this.#size >= this.#o.most()) this.#trim()
  }

  /** Writes what has changed. */
  flush(): void {
    if (this.#changed.size === 0 && this.#gone.size === 0) return
    if (this.#o.keeper && !this.#o.keeper.keep([...this.#changed.values()], [...this.#gone.values()])) return
    this.#changed.clear()
    this.#gone.clear()
  }

  /**
   * Of entries with more than their part, the names that were not seen for longest go, last those with keys that wait. The
   * entry's own domain stays, the name seen last, and what was decided.
   */
  #trim(): void {
    const entries = Map.groupBy(this.#domains, ([domain]) => this.#o.entryOf(domain))
    for (const [entry, names] of entries) {
      let over = names.reduce((sum, [, keys]) => sum + keys.length, 0) - this.#o.most() * ENTRY_PART
      if (over <= 0) continue
      const byAge = names.toSorted(([, a], [, b]) => lastSeenOf(a) - lastSeenOf(b)).slice(0, -1)
      const waits = ([, keys]: (typeof names)[number]): boolean => keys.some(isDoubtful)
      for (const [domain, keys] of [...byAge.filter((name) => !waits(name)), ...byAge.filter(waits)]) {
        if (over <= 0) break
        if (domain === entry || keys.some(({ decidedAt }) => decidedAt !== undefined)) continue
        over -= keys.length
        this.#set(domain, [])
        for (const key of keys) this.#drop(key)
      }
    }
  }

  #set(domain: string, keys: readonly PartnerKey[]): void {
    const before = this.of(domain)
    this.#size += keys.length - before.length
    this.#doubtful += keys.filter(isDoubtful).length - before.filter(isDoubtful).length
    if (keys.length > 0) this.#domains.set(domain, keys)
    else this.#domains.delete(domain)
  }

  #drop(key: PartnerKey): void {
    this.#changed.delete(nameOf(key))
    this.#gone.set(nameOf(key), key)
  }
}

const nameOf = ({ domain, spki }: PartnerKey): string => `${domain} ${spki}`

/** An administrator has decided about it, and its certificate, if it was shown with one, has not ended. */
function mustStay({ state, decidedAt, certificate }: PartnerKey, now: number): boolean {
  if (decidedAt === undefined) return false
  return state === 'refused' || !certificate || Date.parse(certificate.notAfter) > now
}

const lastSeenOf = (keys: readonly PartnerKey[]): number => Math.max(...keys.map(({ lastSeen }) => lastSeen))

const isDoubtful = ({ state }: PartnerKey): boolean => state !== 'known'

/** Of the keys that are known and long unseen, the one seen last; where another was seen lately, none. */
function isLastKnown(key: PartnerKey, keys: readonly PartnerKey[], recent: (key: PartnerKey) => boolean): boolean {
  const known = keys.filter(({ state }) => state === 'known').toSorted((a, b) => b.lastSeen - a.lastSeen)
  return known[0] === key && !recent(key)
}

const CHANGES: readonly KeyChange[] = [
  ...(['first', 'other-side', 'renewed', 'early', 'other-ca', 'self-signed', 'not-told', 'told'] as const),
]

/** What the store has of a key. A word that this version does not know is an unusual change. */
export function readKey(key: KnownKey): PartnerKey {
  return {
    ...key,
    change: CHANGES.find((one) => one === key.change) ?? 'not-told',
    certificate: key.certificate && readCertificate(key.certificate),
  }
}

function readCertificate(read: object): KeyCertificate | undefined {
  const cells = new Map<string, unknown>(Object.entries(read))
  const text = (name: string): string => {
    const cell = cells.get(name)
    return typeof cell === 'string' ? cell : ''
  }
  const names = cells.get('names')
  if (text('spki') === '') return undefined
  return {
    subject: text('subject'),
    issuer: text('issuer'),
    names: Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [],
    notBefore: text('notBefore'),
    notAfter: text('notAfter'),
    spki: text('spki'),
    key: text('key'),
    issuerKey: text('issuerKey'),
    anchorKey: text('anchorKey'),
  }
}
