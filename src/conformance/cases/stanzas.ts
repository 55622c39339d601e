// Stanzas that cross (STZ, ERR, MSG, LBL): both ways, as they were, or refused by the conditions of RFC 6120 §8.

import type { Pattern, Step, TestCase } from '../case.ts'
import { NAMESPACES } from '../namespaces.ts'
import { errorOf } from './making.ts'

const { STANZA_ERRORS } = NAMESPACES

/** What the peer says and how it must reach the core, and the same the other way round. */
function bothWays(
  id: string,
  requirements: readonly string[],
  title: string,
  stanza: (from: string, to: string) => string,
  arrives: (from: string, to: string) => Pattern,
): readonly TestCase[] {
  const [contact, user] = ['{contact}/desk', '{user}'] as const
  const [ours, theirs] = ['{user}/desk', '{contact}'] as const
  return [
    {
      ...{ id: `${id}/in`, requirements, role: 'receiving', phase: 'authenticated' },
      title: `Inbound: ${title}`,
      steps: [{ say: stanza(contact, user) }, { coreHears: arrives(contact, user) }],
    },
    {
      ...{ id: `${id}/out`, requirements, role: 'initiating', phase: 'authenticated' },
      title: `Outbound: ${title}`,
      steps: [{ coreSays: stanza(ours, theirs) }, { hear: { kind: 'element', like: arrives(ours, theirs) } }],
    },
  ]
}

const TYPES = ['normal', 'chat', 'headline', 'groupchat'] as const

const typed = TYPES.flatMap((type) =>
  bothWays(
    `MSG-01/${type}`,
    ['MSG-01', 'STZ-01', 'STZ-02'],
    `a message of type ${type} keeps its type, id, language and addresses.`,
    (from, to) =>
      `<message type='${type}' from='${from}' to='${to}' id='{id}' xml:lang='de'><body>Guten Morgen</body></message>`,
    (from, to) => ({
      name: 'message',
      attributes: { type, from, to, id: '{id}', 'xml:lang': 'de' },
      has: [{ name: 'body', text: 'Guten Morgen' }],
    }),
  ),
)

const LABEL =
  "<securitylabel xmlns='urn:xmpp:sec-label:0'><displaymarking fgcolor='black' bgcolor='red'>SECRET</displaymarking><label><esssecuritylabel xmlns='urn:xmpp:sec-label:ess:0'>MQYCAQQGASk=</esssecuritylabel></label></securitylabel>"

/** NATO STANAG 4774 and 4778 (ADatP-4774, ADatP-4778). */
const SLAB = 'urn:nato:stanag:4774:confidentialitymetadatalabel:1:0'
const BINDING = 'urn:nato:stanag:4778:bindinginformation:1:0'
const NATO_LABEL = `<securitylabel xmlns='urn:xmpp:sec-label:0'><label><mb:BindingInformation xmlns:mb='${BINDING}'><mb:MetadataBindingContainer><mb:MetadataBinding><mb:Metadata><s:originatorConfidentialityLabel xmlns:s='${SLAB}'><s:ConfidentialityInformation><s:PolicyIdentifier URI='urn:example:policy'>ATLANTIS</s:PolicyIdentifier><s:Classification>RESTRICTED</s:Classification></s:ConfidentialityInformation></s:originatorConfidentialityLabel></mb:Metadata><mb:DataReference URI=''/></mb:MetadataBinding></mb:MetadataBindingContainer></mb:BindingInformation></label></securitylabel>`

const inside = (has: Pattern, ...path: readonly (readonly [name: string, ns: string])[]): Pattern =>
  path.reduceRight<Pattern>((inner, [name, ns]) => ({ name, ns, has: [inner] }), has)

const NATO_LABEL_ARRIVES: Pattern = inside(
  {
    ...{ name: 'ConfidentialityInformation', ns: SLAB },
    has: [
      { name: 'PolicyIdentifier', ns: SLAB, attributes: { URI: 'urn:example:policy' }, text: 'ATLANTIS' },
      { name: 'Classification', ns: SLAB, text: 'RESTRICTED' },
    ],
  },
  ...([
    ['securitylabel', 'urn:xmpp:sec-label:0'],
    ['label', 'urn:xmpp:sec-label:0'],
    ['BindingInformation', BINDING],
    ['MetadataBindingContainer', BINDING],
    ['MetadataBinding', BINDING],
    ['Metadata', BINDING],
    ['originatorConfidentialityLabel', SLAB],
  ] as const),
)

const peerSays = (id: string, requirements: readonly string[], title: string, ...steps: readonly Step[]): TestCase => ({
  ...{ id, requirements, title, steps, role: 'receiving', phase: 'authenticated' },
})

export const STANZAS: readonly TestCase[] = [
  ...typed,
  ...bothWays(
    'MSG-02/languages',
    ['MSG-02'],
    'bodies in several languages, subject and thread with its parent cross.',
    (from, to) =>
      `<message type='chat' from='${from}' to='${to}' id='{id}'><subject>Lunch</subject><body>Hello</body><body xml:lang='fr'>Bonjour</body><thread parent='t1'>t2</thread></message>`,
    (from, to) => ({
      name: 'message',
      attributes: { from, to },
      has: [
        { name: 'subject', text: 'Lunch' },
        { name: 'body', text: 'Hello', attributes: { 'xml:lang': false } },
        { name: 'body', text: 'Bonjour', attributes: { 'xml:lang': 'fr' } },
        { name: 'thread', text: 't2', attributes: { parent: 't1' } },
      ],
    }),
  ),
  ...bothWays(
    'MSG-03/unicode',
    ['MSG-03'],
    'the whole repertoire of Unicode crosses, and nothing of it is composed anew.',
    (from, to) =>
      `<message type='chat' from='${from}' to='${to}' id='{id}'><body>e\u0301 \u{1F468}\u200D\u{1F469}\u200D\u{1F467} שלום 𠀋</body></message>`,
    (from, to) => ({
      name: 'message',
      attributes: { from, to },
      has: [{ name: 'body', text: 'e\u0301 \u{1F468}\u200D\u{1F469}\u200D\u{1F467} שלום 𠀋' }],
    }),
  ),
  ...bothWays(
    'MSG-06/receipts',
    ['MSG-06'],
    'a request for a receipt crosses (XEP-0184).',
    (from, to) =>
      `<message type='chat' from='${from}' to='${to}' id='{id}'><body>Read?</body><request xmlns='urn:xmpp:receipts'/></message>`,
    (from, to) => ({ name: 'message', attributes: { from, to }, has: [{ name: 'request', ns: 'urn:xmpp:receipts' }] }),
  ),
  ...bothWays(
    'LBL-01/label',
    ['LBL-01', 'LBL-05'],
    'a security label and its marking cross as they are (XEP-0258).',
    (from, to) => `<message type='chat' from='${from}' to='${to}' id='{id}'><body>Labelled</body>${LABEL}</message>`,
    (from, to) => ({
      name: 'message',
      attributes: { from, to },
      has: [
        {
          name: 'securitylabel',
          ns: 'urn:xmpp:sec-label:0',
          has: [
            { name: 'displaymarking', text: 'SECRET', attributes: { fgcolor: 'black', bgcolor: 'red' } },
            { name: 'label', has: [{ name: 'esssecuritylabel', text: 'MQYCAQQGASk=' }] },
          ],
        },
      ],
    }),
  ),
  ...bothWays(
    'STZ-04/unknown',
    ['STZ-04'],
    'a payload that the gateway does not know crosses as it is.',
    (from, to) =>
      `<message type='chat' from='${from}' to='${to}' id='{id}'><x:thing xmlns:x='urn:example:unknown' x:a='1'>t<x:in/></x:thing></message>`,
    (from, to) => ({
      name: 'message',
      attributes: { from, to },
      has: [{ name: 'thing', ns: 'urn:example:unknown', text: 't', has: [{ name: 'in', ns: 'urn:example:unknown' }] }],
    }),
  ),
  ...bothWays(
    'LBL-05/nato',
    ['LBL-05'],
    'a label in XML of NATO (ADatP-4774), bound as by ADatP-4778, crosses as it is.',
    (from, to) =>
      `<message type='chat' from='${from}' to='${to}' id='{id}'><body>Labelled</body>${NATO_LABEL}</message>`,
    (from, to) => ({ name: 'message', attributes: { from, to }, has: [NATO_LABEL_ARRIVES] }),
  ),
  ...bothWays(
    'MSG-08/stamp',
    ['MSG-08'],
    'a time stamp (XEP-0203) in the form of XEP-0082 crosses as it is, and none is added.',
    (from, to) =>
      `<message type='chat' from='${from}' to='${to}' id='{id}'><body>Late</body><delay xmlns='urn:xmpp:delay' from='{us}' stamp='2026-01-02T03:04:05.678Z'/></message>`,
    (from, to) => ({
      ...{ name: 'message', attributes: { from, to } },
      has: [{ name: 'delay', ns: 'urn:xmpp:delay', attributes: { stamp: '2026-01-02T03:04:05.678Z' } }],
    }),
  ),
  peerSays(
    'MSG-08/none-added',
    ['MSG-08'],
    'To what has none the gateway adds no time stamp.',
    { say: "<message type='chat' from='{contact}/desk' to='{user}' id='{id}'><body>Now</body></message>" },
    { coreHears: { name: 'message', attributes: { id: '{id}' }, lacks: [{ name: 'delay' }, { name: 'x' }] } },
  ),
  ...Object.entries({
    'bad-request': ["<iq type='get' from='{contact}/desk' to='{user}' id='{id}'/>", 'iq', '{user}', 'modify'],
    'jid-malformed': [
      "<message type='chat' from='{contact}/desk' to='a b@{us}' id='{id}'><body>Nobody</body></message>",
      // Nothing comes from an address that is none.
      ...['message', '{us}', 'modify'],
    ],
  } as const).map(([condition, [stanza, name, to, type]]) =>
    peerSays(
      `ERR-01/swapped-${condition}`,
      ['ERR-01'],
      `An error (${condition}) comes from whom the stanza was for, to whom it came from, with its id and the type of the condition.`,
      { say: stanza },
      {
        comesBack: {
          ...{ name, attributes: { type: 'error', id: '{id}', from: to, to: '{contact}/desk' } },
          has: [{ name: 'error', attributes: { type }, has: [{ name: condition, ns: STANZA_ERRORS }] }],
        },
      },
    ),
  ),
  peerSays(
    'STR-22/root-prefix',
    ['STR-22', 'STR-21'],
    'A prefix that was declared on the header reaches the core with its namespace.',
    {
      say: "<message type='chat' from='{contact}/desk' to='{user}' id='{id}'><db:thing>of the root</db:thing></message>",
    },
    {
      coreHears: {
        name: 'message',
        attributes: { id: '{id}' },
        has: [{ name: 'thing', ns: 'jabber:server:dialback', text: 'of the root' }],
      },
    },
  ),
  peerSays(
    'STZ-03/no-child',
    ['STZ-03', 'ERR-01'],
    'A question without a payload comes back with bad-request.',
    { say: "<iq type='get' from='{contact}/desk' to='{user}' id='{id}'/>" },
    { comesBack: errorOf('iq', 'bad-request') },
  ),
  peerSays(
    'STZ-03/two-children',
    ['STZ-03', 'ERR-01'],
    'A question with two payloads comes back with bad-request.',
    {
      say: "<iq type='get' from='{contact}/desk' to='{user}' id='{id}'><a xmlns='urn:example:a'/><b xmlns='urn:example:b'/></iq>",
    },
    { comesBack: errorOf('iq', 'bad-request') },
  ),
  peerSays(
    'STZ-05/our-domain',
    ['STZ-05', 'ERR-01'],
    'A question to our domain that nobody there understands comes back with service-unavailable.',
    { say: "<iq type='get' from='{contact}/desk' to='{us}' id='{id}'><query xmlns='urn:example:unknown'/></iq>" },
    { comesBack: errorOf('iq', 'service-unavailable') },
  ),
  {
    id: 'STZ-08/third-party',
    requirements: ['STZ-08'],
    title:
      'Who sends something for a third domain, be it admitted, ends the stream, and it reaches neither that nor the core.',
    role: 'receiving',
    phase: 'authenticated',
    entry: { alsoKnownAs: ['*.{peer}'] },
    steps: [
      {
        say: "<message type='chat' from='{contact}/desk' to='carol@third.{peer}' id='{id}'><body>Pass it on</body></message>",
      },
      { hear: { kind: 'stream-error', condition: 'host-unknown' } },
      { silence: 1500, at: 'back', of: { name: 'message' } },
      { silence: 10, at: 'core', of: { name: 'message' } },
    ],
  },
  peerSays(
    'STZ-12/acknowledgement',
    ['STZ-12'],
    'What is neither message nor presence nor question ends the stream, and is not passed on to the core.',
    { say: "<r xmlns='urn:xmpp:sm:3'/>" },
    { hear: { kind: 'stream-error', condition: 'invalid-xml' } },
    { silence: 200, at: 'core' },
  ),
  peerSays(
    'ERR-03/error-to-error',
    ['ERR-03', 'STZ-03'],
    'An error is never answered.',
    {
      say: `<message type='error' from='{contact}/desk' to='nobody@{us}' id='{id}'><error type='cancel'><service-unavailable xmlns='${STANZA_ERRORS}'/></error></message>`,
    },
    { silence: 1000, at: 'back', of: { name: 'message' } },
  ),
  peerSays(
    'JID-05/malformed',
    ['JID-05', 'ERR-01'],
    'A malformed address is refused and goes nowhere.',
    { say: "<message type='chat' from='{contact}/desk' to='a b@{us}' id='{id}'><body>Nobody</body></message>" },
    { comesBack: errorOf('message', 'jid-malformed') },
    { silence: 200, at: 'core', of: { name: 'message' } },
  ),
  {
    id: 'JID-09/foreign-from',
    requirements: ['JID-09', 'AUD-06'],
    title:
      'What the core says in the name of a domain that is not ours goes nowhere, ends its stream, and is logged with who said it.',
    role: 'initiating',
    phase: 'authenticated',
    steps: [
      {
        coreSays:
          "<message type='chat' from='alice@third.example/desk' to='{contact}' id='{id}'><body>Not me</body></message>",
      },
      {
        logs: {
          ...{ event: 'stanza.closed', rule: 'sender-proven', direction: 'outbound', condition: 'invalid-from' },
          ...{ from: 'alice@third.example/desk', to: '{contact}', reference: true, ip: true },
        },
      },
      { logs: { event: 'stream.closed', leg: 'core', condition: 'invalid-from', by: 'us' } },
      { silence: 500, at: 'peer', of: { name: 'message' } },
    ],
  },
  {
    id: 'ERR-05/not-admitted',
    requirements: ['ERR-05', 'GWY-05', 'SAS-17'],
    title: 'What is for a domain that is not admitted comes back to the user with not-allowed.',
    role: 'initiating',
    phase: 'authenticated',
    steps: [
      {
        coreSays:
          "<message type='chat' from='{user}/desk' to='bob@stranger.example' id='{id}'><body>Hello?</body></message>",
      },
      { coreHears: errorOf('message', 'not-allowed') },
    ],
  },
  ...bothWays(
    'SUB-02/subscribe',
    ['SUB-02', 'SUB-03'],
    'a request for a subscription crosses with what stands in it.',
    (from, to) =>
      `<presence type='subscribe' from='${from.replace('/desk', '')}' to='${to}' id='{id}'><nick xmlns='http://jabber.org/protocol/nick'>Al</nick></presence>`,
    (from, to) => ({
      name: 'presence',
      attributes: { type: 'subscribe', from: from.replace('/desk', ''), to },
      has: [{ name: 'nick', text: 'Al' }],
    }),
  ),
  ...bothWays(
    'PRS-03/shows',
    ['PRS-03', 'PRS-06'],
    'presence crosses with its show, status and priority.',
    (from, to) =>
      `<presence from='${from}' to='${to}'><show>dnd</show><status>In a meeting</status><priority>-128</priority></presence>`,
    (from, to) => ({
      name: 'presence',
      attributes: { from, to, type: false },
      has: [
        { name: 'show', text: 'dnd' },
        { name: 'status', text: 'In a meeting' },
        { name: 'priority', text: '-128' },
      ],
    }),
  ),
]
