// The house as it stands now: settings, partner list, certificates and trust, and the questions every part of the
// gateway asks of them. A value: when settings change, a new one takes its place, so no stream sees half of a change.

import type { Settings } from '../config/settings.ts'
import { networkSet } from '../config/values.ts'
import { admissionByTerms } from '../policy/admission.ts'
import type { Partner } from '../policy/partner.ts'
import { PartnerList } from '../policy/partners.ts'
import { loadAnchors, type Anchors } from '../trust/anchors.ts'
import type { CertificateFinding } from '../trust/finding.ts'
import type { Identity } from '../trust/identity.ts'
import type { InternalCa } from '../trust/internal-ca.ts'
import type { OwnCertificates } from '../trust/own-certificates.ts'
import type { Verdict } from '../trust/verdict.ts'
import { loadCoreTrust, verifyCore, type CoreTrust } from '../trust/verify-core.ts'
import { verifyPeer } from '../trust/verify.ts'
import type { ReasonId } from '../xmpp/reasons.ts'

export interface HouseParts {
  readonly settings: Settings
  readonly partners: readonly Partner[]
  readonly own: OwnCertificates
  readonly ca: InternalCa
  now(): number
}

/** What the settings name in files, read and ready. */
interface Proofs {
  readonly anchors: Anchors
  /** By the domain of the partner's entry. */
  readonly partnerAnchors: ReadonlyMap<string, Anchors>
  readonly core: CoreTrust
}

export class House {
  readonly settings: Settings
  readonly partners: PartnerList
  readonly ours: ReadonlySet<string>
  readonly hasCoreListener: boolean
  readonly #parts: HouseParts
  readonly #proofs: Proofs
  readonly #coreNetworks: { has(address: string): boolean }

  private constructor(parts: HouseParts, proofs: Proofs) {
    this.#parts = parts
    this.#proofs = proofs
    this.settings = parts.settings
    this.partners = new PartnerList(parts.partners)
    this.ours = new Set(parts.settings.domains.map((own) => own.domain))
    this.hasCoreListener = parts.settings.listen.core.length > 0
    this.#coreNetworks = networkSet(parts.settings.core.networks)
  }

  /** Reads what the settings name. Without a house the findings say which files are missing or faulty. */
  static async build(
    parts: HouseParts,
  ): Promise<{ readonly house: House | undefined; readonly findings: readonly CertificateFinding[] }> {
    const general = await loadAnchors(parts.settings.trust.anchors)
    const core = await loadCoreTrust(parts.settings.core.trust)
    const findings = [...general.findings, ...core.findings]
    const partnerAnchors = new Map<string, Anchors>()
    for (const partner of parts.partners) {
      if (partner.anchors.length === 0) continue
      const own = await loadAnchors(partner.anchors)
      findings.push(...own.findings)
      partnerAnchors.set(partner.domain, own.anchors)
    }
    if (findings.some((finding) => finding.severity === 'error')) return { house: undefined, findings }
    const proofs = { anchors: general.anchors, partnerAnchors, core: core.trust }
    return { house: new House(parts, proofs), findings }
  }

  isOurs(domain: string): boolean {
    return this.ours.has(domain)
  }

  isCoreAddress(address: string): boolean {
    return this.#coreNetworks.has(address)
  }

  get conceal(): boolean {
    return this.settings.federation.conceal
  }

  /** Why a domain may have no streams with us; undefined when it may. */
  admission(domain: string): ReasonId | undefined {
    const { mode } = this.settings.federation
    return admissionByTerms(this.partners.terms(domain), { mode, now: this.#parts.now() })
  }

  /** The certificate partners see for a domain of ours. */
  ownIdentity(domain: string): Identity | undefined {
    return this.isOurs(domain) ? this.#parts.own.identity(domain) : undefined
  }

  /** The certificate the core sees for an outside domain. */
  mintedIdentity(domain: string): Promise<Identity> {
    return this.#parts.ca.identity(domain)
  }

  /** Has the peer proven to be `domain`? With the partner's own anchors, where its entry names any, and only those. */
  verifyPartner(domain: string, chain: readonly Buffer[]): Verdict {
    const partner = this.partners.find(domain)
    const anchors = (partner && this.#proofs.partnerAnchors.get(partner.domain)) ?? this.#proofs.anchors
    return verifyPeer(chain, { domain, trust: { anchors, pins: partner?.pins ?? [] }, now: this.#parts.now() })
  }

  /** Has the peer proven to be the core, for this domain of ours? */
  verifyCore(domain: string, chain: readonly Buffer[]): Verdict {
    return verifyCore(chain, { domain, trust: this.#proofs.core, now: this.#parts.now() })
  }
}
