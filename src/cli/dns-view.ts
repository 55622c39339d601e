// A view of DNS for the core alone, in which every name leads to the gateway and no name has SRV records: the exact lines
// for dnsmasq, unbound and BIND as Debian installs them. A test serves each with the real program, and asks it.

import { isIP } from 'node:net' // Pure part only.

export const DNS_VIEWS = ['dnsmasq', 'unbound', 'bind'] as const
export type DnsViewKind = (typeof DNS_VIEWS)[number]

/** On the core's host, where nothing else is. */
const VIEW = '127.0.53.1'
/** BIND takes only addresses that an interface has. */
const VIEW_OF_BIND = '127.0.0.1'

interface ViewFile {
  readonly about: string
  readonly file: string
  readonly lines: readonly string[]
}

interface DnsView {
  /** Debian's package and service. */
  readonly install: string
  readonly service: string
  /** Where on the core's host it is served, at port 53. */
  readonly address: string
  files(gateway: string): readonly ViewFile[]
}

const WHAT = 'A view of DNS for the core alone, in which every name leads to the gateway'
const ALONE = 'not in one that serves others: it would lead them here too'

const kindOf = (address: string): 'A' | 'AAAA' => (isIP(address) === 6 ? 'AAAA' : 'A')

export const VIEWS: Readonly<Record<DnsViewKind, DnsView>> = {
  dnsmasq: {
    install: 'dnsmasq',
    service: 'dnsmasq',
    address: VIEW,
    files: (gateway) => [
      {
        about: `${WHAT} (dnsmasq, on the core; ${ALONE}). For names that the core needs inside, such as its database: server=/corp.internal/<address of your DNS server>.`,
        file: '/etc/dnsmasq.d/sallyport.conf',
        lines: [
          `listen-address=${VIEW}`,
          'bind-interfaces',
          'no-resolv',
          'no-hosts',
          'local=/#/',
          `address=/#/${gateway}`,
        ],
      },
    ],
  },
  unbound: {
    install: 'unbound',
    service: 'unbound',
    address: VIEW,
    files: (gateway) => [
      {
        about: `${WHAT} (unbound, on the core; ${ALONE}). For names that the core needs inside, such as its database: local-zone: "corp.internal." transparent, and a forward-zone of that name to your DNS server.`,
        file: '/etc/unbound/unbound.conf.d/sallyport.conf',
        lines: [
          'server:',
          `    interface: ${VIEW}`,
          '    local-zone: "." redirect',
          `    local-data: ". 60 IN ${kindOf(gateway)} ${gateway}"`,
        ],
      },
    ],
  },
  bind: {
    install: 'bind9',
    service: 'named',
    address: VIEW_OF_BIND,
    files: (gateway) => [
      {
        about: `${WHAT} (BIND, on the core; ${ALONE}). This file takes the place of Debian's: keep a copy. For names that the core needs inside, such as its database: zone "corp.internal" { type forward; forwarders { <address of your DNS server>; }; };`,
        file: '/etc/bind/named.conf',
        lines: [
          'options {',
          '    directory "/var/cache/bind";',
          `    listen-on { ${VIEW_OF_BIND}; };`,
          '    listen-on-v6 { none; };',
          '    allow-query { localhost; };',
          '    recursion yes;',
          '    dnssec-validation no;',
          '};',
          'zone "." { type primary; file "/etc/bind/db.sallyport"; };',
        ],
      },
      {
        about: 'and the zone that it serves:',
        file: '/etc/bind/db.sallyport',
        lines: [
          '$TTL 60',
          '@ IN SOA localhost. root.localhost. 1 3600 600 86400 60',
          '@ IN NS localhost.',
          `* IN ${kindOf(gateway)} ${gateway}`,
        ],
      },
    ],
  },
}
