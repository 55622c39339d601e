// The internal CA: with it the gateway shows the core, for each outside domain, a certificate of that domain's name. The
// core trusts this one CA and federates with strict checking, as if every partner were at its door.
//
// Rule 1: it cannot become us. Path length 0, and critical name constraints exclude our domains, so that who steals
//         its key still cannot show the core, or anyone who trusts this CA, one of our names.
// Rule 2: leaves live hours, are made when asked for, kept in a bounded memory, never on disk.
// Rule 3: when the settings gain a domain that the CA does not exclude, the CA is refused, not silently replaced:
//         the core must be given the new one.
// Rule 4: before its end another one is made. The core is to trust both for a while, and only then the new one signs.

import { certificateFinding } from './finding.ts'
import type { CertificateFinding } from './finding.ts'
import { endingOf } from './expiry.ts'
import type { Ending } from './expiry.ts'
import { errorText } from './files.ts'
import { makeIdentity } from './identity.ts'
import type { Identity } from './identity.ts'
import { addNext, certFileOf, dropOthers, excludes, madeAt, openCa, promoteNext, stampOf } from './internal-ca-files.ts'
import { ORGANIZATION, type CaFiles, type CaPlace } from './internal-ca-files.ts'
import { domainName } from './issue.ts'
import { domainSubject, issueLeaf } from './issuer.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const LEAF_LIFETIME_MS = DAY_MS
const RENEW_BEFORE_MS = 8 * HOUR_MS
/** So long before its end the next CA is made. */
const ROTATE_BEFORE_MS = 90 * DAY_MS
/** So long the core has time to trust the next CA before that signs. */
export const OVERLAP_MS = 30 * DAY_MS

export interface InternalCaOptions extends CaPlace {
  /** Holds `ca.pem` and `ca.key`; made when it is not there. */
  readonly directory: string
  /** The most identities kept ready. */
  readonly capacity?: number
}

/** A step of the change from one CA to the next, and until when the core must have done its part. */
export type Rotation =
  | { readonly phase: 'begun'; readonly file: string; readonly signsFrom: number }
  | { readonly phase: 'signs' | 'over'; readonly file: string }
  | { readonly phase: 'failed'; readonly file: string; readonly detail: string }

interface Minted {
  readonly identity: Promise<Identity>
  readonly renewAt: number
}

export class InternalCa {
  readonly #o: InternalCaOptions
  readonly #capacity: number
  readonly #minted = new Map<string, Minted>()
  #files: CaFiles
  #stamp = ''

  private constructor(files: CaFiles, o: InternalCaOptions) {
    this.#files = files
    this.#o = o
    this.#capacity = o.capacity ?? 1024
  }

  /** Opens the CA, or makes it on first use. Without `ca`, the findings say why and what to do. */
  static async open(
    o: InternalCaOptions,
  ): Promise<{ readonly ca: InternalCa | undefined; readonly findings: readonly CertificateFinding[] }> {
    const files = await openCa(o)
    if ('severity' in files) return { ca: undefined, findings: [files] }
    const ca = new InternalCa(files, o)
    ca.#stamp = await stampOf(o)
    return { ca, findings: ca.findings() }
  }

  /** What the core must trust, PEM. */
  get certificatePem(): string {
    return this.#files.bundle
  }

  /** How many certificates are kept. */
  get minted(): number {
    return this.#minted.size
  }

  /** When the CA that signs ends, and where it lies; nothing while another one is about to take over. */
  get endings(): readonly (Ending & { readonly file: string })[] {
    const { next, signer } = this.#files
    return next ? [] : [{ ...endingOf(signer.certificate), file: certFileOf(this.#o) }]
  }

  /** From when on the next CA signs: after the overlap, or in time before the end of the one that does. Milliseconds since 1970. */
  get signsFrom(): number | undefined {
    const { next, signer } = this.#files
    return next && Math.min(madeAt(next) + OVERLAP_MS, signer.certificate.notAfter - 2 * DAY_MS)
  }

  /** What is wrong with the files, and what the core needs. */
  findings(): readonly CertificateFinding[] {
    const from = this.signsFrom
    if (from === undefined) return this.#files.findings
    const until = new Date(from).toISOString().slice(0, 10)
    const message = `has a new CA in it, which signs from ${until} on; before that, let the core trust this file in place of the old one`
    return [...this.#files.findings, certificateFinding('warning', certFileOf(this.#o), '', message)]
  }

  /** Is no CA that the core is to trust able to vouch for any of these domains? */
  excludesAll(domains: readonly string[]): boolean {
    const { signer, others } = this.#files
    return [signer, ...others].every(({ constraints }) => domains.every((domain) => excludes(constraints, domain)))
  }

  /** Begins the change to another CA now. Rejects when files cannot be written. Nothing to do where one has begun. */
  async rotate(): Promise<Rotation | undefined> {
    if (this.#files.next) return undefined
    await addNext(this.#o, this.#files)
    await this.#reread()
    return { phase: 'begun', file: certFileOf(this.#o), signsFrom: this.signsFrom ?? 0 }
  }

  /** What its age calls for, one step at a time: another CA, letting that sign, forgetting the old one. Never rejects. */
  async tend(): Promise<Rotation | undefined> {
    try {
      if ((await stampOf(this.#o)) !== this.#stamp) await this.#reread()
      return await this.#step()
    } catch (error) {
      return { phase: 'failed', file: certFileOf(this.#o), detail: errorText(error) }
    }
  }

  async #step(): Promise<Rotation | undefined> {
    const now = this.#o.now()
    const { signer, others, next } = this.#files
    const file = certFileOf(this.#o)
    if (next) {
      if (now < (this.signsFrom ?? 0)) return undefined
      await promoteNext(this.#o)
      await this.#reread()
      this.#minted.clear()
      return { phase: 'signs', file }
    }
    if (now > signer.certificate.notAfter - ROTATE_BEFORE_MS) return this.rotate()
    // What the one before has signed is out of date by now.
    if (others.length === 0 || now < madeAt(signer) + OVERLAP_MS + 2 * LEAF_LIFETIME_MS) return undefined
    await dropOthers(this.#o, this.#files)
    await this.#reread()
    return { phase: 'over', file }
  }

  async #reread(): Promise<void> {
    this.#stamp = await stampOf(this.#o)
    const files = await openCa(this.#o)
    if ('severity' in files) throw new Error(files.message)
    if (files.signer.certificate.fingerprint !== this.#files.signer.certificate.fingerprint) this.#minted.clear()
    this.#files = files
  }

  /**
   * What to show the core as this outside domain, canonical; minted on demand, once however many ask.
   * Rejects for our own domains: whoever verified such a certificate would refuse it anyway.
   */
  identity(domain: string): Promise<Identity> {
    const known = this.#minted.get(domain)
    this.#minted.delete(domain)
    if (known && this.#o.now() < known.renewAt) {
      this.#minted.set(domain, known) // Set again, it is the youngest.
      return known.identity
    }
    const identity = this.#mint(domain)
    const minted = { identity, renewAt: this.#o.now() + LEAF_LIFETIME_MS - RENEW_BEFORE_MS }
    this.#minted.set(domain, minted)
    for (const oldest of this.#minted.keys()) {
      if (this.#minted.size <= this.#capacity) break
      this.#minted.delete(oldest)
    }
    // A failure is not worth remembering.
    identity.catch(() => this.#minted.get(domain) === minted && this.#minted.delete(domain))
    return identity
  }

  async #mint(domain: string): Promise<Identity> {
    const { signer, issuer } = this.#files
    if (excludes(signer.constraints, domain))
      throw new Error(`the internal CA does not vouch for ${domain}: it is ours, or no name`)
    const { fullchain, privkey } = await issueLeaf(issuer, {
      subject: domainSubject(domain, ORGANIZATION),
      names: [domainName(domain)],
      now: this.#o.now(),
      lifetimeMs: LEAF_LIFETIME_MS,
    })
    return makeIdentity(fullchain, privkey)
  }
}
