// What has to be changed at the core server: the exact lines for the servers we know. Three things, whatever the server:
// it must be led to the gateway by DNS, trust the gateway's internal CA and nobody else, and insist on certificates.

export const CORE_KINDS = ['prosody', 'ejabberd', 'openfire'] as const
export type CoreKind = (typeof CORE_KINDS)[number]

export interface CoreFacts {
  readonly kind: CoreKind
  /** Where the core finds the gateway; port 5269, as names without an SRV record mean that port. */
  readonly gateway: string
  /** The first of our domains. */
  readonly domain: string
}

/** A step at the core: what to do, and what to put where. */
export interface CoreStep {
  readonly about: string
  readonly file: string | undefined
  readonly lines: string
}

/** The address on the core's host at which its own view of DNS is served. */
const VIEW = '127.0.53.1'

const STEPS: Readonly<Record<CoreKind, (facts: CoreFacts) => readonly CoreStep[]>> = {
  prosody: (facts) => [copyCa('/etc/prosody/certs/sallyport-internal-ca.pem'), dnsView(facts), ...prosody()],
  ejabberd: (facts) => [copyCa('/etc/ejabberd/sallyport-internal-ca.pem'), dnsView(facts), ...ejabberd()],
  openfire: (facts) => [dnsView(facts), ...openfire(facts)],
}

/** The steps for a kind of server, in order. */
export const coreSteps = (facts: CoreFacts): readonly CoreStep[] => STEPS[facts.kind](facts)

function copyCa(file: string): CoreStep {
  return {
    about: `Copy certs/internal-ca/ca.pem of this gateway to ${file} on the core. It is a certificate, not a secret.`,
    file: undefined,
    lines: '',
  }
}

function dnsView({ gateway }: CoreFacts): CoreStep {
  return {
    about: 'A view of DNS for the core alone, in which every name leads to the gateway (dnsmasq on the core):',
    file: '/etc/dnsmasq.d/sallyport.conf',
    lines: `listen-address=${VIEW}\nbind-interfaces\nno-resolv\nno-hosts\naddress=/#/${gateway}`,
  }
}

function prosody(): readonly CoreStep[] {
  return [
    {
      about:
        'Prosody asks that view (package lua-unbound), takes certificates only, and trusts the internal CA only; in the global part, before the first VirtualHost:',
      file: '/etc/prosody/prosody.cfg.lua',
      lines: [
        `unbound = { resolvconf = false, hoststxt = false, forward = "${VIEW}" }`,
        's2s_require_encryption = true',
        's2s_secure_auth = true',
        's2s_ssl = { cafile = "/etc/prosody/certs/sallyport-internal-ca.pem", capath = false }',
        'modules_disabled = { "dialback" } -- add "dialback" if you have this line already',
        '-- All partners arrive from one address now; in the limits block, where there is one, 30kb/s is too little:',
        '--   s2sin = { rate = "10mb/s" };',
      ].join('\n'),
    },
    { about: 'Then:', file: undefined, lines: 'prosodyctl check config\nsystemctl restart dnsmasq prosody' },
  ]
}

function ejabberd(): readonly CoreStep[] {
  return [
    {
      about:
        'ejabberd takes certificates only and trusts the internal CA only; at the top level, and without mod_s2s_dialback below modules:',
      file: '/etc/ejabberd/ejabberd.yml',
      lines: [
        's2s_use_starttls: required',
        's2s_cafile: /etc/ejabberd/sallyport-internal-ca.pem',
        's2s_max_retry_delay: 5',
      ].join('\n'),
    },
    {
      about:
        'ejabberd asks the view for SRV records itself and for addresses by the C library, so it needs a resolv.conf of its own:',
      file: '/etc/ejabberd/sallyport-resolv.conf',
      lines: `nameserver ${VIEW}`,
    },
    {
      about: 'which systemd puts in the place of the real one, for ejabberd alone:',
      file: '/etc/systemd/system/ejabberd.service.d/sallyport.conf',
      lines: '[Service]\nBindReadOnlyPaths=/etc/ejabberd/sallyport-resolv.conf:/etc/resolv.conf',
    },
    { about: 'Then:', file: undefined, lines: 'systemctl daemon-reload\nsystemctl restart dnsmasq ejabberd' },
  ]
}

function openfire({ domain }: CoreFacts): readonly CoreStep[] {
  return [
    {
      about: 'Openfire trusts the internal CA: import certs/internal-ca/ca.pem in its admin console.',
      file: undefined,
      lines:
        'TLS/SSL Certificates > Manage Store Contents: "Trust store used for connections from other servers" > import form\nalias: sallyport',
    },
    {
      about: 'Openfire insists on certificates (admin console):',
      file: undefined,
      lines:
        'Server Settings > Server to Server:\n  STARTTLS policy: Required\n  Enable TLS mutual authentication: Needed\n  Enable Dialback: off\n  Accept self-signed certificates: off',
    },
    {
      about: `Openfire asks the view: point its host, or the container it runs in, to ${VIEW} for everything but the names it needs inside; then restart it.`,
      file: '/etc/resolv.conf',
      lines: `nameserver ${VIEW}`,
    },
    {
      about: 'Openfire has not been tried as thoroughly as Prosody and ejabberd. See that both ways work:',
      file: undefined,
      lines: `npx sallyport status\nServer Sessions > Tools > test a domain of a partner, from ${domain}`,
    },
  ]
}
