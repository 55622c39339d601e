// What has to be changed at the core server: the exact lines for the servers we know. Three things, whatever the server:
// it must be led to the gateway by DNS, trust the gateway's internal CA and nobody else, and insist on certificates.
//
// Rule: the lines for Prosody and ejabberd fit Debian's own configuration files as they are installed. The tests with real
// servers read them from the output of `quickstart` and apply them to those files.

import { isIP } from 'node:net' // Pure part only.
import { type DnsViewKind, VIEWS } from './dns-view.ts'

export const CORE_KINDS = ['prosody', 'ejabberd', 'openfire', 'm-link'] as const
export type CoreKind = (typeof CORE_KINDS)[number]

export interface CoreFacts {
  readonly kind: CoreKind
  /** Where the core finds the gateway; port 5269, as names without an SRV record mean that port. */
  readonly gateway: string
  /** Who serves the core's view of DNS. */
  readonly dnsView: DnsViewKind
  /** The first of our domains. */
  readonly domain: string
  /** Where the core listens for the gateway, if it lives on the gateway's own host: there it must leave other addresses alone. */
  readonly beside: { readonly host: string; readonly port: number } | undefined
}

/**
 * What is done with the lines of a step: a file of its own is written; settings are set in a file that is there already,
 * each key once; entries are added to a list that is there already; lines are deleted; commands are run. Without a file and lines there is only something to read.
 */
export type CoreAction = 'write' | 'set' | 'add' | 'delete' | 'run' | 'read'

/** A step at the core: what to do, and what to put where. */
export interface CoreStep {
  readonly about: string
  readonly action: CoreAction
  readonly file: string | undefined
  readonly lines: string
}

const STEPS: Readonly<Record<CoreKind, (facts: CoreFacts) => readonly CoreStep[]>> = {
  prosody: (facts) => [
    copyCa('/etc/prosody/certs/sallyport-internal-ca.pem'),
    ...dnsView(facts),
    ...prosody(facts),
    run(
      `apt install ${view(facts).install} lua-unbound\nprosodyctl check config\nsystemctl restart ${view(facts).service} prosody`,
    ),
  ],
  ejabberd: (facts) => [
    copyCa('/etc/ejabberd/sallyport-internal-ca.pem'),
    ...dnsView(facts),
    ...ejabberd(facts),
    run(
      `apt install ${view(facts).install}\nsystemctl daemon-reload\nsystemctl restart ${view(facts).service} ejabberd`,
    ),
  ],
  openfire,
  'm-link': (facts) => [...dnsView(facts), ...mLink(facts)],
}

const view = ({ dnsView: kind }: CoreFacts) => VIEWS[kind]

/** The steps for a kind of server, in order. */
export const coreSteps = (facts: CoreFacts): readonly CoreStep[] => STEPS[facts.kind](facts)

const step = (action: CoreAction, about: string, file: string | undefined, lines: readonly string[]): CoreStep => ({
  about,
  action,
  file,
  lines: lines.join('\n'),
})

const run = (lines: string): CoreStep => step('run', 'Then:', undefined, [lines])

function copyCa(file: string): CoreStep {
  return step(
    'read',
    `Copy certs/internal-ca/ca.pem of this gateway to ${file} on the core. It is a certificate, not a secret.`,
    undefined,
    [],
  )
}

const dnsView = (facts: CoreFacts): readonly CoreStep[] =>
  view(facts)
    .files(facts.gateway)
    .map(({ about, file, lines }) => step('write', about, file, lines))

function prosody(facts: CoreFacts): readonly CoreStep[] {
  const { beside } = facts
  return [
    step(
      'write',
      'Prosody asks that view (only with the package lua-unbound: without it the line is ignored, and Prosody goes past the gateway), takes certificates only, and trusts the internal CA only. This file is read after prosody.cfg.lua, and what it says replaces what stands there: take over what you have changed in limits and modules_disabled. Where conf.d/ is not included, put the lines before the first VirtualHost instead, in the place of those of the same name.',
      '/etc/prosody/conf.d/sallyport.cfg.lua',
      [
        `unbound = { resolvconf = false, hoststxt = false, forward = "${view(facts).address}" }`,
        's2s_require_encryption = true',
        's2s_secure_auth = true',
        's2s_ssl = { cafile = "/etc/prosody/certs/sallyport-internal-ca.pem", capath = false }',
        'modules_disabled = { "dialback" }',
        '-- All partners arrive on few connections; the default for s2sin is 30kb/s each.',
        'limits = { c2s = { rate = "10kb/s" }, s2sin = { rate = "10mb/s" } }',
        ...(beside === undefined
          ? []
          : [
              '-- The gateway is on this host and takes the outer address.',
              `s2s_interfaces = { "${beside.host}" }`,
              `s2s_ports = { ${beside.port} }`,
            ]),
      ],
    ),
  ]
}

function ejabberd(facts: CoreFacts): readonly CoreStep[] {
  const { beside } = facts
  const file = '/etc/ejabberd/ejabberd.yml'
  return [
    step(
      'set',
      'ejabberd takes certificates only, trusts the internal CA only, and is back soon after the gateway was away (by default it bounces everything for up to five minutes). At the top level, each key once: a second one of the same name is an error.',
      file,
      [
        's2s_use_starttls: required',
        's2s_cafile: /etc/ejabberd/sallyport-internal-ca.pem',
        's2s_dns_timeout: 5',
        's2s_max_retry_delay: 5',
      ],
    ),
    ...(beside === undefined
      ? []
      : [
          step(
            'set',
            'The gateway is on this host and takes the outer address. Below listen, the entry of ejabberd_s2s_in becomes:',
            file,
            [
              'listen:',
              '  -',
              `    port: ${beside.port}`,
              `    ip: "${beside.host}"`,
              '    module: ejabberd_s2s_in',
              '    max_stanza_size: 524288',
            ],
          ),
        ]),
    step('delete', 'Below modules, this line goes: dialback proves nothing here.', file, ['  mod_s2s_dialback: {}']),
    step(
      'write',
      'ejabberd asks the view for SRV records itself and for addresses by the C library, so it needs a resolv.conf of its own:',
      '/etc/ejabberd/sallyport-resolv.conf',
      [`nameserver ${view(facts).address}`],
    ),
    step(
      'write',
      'which systemd puts in the place of the real one, for ejabberd alone:',
      '/etc/systemd/system/ejabberd.service.d/sallyport.conf',
      ['[Service]', 'BindReadOnlyPaths=/etc/ejabberd/sallyport-resolv.conf:/etc/resolv.conf'],
    ),
  ]
}

const OPENFIRE_CA = '/etc/openfire/sallyport-internal-ca.pem'

function openfire(facts: CoreFacts): readonly CoreStep[] {
  const { domain, gateway } = facts
  // The notation of the property has no place for colons.
  const overridden = isIP(gateway) === 4
  return [
    copyCa(OPENFIRE_CA),
    step('run', 'Openfire trusts the internal CA only: in a trust store of its own for other servers.', undefined, [
      `keytool -importcert -noprompt -alias sallyport -file ${OPENFIRE_CA} -storetype JKS -storepass changeit -keystore /usr/share/openfire/resources/security/sallyport-truststore`,
    ]),
    ...(overridden ? [] : dnsView(facts)),
    ...(overridden
      ? []
      : [
          step(
            'write',
            'Openfire asks the view: point its host, or the container it runs in, there.',
            '/etc/resolv.conf',
            [`nameserver ${view(facts).address}`],
          ),
        ]),
    step(
      'read',
      'Openfire insists on certificates, uses that trust store, and finds every other domain at the gateway. In its admin console, Server Manager > System Properties:',
      undefined,
      [
        'xmpp.socket.ssl.truststore = resources/security/sallyport-truststore',
        'xmpp.socket.ssl.trustpass = changeit',
        'xmpp.socket.ssl.storeType = jks',
        'xmpp.server.tls.policy = required',
        'xmpp.server.cert.policy = needed',
        'xmpp.server.certificate.accept-selfsigned = false',
        'xmpp.server.dialback.enabled = false',
        ...(overridden ? [`dnsutil.dnsOverride = {*,${gateway}:5269}`] : []),
      ],
    ),
    step(
      'read',
      "These lines were written by Openfire's documentation and sources, and not tried against a running one: there is none in our tests. Restart it, and see that both ways work:",
      undefined,
      ['npx sallyport status', `Server Sessions > Tools > test a domain of a partner, from ${domain}`],
    ),
  ]
}

function mLink(facts: CoreFacts): readonly CoreStep[] {
  const { domain } = facts
  return [
    step(
      'write',
      `M-Link asks the view: point the host it runs on to ${view(facts).address} for everything but the names it needs inside, such as its directory.`,
      '/etc/resolv.conf',
      [`nameserver ${view(facts).address}`],
    ),
    step(
      'read',
      'M-Link trusts the internal CA and insists on it (M-Link Administration Guide, "Configuring TLS" and "M-Link Edge, Peers and Links"; the names in your release may differ):',
      undefined,
      [
        'TLS: add certs/internal-ca/ca.pem of this gateway as a trust anchor, and take out the others',
        'Peers, for every domain or by default: TLS required, strong authentication required, dialback off',
        'Where your release can route a peer through another host, the gateway can be named there instead of the view',
      ],
    ),
    step(
      'read',
      'M-Link is a commercial product: these steps were written by what Isode publishes, and not tried against a running one. See that both ways work:',
      undefined,
      ['npx sallyport status', `a message from ${domain} to a partner, and its answer`],
    ),
  ]
}
