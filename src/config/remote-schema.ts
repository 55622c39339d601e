// The settings of remote users in gateway.yaml: where their clients connect, and how the gateway reaches the core for them.
// Who of them may is written in policy.yaml.

import { laterKey } from './later.ts'
import { list, oneOf, port, section, written } from './fields.ts'
import { Proofs } from './proofs.ts'
import { HOST_PORT, IP, NETWORK } from './values.ts'

export const RemoteListener = section(
  {
    host: written(IP).optional().describe('Address to listen on; all addresses of this machine where it is left out.'),
    port: port().describe('Port.'),
    tls: oneOf(['starttls', 'direct'])
      .default('starttls')
      .describe('How TLS begins: starttls, or direct (from the first byte, XEP-0368).'),
    proxyProtocol: list(written(NETWORK), '[10.0.0.9, 10.0.1.0/24]')
      .prefault([])
      .describe(
        'Balancers in front: from these addresses a PROXY protocol header (version 1 or 2) is required, and the address in it counts.',
      ),
    websocket: laterKey('XMPP over WebSocket is'),
  },
  'write { port: 5222 } or { host: 192.0.2.1, port: 5223, tls: direct }',
)

export const CoreClients = section(
  {
    address: written(HOST_PORT)
      .describe('Where the clients of the core connect, host:port.')
      .meta({ example: 'core.corp.internal:5222' }),
    tls: oneOf(['starttls', 'direct', 'none'])
      .default('starttls')
      .describe(
        'How TLS begins: starttls, or direct (from the first byte). none: plaintext, and only to loopback and to plaintextNetworks.',
      ),
    trust: Proofs.optional().describe('By what the core is known there, as in core.trust, which holds by default.'),
    plaintextNetworks: list(written(NETWORK), '[10.1.0.0/16]')
      .optional()
      .describe('Networks in which nobody but you can listen, so that the core may be met there without TLS.'),
  },
  'write { address: core.corp.internal:5222 }',
)
