// How streams end (STR): those that nobody uses, peers that are there no more, and errors that a peer provokes which stand in
// no other area. RFC 6120 §4.4, §4.6, §4.9.3; XEP-0198, XEP-0199

import type { Step, TestCase } from '../case.ts'
import { NAMESPACES } from '../namespaces.ts'
import { ANSWERING, CHAT, endedBy, errorOf } from './making.ts'
import { PROVES_ONCE_MORE } from './showing.ts'

const { SASL } = NAMESPACES
const SM = 'urn:xmpp:sm:3'

/** A gateway that asks and gives up sooner than by default. */
const WATCHFUL = { own: true, settings: { limits: { ping: '5s', pingAnswer: '3s' } } } as const
/** One that closes what nobody uses after so long, and waits for the answer for some seconds. */
const IDLE = { own: true, settings: { limits: { idle: '10s', close: '4s' } } } as const
const UNTIL_IDLE_MS = 20_000
const UNTIL_GIVEN_UP_MS = 25_000

const arrives = (id = '{id}'): Step => ({ coreHears: { name: 'message', attributes: { id } } })
const second = CHAT.replace("'{id}'", "'{id}-2'")

/** A partner that acknowledges takes the stream, and the message it was opened for. */
const COUNTS: readonly Step[] = [
  { hear: { kind: 'element', like: { name: 'auth', ns: SASL } } },
  { say: `<success xmlns='${SASL}'/>` },
  { restart: true },
  { hear: { kind: 'header' } },
  { say: `${ANSWERING}<stream:features><sm xmlns='${SM}'/></stream:features>` },
  { hear: { kind: 'element', like: { name: 'enable', ns: SM } } },
  { say: `<enabled xmlns='${SM}'/>` },
  { hear: { kind: 'element', like: { name: 'message', attributes: { id: '{id}-waking' } } } },
  { hear: { kind: 'element', like: { name: 'r', ns: SM } } },
]

/** Its last words before it ends such a stream for good: what it has taken, and the question what has arrived. */
const LAST_COUNT: readonly Step[] = [
  { hear: { kind: 'element', like: { name: 'a', ns: SM } }, withinMs: UNTIL_GIVEN_UP_MS },
  { hear: { kind: 'element', like: { name: 'r', ns: SM } } },
]

export const ENDINGS: readonly TestCase[] = [
  {
    ...{ id: 'STR-12/reads-on', requirements: ['STR-12'], role: 'receiving', phase: 'authenticated', ...IDLE },
    title:
      'Where the gateway closes first it says nothing more, takes what its peer says until that closes too, and then ends TLS and the connection in good order.',
    steps: [
      { say: CHAT },
      arrives(),
      { hear: { kind: 'end' }, withinMs: UNTIL_IDLE_MS },
      { say: second },
      arrives('{id}-2'),
      { silence: 500, at: 'peer' },
      { close: 'stream' },
      { hear: { kind: 'closed', inOrder: true }, withinMs: 2000 },
    ],
  },
  {
    ...{ id: 'STR-12/not-answered', requirements: ['STR-12'], role: 'receiving', phase: 'authenticated', ...IDLE },
    title:
      'Where its peer does not answer that, the gateway waits for a while, and then ends TLS and the connection in good order.',
    steps: [
      { say: CHAT },
      arrives(),
      { hear: { kind: 'end' }, withinMs: UNTIL_IDLE_MS },
      { silence: 2500, at: 'peer' },
      { hear: { kind: 'closed', inOrder: true }, withinMs: 5000 },
    ],
  },
  {
    ...{ id: 'STR-23/does-not-count', requirements: ['STR-23', 'STR-15'], role: 'initiating', phase: 'offered' },
    ...WATCHFUL,
    title:
      'A partner that does not say what has arrived is given up by connection-timeout, and what was under way comes back.',
    steps: [
      ...COUNTS,
      ...LAST_COUNT,
      // The answer to that question is waited for before the connection ends.
      { hear: { kind: 'stream-error', condition: 'connection-timeout' }, withinMs: 10_000 },
      { coreHears: errorOf('message', 'remote-server-timeout', '{id}-waking') },
    ],
  },
  {
    ...{ id: 'STR-23/counts', requirements: ['STR-23'], role: 'initiating', phase: 'offered', ...WATCHFUL },
    title: 'A partner that keeps silent and says what has arrived when it is asked is not given up.',
    steps: [
      ...COUNTS,
      { say: `<a xmlns='${SM}' h='1'/>` },
      { hear: { kind: 'element', like: { name: 'r', ns: SM } }, withinMs: 10_000 },
      { say: `<a xmlns='${SM}' h='1'/>` },
      { silence: 4000, at: 'peer' },
      { silence: 0, at: 'core', of: { name: 'message', attributes: { type: 'error' } } },
    ],
  },
  {
    ...{ id: 'STR-23/pinged', requirements: ['STR-23', 'STR-15'], role: 'receiving', phase: 'authenticated' },
    ...WATCHFUL,
    title:
      'A partner that does not acknowledge is asked by a ping after a silence, and given up by connection-timeout where no answer comes.',
    steps: [
      { say: CHAT },
      arrives(),
      {
        coreSays:
          "<message type='chat' from='{user}/desk' to='{contact}' id='{id}-there'><body>There?</body></message>",
      },
      { comesBack: { name: 'message', attributes: { id: '{id}-there' } } },
      { comesBack: { name: 'iq', attributes: { type: 'get' }, has: [{ name: 'ping', ns: 'urn:xmpp:ping' }] } },
      {
        comesBack: { name: 'error', has: [{ name: 'connection-timeout', ns: NAMESPACES.STREAM_ERRORS }] },
        withinMs: UNTIL_GIVEN_UP_MS,
      },
    ],
  },
  {
    ...{ id: 'STR-23/blanks', requirements: ['STR-23'], role: 'receiving', phase: 'authenticated' },
    title: 'Blanks between stanzas keep a stream alive and do it no harm.',
    steps: [{ say: ' ' }, { say: '\n ' }, { say: CHAT }, { say: ' ' }, arrives(), { say: second }, arrives('{id}-2')],
  },
  endedBy(
    'STR-20/feature-not-offered',
    ['STR-20'],
    'Whoever chooses a feature that was not offered has the stream ended, and gets nothing of it.',
    'authenticated',
    "<compress xmlns='http://jabber.org/protocol/compress'><method>zlib</method></compress>",
    'unsupported-stanza-type',
  ),
  endedBy(
    'STR-13/bad-namespace-prefix',
    ['STR-13'],
    'A prefix that nothing declares ends the stream with bad-namespace-prefix.',
    'authenticated',
    "<message from='{contact}' to='{user}'><odd:x/></message>",
    'bad-namespace-prefix',
  ),
  endedBy(
    'STR-13/bad-format',
    ['STR-13'],
    'Text between stanzas ends the stream with bad-format.',
    'authenticated',
    'Good morning',
    'bad-format',
  ),
  endedBy(
    'STR-13/invalid-xml',
    ['STR-13'],
    'An acknowledgement where nobody counts ends the stream with invalid-xml.',
    'authenticated',
    `<a xmlns='${SM}' h='1'/>`,
    'invalid-xml',
  ),
  {
    ...{ id: 'STR-13/undefined-condition', requirements: ['STR-13'], role: 'initiating', phase: 'offered' },
    title:
      'A partner that acknowledges more than it was sent is told so by undefined-condition, with what it has said.',
    steps: [
      ...COUNTS,
      { say: `<a xmlns='${SM}' h='7'/>` },
      ...LAST_COUNT,
      { hear: { kind: 'stream-error', condition: 'undefined-condition' } },
    ],
  },
  {
    ...{ id: 'STR-13/connection-timeout', requirements: ['STR-13', 'STR-15'], role: 'receiving', phase: 'opened' },
    ...{ own: true, settings: { limits: { negotiation: '12s', revocation: '5s' } } },
    title: 'Whoever begins a stream and does not go on is told so by connection-timeout.',
    steps: [{ hear: { kind: 'stream-error', condition: 'connection-timeout' }, withinMs: 20_000 }],
  },
  {
    ...{ id: 'STR-13/resource-constraint', requirements: ['STR-13'], role: 'receiving', phase: 'authenticated' },
    title: 'A partner that opens more streams than its entry allows is told so by resource-constraint.',
    entry: { limits: { connections: 2 } },
    steps: [
      ...PROVES_ONCE_MORE,
      ...PROVES_ONCE_MORE,
      { hear: { kind: 'stream-error', condition: 'resource-constraint' } },
    ],
  },
  {
    ...{ id: 'STR-13/led-elsewhere', requirements: ['STR-13'], role: 'receiving', phase: 'authenticated' },
    title: 'That a peer ends its stream by see-other-host is logged.',
    steps: [
      {
        say: `<stream:error><see-other-host xmlns='${NAMESPACES.STREAM_ERRORS}'>other.example</see-other-host></stream:error></stream:stream>`,
      },
      { hear: { kind: 'closed' } },
      {
        logs: { event: 'stream.closed', by: 'peer', remote: '{peer}', condition: 'see-other-host', role: 'receiving' },
      },
    ],
  },
]
