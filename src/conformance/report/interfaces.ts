// Where the instance that is tested is spoken to, and where it goes: read from the settings it was run with.

/** A row of the table of interfaces and ports. */
export interface Interface {
  readonly name: string
  /** From where a connection comes, seen from the gateway. */
  readonly direction: 'in' | 'out'
  readonly address: string
  readonly protocol: string
  readonly protection: string
  readonly purpose: string
}

type Tree = Readonly<Record<string, unknown>>

/** @param settings text of `gateway.yaml` and of the files of partners, as JSON, by name of file */
export function interfacesOf(settings: Readonly<Record<string, string>>): readonly Interface[] {
  const gateway = treeOf(JSON.parse(settings['federation-config/gateway.yaml'] ?? '{}'))
  const listen = treeOf(gateway['listen'])
  const trust = treeOf(gateway['trust'])
  return [
    ...placesOf(listen['federation']).map((place) => federation('in', place)),
    ...partnerPlaces(settings).map((place) => federation('out', place)),
    ...placesOf(listen['core']).map((place): Interface => ({
      ...{ name: 'Core', direction: 'in', address: addressOf(place), protocol: 'XMPP, server to server' },
      ...{ protection: 'TLS, certificate of the core', purpose: 'What our users send outside' },
    })),
    {
      ...{ name: 'Core', direction: 'out', address: textOf(treeOf(gateway['core'])['address']) },
      ...{ protocol: 'XMPP, server to server', protection: 'TLS, certificate of the internal CA' },
      purpose: 'What is for our users',
    },
    ...dnsOf(gateway),
    {
      ...{ name: 'Revocation', direction: 'out' as const, protocol: 'OCSP and CRL by HTTP, CRL by LDAP' },
      address: trust['fetch'] === false ? `none: lists are brought to ${textOf(trust['crls'])}` : 'as certificates say',
      ...{ protection: 'signed by their issuers', purpose: 'Whether certificates were revoked' },
    },
    {
      ...{ name: 'Administration', direction: 'in', address: 'var/control.sock', protocol: 'JSON over a local socket' },
      ...{ protection: 'permissions of the file', purpose: 'The command line' },
    },
    ...placesOf(listen['admin'] === undefined ? [] : [listen['admin']]).map((place): Interface => ({
      ...{ name: 'Health and metrics', direction: 'in', address: addressOf(place), protocol: 'HTTP' },
      ...{ protection: 'none', purpose: 'Monitoring' },
    })),
    {
      ...{ name: 'Log', direction: 'out', address: 'standard output', protocol: 'lines of JSON' },
      ...{ protection: 'that of the host', purpose: 'Events, for the log service of the host' },
    },
    ...placesOf(treeOf(gateway['log'])['servers']).map(({ address }): Interface => ({
      ...{ name: 'Log server', direction: 'out', address: textOf(address), protocol: 'syslog (RFC 5424, RFC 5425)' },
      ...{ protection: 'TLS, certificate by the CA that is named', purpose: 'Events' },
    })),
    ...namesOf(treeOf(gateway['clock'])['servers']).map((address): Interface => ({
      ...{ name: 'Time', direction: 'out', address, protocol: 'NTP', protection: 'none' },
      purpose: 'How far the clock of the host is off; it is not set by it',
    })),
  ]
}

/** Of a gateway that runs elsewhere, what was met of it. @param at `192.0.2.10:5269` */
export const reachedBy = (at: readonly string[]): readonly Interface[] =>
  at.map((address) => ({
    ...{ name: 'Federation', direction: 'in', address, protocol: 'XMPP, server to server' },
    ...{ protection: 'TLS by STARTTLS, demanded', purpose: 'Streams of partners' },
  }))

const federation = (direction: 'in' | 'out', place: Tree): Interface => ({
  ...{ name: 'Federation', direction, address: addressOf(place), protocol: 'XMPP, server to server' },
  protection: place['tls'] === 'direct' ? 'TLS from the first byte' : 'TLS by STARTTLS, demanded',
  purpose: direction === 'in' ? 'Streams of partners' : 'Streams to partners',
})

function dnsOf(gateway: Tree): readonly Interface[] {
  const servers = treeOf(gateway['dns'])['servers']
  const list = Array.isArray(servers) ? servers.map(String) : []
  const address =
    list.length > 0 ? list.join(', ') : 'resolvers of the host; not asked for partners with a place of their own'
  return [
    {
      ...{ name: 'DNS', direction: 'out', address, protocol: 'DNS' },
      ...{ protection: 'none', purpose: 'Where partners are (SRV, AAAA, A)' },
    },
  ]
}

/** Each place once, however many partners are there. */
function partnerPlaces(settings: Readonly<Record<string, string>>): readonly Tree[] {
  const places = Object.entries(settings).flatMap(([name, text]) =>
    name.startsWith('federation-config/partners/') ? placesOf(treeOf(JSON.parse(text))['connect']) : [],
  )
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()]
}

const namesOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [])

const placesOf = (value: unknown): readonly Tree[] => (Array.isArray(value) ? value.map(treeOf) : [])

const treeOf = (value: unknown): Tree =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- any object has properties that may be anything
  typeof value === 'object' && value !== null ? (value as Tree) : {}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : 'none')

function addressOf({ host, port }: Tree): string {
  const name = textOf(host)
  const where = name.includes(':') ? `[${name}]` : name === 'none' ? 'all addresses' : name
  return typeof port === 'number' ? `${where}:${port}` : where
}
