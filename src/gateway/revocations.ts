// Do the certificates of partners still hold? Asked when a partner has proven its name, and again for as long as its
// stream is up.
//
// Rule 1: policy is asked first: nothing is fetched for a peer that is not admitted, and nothing before a path to an anchor
//         and the name are proven. The core is known by what `core.trust` says, and not asked about.
// Rule 2: a stream is looked at again when the first certificate of its path ends, shortly before what was said of it is out
//         of date, and at least once in `limits.revocationAgain`. RFC 6120 §13.7.2.3
// Rule 3: who fails to say anything anew is asked again each minute, while what was said before serves on.
// Rule 4: where only what is known to be revoked is refused, no stream waits long to learn it: it comes up, and is looked at
//         at once, so that what is said late ends it.
// Rule 5: each domain that was proven by certificate on a stream is looked at by the mode that it has itself, whenever it came
//         to be proven. The first one that no longer holds ends the stream.

import { networkSet } from '../config/values.ts'
import { fetcher } from '../net/fetch.ts'
import { scopeOf } from '../net/redirect.ts'
import type { Stream } from '../net/stream.ts'
import { readCertificate } from '../trust/certificate.ts'
import type { Certificate } from '../trust/certificate.ts'
import type { CertificateFinding } from '../trust/finding.ts'
import type { ObtainFile } from '../trust/issuers.ts'
import type { ProfileName } from '../trust/profiles/profile.ts'
import { PROFILES } from '../trust/profiles/profiles.ts'
import { CrlReader } from '../trust/revocation/crl-reader.ts'
import { DroppedCrls } from '../trust/revocation/dropped.ts'
import type { Fetch } from '../trust/revocation/fetch.ts'
import { Revocation } from '../trust/revocation/revocation.ts'
import { foundBy, type Standing } from '../trust/revocation/standing.ts'
import type { Verdict } from '../trust/verdict.ts'
import type { RevocationMode } from '../policy/partner.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import type { GatewayOptions } from './gateway-options.ts'
import type { House } from './house.ts'
import type { Journal } from './journal.ts'
import type { Lookups } from './lookups.ts'
import { nextLook, RETRY_MS } from './next-look.ts'
import { Stapling } from './stapling.ts'
import { whenKnown } from './when-known.ts'

export interface RevocationsOptions extends Pick<GatewayOptions, 'now' | 'reference' | 'revocation'> {
  house(): House
  /** Finds the places that certificates point to. */
  lookups(): Pick<Lookups, 'fetching'>
  readonly journal: Pick<Journal, 'bug'>
}

/** What a peer showed, and what came of it. */
export interface Shown {
  readonly domain: string
  readonly chain: readonly Buffer[]
  readonly staple?: Buffer | undefined
}

export interface CardQuestion {
  /** Leaf first, anchor last. */
  readonly path: readonly Certificate[]
  /** What was shown, DER. */
  readonly chain: readonly Buffer[]
  readonly renew?: boolean
}

export interface CardStanding {
  /** Why it does not hold. */
  readonly fault: { readonly reason: ReasonId; readonly detail: string } | undefined
  /** When to look again, ms since 1970. */
  readonly again: number
  /** Somebody has said something of it, or nobody was to be asked. */
  readonly known: boolean
}

interface Watched {
  /** By the domain that was proven. */
  readonly looks: Map<string, Look>
  busy: boolean
}

interface Look {
  due: number
  /** It has been looked at since it was proven, so that the next time is meant to ask anew. */
  known: boolean
  /** How often in a row nobody knew. */
  unsaid: number
}

/** What cards of users are counted as, beside the domains of partners. */
const CARDS = 'cards'

/** Of many streams whose time has come, so many are looked at at once. */
const MOST_AT_ONCE = 64

export class Revocations {
  readonly #o: RevocationsOptions
  readonly #obtain: Fetch
  readonly #revocation: Revocation
  readonly #stapling: Stapling
  readonly #reader = new CrlReader()
  readonly #watched = new Map<Stream, Watched>()
  #dropped: { readonly directory: string; readonly crls: DroppedCrls } | undefined
  #busy = 0
  #seen: House | undefined
  /** The changes to the CRLs that were brought, as last seen. */
  #brought: number | undefined

  constructor(o: RevocationsOptions) {
    this.#o = o
    const { house } = o
    this.#obtain = fetcher({
      addresses: (host) => o.lookups().fetching.addresses(host),
      mayFetchFrom: (address) => mayFetchFrom(house(), address),
      timeoutMs: () => house().settings.limits.revocationMs,
      mostBytes: () => house().settings.limits.revocationBytes,
    })
    this.#revocation = new Revocation({
      obtain: this.#obtain,
      keeper: o.revocation?.keeper,
      reader: this.#reader,
      dropped: () => this.#droppedIn(house().settings.trust.crls),
      terms() {
        const { trust, limits } = house().settings
        return {
          fetch: trust.fetch,
          responder: trust.responder,
          timeoutMs: limits.revocationMs,
          againMs: limits.revocationAgainMs,
          most: { entries: limits.revocationAnswers, bytes: limits.revocationBytes },
        }
      },
      now: () => o.now(),
      fetched: (kind, outcome) => o.revocation?.fetched(kind, outcome),
    })
    this.#stapling = new Stapling({
      ...{ house, obtain: this.#obtain, keeper: o.revocation?.keeper, now: () => o.now() },
      most: () => ({
        entries: house().settings.limits.revocationAnswers,
        bytes: house().settings.limits.revocationBytes,
      }),
      fetched: (outcome) => o.revocation?.fetched('ocsp', outcome),
    })
  }

  /** What is kept in memory, and how many streams are looked at again. */
  get figures(): Revocation['figures'] & { readonly watched: number } {
    return { ...this.#revocation.figures, watched: this.#watched.size }
  }

  /** What lies at a place that a certificate names; from the same places, and within the same time, as what is revoked. */
  readonly file: ObtainFile = async (url, mostBytes) => {
    const fetched = await this.#obtain({ url, by: 'certificate', mostBytes })
    return fetched.ok ? fetched.octets : undefined
  }

  /** What is wrong with the CRLs that were brought, and which staples of ours are missing. */
  findings(): readonly CertificateFinding[] {
    const dropped = this.#droppedIn(this.#o.house().settings.trust.crls)
    return [...(dropped?.findings() ?? []), ...this.#stapling.findings()]
  }

  /** The verdict on a partner, once it is known whether what proved it was revoked. Never rejects. */
  confirm(verdict: Verdict, { domain, chain, staple }: Shown): Verdict | Promise<Verdict> {
    if (!verdict.proven) return verdict
    const { path, certificate } = verdict
    return whenKnown(this.#standing(domain, { path, chain, staple }, 'waits'), (standing) => {
      if (!standing) return verdict
      if (!isRefused(standing, this.#o.house().revocation(domain)))
        return { ...verdict, certificate: { ...certificate, revocation: foundBy(standing) } }
      return { proven: false, reason: standing.reason, detail: standing.detail, certificate }
    })
  }

  /**
   * Does the card of a user still hold, whose path has been validated? Asked as of partners, with the mode for users.
   * @param asked.renew what is known is asked anew
   * @param unsaid how often in a row nothing was known
   */
  async card(asked: CardQuestion, unsaid = 0): Promise<CardStanding> {
    const { cardRevocation: mode, settings } = this.#o.house()
    const whose = { name: CARDS, mode, profile: settings.federation.profile }
    const standing = mode === 'off' ? undefined : await this.#check(whose, asked, asked.renew ? 'is up' : 'waits')
    const refused = standing && isRefused(standing, mode) ? standing : undefined
    const again = nextLook(standing, this.#o.now(), settings.limits.revocationAgainMs, unsaid)
    const ends = Math.min(...asked.path.map(({ notAfter }) => notAfter + 1))
    return {
      fault: refused && { reason: refused.reason, detail: refused.detail },
      again: Math.min(again, ends),
      known: standing?.status !== 'unknown',
    }
  }

  /** Why a stream that is up would end under a house that asks for this of its certificates. */
  async refusal(house: House, shown: Shown, path: readonly Certificate[] | undefined): Promise<ReasonId | undefined> {
    const standing = await this.#standing(shown.domain, { ...shown, path }, 'is up', house)
    return standing && isRefused(standing, house.revocation(shown.domain)) ? endOf(standing) : undefined
  }

  /** A name was proven on a stream that is up: it is looked at again when its time comes. */
  proven(stream: Stream): void {
    if (stream.info.leg !== 'partner') return
    for (const domain of certified(stream)) {
      const watched = this.#watched.get(stream) ?? { looks: new Map<string, Look>(), busy: false }
      this.#watched.set(stream, watched)
      if (!watched.looks.has(domain)) watched.looks.set(domain, { due: 0, known: false, unsaid: 0 })
    }
  }

  ended(stream: Stream): void {
    this.#watched.delete(stream)
  }

  /** Looks at the streams whose time has come, or at all when the house has changed. Closes those that may not stay up. */
  tick(): void {
    this.#stapling.tick()
    // So that it is known what is wrong with them before anybody depends on it.
    const dropped = this.#droppedIn(this.#o.house().settings.trust.crls)
    void dropped?.all()
    const now = this.#o.now()
    const house = this.#o.house()
    if (house !== this.#seen)
      for (const { looks } of this.#watched.values()) for (const look of looks.values()) look.due = 0
    this.#seen = house
    // What was brought may say of a stream that is up what nobody said before; others need not be asked anew for that.
    if (dropped?.changes !== this.#brought)
      for (const { looks } of this.#watched.values())
        for (const look of looks.values()) [look.due, look.known] = [0, false]
    this.#brought = dropped?.changes
    for (const [stream, watched] of this.#watched) {
      if (watched.busy || this.#busy >= MOST_AT_ONCE) continue
      const due = [...watched.looks].filter(([, look]) => look.due <= now)
      if (due.length === 0) continue
      watched.busy = true
      this.#busy += 1
      this.#again(stream, due)
        .catch((error: unknown) => this.#o.journal.bug(error, this.#o.reference()))
        .finally(() => {
          watched.busy = false
          this.#busy -= 1
        })
    }
  }

  /** Nothing is read any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader[Symbol.asyncDispose]()
  }

  async #again(stream: Stream, due: readonly (readonly [domain: string, look: Look])[]): Promise<void> {
    for (const [, look] of due) look.due = this.#o.now() + RETRY_MS // Where it fails.
    for (const [domain, look] of due) if (stream.open) await this.#look(stream, domain, look)
  }

  async #look(stream: Stream, domain: string, look: Look): Promise<void> {
    const { chain, role, tls } = stream.info
    const verdict = this.#o.house().verifyPartner(domain, chain, role === 'receiving' ? 'client' : 'server', tls)
    if (!verdict.proven) {
      const reason = verdict.reason === 'SP-302' ? 'SP-371' : verdict.reason
      return this.#close(stream, reason, verdict.detail)
    }
    const brought = this.#brought
    const standing = await this.#standing(domain, { path: verdict.path, chain, renew: look.known }, 'is up')
    if (!stream.open) return
    const mode = this.#o.house().revocation(domain)
    const refused = standing && isRefused(standing, mode) ? standing : undefined
    if (refused) return this.#close(stream, endOf(refused), refused.detail)
    const now = this.#o.now()
    const ends = Math.min(...(verdict.path ?? []).map(({ notAfter }) => notAfter + 1))
    look.unsaid = standing?.status === 'unknown' ? look.unsaid + 1 : 0
    look.due = Math.min(nextLook(standing, now, this.#o.house().settings.limits.revocationAgainMs, look.unsaid), ends)
    look.known = true
    if (brought !== this.#brought) [look.due, look.known] = [0, false]
  }

  #close(stream: Stream, reason: ReasonId, detail: string): void {
    this.ended(stream)
    if (stream.open) stream.close(reason, { detail })
  }

  /** What is known of a path; undefined where policy has it that nobody is asked. */
  #standing(
    domain: string,
    { path, chain, staple, renew = false }: Omit<Shown, 'domain'> & Asked,
    stream: 'waits' | 'is up',
    house = this.#o.house(),
  ): Standing | Promise<Standing> | undefined {
    const mode = house.revocation(domain)
    if (mode === 'off' || !path || house.admission(domain) !== undefined) return undefined
    return this.#check({ name: domain, mode, profile: house.profile(domain) }, { path, chain, staple, renew }, stream)
  }

  #check(
    { name, mode, profile: profileName }: Whose,
    { path, chain, staple, renew = false }: Omit<Shown, 'domain'> & CardQuestion,
    stream: 'waits' | 'is up',
  ): Standing | Promise<Standing> {
    const tell = (standing: Standing): Standing => {
      this.#o.revocation?.checked(name, mode, standing)
      return standing
    }
    const unasked = this.#revocation.unasked({ path, staple })
    if (unasked) return tell(unasked)
    const others = chain.map((der) => readCertificate(der)).filter((one) => typeof one !== 'string')
    const { revocationWaitMs } = this.#o.house().settings.limits
    const wait = mode === 'soft' && stream === 'waits' ? { waitMs: revocationWaitMs } : {}
    const profile = PROFILES[profileName]
    return this.#revocation.check({ path, profile, others, staple, renew, ...wait }).then(tell)
  }

  #droppedIn(directory: string | undefined): DroppedCrls | undefined {
    if (directory === undefined) return undefined
    if (this.#dropped?.directory !== directory)
      this.#dropped = { directory, crls: new DroppedCrls(directory, () => this.#o.now(), this.#reader) }
    return this.#dropped.crls
  }
}

/** For whom it is asked: how it is counted, and by what it is judged. */
interface Whose {
  readonly name: string
  readonly mode: RevocationMode
  readonly profile: ProfileName
}

interface Asked {
  readonly path: readonly Certificate[] | undefined
  readonly renew?: boolean
}

const isRefused = (
  standing: Standing,
  mode: RevocationMode,
): standing is Exclude<Standing, { readonly status: 'good' }> =>
  (standing.status === 'revoked' && mode !== 'off') || (standing.status === 'unknown' && mode === 'hard')

const endOf = ({ status }: Standing): ReasonId => (status === 'revoked' ? 'SP-347' : 'SP-348')

/** The domains that the peer of a stream has proven by certificate. */
const certified = ({ proven }: Stream): readonly string[] =>
  proven.filter(({ method }) => method === 'certificate').map(({ pair }) => pair.remote)

/**
 * May something that a certificate points to be fetched from this address? From public ones, and from those that the
 * operator has named. SECURITY: never from the core's network unless it is named, whatever addresses it has.
 */
function mayFetchFrom(house: House, address: string): boolean {
  const { trust, evaluation } = house.settings
  if (networkSet(trust.fetchFrom).has(address)) return true
  const scope = scopeOf(address)
  return (scope === 'public' && !house.isCoreAddress(address)) || (scope === 'machine' && evaluation)
}
