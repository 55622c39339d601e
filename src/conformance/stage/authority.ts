// The CA of a run: every certificate that a scripted peer shows, right or wrong, of the strength that the profile wants, and
// the list of what the CA has revoked.

import { createPrivateKey, randomBytes, sign } from 'node:crypto'
import type { JsonName } from '@peculiar/x509'
import { readAll, readDer, TAG, writeDer, writeOid } from '../../trust/der.ts'
import { OID_CLIENT_AUTH, OID_SERVER_AUTH } from '../../trust/extensions.ts'
import {
  authorityKeyIdentifier,
  basicConstraints,
  domainName,
  extendedKeyUsage,
  type KeyPair,
  keyUsage,
  makeKey,
  privateKeyPem,
  signCertificate,
  subjectAltName,
  subjectKeyIdentifier,
} from '../../trust/issue.ts'
import { encodePem } from '../../trust/pem.ts'
import type { Certificate } from '../case.ts'
import type { Shown } from './wire.ts'

const DAY_MS = 86_400_000
const ECDSA_SHA384 = '1.2.840.10045.4.3.3'

export class Authority {
  readonly #subject: JsonName
  readonly #keys: KeyPair
  readonly #der: Buffer
  readonly #now: number
  readonly #revoked: Buffer[] = []

  private constructor(subject: JsonName, keys: KeyPair, der: Buffer, now: number) {
    this.#subject = subject
    this.#keys = keys
    this.#der = der
    this.#now = now
  }

  /** P-384 and SHA-384: good enough for every profile. `now` in milliseconds since 1970. */
  static async make(name: string, now: number): Promise<Authority> {
    const subject: JsonName = [{ CN: [name] }]
    const keys = await makeKey('p384')
    const der = await signCertificate(
      {
        ...{ subject, issuer: subject, hash: 'SHA-384' },
        notBefore: new Date(now - DAY_MS),
        notAfter: new Date(now + 30 * DAY_MS),
        extensions: [basicConstraints(true), keyUsage('ca'), await subjectKeyIdentifier(keys.publicKey)],
      },
      keys.publicKey,
      keys.privateKey,
    )
    return new Authority(subject, keys, der, now)
  }

  get pem(): string {
    return encodePem('CERTIFICATE', this.#der)
  }

  /** What a server of the domain shows. */
  async issue(domain: string, kind: Certificate = 'good'): Promise<Shown | undefined> {
    if (kind === 'none') return undefined
    const signer = kind === 'unknown-ca' ? await Authority.make('Nobody', this.#now) : this
    return signer.#sign(domain, kind)
  }

  async #sign(domain: string, kind: Certificate): Promise<Shown> {
    const keys = await makeKey('p384')
    const subject: JsonName = [{ CN: [domain] }]
    const signer = kind === 'self-signed' ? { subject, keys } : { subject: this.#subject, keys: this.#keys }
    const der = await signCertificate(
      {
        subject,
        issuer: signer.subject,
        hash: kind === 'sha1' ? 'SHA-1' : 'SHA-384',
        notBefore: new Date(this.#now - DAY_MS),
        notAfter: new Date(this.#now + (kind === 'expired' ? -60_000 : 7 * DAY_MS)),
        extensions: [
          basicConstraints(false),
          keyUsage('leaf'),
          extendedKeyUsage([OID_SERVER_AUTH, OID_CLIENT_AUTH]),
          subjectAltName([domainName(kind === 'other-name' ? `other.${domain}` : domain)]),
          await subjectKeyIdentifier(keys.publicKey),
          await authorityKeyIdentifier(signer.keys.publicKey),
        ],
      },
      keys.publicKey,
      signer.keys.privateKey,
    )
    if (kind === 'revoked') this.#revoked.push(readAll(readAll(readDer(der).content)[0]!.content)[1]!.whole)
    return { cert: encodePem('CERTIFICATE', der), key: await privateKeyPem(keys.privateKey) }
  }

  /** DER of the list of what was revoked so far, good for a day. RFC 5280 §5.1 */
  async crl(): Promise<Buffer> {
    const algorithm = writeDer(TAG.sequence, writeOid(ECDSA_SHA384))
    const issuer = readAll(readAll(readDer(this.#der).content)[0]!.content)[5]!.whole
    const entries = this.#revoked.map((serial) => writeDer(TAG.sequence, serial, time(this.#now - 3_600_000)))
    const number = writeDer(TAG.octetString, writeDer(TAG.integer, Buffer.of(0, ...randomBytes(4))))
    const tbs = writeDer(
      TAG.sequence,
      writeDer(TAG.integer, Buffer.of(1)),
      algorithm,
      issuer,
      time(this.#now - 60_000),
      time(this.#now + DAY_MS),
      ...(entries.length > 0 ? [writeDer(TAG.sequence, ...entries)] : []),
      writeDer(0xa0, writeDer(TAG.sequence, writeDer(TAG.sequence, writeOid('2.5.29.20'), number))),
    )
    const key = createPrivateKey(await privateKeyPem(this.#keys.privateKey))
    return writeDer(TAG.sequence, tbs, algorithm, writeDer(TAG.bitString, Buffer.of(0), sign('SHA384', tbs, key)))
  }
}

const time = (ms: number): Buffer =>
  writeDer(TAG.generalizedTime, Buffer.from(new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, ''), 'latin1'))
