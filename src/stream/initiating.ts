// The initiating side of a server-to-server stream, as a pure function.
// Order of negotiation: XEP-0170 §3.1. TLS: RFC 6120 §5. Authentication: XEP-0178 §3.
//
// Rule 1: every transition is a cell of TABLE. A missing cell closes the stream.
// Rule 2: nothing but the two names is said before TLS, and nothing at all to a peer that has not proven its name.
// Rule 3: the way to `ready` leads through TLS, a proven certificate and SASL EXTERNAL. Where the rules allow dialback, and
//         only there, the peer need be no more than whom DNS names, and a key does where EXTERNAL does not (XEP-0220).

import type { CertificateSummary } from '../trust/verdict.ts'
import type { Frame } from '../xml/frame.ts'
import { parseDomain, toUnicodeDomain } from '../xmpp/domain.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import { ACK_CELLS, type Acking, askForThem } from './acks.ts'
import type { Closed, Closing } from './closing.ts'
import { CLOSED, close, finishClosing, refuse } from './closing.ts'
import { declaresDialback, type DialbackWord, readDialback, resultQuestion } from './dialback.ts'
import { samePair, verifyQuestion } from './dialback.ts'
import { type PeerFeatures, readFeatures } from './features.ts'
import { headerFault } from './header.ts'
import { quote } from './quote.ts'
import { authElement, readFailure } from './sasl.ts'
import { amendClose, Automaton, BIDI, ENDING, STARTTLS, type Table, transition } from './table.ts'
import type { Effect, KeyQuestion, Machine, Pair, Step, StreamEvent, TlsStart } from './types.ts'

/** What has been achieved before the current header. TLS forgets everything learned in plaintext. RFC 6120 §5.4.3.3 */
type Known =
  | { readonly stage: 'plain' }
  | { readonly stage: 'secured'; readonly certificate: Proof }
  | { readonly stage: 'authenticated'; readonly certificate: Proof; readonly bidi: boolean }

/** What has proven the peer's name; undefined where nothing has but DNS. */
type Proof = CertificateSummary | undefined

export type InitiatingState =
  | { readonly phase: 'connecting' }
  /** Our header is out; waits for the peer's. */
  | { readonly phase: 'opening'; readonly known: Known }
  /** Waits for the peer's features. */
  | { readonly phase: 'negotiating'; readonly known: Known; readonly header: Introduction }
  /** Asked for TLS. */
  | { readonly phase: 'proceeding' }
  /** The TLS handshake runs. */
  | { readonly phase: 'upgrading' }
  | { readonly phase: 'verifying' }
  /**
   * `bidi`: the peer may send on this stream too, once it has authenticated us. `id`: of the stream, where a key would do
   * if EXTERNAL does not.
   */
  | {
      readonly phase: 'authenticating'
      readonly certificate: Proof
      readonly bidi: boolean
      readonly id: string | undefined
    }
  /** Our key is out; waits for what the peer has found out about it. */
  | { readonly phase: 'claiming'; readonly certificate: Proof; readonly bidi: boolean }
  /** Waits for the answer that the stream was opened for. */
  | { readonly phase: 'asking' }
  | { readonly phase: 'ready'; readonly acks: Acking }
  | Closing
  | Closed

type S = InitiatingState

/** What the peer's header says about dialback. */
interface Introduction {
  readonly id: string
  readonly dialback: boolean
}

/** What an initiating stream is judged by: whom we want to reach, and as whom. */
export interface InitiatingRules {
  readonly pair: Pair
  /** Default: starttls. */
  readonly tls?: TlsStart
  /** Do we want the peer to send on it too, where it offers that? XEP-0288 */
  readonly bidi?: boolean
  /** Present where the floor of the partner lets DNS prove its name, and a key ours. */
  readonly dialback?: InitiatingDialback | undefined
}

export type InitiatingDialback =
  /** Our key for the stream that the peer gave this id. */
  | { key(id: string): string }
  /** Instead of becoming ready, the stream asks the peer about a key. XEP-0220 §2.1.2 */
  | { readonly question: KeyQuestion }

const TABLE: Table<S, InitiatingRules> = {
  connecting: {
    connected: (_, __, rules) =>
      rules.tls === 'direct'
        ? [{ phase: 'upgrading' }, { kind: 'start-tls', pair: rules.pair }] // not a word before it. XEP-0368 §3
        : [{ phase: 'opening', known: { stage: 'plain' } }, ourHeader(rules)],
  },
  opening: {
    header({ known }, { header }, { pair }) {
      const fault = headerFault(header)
      if (fault) return refuse(fault)
      // Before TLS anybody may have written the header, and a refusal that follows it says more than its names.
      // COMPAT: Prosody 0.12 sends an empty `id`, and some servers no `from`; nothing here depends on either.
      const named = header.from ? parseDomain(header.from) : pair.remote
      if (known.stage !== 'plain' && named !== pair.remote) return close('SP-434', `from=${quote(header.from ?? '')}`)
      return [{ phase: 'negotiating', known, header: { id: header.id ?? '', dialback: declaresDialback(header) } }]
    },
    stanza: early,
  },
  negotiating: {
    stanza: early,
    features: (s, { frame }, rules) => negotiate(s, readFeatures(frame), rules),
  },
  proceeding: {
    proceed(_, { pending }, { pair }) {
      // SECURITY: what was sent before the handshake must not be read as if it came through it.
      if (pending > 0) return close('SP-359', `${pending} bytes after <proceed/>`)
      return [{ phase: 'upgrading' }, { kind: 'start-tls', pair }]
    },
    'tls-failure': () => heardRefusal('SP-352', ''),
  },
  upgrading: {
    secured(_, { certificate }, rules) {
      if (certificate) return [{ phase: 'verifying' }, { kind: 'verify', pair: rules.pair }]
      return rules.dialback ? secured(undefined, rules) : sayFirst(rules, close('SP-361'))
    },
  },
  verifying: {
    verified(_, { verdict }, rules) {
      if (verdict.proven) return secured(verdict.certificate, rules)
      if (rules.dialback) return secured(undefined, rules)
      return sayFirst(rules, close(verdict.reason, verdict.detail, 'not-authorized'))
    },
  },
  authenticating: {
    success: ({ certificate, bidi }, _, rules) => [
      { phase: 'opening', known: { stage: 'authenticated', certificate, bidi } },
      bidi ? { kind: 'restart', trailing: true } : { kind: 'restart' },
      ourHeader(rules),
    ],
    'sasl-failure'({ certificate, id, bidi }, { frame }, rules) {
      const { reason, detail } = readFailure(frame)
      return id === undefined ? heardRefusal(reason, detail) : claim(certificate, id, rules, bidi)
    },
  },
  claiming: {
    'db-result'({ certificate, bidi }, { frame }, { pair }) {
      const word = readDialback(frame)
      if (word.kind !== 'answer' || !samePair(word.pair, pair)) return notOurs(word, pair)
      const { answer } = word
      if (answer.verdict === 'invalid') return heardRefusal('SP-477', '')
      if (answer.verdict === 'error') return heardRefusal('SP-478', answer.detail)
      return ready(pair, certificate, bidi)
    },
  },
  asking: {
    'db-verify'(_, { frame }, { pair, dialback }) {
      const word = readDialback(frame)
      const id = dialback && 'question' in dialback ? dialback.question.id : undefined
      if (word.kind !== 'answer' || !samePair(word.pair, pair) || word.id !== id) return notOurs(word, pair)
      return [
        { phase: 'closing', reason: 'SP-481', detail: '' },
        { kind: 'answered', answer: word.answer },
        { kind: 'footer' },
      ]
    },
  },
  ready: { ...ENDING.ready, ...ACK_CELLS },
  closing: ENDING.closing,
}

/**
 * COMPAT: Prosody 0.12 sends on a stream that goes both ways as soon as it has authenticated us, its next header or not.
 * Only who has proven its name, and said that it takes us for who we are, is heard so early.
 */
function early(s: Extract<S, { readonly known: Known }>, { frame }: { readonly frame: Frame }): Step<S> {
  if (s.known.stage === 'authenticated' && s.known.bidi) return [s, { kind: 'early', frame }]
  return close('SP-433', `<${quote(frame.name)}/> while ${s.phase}`)
}

/** The next thing to ask for, from what is offered now. */
function negotiate(
  { known, header: { id, dialback: declared } }: Extract<S, { phase: 'negotiating' }>,
  features: PeerFeatures,
  rules: InitiatingRules,
): Step<S> {
  const { pair, dialback } = rules
  if (known.stage === 'plain') {
    if (!features.starttls) return close('SP-351', offeredInstead(features))
    return [{ phase: 'proceeding' }, { kind: 'send', xml: STARTTLS }]
  }
  const { certificate } = known
  // A stream is ready when nothing that is left must be negotiated, and after dialback nothing else is. RFC 6120 §4.3.5
  const unmet = features.demanded.length > 0 && close('SP-437', features.demanded.join(', '))
  if (known.stage === 'authenticated') return unmet || ready(pair, certificate, known.bidi, features.acks)
  if (dialback && 'question' in dialback)
    return [{ phase: 'asking' }, { kind: 'send', xml: verifyQuestion(dialback.question) }]
  const takesKeys = dialback !== undefined && (features.dialback || declared)
  // SECURITY: only whose certificate proves its name may send on a stream that we have opened.
  const bidi = features.bidi && rules.bidi === true && certificate !== undefined
  const [asked, auth] = [bidi ? BIDI : '', authElement(toUnicodeDomain(pair.local))] // in this order. XEP-0288 §2.2
  if (features.mechanisms.includes('EXTERNAL')) {
    return [
      { phase: 'authenticating', certificate, bidi, id: takesKeys ? id : undefined },
      { kind: 'send', xml: asked + auth },
    ]
  }
  if (!takesKeys) return close('SP-432', offeredInstead(features))
  return unmet || claim(certificate, id, rules, bidi, asked)
}

/** The peer shall find out that we are who we say by asking whom DNS names for us. XEP-0220 §2.1.1 */
function claim(
  certificate: Proof,
  id: string,
  { pair, dialback }: InitiatingRules,
  bidi: boolean,
  asked = '',
): Step<S> {
  if (id === '' || !dialback || 'question' in dialback) return close('SP-479', 'the stream of the peer has no id')
  return [
    { phase: 'claiming', certificate, bidi },
    { kind: 'send', xml: asked + resultQuestion(pair, dialback.key(id)) },
  ]
}

/** TLS is up, and the peer is as proven as it has to be. */
const secured = (certificate: Proof, rules: InitiatingRules): Step<S> => [
  { phase: 'opening', known: { stage: 'secured', certificate } },
  ourHeader(rules),
]

/** `acks`: the last features offer them; after dialback there are none. */
function ready(pair: Pair, certificate: Proof, bidi: boolean, acks = false): Step<S> {
  const method = certificate ? 'certificate' : 'dialback'
  const effect: Effect = { kind: 'ready', proven: { pair, method, certificate }, bidi }
  return acks ? [{ phase: 'ready', acks: 'asked' }, effect, ...askForThem] : [{ phase: 'ready', acks: 'off' }, effect]
}

/** SECURITY: whoever believes an answer to somebody else's question can be told anything. XEP-0220 §4.1 */
function notOurs(word: DialbackWord, asked: Pair): Step<Closed> {
  if (word.kind === 'malformed') return close('SP-479', word.detail)
  const { local, remote } = word.pair
  return close('SP-476', `${word.kind} from ${remote} to ${local}, while ${asked.remote} was asked`)
}

function offeredInstead({ names, mechanisms }: PeerFeatures): string {
  const offered = [...names, ...mechanisms]
  return offered.length === 0 ? 'offered nothing' : `offered ${quote(offered.join(' '))}`
}

/** The peer said no in a way that is no stream error: the stream is closed in good order. */
function heardRefusal(reason: ReasonId, detail: string): Step<Closed> {
  return [CLOSED, { kind: 'close', reason, detail, by: 'peer', condition: undefined, say: 'footer' }]
}

function ourHeader({ pair: { local, remote }, dialback }: InitiatingRules): Effect {
  const header = { kind: 'header', from: local, to: remote } as const
  return dialback ? { ...header, dialback: true } : header
}

/** An error that comes before our header on a secured connection: the peer's administrator deserves the word. */
const sayFirst = (rules: InitiatingRules, [next, ...effects]: Step<Closed>): Step<S> => [
  next,
  ourHeader(rules),
  ...effects,
]

/** Feeds one event to the stream. Never throws on peer input. */
export function step(state: S, event: StreamEvent, rules: InitiatingRules): Step<S> {
  const result = transition(TABLE, state, event, rules, (s, what) =>
    s.phase === 'ready' ? close('SP-427', what) : s.phase === 'closing' ? finishClosing(s) : close('SP-433', what),
  )
  // Before our header, and during a handshake, there is nowhere to put words; right after it there is.
  const mute =
    state.phase === 'connecting' ||
    (state.phase === 'upgrading' && event.kind !== 'secured') ||
    (state.phase === 'verifying' && event.kind !== 'verified')
  return mute ? amendClose(result, 'nothing', []) : result
}

/** An initiating stream with its state. */
export function initiating(rules: InitiatingRules): Machine {
  return new Automaton<S, InitiatingRules>(step, { phase: 'connecting' }, rules)
}
