// The house as it stands now: settings, partner list, certificates and trust, and the questions every part of the
// gateway asks of them. A value: when settings change, a new one takes its place, so no stream sees half of a change.

import { hrtime } from 'node:process'
import { isDeepStrictEqual } from 'node:util'
import type { Settings } from '../config/settings.ts'
import { networkSet } from '../config/values.ts'
import { admissionByTerms } from '../policy/admission.ts'
import { allowanceOf, both } from '../policy/conduct/allowance.ts'
import { Conducts } from '../policy/conduct/conducts.ts'
import { standingOf } from '../policy/conduct/standing.ts'
import { type Terms, termsOf, UNLIMITED } from '../policy/limits/terms.ts'
import { Access } from '../policy/remote/access.ts'
import type { CertificateChange, Floor, Partner, RevocationMode } from '../policy/partner.ts'
import { Judging } from '../policy/judging.ts'
import type { ConductState } from '../policy/conduct/conduct.ts'
import { PartnerList, type PartnerTerms } from '../policy/partners.ts'
import { RuleCounts } from '../policy/whom/counts.ts'
import { Whom } from '../policy/whom/whom.ts'
import type { Anchors } from '../trust/anchors.ts'
import type { Certificate } from '../trust/certificate.ts'
import type { PathFault, PeerSide } from '../trust/demands.ts'
import type { CertificateFinding } from '../trust/finding.ts'
import type { Identity } from '../trust/identity.ts'
import type { MintingCa } from '../trust/minting-ca.ts'
import { Issuers, type ObtainFile } from '../trust/issuers.ts'
import type { OwnCertificates } from '../trust/own-certificates.ts'
import { handshakeFault, type Handshake } from '../trust/profiles/handshake.ts'
import type { ProfileName } from '../trust/profiles/profile.ts'
import { PROFILES, stricter } from '../trust/profiles/profiles.ts'
import type { Verdict } from '../trust/verdict.ts'
import { verifyCore, type CoreTrust } from '../trust/verify-core.ts'
import { KnownProofs } from '../trust/known-proofs.ts'
import { readChain, type Trust } from '../trust/verify.ts'
import { parseDomain } from '../xmpp/domain.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import type { Leg } from './leg.ts'
import { demandsBy, readProofs, type Proofs } from './house-proofs.ts'
import type { Cards } from './remote/cards.ts'

export interface HouseParts {
  readonly settings: Settings
  readonly partners: readonly Partner[]
  readonly own: OwnCertificates
  readonly ca: Pick<MintingCa, 'identity'>
  /** The users' CA; undefined where no user logs in by certificate. */
  readonly users?: Pick<MintingCa, 'identity'> | undefined
  /** Certificates of CAs that were fetched; by default handed on from house to house. */
  readonly issuers?: Issuers
  /** How domains outside behave; by default handed on from house to house. */
  readonly conducts?: Conducts
  now(): number
}

export class House {
  readonly settings: Settings
  readonly partners: PartnerList
  /** Who may log in from outside. */
  readonly access: Access
  /** Who of ours may talk to which partners. */
  readonly whom: Whom
  /** The figures of the rules of the checkpoint, handed on from house to house. */
  readonly judging: Judging
  readonly ours: ReadonlySet<string>
  /** What has been ours since the start, and is no more. */
  readonly gone: ReadonlySet<string>
  readonly hasCoreListener: boolean
  /** The names we bear to a core that is spoken to as a component; none where it is not. */
  readonly componentNames: ReadonlySet<string>
  /** Does any entry that is allowed take dialback for proof? */
  readonly usesDialback: boolean
  /** How domains outside behave. */
  readonly conducts: Conducts
  readonly #parts: HouseParts
  readonly #proofs: Proofs
  /** By the entry, whose names all have the same; undefined: of strangers. */
  readonly #trusts = new Map<Partner | undefined, Trust>()
  readonly #known = new KnownProofs()
  readonly #knownClients = new KnownProofs()
  readonly #coreNetworks: { has(address: string): boolean }

  private constructor(parts: HouseParts, proofs: Proofs, former: House | undefined) {
    this.#parts = parts
    this.#proofs = proofs
    this.conducts = parts.conducts ?? new Conducts()
    this.settings = parts.settings
    this.partners = new PartnerList(parts.partners, parts.settings.policy.shown)
    this.access = new Access(parts.settings.policy, networkSet)
    const { whom, groups } = parts.settings.policy
    this.whom = new Whom(whom, groups, { counts: former?.whom.counts ?? new RuleCounts(hrtime.bigint) })
    this.judging = former?.judging ?? new Judging(hrtime.bigint)
    this.ours = new Set(parts.settings.domains.map((own) => own.domain))
    this.gone = (former ? former.gone.union(former.ours) : new Set<string>()).difference(this.ours)
    this.hasCoreListener = parts.settings.listen.core.length > 0
    this.componentNames = new Set(parts.settings.core.component ? this.partners.exactNames() : [])
    this.usesDialback = parts.partners.some(
      ({ domain, status }) => status === 'allowed' && this.floor(domain) === 'dialback-over-tls',
    )
    this.#coreNetworks = networkSet(parts.settings.core.networks)
  }

  /**
   * Reads what the settings name. What cannot be read is among the findings; there the `former` house's proofs stay in
   * force, and where there are none, nothing is proven.
   */
  static async build(
    parts: HouseParts,
    former?: House,
  ): Promise<{ readonly house: House; readonly findings: readonly CertificateFinding[] }> {
    const { proofs, findings } = await readProofs(parts, former && former.#proofs)
    const issuers = parts.issuers ?? (former && former.#parts.issuers) ?? new Issuers(parts.now)
    const conducts = parts.conducts ?? (former && former.conducts) ?? new Conducts()
    return { house: new House({ ...parts, issuers, conducts }, proofs, former), findings }
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

  /** How much may be sent between us and a domain, for its conduct or if that were another. */
  terms(domain: string, conduct?: ConductState): Terms {
    const partner = this.partners.find(domain)
    const { federation, policy, limits } = this.settings
    const terms = termsOf(partner?.limits, policy.limits ?? UNLIMITED, limits.burstMs)
    const state = conduct ?? this.conduct(domain, this.partners.terms(domain))
    const held = allowanceOf(state, partner === undefined && federation.mode === 'limited', limits)
    return held ? { ...terms, partner: both(terms.partner, held) } : terms
  }

  /** Why a domain may have no streams with us; undefined when it may. */
  admission(domain: string): ReasonId | undefined {
    const { mode } = this.settings.federation
    const terms = this.partners.terms(domain)
    if (terms?.behind === true && terms.status === 'allowed') return 'SP-168'
    const against = admissionByTerms(terms, { mode, now: this.#parts.now() })
    if (against !== undefined) return against
    if (this.conduct(domain, terms) === 'blocked') return 'SP-162'
    // Nobody would hear them: what no component is for cannot be said to the core.
    return this.settings.core.component && !this.componentNames.has(domain) ? 'SP-136' : undefined
  }

  /** How a domain has to be met for its conduct, by the terms of its entry, if it has one. */
  conduct(domain: string, terms: PartnerTerms | undefined): ConductState {
    return this.conducts.of(domain, standingOf(domain, terms, this.partners), terms !== undefined)
  }

  /** May the core be met without TLS at this address, as a component? */
  mayBePlaintext(address: string): boolean {
    const { component } = this.settings.core
    if (!PROFILES[this.settings.federation.profile].plaintextCore.is) return false
    return component?.tls === 'none' && networkSet(component.plaintextNetworks).has(address)
  }

  /** By which profile this domain is met: the settings' one, or the stricter one of its entry. */
  profile(domain: string): ProfileName {
    return stricter(this.settings.federation.profile, this.partners.find(domain)?.profile)
  }

  /** What the profile of this domain has against a handshake, which may have been made under a laxer one. */
  handshakeFault(domain: string, handshake: Handshake): PathFault | undefined {
    return handshakeFault(PROFILES[this.profile(domain)], handshake)
  }

  /** What we share with the core where it is spoken to as a component. */
  get secret(): string | undefined {
    return this.#proofs.secret
  }

  /** Log-in of users by certificate; undefined: there is none. */
  get cards(): Cards | undefined {
    return this.#proofs.cards
  }

  /** The weakest proof of its name that a domain may bring. */
  floor(domain: string): Floor {
    if (!PROFILES[this.profile(domain)].dialback.is) return 'certificate'
    return this.partners.find(domain)?.authentication ?? 'certificate'
  }

  /**
   * The certificate partners see for a domain of ours, under the profile of this one; undefined: of whoever comes, since
   * before the proof of a name nothing depends on it.
   */
  ownIdentity(domain: string, partner?: string): Identity | undefined {
    const own = this.isOurs(domain) ? this.#parts.own.identity(domain) : undefined
    return own?.under(partner === undefined ? this.settings.federation.profile : this.profile(partner))
  }

  /**
   * The certificate for a peer that begins with TLS and asks for this name, or for none: then that of our first domain that
   * has one. Undefined for a name of which there is none.
   */
  greeting(servername: string | undefined): Identity | undefined {
    if (servername === undefined) return [...this.ours].flatMap((own) => this.ownIdentity(own) ?? [])[0]
    const domain = parseDomain(servername)
    return domain === undefined ? undefined : this.ownIdentity(domain)
  }

  /** Certificates of CAs at hand that may have issued one of ours. */
  issuersOf({ issuer }: Certificate): readonly Certificate[] {
    const { anchors, intermediates } = this.#proofs
    return [intermediates, anchors].flatMap(({ bySubject }) => bySubject.get(issuer.key) ?? [])
  }

  /** The certificate the core sees for an outside domain. */
  mintedIdentity(domain: string): Promise<Identity> {
    return this.#parts.ca.identity(domain)
  }

  /**
   * Has the peer proven to be `domain`? With the partner's own anchors, where its entry names any, and only those.
   * @param side the side of TLS that the peer is on
   * @param handshake in which it has shown that
   */
  verifyPartner(domain: string, chain: readonly Buffer[], side: PeerSide, handshake?: Handshake): Verdict {
    const verdict = this.#known.verify(chain, { domain, trust: this.#trustIn(domain), side, now: this.#parts.now() })
    const fault = verdict.proven && handshake ? this.handshakeFault(domain, handshake) : undefined
    return fault ? { proven: false, ...fault, certificate: verdict.certificate } : verdict
  }

  /** What must be known of the certificates of this domain: the strictest of the settings' word, its entry's and its profile's. */
  revocation(domain: string): RevocationMode {
    const own = this.partners.find(domain)?.revocation ?? 'off'
    return strictest(this.settings.trust.revocation, own, PROFILES[this.profile(domain)].revocation.is)
  }

  /** The same of certificates of users: no entry speaks of them. */
  get cardRevocation(): RevocationMode {
    return strictest(this.settings.trust.revocation, PROFILES[this.settings.federation.profile].revocation.is)
  }

  /** What becomes of a certificate of this domain with another key: the stricter of the settings' word and its entry's. */
  certificateChange(domain: string): CertificateChange {
    const { certificateChange } = this.settings.trust
    const own = this.partners.find(domain)?.certificateChange ?? 'accept'
    return CHANGES.indexOf(own) > CHANGES.indexOf(certificateChange) ? own : certificateChange
  }

  /** After how long at most this domain proves its name anew, in ms: the soonest of the settings, its entry and its profile. */
  reauthenticateMs(domain: string): number | undefined {
    const { is } = PROFILES[this.profile(domain)].reauthenticate
    const own = this.partners.find(domain)?.reauthenticateMs
    const all = [this.settings.trust.reauthenticateMs, own, is === 'never' ? undefined : is * 60_000]
    const times = all.filter((ms) => ms !== undefined)
    return times.length > 0 ? Math.min(...times) : undefined
  }

  /**
   * As `verifyPartner`, of a server that we have connected to; where the settings permit it, certificates of CAs that it
   * should have sent are fetched. Whoever connects to us brings them himself, or others have been brought before.
   */
  async verifyServer(
    domain: string,
    chain: readonly Buffer[],
    obtain: ObtainFile,
    handshake?: Handshake,
  ): Promise<Verdict> {
    const verdict = this.verifyPartner(domain, chain, 'server', handshake)
    const { issuers } = this.#parts
    if (!issuers || !this.settings.trust.fetchIssuers || verdict.proven || !INCOMPLETE.has(verdict.reason))
      return verdict
    if (this.admission(domain) !== undefined) return verdict
    const read = readChain(chain)
    if (!Array.isArray(read)) return verdict
    const { anchors } = this.#trustIn(domain)
    const has = (subject: string): boolean =>
      anchors.bySubject.has(subject) || this.#proofs.intermediates.bySubject.has(subject)
    const isMore = await issuers.complete(read, { has, obtain })
    return isMore ? this.verifyPartner(domain, chain, 'server', handshake) : verdict
  }

  /** How many certificates of CAs were fetched and are kept. */
  get fetchedIssuers(): number {
    return this.#parts.issuers?.figures.kept ?? 0
  }

  #trustIn(domain: string): Trust {
    const partner = this.partners.find(domain)
    const trust = this.#trusts.get(partner) ?? this.#makeTrust(partner)
    this.#trusts.set(partner, trust)
    return trust
  }

  #makeTrust(partner: Partner | undefined): Trust {
    const anchors = (partner && this.#proofs.partnerAnchors.get(partner.domain)) ?? this.#proofs.anchors
    return {
      anchors,
      pins: partner?.pins ?? [],
      provider: partner?.provider,
      issuers: (subject) => [
        ...(this.#proofs.intermediates.bySubject.get(subject) ?? []),
        ...((this.settings.trust.fetchIssuers && this.#parts.issuers?.of(subject)) || []),
      ],
      demands: demandsBy(this.settings, partner),
    }
  }

  /** Might what proved this peer in the `former` house no longer do so in this one? */
  trustsOtherwise(former: House, leg: Leg, domain: string): boolean {
    if (leg === 'core') return !isDeepStrictEqual(former.#proofs.core, this.#proofs.core)
    const [before, after] = [former.#trustIn(domain), this.#trustIn(domain)]
    const isSame = (one: Anchors, other: Anchors): boolean => one.byFingerprint === other.byFingerprint
    if (!isSame(before.anchors, after.anchors)) return true
    if (!isSame(former.#proofs.intermediates, this.#proofs.intermediates)) return true
    return !isDeepStrictEqual(
      [before.pins, before.provider, before.demands],
      [after.pins, after.provider, after.demands],
    )
  }

  /** When what `core.trust` names ends. */
  get coreEndings(): CoreTrust['endings'] {
    return this.#proofs.core.endings
  }

  /** Has what answers at the core's client port proven to be the core? */
  verifyClients(domain: string, chain: readonly Buffer[]): Verdict {
    const { clients: trust } = this.#proofs
    return verifyCore(chain, { domain, trust, now: this.#parts.now(), proofs: this.#knownClients })
  }

  /** May remote users be led to the core in plaintext at this address? */
  mayLeadInPlaintext(address: string): boolean {
    const { clients } = this.settings.core
    if (!PROFILES[this.settings.federation.profile].plaintextCore.is) return false
    return clients?.tls === 'none' && networkSet(clients.plaintextNetworks).has(address)
  }

  /** Has the peer proven to be the core, for this domain of ours? */
  verifyCore(domain: string, chain: readonly Buffer[]): Verdict {
    return verifyCore(chain, { domain, trust: this.#proofs.core, now: this.#parts.now() })
  }
}

/** From lax to strict. */
const MODES: readonly RevocationMode[] = ['off', 'soft', 'hard']
const strictest = (...modes: readonly RevocationMode[]): RevocationMode =>
  MODES.findLast((mode) => modes.includes(mode)) ?? 'hard'
const CHANGES: readonly CertificateChange[] = ['accept', 'report', 'hold-unusual', 'hold']

/** The chain does not reach an anchor: a certificate of a CA may be missing. */
const INCOMPLETE: ReadonlySet<ReasonId> = new Set<ReasonId>(['SP-305', 'SP-306'])
