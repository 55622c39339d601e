// The initiating side of a server-to-server stream, as a pure function.
// Order of negotiation: XEP-0170 §3.1. TLS: RFC 6120 §5. Authentication: XEP-0178 §3.
//
// Rule 1: every transition is a cell of TABLE. A missing cell closes the stream.
// Rule 2: nothing but the two names is said before TLS, and nothing at all to a peer that has not proven its name.
// Rule 3: the weakest way to `ready` is the only one: TLS, a proven certificate, SASL EXTERNAL.

import type { CertificateSummary } from '../trust/verdict.ts'
import type { Frame } from '../xml/frame.ts'
import { parseDomain, toUnicodeDomain } from '../xmpp/domain.ts'
import type { Closed, Closing } from './closing.ts'
import { CLOSED, close, finishClosing, refuse } from './closing.ts'
import { type PeerFeatures, readFeatures } from './features.ts'
import { headerFault } from './header.ts'
import { quote } from './quote.ts'
import { authElement, readFailure } from './sasl.ts'
import { amendClose, BIDI, ENDING, STARTTLS, type Table, transition } from './table.ts'
import type { Effect, Machine, Pair, ProvenPair, Step, StreamEvent, TlsStart } from './types.ts'

/** What has been achieved before the current header. TLS forgets everything learned in plaintext. RFC 6120 §5.4.3.3 */
type Known =
  | { readonly stage: 'plain' }
  | { readonly stage: 'secured'; readonly certificate: CertificateSummary }
  | { readonly stage: 'authenticated'; readonly certificate: CertificateSummary; readonly bidi: boolean }

export type InitiatingState =
  | { readonly phase: 'connecting' }
  /** Our header is out; waits for the peer's. */
  | { readonly phase: 'opening'; readonly known: Known }
  /** Waits for the peer's features. */
  | { readonly phase: 'negotiating'; readonly known: Known }
  /** Asked for TLS. */
  | { readonly phase: 'proceeding' }
  /** The TLS handshake runs. */
  | { readonly phase: 'upgrading' }
  | { readonly phase: 'verifying' }
  /** `bidi`: the peer may send on this stream too, once it has authenticated us. */
  | { readonly phase: 'authenticating'; readonly certificate: CertificateSummary; readonly bidi: boolean }
  | { readonly phase: 'ready' }
  | Closing
  | Closed

type S = InitiatingState

/** What an initiating stream is judged by: whom we want to reach, and as whom. */
export interface InitiatingRules {
  readonly pair: Pair
  /** Default: starttls. */
  readonly tls?: TlsStart
  /** Do we want the peer to send on it too, where it offers that? XEP-0288 */
  readonly bidi?: boolean
}

const TABLE: Table<S, InitiatingRules> = {
  connecting: {
    connected: (_, __, { pair, tls }) =>
      tls === 'direct'
        ? [{ phase: 'upgrading' }, { kind: 'start-tls', pair }] // not a word before it. XEP-0368 §3
        : [{ phase: 'opening', known: { stage: 'plain' } }, ourHeader(pair)],
  },
  opening: {
    header({ known }, { header }, { pair }) {
      const fault = headerFault(header)
      if (fault) return refuse(fault)
      // Before TLS anybody may have written the header, and a refusal that follows it says more than its names.
      // COMPAT: Prosody 0.12 sends an empty `id`, and some servers no `from`; nothing here depends on either.
      const named = header.from ? parseDomain(header.from) : pair.remote
      if (known.stage !== 'plain' && named !== pair.remote) return close('SP-434', `from=${quote(header.from ?? '')}`)
      return [{ phase: 'negotiating', known }]
    },
    stanza: early,
  },
  negotiating: {
    stanza: early,
    features: ({ known }, { frame }, rules) => negotiate(known, readFeatures(frame), rules),
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
    secured: (_, { certificate }, { pair }) =>
      certificate ? [{ phase: 'verifying' }, { kind: 'verify', pair }] : sayFirst(pair, close('SP-361')),
  },
  verifying: {
    verified(_, { verdict }, { pair }) {
      if (!verdict.proven) return sayFirst(pair, close(verdict.reason, verdict.detail, 'not-authorized'))
      return [{ phase: 'opening', known: { stage: 'secured', certificate: verdict.certificate } }, ourHeader(pair)]
    },
  },
  authenticating: {
    success: ({ certificate, bidi }, _, { pair }) => [
      { phase: 'opening', known: { stage: 'authenticated', certificate, bidi } },
      bidi ? { kind: 'restart', trailing: true } : { kind: 'restart' },
      ourHeader(pair),
    ],
    'sasl-failure'(_, { frame }) {
      const { reason, detail } = readFailure(frame)
      return heardRefusal(reason, detail)
    },
  },
  ...ENDING,
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
function negotiate(known: Known, features: PeerFeatures, rules: InitiatingRules): Step<S> {
  if (known.stage === 'plain') {
    if (!features.starttls) return close('SP-351', offeredInstead(features))
    return [{ phase: 'proceeding' }, { kind: 'send', xml: STARTTLS }]
  }
  const { certificate } = known
  const { pair } = rules
  if (known.stage === 'authenticated') {
    const proven: ProvenPair = { pair, method: 'certificate', certificate }
    return [{ phase: 'ready' }, { kind: 'ready', proven, bidi: known.bidi }]
  }
  if (!features.mechanisms.includes('EXTERNAL')) return close('SP-432', offeredInstead(features))
  const bidi = features.bidi && rules.bidi === true
  const auth = authElement(toUnicodeDomain(pair.local))
  return [
    { phase: 'authenticating', certificate, bidi },
    { kind: 'send', xml: bidi ? BIDI + auth : auth }, // in this order. XEP-0288 §2.2
  ]
}

function offeredInstead({ names, mechanisms }: PeerFeatures): string {
  const offered = [...names, ...mechanisms]
  return offered.length === 0 ? 'offered nothing' : `offered ${quote(offered.join(' '))}`
}

/** The peer said no in a way that is no stream error: the stream is closed in good order. */
function heardRefusal(reason: 'SP-352' | ReturnType<typeof readFailure>['reason'], detail: string): Step<Closed> {
  return [CLOSED, { kind: 'close', reason, detail, by: 'peer', condition: undefined, say: 'footer' }]
}

const ourHeader = ({ local, remote }: Pair): Effect => ({ kind: 'header', from: local, to: remote })

/** An error that comes before our header on a secured connection: the peer's administrator deserves the word. */
const sayFirst = (pair: Pair, [next, ...effects]: Step<Closed>): Step<S> => [next, ourHeader(pair), ...effects]

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
  let state: S = { phase: 'connecting' }
  return {
    get phase() {
      return state.phase
    },
    feed(event) {
      const [next, ...effects] = step(state, event, rules)
      state = next
      return effects
    },
  }
}
