// Domains that are in no entry of the partner list and wait to be let in: who asked for what, and what was found out about
// them. Whoever holds this writes it down. Time is an argument, in milliseconds of the epoch.
//
// Rule 1: one entry for each domain, however often it asks.
// Rule 2: bounded, those that have proven their name and those that only ours wrote to apart. Where there is no room, one of
//         those gives way that are most alike, the longest silent: whoever has a thousand names below one, or writes to a
//         thousand, pushes out none but their own. Where the most are below one name, it is one of those below the name under
//         that with the most: below gov.example the names of one council do not push out a ministry.
// Rule 3: who has not asked for long is forgotten.

import { withoutResource } from '../xmpp/address.ts'
import type { ReasonId } from '../xmpp/reasons.ts'

/** What was asked for, first, in one direction. */
export interface Wish {
  readonly at: number
  /** Of a stream the domain, of a stanza the address, as far as it is known. */
  readonly from: string
  readonly to: string
  readonly kind: 'stream' | 'message' | 'presence' | 'iq'
  /** Of the refusal. */
  readonly reference: string
  readonly peerAddress: string | undefined
}

/** The certificate by which the name was proven. */
export interface ShownCertificate {
  readonly subject: string
  readonly issuer: string
  readonly names: readonly string[]
  readonly notAfter: string
  readonly spki: string
}

/** What a probe says of it, in short. */
export interface ProbeWords {
  readonly at: number
  /** Nothing is wrong with it. */
  readonly good: boolean
  /** The first wrong thing, or what was found good. */
  readonly says: string
  readonly reason: ReasonId | undefined
  readonly act: string | undefined
}

export interface PendingDomain {
  readonly domain: string
  readonly firstAt: number
  readonly lastAt: number
  /** How often it was refused, or ours were. */
  readonly times: number
  /** It to us, and ours to it. */
  readonly inbound: Wish | undefined
  readonly outbound: Wish | undefined
  /** Undefined: it has not proven its name. */
  readonly certificate: ShownCertificate | undefined
  readonly probe: ProbeWords | undefined
}

/** One refusal of a domain that is in no entry. */
export interface Refused {
  readonly domain: string
  readonly direction: 'inbound' | 'outbound'
  readonly wish: Wish
  /** Absent: nothing was proven. */
  readonly certificate?: ShownCertificate | undefined
}

/** What came of it: it was not known, it has proven its name now, or neither. */
export type Noticed = 'new' | 'proven' | 'again'

/** What whoever writes it down has to change. */
export interface PendingChanges {
  readonly changed: readonly PendingDomain[]
  readonly gone: readonly string[]
}

const KEPT_MS = 30 * 86_400_000
/** Of all there may be, so many more that have proven nothing. */
const UNPROVEN_PART = 1 / 4
/** Of who asks again and again it is written down so often. */
const AGAIN_MS = 60_000

export class PendingDomains {
  readonly #all = new Map<string, PendingDomain>()
  readonly #most: () => number
  readonly #changed = new Set<string>()
  readonly #gone = new Set<string>()
  /** When each was last said to have changed. */
  readonly #said = new Map<string, number>()
  #pushedOut = 0

  constructor(kept: readonly PendingDomain[], most: () => number) {
    this.#most = most
    for (const one of kept) this.#all.set(one.domain, one)
  }

  get size(): number {
    return this.#all.size
  }

  /** So many gave way to others. */
  get pushedOut(): number {
    return this.#pushedOut
  }

  /** Who asked last comes first. */
  all(): readonly PendingDomain[] {
    return [...this.#all.values()].toSorted((a, b) => b.lastAt - a.lastAt)
  }

  find(domain: string): PendingDomain | undefined {
    return this.#all.get(domain)
  }

  /** Somebody was refused because their domain, or that of whom they wrote to, is in no entry. */
  refused({ domain, direction, wish, certificate }: Refused): Noticed {
    const known = this.#all.get(domain)
    const pending: PendingDomain = {
      domain,
      firstAt: known?.firstAt ?? wish.at,
      lastAt: wish.at,
      times: (known?.times ?? 0) + 1,
      inbound: known?.inbound ?? (direction === 'inbound' ? wish : undefined),
      outbound: known?.outbound ?? (direction === 'outbound' ? wish : undefined),
      certificate: certificate ?? known?.certificate,
      probe: known?.probe,
    }
    const isNew = known === undefined
    const isProven = known?.certificate === undefined && certificate !== undefined
    if (isNew || isProven) this.#makeRoom(pending)
    this.#all.set(domain, pending)
    const tells = isNew || isProven || (known[direction] === undefined) !== (pending[direction] === undefined)
    if (tells || wish.at - (this.#said.get(domain) ?? 0) >= AGAIN_MS) this.#change(domain, wish.at)
    if (isNew) return 'new'
    return isProven ? 'proven' : 'again'
  }

  /** What a probe says of one that is still there. */
  probed(domain: string, probe: ProbeWords): PendingDomain | undefined {
    const known = this.#all.get(domain)
    if (known === undefined) return undefined
    const looked = { ...known, probe }
    this.#all.set(domain, looked)
    this.#change(domain, probe.at)
    return looked
  }

  /** The one to be probed next: of those that have proven their name and were not, one of the least alike, the longest waiting. */
  next(): PendingDomain | undefined {
    const proven = [...this.#all.values()].filter(({ certificate }) => certificate !== undefined)
    return oneAmong(proven, (groups) => {
      const waiting = groups.flatMap((group) => {
        const waits = group.filter(({ probe }) => probe === undefined).map(({ firstAt }) => firstAt)
        return waits.length === 0 ? [] : [{ group, probed: group.length - waits.length, firstAt: Math.min(...waits) }]
      })
      return waiting.toSorted((a, b) => a.probed - b.probed || a.firstAt - b.firstAt)[0]?.group
    })
  }

  /** Forgets those that wait no longer, because there is an entry for them, or have not asked for long. */
  sweep(isListed: (domain: string) => boolean, now: number): void {
    for (const { domain, lastAt } of this.#all.values()) {
      if (isListed(domain) || now - lastAt >= KEPT_MS) this.#drop(domain)
    }
  }

  /** Lets what has changed be written, and tries again later where it could not be. */
  flush(keep: (changes: PendingChanges) => boolean): void {
    if (this.#changed.size === 0 && this.#gone.size === 0) return
    const changed = [...this.#changed].flatMap((domain) => this.#all.get(domain) ?? [])
    if (!keep({ changed, gone: [...this.#gone] })) return
    this.#changed.clear()
    this.#gone.clear()
  }

  #makeRoom(coming: PendingDomain): void {
    const isProven = ({ certificate }: PendingDomain): boolean => certificate !== undefined
    const [wanted, most] = [isProven(coming), this.#most()]
    const others = [...this.#all.values()].filter((one) => isProven(one) === wanted && one.domain !== coming.domain)
    let over = others.length + 1 - Math.floor(wanted ? most : most * UNPROVEN_PART)
    while (over > 0) {
      const oldest = oneAmong(
        others,
        (groups) => groups.toSorted((a, b) => b.length - a.length || firstSilent(a) - firstSilent(b))[0],
      )
      if (oldest === undefined) return
      others.splice(others.indexOf(oldest), 1)
      this.#drop(oldest.domain)
      this.#pushedOut += 1
      over -= 1
    }
  }

  #change(domain: string, at: number): void {
    this.#changed.add(domain)
    this.#gone.delete(domain)
    this.#said.set(domain, at)
  }

  #drop(domain: string): void {
    this.#all.delete(domain)
    this.#changed.delete(domain)
    this.#said.delete(domain)
    this.#gone.add(domain)
  }
}

const firstSilent = (group: readonly PendingDomain[]): number => Math.min(...group.map(({ lastAt }) => lastAt))

type Groups = readonly (readonly PendingDomain[])[]

/** One of the group that is chosen, of the group that is chosen within it, and so on; undefined: none is. */
function oneAmong(
  all: readonly PendingDomain[],
  choose: (groups: Groups) => readonly PendingDomain[] | undefined,
): PendingDomain | undefined {
  let among: readonly PendingDomain[] | undefined = all
  for (let labels = 2; ; labels++) {
    among = choose([...Map.groupBy(among, (one) => likeness(one, labels)).values()])
    if (among === undefined || among.length <= 1) return among?.[0]
  }
}

/**
 * What those have in common who may be one: so many of the last labels of names that were proven, at least two; of those that
 * were not, first the user of ours who wrote to them, whatever client that was.
 */
function likeness({ domain, certificate, outbound }: PendingDomain, labels: number): string {
  if (certificate === undefined && labels === 2) return withoutResource(outbound?.from ?? '')
  return domain.split('.').slice(-labels).join('.')
}
