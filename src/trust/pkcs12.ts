// PKCS#12 (RFC 7292), in which Windows, Java and many CAs hand out a certificate with its key. node-forge decodes and
// decrypts, the old ciphers (RC2, 3DES) and the modern ones (AES by PBES2) alike.
//
// Rule 1: what is inside is taken as the bytes that it is, and read by node:crypto: node-forge knows neither EC keys nor
//         EC certificates.
// Rule 2: nothing is decrypted unless the MAC holds, where there is one, so that a wrong passphrase is known as such.

import { createHmac } from 'node:crypto'
import forge from 'node-forge'
import { errorText } from './files.ts'

export type Pkcs12 =
  /** Both DER, keys as PKCS#8. */
  | { readonly certificates: readonly Buffer[]; readonly keys: readonly Buffer[] }
  | { readonly fault: 'passphrase' | 'form'; readonly detail: string }

type Asn1 = forge.asn1.Asn1

const OID = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  keyBag: '1.2.840.113549.1.12.10.1.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  safeContentsBag: '1.2.840.113549.1.12.10.1.6',
  x509: '1.2.840.113549.1.9.22.1',
  pbes2: '1.2.840.113549.1.5.13',
} as const

/** The digests of a MAC, by OID. RFC 7292 appendix A */
const DIGESTS: Readonly<Record<string, { readonly name: string; create(): forge.md.MessageDigest }>> = {
  '1.3.14.3.2.26': { name: 'sha1', create: () => forge.md.sha1.create() },
  '2.16.840.1.101.3.4.2.1': { name: 'sha256', create: () => forge.md.sha256.create() },
  '2.16.840.1.101.3.4.2.2': { name: 'sha384', create: () => forge.md.sha384.create() },
  '2.16.840.1.101.3.4.2.3': { name: 'sha512', create: () => forge.md.sha512.create() },
}

/** More rounds, of a MAC or of a part that is encrypted, no program asks for; each costs time, ours. */
const MOST_ITERATIONS = 1_000_000
const DEEPEST = 4

/** What the file is not. Both thrown by this file only, and turned into a value. */
class Pkcs12Error extends Error {}
class RoundsError extends Pkcs12Error {}

/** Does the file begin as PKCS#12 does: a sequence with version 3? */
export function isPkcs12(octets: Buffer): boolean {
  try {
    const [version, , ...more] = parts(decode(octets))
    return version?.type === forge.asn1.Type.INTEGER && bytesOf(version).equals(Buffer.of(3)) && more.length < 2
  } catch {
    return false
  }
}

/** Opens a file with its passphrase; without one, those that count as none are tried. */
export function readPkcs12(octets: Buffer, passphrase: string | undefined): Pkcs12 {
  // An empty passphrase and none are two different things, and people know neither from the other.
  const tried = passphrase === undefined || passphrase === '' ? ['', undefined] : [passphrase]
  let mac: Asn1 | undefined
  let safe: Buffer | undefined
  try {
    const [, content, macData] = parts(decode(octets))
    mac = macData
    safe = octetsOf(contentOf(content, OID.data))
    const right = mac ? tried.filter((one) => isMacOf(safe!, mac!, one)) : tried.slice(0, 1)
    if (right.length === 0) return { fault: 'passphrase', detail: 'its MAC does not hold' }
    return open(safe, right[0])
  } catch (error) {
    // Without a MAC, what a wrong passphrase makes of it is any kind of rubbish.
    const fault = safe && !mac && !(error instanceof RoundsError) ? 'passphrase' : 'form'
    return { fault, detail: errorText(error) }
  }
}

interface Bags {
  readonly certificates: Buffer[]
  readonly keys: Buffer[]
}

function open(authenticatedSafe: Buffer, passphrase: string | undefined): Bags {
  const bags: Bags = { certificates: [], keys: [] }
  for (const info of parts(decode(authenticatedSafe))) {
    const type = oidOf(parts(info)[0])
    if (type === OID.data) take(decode(octetsOf(contentOf(info, type))), passphrase, bags)
    else if (type === OID.encryptedData) {
      const [, encrypted] = parts(contentOf(info, type))
      const [, algorithm, octets] = parts(encrypted)
      take(decrypt(algorithm, octetsOf(octets), passphrase), passphrase, bags)
    } else throw new Pkcs12Error(`a part of type ${type}, which cannot be opened`)
  }
  return bags
}

/** Takes what a SafeContents holds; bags of other kinds (CRLs, secrets) are left where they are. */
function take(safeContents: Asn1, passphrase: string | undefined, bags: Bags, depth = 0): void {
  if (depth > DEEPEST) throw new Pkcs12Error('bags within bags within bags')
  for (const bag of parts(safeContents)) {
    const [id, wrapped] = parts(bag)
    const [value] = parts(wrapped)
    const kind = oidOf(id)
    if (kind === OID.keyBag) bags.keys.push(encode(value))
    else if (kind === OID.shroudedKeyBag) {
      const [algorithm, octets] = parts(value)
      bags.keys.push(encode(decrypt(algorithm, octetsOf(octets), passphrase)))
    } else if (kind === OID.certBag) {
      const [type, content] = parts(value)
      if (oidOf(type) === OID.x509) bags.certificates.push(octetsOf(parts(content)[0]))
    } else if (kind === OID.safeContentsBag && value) take(value, passphrase, bags, depth + 1)
  }
}

function decrypt(algorithm: Asn1 | undefined, octets: Buffer, passphrase = ''): Asn1 {
  const [id, parameters] = parts(algorithm)
  const scheme = oidOf(id)
  // Salt and rounds; of PBES2 those of the key derivation. RFC 7292 appendix C, RFC 8018 §A.2
  const derivation = scheme === OID.pbes2 ? parts(parts(parameters)[0])[1] : parameters
  readRounds(parts(derivation)[1])
  // PKCS#12's own schemes take the passphrase as UTF-16, which node-forge sees to; PBES2 as UTF-8. RFC 7292 §B.1, RFC 8018 §3
  const password = scheme === OID.pbes2 ? forge.util.encodeUtf8(passphrase) : passphrase
  const { Class, Type, create } = forge.asn1
  const info = create(Class.UNIVERSAL, Type.SEQUENCE, true, [
    algorithm!,
    create(Class.UNIVERSAL, Type.OCTETSTRING, false, octets.toString('latin1')),
  ])
  const opened: Asn1 | null = forge.pki.decryptPrivateKeyInfo(info, password)
  if (!opened) throw new Pkcs12Error('a part that does not decrypt')
  return opened
}

/** RFC 7292 §4 and appendix A: the MAC over the whole, by a key that is derived from the passphrase. */
function isMacOf(content: Buffer, macData: Asn1, passphrase: string | undefined): boolean {
  const [info, salt, rounds] = parts(macData)
  const [algorithm, expected] = parts(info)
  const oid = oidOf(parts(algorithm)[0])
  const digest = DIGESTS[oid]
  if (!digest) throw new Pkcs12Error(`its MAC is of a kind that is not known here (${oid})`)
  const iterations = rounds ? readRounds(rounds) : 1
  const saltBytes = forge.util.createBuffer(octetsOf(salt).toString('latin1'))
  const md = digest.create()
  const key = forge.pkcs12.generateKey(passphrase, saltBytes, 3, iterations, md.digestLength, md)
  const mac = createHmac(digest.name, Buffer.from(key.getBytes(), 'latin1')).update(content).digest()
  return mac.equals(octetsOf(expected))
}

/** How often the passphrase is to be digested. @throws RoundsError where that would take too long */
function readRounds(value: Asn1 | undefined): number {
  if (!value) throw new Pkcs12Error('cut short, or not PKCS#12')
  const rounds = Number.parseInt(bytesOf(value).toString('hex'), 16)
  if (rounds <= MOST_ITERATIONS) return rounds
  throw new RoundsError(`it asks for ${rounds} rounds of its passphrase, and more than ${MOST_ITERATIONS} are refused`)
}

/** BER, as PKCS#12 may be. What is cut short is refused here: node-forge would take what is left of it for the whole. */
function decode(octets: Buffer): Asn1 {
  const first = octets[1] ?? 0
  const more = first > 0x80 ? first & 0x7f : 0
  const length = more > 0 && more <= 6 && octets.length >= 2 + more ? octets.readUIntBE(2, more) : first
  if (first !== 0x80 && 2 + more + length > octets.length) throw new Pkcs12Error('cut short, or not PKCS#12')
  return forge.asn1.fromDer(octets.toString('latin1'), false)
}

function encode(value: Asn1 | undefined): Buffer {
  if (!value) throw new Pkcs12Error('an empty bag')
  return Buffer.from(forge.asn1.toDer(value).getBytes(), 'latin1')
}

/** The values inside a constructed one. */
function parts(value: Asn1 | undefined): readonly Asn1[] {
  if (!value || !Array.isArray(value.value)) throw new Pkcs12Error('cut short, or not PKCS#12')
  return value.value
}

function bytesOf(value: Asn1): Buffer {
  if (Array.isArray(value.value)) throw new Pkcs12Error('cut short, or not PKCS#12')
  return Buffer.from(value.value, 'latin1')
}

/** The octets of a string that may come in several pieces (BER). */
function octetsOf(value: Asn1 | undefined): Buffer {
  if (value && Array.isArray(value.value)) return Buffer.concat(value.value.map((piece) => octetsOf(piece)))
  if (!value) throw new Pkcs12Error('cut short, or not PKCS#12')
  return bytesOf(value)
}

function oidOf(value: Asn1 | undefined): string {
  if (value?.type !== forge.asn1.Type.OID) throw new Pkcs12Error('cut short, or not PKCS#12')
  return forge.asn1.derToOid(bytesOf(value).toString('latin1'))
}

/** What a ContentInfo holds, where it is of that type. RFC 5652 §3 */
function contentOf(info: Asn1 | undefined, type: string): Asn1 {
  const [id, wrapped] = parts(info)
  const found = oidOf(id)
  if (found !== type) throw new Pkcs12Error(`signed instead of protected by a passphrase (${found})`)
  const [content] = parts(wrapped)
  if (!content) throw new Pkcs12Error('cut short, or not PKCS#12')
  return content
}
