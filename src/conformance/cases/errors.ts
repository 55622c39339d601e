// Errors (ERR): what comes back for a stanza that the gateway refuses or cannot deliver, condition by condition, and to what
// nothing does. RFC 6120 §8.3

import type { Pattern, Step, TestCase } from '../case.ts'
import { NAMESPACES } from '../namespaces.ts'
import { CHAT, errorOf, peerSays } from './making.ts'

const { STANZA_ERRORS } = NAMESPACES

/** What the gateway itself refuses: between whom, and by what. */
interface Refusal {
  /** As which condition, with the type that RFC 6120 §8.3.3 names for it. */
  readonly as: string
  readonly type: 'auth' | 'cancel' | 'modify' | 'wait'
  readonly why: string
  /** From whom and to whom it is: the other way round it comes back. */
  readonly from: string
  readonly to: string
  /** Where nobody is at the address that it was for: who answers instead. */
  readonly by?: string
  readonly name?: 'message' | 'presence' | 'iq'
  /** What the start tag says besides, and what stands in it. */
  readonly more?: string
  readonly inside?: string
  /** Said before it. */
  readonly before?: readonly Step[]
  readonly withinMs?: number
  readonly setting?: Partial<Pick<TestCase, 'entry' | 'dns' | 'phase'>>
}

const OURS = { from: '{user}/desk', to: '{contact}/lab' } as const
const THEIRS = { from: '{contact}/desk', to: '{user}/lab' } as const
const QUESTION = { name: 'iq', more: " type='get'", inside: "<query xmlns='urn:example:q'/>" } as const

/** What partners hear. */
const OUTSIDE: readonly Refusal[] = [
  {
    as: 'bad-request',
    type: 'modify',
    why: 'a question without a payload',
    ...THEIRS,
    name: 'iq',
    more: " type='get'",
  },
  {
    ...{ as: 'jid-malformed', type: 'modify', why: 'an address that is none' },
    ...{ from: '{contact}/desk', to: 'a b@{us}', by: '{us}' },
  },
  {
    ...{ as: 'not-allowed', type: 'cancel', why: 'a stranger, where those may not begin', ...THEIRS },
    setting: { entry: { class: 'public-unverified' } },
  },
  {
    ...{ as: 'service-unavailable', type: 'cancel', why: 'a client, of those whom the partner is not shown' },
    ...{ ...THEIRS, ...QUESTION, setting: { entry: { presence: { detail: 'none' } } } },
  },
  {
    ...{ as: 'resource-constraint', type: 'wait', why: 'one recipient too many' },
    ...{ from: '{contact}/desk', to: 'carol@{us}/lab', setting: { entry: { limits: { recipientsPerDay: 1 } } } },
    before: [
      { say: CHAT.replace("'{id}'", "'{id}-1'") },
      { coreHears: { name: 'message', attributes: { id: '{id}-1' } } },
    ],
  },
]

/** What users of ours hear. */
const INSIDE: readonly Refusal[] = [
  {
    ...{ as: 'bad-request', type: 'modify', why: 'presence of a type that does not exist' },
    ...{ ...OURS, name: 'presence', more: " type='foo'" },
  },
  {
    ...{ as: 'jid-malformed', type: 'modify', why: 'an address that is none' },
    ...{ from: '{user}/desk', to: 'a b@{peer}', by: '{peer}' },
  },
  {
    ...{ as: 'not-allowed', type: 'cancel', why: 'a domain that is not admitted' },
    ...{ from: '{user}/desk', to: 'bob@stranger.example/lab' },
  },
  {
    ...{ as: 'policy-violation', type: 'modify', why: 'a kind of stanza that the policy does not allow' },
    ...{ ...OURS, ...QUESTION, setting: { entry: { policy: 'messages-only' } } },
  },
  {
    ...{ as: 'remote-server-not-found', type: 'cancel', why: 'a domain of which DNS knows nothing', ...OURS },
    setting: { phase: 'none', dns: {} },
  },
  {
    ...{ as: 'remote-server-timeout', type: 'wait', why: 'a domain of which DNS says nothing', ...OURS },
    ...{ setting: { phase: 'none', dns: { 'SRV _xmpp-server._tcp.{peer}': 'silence' } }, withinMs: 60_000 },
  },
]

const stanzaOf = ({ name = 'message', from, to, more = " type='chat'", inside }: Refusal): string =>
  `<${name}${more} from='${from}' to='${to}' id='{id}'>${inside ?? (name === 'message' ? '<body>Hello</body>' : '')}</${name}>`

/** The same kind of stanza, with its id, the other way round; one error with its type, and of the conditions no other. */
const answerTo = ({ as, type, name = 'message', from, to, by = to }: Refusal): Pattern => ({
  ...{ name, attributes: { type: 'error', id: '{id}', from: by, to: from }, lacks: [{ name: 'body' }] },
  has: [
    {
      ...{ name: 'error', attributes: { type }, has: [{ name: as, ns: STANZA_ERRORS }] },
      lacks: ['undefined-condition', ...[...OUTSIDE, ...INSIDE].map((one) => one.as)]
        .filter((one) => one !== as)
        .map((other) => ({ name: other })),
    },
  ],
})

const titled = ({ as, why }: Refusal, who: string): string =>
  `For ${why} ${who} hears ${as} with its type, from whom the stanza was for, by the same id.`

/** Answers end with what is refused: to them nothing is said. */
const NOWHERE = "from='{contact}/desk' to='a b@{us}' id='{id}'"
const ENDS = {
  error: `<message type='error' ${NOWHERE}><error type='cancel'><service-unavailable xmlns='${STANZA_ERRORS}'/></error></message>`,
  answer: `<iq type='result' ${NOWHERE}/>`,
  'error-answer': `<iq type='error' ${NOWHERE}><error type='cancel'><service-unavailable xmlns='${STANZA_ERRORS}'/></error></iq>`,
  leave: `<presence type='unavailable' ${NOWHERE}/>`,
} as const

export const ERRORS: readonly TestCase[] = [
  ...OUTSIDE.map((one): TestCase => ({
    ...{ id: `ERR-01/${one.as}/in`, requirements: ['ERR-01'], title: titled(one, 'the partner') },
    ...{ role: 'receiving', phase: 'authenticated', ...one.setting },
    steps: [...(one.before ?? []), { say: stanzaOf(one) }, { comesBack: answerTo(one) }],
  })),
  ...INSIDE.map((one): TestCase => ({
    ...{ id: `ERR-01/${one.as}/out`, requirements: ['ERR-01'], title: titled(one, 'our user') },
    ...{ role: 'initiating', phase: 'authenticated', ...one.setting },
    steps: [
      ...(one.before ?? []),
      { coreSays: stanzaOf(one) },
      { coreHears: answerTo(one), ...(one.withinMs !== undefined && { withinMs: one.withinMs }) },
    ],
  })),
  ...Object.entries(ENDS).map(([what, stanza]) => {
    const [name = ''] = stanza.slice(1).split(' ')
    return peerSays(
      `ERR-03/${what}-refused`,
      ['ERR-03', 'STZ-03'],
      `What ends something (${what}) and is refused hears nothing, while the next stanza is answered.`,
      [
        { say: stanza },
        { say: CHAT.replace('{user}', 'a b@{us}').replace("'{id}'", "'{id}-2'") },
        { comesBack: errorOf('message', 'jid-malformed', '{id}-2') },
        { copiesOf: { name, attributes: { id: '{id}' } }, at: 'back', times: 0 },
      ],
    )
  }),
]
