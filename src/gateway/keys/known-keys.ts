// By which keys partners are known: the first one is remembered, and another one noticed. What it comes to is what
// `trust.certificateChange` and the partner's entry say.
//
// Rule 1: only what has proven its name is looked at, after revocation; a known key proves nothing by itself.
// Rule 2: what an administrator has said of a key, here or by `pins:`, holds whatever the settings say.
// Rule 3: a change is told once, and stands open until an administrator decides. Keys are those of a domain; one decision
//         is for all names of the entry that wait with that key.

import type { Stream } from '../../net/stream.ts'
import type { CertificateChange } from '../../policy/partner.ts'
import type { PeerSide } from '../../trust/demands.ts'
import { isUnusual, keyCertificate, keyChange, type KeyCertificate } from '../../trust/known-keys.ts'
import type { Verdict } from '../../trust/verdict.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import type { House } from '../house.ts'
import type { Journal } from '../journal.ts'
import { dismissWhere } from '../standing.ts'
import { KeyMemory, type KeyKeeper, type PartnerKey } from './memory.ts'
import { changeText, keyStatus, type KeyControl, type KeyStatus, type KeyVerdict } from './report.ts'
import { Unkept } from './unkept.ts'

export interface KnownKeysOptions {
  house(): House
  readonly keyKeeper?: KeyKeeper | undefined
  readonly journal: Pick<Journal, 'keyNoticed' | 'keyDecided' | 'keyUnkept'>
  streams(): Iterable<Stream>
  reference(): string
  now(): number
}

/** Who showed a certificate, and on which side of TLS. */
export interface Shower {
  readonly domain: string
  readonly side: PeerSide
}

/** Of keys that wait for a decision, the status has so many. */
const MOST_SHOWN = 100
/** So long the last time that a key was seen may be off. */
const SEEN_MS = 3_600_000

export class KnownKeys implements KeyControl {
  readonly #o: KnownKeysOptions
  readonly #memory: KeyMemory
  readonly #unkept = new Unkept()

  /** @throws StoreError */
  constructor(o: KnownKeysOptions) {
    this.#o = o
    const { house, keyKeeper: keeper } = o
    this.#memory = new KeyMemory({
      keeper,
      most: () => house().settings.limits.knownKeys,
      entryOf: (domain) => house().partners.find(domain)?.domain,
    })
  }

  /** Keys that are kept, and those that wait for a decision. */
  get status(): { readonly kept: number; readonly open: readonly KeyStatus[] } {
    return { kept: this.#memory.size, open: this.list().slice(0, MOST_SHOWN) }
  }

  /** The verdict on a partner whose path, name and standing are proven; a key that is not known is remembered and told. */
  meet(verdict: Verdict, shower: Shower): Verdict {
    return this.#judge(verdict, shower, true)
  }

  /** The same, and nothing is remembered: for a probe. */
  look(verdict: Verdict, shower: Shower): Verdict {
    return this.#judge(verdict, shower, false)
  }

  /** Why a stream that is up may not stay so under a house: it was proven with a key that was refused, or is held then. */
  objectionTo({ info, proven }: Stream, house = this.#o.house()): ReasonId | undefined {
    if (info.leg !== 'partner') return undefined
    for (const { pair, certificate } of proven) {
      const key = certificate && this.#memory.find(pair.remote, certificate.spki)
      if (key?.state === 'refused') return 'SP-389'
      if (key && this.#isHeld(key, house)) return 'SP-388'
    }
    return undefined
  }

  /** Closes what is up and may not stay so. */
  enforce(): void {
    if (this.#memory.doubtful > 0) dismissWhere(this.#o.streams(), (stream) => this.objectionTo(stream))
  }

  tick(): void {
    this.enforce()
    this.#memory.sweep(this.#o.now())
    this.#memory.flush()
  }

  flush(): void {
    this.#memory.flush()
  }

  list(domain?: string): readonly KeyStatus[] {
    const keys = domain === undefined ? this.#open() : this.#namesWith(domain).flatMap((name) => this.#memory.of(name))
    return keys.map((key) => keyStatus(key, this.#isHeld(key)))
  }

  decide({ domain, pins, say, by }: KeyVerdict): readonly KeyStatus[] | undefined {
    const now = this.#o.now()
    const decided: PartnerKey[] = []
    for (const spki of new Set(pins)) {
      const waiting = this.#namesWith(domain).filter((name) => this.#memory.find(name, spki)?.state === 'open')
      // Confirmed for the names that it was shown for, it is not known for another.
      const isMeant = say === 'refuse' || waiting.length === 0 || this.#memory.find(domain, spki) !== undefined
      for (const name of isMeant ? new Set([domain, ...waiting]) : waiting) {
        const found = this.#memory.find(name, spki) ?? { ...UNSEEN, domain: name, spki, firstSeen: now, lastSeen: now }
        const state = say === 'confirm' ? 'known' : 'refused'
        decided.push({ ...found, state, decidedAt: now, decidedBy: by })
      }
    }
    if (!this.#memory.canHold(decided, now)) return undefined
    for (const key of decided) {
      this.#memory.put(key, now)
      this.#o.journal.keyDecided({ key, confirmed: say === 'confirm', by })
    }
    this.#memory.flush()
    this.enforce()
    return decided.map((key) => keyStatus(key, false))
  }

  #judge(verdict: Verdict, { domain, side }: Shower, remember: boolean): Verdict {
    if (!verdict.proven || !verdict.path) return verdict
    const house = this.#o.house()
    const shown = keyCertificate(verdict.path)
    if (!shown || house.admission(domain) !== undefined) return verdict
    const refuse = (reason: ReasonId, detail: string): Verdict => {
      return { proven: false, reason, detail, certificate: verdict.certificate }
    }
    const mode = house.certificateChange(domain)
    const found = this.#memory.find(domain, shown.spki)
    if (found?.state === 'refused') return refuse('SP-389', `its key is ${shown.spki}`)
    if (mode === 'accept') return verdict
    if (found) {
      const key = this.#again(found, shown, side, remember)
      return this.#isHeld(key) ? refuse('SP-388', this.#text(key)) : verdict
    }
    const known = this.#known(domain)
    const key = this.#newKey(shown, { domain, side }, known)
    const held = key.state === 'open' && isHeldBy(mode, key)
    if (remember && !this.#memory.put(key, this.#o.now())) {
      const notice = { key, known, held: isStrict(mode) }
      if (this.#unkept.isNew(notice)) {
        const reference = key.reference ?? this.#o.reference()
        this.#o.journal.keyUnkept({ ...notice, key: { ...key, reference } })
      }
      return notice.held ? refuse('SP-390', changeText(notice)) : verdict
    }
    if (remember) this.#o.journal.keyNoticed({ key, known, held })
    return held ? refuse('SP-388', this.#text(key)) : verdict
  }

  #newKey(shown: KeyCertificate, { domain, side }: Shower, known: readonly PartnerKey[]): PartnerKey {
    const now = this.#o.now()
    const change = this.#isPinned(domain, shown.spki) ? 'told' : keyChange(known, shown, { side, now })
    const isOpen = isUnusual(change) || isHeldBy(this.#o.house().certificateChange(domain), { change })
    return {
      ...UNSEEN,
      ...{ domain, spki: shown.spki, change, certificate: shown, sides: [side], firstSeen: now, lastSeen: now },
      state: isOpen ? 'open' : 'known',
      reference: isOpen ? this.#o.reference() : undefined,
    }
  }

  /** A key that was shown before, perhaps in a new certificate, on the other side, or pinned since. */
  #again(found: PartnerKey, shown: KeyCertificate, side: PeerSide, remember: boolean): PartnerKey {
    const now = this.#o.now()
    const state = this.#isPinned(found.domain, found.spki) ? 'known' : found.state
    const { certificate } = found
    const isSame = certificate?.notAfter === shown.notAfter && certificate.anchorKey === shown.anchorKey
    const isOld = isSame && state === found.state && found.sides.includes(side) && now - found.lastSeen < SEEN_MS
    const sides = found.sides.includes(side) ? found.sides : [...found.sides, side]
    const key = { ...found, state, certificate: shown, sides, lastSeen: now }
    if (!isOld && remember) this.#memory.put(key, now)
    if (!certificate && remember) this.#o.journal.keyNoticed({ key, known: this.#known(key.domain), held: false })
    return key
  }

  #isPinned(domain: string, spki: string): boolean {
    return this.#o.house().partners.find(domain)?.pins.includes(spki) ?? false
  }

  #known(domain: string): readonly PartnerKey[] {
    return this.#memory.of(domain).filter(({ state }) => state === 'known')
  }

  #isHeld(key: PartnerKey, house = this.#o.house()): boolean {
    return key.state === 'open' && isHeldBy(house.certificateChange(key.domain), key)
  }

  #open(): readonly PartnerKey[] {
    return this.#memory.doubtful === 0 ? [] : [...this.#memory.all()].filter(({ state }) => state === 'open')
  }

  /** Names of which keys are kept under the entry that covers the domain, itself first. */
  #namesWith(domain: string): readonly string[] {
    const { partners } = this.#o.house()
    const entry = partners.find(domain)
    const names = new Set([domain])
    for (const key of this.#memory.all()) if (entry && partners.find(key.domain) === entry) names.add(key.domain)
    return [...names]
  }

  #text(key: PartnerKey): string {
    const see = key.reference === undefined ? '' : ` (${key.reference})`
    return changeText({ key, known: this.#known(key.domain) }) + see
  }
}

const UNSEEN = {
  change: 'told',
  certificate: undefined,
  sides: [],
  reference: undefined,
  decidedAt: undefined,
  decidedBy: undefined,
} as const

const isStrict = (mode: CertificateChange): boolean => mode === 'hold' || mode === 'hold-unusual'

/** Does a key of which nobody has said anything yet prove nothing until somebody does? */
function isHeldBy(mode: CertificateChange, { change }: Pick<PartnerKey, 'change'>): boolean {
  if (mode === 'hold') return change !== 'first' && change !== 'told'
  return mode === 'hold-unusual' && isUnusual(change)
}
