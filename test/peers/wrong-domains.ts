// Domains of a partner that are wrong on purpose, one in each way that the scenarios of conformance know, at real servers.

import type { WrongDomains } from '../../src/conformance/partner/wrong.ts'
import { TAG, writeDer, writeOid } from '../../src/trust/der.ts'
import { writeGeneralName } from '../../src/trust/general-name.ts'
import { issue, type Issued, makeCa } from '../support/pki.ts'
import type { Cleanup } from '../support/program.ts'
import { prosody } from '../support/prosody.ts'
import type { Host } from '../support/server.ts'

type Strong = Pick<NonNullable<Parameters<typeof issue>[0]>, 'key' | 'hash'>

export interface WrongHosts {
  readonly domains: Required<WrongDomains>
  /** All but the one without TLS. */
  readonly hosts: readonly Host[]
  /** Its list has to say this. */
  readonly revoked: Issued
  /** A CA that is to be trusted, of which no list is at hand. */
  readonly unlisted: Issued
}

const nameOf = (partner: string, what: string): string => `${what}.wrong.${partner}`

/** @param nobody where a responder would be that is down, such as `http://127.0.0.9:8089/` */
export async function wrongHosts(partner: string, ca: Issued, strong: Strong, nobody: string): Promise<WrongHosts> {
  const [unlisted, between] = await Promise.all([makeCa(strong), makeCa({ ca, ...strong })])
  const of = (what: string) => ({ names: [nameOf(partner, what)], ...strong })
  const whole = await issue({ ca: between, ...of('no-intermediate') })
  const certificates = {
    'self-signed': await issue(of('self-signed')),
    expired: await issue({ ca, ...of('expired'), expired: true }),
    revoked: await issue({ ca, ...of('revoked') }),
    'other-name': await issue({ ca, ...of('quite-another') }),
    'unknown-ca': await issue({ ca: await makeCa(strong), ...of('unknown-ca') }),
    'servers-only': await issue({ ca, ...of('servers-only'), ekus: ['serverAuth'] }),
    'no-responder': await issue({ ca: unlisted, ...of('no-responder'), extensions: [responderAt(nobody)] }),
    'no-intermediate': { ...whole, fullchainPem: whole.pem },
  }
  const hosts = Object.entries(certificates).map(([what, certificate]) => ({
    ...{ domain: nameOf(partner, what), certificate, users: [] },
  }))
  const domains = Object.fromEntries(
    ['no-tls', ...Object.keys(certificates)].map((what) => [what, nameOf(partner, what)]),
  )
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each of them stands above
  return { domains: domains as Required<WrongDomains>, hosts, revoked: certificates.revoked, unlisted }
}

/** A server of its own, as one server knows TLS or does not. */
export const withoutTls = (t: Cleanup, o: { domain: string; address: string; dns: string; ca: Issued }) =>
  issue({ names: [o.domain] }).then((certificate) =>
    prosody(t, {
      ...{ address: o.address, dns: o.dns, anchors: [o.ca], tls: false },
      hosts: [{ domain: o.domain, certificate, users: [] }],
    }),
  )

/** Authority Information Access with the place of a responder. RFC 5280 §4.2.2.1 */
function responderAt(url: string): { oid: string; critical: boolean; value: Buffer } {
  const place = writeGeneralName({ kind: 'uri', value: url })
  const access = writeDer(TAG.sequence, writeOid('1.3.6.1.5.5.7.48.1'), place)
  return { oid: '1.3.6.1.5.5.7.1.1', critical: false, value: writeDer(TAG.sequence, access) }
}
