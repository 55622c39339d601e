// What cases about certificates have in common: who shows one, and what becomes of it.

import type { Certificate, Step, TestCase } from '../case.ts'
import { NAMESPACES } from '../namespaces.ts'
import { ANSWERING, errorOf, EXTERNAL, OPENING, PROCEED } from './making.ts'

/** A certificate, what it is like in words, and the requirements it is a case of. */
export type Row = readonly [certificate: Certificate, like: string, requirements: readonly string[]]
type More = Pick<TestCase, 'profiles' | 'entry' | 'responds' | 'listed' | 'stapled' | 'own' | 'settings'> & {
  /** For a second case with the same certificate. */
  readonly as?: string
}

const { SASL } = NAMESPACES
/** A responder that keeps silent is waited for, for a while. */
const UNTIL_KNOWN_MS = 12_000
export const AUTH = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>"

/** The peer connects once more and proves its name. */
export const PROVES_ONCE_MORE: readonly Step[] = [
  { another: true },
  { say: AUTH },
  { hear: { kind: 'element', like: { name: 'success' } } },
  { restart: true },
  { say: OPENING },
  { hear: { kind: 'header' } },
  { hear: { kind: 'features' } },
]

const OFFER = `<stream:features><mechanisms xmlns='${SASL}'><mechanism>EXTERNAL</mechanism></mechanisms></stream:features>`

/** The peer connects, and its certificate proves its name. */
export const proves = ([certificate, like, requirements]: Row, { as, ...more }: More = {}): TestCase => ({
  id: `${requirements[0]!}/${certificate}${as ?? ''}-proves`,
  requirements,
  title: `A peer proves its name by a certificate ${like}.`,
  role: 'receiving',
  phase: 'secured',
  certificate,
  ...more,
  steps: [
    { say: OPENING },
    { hear: { kind: 'header' } },
    { hear: { kind: 'features', with: [EXTERNAL] } },
    { say: AUTH },
    { hear: { kind: 'element', like: { name: 'success', ns: 'urn:ietf:params:xml:ns:xmpp-sasl' } } },
  ],
})

/** The peer connects, and its certificate proves nothing. */
export const provesNothing = ([certificate, like, requirements]: Row, { as, ...more }: More = {}): TestCase => ({
  id: `${requirements[0]!}/${certificate}${as ?? ''}`,
  requirements,
  title: `A peer proves nothing by a certificate ${like}.`,
  role: 'receiving',
  phase: 'secured',
  certificate,
  ...more,
  steps: [
    { say: OPENING },
    { hear: { kind: 'header' }, withinMs: UNTIL_KNOWN_MS },
    {
      hearOneOf: [
        { kind: 'features', without: [EXTERNAL] },
        { kind: 'stream-error', condition: ['not-authorized', 'policy-violation'] },
      ],
      withinMs: UNTIL_KNOWN_MS,
    },
  ],
})

const SECURING: readonly Step[] = [
  { hear: { kind: 'element', like: { name: 'starttls' } } },
  { say: PROCEED },
  { tls: 'TLSv1.3' },
]

/** The gateway connects, and says nothing to whoever shows this. */
export const toldNothing = ([certificate, like, requirements]: Row, { as, ...more }: More = {}): TestCase => ({
  id: `${requirements[0]!}/${certificate}${as ?? ''}-outbound`,
  requirements,
  title: `Nothing is said to a partner with a certificate ${like}, and what was meant for it comes back.`,
  role: 'initiating',
  phase: 'opened',
  certificate,
  ...more,
  steps: [
    ...SECURING,
    { hear: { kind: 'closed' }, withinMs: UNTIL_KNOWN_MS },
    { coreHears: errorOf('message', 'remote-server-timeout', '{id}-waking'), withinMs: 15_000 },
  ],
})

/** The gateway connects, and goes on with whoever shows this. */
export const trusted = ([certificate, like, requirements]: Row, { as, ...more }: More = {}): TestCase => ({
  id: `${requirements[0]!}/${certificate}${as ?? ''}-outbound-proves`,
  requirements,
  title: `A partner with a certificate ${like} is trusted.`,
  role: 'initiating',
  phase: 'opened',
  certificate,
  ...more,
  steps: [
    ...SECURING,
    { hear: { kind: 'header', attributes: { to: '{peer}' } } },
    // A header alone says nothing: one comes before a stream error too.
    { say: `${ANSWERING}${OFFER}` },
    { hear: { kind: 'element', like: { name: 'auth', ns: SASL } } },
  ],
})
