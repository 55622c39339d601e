// How the gateway reaches the core for remote users. Where their clients connect is in `remote-listeners.ts`; who of them may
// is written in policy.yaml.

import { flag, list, oneOf, section, written } from './fields.ts'
import { Proofs } from './proofs.ts'
import { CLIENTS_PORT, NETWORK } from './values.ts'

export const CoreClients = section(
  {
    address: written(CLIENTS_PORT)
      .describe('Where the clients of the core connect, host:port.')
      .meta({ example: 'core.corp.internal:5222' }),
    tls: oneOf(['starttls', 'direct', 'none'])
      .default('starttls')
      .describe(
        'How TLS begins: starttls, or direct (from the first byte). none: plaintext, and only to loopback and to plaintextNetworks.',
      ),
    trust: Proofs.optional().describe('By what the core is known there, as in core.trust, which holds by default.'),
    proxyProtocol: flag()
      .default(false)
      .describe(
        'Tell the core by PROXY protocol (version 1) where each client comes from. Its port must expect that, and then takes nobody who does not say it.',
      ),
    plaintextNetworks: list(written(NETWORK), '[10.1.0.0/16]')
      .optional()
      .describe('Networks in which nobody but you can listen, so that the core may be met there without TLS.'),
  },
  'write { address: core.corp.internal:5222 }',
)
