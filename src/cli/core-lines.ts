// What has to be changed at the core server: the exact lines for the servers we know. Three things, whatever the server:
// it must be led to the gateway by DNS, trust the gateway's internal CA and nobody else, and insist on certificates.
//
// Rule: the lines for Prosody and ejabberd fit Debian's own configuration files as they are installed. The tests with real
// servers read them from the output of `quickstart` and apply them to those files.

export const CORE_KINDS = ['prosody', 'ejabberd', 'openfire'] as const
export type CoreKind = (typeof CORE_KINDS)[number]

export interface CoreFacts {
  readonly kind: CoreKind
  /** Where the core finds the gateway; port 5269, as names without an SRV record mean that port. */
  readonly gateway: string
  /** The first of our domains. */
  readonly domain: string
  /** Where the core listens for the gateway, if it lives on the gateway's own host: there it must leave other addresses alone. */
  readonly beside: { readonly host: string; readonly port: number } | undefined
}

/**
 * What is done with the lines of a step: a file of its own is written; settings are set in a file that is there already,
 * each key once; lines are deleted; commands are run. Without a file and lines there is only something to read.
 */
export type CoreAction = 'write' | 'set' | 'delete' | 'run' | 'read'

/** A step at the core: what to do, and what to put where. */
export interface CoreStep {
  readonly about: string
  readonly action: CoreAction
  readonly file: string | undefined
  readonly lines: string
}

/** The address on the core's host at which its own view of DNS is served. */
const VIEW = '127.0.53.1'

const STEPS: Readonly<Record<CoreKind, (facts: CoreFacts) => readonly CoreStep[]>> = {
  prosody: (facts) => [
    copyCa('/etc/prosody/certs/sallyport-internal-ca.pem'),
    dnsView(facts),
    ...prosody(facts),
    run('apt install dnsmasq lua-unbound\nprosodyctl check config\nsystemctl restart dnsmasq prosody'),
  ],
  ejabberd: (facts) => [
    copyCa('/etc/ejabberd/sallyport-internal-ca.pem'),
    dnsView(facts),
    ...ejabberd(facts),
    run('apt install dnsmasq\nsystemctl daemon-reload\nsystemctl restart dnsmasq ejabberd'),
  ],
  openfire: (facts) => [dnsView(facts), ...openfire(facts)],
}

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

function dnsView({ gateway }: CoreFacts): CoreStep {
  return step(
    'write',
    'A view of DNS for the core alone, in which every name leads to the gateway (dnsmasq, on the core; not in one that serves others: it would lead them here too). For names that the core needs inside, such as its database: server=/corp.internal/<address of your DNS server>.',
    '/etc/dnsmasq.d/sallyport.conf',
    [`listen-address=${VIEW}`, 'bind-interfaces', 'no-resolv', 'no-hosts', 'local=/#/', `address=/#/${gateway}`],
  )
}

function prosody({ beside }: CoreFacts): readonly CoreStep[] {
  return [
    step(
      'write',
      'Prosody asks that view (only with the package lua-unbound: without it the line is ignored, and Prosody goes past the gateway), takes certificates only, and trusts the internal CA only. This file is read after prosody.cfg.lua, and what it says replaces what stands there: take over what you have changed in limits and modules_disabled. Where conf.d/ is not included, put the lines before the first VirtualHost instead, in the place of those of the same name.',
      '/etc/prosody/conf.d/sallyport.cfg.lua',
      [
        `unbound = { resolvconf = false, hoststxt = false, forward = "${VIEW}" }`,
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

function ejabberd({ beside }: CoreFacts): readonly CoreStep[] {
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
      [`nameserver ${VIEW}`],
    ),
    step(
      'write',
      'which systemd puts in the place of the real one, for ejabberd alone:',
      '/etc/systemd/system/ejabberd.service.d/sallyport.conf',
      ['[Service]', 'BindReadOnlyPaths=/etc/ejabberd/sallyport-resolv.conf:/etc/resolv.conf'],
    ),
  ]
}

function openfire({ domain }: CoreFacts): readonly CoreStep[] {
  return [
    step('read', 'Openfire trusts the internal CA: import certs/internal-ca/ca.pem in its admin console.', undefined, [
      'TLS/SSL Certificates > Manage Store Contents: "Trust store used for connections from other servers" > import form',
      'alias: sallyport',
    ]),
    step('read', 'Openfire insists on certificates (admin console):', undefined, [
      'Server Settings > Server to Server:',
      '  STARTTLS policy: Required',
      '  Enable TLS mutual authentication: Needed',
      '  Enable Dialback: off',
      '  Accept self-signed certificates: off',
    ]),
    step(
      'write',
      `Openfire asks the view: point its host, or the container it runs in, to ${VIEW} for everything but the names it needs inside; then restart it.`,
      '/etc/resolv.conf',
      [`nameserver ${VIEW}`],
    ),
    step(
      'read',
      'Openfire has not been tried as thoroughly as Prosody and ejabberd. See that both ways work:',
      undefined,
      ['npx sallyport status', `Server Sessions > Tools > test a domain of a partner, from ${domain}`],
    ),
  ]
}
