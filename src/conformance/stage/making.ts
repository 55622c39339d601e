// What each kind of certificate is like, and the CAs above it: data, each line a way to be other than a good one.

import { OID_CLIENT_AUTH, OID_SERVER_AUTH } from '../../trust/extensions.ts'
import type { GeneralName } from '../../trust/general-name.ts'
import type { Certificate } from '../case.ts'
import type { Way } from './publication.ts'

/** A certificate that is issued; what is left out is as it should be. */
export interface Making {
  /** Default: the domain as a DNS-ID. The common name is always the domain. */
  readonly names?: (domain: string) => readonly GeneralName[]
  /** Seconds from now. Default: from yesterday, for a week. */
  readonly from?: number
  readonly until?: number
  readonly hash?: 'SHA-1' | 'SHA-384'
  /** Of which kind the key is; default: P-384. */
  readonly key?: 'rsa3072'
  /** Extended key usages; none: the extension is left out. Default: for both sides of TLS. */
  readonly purposes?: readonly string[]
  /** Its key may sign certificates and no handshakes. */
  readonly keyUsage?: 'ca'
  readonly policy?: string
  /** A critical extension that nobody knows. */
  readonly strange?: true
  /** One bit of the signature is another. */
  readonly damaged?: true
  readonly revoked?: true
  /** Who signs. Default: the CA of the run. `partner`: one that entries may name as their own anchor. */
  readonly by?: 'itself' | 'nobody' | 'partner'
  /** Where it is told whether it was revoked, as the certificate says. */
  readonly told?: readonly Way[]
  /** CAs between the one that signs and the certificate, from the top. */
  readonly below?: readonly Middle[]
}

/** A CA below another. */
export interface Middle {
  /** Default: true. */
  readonly ca?: false
  readonly pathLength?: number
  readonly keyUsage?: 'leaf'
  /** Names under this one it may not vouch for. */
  readonly excluded?: string
  /** Below it, some policy must hold. */
  readonly explicit?: true
  readonly until?: number
  readonly revoked?: true
  /** Whoever shows the certificate does not send this one. */
  readonly kept?: true
  /** Its list of what was revoked. Default: one that is good. */
  readonly list?: 'none' | 'stale'
}

/** A policy for tests. NIST CSOR */
export const TEST_POLICY = '2.16.840.1.101.3.2.1.48.1'
const OID_EMAIL_PROTECTION = '1.3.6.1.5.5.7.3.4'
/** Under it are all peers. */
const ABOVE = 'peer.example'

const dns = (value: string): GeneralName => ({ kind: 'dns', value })
const ending = (domain: string): string => domain.slice(domain.indexOf('.') + 1)

/** What the gateway itself shows. */
export const OURS: Making = { told: ['ocsp'] }

export const MAKINGS: Readonly<Record<Exclude<Certificate, 'none'>, Making>> = {
  good: {},
  'self-signed': { by: 'itself' },
  'unknown-ca': { by: 'nobody' },
  'partner-ca': { by: 'partner' },
  expired: { until: -60 },
  'not-yet-valid': { from: 86_400 },
  brief: { until: 12 },
  sha1: { hash: 'SHA-1' },
  damaged: { damaged: true },
  'strange-extension': { strange: true },
  revoked: { revoked: true },

  'srv-id': { names: (domain) => [{ kind: 'srv', value: `_xmpp-server.${domain}` }] },
  'xmpp-addr': { names: (domain) => [{ kind: 'xmpp', value: domain }] },
  wildcard: { names: (domain) => [dns(`*.${ending(domain)}`)] },
  'other-name': { names: (domain) => [dns(`other.${domain}`)] },
  'common-name': { names: () => [] },
  'other-service': { names: (domain) => [{ kind: 'srv', value: `_xmpp-client.${domain}` }] },
  'wildcard-part': { names: (domain) => [dns(`${domain[0]!}*.${ending(domain)}`)] },
  'wildcard-twice': { names: (domain) => [dns(`*.*.${ending(ending(domain))}`)] },
  'wildcard-too-high': { names: (domain) => [dns(`*.${ending(ending(domain))}`)] },
  'wildcard-xmpp-addr': { names: (domain) => [{ kind: 'xmpp', value: `*.${ending(domain)}` }] },

  'server-only': { purposes: [OID_SERVER_AUTH] },
  'client-only': { purposes: [OID_CLIENT_AUTH] },
  'any-purpose': { purposes: [] },
  'other-purpose': { purposes: [OID_EMAIL_PROTECTION] },
  'no-signing': { keyUsage: 'ca' },
  policy: { policy: TEST_POLICY },

  below: { below: [{}] },
  'below-two': { below: [{}, {}] },
  'below-no-ca': { below: [{ ca: false }] },
  'below-no-signing': { below: [{ keyUsage: 'leaf' }] },
  'below-too-long': { below: [{ pathLength: 0 }, {}] },
  'below-excluded': { below: [{ excluded: ABOVE }] },
  'below-explicit': { below: [{ explicit: true }] },
  'below-expired': { below: [{ until: -60 }] },
  'below-revoked': { below: [{ revoked: true }] },
  'below-missing': { below: [{ kept: true }] },
  'below-no-list': { below: [{ list: 'none' }] },
  'below-stale-list': { below: [{ list: 'stale' }] },

  asked: { below: [{ list: 'none' }], told: ['ocsp'] },
  listed: { below: [{ list: 'none' }], told: ['http'] },
  'listed-ldap': { below: [{ list: 'none' }], told: ['ldap'] },
  'asked-nowhere': { below: [{ list: 'none' }], told: ['nowhere'] },
  'asked-or-listed': { below: [{ list: 'none' }], told: ['ocsp', 'http'] },
}
