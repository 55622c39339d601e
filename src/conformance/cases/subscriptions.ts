// Subscriptions and presence (SUB, PRS), both ways: the gateway passes on what one of the servers says, in its order, and adds
// nothing of its own. RFC 6121 §3, §4

import type { Pattern, Step, TestCase } from '../case.ts'
import { errorOf, peerSays } from './making.ts'

interface Said {
  readonly stanza: string
  readonly arrives: Pattern
}

/** A presence from somebody to somebody, and how it must arrive. */
type Saying = (from: string, to: string) => Said

const presence = (type: string | undefined, resource = '', inside = '', has: readonly Pattern[] = []): Saying => {
  const ofType = type === undefined ? '' : ` type='${type}'`
  return (from, to) => ({
    stanza: `<presence${ofType} from='${from}${resource}' to='${to}'>${inside}</presence>`,
    arrives: { name: 'presence', attributes: { from: `${from}${resource}`, to, type: type ?? false }, has },
  })
}

/** What one side says in this order arrives in this order at the other: from outside in, and from inside out. */
function bothWays(id: string, requirements: readonly string[], title: string, ...all: readonly Saying[]): TestCase[] {
  const inbound = all.map((one) => one('{contact}', '{user}'))
  const outbound = all.map((one) => one('{user}', '{contact}'))
  return [
    {
      ...{ id: `${id}/in`, requirements, title: `Inbound: ${title}`, role: 'receiving', phase: 'authenticated' },
      steps: [
        ...inbound.map(({ stanza }): Step => ({ say: stanza })),
        { inOrder: inbound.map(({ arrives }) => arrives), at: 'core' },
      ],
    },
    {
      ...{ id: `${id}/out`, requirements, title: `Outbound: ${title}`, role: 'initiating', phase: 'authenticated' },
      steps: [
        ...outbound.map(({ stanza }): Step => ({ coreSays: stanza })),
        ...outbound.map(({ arrives }): Step => ({ hear: { kind: 'element', like: arrives }, withinMs: 10_000 })),
      ],
    },
  ]
}

const available = presence(undefined, '/desk')
const away = presence('unavailable', '/desk')

const CAPS =
  "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://client.example' ver='QgayPKawpkPSDYmwT/WM94uAlu0='/>"
const CAPS_ARRIVE: Pattern = {
  ...{ name: 'c', ns: 'http://jabber.org/protocol/caps' },
  attributes: { hash: 'sha-1', node: 'https://client.example', ver: 'QgayPKawpkPSDYmwT/WM94uAlu0=' },
}

const LABEL =
  "<securitylabel xmlns='urn:xmpp:sec-label:0'><displaymarking>SECRET</displaymarking><label/></securitylabel>"

const coreSays = (say: Saying): Step => ({ coreSays: say('{user}', '{contact}').stanza })
const comesBack = (say: Saying): Step => ({ comesBack: say('{user}', '{contact}').arrives })
const says = (say: Saying): Step => ({ say: say('{contact}', '{user}').stanza })
const arrives = (say: Saying): Step => ({ coreHears: say('{contact}', '{user}').arrives })

export const SUBSCRIPTIONS: readonly TestCase[] = [
  ...bothWays(
    'SUB-06/approval',
    ['SUB-06'],
    'an approval from a bare address is followed by the presence of each client, in this order.',
    presence('subscribed'),
    available,
    presence(undefined, '/phone'),
  ),
  ...bothWays(
    'SUB-08/cancelled',
    ['SUB-08'],
    'who cancels a subscription sends that they are away, and then the refusal.',
    away,
    presence('unsubscribed'),
  ),
  ...bothWays('SUB-08/denied', ['SUB-08'], 'a request is refused.', presence('unsubscribed')),
  ...bothWays('SUB-09/given-up', ['SUB-09'], 'a subscription is given up.', presence('unsubscribe')),
  peerSays('SUB-09/answer-out', ['SUB-09'], 'Who gives up a subscription hears that we are away.', [
    says(presence('unsubscribe')),
    arrives(presence('unsubscribe')),
    coreSays(away),
    comesBack(away),
  ]),
  {
    id: 'SUB-11/no-way',
    requirements: ['SUB-11'],
    title: 'A request for which there is no way comes back to the core, which can try again.',
    role: 'initiating',
    phase: 'none',
    dns: { 'SRV _xmpp-server._tcp.{peer}': [{ priority: 10, weight: 0, place: 'dead' }] },
    steps: [
      { coreSays: "<presence type='subscribe' from='{user}' to='{contact}' id='{id}'/>" },
      { coreHears: errorOf('presence', 'remote-server-not-found') },
    ],
  },
  peerSays(
    'SUB-13/stranger',
    ['SUB-13', 'ERR-06'],
    'Where a class of partners lets no strangers begin, a request of somebody unknown reaches nobody, and hears nothing of the rule.',
    [
      { say: "<presence type='subscribe' from='{contact}' to='{user}' id='{id}'/>" },
      { comesBack: errorOf('presence', 'not-allowed') },
      { silence: 300, at: 'core', of: { name: 'presence' } },
      { neverSaid: ['public-unverified', 'acquainted', 'SP-'] },
    ],
    { class: 'public-unverified' },
  ),
  peerSays(
    'SUB-13/asked-before',
    ['SUB-13'],
    'Whom a user of ours has asked before may ask in turn.',
    [
      coreSays(presence('subscribe')),
      comesBack(presence('subscribe')),
      says(presence('subscribe')),
      arrives(presence('subscribe')),
    ],
    { class: 'public-unverified' },
  ),
  ...bothWays(
    'PRS-01/initial',
    ['PRS-01'],
    'initial presence and the question for that of others cross.',
    available,
    presence('probe'),
  ),
  peerSays('PRS-02/answered', ['PRS-02'], 'Who asks for presence and may have it gets what the core says.', [
    says(presence('probe', '')),
    comesBack(presence(undefined, '/lab')),
  ]),
  peerSays('PRS-02/refused', ['PRS-02'], 'Who may not have it hears from the core that there is no subscription.', [
    says(presence('probe', '')),
    arrives(presence('probe')),
    coreSays(presence('unsubscribed')),
    comesBack(presence('unsubscribed')),
  ]),
  peerSays(
    'PRS-02/hidden',
    ['PRS-02', 'ERR-06'],
    'A partner that is shown no presence asks for none, and hears nothing of the rule.',
    [
      { say: "<presence type='probe' from='{contact}' to='{user}' id='{id}'/>" },
      { silence: 1500, at: 'core', of: { name: 'presence' } },
      { silence: 100, at: 'back', of: { name: 'presence', attributes: { type: false } } },
    ],
    { presence: { detail: 'none' } },
  ),
  ...['away', 'chat', 'dnd', 'xa'].flatMap((show) =>
    bothWays(
      `PRS-03/${show}`,
      ['PRS-03'],
      `who is ${show} is so on the other side.`,
      presence(undefined, '/desk', `<show>${show}</show><priority>127</priority>`, [
        { name: 'show', text: show },
        { name: 'priority', text: '127' },
      ]),
    ),
  ),
  ...bothWays('PRS-04/away', ['PRS-04'], 'who goes is away on the other side, with what they say.', available, away),
  ...bothWays('PRS-06/directed', ['PRS-06'], 'directed presence is taken back.', available, away),
  peerSays('PRS-07/unknown-in', ['PRS-07'], 'Presence of a type that does not exist is refused, and reaches nobody.', [
    { say: "<presence type='foo' from='{contact}/desk' to='{user}' id='{id}'/>" },
    { comesBack: errorOf('presence', 'bad-request') },
    { silence: 100, at: 'core', of: { name: 'presence' } },
  ]),
  {
    id: 'PRS-07/unknown-out',
    requirements: ['PRS-07'],
    title: 'Presence of the core of a type that does not exist reaches nobody outside, and the core hears so.',
    role: 'initiating',
    phase: 'authenticated',
    steps: [
      { coreSays: "<presence type='foo' from='{user}/desk' to='{contact}' id='{id}'/>" },
      { coreHears: errorOf('presence', 'bad-request') },
      { silence: 200, at: 'peer', of: { name: 'presence' } },
    ],
  },
  ...(
    [
      ['availability', 'whether they are away, and nothing in words', [{ name: 'show', text: 'xa' }], []],
      ['online', 'that they are there, and nothing else', [], [{ name: 'show' }]],
    ] as const
  ).map(([detail, what, has, lacks]): TestCase => ({
    ...{ id: `PRS-08/${detail}`, requirements: ['PRS-08'], role: 'initiating', phase: 'authenticated' },
    title: `A partner that is shown no more of ours than ${detail} hears of them ${what}.`,
    entry: { presence: { detail } },
    steps: [
      {
        coreSays: `<presence from='{user}/desk' to='{contact}'><show>xa</show><status>In a meeting</status>${CAPS}</presence>`,
      },
      {
        hear: {
          kind: 'element',
          like: {
            ...{ name: 'presence', attributes: { from: '{user}/desk', to: '{contact}', type: false } },
            ...{ has, lacks: [{ name: 'status' }, { name: 'c' }, ...lacks] },
          },
        },
      },
    ],
  })),
  ...([undefined, 'subscribe'] as const).flatMap((type): readonly TestCase[] => {
    const [what, title] = [
      type ?? 'available',
      'reaches nobody: who says it hears bad-request, and goes on without one.',
    ]
    const labelled = presence(type, '', LABEL)
    const [inbound, outbound] = [labelled('{contact}', '{user}').stanza, labelled('{user}', '{contact}').stanza]
    const refused: Pattern = {
      name: 'presence',
      attributes: { type: 'error' },
      has: [{ name: 'error', has: [{ name: 'bad-request' }] }],
    }
    return [
      peerSays(`PRS-10/${what}-in`, ['PRS-10'], `Inbound: presence (${what}) with a security label ${title}`, [
        { say: inbound },
        { comesBack: refused },
        { silence: 200, at: 'core', of: { name: 'presence' } },
        says(presence(type)),
        arrives(presence(type)),
      ]),
      {
        ...{ id: `PRS-10/${what}-out`, requirements: ['PRS-10'], role: 'initiating', phase: 'authenticated' },
        title: `Outbound: presence (${what}) with a security label ${title}`,
        steps: [
          { coreSays: outbound },
          { coreHears: refused },
          coreSays(presence(type)),
          // What was refused would have come before it.
          { hear: { kind: 'element', like: { name: 'presence', lacks: [{ name: 'securitylabel' }] } } },
        ],
      },
    ]
  }),
  peerSays(
    'PRS-10/leave',
    ['PRS-10', 'ERR-03'],
    'Presence that takes leave with a security label reaches nobody, and is not answered.',
    [
      { say: presence('unavailable', '/desk', LABEL)('{contact}', '{user}').stanza },
      says(available),
      arrives(available),
      { silence: 100, at: 'core', of: { name: 'presence', attributes: { type: 'unavailable' } } },
      { silence: 500, at: 'back', of: { name: 'presence' } },
    ],
  ),
  ...bothWays(
    'PRS-11/capabilities',
    ['PRS-11'],
    'what a client can do crosses as it is, with its digest (XEP-0115).',
    presence(undefined, '/desk', CAPS, [CAPS_ARRIVE]),
  ),
  {
    id: 'PRS-11/not-shown',
    requirements: ['PRS-11'],
    title: 'Where what clients can do is not shown, all of it is left out.',
    role: 'initiating',
    phase: 'authenticated',
    entry: { presence: { capabilities: false } },
    steps: [
      { coreSays: `<presence from='{user}/desk' to='{contact}'><show>dnd</show>${CAPS}</presence>` },
      {
        hear: {
          kind: 'element',
          like: { name: 'presence', has: [{ name: 'show', text: 'dnd' }], lacks: [{ name: 'c' }] },
        },
      },
    ],
  },
]
