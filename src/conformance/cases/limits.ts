// Limits (LIM), and what a peer hears when it meets one; what of ours is never said. RFC 6120 §13.12

import type { Pattern, Step, TestCase } from '../case.ts'
import { PROVES_ONCE_MORE } from './showing.ts'
import { FIRST, SECOND } from './log-servers.ts'
import { CHAT, endedBy, errorOf, OPENING, STARTTLS, peerSays } from './making.ts'

/** The largest stanza that is taken, by default. */
const STANZA_BYTES = 512 * 1024
/** How many connections one address may have, by default. */
const PER_ADDRESS = 100

const words = (text: string): string => CHAT.replace('Good morning', text)
const arrives: Step = { coreHears: { name: 'message', attributes: { id: '{id}' } } }

const tooMuch: Pattern = errorOf('message', 'resource-constraint')
const many = (count: number, say: string): readonly Step[] => Array.from({ length: count }, () => ({ say }))
const nested = (depth: number): string => `${'<x>'.repeat(depth)}${'</x>'.repeat(depth)}`

const ASKED = "<iq type='get' from='{contact}/desk' to='{user}' id='{id}'><vCard xmlns='vcard-temp'/></iq>"

export const LIMITS: readonly TestCase[] = [
  peerSays('STZ-13/large', ['STZ-13'], 'A stanza of 10 000 bytes and more crosses.', [
    { say: words('a'.repeat(20_000)) },
    arrives,
  ]),
  peerSays(
    'STZ-13/too-large',
    ['STZ-13', 'LIM-01'],
    'A stanza larger than allowed ends the stream with policy-violation, and nothing of it reaches the core.',
    [
      { say: words('a'.repeat(STANZA_BYTES)) },
      { hear: { kind: 'stream-error', condition: 'policy-violation' }, withinMs: 15_000 },
      { silence: 300, at: 'core', of: { name: 'message' } },
    ],
  ),
  peerSays(
    'LIM-01/rate',
    ['LIM-01'],
    'A partner that keeps on sending more than its entry allows is told so by resource-constraint.',
    [...many(60, CHAT), arrives, { comesBack: tooMuch, withinMs: 45_000 }],
    { limits: { stanzasPerSecond: 1 } },
  ),
  peerSays(
    'LIM-01/recipients',
    ['LIM-01'],
    'A partner that writes to more of ours in a day than its entry allows is told so by resource-constraint.',
    [
      { say: CHAT },
      arrives,
      { say: CHAT.replace('{user}', 'carol@{us}').replace("'{id}'", "'{id}-2'") },
      { comesBack: errorOf('message', 'resource-constraint', '{id}-2') },
      { silence: 300, at: 'core', of: { name: 'message', attributes: { id: '{id}-2' } } },
    ],
    { limits: { recipientsPerDay: 1 } },
  ),
  {
    id: 'LIM-02/connections',
    requirements: ['LIM-02', 'LIM-01'],
    title: 'Of the connections from one address, those beyond the limit are closed before anything is said on them.',
    role: 'receiving',
    phase: 'none',
    ip: 4,
    steps: [{ crowds: PER_ADDRESS }],
  },
  peerSays(
    'LIM-01/bandwidth',
    ['LIM-01'],
    'A partner that keeps on sending more bytes than its entry allows is told so by resource-constraint.',
    [...many(12, words('a'.repeat(9000))), arrives, { comesBack: tooMuch, withinMs: 45_000 }],
    { limits: { bytesPerSecond: '1KiB' } },
  ),
  peerSays(
    'LIM-01/streams',
    ['LIM-01', 'GWY-16'],
    'A partner that opens more streams at a time than its entry allows is told so, and those before stay.',
    [...PROVES_ONCE_MORE, ...PROVES_ONCE_MORE, { hear: { kind: 'stream-error', condition: 'resource-constraint' } }],
    { limits: { connections: 2 } },
  ),
  peerSays(
    'LIM-01/kinds',
    ['LIM-01'],
    'Of a partner whose policy allows words alone, files are refused, and words arrive.',
    [
      {
        say: CHAT.replace("'{id}'", "'{id}-2'").replace(
          '<body>',
          "<x xmlns='jabber:x:oob'><url>https://files.example/a</url></x><body>",
        ),
      },
      { comesBack: errorOf('message', 'not-allowed', '{id}-2') },
      { say: CHAT },
      arrives,
      { silence: 300, at: 'core', of: { name: 'message', attributes: { id: '{id}-2' } } },
    ],
    { policy: 'messages-only' },
  ),
  {
    ...{ id: 'LIM-01/attempts', requirements: ['LIM-01'], role: 'receiving', phase: 'none', ip: 4, own: true },
    title:
      'Of the connections that come from one address in a minute, those beyond the limit are ended without a word.',
    settings: { limits: { partnerConnections: 20 } },
    steps: [{ floods: 30, served: 20 }, { logs: { event: 'connection.refused', ip: '127.54.0.2', reason: 'SP-654' } }],
  },
  {
    ...{
      id: 'GWY-09/handshakes',
      requirements: ['GWY-09'],
      role: 'receiving',
      phase: 'authenticated',
      ip: 4,
      own: true,
    },
    title:
      'Of a flood of handshakes most are ended before they cost anything, what a peer says arrives as before, and whoever reads the log at a log server is told from where the flood comes.',
    settings: { limits: { partnerConnections: 100 }, log: { servers: [FIRST, SECOND] } },
    steps: [
      { floods: 1000, served: 100 },
      { say: CHAT },
      { coreHears: { name: 'message', attributes: { id: '{id}' } }, withinMs: 3000 },
      { logs: { event: 'connection.refused', time: true, ip: '127.54.0.2', reason: 'SP-654' }, copies: 100 },
      { logServer: 1, hears: { event: 'connection.refused', ip: '127.54.0.2', reason: 'SP-654' } },
    ],
  },
  {
    ...{ id: 'GWY-09/drips', requirements: ['GWY-09', 'LIM-03'], role: 'receiving', phase: 'connected' },
    ...{ own: true, settings: { limits: { negotiation: '12s', revocation: '5s' } } },
    title:
      'Who says a few octets now and then, and never comes to an end, is cut off after the time for negotiation all the same.',
    steps: [
      { say: '<stream:stream' },
      { silence: 4000, at: 'peer' },
      { say: " a='" },
      { silence: 4000, at: 'peer' },
      { say: 'b' },
      { hear: { kind: 'closed' }, withinMs: 6000 },
    ],
  },
  {
    id: 'LIM-03/silent',
    requirements: ['LIM-03'],
    title: 'Who connects and says nothing is cut off after the time for negotiation.',
    role: 'receiving',
    phase: 'connected',
    steps: [
      { silence: 5000, at: 'peer' },
      { hear: { kind: 'closed' }, withinMs: 40_000 },
    ],
  },
  {
    id: 'LIM-03/no-handshake',
    requirements: ['LIM-03', 'TLS-07'],
    title: 'Who wants TLS and then does no handshake is cut off after the time for negotiation.',
    role: 'receiving',
    phase: 'opened',
    steps: [
      { say: STARTTLS },
      { hear: { kind: 'element', like: { name: 'proceed' } } },
      { hear: { kind: 'closed' }, withinMs: 40_000 },
    ],
  },
  endedBy(
    'LIM-03/header',
    ['LIM-03'],
    'A header of more than a few kilobytes ends the stream with policy-violation.',
    'connected',
    OPENING.replace(' from=', ` long='${'a'.repeat(70_000)}' from=`),
    'policy-violation',
  ),
  endedBy(
    'LIM-03/unproven',
    ['LIM-03'],
    'Before a name is proven, an element of more than a few kilobytes ends the stream with policy-violation.',
    'offered',
    `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>${'A'.repeat(66_000)}</auth>`,
    'policy-violation',
  ),
  endedBy(
    'LIM-03/depth',
    ['LIM-03'],
    'Elements nested deeper than allowed end the stream with policy-violation.',
    'authenticated',
    `<message from='{contact}' to='{user}'>${nested(1001)}</message>`,
    'policy-violation',
  ),
  endedBy(
    'LIM-03/attributes',
    ['LIM-03'],
    'An element with more attributes than allowed ends the stream with policy-violation.',
    'authenticated',
    `<message from='{contact}' to='{user}'><x ${Array.from({ length: 1001 }, (_, n) => `a${n}='1'`).join(' ')}/></message>`,
    'policy-violation',
  ),
  {
    id: 'LIM-05/refused',
    requirements: ['LIM-05'],
    title: 'No address of a machine is told in the words of a stream, or in the error by which it is ended.',
    role: 'receiving',
    phase: 'authenticated',
    steps: [
      { say: "<message from='bob@somebody-else.example' to='{user}'/>" },
      { hear: { kind: 'stream-error', condition: 'invalid-from' } },
      { neverSaid: ['127.0.0.', '::1', 'localhost'] },
    ],
  },
  peerSays('LIM-05/error', ['LIM-05'], 'Neither is it in the error to a stanza that is refused.', [
    { say: "<iq type='get' from='{contact}/desk' to='{user}' id='{id}'/>" },
    { comesBack: errorOf('iq', 'bad-request') },
    { neverSaid: ['127.0.0.', '::1', 'localhost'] },
  ]),
  peerSays(
    'LIM-04/alike',
    ['LIM-04'],
    'What the gateway refuses by itself it refuses of somebody who exists and of others alike, and the core hears of neither.',
    [
      { say: ASKED },
      { comesBack: errorOf('iq', 'not-allowed') },
      { say: ASKED.replace('{user}', 'nobody-here@{us}').replace("'{id}'", "'{id}-2'") },
      { comesBack: errorOf('iq', 'not-allowed', '{id}-2') },
      { silence: 500, at: 'core', of: { name: 'iq' } },
    ],
    { policy: 'messages-only' },
  ),
  peerSays(
    'LIM-04/probes',
    ['LIM-04'],
    'A partner that asks one address after the other is told by resource-constraint when it has asked as many as it may.',
    [
      { say: ASKED },
      { coreHears: { name: 'iq', attributes: { id: '{id}' } } },
      ...[2, 3, 4].map((n): Step => ({
        say: ASKED.replace('{user}', `nobody-${n}@{us}`).replace("'{id}'", `'{id}-${n}'`),
      })),
      { comesBack: errorOf('iq', 'resource-constraint', '{id}-4') },
      { silence: 300, at: 'core', of: { name: 'iq', attributes: { id: '{id}-4' } } },
    ],
    { limits: { recipientsPerDay: 3 } },
  ),
]
