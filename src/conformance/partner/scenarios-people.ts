// The scenarios of people who know each other and talk: I-17 to I-21, and of requests those of `scenarios-requests.ts`. Each
// takes an account at the partner, and leaves its roster as it was.

import type { Pattern } from '../case.ts'
import { bothWays, comes, DONE, errors, passes, sets, setting, tells } from './making.ts'
import type { Scenario, Side, Step } from './scenario.ts'
import { PING, REQUESTS } from './scenarios-requests.ts'

const presence = (from: string, type: string | false, ...has: readonly Pattern[]): Pattern => ({
  ...{ name: 'presence', attributes: { from, type } },
  ...(has.length > 0 && { has }),
})

/** One of the words about subscriptions, which bear bare addresses. RFC 6121 §3 */
const word = (by: Side, type: string): readonly Step[] => {
  const [from, to] = by === 'ours' ? ['{ourBare}', '{theirBare}'] : ['{theirBare}', '{ourBare}']
  const said = by === 'ours' ? ` from='${from}'` : ''
  return passes(by, `<presence${said} to='${to}' type='${type}'/>`, presence(from, type))
}

/** Out of the roster of our account, however it is there. */
const REMOVAL = "<query xmlns='jabber:iq:roster'><item jid='{ourBare}' subscription='remove'/></query>"
const FORGET: Step = sets(REMOVAL, undefined, DONE, { name: 'iq', attributes: { type: 'error', id: '{id}' } })

const BEFRIEND: readonly Step[] = [
  FORGET,
  ...word('ours', 'subscribe'),
  ...word('theirs', 'subscribed'),
  comes('ours', presence('{theirs}', false)),
  ...word('theirs', 'subscribe'),
  ...word('ours', 'subscribed'),
]

const SHOWS = ['away', 'chat', 'dnd', 'xa']
const shown = (by: Side): readonly Step[] =>
  SHOWS.flatMap((show) => {
    const [from, addresses] = by === 'ours' ? ['{ours}', " from='{ours}' to='{theirBare}'"] : ['{theirs}', '']
    return passes(
      by,
      `<presence${addresses}><show>${show}</show><status>Now ${show}</status><priority>5</priority></presence>`,
      presence(from, false, { name: 'show', text: show }, { name: 'status', text: `Now ${show}` }),
    )
  })

const WORDS = 'Grüße, 世界, שלום, مرحبا, 👩🏽‍🚀 & <more> "words"'
const ESCAPED = WORDS.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const message = (from: string, ...has: readonly Pattern[]): Pattern => ({
  ...{ name: 'message', attributes: { from, id: '{id}' } },
  has,
})
/** The same of what was said before the last. */
const earlier = (pattern: Pattern): Pattern => ({ ...pattern, attributes: { ...pattern.attributes, id: '{asked}' } })
const BODY: Pattern = { name: 'body', text: WORDS }
const send = (from: string, to: string, content: string, type = 'chat'): string =>
  `<message type='${type}' from='${from}' to='${to}' id='{id}'>${content}</message>`

/** RFC 6121 §5.2.2: what has no type is a normal one. */
const TYPES = { chat: ['chat'], normal: ['normal', false], headline: ['headline'] } as const
const everything = (from: string, type: string | false): Pattern => ({
  ...{ name: 'message', attributes: { from, id: '{id}', type } },
  has: [
    ...[{ name: 'subject', text: 'About it' }, BODY, { name: 'thread', text: 'talk-{id}' }],
    { name: 'body', attributes: { 'xml:lang': 'de' }, text: 'Guten Tag' },
  ],
})
const kinds = bothWays((by, from, to) =>
  (['chat', 'normal', 'headline'] as const).flatMap((type) => [
    tells(
      by,
      send(
        ...([from, to] as const),
        `<subject>About it</subject><body>${ESCAPED}</body><body xml:lang='de'>Guten Tag</body><thread>talk-{id}</thread>`,
        type,
      ),
    ),
    comes(by === 'ours' ? 'theirs' : 'ours', ...TYPES[type].map((one) => everything(from, one))),
  ]),
)

/** What every server has to take, RFC 6120 §13.12: ten thousand octets, with what is around them. */
const LARGE = 'x'.repeat(9500)
const large = bothWays((by, from, to) =>
  passes(by, send(from, to, `<body>${LARGE}</body>`), message(from, { name: 'body', text: LARGE })),
)

const STATES = 'http://jabber.org/protocol/chatstates'
const RECEIPTS = 'urn:xmpp:receipts'
const CORRECTION = 'urn:xmpp:message-correct:0'
const notes = bothWays((by, from, to) => [
  ...passes(
    by,
    send(from, to, `<body>Read this</body><request xmlns='${RECEIPTS}'/><active xmlns='${STATES}'/>`),
    message(from, { name: 'request', ns: RECEIPTS }, { name: 'active', ns: STATES }),
  ),
  ...passes(
    by === 'ours' ? 'theirs' : 'ours',
    send(to, from, `<received xmlns='${RECEIPTS}' id='the-first'/>`),
    message(to, { name: 'received', ns: RECEIPTS, attributes: { id: 'the-first' } }),
  ),
  ...['composing', 'paused', 'inactive', 'gone'].flatMap((state) =>
    passes(by, send(from, to, `<${state} xmlns='${STATES}'/>`), message(from, { name: state, ns: STATES })),
  ),
  ...passes(
    by,
    send(from, to, `<body>Read that</body><replace xmlns='${CORRECTION}' id='the-first'/>`),
    message(from, { name: 'replace', ns: CORRECTION, attributes: { id: 'the-first' } }),
  ),
])

export const PEOPLE: readonly Scenario[] = [
  {
    id: 'I-17',
    title: 'Subscriptions each way: asked, granted, denied, cancelled, given up; also of somebody who is away',
    steps: [],
    withAccount: [
      FORGET,
      ...word('ours', 'subscribe'),
      ...word('theirs', 'subscribed'),
      comes('ours', presence('{theirs}', false)),
      ...word('theirs', 'unsubscribed'),
      ...word('ours', 'subscribe'),
      ...word('theirs', 'unsubscribed'),
      ...word('theirs', 'subscribe'),
      ...word('ours', 'subscribed'),
      ...passes('ours', "<presence from='{ours}' to='{theirBare}'/>", presence('{ours}', false)),
      ...word('ours', 'unsubscribed'),
      ...word('theirs', 'subscribe'),
      ...word('ours', 'unsubscribed'),
      ...word('theirs', 'subscribe'),
      ...word('ours', 'subscribed'),
      ...word('theirs', 'unsubscribe'),
      { account: 'leaves' },
      tells('ours', "<presence from='{ourBare}' to='{theirBare}' type='subscribe'/>"),
      PING,
      { account: 'returns' },
      comes('theirs', presence('{ourBare}', 'subscribe')),
      ...word('theirs', 'subscribed'),
      ...word('ours', 'unsubscribe'),
    ],
    after: setting(REMOVAL),
  },
  {
    id: 'I-18',
    title: 'Presence in all its states, a log-out, and a connection that is lost',
    steps: [],
    withAccount: [
      ...BEFRIEND,
      ...shown('theirs'),
      ...shown('ours'),
      { account: 'leaves' },
      comes('ours', presence('{theirs}', 'unavailable')),
      { account: 'returns' },
      comes('ours', presence('{theirs}', false)),
      { account: 'breaks off' },
      comes('ours', presence('{theirs}', 'unavailable')),
      { account: 'returns' },
      comes('ours', presence('{theirs}', false)),
      ...passes(
        'ours',
        "<presence from='{ours}' to='{theirBare}' type='unavailable'/>",
        presence('{ours}', 'unavailable'),
      ),
    ],
    after: setting(REMOVAL),
  },
  {
    id: 'I-19',
    title: 'Probes of presence',
    steps: [],
    withAccount: [
      ...BEFRIEND,
      tells('ours', "<presence from='{ourBare}' to='{theirBare}' type='probe'/>"),
      comes('ours', presence('{theirs}', false)),
      { account: 'leaves' },
      comes('ours', presence('{theirs}', 'unavailable')),
      { account: 'returns' },
      // RFC 6121 §4.3.1: for those whom it sees, a server asks in the name of whoever comes.
      comes('ours', { name: 'presence', attributes: { type: 'probe', to: '{ourBare}' } }),
      ...passes('ours', "<presence from='{ours}' to='{theirBare}'/>", presence('{ours}', false)),
      FORGET,
      // What its server has said before is here once this is answered.
      PING,
      tells('ours', "<presence from='{ourBare}' to='{theirBare}' type='probe'/>"),
      { to: 'ours', stays: presence('{theirs}', false), forMs: 2000 },
    ],
    after: setting(REMOVAL),
  },
  {
    id: 'I-20',
    title: 'Messages of all kinds, in many scripts and languages, of 10 kB, and to somebody who is away',
    steps: [],
    withAccount: [
      ...kinds,
      ...large,
      // RFC 7622 §3.3: local parts are the same in either case.
      ...passes('ours', send('{ours}', '{theirUpper}', `<body>${ESCAPED}</body>`), message('{ours}', BODY)),
      { account: 'leaves' },
      tells('ours', send('{ours}', '{theirBare}', '<body>While you were away</body>')),
      // Once it is answered, what was said before is there: stanzas keep their order. RFC 6120 §10.1
      PING,
      { account: 'returns' },
      // RFC 6121 §8.5.2.2.1: kept, or given back.
      {
        to: 'theirs',
        comes: [earlier(message('{ours}', { name: 'body', text: 'While you were away' }))],
        or: errors('message', '{theirBare}', 'service-unavailable', 'recipient-unavailable').map(earlier),
      },
    ],
    without: 'The largest size: a partner does not say what it takes.',
  },
  { id: 'I-21', title: 'Receipts, chat states and corrections, each way', steps: [], withAccount: notes },
  ...REQUESTS,
]
