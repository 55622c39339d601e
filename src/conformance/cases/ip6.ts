// Over which version of IP (IP6): both ways, on every leg, and literals however they are written. RFC 8305, RFC 5952

import type { Step, TestCase } from '../case.ts'
import { at, found, SRV, WAKES } from './finding.ts'
import { FIRST, SECOND } from './log-servers.ts'
import { CHAT } from './making.ts'

const live = (ends: 'well' | 'badly', says: readonly string[], ...runs: readonly string[]): Step => ({
  ...{ runs, live: true, ends, says },
})

const WAKES_ONCE_MORE: Step = {
  coreSays: "<message type='chat' from='{user}/desk' to='{contact}' id='{id}-2'><body>Good day</body></message>",
}

export const OVER_EITHER: readonly TestCase[] = [
  {
    id: 'IP6-01/inbound',
    requirements: ['IP6-01', 'IP6-02'],
    title: 'What a peer says over IPv6 reaches the core, over IPv6 too.',
    role: 'receiving',
    phase: 'authenticated',
    ip: 6,
    steps: [{ say: CHAT }, { coreHears: { name: 'message', attributes: { id: '{id}', from: '{contact}/desk' } } }],
  },
  {
    id: 'IP6-01/outbound',
    requirements: ['IP6-01', 'IP6-02'],
    title: 'What the core says reaches a peer that has no address but one of IPv6.',
    role: 'initiating',
    phase: 'authenticated',
    ip: 6,
    dns: { [SRV]: [at('first')] },
    steps: [
      { asked: 'AAAA first.{peer}' },
      WAKES,
      { hear: { kind: 'element', like: { name: 'message', attributes: { id: '{id}', to: '{contact}' } } } },
    ],
  },
  found({
    id: 'IP6-01/found',
    requirements: ['IP6-01', 'IP6-02'],
    title: 'A peer that has no address but one of IPv6 is found and connected to.',
    ip: 6,
    dns: { [SRV]: [at('first')] },
    steps: [{ arrives: 'first' }, { asked: 'AAAA first.{peer}' }],
  }),
  found({
    id: 'IP6-03/mixed',
    requirements: ['IP6-03'],
    title: 'A host with addresses of one version of IP alone is reached by that one, whichever it is.',
    dns: { [SRV]: [at('dead', 10), at('first', 20)] },
    steps: [{ arrives: 'first' }, { asked: 'A first.{peer}' }, { asked: 'AAAA first.{peer}' }],
  }),
  found({
    id: 'IP6-04/lost',
    requirements: ['IP6-04', 'IP6-03'],
    title: 'Where whatever is sent over IPv6 is lost, the partner is reached over IPv4 long before that is given up.',
    ip: 4,
    dns: { [SRV]: [at('half')], 'A half.{peer}': ['127.0.0.1'], 'AAAA half.{peer}': ['::1'] },
    steps: [{ arrives: 'half', withinMs: 5000 }, { asked: 'AAAA half.{peer}' }],
  }),
  {
    ...{ id: 'IP6-06/literal', requirements: ['IP6-06'], role: 'receiving', phase: 'authenticated', ip: 4 },
    title: 'However a literal of IPv6 is written in an entry, it is shown as RFC 5952 says.',
    steps: [
      live('well', [], 'partner', 'set', '{peer}', '--connect', '[2001:DB8:0:0:0::0005]:5269', '--yes'),
      live('well', ['2001:db8::5'], 'partner', 'show', '{peer}', '--json'),
    ],
  },
  {
    ...{ id: 'IP6-06/networks', requirements: ['IP6-06'], role: 'receiving', phase: 'authenticated', ip: 6, own: true },
    title: 'However the network of the core is written in the settings, the core that comes from there is known by it.',
    settings: { core: { networks: ['0000:0:0:0::/80', '0:0:0:0:0:0:192.0.2.1'] } },
    steps: [
      { say: CHAT },
      { coreHears: { name: 'message', attributes: { id: '{id}' } } },
      WAKES_ONCE_MORE,
      { comesBack: { name: 'message', attributes: { id: '{id}-2', from: '{user}/desk' } } },
    ],
  },
  {
    ...{ id: 'IP6-06/address', requirements: ['IP6-06'], role: 'receiving', phase: 'authenticated', ip: 4 },
    title: 'However a literal of IPv6 is written in the address of a stanza, it is judged and logged as RFC 5952 says.',
    steps: [
      {
        coreSays:
          "<message type='chat' from='{user}/desk' to='bob@[2001:DB8:0:0:0::0005]' id='{id}'><body>Hello?</body></message>",
        by: '{peer}',
      },
      { logs: { event: 'stanza.refused', id: '{id}', to: 'bob@[2001:db8::5]' } },
    ],
  },
  {
    id: 'IP6-02/alone',
    requirements: ['IP6-02', 'IP6-01'],
    title:
      'A gateway that has no address of IPv4 asks DNS and a responder over IPv6, writes to two log servers, carries what is said both ways, and answers its administrators.',
    role: 'receiving',
    phase: 'authenticated',
    ip: 6,
    own: true,
    certificate: 'asked',
    settings: { log: { servers: [FIRST, SECOND] } },
    dns: { [SRV]: [at('first')] },
    steps: [
      { asks: 'responder', times: 1 },
      { say: CHAT },
      { coreHears: { name: 'message', attributes: { id: '{id}' } } },
      WAKES_ONCE_MORE,
      { comesBack: { name: 'message', attributes: { id: '{id}-2', from: '{user}/desk' } } },
      { asked: 'AAAA first.{peer}' },
      live('well', ['{peer}', '::1'], 'status', '--json'),
      { logServer: 1, hears: { event: 'stream.opened', remote: '{peer}', role: 'receiving', ip: '::1' } },
      { logServer: 2, has: 'all' },
    ],
  },
  {
    ...{ id: 'IP6-02/clock', requirements: ['IP6-02'], role: 'receiving', phase: 'none', ip: 6, own: true },
    title: 'Such a gateway asks a time server over IPv6 how far its clock is off.',
    aheadMs: 5000,
    settings: { clock: { servers: ['{ntp}'] } },
    steps: [
      { runs: ['check', '--online'], live: true, ends: 'badly', says: ['it is 5.0 s behind', '[::1]', 'stratum 2'] },
    ],
  },
]
