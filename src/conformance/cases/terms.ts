// The terms of an entry (GWY-16) that no other row asks for, and what is no term at all.

import type { Step, TestCase } from '../case.ts'
import { found, SRV } from './finding.ts'
import { EXTERNAL, OPENING } from './making.ts'

const live = (ends: 'well' | 'badly', says: readonly string[], ...runs: readonly string[]): Step => ({
  ...{ runs, live: true, ends, says },
})

/** The key of nobody. */
const PIN = 'sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='

export const TERMS: readonly TestCase[] = [
  {
    ...{ id: 'GWY-16/pinned', requirements: ['GWY-16'], role: 'receiving', phase: 'secured', entry: { pins: [PIN] } },
    title: 'Where an entry names the keys of a partner, a certificate with another key proves nothing.',
    steps: [
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
  found({
    ...{ id: 'GWY-16/route', requirements: ['GWY-16'] },
    title: 'Where an entry says to which host and port to connect, that is where the gateway goes; DNS is not asked.',
    steps: [{ arrives: 'first' }, { neverAsked: SRV }],
  }),
  {
    ...{ id: 'GWY-16/contradictions', requirements: ['GWY-16'], role: 'receiving', phase: 'authenticated', ip: 4 },
    title: 'Terms that contradict each other or the profile are refused, and so is a partner without TLS or proof.',
    steps: [
      live('badly', ['dialback'], 'partner', 'set', '{peer}', '--authentication', 'dialback-over-tls', '--pin', PIN),
      live('badly', ['certificate'], 'partner', 'set', '{peer}', '--authentication', 'none'),
      live('badly', ['--tls'], 'partner', 'set', '{peer}', '--tls', 'none'),
      live('well', ['certificate'], 'partner', 'show', '{peer}'),
    ],
  },
]
