// `federation-config/gateway.yaml`: its keys, defaults, checks and descriptions. What one key alone can get wrong is
// said here; what keys can get wrong together is in `cross-checks.ts`.

import * as z from 'zod'
import { AdministrationSection } from './administration-schema.ts'
import { CardsSection } from './cards-schema.ts'
import { ClockSection } from './clock-schema.ts'
import { FederationSection } from './federation-schema.ts'
import { domain, duration, file, flag, list, neverEmpty, oneOf, port, say, section, written } from './fields.ts'
import { oneOfNow } from './later.ts'
import { LimitsSection } from './limits.ts'
import { LogSection } from './log-schema.ts'
import { Proofs } from './proofs.ts'
import { Purposes, PURPOSES } from './purposes.ts'
import { RemoteListener } from './remote-listeners.ts'
import { CoreClients } from './remote-schema.ts'
import { DNS_SERVER, HOST_PORT, HTTP_URL, IP, isLoopback, NETWORK, OID, STORE } from './values.ts'

const MAX_DOMAINS = 10_000

const SECOND = 'write the files: { certificate: certs/…/fullchain-rsa.pem, key: certs/…/privkey-rsa.pem }'

const PASSPHRASE = file('a file with the passphrase of the key')
  .optional()
  .describe('File whose first line is the passphrase of the key, for our eyes only (mode 600); for an encrypted key.')

const OwnDomain = section(
  {
    certificate: file('a PEM file: the certificate, then its intermediates')
      .optional()
      .describe('Certificate chain, PEM.'),
    key: file('a PEM file with the private key').optional().describe('Private key, PEM.'),
    passphraseFile: PASSPHRASE,
    second: section(
      {
        certificate: file('a PEM file: the certificate, then its intermediates').describe('Certificate chain, PEM.'),
        key: file('a PEM file with the private key').describe('Private key, PEM.'),
        passphraseFile: PASSPHRASE,
      },
      SECOND,
    )
      .optional()
      .describe(
        'A second certificate with another kind of key, RSA beside EC; by default fullchain-rsa.pem and privkey-rsa.pem beside the first, if they are there.',
      ),
  },
  'write {} or the files: { certificate: certs/…/fullchain.pem, key: certs/…/privkey.pem }',
)

const FederationListener = section(
  {
    host: written(IP)
      .optional()
      .describe('Address to listen on; all addresses of this machine where it is left out.')
      .meta(neverEmpty('write the address, or take it out')),
    port: port().describe('Port.'),
    tls: oneOf(['starttls', 'direct'])
      .default('starttls')
      .describe('How TLS begins: starttls, or direct (from the first byte, XEP-0368).'),
    proxyProtocol: list(written(NETWORK), '[10.0.0.9, 10.0.1.0/24]')
      .prefault([])
      .describe(
        'Balancers in front: from these addresses a PROXY protocol header (version 1 or 2) is required, and the address in it counts; from all others it is not understood.',
      ),
  },
  'write { port: 5269 } or { host: 192.0.2.1, port: 5269 }',
)

const CoreListener = section(
  {
    host: written(IP).describe('The inner address.'),
    port: port().describe('Port.'),
    tls: oneOfNow(['starttls'], { direct: 'direct TLS of the core is' })
      .default('starttls')
      .describe('How TLS begins.'),
  },
  'write { host: 10.1.0.2, port: 5269 } with the inner address',
)

const LOOPBACK_ONLY = 'write 127.0.0.1 or ::1: the admin listener speaks plain HTTP, so it is for this machine only'

const AdminListener = section(
  {
    host: written(IP)
      .refine((host) => isLoopback(host), { error: LOOPBACK_ONLY })
      .prefault('127.0.0.1')
      .describe('Address to listen on; one of loopback.'),
    port: port().default(8443).describe('Port.'),
  },
  'write { host: 127.0.0.1, port: 8443 }',
)

const DOMAINS = 'write each domain that we speak for on a line of its own, such as corp.example: {}'
const ANCHORS = 'write system, or a list of PEM files'

export const GatewaySchema = section(
  {
    domains: z
      .record(domain(), OwnDomain, {
        error: (issue) => (issue.code === 'invalid_type' ? say(DOMAINS)(issue) : undefined),
      })
      .refine((domains) => Object.keys(domains).length > 0, { error: DOMAINS })
      .refine((domains) => Object.keys(domains).length <= MAX_DOMAINS, {
        error: `write at most ${MAX_DOMAINS} domains`,
      })
      .describe(
        'What we speak for. Each name has a certificate of its own, by default certs/<domain>/fullchain.pem and privkey.pem; room services are domains of their own.',
      )
      .meta({ example: { 'corp.example': {}, 'conference.corp.example': {} } }),
    core: section(
      {
        protocol: oneOf(['s2s', 'component'])
          .default('s2s')
          .describe(
            'How the core is spoken to: s2s (as a server), or component (XEP-0114; to the core the gateway is a component for each domain of a partner).',
          ),
        address: written(HOST_PORT)
          .describe('Where we reach it, host:port; for components that is mostly port 5347.')
          .meta({ example: 'core.corp.internal:5269' }),
        trust: Proofs.optional()
          .describe(
            'Who may be the core: its CA or certificate (PEM file), or an SPKI pin; several in a list, any one of which suffices. A component needs it with tls: direct.',
          )
          .meta({ example: 'certs/core/ca.pem' }),
        networks: list(written(NETWORK), '[10.1.0.0/16]')
          .optional()
          .describe(
            'From where the core connects. Needed unless its address is on loopback; a component core does not connect.',
          )
          .meta({ example: ['10.1.0.0/16'] }),
        connections: oneOf(['per-domain', 'one'])
          .optional()
          .describe(
            'Component only. per-domain: a connection for each domain of a partner (Prosody; the default). one: a single one for all (ejabberd with hosts:).',
          )
          .meta({ example: 'per-domain' }),
        secretFile: file('a file with the secret that the core has for the component')
          .optional()
          .describe(
            'Component only: the file with the secret that we share with the core, for our eyes only (mode 600).',
          )
          .meta({ example: 'certs/core/secret' }),
        tls: oneOf(['direct', 'none'])
          .optional()
          .describe(
            'Component only. direct: TLS from the first byte. none: plaintext (the default), and only to loopback and to core.plaintextNetworks.',
          )
          .meta({ example: 'direct' })
          .meta(neverEmpty('write direct or none')),
        plaintextNetworks: list(written(NETWORK), '[10.1.0.0/16]')
          .optional()
          .describe(
            'Component only: networks in which nobody but you can listen, so that the core may be met without TLS.',
          )
          .meta({ example: ['10.1.0.0/16'] }),
        clients: CoreClients.optional()
          .describe(
            'How remote users reach the core: the address where its own clients connect; tls: starttls (the default), direct, or none; trust, by default that of the core; with none, plaintextNetworks beside loopback; proxyProtocol: true where that port wants to be told whose connection it is.',
          )
          .meta({ example: { address: 'core.corp.internal:5222' } }),
      },
      'write how the core is reached, at least address: and trust: below core:',
    ).describe('The internal IM server.'),
    listen: section(
      {
        federation: list(FederationListener, '[{ port: 5269 }]')
          .refine((listeners) => listeners.length > 0, { error: 'write at least one listener, such as { port: 5269 }' })
          .prefault([{ port: 5269 }])
          .describe(
            'Where partners connect; an entry with tls: direct, mostly on port 5270, takes TLS from the first byte.',
          ),
        core: list(CoreListener, '[{ host: 10.1.0.2, port: 5269 }]')
          .prefault([])
          .describe('The inner address, where the core connects; without one the core shares the federation listener.')
          .meta({ example: [{ host: '10.1.0.2', port: 5269 }] }),
        remote: list(RemoteListener, '[{ port: 5222 }, { port: 443, websocket: /xmpp-websocket }]')
          .prefault([])
          .describe('Where the clients of remote users connect; nowhere unless it is written. Needs `core.clients`.')
          .meta({
            example: [{ port: 5222 }, { port: 5223, tls: 'direct' }, { port: 443, websocket: '/xmpp-websocket' }],
          }),
        admin: AdminListener.optional()
          .describe(
            'Where this machine asks whether we are healthy and ready, and for metrics; off unless it is written. Plain HTTP, so on loopback only.',
          )
          .meta({ example: { host: '127.0.0.1', port: 8443 } }),
      },
      'write the listeners, such as federation: [{ port: 5269 }], below listen:',
    )
      .prefault({})
      .describe('Where we listen. A change needs a restart.'),
    federation: FederationSection,
    trust: section(
      {
        anchors: z
          .union(
            [
              z.literal('system'),
              z
                .array(file('a PEM file'))
                .min(1, { error: ANCHORS })
                .max(1000, { error: 'write at most 1000 files' })
                .readonly(),
            ],
            {
              error: say(ANCHORS),
            },
          )
          .default('system')
          .describe(
            'Whose certificates we believe: the CAs of the operating system, or a list of PEM files. A partner may have its own.',
          )
          .meta(neverEmpty('write system, or the PEM files')),
        intermediates: list(file('a PEM file'), '[certs/intermediates.pem]')
          .prefault([])
          .describe(
            'PEM files with certificates of CAs that complete the chains of partners who send too few. They vouch for nobody.',
          ),
        fetchIssuers: flag()
          .default(false)
          .describe(
            'Fetch certificates of CAs that servers of partners should have sent and did not, from where their certificates say they lie (HTTP). They vouch for nobody.',
          ),
        certificatePolicies: list(written(OID), '["2.16.840.1.101.3.2.1.48.1"]')
          .prefault([])
          .describe(
            "Certificate policies of which one must hold for a partner's whole chain (RFC 5280 §6.1); none: nothing is demanded. A partner may have its own.",
          )
          .meta(neverEmpty('write the policies, or []')),
        extendedKeyUsage: Purposes.default('either')
          .describe(`${PURPOSES} A partner may have a stricter word of its own.`)
          .meta(neverEmpty('write either, own-side or both')),
        revocation: oneOf(['off', 'soft', 'hard'])
          .default('soft')
          .describe(
            'Whether certificates of partners must not have been revoked. soft: one that is known to be revoked is refused. hard: one that is not known to be good, too. off: nobody is asked. A partner may have a stricter word of its own.',
          )
          .meta(neverEmpty('write off, soft or hard')),
        certificateChange: oneOf(['accept', 'report', 'hold-unusual', 'hold'])
          .default('report')
          .describe(
            'What becomes of a certificate of a partner with another key than the known ones. report: it counts, and a change that no ordinary renewal explains is told of until an administrator confirms it. hold-unusual: such a change is refused until then. hold: every other key is. accept: no key is remembered. A partner may have a stricter word of its own.',
          )
          .meta(neverEmpty('write what becomes of other keys')),
        reauthenticate: duration('1s', '30d')
          .optional()
          .describe(
            'After so long at most a partner proves its name anew: streams that are up are replaced by new ones, in good order. Never while it is not set. A partner may have a shorter time of its own.',
          )
          .meta({ example: '1h' })
          .meta(neverEmpty('write a duration, or take it out')),
        responder: written(HTTP_URL)
          .optional()
          .describe('An OCSP responder to ask in place of those that certificates name.')
          .meta({ example: 'http://ocsp.corp.internal/' }),
        crls: file('a directory with CRLs')
          .optional()
          .describe(
            'A directory in which somebody puts CRLs (DER, or PEM with one or several; *.crl, *.der, *.pem); new files count within seconds. For a gateway without a way out.',
          )
          .meta({ example: 'certs/crls' })
          .meta(neverEmpty('write the directory, or take it out')),
        fetch: flag()
          .default(true)
          .describe(
            'Ask OCSP responders, and fetch CRLs by HTTP and LDAP. false: only what partners staple and what lies in trust.crls counts.',
          ),
        fetchFrom: list(written(NETWORK), '[10.2.0.0/16]')
          .prefault([])
          .describe(
            'Networks that are not public in which certificates may name responders and CRLs, such as that of the PKI of your own organisation.',
          )
          .meta({ example: ['10.2.0.0/16'] }),
        cards: CardsSection.optional()
          .describe(
            'How remote users log in by certificate (smart cards): issuers: (PEM files of the CAs that vouch for them, and for nobody else), addresses: (rules that find the address of the holder, for all of these CAs or for those of one file), policies: (certificate policies of which one must hold). Nobody can while it is not set.',
          )
          .meta({ example: { issuers: ['certs/cards-ca.pem'], addresses: [{ from: 'xmppAddr' }, { from: 'email' }] } }),
      },
      'write anchors: system below trust:',
    )
      .prefault({})
      .describe('Which certificates of partners, and of remote users, we believe.'),
    store: written(STORE)
      .prefault('sqlite:var/sallyport.db')
      .describe('Where records are kept. A change needs a restart.'),
    dns: section(
      {
        servers: list(written(DNS_SERVER), '[192.0.2.53]')
          .prefault([])
          .describe("Resolvers to ask, in order; the operating system's where the list is empty."),
        timeout: duration('100ms', '1m').prefault('5s').describe('Time for one answer.'),
        cache: duration('0s', '1d')
          .prefault('1m')
          .describe(
            'How long records are kept at most; addresses no longer than their TTL (Node does not tell that of SRV records).',
          ),
        negativeCache: duration('0s', '1h')
          .prefault('30s')
          .describe('How long it is kept that there is no such record.'),
        stale: duration('0s', '7d')
          .prefault('1d')
          .describe('How long records that were kept serve on while DNS gives no answer (RFC 8767).'),
      },
      'write servers: or timeout: below dns:',
    )
      .prefault({})
      .describe('How partners are looked up.'),
    administration: AdministrationSection.prefault({}).describe('On what terms the gateway is administered.'),
    clock: ClockSection.prefault({}).describe('By what the clock of this host is looked at.'),
    log: LogSection.prefault({}).describe('Where the log goes besides standard output.'),
    limits: LimitsSection.prefault({}).describe('Every queue, buffer and wait has a limit.'),
    evaluation: flag()
      .default(false)
      .describe(
        'Run the embedded lab (a small core and partners) and accept evaluation certificates; loopback addresses only. A change needs a restart.',
      ),
  },
  'write settings as lines of name: value',
)

export type GatewayInput = z.input<typeof GatewaySchema>
export type GatewayFile = z.output<typeof GatewaySchema>
