// How a partner is found (DNS), and what is said where it cannot be. RFC 6120 §3.2, RFC 2782, XEP-0368

import type { Step, TestCase } from '../case.ts'
import { at, DIRECT, found, SRV } from './finding.ts'
import { CHAT, errorOf, EXTERNAL, OPENING, STARTTLS } from './making.ts'

const comesBack = (condition: string, withinMs = 20_000): Step => ({
  coreHears: errorOf('message', condition),
  withinMs,
})

export const NAMES: readonly TestCase[] = [
  found({
    id: 'DNS-01/priority',
    requirements: ['DNS-01', 'DNS-11', 'DNS-04'],
    title:
      'Of the servers that SRV names, the one with the lowest priority is tried first, at the port that stands there.',
    dns: { [SRV]: [at('third', 30), at('first', 10), at('second', 20)] },
    steps: [{ arrives: 'first' }, { asked: SRV }, { opened: { to: '{peer}', from: '{us}' } }],
  }),
  {
    id: 'DNS-01/weight',
    requirements: ['DNS-01'],
    title:
      'Among servers of one priority chance decides by weight: of 60 streams each gets some, and the heavier more.',
    role: 'initiating',
    phase: 'none',
    entry: { alsoKnownAs: ['*.{peer}'] },
    dns: { 'SRV _xmpp-server._tcp.*.{peer}': [at('second', 10, 10), at('first', 10, 40)] },
    steps: [{ spreads: ['first', 'second'], over: 60 }],
  },
  found({
    id: 'DNS-02/not-offered',
    requirements: ['DNS-02'],
    title:
      'Where SRV says that the service is not offered, nobody is connected to, and what was meant for it comes back.',
    dns: { [SRV]: [at('.', 0)], 'address {peer}': ['{usual}'] },
    steps: [comesBack('remote-server-not-found'), { nobodyArrives: 500 }, { asked: SRV }],
  }),
  found({
    id: 'DNS-03/own-address',
    requirements: ['DNS-03', 'DNS-04'],
    title: 'Where there is no SRV, the address of the domain itself is tried at port 5269.',
    dns: { 'address {peer}': ['{usual}'] },
    steps: [{ arrives: 'usual' }, { asked: SRV }],
  }),
  found({
    id: 'DNS-05/route',
    requirements: ['DNS-05'],
    title: 'Where the entry says where a partner is, that counts, and DNS is not asked.',
    steps: [{ arrives: 'first' }, { neverAsked: SRV }, { neverAsked: DIRECT }],
  }),
  found({
    id: 'DNS-05/blocked',
    requirements: ['DNS-05'],
    title: 'A domain that is blocked is never looked up.',
    entry: { status: 'blocked' },
    dns: { [SRV]: [at('first')] },
    steps: [comesBack('not-allowed'), { nobodyArrives: 500 }, { neverAsked: SRV }, { neverAsked: DIRECT }],
  }),
  found({
    id: 'DNS-06/next',
    requirements: ['DNS-06', 'DNS-01'],
    title: 'When a server refuses the connection, the next is tried.',
    dns: { [SRV]: [at('dead', 10), at('second', 20), at('third', 30)] },
    steps: [{ arrives: 'second' }],
  }),
  found({
    id: 'DNS-06/next-host',
    requirements: ['DNS-06'],
    title: 'When the host of a server has no address, the next is tried.',
    dns: { [SRV]: [at('first', 10), at('second', 20)], 'address first.{peer}': 'does not exist' },
    steps: [{ arrives: 'second' }],
  }),
  found({
    id: 'DNS-06/no-name',
    requirements: ['DNS-06'],
    title: 'What is for a domain that does not exist comes back with remote-server-not-found.',
    dns: {},
    steps: [comesBack('remote-server-not-found'), { asked: SRV }],
  }),
  found({
    id: 'DNS-06/fails',
    requirements: ['DNS-06'],
    title: 'When DNS fails, what was meant for the domain comes back with remote-server-not-found.',
    dns: { [SRV]: 'fails', [DIRECT]: 'fails' },
    steps: [comesBack('remote-server-not-found'), { nobodyArrives: 100 }],
  }),
  found({
    id: 'DNS-06/silent',
    requirements: ['DNS-06'],
    title: 'When no server says anything in time, what was meant for the domain comes back with remote-server-timeout.',
    dns: { [SRV]: [at('silent')] },
    steps: [comesBack('remote-server-timeout', 45_000)],
  }),
  {
    id: 'DNS-07/again',
    requirements: ['DNS-07'],
    title:
      'Servers that hang up are come to again after a time that grows up to the limit, and not all of them at once.',
    role: 'initiating',
    phase: 'none',
    own: true,
    ip: 4,
    settings: { limits: { backOff: '2s' } },
    entry: { alsoKnownAs: ['*.{peer}'] },
    dns: { 'SRV _xmpp-server._tcp.*.{peer}': [at('first')] },
    steps: [{ retries: 4, domains: 12, mostMs: 2000 }],
  },
  found({
    id: 'DNS-10/direct',
    requirements: ['DNS-10'],
    title: 'A server that _xmpps-server names gets TLS at once: it is asked for by the domain and offered xmpp-server.',
    dns: { [SRV]: [at('second', 20)], [DIRECT]: [at('direct', 10)] },
    steps: [
      { arrives: 'direct' },
      { asksFor: '{peer}' },
      { speaks: 'xmpp-server' },
      { shows: '{us}' },
      { asked: DIRECT },
      { opened: { to: '{peer}', from: '{us}' } },
    ],
  }),
  found({
    id: 'DNS-10/one-list',
    requirements: ['DNS-10'],
    title: 'Servers of both kinds are one list: the one with the lower priority is tried first.',
    dns: { [SRV]: [at('second', 10)], [DIRECT]: [at('direct', 20)] },
    steps: [{ arrives: 'second' }],
  }),
  found({
    id: 'DNS-10/not-offered',
    requirements: ['DNS-10', 'DNS-02'],
    title:
      'Where TLS at once is not offered, and nothing is said of the other way, the address of the domain is not tried.',
    dns: { [DIRECT]: [at('.', 0)], 'address {peer}': ['{usual}'] },
    steps: [comesBack('remote-server-not-found'), { nobodyArrives: 500 }],
  }),
  found({
    id: 'DNS-10/wrong-certificate',
    requirements: ['DNS-10', 'DNS-08'],
    title: 'The certificate behind TLS at once must be for the domain, not for the host that SRV names.',
    certificate: 'other-name',
    dns: { [DIRECT]: [at('direct')] },
    steps: [comesBack('remote-server-timeout')],
  }),
  {
    id: 'DNS-10/inbound',
    requirements: ['DNS-10', 'TLS-10'],
    title: 'Where TLS begins at once, a peer proves its name as anywhere else, and STARTTLS is not offered within.',
    role: 'receiving',
    phase: 'connected',
    direct: true,
    steps: [
      { tls: 'TLSv1.3', offers: 'xmpp-server' },
      { speaks: 'xmpp-server' },
      { shows: '{us}' },
      { say: OPENING },
      { hear: { kind: 'header', attributes: { from: '{us}', to: '{peer}' } } },
      { hear: { kind: 'features', with: [EXTERNAL], without: [{ name: 'starttls' }] } },
    ],
  },
  {
    id: 'DNS-10/starttls-within',
    requirements: ['DNS-10', 'TLS-08'],
    title: 'STARTTLS where TLS has begun at once ends the stream.',
    role: 'receiving',
    phase: 'connected',
    direct: true,
    steps: [
      { tls: 'TLSv1.3', offers: 'xmpp-server' },
      { say: OPENING },
      { hear: { kind: 'header' } },
      { hear: { kind: 'features' } },
      { say: STARTTLS },
      { hear: { kind: 'stream-error', condition: ['not-authorized', 'policy-violation', 'unsupported-stanza-type'] } },
    ],
  },
  {
    id: 'DNS-10/other-protocol',
    requirements: ['DNS-10'],
    title: 'Who wants to speak another protocol than xmpp-server gets no TLS.',
    role: 'receiving',
    phase: 'connected',
    direct: true,
    steps: [{ tls: 'TLSv1.3', offers: 'h2', refused: true }],
  },
  {
    id: 'DNS-10/unproven',
    requirements: ['DNS-10'],
    title: 'Where TLS begins at once, a certificate for another name proves nothing.',
    role: 'receiving',
    phase: 'connected',
    direct: true,
    certificate: 'other-name',
    steps: [
      { tls: 'TLSv1.3', offers: 'xmpp-server' },
      { say: OPENING },
      { hear: { kind: 'header' } },
      {
        hearOneOf: [
          { kind: 'features', without: [EXTERNAL] },
          { kind: 'stream-error', condition: ['not-authorized', 'policy-violation'] },
        ],
      },
    ],
  },
  {
    id: 'DNS-09/plan',
    requirements: ['DNS-09'],
    title: 'The records that partners need are printed for each domain, rooms among them.',
    role: 'receiving',
    phase: 'none',
    steps: [
      {
        runs: ['cert', 'plan'],
        ends: 'well',
        says: ['_xmpp-server._tcp.{us}', '_xmpp-server._tcp.conference.{us}', '_xmpps-server._tcp.conference.{us}'],
      },
    ],
  },
  {
    id: 'DNS-09/published',
    requirements: ['DNS-09'],
    title: 'What DNS has of our domains is looked up: where each leads, and which of them leads nowhere.',
    role: 'receiving',
    phase: 'none',
    own: true,
    ip: 4,
    dns: { 'SRV _xmpp-server._tcp.{us}': [at('gateway', 0, 5)], 'address xmpp.{us}': ['192.0.2.10'] },
    steps: [
      {
        ...{ runs: ['cert', 'plan', '--online'], live: true, ends: 'well' },
        says: ['partners are led to xmpp.{us}:', 'partners are led to conference.{us}:5269, and find no address'],
      },
      {
        ...{ runs: ['check', '--online'], live: true, ends: 'badly' },
        says: ['partners are led to xmpp.{us}:', 'Publish _xmpp-server._tcp.conference.{us}.'],
      },
    ],
  },
  found({
    id: 'DNS-12/a-label',
    requirements: ['DNS-12'],
    title:
      'A domain with letters beyond ASCII is looked up by its A-label, and stands in the stream as people write it.',
    international: true,
    dns: { [SRV]: [at('first')] },
    steps: [{ arrives: 'first' }, { asked: SRV }, { opened: { to: '{unicode}' } }],
  }),
  {
    id: 'DNS-12/same',
    requirements: ['DNS-12'],
    title:
      'A certificate for the A-label proves the domain as people write it, and what comes from it reaches the core.',
    role: 'receiving',
    phase: 'authenticated',
    international: true,
    steps: [
      { say: CHAT.replace('{contact}', 'bob@{unicode}') },
      { coreHears: { name: 'message', attributes: { id: '{id}', from: 'bob@{unicode}/desk' } } },
    ],
  },
]
