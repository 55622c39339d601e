// The CA of a run: every certificate that a scripted peer shows, right or wrong, of the strength that the profile wants, the
// CAs below it, and the lists of what each of them has revoked.

import { randomBytes } from 'node:crypto'
import type { JsonName } from '@peculiar/x509'
import { TAG, writeDer, writeOid } from '../../trust/der.ts'
import { OID_CLIENT_AUTH, OID_SERVER_AUTH, REVOCATION } from '../../trust/extensions.ts'
import { writeGeneralName } from '../../trust/general-name.ts'
import {
  authorityKeyIdentifier,
  basicConstraints,
  domainName,
  extendedKeyUsage,
  type ExtensionValue,
  type KeyPair,
  keyUsage,
  makeKey,
  nameConstraints,
  privateKeyPem,
  signCertificate,
  subjectAltName,
  subjectKeyIdentifier,
} from '../../trust/issue.ts'
import { encodePem } from '../../trust/pem.ts'
import type { Certificate, Listed, Responds } from '../case.ts'
import { type Making, MAKINGS, type Middle, OURS } from './making.ts'
import { ocspAnswer, TRY_LATER } from './ocsp-answer.ts'
import type { Publication, Way } from './publication.ts'
import { partOf, revocationList } from './revocation-list.ts'
import type { Shown } from './wire.ts'

const DAY_MS = 86_400_000
const OID_POLICIES = '2.5.29.32'
const OID_POLICY_CONSTRAINTS = '2.5.29.36'
const OID_OCSP = '1.3.6.1.5.5.7.48.1'
const OID_OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'
/** Nobody's: RFC 5612 §2 keeps this arc for examples. */
const OID_STRANGE = '1.3.6.1.4.1.32473.1'

/** How many seconds a certificate of ours has left where one of its steps is reached. */
const ENDS = { month: 29 * 86_400, week: 6 * 86_400, day: 80_000 } as const
export type Ending = keyof typeof ENDS

interface Signer {
  readonly subject: JsonName
  readonly keys: KeyPair
}

/** A CA with its own certificate, DER. */
interface Held extends Signer {
  readonly der: Buffer
  readonly list: Middle['list'] | 'good'
  /** DER of the serial numbers of what it has revoked. */
  readonly revoked: Buffer[]
}

export class Authority {
  readonly #name: string
  readonly #top: Held
  readonly #below: Held[] = []
  readonly #now: () => number
  readonly #publication: Publication | undefined
  #lists = 0

  private constructor(name: string, top: Held, now: () => number, publication: Publication | undefined) {
    this.#name = name
    this.#top = top
    this.#now = now
    this.#publication = publication
  }

  /** P-384 and SHA-384: good enough for every profile. `now` in milliseconds since 1970; `publication`: where it says what it has revoked. */
  static async make(name: string, now: () => number, publication?: Publication): Promise<Authority> {
    const subject: JsonName = [{ CN: [name] }]
    const keys = await makeKey('p384')
    const extensions = [basicConstraints(true), keyUsage('ca'), await subjectKeyIdentifier(keys.publicKey)]
    const validity = { notBefore: new Date(now() - 2 * DAY_MS), notAfter: new Date(now() + 30 * DAY_MS) }
    const content = { subject, issuer: subject, hash: 'SHA-384', ...validity, extensions } as const
    const der = await signCertificate(content, keys.publicKey, keys.privateKey)
    return new Authority(name, { subject, keys, der, list: 'good', revoked: [] }, now, publication)
  }

  get pem(): string {
    return encodePem('CERTIFICATE', this.#top.der)
  }

  /** What a server of the domain shows. `ip`: over which version it is told whether that was revoked. */
  async issue(domain: string, kind: Exclude<Certificate, 'none'> = 'good', ip: 4 | 6 = 4): Promise<Shown> {
    const making = MAKINGS[kind]
    if (making.by === 'nobody') return (await this.#nobody()).#sign(domain, making, ip)
    return this.#sign(domain, making, ip)
  }

  /** What the gateway shows for a domain; `as`: it has a key of the other kind, or is in the last third of its life. */
  ours(domain: string, as?: 'rsa3072' | Ending): Promise<Shown> {
    const making = as === 'rsa3072' ? { key: as } : as !== undefined && { from: -3 * ENDS[as], until: ENDS[as] }
    return this.#sign(domain, { ...OURS, ...making }, 4)
  }

  #nobody(): Promise<Authority> {
    return Authority.make('Nobody', this.#now, this.#publication)
  }

  async #sign(domain: string, making: Making, ip: 4 | 6): Promise<Shown> {
    const sent: Buffer[] = []
    let above = this.#top
    for (const [index, middle] of (making.below ?? []).entries()) {
      above = await this.#subordinate(above, `${this.#name} ${index + 1} for ${domain}`, middle)
      if (middle.kept !== true) sent.unshift(above.der)
    }
    const keys = await makeKey(making.key ?? 'p384')
    const subject: JsonName = [{ CN: [domain] }]
    const signer: Signer = making.by === 'itself' ? { subject, keys } : above
    const names = making.names?.(domain) ?? [domainName(domain)]
    const purposes = making.purposes ?? [OID_SERVER_AUTH, OID_CLIENT_AUTH]
    const der = await this.#certificate(subject, keys, signer, making, [
      basicConstraints(false),
      keyUsage(making.keyUsage ?? 'leaf'),
      ...(purposes.length > 0 ? [extendedKeyUsage(purposes)] : []),
      ...(names.length > 0 ? [subjectAltName(names)] : []),
      ...(making.policy === undefined ? [] : [policies(making.policy)]),
      ...(making.strange ? [STRANGE] : []),
      ...(making.told ?? []).map((way) => told(this.#publication?.url(domain, way, ip), way)),
    ])
    if (making.revoked) above.revoked.push(partOf(der, 'serial'))
    // The last octets are of the signature.
    if (making.damaged) der[der.length - 1]! ^= 1
    const issuer = above
    this.#publication?.add(making.key === undefined ? domain : `${making.key} ${domain}`, {
      serial: partOf(der, 'serial'),
      answer: (says) => this.#answer(issuer, partOf(der, 'serial'), says),
      list: (is) => this.#published(issuer, partOf(der, 'serial'), is),
    })
    const cert = [der, ...sent].map((one) => encodePem('CERTIFICATE', one)).join('')
    return { cert, key: await privateKeyPem(keys.privateKey), serial: partOf(der, 'serial') }
  }

  async #subordinate(above: Held, name: string, middle: Middle): Promise<Held> {
    const keys = await makeKey('p384')
    const subject: JsonName = [{ CN: [name] }]
    const der = await this.#certificate(subject, keys, above, middle, [
      basicConstraints(middle.ca ?? true, middle.pathLength),
      keyUsage(middle.keyUsage ?? 'ca'),
      ...(middle.explicit ? [EXPLICIT] : []),
      ...(middle.excluded === undefined ? [] : [nameConstraints({ excluded: [domainName(middle.excluded)] })]),
    ])
    if (middle.revoked) above.revoked.push(partOf(der, 'serial'))
    const held: Held = { subject, keys, der, list: middle.list ?? 'good', revoked: [] }
    this.#below.push(held)
    return held
  }

  async #certificate(
    subject: JsonName,
    keys: KeyPair,
    signer: Signer,
    { from = -86_400, until = 7 * 86_400, hash = 'SHA-384' }: Pick<Making, 'from' | 'until' | 'hash'>,
    extensions: readonly ExtensionValue[],
  ): Promise<Buffer> {
    const now = this.#now()
    const content = {
      ...{ subject, issuer: signer.subject, hash },
      ...{ notBefore: new Date(now + from * 1000), notAfter: new Date(now + until * 1000) },
      extensions: [
        ...extensions,
        await subjectKeyIdentifier(keys.publicKey),
        await authorityKeyIdentifier(signer.keys.publicKey),
      ],
    }
    return signCertificate(content, keys.publicKey, signer.keys.privateKey)
  }

  /** From the next list on, what was shown is revoked. */
  revoke(shown: Pick<Shown, 'serial'>): void {
    this.#top.revoked.push(shown.serial)
  }

  /** DER of the list of what the CA itself has revoked so far, good for a day; each newer than the one before. RFC 5280 §5.1 */
  list(): Promise<Buffer> {
    return this.#listOf(this.#top)
  }

  /** The lists of the CAs below it that publish one. */
  listsBelow(): Promise<readonly Buffer[]> {
    return Promise.all(this.#below.filter(({ list }) => list !== 'none').map((held) => this.#listOf(held)))
  }

  /** What a responder of a CA answers. */
  async #answer(ca: Held, serial: Buffer, says: Responds): Promise<Buffer | 'silence'> {
    if (says === 'nothing') return 'silence'
    if (says === 'try later') return TRY_LATER
    const now = this.#now()
    const isOld = says === 'good, out of date'
    return ocspAnswer({
      issuer: ca.der,
      serial: says === 'good, of another certificate' ? ANOTHER : serial,
      status: says === 'revoked' || says === 'unknown' ? says : 'good',
      thisUpdate: isOld ? now - DAY_MS : now - 60_000,
      nextUpdate: isOld ? now - DAY_MS / 2 : now + (says === 'good, for seconds' ? 30_000 : DAY_MS),
      signer: await this.#signer(ca, says),
    })
  }

  async #signer(ca: Held, says: Responds): Promise<{ readonly certificate: Buffer; readonly key: string }> {
    const by = says === 'good, by another CA' ? (await this.#nobody()).#top : ca
    if (says !== 'good, by a delegate' && says !== 'good, by somebody not certified for it')
      return { certificate: by.der, key: await privateKeyPem(by.keys.privateKey) }
    const keys = await makeKey('p384')
    const purpose = says === 'good, by a delegate' ? OID_OCSP_SIGNING : OID_SERVER_AUTH
    const certificate = await this.#certificate([{ CN: ['Responder'] }], keys, ca, {}, [
      basicConstraints(false),
      keyUsage('leaf'),
      extendedKeyUsage([purpose]),
    ])
    return { certificate, key: await privateKeyPem(keys.privateKey) }
  }

  /** The list of a CA that is fetched. */
  async #published(ca: Held, serial: Buffer, is: Listed): Promise<Buffer | 'silence'> {
    if (is === 'nothing') return 'silence'
    const by = is === 'by another CA' ? (await this.#nobody()).#top : ca
    const list = is === 'out of date' ? 'stale' : 'good'
    return this.#listOf({ ...by, list, revoked: is === 'revoked' ? [serial] : [] })
  }

  async #listOf({ der, keys, revoked, list }: Held): Promise<Buffer> {
    this.#lists += 1
    const thisUpdate = list === 'stale' ? this.#now() - DAY_MS : this.#now() - 60_000
    const nextUpdate = list === 'stale' ? this.#now() - DAY_MS / 2 : this.#now() + DAY_MS
    const key = await privateKeyPem(keys.privateKey)
    return revocationList({ issuer: der, key, revoked, number: this.#lists, thisUpdate, nextUpdate })
  }
}

/** DER of a number that no certificate has. */
const ANOTHER = writeDer(TAG.integer, Buffer.of(1))

/** RFC 5280 §4.2.1.13, §4.2.2.1. */
function told(url: string | undefined, way: Way): ExtensionValue {
  if (url === undefined) throw new Error('this CA publishes nothing')
  const name = writeGeneralName({ kind: 'uri', value: url })
  const [oid, one] =
    way === 'ocsp' || way === 'nowhere'
      ? [REVOCATION.access, [writeOid(OID_OCSP), name]]
      : [REVOCATION.crls, [writeDer(0xa0, writeDer(0xa0, name))]]
  return { oid, critical: false, value: writeDer(TAG.sequence, writeDer(TAG.sequence, ...one)) }
}

/** RFC 5280 §4.2.1.4. */
const policies = (oid: string): ExtensionValue => ({
  ...{ oid: OID_POLICIES, critical: false },
  value: writeDer(TAG.sequence, writeDer(TAG.sequence, writeOid(oid))),
})

/** From here on, some policy must hold. RFC 5280 §4.2.1.11 */
const EXPLICIT: ExtensionValue = {
  ...{ oid: OID_POLICY_CONSTRAINTS, critical: true },
  value: writeDer(TAG.sequence, writeDer(0x80, Buffer.of(0))),
}

const STRANGE: ExtensionValue = {
  ...{ oid: OID_STRANGE, critical: true },
  value: writeDer(TAG.octetString, randomBytes(4)),
}
