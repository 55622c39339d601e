// Which certificates of ours real servers accept, when we connect to them and when they connect to us: facts about Prosody
// and ejabberd as Debian has them, from which docs/certificates.md tells what certificate to get. A row that differs means that a server
// was mended, or broken: then the row changes, and with it the advice.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dial } from '../../src/net/dial.ts'
import type { Identity } from '../../src/trust/identity.ts'
import { Gate, identityOf, LIMITS, prove } from '../net/gate.ts'
import { Client, trustForClients, xml } from '../support/client.ts'
import { dns } from '../support/dns.ts'
import { needsPeer } from '../support/peers.ts'
import { type Issued, type IssueOptions, issue, makeCa } from '../support/pki.ts'
import type { ServerKind, StartServer } from '../support/server.ts'
import { eventually } from '../support/within.ts'
import { record } from '../tables.ts'
import { places, THEIRS } from './places.ts'

/** Whether it is accepted when we connect, and when they do. */
type Verdicts = readonly [weConnect: boolean, theyConnect: boolean]

const ALWAYS: Verdicts = [true, true]
const NEVER: Verdicts = [false, false]

interface Row {
  readonly about: string
  /** The domain of ours that it is shown for. */
  readonly domain: string
  readonly certificate: IssueOptions
  readonly is: Readonly<Record<ServerKind, Verdicts>>
  /** By a CA that nobody knows, or without the certificate of the CA between. */
  readonly by?: 'nobody' | 'unsent'
}

const both = (is: Verdicts): Row['is'] => ({ prosody: is, ejabberd: is })

const ROWS: readonly Row[] = [
  { about: 'DNS-ID, for servers and clients', domain: 'dns-id.example', certificate: {}, is: both(ALWAYS) },
  // COMPAT: ejabberd 23.01 wants `clientAuth` of whoever connects to it: `unsupported certificate purpose`.
  {
    about: 'DNS-ID, for servers only (`serverAuth`), as public CAs issue it',
    domain: 'server-auth.example',
    certificate: { ekus: ['serverAuth'] },
    is: { prosody: ALWAYS, ejabberd: [false, true] },
  },
  // COMPAT: Prosody 0.12 wants `serverAuth` of everybody, where a certificate says what it is for.
  {
    about: 'DNS-ID, for clients only (`clientAuth`)',
    domain: 'client-auth.example',
    certificate: { ekus: ['clientAuth'] },
    is: { prosody: NEVER, ejabberd: [true, false] },
  },
  {
    about: 'DNS-ID, for no purpose in particular',
    domain: 'no-usage.example',
    certificate: { ekus: [] },
    is: both(ALWAYS),
  },
  {
    about: 'DNS-ID, for mail only',
    domain: 'mail.example',
    certificate: { ekus: ['1.3.6.1.5.5.7.3.4'] },
    is: both(NEVER),
  },
  {
    about: 'DNS-ID of a wildcard for its label',
    domain: 'im.wild.example',
    certificate: { names: ['*.wild.example'] },
    is: both(ALWAYS),
  },
  {
    about: 'DNS-ID of a wildcard two labels up',
    domain: 'a.im.wilder.example',
    certificate: { names: ['*.wilder.example'] },
    is: both(NEVER),
  },
  {
    about: 'DNS-ID of an international name, as A-label',
    domain: 'xn--bcher-kva.example',
    certificate: {},
    is: both(ALWAYS),
  },
  // COMPAT: ejabberd 23.01 knows no SRV-ID.
  {
    about: 'SRV-ID alone',
    domain: 'srv-id.example',
    certificate: { names: ['SRV:_xmpp-server.srv-id.example'] },
    is: { prosody: ALWAYS, ejabberd: NEVER },
  },
  {
    about: 'SRV-ID of another service alone',
    domain: 'wrong-service.example',
    certificate: { names: ['SRV:_xmpp-client.wrong-service.example'] },
    is: both(NEVER),
  },
  // COMPAT: Prosody 0.12 compares XmppAddr with nothing, and the stream of ejabberd 23.01 dies over one.
  {
    about: 'XmppAddr alone',
    domain: 'xmpp-addr.example',
    certificate: { names: ['XMPP:xmpp-addr.example'] },
    is: both(NEVER),
  },
  // COMPAT: both still take the common name, ejabberd 23.01 also where names stand beside it. RFC 9525 §2 takes none.
  {
    about: 'the common name alone',
    domain: 'common-name.example',
    certificate: { names: [], commonName: 'common-name.example' },
    is: both(ALWAYS),
  },
  {
    about: 'the common name beside the name of its host',
    domain: 'hosted.example',
    certificate: { names: ['xmpp.here.example'], commonName: 'hosted.example' },
    is: { prosody: NEVER, ejabberd: ALWAYS },
  },
  {
    about: 'another name of the same CA',
    domain: 'impostor.example',
    certificate: { names: ['somebody-else.example'] },
    is: both(NEVER),
  },
  { about: 'RSA of 2048 bits', domain: 'rsa.example', certificate: { key: 'rsa2048' }, is: both(ALWAYS) },
  { about: 'EC P-384, signed with SHA-384', domain: 'p384.example', certificate: { key: 'p384' }, is: both(ALWAYS) },
  { about: 'EC P-521', domain: 'p521.example', certificate: { key: 'p521' }, is: both(ALWAYS) },
  { about: 'Ed25519', domain: 'ed25519.example', certificate: { key: 'ed25519' }, is: both(ALWAYS) },
  { about: 'expired', domain: 'expired.example', certificate: { expired: true }, is: both(NEVER) },
  { about: 'without the intermediate', domain: 'unsent.example', certificate: {}, is: both(NEVER), by: 'unsent' },
  {
    about: 'of a CA that they do not know',
    domain: 'unknown-ca.example',
    certificate: {},
    is: both(NEVER),
    by: 'nobody',
  },
]

export interface JudgedOptions {
  readonly kind: ServerKind
  readonly number: number
  readonly partner: StartServer
}

/** Holds the table against a server of this kind. */
export function testOurCertificate({ kind, number, partner }: JudgedOptions): void {
  test(`which certificates of ours ${kind} accepts`, needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root'), async (t) => {
    const at = places(number)
    const [ca, stranger] = [await makeCa(), await makeCa()]
    const between = await makeCa({ ca })
    const signer = { nobody: stranger, unsent: between } as const
    const identities = new Map<string, Identity>()
    for (const { domain, certificate, by } of ROWS) {
      const issued = await issue({ ca: by ? signer[by] : ca, names: [domain], ...certificate })
      identities.set(domain, identityOf(by === 'unsent' ? alone(issued) : issued))
    }
    const hosts = { 'xmpp.here.example': at.outer, 'xmpp.there.example': at.partner }
    const federation = Object.fromEntries(ROWS.map(({ domain }) => [domain, { host: 'xmpp.here.example' }]))
    await dns(t, {
      address: at.outerDns,
      hosts,
      federation: { ...federation, [THEIRS]: { host: 'xmpp.there.example' } },
    })
    const theirs = await issue({ ca, names: [THEIRS] })
    const server = await partner(t, {
      address: at.partner,
      dns: at.outerDns,
      anchors: [ca],
      hosts: [{ domain: THEIRS, certificate: theirs, users: ['bob'] }],
    })
    trustForClients(ca)
    const arrived: string[] = []
    const identity = ({ local }: { readonly local: string }): Promise<Identity> => {
      const found = identities.get(local)
      return found ? Promise.resolve(found) : Promise.reject(new Error(`nobody is ${local}`))
    }
    const gate = await Gate.open({
      ca,
      certificate: theirs,
      host: at.outer,
      port: 5269,
      onFrame: ({ bytes }) => void arrived.push(bytes.toString()),
      reception: { identity, rules: () => ({ opens: () => undefined, admits: () => undefined }) },
    })
    t.after(() => gate[Symbol.asyncDispose]())
    const bob = await Client.login(t, { user: 'bob', domain: THEIRS, address: at.partner })
    const bounced: string[] = []
    bob.listen((stanza) => void (stanza.attrs['type'] === 'error' && bounced.push(stanza.attrs['id'] ?? '')))

    const weConnect = async ({ domain }: Row): Promise<boolean> => {
      const result = await dial(
        {
          pair: { local: domain, remote: THEIRS },
          leg: 'partner',
          targets: [{ host: at.partner, port: 5269, tls: 'starttls' }],
          identity: await identity({ local: domain }),
          verify: (chain) => Promise.resolve(prove(ca, THEIRS, chain)),
          limits: { ...LIMITS, negotiationMs: 15_000, connectMs: 15_000 },
          reference: domain,
        },
        gate.handler(),
      )
      if (result.ok) t.after(() => result.stream.destroy())
      return result.ok
    }
    const theyConnect = async ({ domain }: Row): Promise<boolean> => {
      await bob.send(xml('message', { to: `alice@${domain}`, type: 'chat', id: domain }, xml('body', {}, 'Hello?')))
      return eventually(
        () => `what becomes of a message to ${domain}`,
        () => (arrived.some((one) => one.includes(domain)) ? true : bounced.includes(domain) ? false : undefined),
        { ms: 30_000 },
      )
    }
    const say = (accepted: boolean): string => (accepted ? 'yes' : 'no')
    const seen = await Promise.all(ROWS.map(async (row) => [await weConnect(row), await theyConnect(row)] as const))
    for (const [i, verdicts] of seen.entries()) {
      const row = ROWS[i]
      assert.ok(row)
      const called = kind === 'prosody' ? 'Prosody' : 'ejabberd'
      const cells = { [`${called}, we connect`]: say(verdicts[0]), [`${called} connects`]: say(verdicts[1]) }
      record('our-certificate', [row.about], cells)
    }
    const differs = ROWS.filter(({ is }, i) => String(is[kind]) !== String(seen[i]))
    assert.deepEqual(
      differs.map(({ about, is }) => `${about}: ${is[kind].map(say).join(' and ')} is written down`),
      [],
      [
        ...gate.failures.all.map(({ pair, reason, detail }) => `${pair?.local}: ${reason} ${detail}`),
        server.log.tail(),
      ].join('\n'),
    )
  })
}

/** What a server sends that has its own certificate only. */
const alone = (issued: Issued): Issued => ({ ...issued, fullchainPem: issued.pem })
