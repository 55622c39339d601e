// What is told of a gateway that runs, for a run of conformance against it from outside: a file of its own, beside no others.

import { domain, file, list, port, section, text, written } from './fields.ts'
import { USER } from './policy-values.ts'
import { HOST, IP } from './values.ts'

const Partner = section(
  {
    domain: domain().describe('A domain that the gateway admits as a partner.').meta({ example: 'partner.example' }),
    certificate: file('the certificate that proves it, with its chain (PEM)').describe('Its certificate and chain.'),
    key: file('its private key (PEM)').describe('Its private key.'),
  },
  'write { domain: partner.example, certificate: fullchain.pem, key: privkey.pem }',
)

const Back = section(
  {
    host: written(HOST).describe('Address of this machine at which the gateway finds the server of the partner.'),
    port: port().default(5269).describe('Port.'),
  },
  'write { host: 192.0.2.20, port: 5269 }',
)

export const OutsideSchema = section(
  {
    domain: domain().describe('The domain of its own that peers talk to.').meta({ example: 'corp.example' }),
    hosts: list(written(IP), '[192.0.2.10, "2001:db8::10"]')
      .refine((all) => all.length > 0, { error: 'write at least one address' })
      .refine((all) => new Set(all.map((one) => one.includes(':'))).size === all.length, {
        error: 'write one address of each version of IP',
      })
      .describe('Where it takes partners: one address of each version of IP.'),
    port: port().default(5269).describe('Port for STARTTLS.'),
    direct: port().optional().describe('Port where TLS begins at once, where it has one.'),
    release: text().optional().describe('What it is, as its operator says.'),
    user: written(USER)
      .optional()
      .describe('An address there that peers write to; need not exist. Default: conformance@ its domain.'),
    partner: Partner.optional().describe('As whom the scripted peers come; without it they are strangers.'),
    back: Back.optional().describe('Where this run waits for the streams that the gateway opens to the partner.'),
  },
  'write what is told of the gateway: domain, hosts, and partner',
)
