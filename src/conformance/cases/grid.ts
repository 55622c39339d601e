// Which kinds of services come to a stream with an edge of ours, XEP-0238 §3: a scripted peer of each kind, as the one to whom
// the stream is opened and as the one that opens it, with an entry that asks for a certificate and with one that lets dialback
// within TLS do.
//
// Types 2 and 4, and 3 and 5, differ in whether they would do without TLS, which an edge that never does has no way to see.

import type { Pattern, Step, TestCase } from '../case.ts'
import { NAMESPACES } from '../namespaces.ts'
import { ANSWERING, CHAT, errorOf, EXTERNAL, OPENING } from './making.ts'

const { SASL } = NAMESPACES
const DIALBACK = "<dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>"
const MECHANISMS = `<mechanisms xmlns='${SASL}'><mechanism>EXTERNAL</mechanism></mechanisms>`
const declared = (header: string): string => header.replace(' from=', " xmlns:db='jabber:server:dialback' from=")
const OPENED = declared(OPENING)
const offering = (features: string): string => `${declared(ANSWERING)}<stream:features>${features}</stream:features>`

const CLAIM = "<db:result from='{peer}' to='{us}'>a-key-of-ours</db:result>"
const claimed = (type: string | false): Pattern => ({
  ...{ name: 'result', ns: 'jabber:server:dialback', attributes: { from: '{us}', to: '{peer}', type } },
})
const like = (pattern: Pattern): Step => ({ hear: { kind: 'element', like: pattern }, withinMs: 20_000 })
const arrives: Step = { coreHears: { name: 'message', attributes: { id: '{id}' } } }
const delivered: Step = like({ name: 'message', attributes: { id: '{id}-waking' } })
const isRefused: readonly Step[] = [
  { hear: { kind: 'closed' } },
  { silence: 200, at: 'core', of: { name: 'message', attributes: { id: '{id}' } } },
]
const comesBack: Step = { coreHears: errorOf('message', 'remote-server-timeout', '{id}-waking'), withinMs: 15_000 }

type Played = Pick<TestCase, 'role' | 'phase' | 'steps'> & Partial<TestCase>

/** Trusted, by certificate; encrypted, and verified by dialback; unsuccessful. */
const T = {
  initiating: (offers: string): Played => ({
    ...{ role: 'initiating', phase: 'secured' },
    steps: [
      { say: offering(offers) },
      like({ name: 'auth', ns: SASL, attributes: { mechanism: 'EXTERNAL' } }),
      { say: `<success xmlns='${SASL}'/>` },
      { restart: true },
      { hear: { kind: 'header' } },
      { say: `${ANSWERING}<stream:features/>` },
      delivered,
    ],
  }),
  receiving: (): Played => ({
    ...{ role: 'receiving', phase: 'secured' },
    steps: [
      { say: OPENED },
      { hear: { kind: 'header' } },
      { hear: { kind: 'features', with: [EXTERNAL] } },
      { say: `<auth xmlns='${SASL}' mechanism='EXTERNAL'>=</auth>` },
      like({ name: 'success', ns: SASL }),
      { restart: true },
      { say: OPENING },
      { hear: { kind: 'header' } },
      { hear: { kind: 'features' } },
      { say: CHAT },
      arrives,
    ],
  }),
}
const E = {
  initiating: (): Played => ({
    ...{ role: 'initiating', phase: 'secured' },
    steps: [
      { say: offering(DIALBACK) },
      like(claimed(false)),
      { say: "<db:result type='valid' from='{peer}' to='{us}'/>" },
      delivered,
    ],
  }),
  receiving: (): Played => ({
    ...{ role: 'receiving', phase: 'secured', answersFor: 'valid' },
    steps: [
      { say: OPENED },
      { hear: { kind: 'header' } },
      { hear: { kind: 'features', with: [{ name: 'dialback' }] } },
      { say: CLAIM },
      like(claimed('valid')),
      { say: CHAT },
      arrives,
    ],
  }),
}
const U = {
  /** To a partner whose certificate proves nothing, nor may anything else. */
  initiating: (): Played => ({
    ...{ role: 'initiating', phase: 'opened' },
    steps: [
      like({ name: 'starttls' }),
      { say: "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" },
      { tls: 'TLSv1.3' },
      { hear: { kind: 'closed' } },
      comesBack,
    ],
  }),
  receiving: (): Played => ({
    ...{ role: 'receiving', phase: 'secured', answersFor: 'valid' },
    steps: [
      { say: OPENED },
      { hear: { kind: 'header' } },
      {
        hearOneOf: [
          { kind: 'features', without: [EXTERNAL] },
          { kind: 'stream-error', condition: ['not-authorized', 'policy-violation'] },
        ],
      },
      { say: CLAIM },
      { say: CHAT },
      ...isRefused,
    ],
  }),
  /** Without TLS. */
  initiatingInPlain: (): Played => ({
    ...{ role: 'initiating', phase: 'connected' },
    steps: [{ say: offering(DIALBACK) }, { hear: { kind: 'closed' } }, { neverSaid: [':result'] }, comesBack],
  }),
  receivingInPlain: (): Played => ({
    ...{ role: 'receiving', phase: 'connected', answersFor: 'valid' },
    steps: [{ say: OPENED }, { say: CLAIM }, { say: CHAT }, ...isRefused],
  }),
}

const CLASSES: Readonly<Record<string, string>> = {
  '1': 'that knows no TLS',
  '2-4': 'with TLS and a certificate that it has signed itself',
  '3-5': 'with TLS, a good certificate and dialback',
  '6': 'with TLS, a good certificate and nothing else',
}
const CERTIFICATES: Readonly<Record<string, TestCase['certificate']>> = { '1': 'none', '2-4': 'self-signed' }
const SUCCESS = {
  U: 'comes to nothing',
  E: 'is encrypted and verified by dialback',
  T: 'is trusted by certificate',
} as const

const made = (types: string, came: keyof typeof SUCCESS, played: Played, waived: boolean, more = ''): TestCase => ({
  id: `SAS-10/type-${types}-${played.role}${waived ? '-waived' : ''}${more}`,
  requirements: ['SAS-10'],
  title: `A stream ${played.role === 'receiving' ? 'of' : 'to'} a service ${CLASSES[types]} (Type ${types.replace('-', ' or ')} of XEP-0238) ${SUCCESS[came]}, where its entry ${waived ? 'lets dialback within TLS do' : 'asks for a certificate'}.`,
  ...(CERTIFICATES[types] && { certificate: CERTIFICATES[types] }),
  ...(waived && { profiles: ['standard', 'nato'], entry: { authentication: 'dialback-over-tls' } }),
  ...played,
})

export const GRID: readonly TestCase[] = [
  ...[false, true].flatMap((waived) => [
    made('1', 'U', U.initiatingInPlain(), waived),
    made('1', 'U', U.receivingInPlain(), waived),
    made('3-5', 'T', T.initiating(`${MECHANISMS}${DIALBACK}`), waived),
    made('3-5', 'T', T.receiving(), waived),
    made('6', 'T', T.initiating(MECHANISMS), waived),
    made('6', 'T', T.receiving(), waived),
  ]),
  made('2-4', 'U', U.initiating(), false),
  made('2-4', 'U', U.receiving(), false),
  made('2-4', 'E', E.initiating(), true),
  made('2-4', 'E', E.receiving(), true),
  made('3-5', 'E', E.receiving(), true, '-dialback'),
]
