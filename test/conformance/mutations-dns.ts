// Deliberately wrong gateways: how a partner is found. Rules in `mutation.ts`.

import type { Mutation } from './mutation.ts'

export const DNS_MUTATIONS: readonly Mutation[] = [
  {
    ...{ id: 'last-first', about: 'Servers of the highest priority come first.', module: 'net/srv.ts' },
    find: '.toSorted((a, b) => a - b)',
    put: '.toSorted((a, b) => b - a)',
    cases: ['DNS-01/priority', 'DNS-06/next', 'DNS-10/one-list'],
  },
  {
    ...{ id: 'no-weights', about: 'Weights of SRV do not matter.', module: 'net/srv.ts' },
    find: 'const pick = Math.floor(random() * (total + 1))',
    put: 'const pick = Math.floor(random() - 1)',
    cases: ['DNS-01/weight'],
  },
  {
    ...{ id: 'offered-anyhow', about: 'That a service is not offered does not matter.', module: 'net/srv.ts' },
    find: "if (refused.length > 0) return { kind: 'refused', by: refused }",
    put: "if (refused.length > 0) return { kind: 'absent' }",
    cases: ['DNS-02/not-offered', 'DNS-10/not-offered'],
  },
  {
    ...{
      id: 'another-default',
      about: 'Servers without SRV are looked for at another port.',
      module: 'net/resolve.ts',
    },
    find: 'port: 5269 }',
    put: 'port: 5270 }',
    cases: ['DNS-03/own-address'],
  },
  {
    ...{ id: 'no-routes', about: 'Where an entry says a partner is does not matter.', module: 'gateway/opening.ts' },
    find: 'house.partners.find(remote)?.connect ?? []',
    put: '[]',
    cases: ['DNS-05/route'],
  },
  {
    ...{ id: 'first-server', about: 'One server is tried, and no other.', module: 'net/dial.ts' },
    find: 'for (const target of resolution.targets) {',
    put: 'for (const target of resolution.targets.slice(0, 1)) {',
    cases: ['DNS-06/next', 'DNS-06/next-host'],
  },
  {
    ...{ id: 'starttls-alone', about: 'Servers that begin with TLS are not looked for.', module: 'net/srv.ts' },
    find: "const kinds = ['direct', 'starttls'] as const",
    put: "const kinds = ['starttls', 'starttls'] as const",
    cases: ['DNS-10/direct'],
  },
  {
    ...{
      id: 'no-protocol',
      about: 'Servers that begin with TLS are not told what is to be spoken.',
      module: 'net/secure.ts',
    },
    find: "...(party.tls === 'direct' && alpn ? { ALPNProtocols: ALPN } : {}),",
    put: '',
    cases: ['DNS-10/direct'],
  },
  {
    ...{ id: 'any-protocol', about: 'Where TLS begins at once anything may be spoken.', module: 'net/secure.ts' },
    find: 'identity, { ALPNProtocols: ALPN })',
    put: 'identity, {})',
    cases: ['DNS-10/other-protocol'],
  },
  {
    ...{
      id: 'another-resolver',
      about: 'Other servers of DNS are asked than those in the settings.',
      module: 'gateway/lookups.ts',
    },
    find: 'return { servers, timeoutMs,',
    put: "return { servers: servers.map(() => '127.0.0.1:9'), timeoutMs,",
    cases: ['DNS-01/priority'],
  },
  {
    ...{ id: 'system-addresses', about: 'Addresses of hosts are asked of whomever the system asks.' },
    module: 'net/resolve.ts',
    find: 'this.#ownServers ? await this.#bothKinds(host)',
    put: "host === '' ? await this.#bothKinds(host)",
    cases: ['DNS-01/priority'],
  },
  {
    ...{ id: 'a-labels', about: 'Domains are said as DNS has them.', module: 'xmpp/domain.ts' },
    find: 'return parseDomain(unicode) === domain ? unicode : domain',
    put: 'return domain',
    cases: ['DNS-12/a-label'],
  },
  {
    ...{ id: 'no-direct-record', about: 'No record for TLS at once is planned.', module: 'cli/dns-records.ts' },
    find: "tls === 'direct' ? '_xmpps-server' : '_xmpp-server'",
    put: "tls === 'direct' ? '_xmpp-server' : '_xmpp-server'",
    cases: ['DNS-09/plan'],
  },
  {
    ...{ id: 'no-chance', about: 'All come again after the same time.', module: 'gateway/links/back-off.ts' },
    find: '(this.#random() * step) / 2',
    put: 'step / 2',
    cases: ['DNS-07/again'],
  },
  {
    ...{
      id: 'as-soon',
      about: 'Whoever hangs up is come to again as soon as before.',
      module: 'gateway/links/back-off.ts',
    },
    find: 'FIRST_MS * 2 ** this.#failures',
    put: 'FIRST_MS',
    cases: ['DNS-07/again'],
  },
  {
    ...{ id: 'not-looked-up', about: 'Records that lead nowhere are good.', module: 'cli/check-online.ts' },
    find: 'if (lost.length === found.targets.length) {',
    put: 'if (lost.length < 0) {',
    cases: ['DNS-09/published'],
  },
]
