// The users' CA: with it the gateway shows the core, for a user whose card it has verified, a certificate with that user's
// address, by which the core lets the user in (SASL EXTERNAL). The core trusts it on its client port, and nowhere else.
//
// SECURITY: whoever has its key is every user to a core that trusts it. So it is there only where `trust.cards` is written,
//           it is not the internal CA, which can vouch for nobody of ours, and it can do nothing else: path length 0,
//           clients of TLS only, no name of a host, no address of a network, no mail outside our domains. That an XmppAddr
//           be within our domains cannot be said: OpenSSL knows no constraint on it and would refuse all.
// SECURITY: each leaf has exactly one XmppAddr. ejabberd takes one without any for whomever its bearer says to be.

import { join } from 'node:path'
import { ORGANIZATION } from '../ca-files.ts'
import type { CaKind, CaPlace } from '../ca-files.ts'
import { OID_CLIENT_AUTH } from '../extensions.ts'
import type { CertificateFinding } from '../finding.ts'
import { ipBytes } from '../general-name.ts'
import { extendedKeyUsage, nameConstraints } from '../issue.ts'
import { MintingCa } from '../minting-ca.ts'
import { bareAddress, parseAddress } from '../../xmpp/address.ts'
import { toUnicodeDomain } from '../../xmpp/domain.ts'

/** Where it lives, below the installation directory. */
export const USERS_CA = join('certs', 'users-ca')

const MINUTE_MS = 60_000

export interface UsersCaOptions extends Omit<CaPlace, 'kind'> {
  /** Our own domains, canonical. */
  readonly domains: readonly string[]
  /** The most identities kept ready. */
  readonly capacity: number
}

/**
 * Opens the CA, or makes it on first use. Its identities are those of bare addresses, canonical, at our domains. Without
 * `ca`, the findings say why and what to do.
 */
export function openUsersCa({ directory, domains, now, capacity }: UsersCaOptions): Promise<{
  readonly ca: MintingCa | undefined
  readonly findings: readonly CertificateFinding[]
}> {
  const ours = new Set(domains)
  return MintingCa.open({
    ...{ directory, now, capacity, kind: kindFor(domains) },
    // The core looks at it once, in the handshake.
    ...{ lifetimeMs: 60 * MINUTE_MS, renewBeforeMs: 30 * MINUTE_MS },
    minting(user) {
      const address = parseAddress(user)
      if (address?.local === undefined || bareAddress(address) !== user || !ours.has(address.domain))
        throw new Error(`the users' CA does not vouch for ${user}: no user of ours`)
      return {
        subject: [{ O: [ORGANIZATION] }, { CN: ['remote user'] }],
        names: [{ kind: 'xmpp', value: `${address.local}@${toUnicodeDomain(address.domain)}` }],
        usages: [OID_CLIENT_AUTH],
      }
    },
  })
}

function kindFor(domains: readonly string[]): CaKind {
  return {
    name: "users' CA",
    extensions: [
      { ...extendedKeyUsage([OID_CLIENT_AUTH]), critical: true },
      nameConstraints({
        permitted: domains.filter((domain) => !ipBytes(domain)).map((value) => ({ kind: 'email', value })),
        excluded: [
          { kind: 'dns', value: '' }, // Every name is below it. RFC 5280 §4.2.1.10
          { kind: 'ip', bytes: Buffer.alloc(8) }, // 0.0.0.0/0 and ::/0
          { kind: 'ip', bytes: Buffer.alloc(32) },
          { kind: 'srv', value: '_xmpp-client.invalid' }, // One makes OpenSSL refuse every leaf that carries any.
        ],
      }),
    ],
    fault({ certificate: { extensions }, constraints: { excluded } }) {
      const usages = extensions.extendedKeyUsage ?? []
      if (usages.length !== 1 || usages[0] !== OID_CLIENT_AUTH) return 'could vouch for more than clients of TLS'
      const isBound =
        excluded.some((name) => name.kind === 'dns' && name.value === '') &&
        excluded.some((name) => name.kind === 'srv') &&
        [4, 16].every((length) => excluded.some((name) => name.kind === 'ip' && name.bytes.length === 2 * length))
      return isBound ? undefined : 'could vouch for hosts'
    },
  }
}
