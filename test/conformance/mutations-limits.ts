// Deliberately wrong gateways: limits, and which version of IP is spoken. Rules in `mutation.ts`.

import type { Mutation } from './mutation.ts'

export const LIMIT_MUTATIONS: readonly Mutation[] = [
  {
    ...{ id: 'no-sixes', about: 'Hosts have no addresses of IPv6.', module: 'net/resolve.ts', over: [6] },
    find: "const six = this.#family('AAAA', host)",
    put: "const six = Promise.resolve(noAnswer('ENODATA'))",
    cases: ['IP6-01/found', 'IP6-02/alone', 'IP6-03/mixed'],
  },
  {
    ...{ id: 'one-by-one', about: 'An address is tried when the one before it has failed.', module: 'net/race.ts' },
    find: 'if (started < addresses.length) callOff =',
    put: 'if (started < 0) callOff =',
    cases: ['IP6-04/lost'],
  },
  {
    ...{ id: 'as-written', about: 'Literals of IPv6 stay as they were written.', module: 'xmpp/domain.ts' },
    find: 'URL.parse(`http://${text}/`)?.hostname',
    put: "(text.includes('::') ? text.toLowerCase() : URL.parse(`http://${text}/`)?.hostname)",
    cases: ['IP6-06/literal', 'IP6-06/address'],
  },
  {
    ...{ id: 'no-rates', about: 'Nobody is limited in what they send.', module: 'policy/limits/meter.ts' },
    find: 'exceeded({ bytes, names }: Load, allowed: Allowance, burstMs: number, now: number): Excess | undefined {\n',
    put: 'exceeded({ bytes, names }: Load, allowed: Allowance, burstMs: number, now: number): Excess | undefined {\n    if (burstMs >= 0) return undefined\n',
    cases: ['LIM-01/rate', 'LIM-01/bandwidth', 'LIM-01/recipients', 'LIM-04/probes'],
  },
  {
    ...{ id: 'crowded', about: 'An address may have as many connections as it likes.', module: 'net/caps.ts' },
    find: 'if (!trusted && this.#at(place) >= connectionsPerAddress)',
    put: "if (place === '' && this.#at(place) >= connectionsPerAddress)",
    cases: ['LIM-02/connections'],
  },
  {
    ...{ id: 'all-the-time', about: 'A negotiation may take as long as it likes.', module: 'net/driver.ts' },
    find: 'this.#arm(party.limits.negotiationMs)',
    put: 'this.#arm(2 ** 30)',
    cases: ['LIM-03/silent', 'LIM-03/no-handshake'],
  },
  {
    ...{ id: 'any-octet', about: 'The time for negotiation begins anew with each octet.', module: 'net/driver.ts' },
    find: '  received(bytes: number): void {\n',
    put: '  received(bytes: number): void {\n    if (!this.open && !this.#end) this.#arm(this.#party.limits.negotiationMs)\n',
    cases: ['GWY-09/drips'],
  },
  {
    ...{ id: 'large-unproven', about: 'Who has proven nothing may say as much as others.' },
    module: 'gateway/stream-limits.ts',
    find: 'stanzaBytes: unprovenBytes,\n      totalBytes: unprovenBytes,',
    put: 'stanzaBytes,\n      headerBytes: stanzaBytes,\n      totalBytes: stanzaBytes,',
    cases: ['LIM-03/header', 'LIM-03/unproven'],
  },
  {
    ...{ id: 'any-shape', about: 'Elements may be as deep, and have as many attributes, as they like.' },
    module: 'gateway/stream-limits.ts',
    find: 'after: { ...AFTER_AUTHENTICATION, stanzaBytes, depth, attributes, elements }',
    put: 'after: { ...AFTER_AUTHENTICATION, stanzaBytes, depth: 9000 + depth, attributes: 9000 + attributes, elements }',
    cases: ['LIM-03/depth', 'LIM-03/attributes'],
  },
  {
    ...{ id: 'told-addresses', about: 'The error of a stream tells from which address it came.' },
    module: 'gateway/router.ts',
    find: 'stream.close(decision.reason, { reference, detail })',
    put: 'stream.close(decision.reason, { reference: `${reference} ${stream.info.peerAddress}`, detail })',
    cases: ['LIM-05/refused'],
  },
  {
    ...{ id: 'told-core', about: 'The error of a stanza tells where the core is.', module: 'gateway/router.ts' },
    find: 'const bytes = errorReply(asked, { condition, type, text: peerText(reference) })',
    put: 'const text = `${peerText(reference)} ${this.#options.house().settings.core.host}`\n    const bytes = errorReply(asked, { condition, type, text })',
    cases: ['LIM-05/error'],
  },
  {
    ...{ id: 'any-pace', about: 'New connections may come as fast as they like.', module: 'policy/limits/arrivals.ts' },
    find: 'if (!this.#addresses.has(place, now) || !this.#networks.has(network, now)) return false',
    put: "if (place === '' && network !== '') return false",
    cases: ['LIM-01/attempts', 'GWY-09/handshakes'],
  },
  {
    ...{ id: 'any-streams', about: 'A partner may open as many streams as it likes.', module: 'gateway/streams.ts' },
    find: "> connections ? 'SP-653'",
    put: "> connections + 1000 ? 'SP-653'",
    cases: ['LIM-01/streams'],
  },
  {
    ...{ id: 'any-kind', about: 'Whatever its policy says, a partner may say anything.' },
    module: 'policy/rules/who-with-whom.ts',
    find: "return whom === undefined || whom.decides.is === 'wall'",
    put: "return whom === undefined || whom.decides.is !== ''",
    cases: ['LIM-01/kinds', 'LIM-04/alike'],
  },
  {
    ...{
      id: 'network-as-text',
      about: 'A network of IPv6 counts as it is written.',
      module: 'config/values.ts',
      over: [6],
    },
    find: "list.addSubnet(base, Number(prefix), base.includes(':') ? 'ipv6' : 'ipv4')",
    put: "if (base !== '::' || Number(prefix) === 128) list.addSubnet(base, Number(prefix), base.includes(':') ? 'ipv6' : 'ipv4')",
    cases: ['IP6-06/networks'],
  },
  {
    ...{ id: 'time-over-four', about: 'Time servers are asked over IPv4 alone.', module: 'net/sntp.ts', over: [6] },
    find: "isIP(address) === 6 ? 'udp6' : 'udp4'",
    put: "'udp4'",
    cases: ['IP6-02/clock'],
  },
]
