// Which kinds of services come to a stream with which others, XEP-0238 §3: as published, and as an edge of ours must come
// out under each profile.
//
// The published table has pairs that differ though nothing does that they depend on (a Type 2 reaches a Type 4 and not a
// Type 5, which differ in the certificate alone, and not the other way round). Where ours departs from it, DEPARTURES says why.

import type { ProfileName } from '../../trust/profiles/profile.ts'
import { type Facts, waysIn, waysOut } from './facts.ts'

/** Unsuccessful; verified by dialback in the clear; encrypted, and verified by dialback; trusted, by certificate. */
export type Success = 'U' | 'V' | 'E' | 'T'

/** What a service is like: how strict, with what certificate, what it speaks. XEP-0238 §2 */
export interface ServiceType {
  readonly type: number
  readonly policy: 'verified only' | 'verified acceptable' | 'encrypted required' | 'trusted required'
  readonly certificate: 'none' | 'self-signed' | 'of a CA'
  readonly dialback: boolean
}

export const TYPES: readonly ServiceType[] = [
  { type: 1, policy: 'verified only', certificate: 'none', dialback: true },
  { type: 2, policy: 'verified acceptable', certificate: 'self-signed', dialback: true },
  { type: 3, policy: 'verified acceptable', certificate: 'of a CA', dialback: true },
  { type: 4, policy: 'encrypted required', certificate: 'self-signed', dialback: true },
  { type: 5, policy: 'encrypted required', certificate: 'of a CA', dialback: true },
  { type: 6, policy: 'trusted required', certificate: 'of a CA', dialback: false },
]

/** As published: a row for each initiating type, in it the receiving ones. */
export const PUBLISHED: readonly (readonly Success[])[] = [
  ['V', 'V', 'V', 'U', 'U', 'U'],
  ['V', 'V', 'E', 'E', 'U', 'U'],
  ['V', 'V', 'E', 'E', 'E', 'T'],
  ['U', 'E', 'E', 'E', 'E', 'U'],
  ['U', 'E', 'T', 'E', 'T', 'T'],
  ['U', 'U', 'T', 'U', 'T', 'T'],
]

/** What may come of it with a partner of each type, as the one that opens the stream and as the one to whom it is opened. */
export interface Expected {
  /** The type that the edge is, then. */
  readonly as: number
  readonly initiating: readonly (readonly Success[])[]
  readonly receiving: readonly (readonly Success[])[]
}

const U: readonly Success[] = ['U']
const E: readonly Success[] = ['E']
const T: readonly Success[] = ['T']

/** A certificate proves a name, or nothing does. */
const TRUSTED: Expected = { as: 6, initiating: [U, U, T, U, T, T], receiving: [U, U, T, U, T, T] }
/** The entry of the partner lets dialback within TLS do. A partner with a certificate may still choose it. */
const WAIVED: Expected = { as: 5, initiating: [U, E, T, E, T, T], receiving: [U, E, ['T', 'E'], E, ['T', 'E'], T] }

/** By what the entry asks for; what a profile does not allow, no entry can. */
export const EXPECTED: Readonly<Record<ProfileName, Readonly<Record<string, Expected>>>> = {
  standard: { certificate: TRUSTED, 'dialback-over-tls': WAIVED },
  nato: { certificate: TRUSTED, 'dialback-over-tls': WAIVED },
  dod: { certificate: TRUSTED },
}

export const DEPARTURES: readonly string[] = [
  'Type 2 to ours as Type 5: E, not U. A Type 5 lets dialback within TLS do, and a Type 2 can TLS: the published table says E of the same two the other way round, and of Type 2 to Type 4.',
  'Type 3 to ours: T where it takes the EXTERNAL that is offered, not always E: whether it does is its choice.',
  'Type 5 to ours as Type 5: T, or E where it does dialback though EXTERNAL is offered.',
]

/**
 * Which types a partner may be, by what it shows: from outside it is not seen whether it would do without TLS, so 2 and 4, or
 * 3 and 5, look the same.
 */
export function typesOf({ offersTls, offers, proven }: Facts): readonly number[] {
  if (!offersTls) return [1]
  if (!proven) return [2, 4]
  return offers.includes('{urn:xmpp:features:dialback}dialback') ? [3, 5] : [6]
}

/** As types look from outside: which of them one scripted peer stands for. */
const LOOKS: Readonly<Record<number, string>> = { 1: '1', 2: '2-4', 3: '3-5', 4: '2-4', 5: '3-5', 6: '6' }

/** The cases by which scripted peers play a cell; some of them may not be there. */
export function casesOf(floor: string, way: 'initiating' | 'receiving', type: number): readonly string[] {
  const id = `SAS-10/type-${LOOKS[type] ?? ''}-${way}${floor === 'certificate' ? '' : '-waived'}`
  return [id, `${id}-dialback`]
}

/** What has come of it. */
export const cameTo = (proofs: readonly string[]): Success => {
  if (proofs.length === 0) return 'U'
  return proofs.every((proof) => proof === 'certificate') ? 'T' : 'E'
}

/** @returns what is not as expected, in words; undefined: it is */
export function gridDiffers(profile: ProfileName, facts: Facts): string | undefined {
  const expected = EXPECTED[profile][facts.floor] ?? TRUSTED
  const types = typesOf(facts)
  for (const [way, streams] of [
    ['initiating', waysOut(facts)],
    ['receiving', waysIn(facts)],
  ] as const) {
    const came = cameTo(streams.map(({ proof }) => proof))
    const may = [...new Set(types.flatMap((type) => expected[way][type - 1] ?? []))]
    if (!may.includes(came))
      return `${way}, as Type ${expected.as} with a Type ${types.join(' or ')}: ${came} instead of ${may.join(' or ')}`
  }
  return undefined
}
