// Every limit and deadline that an operator may set: named, described and bounded here and nowhere else. The `limits:`
// section of gateway.yaml, the `Limits` of the settings and the generated documents follow from these three tables.
//
// Times are written as durations and come out as `…Ms`; sizes come out in bytes under their own names.

import type * as z from 'zod'
import { count, duration, section, size } from './fields.ts'

const TIMES = {
  connect: duration('100ms', '5m').prefault('10s').describe('Time for a TCP connection to one address of a peer.'),
  negotiation: duration('1s', '10m')
    .prefault('30s')
    .describe('Time for a stream to become ready, from the first byte on.'),
  dialback: duration('1s', '1m')
    .prefault('10s')
    .describe(
      'Time to verify a claim by dialback; a claim that failed is answered no sooner, so that the time tells nothing.',
    ),
  revocation: duration('500ms', '1m')
    .prefault('8s')
    .describe('Time to learn whether the certificates of a peer were revoked; less than `negotiation`.'),
  revocationWait: duration('100ms', '1m')
    .prefault('2s')
    .describe('With `revocation: soft` a stream waits no longer for that; what is learnt later ends it all the same.'),
  revocationAgain: duration('1s', '1d')
    .prefault('1d')
    .describe(
      'After so long at most it is asked again for a stream that is up; and a CRL that was brought is enough for so long.',
    ),
  idle: duration('10s', '7d').prefault('30m').describe('A stream that carried no stanza for so long is closed.'),
  close: duration('100ms', '1m').prefault('5s').describe("Time for the peer's side of the closing handshake."),
  keepalive: duration('5s', '1h')
    .prefault('1m')
    .describe('Silence of ours after which a blank is sent, so that firewalls keep the connection.'),
  stall: duration('1s', '1h')
    .prefault('1m')
    .describe('Time in which a peer must take something of what is written to it; a stream that is stuck is cut.'),
  ping: duration('5s', '1d')
    .prefault('30s')
    .describe("The peer's silence after which it is asked whether it is there (XEP-0198 or XEP-0199)."),
  pingAnswer: duration('1s', '10m')
    .prefault('30s')
    .describe('Time for the answer to that question, or to the one what has arrived; without one the stream is dead.'),
  queueWait: duration('1s', '1h')
    .prefault('1m')
    .describe('How long a stanza may wait for a link before it is sent back.'),
  backOff: duration('1s', '1h')
    .prefault('1m')
    .describe('Longest time after failures before a partner is tried again; meanwhile stanzas come back at once.'),
  iqAnswer: duration('5s', '1h')
    .prefault('90s')
    .describe(
      'How long a question (iq) that crossed may wait for its answer; then the gateway answers. More than `queueWait`.',
    ),
  peerReturn: duration('1s', '1h')
    .prefault('30s')
    .describe('Time in which a peer whose streams broke may come back; then the presence behind it is taken back.'),
  resumption: duration('10s', '1d')
    .prefault('10m')
    .describe(
      'For so long what is needed to resume a lost session of a remote user is remembered, where the core does not say how long it keeps it (XEP-0198).',
    ),
  remoteFailureWindow: duration('1m', '7d')
    .prefault('30m')
    .describe(
      'For so long a failed log-in of a remote user counts; no less than the time after which your directory forgets one.',
    ),
  remoteRefusal: duration('100ms', '30s')
    .prefault('2s')
    .describe(
      'Time after which a log-in from outside that comes to nothing is answered, whatever the reason; up to half of it more by chance.',
    ),
  drain: duration('100ms', '10m')
    .prefault('5s')
    .describe('Time for what waits to be sent back when the gateway is stopped; then streams close.'),
  drainNotice: duration('100ms', '10m')
    .prefault('5s')
    .describe('From the end of readiness to the first refusal, so that a balancer notices; only with `listen.admin`.'),
  drainPace: duration('100ms', '10m')
    .prefault('10s')
    .describe('Longest time over which streams close when draining, one after another instead of all at once.'),
  burst: duration('1s', '1h')
    .prefault('10s')
    .describe('As much as comes in this time by the rates of `limits:` of a partner may be sent at once.'),
  smoothing: duration('0ms', '1m')
    .prefault('5s')
    .describe(
      'So long at a time, and a tenth of the time, a stream that brings more than these rates allow is not read; only what is still too much is refused.',
    ),
  sessionIdle: duration('1m', '30d')
    .prefault('1d')
    .describe('The connection of a remote user that brought nothing, not even a blank, for so long is closed.'),
  requestsKept: duration('1m', '365d')
    .prefault('30d')
    .describe('After so long a request for presence that nobody has answered counts no more for `pendingRequests`.'),
  conductHalfLife: duration('1m', '30d')
    .prefault('1h')
    .describe('In which time half of what a domain outside did wrong is forgotten.'),
  recordsKept: duration('1h', '3650d')
    .prefault('30d')
    .describe('How long the record of a decision is kept for `sallyport why`.'),
  relationsKept: duration('30d', '3650d')
    .prefault('365d')
    .describe(
      'After so long without a stanza between them, it is forgotten that a user of ours knows somebody outside; to the week.',
    ),
}

const SIZES = {
  stanzaBytes: size('10000', '16MiB')
    .prefault('512KiB')
    .describe('Largest stanza; at least 10000 bytes (RFC 6120 §13.12).'),
  unprovenBytes: size('4KiB', '64KiB')
    .prefault('8KiB')
    .describe('Most bytes of one element before the peer has proven its name.'),
  queueBytes: size('64KiB', '1GiB').prefault('4MiB').describe('Most bytes that may wait for one link.'),
  partnerQueueBytes: size('64KiB', '4GiB')
    .prefault('16MiB')
    .describe(
      'Most bytes under way for one partner, to it and from it, waiting or written and not taken; each stanza counts 512 more.',
    ),
  queuesBytes: size('1MiB', '16GiB')
    .prefault('64MiB')
    .describe('Most bytes under way for all partners together; none gets more than it leaves to all others.'),
  revocationBytes: size('1MiB', '4GiB')
    .prefault('64MiB')
    .describe('Most bytes of CRLs that are kept in memory, and as much on disk.'),
  logQueueBytes: size('64KiB', '1GiB')
    .prefault('16MiB')
    .describe('Most bytes of log lines that may wait for one log server; what is more, it is not sent.'),
  writeBytes: size('64KiB', '64MiB')
    .prefault('1MiB')
    .describe('Unsent bytes of one stream from which on its sources are paused.'),
  unacknowledgedBytes: size('64KiB', '64MiB')
    .prefault('1MiB')
    .describe(
      'Bytes of one stream that its peer has not acknowledged (XEP-0198), from which on its sources are paused.',
    ),
}

const COUNTS = {
  depth: count(8, 1000).default(100).describe('Deepest nesting of elements in a stanza.'),
  attributes: count(8, 1000).default(100).describe('Most attributes of one element.'),
  elements: count(32, 1_000_000).default(10_000).describe('Most elements in one stanza.'),
  unprovenElements: count(8, 1000)
    .default(32)
    .describe('Most elements in one first-level element before the peer has proven its name.'),
  saslAttempts: count(1, 10).default(3).describe('Attempts at authentication before a stream is closed.'),
  dialbacks: count(1, 10_000).default(200).describe('Most claims by dialback that are verified at a time.'),
  connections: count(1, 100_000).default(2000).describe('Most connections that peers may hold to us.'),
  connectionsPerAddress: count(1, 100_000).default(100).describe('Most connections from one outside address.'),
  partnerConnections: count(1, 1_000_000)
    .default(600)
    .describe('New connections of partners in a minute from one outside address (of IPv6: a /64).'),
  partnerConnectionsPerNetwork: count(1, 10_000_000)
    .default(3000)
    .describe('The same from one network: a /24, of IPv6 a /48.'),
  partnerPlaces: count(100, 1_000_000)
    .default(20_000)
    .describe(
      'Most addresses, and most networks, of which these are counted each by itself; all others share one count.',
    ),
  sessions: count(1, 100_000).default(10_000).describe('Most connections of remote users.'),
  sessionsPerAddress: count(1, 100_000)
    .default(100)
    .describe('Most connections of remote users from one outside address.'),
  strangers: count(10, 100_000)
    .default(2000)
    .describe(
      'Most connections of remote users that are secured and not logged in, each with a connection to the core behind it; a tenth of it from one network, and half of it from networks from which no user has logged in yet.',
    ),
  coreDials: count(1, 10_000)
    .default(64)
    .describe(
      'Most connections to the core that are being made for remote users at a time; the others wait their turn, those from networks where a user has logged in before go first.',
    ),
  sessionRate: count(1, 100_000)
    .default(50)
    .describe(
      'Stanzas, other elements and pings per second of one remote user that are taken; who sends more is read more slowly.',
    ),
  resumable: count(100, 1_000_000)
    .default(20_000)
    .describe('Most sessions of remote users of which is remembered what is needed to resume them (XEP-0198).'),
  resumablePerUser: count(1, 10_000).default(20).describe('Most of these of one user.'),
  links: count(1, 100_000).default(5000).describe('Most links of ours, one for each pair of domains.'),
  dnsAnswers: count(10, 1_000_000)
    .default(10_000)
    .describe('Most answers of DNS that are kept, each for services and for addresses.'),
  revocationAnswers: count(10, 1_000_000)
    .default(10_000)
    .describe('Most answers of OCSP responders that are kept, and most CRLs.'),
  knownKeys: count(100, 1_000_000)
    .default(20_000)
    .describe(
      'Most keys of certificates that are remembered, of all partners together; a quarter more for domains that have some already.',
    ),
  remoteFailuresPerAccount: count(2, 1000)
    .default(4)
    .describe(
      'Failed log-ins from outside of one account that the core hears of in the window: fewer than lock the account in your directory. Half of them are kept for networks from which the user has logged in before.',
    ),
  remoteFailuresPerAddress: count(1, 100_000)
    .default(20)
    .describe('Failed log-ins from one address (of IPv6: a /64) that the core hears of in the window.'),
  remoteFailuresPerNetwork: count(1, 1_000_000)
    .default(100)
    .describe('The same from one network: a /24, of IPv6 a /48.'),
  remoteFailuresKept: count(100, 1_000_000)
    .default(50_000)
    .describe(
      'Accounts, addresses and networks of which failures are counted exactly, each; beyond that none is forgotten, but some may count as more than they are.',
    ),
  remoteAnswers: count(10, 1_000_000)
    .default(2000)
    .describe('Failed log-ins that may wait for their answer at a time; what is more ends without one.'),
  remoteConnections: count(1, 1_000_000)
    .default(300)
    .describe('New connections of remote users in a minute from one address; a failed handshake counts as five.'),
  remoteConnectionsPerNetwork: count(1, 10_000_000).default(1500).describe('The same from one network.'),
  queueStanzas: count(1, 1_000_000).default(1000).describe('Most stanzas that may wait for one link.'),
  partnerQueueStanzas: count(1, 10_000_000)
    .default(4000)
    .describe('Most stanzas that may wait for all links of one partner.'),
  queuesStanzas: count(1, 100_000_000)
    .default(100_000)
    .describe('Most stanzas that may wait for all links together; no partner gets more places than it leaves.'),
  questions: count(100, 10_000_000)
    .default(50_000)
    .describe('Most questions (iq) under way of which is known whether they were answered.'),
  presences: count(1000, 10_000_000)
    .default(200_000)
    .describe('Most presences, each as one address sees another, that can be taken back; some 300 bytes each.'),
  unacknowledged: count(1, 1_000_000)
    .default(2000)
    .describe(
      'Stanzas of one stream that its peer has not acknowledged (XEP-0198), from which on its sources are paused.',
    ),
  records: count(1000, 100_000_000)
    .default(1_000_000)
    .describe(
      'Most records of decisions that are kept; the oldest go first, but what passed, and streams that came to nothing, push out nothing else.',
    ),
  partnerHistory: count(100, 10_000_000)
    .default(50_000)
    .describe(
      'Most versions of files of partners that are kept for `sallyport partner history`, 100 of one at most; the oldest go first, the last of each stays.',
    ),
  pendingDomains: count(10, 10_000)
    .default(200)
    .describe(
      'Most domains that wait to be let in (mode ask) with a proven name, and a quarter as many that only ours wrote to; where there are more, of those most alike the longest silent is forgotten.',
    ),
  discoveredStanzas: count(1, 1_000_000)
    .default(20)
    .describe(
      'Stanzas in a second of a domain in no entry, with mode limited; a domain that misbehaves may send a quarter (limited) or a twentieth (watch) of it.',
    ),
  discoveredRecipients: count(1, 1_000_000)
    .default(1000)
    .describe(
      'Different addresses of ours in a day to which such a domain may begin something, and the same parts of it.',
    ),
  conducts: count(100, 1_000_000)
    .default(10_000)
    .describe('Most domains outside of which is remembered that they misbehaved; those with the least go first.'),
  meteredSenders: count(100, 10_000_000)
    .default(50_000)
    .describe(
      'Most partners and users whose sending is held against `limits:` of a partner each by itself; no partner gets more places than it leaves, and its further users share one.',
    ),
  meteredRecipients: count(1000, 100_000_000)
    .default(1_000_000)
    .describe(
      'Most recipients of a day that are remembered for `recipientsPerDay`, of all senders; some 40 bytes each.',
    ),
  pendingRequests: count(100, 1_000_000)
    .default(50_000)
    .describe(
      'Most requests for presence that are remembered as unanswered, where a partner or a user of ours may have only so many; no partner gets more places than it leaves.',
    ),
  relations: count(1000, 10_000_000)
    .default(1_000_000)
    .describe(
      'Most pairs of a user of ours and somebody outside that are known to know each other; those not used for longest go first.',
    ),
  mintedCertificates: count(10, 100_000).default(1000).describe('Most certificates for the core that are kept ready.'),
}

/** The `limits:` section. */
export const LimitsSection = section({ ...TIMES, ...SIZES, ...COUNTS }, 'write limits as lines of name: value')

/** Milliseconds, bytes and counts in force. */
export type Limits = { readonly [Name in keyof typeof TIMES as `${Name}Ms`]: number } & {
  readonly [Name in keyof (typeof SIZES & typeof COUNTS)]: number
}

/** The section as read → the limits of the settings. */
export function toLimits(read: z.output<typeof LimitsSection>): Limits {
  const entries = Object.entries(read).map(([name, value]) => [Object.hasOwn(TIMES, name) ? `${name}Ms` : name, value])
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the names are those of the tables above
  return Object.fromEntries(entries) as Limits
}

/** The limits of an installation that sets none. */
export const DEFAULT_LIMITS: Limits = toLimits(LimitsSection.parse({}))
