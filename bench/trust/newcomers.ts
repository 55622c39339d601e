// Those whom nobody has met: each has a name, a key and a certificate of its own, below one CA.
//
// Rule: written octet by octet and signed by `node:crypto`, since a library takes milliseconds for each, and a run needs
// thousands.

import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, sign, type KeyObject } from 'node:crypto'
import { readCertificate } from '../../src/trust/certificate.ts'
import { TAG, writeDer, writeOid } from '../../src/trust/der.ts'
import { OID_CLIENT_AUTH, OID_SERVER_AUTH } from '../../src/trust/extensions.ts'
import { basicConstraints, extendedKeyUsage, keyUsage, subjectAltName } from '../../src/trust/issue.ts'
import { decodePem, encodePem } from '../../src/trust/pem.ts'
import type { End, Identity } from '../generator/ends.ts'

export interface Newcomer {
  readonly end: End
  readonly identity: Identity
}

type ExtensionValue = ReturnType<typeof subjectAltName>

const DAY_MS = 86_400_000
const ECDSA_SHA256 = writeDer(TAG.sequence, writeOid('1.2.840.10045.4.3.2'))
const VERSION_3 = writeDer(0xa0, writeDer(TAG.integer, Uint8Array.of(2)))
const FIXED = [basicConstraints(false), keyUsage('leaf'), extendedKeyUsage([OID_SERVER_AUTH, OID_CLIENT_AUTH])]

export class Newcomers {
  readonly #ca: Identity
  readonly #issuer: Buffer
  readonly #key: KeyObject
  readonly #authorityKeyId: ExtensionValue
  #made = 0

  /** @param ca an intermediate with an EC key: its certificate goes with each that it issued */
  constructor(ca: Identity) {
    const certificate = readCertificate(decodePem(ca.cert)[0] ?? Buffer.alloc(0))
    if (typeof certificate === 'string') throw new Error(certificate)
    this.#ca = ca
    this.#issuer = certificate.subject.raw
    this.#key = createPrivateKey(ca.key)
    this.#authorityKeyId = {
      oid: '2.5.29.35',
      critical: false,
      value: writeDer(TAG.sequence, writeDer(0x80, Buffer.from(certificate.extensions.subjectKeyId ?? '', 'hex'))),
    }
  }

  /** So many more, each below the name of one of these ends, in turn. */
  make(ends: readonly End[], count: number): readonly Newcomer[] {
    return Array.from({ length: count }, () => {
      const number = this.#made++
      const end = ends[number % ends.length]
      if (!end) throw new Error('nowhere to go')
      const local = `n${number}.${end.local}`
      return { end: { ...end, local }, identity: this.#issue(local, number) }
    })
  }

  #issue(domain: string, number: number): Identity {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' })
    const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
    const keyId = { oid: '2.5.29.14', critical: false, value: writeDer(TAG.octetString, hash('sha1', spki, 'buffer')) }
    const names = subjectAltName([{ kind: 'dns', value: domain }])
    const extensions = [...FIXED, names, keyId, this.#authorityKeyId].map(writeExtension)
    const now = Date.now()
    const tbs = writeDer(
      TAG.sequence,
      VERSION_3,
      writeDer(TAG.integer, Buffer.from(`40${number.toString(16).padStart(14, '0')}`, 'hex')),
      ECDSA_SHA256,
      this.#issuer,
      writeDer(TAG.sequence, utcTime(now - DAY_MS), utcTime(now + 60 * DAY_MS)),
      commonName(domain),
      spki,
      writeDer(0xa3, writeDer(TAG.sequence, ...extensions)),
    )
    const signature = writeDer(TAG.bitString, Uint8Array.of(0), sign('sha256', tbs, this.#key))
    const der = writeDer(TAG.sequence, tbs, ECDSA_SHA256, signature)
    return { cert: encodePem('CERTIFICATE', der) + this.#ca.cert, key }
  }
}

function writeExtension({ oid, critical, value }: ExtensionValue): Buffer {
  const isCritical = critical ? [writeDer(TAG.boolean, Uint8Array.of(0xff))] : []
  return writeDer(TAG.sequence, writeOid(oid), ...isCritical, writeDer(TAG.octetString, value))
}

function commonName(text: string): Buffer {
  const attribute = writeDer(TAG.sequence, writeOid('2.5.4.3'), writeDer(TAG.utf8String, Buffer.from(text)))
  return writeDer(TAG.sequence, writeDer(TAG.set, attribute))
}

function utcTime(ms: number): Buffer {
  const text = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return writeDer(TAG.utcTime, Buffer.from(text.slice(2)))
}
