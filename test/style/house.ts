// The plan of the house as data: which folder may import which, who owns which library, and what a file must look like.
// `imports.test.ts` and `files.test.ts` hold the code against it. When the code teaches better, table and code change in
// one commit.

/** `all`: anything. `types`: only types, which leave no trace when the code runs. */
export type Access = 'all' | 'types'

/**
 * Folder → the folders it may import. `.` are the files directly in src/, which put everything together and which
 * nobody imports.
 */
export const ROOMS: Readonly<Record<string, Readonly<Record<string, Access>>>> = {
  xmpp: {},
  xml: { xmpp: 'all' },
  stream: { xmpp: 'all', xml: 'all', trust: 'types' },
  policy: { xmpp: 'all', xml: 'types' },
  // Of trust/ the profiles and the fields of cards, which are data; `imports.test.ts` holds it to that.
  config: { xmpp: 'all', policy: 'types', trust: 'all' },
  // Lists of partners in forms of others. `xml`: one of them is XML.
  exchange: { xmpp: 'all', xml: 'all', policy: 'types', config: 'all' },
  observe: { xmpp: 'all' },
  trust: { xmpp: 'all', observe: 'all' },
  store: { xmpp: 'all', policy: 'types', observe: 'all' },
  records: { xmpp: 'all', policy: 'types', config: 'types', store: 'all', observe: 'all' },
  net: { xmpp: 'all', xml: 'all', stream: 'all', trust: 'all', observe: 'all' },
  gateway: {
    xmpp: 'all',
    xml: 'all',
    stream: 'all',
    policy: 'all',
    config: 'all',
    observe: 'all',
    trust: 'all',
    store: 'all',
    records: 'all',
    net: 'all',
  },
  lab: { xmpp: 'all', xml: 'all', stream: 'all', trust: 'all', net: 'all' },
  conformance: { xml: 'all', trust: 'all', net: 'all', lab: 'all' },
  admin: {
    xmpp: 'all',
    gateway: 'all',
    config: 'all',
    policy: 'all',
    store: 'all',
    records: 'all',
    observe: 'all',
    lab: 'types',
  },
  cli: {
    xmpp: 'all',
    admin: 'all',
    config: 'all',
    exchange: 'all',
    policy: 'types',
    trust: 'all',
    lab: 'all',
    net: 'all',
    conformance: 'all',
  },
  '.': {
    xmpp: 'all',
    xml: 'all',
    stream: 'all',
    policy: 'all',
    config: 'all',
    observe: 'all',
    trust: 'all',
    store: 'all',
    records: 'all',
    net: 'all',
    gateway: 'all',
    lab: 'all',
    admin: 'all',
    cli: 'all',
  },
}

/** Who may use a library, and what of it: everything, types, or the named parts. */
export type Share = Access | readonly string[]

/** Parts of libraries that compute and reach nothing outside. */
const ADDRESSES = ['isIP', 'isIPv4', 'isIPv6', 'BlockList']

/** Library → its owners. A library that is not here has no place in the house. */
export const LIBRARIES: Readonly<Record<string, Readonly<Record<string, Share>>>> = {
  // The network. The control socket is a file; `check` asks whether ports are free and the core answers.
  'node:net': {
    net: 'all',
    admin: 'all',
    // Its peers are no gateways: they say what no gateway of ours would.
    conformance: 'all',
    config: ADDRESSES,
    trust: ADDRESSES,
    cli: ['connect', 'createServer', ...ADDRESSES],
  },
  'node:tls': { net: 'all', trust: 'all', conformance: 'all' },
  'node:dns': { net: 'all' },
  // A run has a DNS server and a time server of its own; time servers are asked.
  'node:dgram': { conformance: 'all', net: 'all' },
  'node:dns/promises': { net: 'all' },
  // Responders and CRLs are asked for over plain HTTP: what they say is signed.
  'node:http': { admin: 'all', net: 'all' },
  // `check` reads host metadata as a client does.
  'node:https': { admin: 'all', net: 'all' },
  ws: { net: 'all' },
  ldapts: { net: 'all' },
  // Files. The log writes its last lines where no stream can any more.
  'node:fs': {
    observe: ['writeSync'],
    config: 'all',
    trust: 'all',
    store: 'all',
    admin: 'all',
    cli: 'all',
    lab: 'all',
    '.': 'all',
  },
  'node:fs/promises': {
    config: 'all',
    trust: 'all',
    store: 'all',
    admin: 'all',
    cli: 'all',
    lab: 'all',
    conformance: 'all',
    '.': 'all',
  },
  // A run locks the store of its gateway.
  'node:sqlite': { store: 'all', conformance: ['DatabaseSync'] },
  // Cryptography. The others need randomness, which the pure folders get as an argument.
  'node:worker_threads': { config: 'all', trust: 'all', net: 'all' },
  'node:crypto': {
    trust: 'all',
    store: ['createHash'],
    net: ['randomBytes'],
    config: ['randomBytes', 'createHash'],
    admin: ['randomBytes'],
    // It signs reports, and makes the lists of revoked certificates of its own CA.
    conformance: 'all',
    lab: ['randomBytes', 'createHash', 'createHmac', 'pbkdf2Sync', 'timingSafeEqual'],
    '.': ['randomBytes'],
  },
  '@peculiar/x509': { trust: 'all', conformance: 'types' },
  '@peculiar/asn1-ocsp': { trust: 'all' },
  '@peculiar/asn1-schema': { trust: 'all' },
  'reflect-metadata': { trust: 'all' },
  'node-forge': { trust: 'all' },
  // Languages.
  '@xmpp/xml': { xml: 'all', lab: 'all', exchange: 'types', conformance: 'all' },
  // What the gateway says is read by another parser than its own.
  saxes: { conformance: 'all' },
  '@xmpp/client': { lab: 'all' },
  yaml: { config: 'all' },
  'csv-parse': { exchange: 'all' },
  // exchange asks it what kind of value a key takes.
  zod: { config: 'all', admin: 'all', cli: 'types', exchange: 'all' },
  winston: { observe: 'all' },
  // The public suffix list, as data: it asks nobody.
  tldts: { policy: ['getDomain'] },
  // The process and its machine.
  'node:readline/promises': { cli: 'all' },
  // A notice is asked on the terminal where standard error goes elsewhere.
  'node:tty': { cli: 'all' },
  // The instance of the gateway that is tested.
  'node:child_process': { conformance: 'all' },
  'node:process': { cli: 'all', gateway: 'all', conformance: 'all', trust: ['versions', 'env'], '.': 'all' },
  'node:os': { cli: 'all', conformance: 'all', '.': 'all' },
}

/** Libraries of Node that reach nothing outside: for everybody. */
export const FREE: readonly string[] = [
  'node:buffer',
  'node:events',
  'node:path',
  'node:stream',
  'node:string_decoder',
  'node:url',
  'node:util',
]

/** Folders whose results follow from their arguments alone: no clock, no randomness, no timers, no process. */
export const PURE: readonly string[] = ['xmpp', 'xml', 'stream', 'policy', 'exchange']

/** Folders that may use what reaches the network without an import. */
export const FETCHES: readonly string[] = ['net']

export const LONGEST_FILE = { src: 350, test: 600 }

/** Files that are longer, and why. */
export const LONG_FILES: Readonly<Record<string, string>> = {
  'src/xml/lexer.ts': 'one state machine over bytes; cut in two, every byte would pay for the seam',
}
