// TLS (TLS): when it is offered and demanded, what it is spoken with, and what becomes of those who do without. RFC 6120 §5,
// RFC 9325

import type { TestCase } from '../case.ts'
import { ANSWERING, CHAT, endedBy, errorOf, EXTERNAL, OPENING, PROCEED, STARTTLS } from './making.ts'

/** Waking words that could not be delivered come back to whoever said them. */
const cameBack = (condition: string): TestCase['steps'][number] => ({
  coreHears: errorOf('message', condition, '{id}-waking'),
  withinMs: 15_000,
})

const older = (version: 'TLSv1' | 'TLSv1.1'): readonly TestCase[] => [
  {
    id: `TLS-10/${version}-inbound`,
    requirements: ['TLS-10'],
    title: `A peer that speaks ${version} at most gets no TLS.`,
    role: 'receiving',
    phase: 'opened',
    steps: [
      { say: STARTTLS },
      { hear: { kind: 'element', like: { name: 'proceed' } } },
      { tls: version, refused: true },
    ],
  },
]

const agreed = (version: 'TLSv1.2' | 'TLSv1.3'): TestCase => ({
  id: `TLS-10/${version}`,
  requirements: ['TLS-10', 'TLS-09', 'TLS-13'],
  title: `${version} is agreed on, the certificate is for the domain that was asked for, and EXTERNAL is offered.`,
  role: 'receiving',
  phase: 'opened',
  steps: [
    { say: STARTTLS },
    { hear: { kind: 'element', like: { name: 'proceed' } } },
    { tls: version },
    { shows: '{us}' },
    { say: OPENING },
    { hear: { kind: 'header' } },
    { hear: { kind: 'features', with: [EXTERNAL] } },
  ],
})

/** Suites that nobody may agree on: without authenticated encryption, without any, or without forward secrecy. RFC 9325 §4.1 */
const WEAK = [
  ...['ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-NULL-SHA', 'ECDHE-RSA-AES128-SHA', 'ECDHE-RSA-AES256-SHA384'],
  ...['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'AES256-SHA'],
]
/** One for either kind of key, so that it is not for want of a key that the others are refused. */
const GOOD = ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384']

/** A stream in TLS of this version, and what the peer tries on it then. */
const tries = (
  version: 'TLSv1.2' | 'TLSv1.3',
  { id, requirements, title, steps }: Pick<TestCase, 'id' | 'requirements' | 'title' | 'steps'>,
): TestCase => ({
  ...{ id: `${id}-${version}`, requirements, title: `${title} (${version})`, role: 'receiving', phase: 'opened' },
  steps: [
    { say: STARTTLS },
    { hear: { kind: 'element', like: { name: 'proceed' } } },
    { tls: version },
    { say: OPENING },
    { hear: { kind: 'header' } },
    { hear: { kind: 'features', with: [EXTERNAL] } },
    ...steps,
  ],
})

const RESUMES = {
  id: 'TLS-17/resumes',
  requirements: ['TLS-17'],
  title: 'A peer that takes up an older session of TLS has to show its certificate anew, or gets no stream.',
  steps: [{ resumption: 'refused' }],
} as const

const SAFE: TestCase['steps'][number] = {
  greets: ['extended master secret', 'secure renegotiation'],
  without: ['compression', 'heartbeat'],
}

export const TLS: readonly TestCase[] = [
  {
    ...{ id: 'TLS-14/takes', requirements: ['TLS-14'], role: 'receiving', phase: 'opened' },
    title:
      'Of what a peer offers, the gateway takes the extended master secret and secure renegotiation, and neither compression nor heartbeats.',
    steps: [{ say: STARTTLS }, { hear: { kind: 'element', like: { name: 'proceed' } } }, SAFE],
  },
  {
    ...{ id: 'TLS-14/offers', requirements: ['TLS-14'], role: 'initiating', phase: 'opened' },
    title:
      'The gateway itself offers the extended master secret and secure renegotiation, and neither compression nor heartbeats.',
    steps: [{ hear: { kind: 'element', like: { name: 'starttls' } } }, SAFE],
  },
  tries('TLSv1.2', RESUMES),
  tries('TLSv1.3', RESUMES),
  tries('TLSv1.2', {
    id: 'TLS-18/renegotiates',
    requirements: ['TLS-18'],
    title: 'A peer that wants the handshake anew on the same connection does not get it.',
    steps: [{ renegotiation: 'refused' }],
  }),
  ...older('TLSv1'),
  ...older('TLSv1.1'),
  agreed('TLSv1.2'),
  agreed('TLSv1.3'),
  {
    id: 'TLS-15/other-domain',
    requirements: ['TLS-15', 'TLS-09'],
    title: 'A peer that asks for another domain of ours is shown the certificate of that one.',
    role: 'receiving',
    phase: 'connected',
    steps: [
      { say: OPENING.replace("to='{us}'", "to='conference.{us}'") },
      { hear: { kind: 'header', attributes: { from: 'conference.{us}' } } },
      { hear: { kind: 'features' } },
      { say: STARTTLS },
      { hear: { kind: 'element', like: { name: 'proceed' } } },
      { tls: 'TLSv1.3', asking: 'conference.{us}' },
      { shows: 'conference.{us}' },
    ],
  },
  ...GOOD.map((suite): TestCase => ({
    id: `TLS-13/${suite}`,
    requirements: ['TLS-13'],
    title: `A peer that has ${suite} alone gets TLS by it, from a domain with a key of either kind.`,
    role: 'receiving',
    with: 'rooms',
    phase: 'opened',
    steps: [
      { say: STARTTLS },
      { hear: { kind: 'element', like: { name: 'proceed' } } },
      { tls: 'TLSv1.2', suites: suite },
      { shows: '{us}' },
    ],
  })),
  ...WEAK.map((suite): TestCase => ({
    id: `TLS-13/${suite}`,
    requirements: ['TLS-13', 'TLS-07'],
    title: `A peer that has ${suite} and nothing better gets no TLS, from a domain with a key of either kind.`,
    role: 'receiving',
    with: 'rooms',
    phase: 'opened',
    steps: [
      { say: STARTTLS },
      { hear: { kind: 'element', like: { name: 'proceed' } } },
      { tls: 'TLSv1.2', suites: `${suite}:@SECLEVEL=0`, refused: true },
    ],
  })),
  {
    id: 'TLS-02/partner-without',
    requirements: ['TLS-02', 'SAS-17', 'ERR-05'],
    title: 'To a partner that offers no TLS nothing is said: what was meant for it comes back.',
    role: 'initiating',
    phase: 'connected',
    steps: [
      { say: `${ANSWERING}<stream:features/>` },
      {
        hearOneOf: [
          { kind: 'stream-error', condition: ['policy-violation', 'undefined-condition', 'unsupported-feature'] },
          { kind: 'end' },
          { kind: 'closed' },
        ],
      },
      cameBack('remote-server-timeout'),
    ],
  },
  {
    id: 'TLS-04/sasl-before-tls',
    requirements: ['TLS-04'],
    title: 'SASL before TLS is refused.',
    role: 'receiving',
    phase: 'opened',
    steps: [
      { say: "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>" },
      {
        hearOneOf: [
          { kind: 'stream-error', condition: ['policy-violation', 'not-authorized', 'unsupported-feature'] },
          { kind: 'element', like: { name: 'failure', has: [{ name: 'encryption-required' }] } },
        ],
      },
    ],
  },
  {
    id: 'TLS-05/partner-fails',
    requirements: ['TLS-05', 'ERR-05'],
    title: 'A partner that fails at STARTTLS is told nothing more, and what was meant for it comes back.',
    role: 'initiating',
    phase: 'opened',
    steps: [
      { hear: { kind: 'element', like: { name: 'starttls' } } },
      { say: "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>" },
      { hear: { kind: 'end' } },
      { hear: { kind: 'closed' } },
      cameBack('remote-server-timeout'),
    ],
  },
  {
    id: 'TLS-06/pipelined',
    requirements: ['TLS-06'],
    title: 'What a peer has put behind STARTTLS in plaintext is never taken for what was said in TLS.',
    role: 'receiving',
    phase: 'opened',
    steps: [
      { say: `${STARTTLS}${OPENING}${CHAT}` },
      { hear: { kind: 'closed' }, withinMs: 5000 },
      { neverSaid: ['<proceed'] },
      { silence: 200, at: 'core', of: { name: 'message' } },
    ],
  },
  {
    id: 'TLS-06/partner-injects',
    requirements: ['TLS-06'],
    title: 'What stands behind the leave to proceed in plaintext ends the connection.',
    role: 'initiating',
    phase: 'opened',
    steps: [
      { hear: { kind: 'element', like: { name: 'starttls' } } },
      { say: `${PROCEED}<stream:features/>` },
      { hear: { kind: 'closed' } },
      cameBack('remote-server-timeout'),
    ],
  },
  endedBy('TLS-08/again', ['TLS-08'], 'STARTTLS within TLS ends the stream.', 'offered', STARTTLS, [
    'not-authorized',
    'policy-violation',
    'unsupported-feature',
    'unsupported-stanza-type',
  ]),
  {
    id: 'TLS-08/other-name-after',
    requirements: ['TLS-08', 'SAS-04'],
    title: 'Who had one name before TLS and has another after it is not let in under either.',
    role: 'receiving',
    phase: 'secured',
    steps: [
      { say: OPENING.replace('{peer}', 'somebody-else.example') },
      { hear: { kind: 'stream-error', condition: ['invalid-from', 'not-authorized', 'policy-violation'] } },
    ],
  },
  {
    id: 'TLS-09/initiating',
    requirements: ['TLS-09', 'SAS-01', 'SAS-03', 'TLS-15'],
    title:
      'Where the gateway connects, it shows the certificate of the domain it speaks for, and proves the name by EXTERNAL.',
    role: 'initiating',
    phase: 'offered',
    steps: [
      { shows: '{us}' },
      { asksFor: '{peer}' },
      {
        hear: {
          kind: 'element',
          like: { name: 'auth', ns: 'urn:ietf:params:xml:ns:xmpp-sasl', attributes: { mechanism: 'EXTERNAL' } },
        },
      },
    ],
  },
  ...(['expired', 'other-name', 'unknown-ca', 'self-signed', 'sha1'] as const).map((certificate): TestCase => ({
    id: `SAS-18/${certificate}`,
    requirements: [
      'SAS-18',
      'PKI-01',
      ...(certificate === 'sha1' ? ['TLS-12'] : []),
      ...(certificate === 'other-name' ? ['DNS-08', 'PKI-04'] : []),
    ],
    title: `To a partner whose certificate is wrong (${certificate}) nothing is said, and what was meant for it comes back.`,
    role: 'initiating',
    phase: 'opened',
    certificate,
    steps: [
      { hear: { kind: 'element', like: { name: 'starttls' } } },
      { say: PROCEED },
      { tls: 'TLSv1.3' },
      {
        hearOneOf: [
          { kind: 'closed' },
          { kind: 'stream-error', condition: ['not-authorized', 'policy-violation', 'undefined-condition'] },
          { kind: 'header' },
        ],
      },
      { hear: { kind: 'closed' } },
      cameBack('remote-server-timeout'),
    ],
  })),
  {
    id: 'PKI-08/revoked-outbound',
    requirements: ['PKI-08', 'PKI-15'],
    title: 'To a partner whose certificate was revoked nothing is said.',
    role: 'initiating',
    phase: 'opened',
    certificate: 'revoked',
    steps: [
      { hear: { kind: 'element', like: { name: 'starttls' } } },
      { say: PROCEED },
      { tls: 'TLSv1.3' },
      { hear: { kind: 'closed' } },
      cameBack('remote-server-timeout'),
    ],
  },
]
