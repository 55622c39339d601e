// Log-in by certificate, as it stands now: who vouches for users, how a certificate names its holder, and what the core is
// shown for one who is proven. A value, made anew with the house.

import type { AddressRule } from '../../config/cards-schema.ts'
import type { Settings } from '../../config/settings.ts'
import { anchorsOf, loadAnchors, type Anchors } from '../../trust/anchors.ts'
import { loadPairs, type Pairs } from '../../trust/card/pairs.ts'
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
  /** By file. */
  readonly pairs: ReadonlyMap<string, ReadonlyMap<string, string>>
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
   * Reads what `trust.cards` names; undefined where it is not written. What cannot be read is among the findings; of that file
   * stays in force what the `former` one had read, and where there is none, nobody logs in by certificate.
   */
  static async load(
    parts: CardsParts,
    former: Cards | undefined,
  ): Promise<{ readonly cards: Cards | undefined; readonly findings: readonly CertificateFinding[] }> {
    const { cards } = parts.settings.trust
    if (!cards) return { cards: undefined, findings: [] }
    const before = former && former.#read
    // SECURITY: an issuer that is taken out is out, whatever else is faulty.
    const { anchors, findings } = await loadAnchors(cards.issuers, before?.anchors)
    const faults: CertificateFinding[] = findings.map((one) => ({ ...one, path: 'trust.cards.issuers' }))
    const read = await readRules(cards.addresses, anchors, before)
    faults.push(...read.findings)
    const isFaulty = faults.some(({ severity }) => severity === 'error')
    return { cards: isFaulty && !former ? undefined : new Cards(parts, { ...read, anchors }), findings: faults }
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
    const holder = holderOf(path, rules, (domain) => this.#ours.has(domain))
    if (holder.addresses.length > 0) return { proven: true, holder, certificate, path }
    return { proven: false, reason: 'SP-882', detail: leaf ? subjectText(leaf) : '' }
  }

  /** What to show the core for this user. Rejects where it cannot be minted. */
  identity(user: string): Promise<Identity> {
    return this.#parts.minter.identity(user)
  }
}

async function readRules(
  rules: readonly AddressRule[],
  anchors: Anchors,
  before: Read | undefined,
): Promise<Pick<Read, 'rules' | 'pairs'> & { readonly findings: readonly CertificateFinding[] }> {
  const pairs = new Map<string, ReadonlyMap<string, string>>()
  const findings: CertificateFinding[] = []
  let isWhole = true
  for (const rule of rules) {
    if (rule.kind !== 'pairs' || pairs.has(rule.file)) continue
    const read = await readPairsOf(rule.file)
    const former = before?.pairs.get(rule.file)
    const known = read.pairs ?? former
    if (known) pairs.set(rule.file, known)
    else isWhole = false
    findings.push(...read.findings)
  }
  // SECURITY: without what a rule has to say, a later one would decide in its place.
  if (!isWhole) return { rules: before?.rules ?? [], pairs: before?.pairs ?? pairs, findings }
  return { rules: rules.map((rule) => ruleOf(rule, anchors, pairs)), pairs, findings }
}

function ruleOf(rule: AddressRule, { files }: Anchors, pairs: Read['pairs']): CardRule {
  const { from, issuer } = rule
  const issuers =
    issuer === undefined ? undefined : new Set(anchorsOf(files?.get(issuer) ?? [], issuer).byFingerprint.keys())
  if (rule.kind === 'name') return { from, issuers }
  const { matches } = rule
  if (rule.kind === 'template') return { from, issuers, matches, to: rule.to }
  return { from, issuers, matches, pairs: pairs.get(rule.file) ?? new Map<string, string>() }
}

/** Without `pairs` where the file is faulty. */
async function readPairsOf(file: string): Promise<Partial<Pairs> & Pick<Pairs, 'findings'>> {
  const { pairs, findings } = await loadPairs(file)
  if (findings.length > 0) return { findings }
  const empty = certificateFinding('warning', file, '', 'no pair in it: nobody is found by it')
  return { pairs, findings: pairs.size === 0 ? [empty] : [] }
}
