// The proof of a name by SASL (SAS): who is offered EXTERNAL, and what becomes of what is said wrong. RFC 6120 §6, XEP-0178

import type { Certificate, Step, TestCase } from '../case.ts'
import { NAMESPACES } from '../namespaces.ts'
import { CHAT, errorOf, EXTERNAL, OPENING } from './making.ts'

const { SASL } = NAMESPACES

const auth = (words: string, mechanism = 'EXTERNAL'): string =>
  `<auth xmlns='${SASL}' mechanism='${mechanism}'>${words}</auth>`

const failure = (...conditions: readonly string[]): Step => ({
  hearOneOf: conditions.map((condition) => ({
    kind: 'element',
    like: { name: 'failure', ns: SASL, has: [{ name: condition }] },
  })),
})

const success: Step = { hear: { kind: 'element', like: { name: 'success', ns: SASL } } }

const said = (id: string, requirements: readonly string[], title: string, ...steps: readonly Step[]): TestCase => ({
  ...{ id, requirements, title, steps, role: 'receiving', phase: 'offered' },
})

/** A certificate that does not prove the name: EXTERNAL must not be offered. */
const unproven = (certificate: Certificate, requirements: readonly string[]): TestCase => ({
  id: `SAS-02/${certificate}`,
  requirements: ['SAS-02', ...requirements],
  title: `A peer whose certificate proves nothing (${certificate}) is not offered EXTERNAL.`,
  role: 'receiving',
  phase: 'secured',
  certificate,
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
})

/** Each that a server may refuse a name with. RFC 6120 §6.5 */
const FAILURES = [
  ...['aborted', 'account-disabled', 'credentials-expired', 'encryption-required', 'incorrect-encoding'],
  ...['invalid-authzid', 'invalid-mechanism', 'malformed-request', 'mechanism-too-weak', 'not-authorized'],
  'temporary-auth-failure',
] as const

export const PROOFS: readonly TestCase[] = [
  unproven('none', ['TLS-09']),
  unproven('expired', ['PKI-01']),
  unproven('other-name', ['PKI-01', 'PKI-04']),
  unproven('unknown-ca', ['PKI-01', 'PKI-02']),
  unproven('self-signed', ['PKI-01']),
  unproven('sha1', ['TLS-12']),
  unproven('revoked', ['PKI-08', 'PKI-15']),
  said(
    'SAS-03/empty',
    ['SAS-01', 'SAS-03'],
    'Where no authorization identity is said, it is that of the stream.',
    { say: auth('=') },
    success,
  ),
  said(
    'SAS-03/another',
    ['SAS-03', 'SAS-04', 'SAS-07'],
    'An authorization identity that was not proven is refused.',
    { say: auth(Buffer.from('somebody-else.example').toString('base64')) },
    failure('invalid-authzid', 'not-authorized'),
  ),
  said(
    'SAS-08/encoding',
    ['SAS-08', 'SAS-07'],
    'What is no base64 is refused with incorrect-encoding.',
    { say: auth('!!') },
    failure('incorrect-encoding'),
  ),
  said(
    'SAS-08/mechanism',
    ['SAS-08', 'SAS-07'],
    'A mechanism that was not offered is refused with invalid-mechanism.',
    { say: auth('AGJvYgBzZWNyZXQ=', 'PLAIN') },
    failure('invalid-mechanism'),
  ),
  said(
    'SAS-08/abort',
    ['SAS-08', 'SAS-07'],
    'Who gives up is told that it was noticed.',
    { say: `<abort xmlns='${SASL}'/>` },
    failure('aborted'),
  ),
  said(
    'SAS-07/malformed',
    ['SAS-07'],
    'An answer to a challenge that was never made is refused with malformed-request.',
    { say: `<response xmlns='${SASL}'/>` },
    failure('malformed-request'),
  ),
  {
    ...{ id: 'SAS-07/in-the-clear', requirements: ['SAS-07'], role: 'receiving', phase: 'opened' },
    title: 'A proof before TLS is refused with encryption-required.',
    steps: [{ say: auth('=') }, failure('encryption-required')],
  },
  ...FAILURES.map((condition): TestCase => ({
    ...{ id: `SAS-07/told-${condition}`, requirements: ['SAS-07'], role: 'initiating', phase: 'offered' },
    title: `Where a partner refuses our name with ${condition}, that is logged, and what was meant for it comes back.`,
    steps: [
      { hear: { kind: 'element', like: { name: 'auth', ns: SASL } } },
      { say: `<failure xmlns='${SASL}'><${condition}/></failure></stream:stream>` },
      { coreHears: errorOf('message', 'remote-server-timeout', '{id}-waking'), withinMs: 30_000 },
      { logs: { event: 'link.failed', leg: 'partner', remote: '{peer}', by: 'peer', detail: condition } },
    ],
  })),
  {
    id: 'SAS-06/many',
    requirements: ['SAS-06'],
    title: 'Who fails again and again is cut off.',
    role: 'receiving',
    phase: 'offered',
    steps: [...Array.from({ length: 6 }, (): Step => ({ say: auth('!!') })), { hear: { kind: 'closed' } }],
  },
  {
    id: 'SAS-04/other-name-after',
    requirements: ['SAS-04', 'STR-17'],
    title: 'Who has proven one name cannot begin the stream anew under another.',
    role: 'receiving',
    phase: 'offered',
    steps: [
      { say: auth('=') },
      success,
      { restart: true },
      { say: OPENING.replace('{peer}', 'somebody-else.example') },
      { hear: { kind: 'stream-error', condition: ['invalid-from', 'not-authorized'] } },
    ],
  },
  {
    id: 'SAS-13/unsolicited',
    requirements: ['SAS-13', 'SAS-15'],
    title: 'A result of dialback that nobody asked for proves nothing.',
    role: 'receiving',
    phase: 'offered',
    steps: [
      { say: "<db:result xmlns:db='jabber:server:dialback' type='valid' from='{peer}' to='{us}'/>" },
      { say: CHAT },
      { hear: { kind: 'closed' } },
      { silence: 200, at: 'core', of: { name: 'message' } },
    ],
  },
  {
    id: 'SAS-17/no-mechanism',
    requirements: ['SAS-17', 'SAS-10'],
    title:
      'A partner that offers no mechanism by which we prove ourselves gets no stanza, where dialback is not permitted.',
    role: 'initiating',
    phase: 'secured',
    profiles: ['dod'],
    steps: [
      {
        say: "<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' version='1.0' from='{peer}' to='{us}' id='answer'><stream:features><dialback xmlns='urn:xmpp:features:dialback'/></stream:features>",
      },
      {
        hearOneOf: [
          { kind: 'end' },
          { kind: 'closed' },
          { kind: 'stream-error', condition: ['policy-violation', 'not-authorized', 'undefined-condition'] },
        ],
      },
    ],
  },
  {
    id: 'CAS-05/no-binding',
    requirements: ['CAS-05'],
    title: 'Binding of a resource is for clients: servers are not offered it.',
    role: 'receiving',
    phase: 'offered',
    steps: [
      { say: auth('=') },
      success,
      { restart: true },
      { say: OPENING },
      { hear: { kind: 'header' } },
      { hear: { kind: 'features', without: [{ name: 'bind' }, { name: 'mechanisms' }, { name: 'starttls' }] } },
    ],
  },
]
