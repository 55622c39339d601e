// The extensions by which CAs say under which policies a certificate was issued, and what those below them may say.
// RFC 5280 §4.2.1.4, §4.2.1.5, §4.2.1.11, §4.2.1.14. What they come to is `policies.ts`.
//
// Rule: qualifiers are for people and change no verdict; they are not read.

import { DerError, TAG, expectTag, readAll, readDer, readInteger, readOid } from './der.ts'
import type { DerValue } from './der.ts'

export interface PolicyMapping {
  readonly issuer: string
  readonly subject: string
}

export interface PolicyConstraints {
  /** Certificates below until one policy must hold for the whole path; undefined: says nothing. */
  readonly requireExplicit: number | undefined
  readonly inhibitMapping: number | undefined
}

/** Stands for every policy, §4.2.1.4. */
export const OID_ANY_POLICY = '2.5.29.32.0'

/** No CA has use for more; it bounds what a path of them can cost. */
const MOST = 256

/** The policies of a certificate, or those its CA permits below it. */
export function readPolicies(body: DerValue): readonly string[] {
  const policies = list(body).map((information) => readOid(readAll(expectTag(information, TAG.sequence))[0]))
  if (new Set(policies).size < policies.length) throw new DerError('a certificate policy twice')
  return policies
}

export function readPolicyMappings(body: DerValue): readonly PolicyMapping[] {
  return list(body).map((mapping) => {
    const [issuer, subject, ...rest] = readAll(expectTag(mapping, TAG.sequence))
    if (rest.length > 0) throw new DerError('a policy mapping with too much in it')
    return { issuer: readOid(issuer), subject: readOid(subject) }
  })
}

export function readPolicyConstraints(body: DerValue): PolicyConstraints {
  const values = readAll(readDer(body, TAG.sequence))
  const take = (tag: number): number | undefined =>
    values[0]?.tag === tag ? readInteger(values.shift(), tag) : undefined
  const constraints = { requireExplicit: take(0x80), inhibitMapping: take(0x81) }
  if (values.length > 0) throw new DerError('policy constraints of an unknown form')
  return constraints
}

function list(body: DerValue): readonly DerValue[] {
  const values = readAll(readDer(body, TAG.sequence))
  if (values.length === 0 || values.length > MOST) throw new DerError(`${values.length} certificate policies`)
  return values
}
