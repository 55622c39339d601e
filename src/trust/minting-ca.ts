// A CA of ours at work: it mints what is shown to the core, when it is asked for, and gives way to another one in time.
//
// Rule 1: leaves are short-lived, made when asked for, kept in a bounded memory, never on disk.
// Rule 2: before its end another one is made. The core is to trust both for a while, and only then the new one signs.

import { certificateFinding } from './finding.ts'
import type { CertificateFinding } from './finding.ts'
import { endingOf } from './expiry.ts'
import type { Ending } from './expiry.ts'
import { errorText } from './files.ts'
import { makeIdentity } from './identity.ts'
import type { Identity } from './identity.ts'
import { addNext, certFileOf, dropOthers, madeAt, openCa, promoteNext, stampOf } from './ca-files.ts'
import type { CaCertificate, CaFiles, CaPlace } from './ca-files.ts'
import { issueLeaf } from './issuer.ts'
import type { LeafContent } from './issuer.ts'

const DAY_MS = 86_400_000
/** So long before its end the next CA is made. */
const ROTATE_BEFORE_MS = 90 * DAY_MS
/** So long the core has time to trust the next CA before that signs. */
export const OVERLAP_MS = 30 * DAY_MS
/** So long the one before is trusted when the next one signs: what it has signed is out of date by then. */
const AFTERWARDS_MS = 2 * DAY_MS

/** A step of the change from one CA to the next, and until when the core must have done its part. */
export type Rotation =
  | { readonly phase: 'begun'; readonly file: string; readonly signsFrom: number }
  | { readonly phase: 'signs' | 'over'; readonly file: string }
  | { readonly phase: 'failed'; readonly file: string; readonly detail: string }

/** What is minted for a name. */
export type Minting = Pick<LeafContent, 'subject' | 'names' | 'usages'>

export interface MintingOptions extends CaPlace {
  /** How long a leaf lives, at most a day, and how long before its end another one is minted. */
  readonly lifetimeMs: number
  readonly renewBeforeMs: number
  /** The most identities kept ready. */
  readonly capacity: number
  /** @throws for a name that the CA does not vouch for */
  minting(name: string, signer: CaCertificate): Minting
}

interface Minted {
  readonly identity: Promise<Identity>
  readonly renewAt: number
}

export class MintingCa {
  readonly #o: MintingOptions
  readonly #minted = new Map<string, Minted>()
  #files: CaFiles
  #stamp: string

  private constructor(o: MintingOptions, files: CaFiles, stamp: string) {
    this.#o = o
    this.#files = files
    this.#stamp = stamp
  }

  /** Opens the CA, or makes it on first use. Without `ca`, the findings say why and what to do. */
  static async open(
    o: MintingOptions,
  ): Promise<{ readonly ca: MintingCa | undefined; readonly findings: readonly CertificateFinding[] }> {
    const files = await openCa(o)
    if ('severity' in files) return { ca: undefined, findings: [files] }
    const ca = new MintingCa(o, files, await stampOf(o))
    return { ca, findings: ca.findings() }
  }

  /** What the core must trust, PEM. */
  get certificatePem(): string {
    return this.#files.bundle
  }

  /** All that the core is to trust. */
  get certificates(): readonly CaCertificate[] {
    return [this.#files.signer, ...this.#files.others]
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
    if (others.length === 0 || now < madeAt(signer) + OVERLAP_MS + AFTERWARDS_MS) return undefined
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

  /** What to show the core for this name, canonical; minted on demand, once however many ask. Rejects where it may not be. */
  identity(name: string): Promise<Identity> {
    const known = this.#minted.get(name)
    this.#minted.delete(name)
    if (known && this.#o.now() < known.renewAt) {
      this.#minted.set(name, known) // Set again, it is the youngest.
      return known.identity
    }
    const identity = this.#mint(name)
    const minted = { identity, renewAt: this.#o.now() + this.#o.lifetimeMs - this.#o.renewBeforeMs }
    this.#minted.set(name, minted)
    for (const oldest of this.#minted.keys()) {
      if (this.#minted.size <= this.#o.capacity) break
      this.#minted.delete(oldest)
    }
    // A failure is not worth remembering.
    identity.catch(() => this.#minted.get(name) === minted && this.#minted.delete(name))
    return identity
  }

  async #mint(name: string): Promise<Identity> {
    const { signer, issuer } = this.#files
    const { now, lifetimeMs, minting } = this.#o
    const { fullchain, privkey } = await issueLeaf(issuer, { ...minting(name, signer), now: now(), lifetimeMs })
    return makeIdentity(fullchain, privkey)
  }
}
