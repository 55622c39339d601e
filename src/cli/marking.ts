// `sallyport marking`: how the host marks the packets of each leg for differentiated services (RFC 2474). A program on Node
// cannot do that itself; nftables does it by the ports that the settings name.

import { isIP } from 'node:net'
import type { Settings } from '../config/settings.ts'
import type { Partner } from '../policy/partner.ts'
import { readConfiguration } from './cert-places.ts'
import { UsageError } from './arguments.ts'
import { type Command, EXIT } from './command.ts'

/** As nftables names them. RFC 2474 §4.2.2, RFC 2597 §6, RFC 3246 §2.7, RFC 8622 §3 */
const CODE_POINTS: ReadonlySet<string> = new Set([
  ...['cs0', 'cs1', 'cs2', 'cs3', 'cs4', 'cs5', 'cs6', 'cs7', 'ef', 'le'],
  ...[1, 2, 3, 4].flatMap((group) => [1, 2, 3].map((drop) => `af${group}${drop}`)),
])
/** Where servers of partners mostly are; XEP-0368 for the second. */
const USUAL = [5269, 5270]
const LEGS = ['partners', 'core', 'remote'] as const

/** What packets that go out have in common: the port they come from or go to, and the host or network that they go to. */
interface Match {
  readonly port: 'sport' | 'dport'
  readonly ports: readonly number[]
  readonly host?: string
}

export const markingCommand: Command = {
  name: 'marking',
  about:
    'Prints the rules (nftables) by which the host marks the packets of each leg for differentiated services (DSCP).',
  options: {
    partners: { value: 'DSCP', about: 'For streams with partners: cs0 to cs7, af11 to af43, ef or le.' },
    core: { value: 'DSCP', about: 'For streams with the core, and sessions of remote users inside.' },
    remote: { value: 'DSCP', about: 'For remote users outside.' },
  },
  notes: [
    'Nothing is marked by default, and nothing is changed by this command: which values count is for whoever runs the network.',
    'A partner that SRV records lead to another port than 5269 or 5270 needs `connect` in its entry, or a line of its own.',
  ],
  async run(context) {
    const { arguments: words, output } = context
    const marks = LEGS.flatMap((leg) => {
      const mark = words.option(leg)?.toLowerCase()
      if (mark !== undefined && !CODE_POINTS.has(mark))
        throw new UsageError(`--${leg}: one of ${[...CODE_POINTS].join(', ')}`, 'marking')
      return mark === undefined ? [] : [{ leg, mark }]
    })
    if (marks.length === 0) throw new UsageError('say for which leg: --partners, --core or --remote', 'marking')
    const { settings, partners } = await readConfiguration(context)
    const rules = marks.flatMap(({ leg, mark }) =>
      matchesOf(leg, settings, partners).flatMap((one) => lines(one, mark)),
    )
    const text = [...ANEW, `${TABLE} {`, '  chain output {', HOOK, ...rules, '  }', '}']
    output.answer({ rules: text }, () => {
      for (const line of text) output.line(line)
    })
    return EXIT.fine
  },
}

const TABLE = 'table inet sallyport_marking'
/** Whatever was loaded before is over. */
const ANEW = [TABLE, `delete ${TABLE}`]
const HOOK = '    type route hook output priority mangle; policy accept;'

function matchesOf(leg: (typeof LEGS)[number], settings: Settings, partners: readonly Partner[]): readonly Match[] {
  const { listen, core } = settings
  const from = (places: readonly { readonly port: number }[]): readonly Match[] =>
    places.length === 0 ? [] : [{ port: 'sport', ports: unique(places.map(({ port }) => port)) }]
  if (leg === 'remote') return from(listen.remote)
  if (leg === 'partners') {
    const named = partners.flatMap(({ connect }) => connect.map(({ port }) => port))
    return [...from(listen.federation), { port: 'dport', ports: unique([...USUAL, ...named]) }]
  }
  // The core may share the port of partners, and its own is often that of partners too: it goes last, and by its address. Where
  // it shares theirs it comes from its networks, never by direct TLS or through a balancer.
  const to = [core, ...(core.clients ? [core.clients] : [])]
  const shared = listen.federation.filter(({ tls, proxyProtocol }) => tls === 'starttls' && proxyProtocol.length === 0)
  const opened =
    listen.core.length > 0 ? [] : core.networks.flatMap((host) => from(shared).map((one) => ({ ...one, host })))
  return [
    ...from(listen.core),
    ...opened,
    ...to.map(({ host, port }): Match => ({ port: 'dport', ports: [port], host })),
  ]
}

const unique = (ports: readonly number[]): readonly number[] =>
  [...new Set(ports)].toSorted((one, other) => one - other)

/** For each version of IP; a later rule has the last word. */
function lines({ port, ports, host }: Match, mark: string): readonly string[] {
  const family = host === undefined ? 0 : isIP(host.replace(/\/.*$/s, ''))
  return (['ip', 'ip6'] as const).flatMap((ip) => {
    if (family !== 0 && (family === 6) !== (ip === 'ip6')) return []
    // A name is looked up when the rules are loaded, which nftables does for one version alone.
    const to = host === undefined ? '' : family === 0 && ip === 'ip6' ? undefined : `${ip} daddr ${host} `
    return to === undefined ? [] : [`    ${to}tcp ${port} { ${ports.join(', ')} } ${ip} dscp set ${mark}`]
  })
}
