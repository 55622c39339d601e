// The internal CA: with it the gateway shows the core, for each outside domain, a certificate of that domain's name. The
// core trusts this one CA and federates with strict checking, as if every partner were at its door.
//
// Rule 1: it cannot become us. Path length 0, and critical name constraints exclude our domains, so that who steals
//         its key still cannot show the core, or anyone who trusts this CA, one of our names.
// Rule 2: leaves are short-lived, made when asked for, kept in a bounded memory, never on disk.
// Rule 3: when the settings gain a domain that the CA does not exclude, the CA is refused, not silently replaced:
//         the core must be given the new one.

import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isBelow } from '../xmpp/domain.ts'
import { readAnchor } from './certificate.ts'
import type { NameConstraints } from './extensions.ts'
import { errorCode, errorText } from './files.ts'
import { certificateFinding } from './finding.ts'
import type { CertificateFinding } from './finding.ts'
import { ipBytes } from './general-name.ts'
import type { GeneralName } from './general-name.ts'
import { makeIdentity } from './identity.ts'
import type { Identity } from './identity.ts'
import { domainName, nameConstraints, privateKeyPem } from './issue.ts'
import { domainSubject, issueLeaf, makeIssuer, openIssuer } from './issuer.ts'
import type { Issuer } from './issuer.ts'
import { decodePem } from './pem.ts'

const DAY_MS = 86_400_000
const CA_LIFETIME_MS = 3650 * DAY_MS
const LEAF_LIFETIME_MS = 30 * DAY_MS
const RENEW_BEFORE_MS = 10 * DAY_MS
const WARN_BEFORE_MS = 90 * DAY_MS
const ORGANIZATION = 'Sallyport internal'

export interface InternalCaOptions {
  /** Holds `ca.pem` and `ca.key`; made when it is not there. */
  readonly directory: string
  /** Our own domains, canonical: the CA must not be able to vouch for them. */
  readonly excludes: readonly string[]
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** The most identities kept ready. */
  readonly capacity?: number
}

interface Minted {
  readonly identity: Promise<Identity>
  readonly renewAt: number
}

export class InternalCa {
  readonly #issuer: Issuer
  readonly #constraints: NameConstraints
  readonly #now: () => number
  readonly #capacity: number
  readonly #minted = new Map<string, Minted>()

  private constructor(issuer: Issuer, constraints: NameConstraints, o: InternalCaOptions) {
    this.#issuer = issuer
    this.#constraints = constraints
    this.#now = o.now
    this.#capacity = o.capacity ?? 1024
  }

  /** Opens the CA, or makes it on first use. Without `ca`, the findings say why and what to do. */
  static async open(
    o: InternalCaOptions,
  ): Promise<{ readonly ca: InternalCa | undefined; readonly findings: readonly CertificateFinding[] }> {
    const certFile = join(o.directory, 'ca.pem')
    const keyFile = join(o.directory, 'ca.key')
    let texts: readonly [string | undefined, string | undefined]
    try {
      texts = [await readIfThere(certFile), await readIfThere(keyFile)]
      if (texts[0] === undefined && texts[1] === undefined) texts = await create(o, certFile, keyFile)
    } catch (error) {
      return fail(o.directory, `the internal CA cannot be read or made: ${errorText(error)}`)
    }
    const [certificatePem, keyPem] = texts
    if (certificatePem === undefined) return fail(certFile, `missing, although ${keyFile} is there; ${ANEW}`)
    if (keyPem === undefined) return fail(keyFile, `missing, although ${certFile} is there; ${ANEW}`)

    const [der] = decodePem(certificatePem)
    const certificate = der ? readAnchor(der) : 'no certificate in it'
    if (typeof certificate === 'string') return fail(certFile, `${certificate}; ${ANEW}`)
    const { nameConstraints: constraints, basicConstraints } = certificate.extensions
    if (!basicConstraints?.ca || basicConstraints.pathLength !== 0 || !constraints)
      return fail(certFile, `not a CA made by Sallyport (path length 0, name constraints); ${ANEW}`)
    const exposed = o.excludes.filter((domain) => !excludes(constraints, domain))
    if (exposed.length > 0) return fail(certFile, `could vouch for ${exposed.join(', ')}, which is ours; ${ANEW}`)
    if (o.now() > certificate.notAfter - LEAF_LIFETIME_MS)
      return fail(certFile, `expires within 30 days or has; ${ANEW}`)
    let issuer: Issuer
    try {
      issuer = await openIssuer(certificatePem, keyPem)
      makeIdentity(certificatePem, keyPem)
    } catch (error) {
      return fail(keyFile, `not the key of ${certFile} (${errorText(error)}); ${ANEW}`)
    }

    const findings: CertificateFinding[] = []
    const { mode } = await stat(keyFile)
    if ((mode & 0o077) !== 0)
      findings.push(
        certificateFinding('warning', keyFile, '', `others can read this key; run \`chmod 600 ${keyFile}\``),
      )
    if (o.now() > certificate.notAfter - WARN_BEFORE_MS)
      findings.push(certificateFinding('warning', certFile, '', `expires within 90 days; before that, ${ANEW}`))
    return { ca: new InternalCa(issuer, constraints, o), findings }
  }

  /** What the core must trust, PEM. */
  get certificatePem(): string {
    return this.#issuer.certificate
  }

  /** How many certificates are kept. */
  get minted(): number {
    return this.#minted.size
  }

  /** Is the CA unable to vouch for any of these domains? */
  excludesAll(domains: readonly string[]): boolean {
    return domains.every((domain) => excludes(this.#constraints, domain))
  }

  /**
   * What to show the core as this outside domain, canonical; minted on demand, once however many ask.
   * Rejects for our own domains: whoever verified such a certificate would refuse it anyway.
   */
  identity(domain: string): Promise<Identity> {
    const known = this.#minted.get(domain)
    this.#minted.delete(domain)
    if (known && this.#now() < known.renewAt) {
      this.#minted.set(domain, known) // Set again, it is the youngest.
      return known.identity
    }
    const identity = this.#mint(domain)
    const minted = { identity, renewAt: this.#now() + LEAF_LIFETIME_MS - RENEW_BEFORE_MS }
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
    if (excludes(this.#constraints, domain))
      throw new Error(`the internal CA does not vouch for ${domain}: it is ours, or no name`)
    const { fullchain, privkey } = await issueLeaf(this.#issuer, {
      subject: domainSubject(domain, ORGANIZATION),
      names: [domainName(domain)],
      now: this.#now(),
      lifetimeMs: LEAF_LIFETIME_MS,
    })
    return makeIdentity(fullchain, privkey)
  }
}

function fail(
  file: string,
  message: string,
): { readonly ca: undefined; readonly findings: readonly CertificateFinding[] } {
  return { ca: undefined, findings: [certificateFinding('error', file, '', message)] }
}

const ANEW =
  'move `ca.pem` and `ca.key` of the internal CA away, start again, and let the core trust the new `ca.pem` in place of the old'

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

async function create(o: InternalCaOptions, certFile: string, keyFile: string): Promise<readonly [string, string]> {
  const issuer = await makeIssuer({
    subject: [{ O: [ORGANIZATION] }, { CN: [`Sallyport internal CA ${randomBytes(4).toString('hex')}`] }],
    now: o.now(),
    lifetimeMs: CA_LIFETIME_MS,
    extensions: [nameConstraints({ excluded: exclusions(o.excludes) })],
  })
  const keyPem = await privateKeyPem(issuer.keys.privateKey)
  await mkdir(o.directory, { recursive: true, mode: 0o700 })
  await chmod(o.directory, 0o700)
  // Complete or not at all, the key first: a certificate without a key would be given to the core in vain.
  for (const [file, text, mode] of [
    [keyFile, keyPem, 0o600] as const,
    [certFile, issuer.certificate, 0o644] as const,
  ]) {
    const temporary = `${file}.${randomBytes(6).toString('hex')}`
    await writeFile(temporary, text, { mode, flag: 'wx' })
    await rename(temporary, file)
  }
  return [issuer.certificate, keyPem]
}

/**
 * What the CA must not vouch for. A DNS name excludes what is below it too (RFC 5280 §4.2.1.10). The wildcard one level
 * up would cover the domain without being below it. The otherName forms of XMPP cannot be compared by OpenSSL,
 * so one exclusion of each makes it refuse every leaf that carries one: ours never do.
 */
function exclusions(domains: readonly string[]): readonly GeneralName[] {
  const names = domains.filter((domain) => !ipBytes(domain))
  const outermost = names.filter((domain) => !names.some((other) => isBelow(domain, other)))
  const wildcards = new Set(outermost.map(wildcardAbove).filter((name) => name !== undefined))
  return [
    ...outermost.map((value) => ({ kind: 'dns', value }) as const),
    ...Array.from(wildcards, (value) => ({ kind: 'dns', value }) as const),
    { kind: 'ip', bytes: Buffer.alloc(8) }, // 0.0.0.0/0 and ::/0: partners are names, never addresses
    { kind: 'ip', bytes: Buffer.alloc(32) },
    { kind: 'xmpp', value: outermost[0] ?? '' },
    { kind: 'srv', value: `_xmpp-server.${outermost[0] ?? ''}` },
  ]
}

function wildcardAbove(domain: string): string | undefined {
  const dot = domain.indexOf('.')
  return dot < 0 ? undefined : `*${domain.slice(dot)}`
}

function excludes({ excluded }: NameConstraints, domain: string): boolean {
  if (!excluded.some(({ kind }) => kind === 'xmpp') || !excluded.some(({ kind }) => kind === 'srv')) return false
  if (ipBytes(domain)) return excluded.some((name) => name.kind === 'ip' && name.bytes.every((byte) => byte === 0))
  return excluded.some((name) => name.kind === 'dns' && (name.value === domain || isBelow(domain, name.value)))
}
