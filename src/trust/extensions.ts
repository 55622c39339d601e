// The extensions of a certificate that a path check acts on. RFC 5280 §4.2.
//
// Rule 1: an extension that is critical and not acted on is named in `unknownCritical`; the path check refuses it.
// Rule 2: one that is known must read, critical or not.

import { DerError, TAG, expectTag, readAll, readBits, readBoolean, readDer, readInteger, readOid } from './der.ts'
import type { DerValue } from './der.ts'
import { readGeneralName } from './general-name.ts'
import type { GeneralName } from './general-name.ts'
import { readPolicies, readPolicyConstraints, readPolicyMappings } from './policy-extensions.ts'
import type { PolicyConstraints, PolicyMapping } from './policy-extensions.ts'

export interface NameConstraints {
  readonly permitted: readonly GeneralName[]
  readonly excluded: readonly GeneralName[]
}

export interface Extensions {
  readonly basicConstraints: { readonly ca: boolean; readonly pathLength: number | undefined } | undefined
  /** Bits of §4.2.1.3; see KEY_USAGE. */
  readonly keyUsage: number | undefined
  readonly extendedKeyUsage: readonly string[] | undefined
  readonly names: readonly GeneralName[]
  readonly nameConstraints: NameConstraints | undefined
  readonly policies: readonly string[] | undefined
  readonly policyMappings: readonly PolicyMapping[] | undefined
  readonly policyConstraints: PolicyConstraints | undefined
  /** How many certificates below may still be under any policy, §4.2.1.14. */
  readonly inhibitAnyPolicy: number | undefined
  /** Hex. */
  readonly subjectKeyId: string | undefined
  readonly authorityKeyId: string | undefined
  readonly unknownCritical: readonly string[]
  /** The bodies of REVOCATION's, unread: few are asked about that, and by `revocation/pointers.ts` alone. */
  readonly revocation: ReadonlyMap<string, DerValue>
}

export const KEY_USAGE = { digitalSignature: 1 << 0, keyCertSign: 1 << 5, cRLSign: 1 << 6 } as const

/** May its key sign a handshake? Where nothing is said, it may. RFC 8446 §4.4.2.2, RFC 5280 §4.2.1.3. */
export const maySignHandshakes = ({ keyUsage }: Extensions): boolean =>
  keyUsage === undefined || (keyUsage & KEY_USAGE.digitalSignature) !== 0

/** Extended key usages, §4.2.1.12. */
export const OID_SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
export const OID_CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'
export const OID_ANY_USAGE = '2.5.29.37.0'

const OID = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyId: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
} as const

/** What says where it can be learned whether a certificate was revoked, or that it need not be. */
export const REVOCATION = {
  crls: '2.5.29.31',
  freshest: '2.5.29.46',
  access: '1.3.6.1.5.5.7.1.1',
  unchecked: '1.3.6.1.5.5.7.48.1.5',
  features: '1.3.6.1.5.5.7.1.24',
} as const

const OF_REVOCATION: ReadonlySet<string> = new Set(Object.values(REVOCATION))
const NONE: ReadonlyMap<string, DerValue> = new Map()

const KNOWN: ReadonlySet<string> = new Set(Object.values(OID))

/** Reads a list of Extension values. */
export function readExtensions(values: readonly DerValue[]): Extensions {
  const bodies = new Map<string, DerValue>()
  const unknownCritical: string[] = []
  let revocation: Map<string, DerValue> | undefined
  for (const value of values) {
    const [id, second, third] = readAll(expectTag(value, TAG.sequence))
    const oid = readOid(id)
    const critical = third !== undefined && readBoolean(second)
    // RFC 5280 §4.2: never two of one kind.
    if (bodies.has(oid)) throw new DerError(`the extension ${oid} twice`)
    const body = expectTag(third ?? second, TAG.octetString)
    bodies.set(oid, body)
    if (OF_REVOCATION.has(oid)) (revocation ??= new Map<string, DerValue>()).set(oid, body)
    if (critical && !KNOWN.has(oid)) unknownCritical.push(oid)
  }
  const read = <T>(oid: string, reader: (body: DerValue) => T): T | undefined => {
    const body = bodies.get(oid)
    return body && reader(body)
  }
  return {
    basicConstraints: read(OID.basicConstraints, readBasicConstraints),
    keyUsage: read(OID.keyUsage, (body) => readBits(readDer(body))),
    extendedKeyUsage: read(OID.extendedKeyUsage, (body) => sequence(body).map((oid) => readOid(oid))),
    names: read(OID.subjectAltName, (body) => sequence(body).map(readGeneralName)) ?? [],
    nameConstraints: read(OID.nameConstraints, readNameConstraints),
    policies: read(OID.certificatePolicies, readPolicies),
    policyMappings: read(OID.policyMappings, readPolicyMappings),
    policyConstraints: read(OID.policyConstraints, readPolicyConstraints),
    inhibitAnyPolicy: read(OID.inhibitAnyPolicy, (body) => readInteger(readDer(body))),
    subjectKeyId: read(OID.subjectKeyId, (body) => hexOf(readDer(body, TAG.octetString))),
    authorityKeyId: read(OID.authorityKeyId, readAuthorityKeyId),
    unknownCritical,
    revocation: revocation ?? NONE,
  }
}

function sequence(body: DerValue): DerValue[] {
  return readAll(readDer(body, TAG.sequence))
}

const hexOf = ({ bytes, start, end }: DerValue): string => bytes.toString('hex', start, end)

function readBasicConstraints(body: DerValue): Extensions['basicConstraints'] {
  const values = sequence(body)
  const ca = values[0]?.tag === TAG.boolean && readBoolean(values.shift())
  const pathLength = values.length > 0 ? readInteger(values.shift()) : undefined
  if (values.length > 0) throw new DerError('basic constraints with too much in them')
  return { ca, pathLength }
}

function readAuthorityKeyId(body: DerValue): string | undefined {
  const keyId = inOrder(sequence(body), [0x80, 0xa1, 0x82]).get(0x80)
  return keyId && hexOf(keyId)
}

function readNameConstraints(body: DerValue): NameConstraints {
  const values = inOrder(sequence(body), [0xa0, 0xa1])
  const subtrees = (tag: number): readonly GeneralName[] =>
    readAll(values.get(tag) ?? Buffer.alloc(0)).map((subtree) => {
      const [base, ...distance] = readAll(expectTag(subtree, TAG.sequence))
      // RFC 5280 §4.2.1.10: minimum is 0 (and left out), maximum is absent.
      if (!base || distance.length > 0) throw new DerError('name constraints with distances')
      return readGeneralName(base)
    })
  return { permitted: subtrees(0xa0), excluded: subtrees(0xa1) }
}

/** Optional parts by their tags: each once, in this order, and no others. */
function inOrder(values: readonly DerValue[], tags: readonly number[]): ReadonlyMap<number, DerValue> {
  let next = 0
  for (const { tag } of values) {
    const at = tags.indexOf(tag, next)
    if (at < 0) throw new DerError('an extension with a part that has no place in it')
    next = at + 1
  }
  return new Map(values.map((value) => [value.tag, value]))
}
