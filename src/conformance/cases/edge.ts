// What only an edge has (GWY, SAS-16, AUD-04): the leg of the core, strangers, ports, files, terms of a partner, and streams
// that end because their time is over.

import type { Step, TestCase } from '../case.ts'
import { NAMESPACES } from '../namespaces.ts'
import {
  ANSWERING,
  CHAT,
  errorOf,
  EXTERNAL,
  OPENING,
  openedWith,
  STARTTLS,
  STARTTLS_REQUIRED,
  USUAL,
} from './making.ts'
import { AUTH, PROVES_ONCE_MORE } from './showing.ts'

const { SASL, STREAM_ERRORS } = NAMESPACES

/** The core connects, for a domain of ours that wants to talk to the peer. */
const FROM_US = openedWith(`${USUAL} from='{us}' to='{peer}'`)

const live = (ends: 'well' | 'badly', says: readonly string[], ...runs: readonly string[]): Step => ({
  ...{ runs, live: true, ends, says },
})

const offered: readonly Step[] = [
  { say: FROM_US },
  { hear: { kind: 'header' } },
  { hear: { kind: 'features', with: [STARTTLS_REQUIRED], without: [EXTERNAL] } },
]

/** RFC 6120 §4.9.3, without see-other-host, which leads elsewhere. */
const STREAM_CONDITIONS = [
  ...['bad-format', 'bad-namespace-prefix', 'conflict', 'connection-timeout', 'host-gone', 'host-unknown'],
  ...['improper-addressing', 'internal-server-error', 'invalid-from', 'invalid-namespace', 'invalid-xml'],
  ...['not-authorized', 'not-well-formed', 'policy-violation', 'remote-connection-failed', 'reset'],
  ...['resource-constraint', 'restricted-xml', 'system-shutdown', 'undefined-condition', 'unsupported-encoding'],
  ...['unsupported-feature', 'unsupported-stanza-type', 'unsupported-version'],
] as const

export const EDGE: readonly TestCase[] = [
  {
    ...{ id: 'GWY-14/plaintext', requirements: ['GWY-14'], role: 'receiving', phase: 'connected', leg: 'core' },
    title: 'Inside as outside TLS is demanded: what is said before it ends the stream.',
    steps: [
      ...offered,
      { say: "<message type='chat' from='{user}' to='{contact}' id='{id}'><body>In the clear</body></message>" },
      { hear: { kind: 'stream-error', condition: ['not-authorized', 'policy-violation'] } },
    ],
  },
  {
    ...{ id: 'GWY-14/not-the-core', requirements: ['GWY-14'], role: 'receiving', phase: 'connected', leg: 'core' },
    title: 'Whoever connects inside in our name with a certificate that is not for it proves nothing.',
    certificate: 'unknown-ca',
    steps: [
      ...offered,
      { say: STARTTLS },
      { hear: { kind: 'element', like: { name: 'proceed' } } },
      { tls: 'TLSv1.3' },
      { say: FROM_US },
      { hear: { kind: 'header' } },
      {
        hearOneOf: [
          { kind: 'features', without: [EXTERNAL] },
          { kind: 'stream-error', condition: ['not-authorized', 'invalid-from', 'policy-violation'] },
        ],
      },
    ],
  },
  {
    ...{
      id: 'GWY-05/stranger',
      requirements: ['GWY-05', 'SAS-17'],
      role: 'receiving',
      phase: 'offered',
      stranger: true,
    },
    title: 'A domain in no entry proves its name, and is told by policy-violation that it is not admitted.',
    steps: [{ say: AUTH }, { hear: { kind: 'stream-error', condition: 'policy-violation' } }],
  },
  {
    ...{ id: 'GWY-08/ports', requirements: ['GWY-08'], role: 'receiving', phase: 'none' },
    title: 'The gateway listens at the ports of its settings, and at no other.',
    steps: [{ listens: 'as settings say' }],
  },
  {
    ...{ id: 'AUD-04/own-files', requirements: ['AUD-04'], role: 'receiving', phase: 'none' },
    title: 'What is kept of decisions, and the socket for commands, is in a folder that nobody else may enter.',
    steps: [{ ownFiles: 'var' }],
  },
  ...(['gateway.yaml', 'policy.yaml'] as const).map((name): TestCase => ({
    ...{ id: `GWY-12/spoiled-${name.slice(0, -5)}`, requirements: ['GWY-12'], role: 'receiving', phase: 'none' },
    title: `With a ${name} that cannot be read the gateway does not start, and says where it is wrong.`,
    steps: [
      { runs: ['serve'], spoiled: `federation-config/${name}`, ends: 'badly', says: [`federation-config/${name}:`] },
    ],
  })),
  {
    ...{ id: 'GWY-12/killed', requirements: ['GWY-12'], role: 'receiving', phase: 'authenticated', own: true },
    title: 'A gateway that is killed starts again with its settings, and knows what it had decided before.',
    steps: [
      { say: CHAT.replace('{user}', 'a b@{us}') },
      { comesBack: errorOf('message', 'jid-malformed') },
      { refers: { event: 'stanza.refused', from: '{contact}/desk', condition: 'jid-malformed' } },
      live('well', ['{reference}'], 'why', '{reference}'),
      { gateway: 'killed' },
      { hear: { kind: 'closed' } },
      { gateway: 'started' },
      live('well', ['{reference}', 'malformed'], 'why', '{reference}'),
      ...PROVES_ONCE_MORE,
      { say: CHAT.replace("'{id}'", "'{id}-2'") },
      { coreHears: { name: 'message', attributes: { id: '{id}-2' } } },
    ],
  },
  {
    ...{ id: 'STR-15/shutdown', requirements: ['STR-15'], role: 'receiving', phase: 'authenticated', own: true },
    title: 'A gateway that ends tells its peers so by system-shutdown.',
    steps: [
      { say: CHAT },
      { coreHears: { name: 'message', attributes: { id: '{id}' } } },
      { gateway: 'ends' },
      { hear: { kind: 'stream-error', condition: 'system-shutdown' }, withinMs: 20_000 },
    ],
  },
  {
    ...{ id: 'GWY-16/terms', requirements: ['GWY-16'], role: 'receiving', phase: 'authenticated', ip: 4 },
    title: 'Direction and the time of proof are terms of each partner, and terms that make no sense are refused.',
    steps: [
      live('well', [], 'partner', 'set', '{peer}', '--direction', 'inbound', '--reauthenticate', '30m', '--yes'),
      live('well', ['inbound', '30m'], 'partner', 'show', '{peer}'),
      live('badly', ['certificate'], 'partner', 'set', '{peer}', '--authentication', 'none'),
      live('badly', ['host:port'], 'partner', 'set', '{peer}', '--connect', '[2001:db8::5'),
      { say: CHAT },
      { coreHears: { name: 'message', attributes: { id: '{id}' } } },
    ],
  },
  {
    ...{ id: 'QOS-01/rules', requirements: ['QOS-01', 'QOS-03'], role: 'receiving', phase: 'none', ip: 4 },
    title: 'For each leg the host is given rules by which it marks its packets as one says, and none without.',
    steps: [
      live('well', ['sport', 'dport', 'ip dscp set af21', 'ip6 dscp set af21'], 'marking', '--partners', 'af21'),
      live('well', ['dport', 'dscp set cs3'], 'marking', '--core', 'cs3'),
      live('badly', ['--partners: one of'], 'marking', '--partners', 'fast'),
    ],
  },
  {
    ...{ id: 'SAS-16/renewed', requirements: ['SAS-16', 'STR-15'], role: 'receiving', phase: 'authenticated' },
    title:
      'When its time is over, a peer is told by reset to prove its name anew, and what it says then arrives as before.',
    entry: { reauthenticate: '10s' },
    steps: [
      { say: CHAT },
      { coreHears: { name: 'message', attributes: { id: '{id}' } } },
      { hear: { kind: 'stream-error', condition: 'reset' }, withinMs: 20_000 },
      ...PROVES_ONCE_MORE,
      { say: CHAT.replace("'{id}'", "'{id}-2'") },
      { coreHears: { name: 'message', attributes: { id: '{id}-2' } } },
    ],
  },
  {
    ...{ id: 'SAS-16/anew', requirements: ['SAS-16'], role: 'initiating', phase: 'authenticated' },
    title: 'The gateway proves its own name, and has the partner prove it, anew when the time of its stream is over.',
    entry: { reauthenticate: '10s' },
    steps: [{ arrives: 'first', withinMs: 20_000 }, { opened: { from: '{us}', to: '{peer}' } }],
  },
  {
    ...{ id: 'SAS-16/hour', requirements: ['SAS-16'], role: 'receiving', phase: 'authenticated', ip: 4 },
    title: 'A stream of a peer whose entry says nothing of that is good for an hour, by the profile.',
    own: true,
    profiles: ['dod'],
    steps: [
      { say: CHAT },
      { coreHears: { name: 'message', attributes: { id: '{id}' } } },
      live('well', ['anew in', ' 60m'], 'status'),
    ],
  },
  {
    ...{ id: 'STR-13/taken', requirements: ['STR-13'], role: 'receiving', phase: 'authenticated' },
    title: 'Each error that a peer may end a stream with ends it here too, and is logged as it was named.',
    steps: STREAM_CONDITIONS.flatMap((condition, n): readonly Step[] => [
      ...(n === 0 ? [] : PROVES_ONCE_MORE),
      { say: `<stream:error><${condition} xmlns='${STREAM_ERRORS}'/></stream:error></stream:stream>` },
      { hear: { kind: 'closed' } },
      { logs: { event: 'stream.closed', by: 'peer', remote: '{peer}', condition, role: 'receiving' } },
    ]),
  },
  {
    ...{ id: 'STR-09/demanded', requirements: ['STR-09', 'STR-20'], role: 'initiating', phase: 'offered' },
    title:
      'A partner that demands a feature which is not known is sent nothing, is told so, and what was meant for it comes back.',
    steps: [
      { hear: { kind: 'element', like: { name: 'auth', ns: SASL } } },
      { say: `<success xmlns='${SASL}'/>` },
      { restart: true },
      { hear: { kind: 'header' } },
      {
        say: `${ANSWERING}<stream:features><pact xmlns='urn:example:pact'><required/></pact></stream:features>`,
      },
      { hear: { kind: 'stream-error', condition: 'unsupported-feature' } },
      { coreHears: errorOf('message', 'remote-server-timeout', '{id}-waking'), withinMs: 30_000 },
    ],
  },
  {
    ...{ id: 'STR-09/voluntary', requirements: ['STR-09'], role: 'initiating', phase: 'offered' },
    title: 'What is offered and not demanded keeps the gateway from nothing.',
    steps: [
      { hear: { kind: 'element', like: { name: 'auth', ns: SASL } } },
      { say: `<success xmlns='${SASL}'/>` },
      { restart: true },
      { hear: { kind: 'header' } },
      { say: `${ANSWERING}<stream:features><pact xmlns='urn:example:pact'/></stream:features>` },
      { hear: { kind: 'element', like: { name: 'message', attributes: { id: '{id}-waking' } } } },
    ],
  },
  {
    ...{ id: 'SCP-02/no-session', requirements: ['SCP-02'], role: 'receiving', phase: 'offered' },
    title: 'Once a name is proven a stream is ready: no session as of RFC 3921, and nothing else, is asked for.',
    steps: [
      { say: AUTH },
      { hear: { kind: 'element', like: { name: 'success' } } },
      { restart: true },
      { say: OPENING },
      { hear: { kind: 'header', attributes: { version: '1.0' } } },
      { hear: { kind: 'features', without: [{ name: 'session' }, { name: 'bind' }] } },
      { say: CHAT },
      { coreHears: { name: 'message', attributes: { id: '{id}' } } },
    ],
  },
]
