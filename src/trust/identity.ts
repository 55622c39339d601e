// An identity is what we show when we must prove a domain: a certificate with its key, or one of each kind of key, ready
// for TLS. With several, OpenSSL picks one by what the other side can verify.

import type { KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { SecureContext } from 'node:tls'
import { isSelfIssued, readCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { isEvaluation } from './evaluation-mark.ts'
import { findName } from './names.ts'
import { decodePem } from './pem.ts'
import type { ProfileName } from './profiles/profile.ts'
import { PROFILES } from './profiles/profiles.ts'
import { Staple } from './staple.ts'
import { weakKey, weakSignature } from './strength.ts'
import { subjectText, summarise } from './summary.ts'
import { tlsContext } from './tls-context.ts'
import type { CertificateSummary } from './verdict.ts'

/** A certificate and its key, PEM. */
export interface Material {
  /** Leaf first, each followed by its issuer. */
  readonly fullchain: string
  /** Not encrypted. */
  readonly privkey: string
  /** Of the leaf, where it is not in the chain. */
  readonly issuer?: Certificate | undefined
}

export interface Identity {
  /** For `tls.connect` and `new TLSSocket` alike. */
  readonly context: SecureContext
  /** The first of them. */
  readonly certificate: CertificateSummary
  /** All that the other side may be shown, each of another kind of key. */
  readonly certificates: readonly Certificate[]
  /** What to send along with each that is shown. */
  readonly staples: readonly Staple[]
  /** Issued by an evaluation CA: for loopback only. */
  readonly evaluation: boolean
  /** Does whatever is shown name the domain? */
  covers(domain: string): boolean
  /** The same, spoken under another profile. */
  under(profile: ProfileName): Identity
  /** Why partners who hold a profile refuse what is shown, in words; undefined: it is strong enough. */
  unfit(profile: ProfileName): string | undefined
}

/**
 * An identity from PEM, the chain leaf first, for the profile `standard`. Throws when the two do not read or do not belong
 * together.
 */
export function makeIdentity(fullchain: string, privkey: string): Identity {
  return identityOf([{ fullchain, privkey }])
}

/**
 * An identity from one certificate or several, each of another kind of key. Under a profile only those are shown that it
 * permits, where there are any. Throws as `makeIdentity`.
 *
 * COMPAT: OpenSSL, as the client of TLS 1.2, shows the certificate that was loaded last or none; so RSA comes last, which
 * every server takes.
 */
export function identityOf(materials: readonly Material[]): Identity {
  const read = materials.map((material) => ({ material, leaf: leafOf(material) }))
  const [first] = read
  if (!first) throw new Error('no certificate in it')
  const ordered = read.toSorted((a, b) => Number(isRsa(a.leaf)) - Number(isRsa(b.leaf)))
  const certificates = read.map(({ leaf }) => leaf)
  const fit = (profile: ProfileName): readonly Material[] => {
    const strong = ordered.filter(({ material }) => unfit(material, profile) === undefined)
    return (strong.length > 0 ? strong : ordered).map(({ material }) => material)
  }
  const staples = new Map(
    read.map(({ material, leaf }) => [material, new Staple(leaf, issuerIn(material) ?? material.issuer)]),
  )
  const shown = (profile: ProfileName): Shown => {
    const fitting = fit(profile)
    return {
      context: tlsContext(fitting, PROFILES[profile]),
      staples: fitting.flatMap((material) => staples.get(material) ?? []),
    }
  }
  return underProfiles(shown, {
    certificate: summarise(first.leaf),
    certificates,
    evaluation: certificates.some((leaf) => isEvaluation(leaf)),
    covers: (domain) => certificates.every((leaf) => findName(leaf.extensions.names, domain) !== undefined),
    unfit(profile) {
      const faults = materials.map((material) => unfit(material, profile))
      return faults.includes(undefined) ? undefined : faults[0]
    },
  })
}

function leafOf({ fullchain }: Material): Certificate {
  const [der] = decodePem(fullchain)
  const leaf = der ? readCertificate(der) : 'no certificate in it'
  if (typeof leaf === 'string') throw new Error(leaf)
  return leaf
}

/** What of a chain of ours is below a profile, in words. */
function unfit({ fullchain }: Material, name: ProfileName): string | undefined {
  const profile = PROFILES[name]
  const certificates = decodePem(fullchain)
    .map(readCertificate)
    .filter((one): one is Certificate => typeof one !== 'string')
  for (const certificate of certificates) {
    const weak =
      weakKey(certificate, profile) ?? (isSelfIssued(certificate) ? undefined : weakSignature(certificate, profile))
    if (weak !== undefined) return `${subjectText(certificate)}: ${weak}`
  }
  return undefined
}

/** What a profile decides of an identity. */
type Shown = Pick<Identity, 'context' | 'staples'>

/** One identity for each profile that is asked for; each context is made once. */
function underProfiles(shown: (profile: ProfileName) => Shown, rest: Omit<Identity, keyof Shown | 'under'>): Identity {
  const made = new Map<ProfileName, Identity>()
  const under = (profile: ProfileName): Identity => {
    const known = made.get(profile) ?? { ...rest, ...shown(profile), under }
    made.set(profile, known)
    return known
  }
  return under('standard')
}

function issuerIn({ fullchain }: Material): Certificate | undefined {
  const der = decodePem(fullchain)[1]
  const issuer = der && readCertificate(der)
  return typeof issuer === 'string' ? undefined : issuer
}

/** What OpenSSL keeps one certificate of: `rsa`, `ec`, `ed25519` and so on. */
export const keyKindOf = ({ x509 }: Certificate): KeyObject['asymmetricKeyType'] => x509.publicKey.asymmetricKeyType

const isRsa = (leaf: Certificate): boolean => keyKindOf(leaf)?.startsWith('rsa') ?? false

/** An identity from two PEM files that need no explaining; `own-certificates.ts` explains. Throws as `makeIdentity`. */
export async function loadIdentity(certFile: string, keyFile: string): Promise<Identity> {
  return makeIdentity(await readFile(certFile, 'utf8'), await readFile(keyFile, 'utf8'))
}
