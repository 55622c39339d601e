// What has to wait (STZ, MSG): how much of it, for how long, what it says of that, and what becomes of it when a stream ends while
// it is under way. RFC 6120 §10.4, XEP-0198, XEP-0203

import type { Pattern, Step, TestCase } from '../case.ts'
import { NAMESPACES } from '../namespaces.ts'
import { ANSWERING, errorOf } from './making.ts'

const { SASL, STANZA_ERRORS } = NAMESPACES

const message = (from: string, to: string, id: string): string =>
  `<message type='chat' from='${from}' to='${to}' id='${id}'><body>Good morning</body></message>`
const range = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n)

const DELAYED: Pattern = { name: 'delay', ns: 'urn:xmpp:delay', attributes: { from: '{us}', stamp: true } }
const hears = (like: Pattern): Step => ({ hear: { kind: 'element', like }, withinMs: 10_000 })

/** How many may wait for a partner, and for how long, in the case about that. */
const MOST = 10
const WAIT_MS = 12_000
const OVER = 16
/** By when all that has waited too long is back. Without a limit it would be given up with the stream, after 30 seconds. */
const BACK_MS = 22_000

const waits = (n: number): Step => ({ coreSays: message('{user}/desk', `bob@n${n}.{peer}`, `{id}-${n}`) })
const error = (condition: string, id: string | true): Pattern => ({
  ...{ name: 'message', attributes: { type: 'error', id, to: '{user}/desk' } },
  has: [{ name: 'error', attributes: { type: 'wait' }, has: [{ name: condition, ns: STANZA_ERRORS }] }],
})

/** An answer needs a way back to the core, which is there once something has come back by it. */
const opensWays = (count: number): readonly Step[] =>
  range(count).flatMap((n): readonly Step[] => [
    { coreSays: `<presence type='foo' from='{user}' to='bob@n${n}.{peer}' id='{id}-way-${n}'/>` },
    { coreHears: errorOf('presence', 'bad-request', `{id}-way-${n}`) },
  ])
const NOBODY_ANSWERS = {
  entry: { alsoKnownAs: ['*.{peer}'] },
  dns: { 'SRV _xmpp-server._tcp.*.{peer}': [{ priority: 10, weight: 0, place: 'silent' }] },
} as const
const comeBackOnce = (count: number): readonly Step[] => [
  ...range(count).map((n): Step => ({
    coreHears: { name: 'message', attributes: { type: 'error', id: `{id}-${n}` } },
    withinMs: BACK_MS,
  })),
  ...range(count).map((n): Step => ({
    ...{ copiesOf: { name: 'message', attributes: { type: 'error', id: `{id}-${n}` } }, at: 'core', times: 1 },
  })),
]

/** In the case about bytes: how many are allowed and how many a message has, of which so many fit, each with 512 besides. */
const MOST_KIB = 64
const LARGE = 13_000
const MANY = 8
const FIT = 4
const waitsLarge = (n: number): Step => ({
  coreSays: message('{user}/desk', `bob@n${n}.{peer}`, `{id}-${n}`).replace('Good morning', 'a'.repeat(LARGE)),
})

const BURST = 200
/** So many that the core has read some of them, and not all, when one in their middle is seen to have reached it. */
const LONG_BURST = 4000
const burst = (of: string, count = BURST): readonly string[] => range(count).map((n) => `{id}-${of}-${n}`)
const UNDER_WAY = burst('under-way', LONG_BURST)
const said = (ids: readonly string[]): Step => ({
  say: ids.map((id) => message('{contact}/desk', '{user}', id)).join(''),
})

export const WAITING: readonly TestCase[] = [
  {
    ...{ id: 'STZ-14/stamped', requirements: ['STZ-14', 'MSG-08'], role: 'initiating', phase: 'offered' },
    title:
      'Messages and presence that have waited for a stream for more than some seconds bear a stamp of when they came, from our domain; questions, and what has not waited, bear none.',
    steps: [
      hears({ name: 'auth', ns: SASL }),
      { coreSays: message('{user}/desk', '{contact}', '{id}-1') },
      { coreSays: "<presence from='{user}/desk' to='{contact}'><show>dnd</show></presence>" },
      {
        coreSays:
          "<iq type='get' from='{user}/desk' to='{contact}/desk' id='{id}-2'><ping xmlns='urn:xmpp:ping'/></iq>",
      },
      { silence: 6500, at: 'peer' },
      { say: `<success xmlns='${SASL}'/>` },
      { restart: true },
      { hear: { kind: 'header' } },
      { say: `${ANSWERING}<stream:features/>` },
      hears({ name: 'message', attributes: { id: '{id}-waking' }, has: [DELAYED] }),
      hears({ name: 'message', attributes: { id: '{id}-1' }, has: [{ name: 'body', text: 'Good morning' }, DELAYED] }),
      hears({ name: 'presence', has: [{ name: 'show', text: 'dnd' }, DELAYED] }),
      hears({ name: 'iq', attributes: { id: '{id}-2' }, lacks: [{ name: 'delay' }] }),
      { coreSays: message('{user}/desk', '{contact}', '{id}-3') },
      hears({ name: 'message', attributes: { id: '{id}-3' }, lacks: [{ name: 'delay' }] }),
    ],
  },
  {
    ...{ id: 'STZ-07/bounded', requirements: ['STZ-07', 'ERR-01'], role: 'initiating', phase: 'none' },
    title: `Of what waits for a partner that does not answer no more than allowed (${MOST} here) is kept, and no longer than allowed (${WAIT_MS / 1000} s here): the rest comes back at once, by resource-constraint, and what has waited by remote-server-timeout, each once.`,
    own: true,
    settings: { limits: { queueStanzas: MOST, partnerQueueStanzas: MOST, queueWait: `${WAIT_MS / 1000}s` } },
    ...NOBODY_ANSWERS,
    steps: [
      ...opensWays(OVER),
      ...range(OVER).map(waits),
      { coreHears: error('resource-constraint', true), withinMs: BACK_MS },
      ...comeBackOnce(OVER),
      { copiesOf: error('resource-constraint', true), at: 'core', times: OVER - MOST },
      { copiesOf: error('remote-server-timeout', true), at: 'core', times: MOST },
    ],
  },
  {
    ...{ id: 'STZ-07/bytes', requirements: ['STZ-07', 'ERR-01'], role: 'initiating', phase: 'none' },
    title: `Of what waits for a partner that does not answer no more bytes than allowed (${MOST_KIB} KiB here, each stanza with 512 besides) are kept: of ${MANY} messages of ${LARGE} bytes ${MANY - FIT} come back at once, by resource-constraint, and the others once they have waited, each once.`,
    own: true,
    settings: {
      limits: {
        ...{ stanzaBytes: '16KiB', queueBytes: `${MOST_KIB}KiB`, partnerQueueBytes: `${MOST_KIB}KiB` },
        queueWait: `${WAIT_MS / 1000}s`,
      },
    },
    ...NOBODY_ANSWERS,
    steps: [
      ...opensWays(MANY),
      ...range(MANY).map(waitsLarge),
      { coreHears: error('resource-constraint', true), withinMs: BACK_MS },
      ...comeBackOnce(MANY),
      { copiesOf: error('resource-constraint', true), at: 'core', times: MANY - FIT },
      { copiesOf: error('remote-server-timeout', true), at: 'core', times: FIT },
    ],
  },
  {
    ...{ id: 'STZ-03/unanswered', requirements: ['STZ-03', 'ERR-01'], role: 'receiving', phase: 'authenticated' },
    title:
      'A question that nobody answers in time is answered in their place, by remote-server-timeout, and what they answer later goes nowhere.',
    ...{ own: true, with: 'rooms', settings: { limits: { queueWait: '6s', iqAnswer: '8s' } } },
    steps: [
      { say: "<iq type='get' from='{contact}/desk' to='aurora@{us}' id='{id}'><query xmlns='urn:example:q'/></iq>" },
      { coreHears: { name: 'iq', attributes: { type: 'get', id: '{id}' } } },
      {
        comesBack: {
          ...{ name: 'iq', attributes: { type: 'error', id: '{id}', from: 'aurora@{us}', to: '{contact}/desk' } },
          has: [
            {
              ...{ name: 'error', attributes: { type: 'wait' } },
              has: [{ name: 'remote-server-timeout', ns: STANZA_ERRORS }],
            },
          ],
        },
        withinMs: 45_000,
      },
      { coreSays: "<iq type='result' from='aurora@{us}' to='{contact}/desk' id='{id}'/>" },
      { silence: 1500, at: 'back', of: { name: 'iq', attributes: { type: 'result' } } },
      { copiesOf: { name: 'iq', attributes: { id: '{id}' } }, at: 'back', times: 1 },
    ],
  },
  {
    ...{ id: 'MSG-04/burst', requirements: ['MSG-04'], role: 'receiving', phase: 'authenticated' },
    title:
      'Where a core that acknowledges what it gets (XEP-0198) is gone in the middle of a burst, with half of it received, each message has arrived or comes back, once; those alone that it got and did not acknowledge any more may do both.',
    own: true,
    steps: [
      said(burst('before')),
      { coreHears: { name: 'message', attributes: { id: `{id}-before-${BURST - 1}` } } },
      // What has arrived is acknowledged within this time.
      { silence: 500, at: 'back', of: errorOf('message', 'remote-server-timeout', `{id}-before-0`) },
      said(UNDER_WAY),
      { coreHears: { name: 'message', attributes: { id: UNDER_WAY[LONG_BURST / 2]! } } },
      { core: 'breaks' },
      said(burst('after')),
      { settles: [...burst('before'), ...UNDER_WAY, ...burst('after')], inDoubt: UNDER_WAY },
    ],
  },
]
