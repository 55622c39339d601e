// Certificates for tests, right and wrong: CAs, intermediates and leaves in memory, and written where a server reads
// them. Everything is made afresh; nothing here is worth keeping.
//
//   const ca = await makeCa()
//   const leaf = await issue({ ca, names: ['partner.test'] })          // fullchain: leaf + intermediates, no root
//   const { certFile, keyFile } = await writeIdentity(folder, leaf)
//   await issue({ ca, names: ['partner.test'], expired: true }) · issue({ names: ['partner.test'] }) is self-signed

import { KeyObject, X509Certificate, createHash, sign } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OID_CLIENT_AUTH, OID_SERVER_AUTH } from '../../src/trust/extensions.ts'
import { TAG, readAll, readDer, writeDer } from '../../src/trust/der.ts'
import { ipBytes } from '../../src/trust/general-name.ts'
import type { GeneralName } from '../../src/trust/general-name.ts'
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  makeKey,
  nameConstraints,
  privateKeyPem,
  signCertificate,
  subjectAltName,
  subjectKeyIdentifier,
} from '../../src/trust/issue.ts'
import type { ExtensionValue, KeyKind, KeyPair } from '../../src/trust/issue.ts'
import { encodePem } from '../../src/trust/pem.ts'

const DAY = 86_400_000

export interface Issued {
  /** This certificate alone. */
  readonly der: Buffer
  readonly pem: string
  readonly certificate: X509Certificate
  readonly keyPem: string
  readonly keys: KeyPair
  readonly subject: string
  /** DER, leaf first, without the self-signed root: what a well-run server sends. */
  readonly chain: readonly Buffer[]
  readonly fullchainPem: string
  /** `sha256/…` of its public key. */
  readonly pin: string
  readonly issuer: Issued | undefined
}

interface CommonOptions {
  /** Who signs; absent: self-signed. */
  readonly ca?: Issued
  readonly commonName?: string
  readonly organization?: string
  readonly key?: KeyKind
  readonly keys?: KeyPair
  readonly notBefore?: Date
  readonly notAfter?: Date
  /** Ended yesterday. */
  readonly expired?: boolean
  /** Begins tomorrow. */
  readonly notYetValid?: boolean
  readonly hash?: 'SHA-1' | 'SHA-256' | 'SHA-384'
  /** The last byte of the signature is changed. */
  readonly badSignature?: boolean
  /** Signed by a key that is not the CA's. */
  readonly forged?: boolean
  /** More extensions, or other ones in place of those made here (by OID). */
  readonly extensions?: readonly ExtensionValue[]
  /** OIDs of extensions to leave out. */
  readonly without?: readonly string[]
  /** Default: 3. Before that there are no extensions, so it says neither names nor that it is a CA. */
  readonly version?: 1 | 2
}

export interface CaOptions extends CommonOptions {
  readonly pathLength?: number
  /** Name constraints, as names in the notation of `issue`. */
  readonly permitted?: readonly string[]
  readonly excluded?: readonly string[]
}

export interface IssueOptions extends CommonOptions {
  /** `partner.test`, `DNS:*.partner.test`, `SRV:_xmpp-server.partner.test`, `XMPP:partner.test`, `IP:192.0.2.1`, `EMAIL:…`, `URI:…`. */
  readonly names?: readonly string[]
  /** Default: both. An empty list leaves the extension out. */
  readonly ekus?: readonly ('serverAuth' | 'clientAuth' | (string & {}))[]
}

let counter = 0

/** Makes a CA: a root, or an intermediate when `ca` is given. */
export async function makeCa(o: CaOptions = {}): Promise<Issued> {
  const constraints =
    o.permitted || o.excluded
      ? [
          nameConstraints({
            permitted: (o.permitted ?? []).map(generalName),
            excluded: (o.excluded ?? []).map(generalName),
          }),
        ]
      : []
  const label = o.commonName ?? `Test ${o.ca ? 'Intermediate' : 'Root'} ${++counter}`
  return build({ ...o, commonName: label }, [basicConstraints(true, o.pathLength), keyUsage('ca'), ...constraints])
}

/** Makes a leaf certificate. Without `ca` it is self-signed. */
export async function issue(o: IssueOptions = {}): Promise<Issued> {
  const ekus = (o.ekus ?? ['serverAuth', 'clientAuth']).map((eku) =>
    eku === 'serverAuth' ? OID_SERVER_AUTH : eku === 'clientAuth' ? OID_CLIENT_AUTH : eku,
  )
  const names = o.names ?? []
  return build({ commonName: `Test Leaf ${++counter}`, ...o }, [
    basicConstraints(false),
    keyUsage('leaf'),
    ...(ekus.length > 0 ? [extendedKeyUsage(ekus)] : []),
    ...(names.length > 0 ? [subjectAltName(names.map(generalName))] : []),
  ])
}

async function build(o: CommonOptions, standard: readonly ExtensionValue[]): Promise<Issued> {
  const keys = o.keys ?? (await makeKey(o.key))
  const now = Date.now()
  const subject = [
    ...(o.organization ? [{ O: [o.organization] }] : []),
    ...(o.commonName ? [{ CN: [o.commonName] }] : []),
  ]
  const signer = o.forged ? await makeKey() : (o.ca?.keys ?? keys)
  const made = [
    ...standard,
    await subjectKeyIdentifier(keys.publicKey),
    ...(o.ca ? [await authorityKeyIdentifier(o.ca.keys.publicKey)] : []),
  ]
  const replaced = new Set([...(o.extensions ?? []).map((e) => e.oid), ...(o.without ?? [])])
  const signed = await signCertificate(
    {
      subject,
      issuer: o.ca ? issuerName(o.ca) : subject,
      notBefore: o.notBefore ?? new Date(now + (o.notYetValid ? DAY : -30 * DAY)),
      notAfter: o.notAfter ?? new Date(now + (o.expired ? -DAY : 60 * DAY)),
      extensions: [...made.filter((e) => !replaced.has(e.oid)), ...(o.extensions ?? [])],
      ...(o.hash ? { hash: o.hash } : {}),
    },
    keys.publicKey,
    signer.privateKey,
  )
  const der = o.version ? beforeVersion3(signed, o.version, signer.privateKey) : signed
  if (o.badSignature) der[der.length - 1]! ^= 1
  return describe(der, keys, await privateKeyPem(keys.privateKey), o.ca, subject)
}

/** The same of an earlier version, signed anew (EC P-256): without extensions, and with its version where it is not 1. */
function beforeVersion3(der: Buffer, version: 1 | 2, key: KeyPair['privateKey']): Buffer {
  const [tbs, algorithm] = readAll(readDer(der, TAG.sequence).content)
  const fields = readAll(tbs!.content).slice(1, 7)
  const said = version === 1 ? [] : [writeDer(0xa0, writeDer(TAG.integer, Uint8Array.of(version - 1)))]
  const content = writeDer(TAG.sequence, ...said, ...fields.map(({ whole }) => whole))
  const signature = sign('sha256', content, KeyObject.from(key))
  return writeDer(TAG.sequence, content, algorithm!.whole, writeDer(TAG.bitString, Uint8Array.of(0), signature))
}

const subjects = new WeakMap<Issued, { [attribute: string]: string[] }[]>()

function issuerName(ca: Issued): { [attribute: string]: string[] }[] {
  return subjects.get(ca) ?? []
}

function describe(
  der: Buffer,
  keys: KeyPair,
  keyPem: string,
  issuer: Issued | undefined,
  subject: { [attribute: string]: string[] }[],
): Issued {
  const certificate = new X509Certificate(der)
  const chain = [der, ...(issuer?.issuer ? issuer.chain : [])]
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' })
  const issued: Issued = {
    der,
    pem: encodePem('CERTIFICATE', der),
    certificate,
    keyPem,
    keys,
    subject: certificate.subject,
    chain,
    fullchainPem: chain.map((c) => encodePem('CERTIFICATE', c)).join(''),
    pin: `sha256/${createHash('sha256').update(spki).digest('base64')}`,
    issuer,
  }
  subjects.set(issued, subject)
  return issued
}

/** `DNS:a.test` and so on; a bare word is a DNS name, a bare IP literal an address. `IP:` takes address/mask as hex too. */
export function generalName(text: string): GeneralName {
  const [, prefix, value = ''] = /^(?:(DNS|SRV|XMPP|UPN|IP|EMAIL|URI):)?(.*)$/s.exec(text) ?? []
  const bytes = prefix === undefined || prefix === 'IP' ? ipBytes(value) : undefined
  if (bytes) return { kind: 'ip', bytes }
  if (prefix === 'SRV') return { kind: 'srv', value }
  if (prefix === 'UPN') return { kind: 'upn', value }
  if (prefix === 'XMPP') return { kind: 'xmpp', value }
  if (prefix === 'IP') return { kind: 'ip', bytes: Buffer.from(value, 'hex') }
  if (prefix === 'EMAIL') return { kind: 'email', value }
  if (prefix === 'URI') return { kind: 'uri', value }
  return { kind: 'dns', value }
}

/** Writes `fullchain.pem` and `privkey.pem` (0600) into the folder. */
export async function writeIdentity(folder: string, issued: Issued): Promise<{ certFile: string; keyFile: string }> {
  await mkdir(folder, { recursive: true })
  const certFile = join(folder, 'fullchain.pem')
  const keyFile = join(folder, 'privkey.pem')
  await writeFile(certFile, issued.fullchainPem)
  await writeFile(keyFile, issued.keyPem, { mode: 0o600 })
  return { certFile, keyFile }
}

/** Writes certificates into one PEM file, for use as trust anchors. Gives back the file. */
export async function writeAnchors(file: string, ...issued: readonly Issued[]): Promise<string> {
  await writeFile(file, issued.map((one) => one.pem).join(''))
  return file
}

/** A folder of the test's own, gone after it: `t.after` of node:test. */
export async function temporaryFolder(t: { after(fn: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-test-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}
