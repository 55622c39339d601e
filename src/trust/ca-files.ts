// The files of a CA of ours: `ca.pem`, which the core is to trust, and `ca.key`, with which we sign. While one CA takes
// over from another, both stand in `ca.pem`, and the key of the newcomer waits in `next.key`.
//
// Rule 1: the CA that signs is the one in `ca.pem` that `ca.key` belongs to; one renaming so makes another of it.
// Rule 2: every CA in `ca.pem` is held against all that is asked of one, since the core trusts each.
// Rule 3: files are complete or not there; a key is there before its certificate: one without would be given away in vain.

import { randomBytes } from 'node:crypto'
import { readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readAnchor } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import type { NameConstraints } from './extensions.ts'
import { errorCode, errorText } from './files.ts'
import { certificateFinding } from './finding.ts'
import type { CertificateFinding } from './finding.ts'
import { makeIdentity } from './identity.ts'
import { privateKeyPem } from './issue.ts'
import type { ExtensionValue } from './issue.ts'
import { BACKDATED_MS, makeIssuer, openIssuer } from './issuer.ts'
import type { Issuer } from './issuer.ts'
import { closeFolder, makeOwnedFolder, replaceOwned } from './owned-file.ts'
import { decodePem, encodePem } from './pem.ts'

const DAY_MS = 86_400_000
const CA_LIFETIME_MS = 3650 * DAY_MS
export const ORGANIZATION = 'Sallyport internal'

/** What a CA of ours is for. */
export interface CaKind {
  /** As it is called: `internal CA`. */
  readonly name: string
  /** What binds it. */
  readonly extensions: readonly ExtensionValue[]
  /** Why a CA of the files is none of this kind; undefined: it is one. */
  fault(ca: CaCertificate): string | undefined
}

export interface CaPlace {
  readonly directory: string
  readonly kind: CaKind
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** A CA of the files. */
export interface CaCertificate {
  readonly certificate: Certificate
  readonly constraints: NameConstraints
}

export interface CaFiles {
  /** What the core is to trust, PEM. */
  readonly bundle: string
  readonly issuer: Issuer
  readonly signer: CaCertificate
  /** Others that the core is to trust: the one to come, or the one before. */
  readonly others: readonly CaCertificate[]
  /** The one to come. */
  readonly next: CaCertificate | undefined
  readonly findings: readonly CertificateFinding[]
}

export const certFileOf = ({ directory }: Pick<CaPlace, 'directory'>): string => join(directory, 'ca.pem')
const keyFileOf = ({ directory }: CaPlace): string => join(directory, 'ca.key')
const nextFileOf = ({ directory }: CaPlace): string => join(directory, 'next.key')

const anew = ({ kind }: CaPlace): string =>
  `move \`ca.pem\` and \`ca.key\` of the ${kind.name} away, start again, and let the core trust the new \`ca.pem\` in place of the old`

/** Reads the files, or makes them on first use. A finding says why there is no CA, and what to do. */
export async function openCa(o: CaPlace): Promise<CaFiles | CertificateFinding> {
  const [certFile, keyFile, how] = [certFileOf(o), keyFileOf(o), anew(o)]
  let texts: readonly (string | undefined)[]
  try {
    texts = [await readIfThere(certFile), await readIfThere(keyFile), await readIfThere(nextFileOf(o))]
    if (texts[0] === undefined && texts[1] === undefined) texts = await create(o)
  } catch (error) {
    return fail(o.directory, `the ${o.kind.name} cannot be read or made: ${errorText(error)}`)
  }
  const [bundle, keyPem, nextKey] = texts
  if (bundle === undefined) return fail(certFile, `missing, although ${keyFile} is there; ${how}`)
  if (keyPem === undefined) return fail(keyFile, `missing, although ${certFile} is there; ${how}`)
  const cas: CaCertificate[] = []
  const ders = decodePem(bundle)
  for (const der of ders) {
    const read = readCa(der, o.kind)
    if (typeof read === 'string') return fail(certFile, `${read}; ${how}`)
    cas.push(read)
  }
  if (ders.length === 0) return fail(certFile, `no certificate in it; ${how}`)
  const signer = await ownerOf(keyPem, cas)
  if (typeof signer === 'string') return fail(keyFile, `not the key of ${certFile} (${signer}); ${how}`)
  if (o.now() > signer.ca.certificate.notAfter - DAY_MS)
    return fail(certFile, `has expired, or will within a day; ${how}`)
  const others = cas.filter((ca) => ca !== signer.ca)
  const next = nextKey === undefined ? undefined : await ownerOf(nextKey, others)
  return {
    bundle,
    issuer: signer.issuer,
    signer: signer.ca,
    others,
    next: typeof next === 'object' ? next.ca : undefined,
    findings: await exposed(o),
  }
}

/** SECURITY: what others can do with the files that only their owner should. */
async function exposed(o: CaPlace): Promise<readonly CertificateFinding[]> {
  const findings: CertificateFinding[] = []
  for (const file of [keyFileOf(o), nextFileOf(o)])
    if (((await modeOf(file)) & 0o077) !== 0)
      findings.push(certificateFinding('warning', file, '', `others can read this key; run \`chmod 600 ${file}\``))
  // Who can write there can put a CA of his own in the place of this one.
  const { directory } = o
  if (((await modeOf(directory)) & 0o022) !== 0)
    findings.push(
      certificateFinding('warning', directory, '', `others can put another CA there; run \`chmod 700 ${directory}\``),
    )
  return findings
}

/** 0 where there is none. */
async function modeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).mode
  } catch {
    return 0
  }
}

/** Makes another CA, which is to take over: from now on the core is to trust both. Rejects when files cannot be written. */
export async function addNext(o: CaPlace, { bundle }: Pick<CaFiles, 'bundle'>): Promise<void> {
  const { issuer, keyPem } = await make(o)
  await replaceOwned(nextFileOf(o), keyPem, 0o600)
  await replaceOwned(certFileOf(o), bundle + issuer.certificate, 0o644)
}

/** Lets the CA to come sign; the key of the one before is gone with that. */
export async function promoteNext(o: CaPlace): Promise<void> {
  await rename(nextFileOf(o), keyFileOf(o))
}

/** Takes every CA that does not sign out of what the core is to trust. */
export async function dropOthers(o: CaPlace, { signer }: Pick<CaFiles, 'signer'>): Promise<void> {
  await replaceOwned(certFileOf(o), encodePem('CERTIFICATE', signer.certificate.raw), 0o644)
}

/** When a CA of these files was made. */
export const madeAt = ({ certificate }: CaCertificate): number => certificate.notBefore + BACKDATED_MS

/** Changes whenever somebody writes the files, or lets others at them. */
export async function stampOf(o: CaPlace): Promise<string> {
  const modes = [o.directory, keyFileOf(o), nextFileOf(o)].map((file) => modeOf(file))
  const stamps = [certFileOf(o), keyFileOf(o), nextFileOf(o)].map(async (file) => {
    try {
      const { ino, size, mtimeMs } = await stat(file)
      return `${ino} ${size} ${mtimeMs}`
    } catch {
      return 'missing'
    }
  })
  return [...(await Promise.all(stamps)), ...(await Promise.all(modes))].join('\n')
}

function readCa(der: Buffer, kind: CaKind): CaCertificate | string {
  const certificate = readAnchor(der)
  if (typeof certificate === 'string') return certificate
  const { nameConstraints: constraints, basicConstraints } = certificate.extensions
  if (!basicConstraints?.ca || basicConstraints.pathLength !== 0 || !constraints)
    return 'not a CA made by Sallyport (path length 0, name constraints)'
  const ca = { certificate, constraints }
  return kind.fault(ca) ?? ca
}

/** The one of these CAs that a key belongs to; a string says why it is none. */
async function ownerOf(
  keyPem: string,
  cas: readonly CaCertificate[],
): Promise<{ readonly ca: CaCertificate; readonly issuer: Issuer } | string> {
  let fault = 'there is none'
  for (const ca of cas) {
    const pem = encodePem('CERTIFICATE', ca.certificate.raw)
    try {
      const issuer = await openIssuer(pem, keyPem)
      makeIdentity(pem, keyPem)
      return { ca, issuer }
    } catch (error) {
      fault = errorText(error)
    }
  }
  return fault
}

const fail = (file: string, message: string): CertificateFinding => certificateFinding('error', file, '', message)

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

async function make(o: CaPlace): Promise<{ readonly issuer: Issuer; readonly keyPem: string }> {
  const issuer = await makeIssuer({
    subject: [{ O: [ORGANIZATION] }, { CN: [`Sallyport ${o.kind.name} ${randomBytes(4).toString('hex')}`] }],
    now: o.now(),
    lifetimeMs: CA_LIFETIME_MS,
    extensions: o.kind.extensions,
  })
  return { issuer, keyPem: await privateKeyPem(issuer.keys.privateKey) }
}

async function create(o: CaPlace): Promise<readonly [string, string]> {
  const { issuer, keyPem } = await make(o)
  await makeOwnedFolder(o.directory)
  await closeFolder(o.directory)
  await replaceOwned(keyFileOf(o), keyPem, 0o600)
  await replaceOwned(certFileOf(o), issuer.certificate, 0o644)
  return [issuer.certificate, keyPem]
}
