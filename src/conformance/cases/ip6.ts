// Over which version of IP (IP6): both ways, on every leg, and literals however they are written. RFC 8305, RFC 5952

import type { Step, TestCase } from '../case.ts'
import { at, found, SRV, WAKES } from './finding.ts'
import { CHAT } from './making.ts'

const live = (ends: 'well' | 'badly', says: readonly string[], ...runs: readonly string[]): Step => ({
  ...{ runs, live: true, ends, says },
})

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
    requirements: ['IP6-03', 'IP6-02'],
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
]
