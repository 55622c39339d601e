// Streams that go both ways or are acknowledged (XEP-0288, XEP-0198), one stream for many, and addresses (JID). RFC 7622

import type { Step, TestCase } from '../case.ts'
import { CHAT, errorOf, EXTERNAL, OPENING, STARTTLS, STARTTLS_REQUIRED } from './making.ts'

const AUTH: readonly Step[] = [
  { say: "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>" },
  { hear: { kind: 'element', like: { name: 'success' } } },
  { restart: true },
  { say: OPENING },
  { hear: { kind: 'header' } },
]
const ANSWER = "<message type='chat' from='{user}/desk' to='{contact}/desk' id='{id}-2'><body>Good day</body></message>"
const arrives: Step = { coreHears: { name: 'message', attributes: { id: '{id}' } } }

const peerSays = (id: string, requirements: readonly string[], title: string, ...steps: readonly Step[]): TestCase => ({
  ...{ id, requirements, title, steps, role: 'receiving', phase: 'authenticated' },
})

const to = (address: string): Step => ({ say: CHAT.replace('{user}', address) })
const refused: readonly Step[] = [
  { comesBack: errorOf('message', 'jid-malformed') },
  { silence: 200, at: 'core', of: { name: 'message' } },
]
/** Forbidden in a local part. RFC 7622 §3.3.1 */
const FORBIDDEN = {
  quote: '&quot;',
  ampersand: '&amp;',
  apostrophe: '&apos;',
  colon: ':',
  less: '&lt;',
  greater: '&gt;',
}

export const FURTHER: readonly TestCase[] = [
  {
    id: 'STR-11/both-ways',
    requirements: ['STR-11'],
    title: 'Where the peer wants a stream to go both ways, what the core answers comes by it, once the name is proven.',
    role: 'receiving',
    phase: 'secured',
    steps: [
      { say: OPENING },
      { hear: { kind: 'header' } },
      { hear: { kind: 'features', with: [{ name: 'bidi', ns: 'urn:xmpp:features:bidi' }] } },
      { say: "<bidi xmlns='urn:xmpp:bidi'/>" },
      { coreSays: ANSWER.replace("'{id}-2'", "'{id}-1'") },
      { silence: 1000, at: 'peer', of: { name: 'message' } },
      ...AUTH,
      { hear: { kind: 'features' } },
      { say: CHAT },
      arrives,
      { coreSays: ANSWER },
      { hear: { kind: 'element', like: { name: 'message', attributes: { from: '{user}/desk' } } }, withinMs: 10_000 },
    ],
  },
  {
    id: 'STR-24/acknowledged',
    requirements: ['STR-24'],
    title: 'A peer that wants stanzas acknowledged is told how many have arrived.',
    role: 'receiving',
    phase: 'offered',
    steps: [
      ...AUTH,
      { hear: { kind: 'features', with: [{ name: 'sm', ns: 'urn:xmpp:sm:3' }], without: [{ name: 'compression' }] } },
      { say: "<enable xmlns='urn:xmpp:sm:3'/>" },
      { hear: { kind: 'element', like: { name: 'enabled', ns: 'urn:xmpp:sm:3' } } },
      { say: CHAT },
      arrives,
      { say: "<r xmlns='urn:xmpp:sm:3'/>" },
      { hear: { kind: 'element', like: { name: 'a', ns: 'urn:xmpp:sm:3', attributes: { h: '1' } } } },
    ],
  },
  {
    id: 'STR-25/no-compression',
    requirements: ['STR-25'],
    title: 'Compression of streams is offered at no stage.',
    role: 'receiving',
    phase: 'connected',
    steps: [
      { say: OPENING },
      { hear: { kind: 'header' } },
      { hear: { kind: 'features', with: [STARTTLS_REQUIRED], without: [{ name: 'compression' }] } },
      { say: STARTTLS },
      { hear: { kind: 'element', like: { name: 'proceed' } } },
      { tls: 'TLSv1.3' },
      { say: OPENING },
      { hear: { kind: 'header' } },
      { hear: { kind: 'features', with: [EXTERNAL], without: [{ name: 'compression' }] } },
      ...AUTH,
      { hear: { kind: 'features', without: [{ name: 'compression' }] } },
    ],
  },
  {
    id: 'STZ-07/one-stream',
    requirements: ['STZ-07'],
    title: 'What many say to a partner at once goes by one stream.',
    role: 'initiating',
    phase: 'none',
    steps: [
      ...Array.from({ length: 8 }, (_, n): Step => ({ coreSays: ANSWER.replace("'{id}-2'", `'{id}-${n}'`) })),
      { arrives: 'first' },
      { nobodyArrives: 2000 },
    ],
  },
  peerSays(
    'JID-01/longest',
    ['JID-01'],
    'An address whose parts have 1023 octets is one.',
    to(`${'a'.repeat(1023)}@{us}/${'r'.repeat(1023)}`),
    arrives,
  ),
  ...(
    [
      ['local', `${'a'.repeat(1024)}@{us}`],
      ['resource', `{user}/${'r'.repeat(1024)}`],
      ['octets', `${'ä'.repeat(512)}@{us}`],
    ] as const
  ).map(([what, address]) =>
    peerSays(
      `JID-01/too-long-${what}`,
      ['JID-01', 'JID-05'],
      `An address with a part of more than 1023 octets (${what}) is none.`,
      to(address),
      ...refused,
    ),
  ),
  peerSays(
    'JID-02/case',
    ['JID-02'],
    'The case of letters in a domain does not matter.',
    to('alice@CORP.Example'),
    arrives,
  ),
  ...Object.entries(FORBIDDEN).map(([name, sign]) =>
    peerSays(
      `JID-03/${name}`,
      ['JID-03', 'JID-05'],
      `A local part with a sign that is forbidden there (${name}) is none.`,
      to(`a${sign}b@{us}`),
      ...refused,
    ),
  ),
  peerSays(
    'JID-04/resource',
    ['JID-04'],
    'Resources cross with the case of their letters: two that differ by it alone stay two.',
    to('{user}/Desk'),
    { coreHears: { name: 'message', attributes: { id: '{id}', to: '{user}/Desk' } } },
    { say: CHAT.replace('{user}', '{user}/desk').replace("'{id}'", "'{id}-2'") },
    { coreHears: { name: 'message', attributes: { id: '{id}-2', to: '{user}/desk' } } },
  ),
]
