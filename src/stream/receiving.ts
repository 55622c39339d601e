// The receiving side of a server-to-server stream, as a pure function.
// Order of negotiation: XEP-0170 §3.1. Restarts: RFC 6120 §4.3.3. Authentication: XEP-0178 §3.
//
// Rule 1: every transition is a cell of TABLE. A missing cell closes the stream.
// Rule 2: no I/O, no clock, no logging. `net/driver.ts` performs the effects, so a stream can be replayed in a test
//         without a socket.
// Rule 3: the way to `ready` leads through TLS and the rules, and by one of two bridges: a proven certificate with SASL, or
//         dialback (`claims.ts`), where the rules know it.

import type { CertificateSummary } from '../trust/verdict.ts'
import type { StreamHeader } from '../xml/frame.ts'
import { parseDomain } from '../xmpp/domain.ts'
import type { SaslCondition } from '../xmpp/conditions.ts'
import { ACK_CELLS, type Acking, enable } from './acks.ts'
import type { Closed, Closing } from './closing.ts'
import { asked, claim, type Claims, type ClaimStep, judged, NO_CLAIMS } from './claims.ts'
import { CLOSED, close, finishClosing, refuse } from './closing.ts'
import type { EventOf } from './elements.ts'
import { type Fact, type FeatureName, featuresElement, offered } from './features.ts'
import { headerFault } from './header.ts'
import { quote } from './quote.ts'
import { failureElement, judgeAuth, SUCCESS } from './sasl.ts'
import { amendClose, Automaton, ENDING, PROCEED, type Table, TLS_FAILURE, transition } from './table.ts'
import type { DialbackRules, Effect, Machine, Pair, ReceivingRules, Step, StreamEvent, TlsStart } from './types.ts'

/** What has been learned by the time a header comes. TLS forgets all but the names. RFC 6120 §5.4.3.3 */
type Known =
  | { readonly stage: 'plain' }
  /** TLS came before any name. */
  | { readonly stage: 'direct'; readonly certificate: boolean }
  | { readonly stage: 'secured'; readonly pair: Pair; readonly certificate: boolean }
  | {
      readonly stage: 'authenticated'
      readonly pair: Pair
      readonly certificate: CertificateSummary
      readonly bidi: boolean
    }

export type ReceivingState =
  /** Direct TLS only: waits for the connection, then for the handshake. */
  | { readonly phase: 'connecting'; readonly attempts: number }
  | { readonly phase: 'securing'; readonly attempts: number }
  /** Waits for a header; ours has not been sent. `attempts` is how often SASL may still fail. */
  | { readonly phase: 'opening'; readonly attempts: number; readonly known: Known }
  /** Checks the peer's certificate. */
  | { readonly phase: 'verifying'; readonly attempts: number; readonly pair: Pair }
  /**
   * Features were offered; `certificate` has been proven, if there is one; `bidi`: the peer wants us to send too. `pair` is
   * that of the header.
   */
  | {
      readonly phase: 'offered'
      readonly attempts: number
      readonly pair: Pair
      readonly offers: readonly FeatureName[]
      readonly certificate: CertificateSummary | undefined
      readonly bidi: boolean
      readonly claims: Claims
    }
  /** Finds a certificate to show. */
  | { readonly phase: 'preparing'; readonly attempts: number; readonly pair: Pair }
  /** The TLS handshake runs. */
  | { readonly phase: 'upgrading'; readonly attempts: number; readonly pair: Pair }
  /** `pair` is that of the header. */
  | { readonly phase: 'ready'; readonly pair: Pair; readonly claims: Claims; readonly acks: Acking }
  | Closing
  | Closed

type S = ReceivingState
type Of<P extends S['phase']> = Extract<S, { phase: P }>

const DIALBACK = {
  'db-result'(s: Claimable, { frame }: ElementEvent, rules: ReceivingRules): Step<S> {
    return dialbackOf(s, rules) ? claiming(s, claim(s.claims, frame)) : strange(s, '<db:result/>')
  },
  'db-verify'(s: Claimable, { frame }: ElementEvent, rules: ReceivingRules): Step<S> {
    const dialback = dialbackOf(s, rules)
    if (!dialback) return strange(s, '<db:verify/>')
    const answer = asked(frame, dialback)
    return 'end' in answer ? answer.end : [{ ...s, claims: { ...s.claims, asked: true } }, answer.effect]
  },
  judged: (s: Claimable, { judgement }: EventOf<'judged'>): Step<S> =>
    claiming(s, judged(s.claims, judgement, s.phase === 'offered' && s.bidi)),
}

const TABLE: Table<S, ReceivingRules> = {
  connecting: {
    connected: ({ attempts }) => [{ phase: 'securing', attempts }, { kind: 'accept-tls' }],
  },
  securing: {
    secured: ({ attempts }, { certificate }) => [
      { phase: 'opening', attempts, known: { stage: 'direct', certificate } },
    ],
  },
  opening: {
    header(s, { header }, rules) {
      const fault = headerFault(header)
      if (fault) return refuse(fault)
      const local = parseDomain(header.to ?? '')
      const remote = parseDomain(header.from ?? '')
      if (local === undefined) return close('SP-421', `to=${quote(header.to ?? '')}`)
      // The name must be known before TLS: it decides which certificate we show. RFC 6120 §4.7.1
      if (remote === undefined) return close('SP-421', `from=${quote(header.from ?? '')}`)
      return opened(s, { local, remote }, rules)
    },
  },
  verifying: {
    verified(s, { verdict }, rules) {
      if (!verdict.proven) return doubted(s, s.pair, verdict, rules)
      return offer(s, s.pair, rules, ['secured', 'proven'], verdict.certificate)
    },
  },
  offered: {
    starttls(s, { pending }) {
      if (!s.offers.includes('starttls')) return unexpected('<starttls/> after TLS')
      // SECURITY: what was sent before the handshake must not be read as if it came through it.
      if (pending > 0) return close('SP-359', `${pending} bytes after <starttls/>`)
      return [
        { phase: 'preparing', attempts: s.attempts, pair: s.pair },
        { kind: 'identify', pair: s.pair },
      ]
    },
    // SECURITY: it only says what the peer wants; nothing is sent before it has proven its name. XEP-0288 §2.2
    bidi(s) {
      if (!s.offers.includes('bidi')) return close('SP-492', 'it was not offered')
      return s.bidi ? close('SP-492', 'twice') : [{ ...s, bidi: true }]
    },
    auth(s, { frame }, rules) {
      if (s.offers.includes('starttls')) return sayThen(failureElement('encryption-required'), close('SP-428'))
      if (s.claims.pending.length > 0) return unexpected('<auth/> while a claim by dialback is judged')
      if (!s.certificate) return unexpected('<auth/> without a mechanism on offer')
      const fault = judgeAuth(frame, s.pair.remote)
      if (fault) return failed(s, fault)
      const refusal = rules.admits(s.pair)
      if (refusal) return refuse(refusal)
      return [
        {
          phase: 'opening',
          attempts: s.attempts,
          known: { stage: 'authenticated', pair: s.pair, certificate: s.certificate, bidi: s.bidi },
        },
        { kind: 'send', xml: SUCCESS },
        { kind: 'restart' },
      ]
    },
    // Nothing is in progress between an <auth/> and its answer, but both may be sent at any time. RFC 6120 §6.4.4
    abort: (s) => (s.certificate ? failed(s, 'aborted') : unexpected('<abort/> before TLS')),
    response: (s) => (s.certificate ? failed(s, 'malformed-request') : unexpected('<response/> before TLS')),
    ...DIALBACK,
  },
  preparing: {
    identified(s, { found, detail }) {
      if (found) {
        return [
          { phase: 'upgrading', attempts: s.attempts, pair: s.pair },
          { kind: 'send', xml: PROCEED },
          { kind: 'start-tls', pair: s.pair },
        ]
      }
      // RFC 6120 §5.4.2.2: the refusal and the end of the stream, without a stream error.
      return sayThen(TLS_FAILURE, [
        CLOSED,
        { kind: 'close', reason: 'SP-360', detail, by: 'us', condition: undefined, say: 'footer' },
      ])
    },
  },
  upgrading: {
    secured: (s, { certificate }) => [
      { phase: 'opening', attempts: s.attempts, known: { stage: 'secured', pair: s.pair, certificate } },
    ],
  },
  ready: { ...ENDING.ready, ...ACK_CELLS, ...DIALBACK, enable, bidi: () => close('SP-492', 'after authentication') },
  closing: ENDING.closing,
}

/** Phases in which a peer may claim domains. */
type Claimable = Of<'offered'> | Of<'ready'>
type ElementEvent = EventOf<'db-result'>

/** Dialback on this stream, if there is any: never before TLS. */
function dialbackOf(s: Claimable, rules: ReceivingRules): DialbackRules | undefined {
  const plain = s.phase === 'offered' && s.offers.includes('starttls')
  return plain ? undefined : rules.dialback?.(s.pair)
}

/** An element of dialback where there is none. */
const strange = (s: Claimable, what: string): Step<Closed> =>
  s.phase === 'ready' ? close('SP-427', what) : unexpected(`${what} before TLS, or from the core`)

function claiming(s: Claimable, outcome: ClaimStep): Step<S> {
  if ('end' in outcome) return outcome.end
  const { claims, effects, ready } = outcome
  return ready ? [{ phase: 'ready', pair: s.pair, claims, acks: 'off' }, ...effects] : [{ ...s, claims }, ...effects]
}

/** A header with two well-formed names: what it leads to depends on what is known already. */
function opened(s: Of<'opening'>, pair: Pair, rules: ReceivingRules): Step<S> {
  const { known } = s
  if (known.stage === 'plain' || known.stage === 'direct') {
    const refusal = rules.opens(pair)
    if (refusal) return refuse(refusal)
    return known.stage === 'plain' ? offer(s, pair, rules, []) : shown(s, pair, known.certificate, rules)
  }
  // SECURITY: a restart must not change who is talking to whom.
  if (pair.remote !== known.pair.remote) return close('SP-424', `from ${known.pair.remote} to ${pair.remote}`)
  if (pair.local !== known.pair.local) return close('SP-425', `from ${known.pair.local} to ${pair.local}`)
  if (known.stage === 'authenticated') {
    return [
      { phase: 'ready', pair: known.pair, claims: { ...NO_CLAIMS, proven: [known.pair] }, acks: 'off' },
      ourHeader(known.pair, rules),
      { kind: 'send', xml: featuresElement(factsOf(known.pair, rules, ['secured', 'proven', 'authenticated'])) },
      {
        kind: 'ready',
        proven: { pair: known.pair, method: 'certificate', certificate: known.certificate },
        bidi: known.bidi,
      },
    ]
  }
  return shown(s, known.pair, known.certificate, rules)
}

/** The names are known, and TLS is up: what the peer showed is held against its name. */
function shown(s: Of<'opening'>, pair: Pair, certificate: boolean, rules: ReceivingRules): Step<S> {
  if (!certificate) return doubted(s, pair, { reason: 'SP-361', detail: '' }, rules)
  return [
    { phase: 'verifying', attempts: s.attempts, pair },
    { kind: 'verify', pair },
  ]
}

interface Trying {
  readonly attempts: number
}

/** The certificate proves nothing: what is left is dialback, if it is offered. */
function doubted(s: Trying, pair: Pair, doubt: NonNullable<Claims['doubt']>, rules: ReceivingRules): Step<S> {
  const { reason, detail } = doubt
  if (!rules.dialback?.(pair)?.offered()) return close(reason, detail, 'not-authorized')
  return offer(s, pair, rules, ['secured'], undefined, { reason, detail })
}

function offer(
  { attempts }: Trying,
  pair: Pair,
  rules: ReceivingRules,
  known: readonly Fact[],
  certificate?: CertificateSummary,
  doubt?: Claims['doubt'],
): Step<S> {
  const facts = factsOf(pair, rules, known)
  const claims = doubt ? { ...NO_CLAIMS, doubt } : NO_CLAIMS
  return [
    { phase: 'offered', attempts, pair, offers: offered(facts), certificate, bidi: false, claims },
    ourHeader(pair, rules),
    { kind: 'send', xml: featuresElement(facts) },
  ]
}

const factsOf = (pair: Pair, rules: ReceivingRules, known: readonly Fact[]): readonly Fact[] => [
  ...known,
  ...(rules.bidi && known.includes('proven') ? (['both-ways'] as const) : []),
  ...(rules.dialback?.(pair)?.offered() ? (['dialback'] as const) : []),
]

/** SASL failed: another attempt is allowed until none is left. RFC 6120 §6.4.5 */
function failed(s: Of<'offered'>, condition: SaslCondition): Step<S> {
  const attempts = s.attempts - 1
  if (attempts <= 0) return sayThen(failureElement(condition), close('SP-429', condition))
  return [
    { ...s, attempts },
    { kind: 'send', xml: failureElement(condition) },
  ]
}

const unexpected = (what: string): Step<Closed> => close('SP-426', what)

function ourHeader(pair: Pair, rules: ReceivingRules): Effect {
  const header = { kind: 'header', from: pair.local, to: pair.remote } as const
  return rules.dialback?.(pair)?.offered() ? { ...header, dialback: true } : header
}

function sayThen(xml: string, [next, ...effects]: Step<Closed>): Step<S> {
  return [next, { kind: 'send', xml }, ...effects]
}

/** Names for the header that must precede an error (RFC 6120 §4.9.1.1): the pair where known, else what the peer asked for. */
function headerOf(s: S, event: StreamEvent, rules: ReceivingRules): Effect {
  if (s.phase === 'opening' && 'pair' in s.known) return ourHeader(s.known.pair, rules)
  if (s.phase === 'verifying') return ourHeader(s.pair, rules)
  const theirs: Partial<StreamHeader> = event.kind === 'header' ? event.header : {}
  return { kind: 'header', from: parseDomain(theirs.to ?? ''), to: parseDomain(theirs.from ?? '') }
}

/** A stream that ends by itself without having been believed ends for what kept it from that. */
function ended({ claims }: Of<'offered'>, { kind }: StreamEvent, outcome: Step<S>): Step<S> {
  const [next, ...effects] = outcome
  const last = effects.at(-1)
  if (last?.kind !== 'close' || !(last.by !== 'us' || kind === 'deadline')) return outcome
  const { doubt } = claims
  if (claims.asked && last.reason === 'SP-465') return [next, ...effects.slice(0, -1), { ...last, reason: 'SP-481' }]
  if (!doubt) return outcome
  const detail = [doubt.detail, `then ${last.reason}`, last.detail].filter(Boolean).join('; ')
  return [next, ...effects.slice(0, -1), { ...last, reason: doubt.reason, detail }]
}

/** Feeds one event to the stream. Never throws on peer input. */
export function step(state: S, event: StreamEvent, rules: ReceivingRules): Step<S> {
  const result = transition(TABLE, state, event, rules, (s, what) =>
    s.phase === 'ready' ? close('SP-427', what) : s.phase === 'closing' ? finishClosing(s) : unexpected(what),
  )
  const shakesHands = state.phase === 'connecting' || state.phase === 'securing' || state.phase === 'upgrading'
  if (shakesHands) return amendClose(result, 'nothing', []) // no place for words
  if (state.phase === 'offered') return ended(state, event, result)
  const headerIsDue = state.phase === 'opening' || state.phase === 'verifying'
  return headerIsDue ? amendClose(result, undefined, [headerOf(state, event, rules)]) : result
}

/** A stream before its first header. `attempts`: how often SASL may fail, 2 to 5 (RFC 6120 §6.4.5). */
export const opening = (attempts: number, tls: TlsStart = 'starttls'): S =>
  tls === 'direct' ? { phase: 'connecting', attempts } : { phase: 'opening', attempts, known: { stage: 'plain' } }

/** A receiving stream with its state. */
export function receiving(rules: ReceivingRules, attempts: number, tls: TlsStart = 'starttls'): Machine {
  return new Automaton(step, opening(attempts, tls), rules)
}
