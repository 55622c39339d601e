// Addresses (JID): what is one and the same, what strings are none, and names at a provider. RFC 6122, RFC 7622, XEP-0106

import type { Step, TestCase } from '../case.ts'
import { errorOf, peerSays } from './making.ts'

const arrives = (id = '{id}'): Step => ({ coreHears: { name: 'message', attributes: { id } } })
const message = (from: string, to: string, id = '{id}'): string =>
  `<message type='chat' from='${from}' to='${to}' id='${id}'><body>Good morning</body></message>`
const refused = (condition: string, id = '{id}'): readonly Step[] => [
  { comesBack: errorOf('message', condition, id) },
  { silence: 200, at: 'core', of: { name: 'message', attributes: { id } } },
]

/** The same both ways: to a user of ours from one of theirs, and to one of theirs from one of ours. */
function crosses(id: string, title: string, local: string, resource: string): readonly TestCase[] {
  const [theirs, ours] = [`${local}@{peer}/${resource}`, `${local}@{us}/${resource}`]
  return [
    peerSays(`${id}/in`, ['JID-06'], `Inbound: ${title}`, [
      { say: message(theirs, ours) },
      { coreHears: { name: 'message', attributes: { id: '{id}', from: theirs, to: ours } } },
    ]),
    {
      ...{ id: `${id}/out`, requirements: ['JID-06'], title: `Outbound: ${title}` },
      ...{ role: 'initiating', phase: 'authenticated' },
      steps: [
        { coreSays: message(ours, theirs) },
        { hear: { kind: 'element', like: { name: 'message', attributes: { id: '{id}', from: ours, to: theirs } } } },
      ],
    },
  ]
}

/** Strings of which RFC 6122 (Unicode 3.2) and RFC 7622 say different things; whatever either of them admits crosses. */
const DIFFERENT: Readonly<Record<string, readonly [title: string, local: string, resource: string]>> = {
  'sharp-s': ['a local part with ß, of which RFC 6122 makes ss, crosses as it is.', 'roß', 'desk'],
  'final-sigma': ['a local part with ς, of which RFC 6122 makes σ, crosses as it is.', 'νίκος', 'desk'],
  'after-3.2': ['letters that Unicode 3.2 does not have cross.', '\uA64B\u0527', '\uA64B'],
  symbol: ['a local part with a symbol, which RFC 7622 forbids, crosses as it is.', 'i\u2665u', 'desk'],
  compatible: ['a local part with a ligature, which RFC 7622 forbids, crosses as it is.', 'o\uFB03ce', 'desk'],
  'soft-hyphen': ['a resource with a soft hyphen, which RFC 7622 forbids, crosses as it is.', 'bob', 'home\u00ADwork'],
  'middle-dot': ['a resource with a middle dot outside of Catalan crosses as it is.', 'bob', 'home\u00B7work'],
  family: ['a resource of emoji that are joined crosses as it is.', 'bob', '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}'],
}

/** What neither of them admits. */
const NEITHER: Readonly<Record<string, string>> = {
  space: 'a b@{us}',
  isolate: '{user}/\u2066desk',
  private: '{user}/\uE000',
  'no-name': '@{us}',
}

/** How the name of one of ours may be spelled by peers of either; `alice` is whom the rule names. */
const SPELLED: Readonly<Record<string, readonly [row: string, how: string, local: string]>> = {
  capitals: ['JID-03', 'in capitals', 'ALICE'],
  'full-width': ['JID-03', 'in letters of full width', '\uFF21\uFF4C\uFF49\uFF43\uFF45'],
  hidden: ['JID-06', 'with a soft hyphen, of which RFC 6122 makes nothing', 'al\u00ADice'],
  'long-s': ['JID-06', 'by letters that RFC 6122 takes for it', '\u24D0lice'],
}

const SERVED = 'served.{peer}'
const ANNA = `anna\\40${SERVED}@{peer}/desk`
const PERSON = `anna@${SERVED}/desk`
const provider = (id: string, title: string, ...steps: readonly Step[]): TestCase =>
  peerSays(`JID-08/${id}`, ['JID-08'], title, steps, { decorates: [SERVED] })

export const ADDRESSES: readonly TestCase[] = [
  peerSays('JID-02/dot', ['JID-02'], 'The dot of the root at the end of a domain does not matter.', [
    { say: message('{contact}./desk', '{user}.') },
    arrives(),
  ]),
  ...Object.entries({ v6: '[2001:db8::1]', 'v6-long': '[2001:DB8:0:0::1]', v4: '192.0.2.1' }).map(
    ([what, literal]): TestCase => ({
      ...{ id: `JID-02/literal-${what}`, requirements: ['JID-02', 'STZ-08'], role: 'receiving' },
      title: `An address at ${literal} is one: it is at another domain than ours.`,
      phase: 'authenticated',
      steps: [
        { say: message('{contact}/desk', `alice@${literal}`) },
        { hear: { kind: 'stream-error', condition: 'host-unknown' } },
        { silence: 100, at: 'core', of: { name: 'message' } },
      ],
    }),
  ),
  ...Object.entries({ v6: '[2001:db8::zz]', v4: '192.0.2.256', bare: '2001:db8::1' }).map(([what, literal]) =>
    peerSays(`JID-02/no-literal-${what}`, ['JID-02', 'JID-05'], `An address at ${literal} is none.`, [
      { say: message('{contact}/desk', `alice@${literal}`) },
      ...refused('jid-malformed'),
    ]),
  ),
  peerSays('JID-03/at', ['JID-03', 'JID-05'], 'A local part with a sign that is forbidden there (at) is none.', [
    { say: message('{contact}/desk', 'a@b@{us}') },
    ...refused('jid-malformed'),
  ]),
  ...Object.entries(SPELLED).map(([what, [row, how, local]]) =>
    peerSays(
      `${row}/spelled-${what}`,
      [row],
      `What a rule says of one of ours holds where the name is written ${how}.`,
      [
        { say: message('{contact}/desk', `${local}@{us}`) },
        ...refused('not-allowed'),
        { say: message('{contact}/desk', 'carol@{us}', '{id}-2') },
        arrives('{id}-2'),
      ],
      { policy: 'not-alice' },
    ),
  ),
  ...Object.entries(DIFFERENT).flatMap(([what, [title, local, resource]]) =>
    crosses(`JID-06/${what}`, title, local, resource),
  ),
  ...Object.entries(NEITHER).map(([what, address]) =>
    peerSays(`JID-06/neither-${what}`, ['JID-06', 'JID-05'], `What neither RFC admits (${what}) is refused.`, [
      { say: message('{contact}/desk', address) },
      ...refused('jid-malformed'),
    ]),
  ),
  provider(
    'both-ways',
    'Who is served by a provider has their own address inside, and what is said to that reaches them by their name there.',
    { say: message(ANNA, '{user}') },
    { coreHears: { name: 'message', attributes: { id: '{id}', from: PERSON, to: '{user}' } } },
    { coreSays: message('{user}/desk', PERSON, '{id}-2') },
    { comesBack: { name: 'message', attributes: { id: '{id}-2', from: '{user}/desk', to: ANNA } } },
  ),
  provider(
    'two-stay-two',
    'Names with an escape of their own become nobody else’s.',
    { say: message(`x\\40y\\40${SERVED}@{peer}/desk`, '{user}') },
    { coreHears: { name: 'message', attributes: { id: '{id}', from: `x\\40y@${SERVED}/desk` } } },
    { say: message(`x\\5c40y\\40${SERVED}@{peer}/desk`, '{user}', '{id}-2') },
    { coreHears: { name: 'message', attributes: { id: '{id}-2', from: `x\\5c40y@${SERVED}/desk` } } },
  ),
  ...Object.entries({
    'not-served': ['of a domain that the provider does not serve', 'anna\\40third.example@{peer}/desk'],
    'other-spelling': ['written otherwise than the person’s', `anna\\40${SERVED}.@{peer}/desk`],
    'of-ours': ['of one of ours', 'alice\\40{us}@{peer}/desk'],
  } as const).map(([what, [title, from]]) =>
    provider(
      what,
      `A name at a provider that is ${title} speaks for nobody.`,
      { say: message(from, '{user}') },
      ...refused('not-allowed'),
      { say: message(ANNA, '{user}', '{id}-2') },
      arrives('{id}-2'),
    ),
  ),
  provider(
    'not-by-itself',
    'Whoever says by the stream of a provider that they are a domain behind it, and not a name there, ends the stream.',
    { say: message(PERSON, '{user}') },
    { hear: { kind: 'stream-error', condition: ['invalid-from', 'policy-violation'] } },
    { silence: 200, at: 'core', of: { name: 'message' } },
  ),
  {
    ...{ id: 'JID-08/one-name', requirements: ['JID-08'], role: 'initiating', phase: 'authenticated' },
    title: 'Who is served is reached by their own address alone: their name at the provider is nobody’s inside.',
    entry: { decorates: [SERVED] },
    steps: [
      { coreSays: message('{user}/desk', ANNA) },
      { coreHears: errorOf('message', 'service-unavailable') },
      { silence: 200, at: 'peer', of: { name: 'message' } },
    ],
  },
]
