// Log-in by certificate, as it stands now: who vouches for users, how a certificate names its holder, and what the core is
// shown for one who is proven. A value, made anew with the house.

import type { AddressRule } from '../../config/cards-schema.ts'
import type { Settings } from '../../config/settings.ts'
import { loadAnchors, type Anchors } from '../../trust/anchors.ts'
import { loadPairs } from '../../trust/card/pairs.ts'
import { holderOf, type CardRule, type Holder } from '../../trust/card/rules.ts'
import { verifyCard } from '../../trust/card/verify-card.ts'
import type { Certificate } from '../../trust/certificate.ts'
import { demandsOf, STANDARD, type Demands } from '../../trust/demands.ts'
import { certificateFinding, type CertificateFinding } from '../../trust/finding.ts'
import type { Identity } from '../../trust/identity.ts'
import { subjectText } from '../../trust/summary.ts'
import type { CertificateSummary } from '../../trust/verdict.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'

/** Mints what the core is shown for a user, a bare address of ours. */
export interface Minter {
  identity(user: string): Promise<Identity>
}

/** Whom a certificate proves to be there, unless it was revoked; or why nobody. */
export type CardVerdict =
  | {
      readonly proven: true
      readonly holder: Holder
      readonly certificate: CertificateSummary
      /** Leaf first, anchor last. */
      readonly path: readonly Certificate[]
    }
  | { readonly proven: false; readonly reason: ReasonId; readonly detail: string }

export interface CardsParts {
  readonly settings: Settings
  readonly minter: Minter
  /** CA certificates that help to build a path: those of this subject (its key). */
  issuers(subject: string): readonly Certificate[]
  now(): number
}

interface Read {
  readonly anchors: Anchors
  readonly rules: readonly CardRule[]
}

export class Cards {
  readonly #parts: CardsParts
  readonly #read: Read
  readonly #demands: Demands
  readonly #ours: ReadonlySet<string>

  private constructor(parts: CardsParts, read: Read) {
    const { trust, federation, domains } = parts.settings
    this.#parts = parts
    this.#read = read
    this.#ours = new Set(domains.map(({ domain }) => domain))
    const policies = trust.cards?.policies ?? []
    this.#demands = demandsOf(STANDARD, { policies, profile: federation.profile })
  }

  /**
   * Reads what `trust.cards` names; undefined where it is not written. What cannot be read is among the findings; there what
   * the `former` one had read stays in force, and where there is none, nobody logs in by certificate.
   */
  static async load(
    parts: CardsParts,
    former: Cards | undefined,
  ): Promise<{ readonly cards: Cards | undefined; readonly findings: readonly CertificateFinding[] }> {
    const { cards } = parts.settings.trust
    if (!cards) return { cards: undefined, findings: [] }
    const { anchors, findings } = await loadAnchors(cards.issuers)
    const rules: CardRule[] = []
    const faults: CertificateFinding[] = findings.map((one) => ({ ...one, path: 'trust.cards.issuers' }))
    for (const rule of cards.addresses) {
      const read = await readRule(rule)
      rules.push(read.rule)
      faults.push(...read.findings)
    }
    const isWhole = faults.every(({ severity }) => severity !== 'error')
    const read = isWhole ? { anchors, rules } : former && former.#read
    return { cards: read && new Cards(parts, read), findings: faults }
  }

  /** Judges what a client showed (DER, the client's own first), but for revocation. */
  judge(chain: readonly Buffer[]): CardVerdict {
    const { issuers, now } = this.#parts
    const { anchors, rules } = this.#read
    const trust = { anchors, issuers, demands: this.#demands }
    const verdict = verifyCard(chain, { trust, now: now() })
    if (!verdict.proven) return { proven: false, reason: verdict.reason, detail: verdict.detail }
    const { certificate, path = [] } = verdict
    const [leaf] = path
    const holder = leaf ? holderOf(leaf, rules, (domain) => this.#ours.has(domain)) : undefined
    if (leaf && holder && holder.addresses.length > 0) return { proven: true, holder, certificate, path }
    return { proven: false, reason: 'SP-882', detail: leaf ? subjectText(leaf) : '' }
  }

  /** What to show the core for this user. Rejects where it cannot be minted. */
  identity(user: string): Promise<Identity> {
    return this.#parts.minter.identity(user)
  }
}

async function readRule(
  rule: AddressRule,
): Promise<{ readonly rule: CardRule; readonly findings: readonly CertificateFinding[] }> {
  const { from } = rule
  if (rule.kind === 'name') return { rule: { from }, findings: [] }
  const { matches } = rule
  if (rule.kind === 'template') return { rule: { from, matches, to: rule.to }, findings: [] }
  const { pairs, findings } = await loadPairs(rule.file)
  const empty = certificateFinding('warning', rule.file, '', 'no pair in it: nobody is found by it')
  return { rule: { from, matches, pairs }, findings: pairs.size === 0 && findings.length === 0 ? [empty] : findings }
}
