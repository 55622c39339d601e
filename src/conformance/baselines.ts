// What the text chat profiles of Federated Mission Networking ask for, spiral by spiral, and which rows show it of an edge: a
// report under the profile nato is held against all three, and says so, as what one asks for another may have dropped.

/** FMN Spiral 5 as it was proposed. */
export const SPIRALS = [3, 4, 5] as const
export type Spiral = (typeof SPIRALS)[number]

export const FMN_SOURCE =
  'NATO Interoperability Standards and Profiles (NISP) as data, revision d6463fd: text-based collaboration of FMN Spiral 3, Spiral 4, and Spiral 5 as proposed'

/** `edge`: done by it. `carried`: in stanzas, which cross as they are. `core`: with the accounts and rooms, which are elsewhere. */
export type Part = 'edge' | 'carried' | 'core'

/** Of everybody, or of those who do this. */
export type Asked = 'all' | 'rooms' | 'forms' | 'discovery' | 'pubsub' | 'labels'

export interface Specification {
  readonly name: string
  readonly title: string
  /** Mandatory under these; a word says of whom, where that is not everybody. */
  readonly under: Readonly<Partial<Record<Spiral, Asked>>>
  readonly part: Part
  /** The rows that show it. */
  readonly rows: readonly string[]
}

const ALL = { 3: 'all', 4: 'all', 5: 'all' } as const
/** A payload that nothing here looks at. */
const PAYLOAD = ['STZ-04'] as const

/** One line each. */
// oxfmt-ignore
export const SPECIFICATIONS: readonly Specification[] = [
  { name: 'RFC 6120', title: 'Core', under: ALL, part: 'edge', rows: ['SCP-02', 'STR-01', 'STR-02', 'STR-08', 'TLS-01', 'SAS-01', 'STZ-01', 'ERR-01'] },
  { name: 'RFC 6121', title: 'Messages and presence', under: ALL, part: 'carried', rows: ['SUB-02', 'SUB-03', 'PRS-01', 'PRS-03', 'MSG-01', 'MSG-02'] },
  { name: 'RFC 6122', title: 'Addresses', under: ALL, part: 'edge', rows: ['JID-01', 'JID-02', 'JID-03', 'JID-04', 'JID-05', 'JID-06'] },
  { name: 'XEP-0004', title: 'Data forms', under: { 3: 'all', 4: 'forms', 5: 'all' }, part: 'carried', rows: PAYLOAD },
  { name: 'XEP-0012', title: 'Last activity', under: ALL, part: 'core', rows: ['GWY-04'] },
  { name: 'XEP-0030', title: 'Service discovery', under: ALL, part: 'core', rows: ['GWY-03'] },
  { name: 'XEP-0045', title: 'Multi-user chat', under: { 3: 'all', 4: 'rooms', 5: 'all' }, part: 'carried', rows: ['MUC-01', 'MUC-02', 'MUC-05', 'MUC-13'] },
  { name: 'XEP-0047', title: 'In-band bytestreams', under: { 3: 'all', 4: 'all' }, part: 'carried', rows: PAYLOAD },
  { name: 'XEP-0049', title: 'Private XML storage', under: { 3: 'all' }, part: 'core', rows: ['SUB-01'] },
  { name: 'XEP-0054', title: 'vcard-temp', under: ALL, part: 'carried', rows: PAYLOAD },
  { name: 'XEP-0055', title: 'Search', under: { 3: 'all', 4: 'all', 5: 'discovery' }, part: 'carried', rows: PAYLOAD },
  { name: 'XEP-0059', title: 'Result set management', under: { 4: 'rooms', 5: 'all' }, part: 'carried', rows: PAYLOAD },
  { name: 'XEP-0060', title: 'Publish-subscribe', under: { 3: 'all', 4: 'all', 5: 'pubsub' }, part: 'carried', rows: PAYLOAD },
  { name: 'XEP-0065', title: 'SOCKS5 bytestreams', under: { 3: 'all' }, part: 'carried', rows: PAYLOAD },
  { name: 'XEP-0068', title: 'Field standardization', under: { 4: 'forms', 5: 'all' }, part: 'carried', rows: PAYLOAD },
  { name: 'XEP-0082', title: 'Dates and times', under: { 4: 'rooms', 5: 'all' }, part: 'edge', rows: ['MSG-08'] },
  { name: 'XEP-0092', title: 'Software version', under: { 3: 'all', 4: 'all' }, part: 'core', rows: ['GWY-04'] },
  { name: 'XEP-0106', title: 'JID escaping', under: { 4: 'all', 5: 'all' }, part: 'edge', rows: ['JID-07', 'JID-08'] },
  { name: 'XEP-0114', title: 'Components', under: { 3: 'all', 4: 'all' }, part: 'edge', rows: ['GWY-14'] },
  { name: 'XEP-0115', title: 'Entity capabilities', under: ALL, part: 'carried', rows: ['PRS-11'] },
  { name: 'XEP-0122, XEP-0141', title: 'Validation and layout of forms', under: { 5: 'forms' }, part: 'carried', rows: PAYLOAD },
  { name: 'XEP-0128', title: 'Discovery extensions', under: { 5: 'rooms' }, part: 'carried', rows: ['MUC-05'] },
  { name: 'XEP-0131', title: 'Headers', under: { 5: 'pubsub' }, part: 'carried', rows: PAYLOAD },
  { name: 'XEP-0160', title: 'Messages for who is away', under: ALL, part: 'core', rows: ['MSG-05'] },
  { name: 'XEP-0198', title: 'Stream management', under: { 3: 'all' }, part: 'edge', rows: ['STR-24'] },
  { name: 'XEP-0199', title: 'Ping', under: ALL, part: 'edge', rows: ['GWY-04', 'STR-23'] },
  { name: 'XEP-0202', title: 'Entity time', under: ALL, part: 'core', rows: ['GWY-04'] },
  { name: 'XEP-0203', title: 'Delayed delivery', under: ALL, part: 'edge', rows: ['STZ-14'] },
  { name: 'XEP-0220', title: 'Server dialback', under: ALL, part: 'edge', rows: ['SAS-09', 'SAS-12', 'SAS-13', 'SAS-14'] },
  { name: 'XEP-0258', title: 'Security labels', under: { 3: 'all', 4: 'labels' }, part: 'carried', rows: ['LBL-01', 'LBL-05'] },
  { name: 'XEP-0297', title: 'Forwarding', under: { 5: 'rooms' }, part: 'carried', rows: PAYLOAD },
  { name: 'XEP-0313', title: 'Message archive', under: { 4: 'rooms', 5: 'all' }, part: 'core', rows: ['AUD-10'] },
  { name: 'XEP-0346', title: 'Form discovery', under: { 4: 'forms', 5: 'all' }, part: 'carried', rows: PAYLOAD },
  { name: 'TLS profile', title: 'Service interface profile for TLS', under: ALL, part: 'edge', rows: ['TLS-10', 'TLS-13', 'TLS-14', 'TLS-19'] },
  { name: 'Certificates', title: 'Digital certificate profile', under: ALL, part: 'edge', rows: ['PKI-01', 'PKI-16'] },
  { name: 'IP QoS', title: 'IP quality of service profile', under: ALL, part: 'edge', rows: ['QOS-01'] },
]

/** The rows of a spiral, each once, in the order of the list. */
export const rowsOf = (spiral: Spiral): readonly string[] => [
  ...new Set(SPECIFICATIONS.flatMap(({ under, rows }) => (under[spiral] === undefined ? [] : rows))),
]
