// What a gateway passes on for both sides and does not answer itself (STZ, ERR, MSG, LBL, GWY, JID). RFC 6120 §8, RFC 6121 §8.5

import type { Pattern, Step, TestCase } from '../case.ts'
import { NAMESPACES } from '../namespaces.ts'
import { errorOf } from './making.ts'

const { STANZA_ERRORS } = NAMESPACES

const peerSays = (id: string, requirements: readonly string[], title: string, ...steps: readonly Step[]): TestCase => ({
  ...{ id, requirements, title, steps, role: 'receiving', phase: 'authenticated' },
})

/** RFC 6120 §8.3.3 */
const CONDITIONS = [
  ...['bad-request', 'conflict', 'feature-not-implemented', 'forbidden', 'gone', 'internal-server-error'],
  ...['item-not-found', 'jid-malformed', 'not-acceptable', 'not-allowed', 'not-authorized', 'policy-violation'],
  ...['recipient-unavailable', 'redirect', 'registration-required', 'remote-server-not-found', 'remote-server-timeout'],
  ...['resource-constraint', 'service-unavailable', 'subscription-required', 'undefined-condition'],
  'unexpected-request',
] as const

const errorStanza = (from: string, to: string, condition: string): string =>
  `<message type='error' from='${from}' to='${to}' id='{id}-${condition}'><error type='cancel'><${condition} xmlns='${STANZA_ERRORS}'/></error></message>`
const errorArrives = (condition: string): Pattern => errorOf('message', condition, `{id}-${condition}`)

const NUMBERED = 500
const numbered = (from: string, to: string, n: number): string =>
  `<message type='chat' from='${from}' to='${to}' id='{id}-${n}'><body>${n}</body></message>`
const inOrder = Array.from({ length: NUMBERED }, (_, n): Pattern => ({
  name: 'message',
  attributes: { id: `{id}-${n}` },
  has: [{ name: 'body', text: `${n}` }],
}))

const BOUND =
  "<securitylabel xmlns='urn:xmpp:sec-label:0'><label><bdo:BindingInformation xmlns:bdo='urn:nato:stanag:4778:bindinginformation:1:0'><bdo:MetadataBinding><bdo:DataReference URI='#xpointer(/jabber:server:message/jabber:server:body)'/></bdo:MetadataBinding></bdo:BindingInformation></label></securitylabel>"
const BOUND_ARRIVES: Pattern = {
  ...{ name: 'securitylabel', ns: 'urn:xmpp:sec-label:0' },
  has: [
    {
      name: 'label',
      has: [
        {
          ...{ name: 'BindingInformation', ns: 'urn:nato:stanag:4778:bindinginformation:1:0' },
          has: [
            {
              name: 'MetadataBinding',
              has: [
                {
                  name: 'DataReference',
                  attributes: { URI: '#xpointer(/jabber:server:message/jabber:server:body)' },
                },
              ],
            },
          ],
        },
      ],
    },
  ],
}
const bound = (from: string, to: string): string =>
  `<message type='chat' from='${from}' to='${to}' id='{id}'><body>Bound</body>${BOUND}</message>`
const boundArrives: Pattern = { name: 'message', has: [{ name: 'body', text: 'Bound' }, BOUND_ARRIVES] }

const ESCAPED = 'o\\27neil\\20d\\40x'

export const PASSING: readonly TestCase[] = [
  peerSays(
    'ERR-02/in',
    ['ERR-02'],
    'Each condition that a partner may name reaches the core as it is.',
    ...CONDITIONS.map((condition): Step => ({ say: errorStanza('{contact}', '{user}', condition) })),
    { inOrder: CONDITIONS.map(errorArrives), at: 'core' },
  ),
  {
    ...{ id: 'ERR-02/out', requirements: ['ERR-02'], role: 'initiating', phase: 'authenticated' },
    title: 'Each condition that the core may name reaches the partner as it is.',
    steps: [
      ...CONDITIONS.map((condition): Step => ({ coreSays: errorStanza('{user}', '{contact}', condition) })),
      ...CONDITIONS.map((condition): Step => ({ hear: { kind: 'element', like: errorArrives(condition) } })),
    ],
  },
  peerSays(
    'ERR-06/label',
    ['ERR-06'],
    'What is refused comes back without its label, and without what rules say.',
    {
      say: "<message type='chat' from='{contact}/desk' to='a b@{us}' id='{id}'><body>Labelled</body><securitylabel xmlns='urn:xmpp:sec-label:0'><displaymarking>SECRET</displaymarking></securitylabel></message>",
    },
    { comesBack: { ...errorOf('message', 'jid-malformed'), lacks: [{ name: 'securitylabel' }] } },
    { neverSaid: ['securitylabel', 'SECRET', 'well-formed', 'SP-'] },
  ),
  peerSays(
    'STZ-06/in',
    ['STZ-06'],
    'What one says to another arrives in its order.',
    ...Array.from({ length: NUMBERED }, (_, n): Step => ({ say: numbered('{contact}/desk', '{user}', n) })),
    { inOrder, at: 'core', withinMs: 60_000 },
  ),
  {
    ...{ id: 'STZ-06/out', requirements: ['STZ-06'], role: 'initiating', phase: 'authenticated' },
    title: 'What one of ours says to one of theirs arrives in its order.',
    steps: [
      ...inOrder.map((_, n): Step => ({ coreSays: numbered('{user}/desk', '{contact}', n) })),
      ...inOrder.map((like): Step => ({ hear: { kind: 'element', like }, withinMs: 15_000 })),
    ],
  },
  peerSays(
    'STZ-10/groupchat',
    ['STZ-10'],
    'What the core answers for a user who is away goes back as it is, and nothing besides.',
    { say: "<message type='groupchat' from='{contact}/desk' to='{user}' id='{id}'><body>All</body></message>" },
    { coreHears: { name: 'message', attributes: { type: 'groupchat', id: '{id}' } } },
    {
      coreSays: `<message type='error' from='{user}' to='{contact}/desk' id='{id}'><error type='cancel'><service-unavailable xmlns='${STANZA_ERRORS}'/></error></message>`,
    },
    { comesBack: errorOf('message', 'service-unavailable') },
  ),
  peerSays(
    'STZ-10/headline',
    ['STZ-10'],
    'Where the core says nothing to a headline, nobody does.',
    { say: "<message type='headline' from='{contact}/desk' to='{user}' id='{id}'><body>News</body></message>" },
    { coreHears: { name: 'message', attributes: { type: 'headline', id: '{id}' } } },
    { silence: 1500, at: 'back', of: { name: 'message' } },
  ),
  peerSays(
    'STZ-10/question',
    ['STZ-10', 'STZ-11'],
    'A question to a user is answered by the core.',
    { say: "<iq type='get' from='{contact}/desk' to='{user}' id='{id}'><vCard xmlns='vcard-temp'/></iq>" },
    { coreHears: { name: 'iq', attributes: { type: 'get', id: '{id}' } } },
    {
      comesBack: { name: 'iq', attributes: { type: 'result', id: '{id}' }, has: [{ name: 'vCard', ns: 'vcard-temp' }] },
    },
  ),
  peerSays(
    'STZ-11/gone',
    ['STZ-11'],
    'What is for a client that is not there is answered by the core alone: questions by an error, presence by nothing.',
    { say: "<iq type='get' from='{contact}/desk' to='{user}/gone' id='{id}'><q xmlns='urn:example:q'/></iq>" },
    { coreHears: { name: 'iq', attributes: { to: '{user}/gone', id: '{id}' } } },
    { comesBack: errorOf('iq', 'service-unavailable') },
    { say: "<presence from='{contact}/desk' to='{user}/gone'/>" },
    { coreHears: { name: 'presence', attributes: { to: '{user}/gone' } } },
    { silence: 500, at: 'back', of: { name: 'presence' } },
  ),
  peerSays(
    'GWY-03/about-us',
    ['GWY-03'],
    'Who asks what our domain is hears what the core says, unchanged: a server (here the core of the laboratory, which is one).',
    {
      say: "<iq type='get' from='{contact}/desk' to='{us}' id='{id}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
    },
    {
      comesBack: {
        ...{ name: 'iq', attributes: { type: 'result', id: '{id}', from: '{us}' } },
        has: [{ name: 'query', has: [{ name: 'identity', attributes: { category: 'server', type: 'im' } }] }],
      },
    },
  ),
  peerSays(
    'GWY-03/services',
    ['GWY-03'],
    'Who asks our domain for its services hears those that the core has, and can ask them in turn.',
    {
      say: "<iq type='get' from='{contact}/desk' to='{us}' id='{id}'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>",
    },
    {
      comesBack: {
        ...{ name: 'iq', attributes: { type: 'result', id: '{id}', from: '{us}' } },
        has: [{ name: 'query', has: [{ name: 'item', attributes: { jid: '{rooms}' } }] }],
      },
    },
    {
      say: "<iq type='get' from='{contact}/desk' to='{rooms}' id='{id}-2'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
    },
    { coreHears: { name: 'iq', attributes: { type: 'get', id: '{id}-2', to: '{rooms}' } } },
  ),
  ...(
    [
      ['ping', 'urn:xmpp:ping', 'ping', 'result'],
      ['version', 'jabber:iq:version', 'query', 'error'],
      ['time', 'urn:xmpp:time', 'time', 'error'],
      ['last', 'jabber:iq:last', 'query', 'error'],
    ] as const
  ).map(([id, ns, name, type]) =>
    peerSays(
      `GWY-04/${id}`,
      ['GWY-04'],
      `A question to our domain (${ns}) is answered by the core, and by nobody twice.`,
      { say: `<iq type='get' from='{contact}/desk' to='{us}' id='{id}'><${name} xmlns='${ns}'/></iq>` },
      { coreHears: { name: 'iq', attributes: { id: '{id}' }, has: [{ name, ns }] } },
      type === 'result'
        ? { comesBack: { name: 'iq', attributes: { type, id: '{id}', from: '{us}' } } }
        : { comesBack: errorOf('iq', 'service-unavailable') },
    ),
  ),
  {
    ...{ id: 'GWY-15/to-ourselves', requirements: ['GWY-15'], role: 'initiating', phase: 'authenticated' },
    title: 'What the core sends out for a domain of ours comes back to it as an error, and goes round in no circle.',
    steps: [
      {
        coreSays: "<message type='chat' from='{user}/desk' to='aurora@{rooms}' id='{id}'><body>Round</body></message>",
        by: '{peer}',
      },
      { coreHears: errorOf('message', 'remote-server-not-found') },
      { silence: 300, at: 'core', of: { name: 'message', attributes: { type: 'chat' } } },
    ],
  },
  peerSays(
    'GWY-15/in-our-name',
    ['GWY-15'],
    'What comes in from outside in our own name ends the stream.',
    { say: "<message type='chat' from='{user}/desk' to='{user}' id='{id}'><body>Round</body></message>" },
    { hear: { kind: 'stream-error', condition: 'invalid-from' } },
    { silence: 300, at: 'core', of: { name: 'message' } },
  ),
  peerSays(
    'LBL-06/bound-in',
    ['LBL-06'],
    'A binding that names its message by namespace reaches the core as it is.',
    { say: bound('{contact}/desk', '{user}') },
    { coreHears: boundArrives },
  ),
  {
    ...{ id: 'LBL-06/bound-out', requirements: ['LBL-06'], role: 'initiating', phase: 'authenticated' },
    title: 'A binding reaches the partner as it is, in a message of the namespace that it names.',
    steps: [
      { coreSays: bound('{user}/desk', '{contact}') },
      { hear: { kind: 'element', like: { ...boundArrives, ns: 'jabber:server' } } },
    ],
  },
  peerSays(
    'JID-07/escaped',
    ['JID-07'],
    'Escaped addresses (XEP-0106) cross as they are, both as whom it is for and whom it is from.',
    {
      say: `<message type='chat' from='${ESCAPED}@{peer}/desk' to='${ESCAPED}@{us}' id='{id}'><body>Escaped</body></message>`,
    },
    { coreHears: { name: 'message', attributes: { from: `${ESCAPED}@{peer}/desk`, to: `${ESCAPED}@{us}` } } },
    {
      coreSays: `<message type='chat' from='${ESCAPED}@{us}/desk' to='${ESCAPED}@{peer}' id='{id}-2'><body>Escaped</body></message>`,
    },
    { comesBack: { name: 'message', attributes: { from: `${ESCAPED}@{us}/desk`, to: `${ESCAPED}@{peer}` } } },
  ),
]
