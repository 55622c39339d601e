// What a profile makes of a handshake: what we offer and take, as OpenSSL is told it, and whether one that was made under
// a laxer profile is good enough.

import type { ReasonId } from '../../xmpp/reasons.ts'
import type { PathFault } from '../demands.ts'
import type { Profile } from './profile.ts'

/** What a handshake came to, as Node tells it; the group where it does. */
export interface Handshake {
  readonly version: string
  readonly cipher: string
  readonly group: string | undefined
}

/**
 * For which groups a client sends a key at once: for the first hybrid and the first plain one, or for the plain one alone. The
 * others are offered all the same; a server that prefers one of them asks for it (RFC 8446 §4.1.4).
 */
export type KeyShares = 'all' | 'plain'

/** The part of `tls.createSecureContext` that a profile decides. Throws where this OpenSSL knows nothing of what it says. */
export function handshakeOptions(
  { versions, suites, olderSuites, groups, signatures }: Profile,
  shares: KeyShares = 'all',
) {
  return {
    minVersion: versions.is.includes('TLSv1.2') ? ('TLSv1.2' as const) : ('TLSv1.3' as const),
    ciphers: [...suites.is, ...olderSuites.is].join(':'),
    ecdhCurve: groupList(groups.is, shares),
    sigalgs: signatures.is.map((one) => (SINCE_LONG.test(one) ? one : `?${one}`)).join(':'),
  }
}

/** What every provider of algorithms has; a validated one may lack the others. */
const SINCE_LONG = /^(?:ecdsa_secp|rsa_)/

/**
 * The groups in order, as OpenSSL 3.5 takes them. Hybrids are a tier of their own: two sides that have one agree on it, also
 * where that takes another round trip. Beside the hybrid in front, a key share (`*`) of the first plain group goes out at
 * once, so that a peer without hybrids needs none.
 */
function groupList(groups: readonly string[], shares: KeyShares): string {
  const [hybrid, plain] = [groups.filter((one) => isHybrid(one)), groups.filter((one) => !isHybrid(one))]
  const hasShare = shares === 'all' || plain.length === 0
  return [tier(hybrid, hasShare), tier(plain, true)].filter((one) => one !== '').join('/')
}

const tier = (groups: readonly string[], hasShare: boolean): string =>
  groups.map((group, i) => `${group.startsWith('P-') ? '' : '?'}${hasShare && i === 0 ? '*' : ''}${group}`).join(':')

/** Does an exchange by it hold against quantum computers too? */
export const isHybrid = (group: string): boolean => group.includes('MLKEM')

/** Other names that OpenSSL has for groups. */
const NAMES: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp256r1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
}

/** What the profile has against a handshake. */
export function handshakeFault(profile: Profile, { version, cipher, group }: Handshake): PathFault | undefined {
  const { versions, suites, olderSuites, groups } = profile
  const fault = (reason: ReasonId, what: string): PathFault => ({
    reason,
    detail: `${what}, under the profile ${profile.name}`,
  })
  if (!versions.is.some((one) => one === version)) return fault('SP-320', version)
  if (!suites.is.includes(cipher) && !olderSuites.is.includes(cipher)) return fault('SP-321', cipher)
  const name = group && (NAMES[group] ?? group)
  return name !== undefined && !groups.is.includes(name) ? fault('SP-322', name) : undefined
}
