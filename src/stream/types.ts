// The words that both automata of a stream share: what can happen to a stream, and what is to be done about it.
//
// Rule 1: events and effects are plain data. `net/driver.ts` makes the events and performs the effects, in order.
// Rule 2: everything that needs a socket, a clock or randomness is an effect; its outcome comes back as an event.
// Rule 3: `close` is always the last effect of a step, and nothing happens to a closed stream.

import type { CertificateSummary, Verdict } from '../trust/verdict.ts'
import type { Frame, StreamHeader } from '../xml/frame.ts'
import type { StanzaCondition, StreamCondition } from '../xmpp/conditions.ts'
import type { ReasonId } from '../xmpp/reasons.ts'

/** The two domains of a stream, canonical. `local` is the one we speak for, `remote` the one at the other end. */
export interface Pair {
  readonly local: string
  readonly remote: string
}

/**
 * How a domain proved its name: by its certificate, by answering for a key where DNS leads (XEP-0220), or, to a component,
 * by knowing the secret that both have (XEP-0114).
 */
export type ProofMethod = 'certificate' | 'dialback' | 'secret'

/** A pair of domains that a stream may carry stanzas for, because the remote one has proven its name on it. */
export interface ProvenPair {
  readonly pair: Pair
  readonly method: ProofMethod
  /** What proved it; undefined where no certificate did. */
  readonly certificate: CertificateSummary | undefined
}

/** Is the key for the stream `id` genuine? `pair` is seen from our side, whether we ask or are asked. XEP-0220 §2.1.2 */
export interface KeyQuestion {
  readonly pair: Pair
  readonly id: string
  readonly key: string
}

export type KeyAnswer =
  | { readonly verdict: 'valid' | 'invalid' }
  | { readonly verdict: 'error'; readonly condition: StanzaCondition; readonly detail: string }

/** What became of a claim to speak for `pair.remote`. */
export type Judgement =
  | { readonly valid: true; readonly proven: ProvenPair }
  | {
      readonly valid: false
      readonly pair: Pair
      /** What the peer is told: that the key is false, or a stanza condition. */
      readonly say: 'invalid' | StanzaCondition
      readonly reason: ReasonId
      readonly detail: string
      readonly reference: string
      /** What has proven the name, where it is proven and not admitted. */
      readonly certificate?: CertificateSummary
    }

/** Why a stream may not go on. `detail` is for us; the peer sees the condition and a reference. */
export interface Refusal {
  readonly condition: StreamCondition
  readonly reason: ReasonId
  readonly detail?: string
}

export type StreamEvent =
  /** The connection is up. Waited for by whoever has the first word: the initiating side, and both with direct TLS. */
  | { readonly kind: 'connected' }
  | { readonly kind: 'header'; readonly header: StreamHeader }
  /** A first-level element; `pending` counts the bytes that came after it and have not been looked at. */
  | { readonly kind: 'element'; readonly frame: Frame; readonly pending: number }
  | { readonly kind: 'footer' }
  /** Whether we have a certificate to show for the name asked for. */
  | { readonly kind: 'identified'; readonly found: boolean; readonly detail: string }
  /** The TLS handshake is done; `certificate` says whether the peer showed one. `tls` is for whoever watches. */
  | { readonly kind: 'secured'; readonly certificate: boolean; readonly tls?: TlsInfo }
  | { readonly kind: 'verified'; readonly verdict: Verdict }
  /** A claim was judged, however long ago it was made. */
  | { readonly kind: 'judged'; readonly judgement: Judgement }
  /** The negotiation, or the closing handshake, takes too long. */
  | { readonly kind: 'deadline' }
  | { readonly kind: 'idle' }
  /** What came is no XML that a stream may carry. */
  | {
      readonly kind: 'fault'
      readonly condition: StreamCondition
      readonly reason: ReasonId
      readonly detail: string
      /** Said within the error beside the condition: XML of ours. RFC 6120 §4.9.4 */
      readonly application?: string
    }
  /** The connection is gone. */
  | { readonly kind: 'ended'; readonly reason: ReasonId; readonly detail: string }
  /** We want to end the stream; its condition is the reason's. */
  | { readonly kind: 'quit'; readonly reason: ReasonId; readonly detail: string }

export type Effect =
  /** Writes our header: the first of a stream, or the one after a restart. */
  | {
      readonly kind: 'header'
      readonly from: string | undefined
      readonly to: string | undefined
      /** Declares the namespace of dialback. XEP-0220 §2.4.1 */
      readonly dialback?: boolean
    }
  | { readonly kind: 'send'; readonly xml: string }
  /** Finds the certificate to show for `pair.local`. */
  | { readonly kind: 'identify'; readonly pair: Pair }
  /**
   * Secures the connection, once what was sent is out. From here on the input is a new stream. `alpn: false`: what is
   * spoken inside has no name for ALPN.
   */
  | { readonly kind: 'start-tls'; readonly pair: Pair; readonly alpn?: false }
  /** The same, as the server of a peer that begins with TLS: its SNI says which certificate to show. XEP-0368 §4 */
  | { readonly kind: 'accept-tls' }
  /** From here on the input is a new stream (RFC 6120 §4.3.3); `trailing`: once its header has come. */
  | { readonly kind: 'restart'; readonly trailing?: true }
  /** Keeps a stanza that came before the stream is ready, until it is. */
  | { readonly kind: 'early'; readonly frame: Frame }
  /** Checks the certificate that the peer showed against `pair.remote`. */
  | { readonly kind: 'verify'; readonly pair: Pair }
  /** Finds out whether the peer may speak for `pair.remote`, for which it sent this key; the stream goes on meanwhile. */
  | { readonly kind: 'judge'; readonly pair: Pair; readonly key: string }
  | { readonly kind: 'ready'; readonly proven: ProvenPair; readonly bidi: boolean }
  /** A ready stream carries stanzas for a further pair. */
  | { readonly kind: 'proven'; readonly proven: ProvenPair }
  /** The authoritative server has answered what the stream was opened for. */
  | { readonly kind: 'answered'; readonly answer: KeyAnswer }
  /** From here on the stanzas of these ways are counted: ours until the peer acknowledges them, theirs to acknowledge them.
   *  An empty list takes it back: the peer will not acknowledge. XEP-0198 §3 */
  | { readonly kind: 'acks'; readonly counts: readonly ('ours' | 'theirs')[] }
  /** Says how many stanzas of the peer have been handled. XEP-0198 §4 */
  | { readonly kind: 'acknowledge' }
  /** So many stanzas of ours have been handled, modulo 2^32. One that was never sent comes back as a `fault`. */
  | { readonly kind: 'acknowledged'; readonly handled: number }
  /** Writes our footer, behind an error if there is one, and waits for the peer's; what comes until then still counts. RFC 6120 §4.4 */
  | { readonly kind: 'footer'; readonly condition?: StreamCondition }
  | CloseEffect

/** The ways to secure a connection. */
export type TlsEffect = Extract<Effect, { readonly kind: 'start-tls' | 'accept-tls' }>

/** The end of a stream: what is still said, and why. */
export interface CloseEffect {
  readonly kind: 'close'
  readonly reason: ReasonId
  readonly detail: string
  readonly by: 'us' | 'peer' | 'network'
  /** The stream error that ended the stream, ours or the peer's. */
  readonly condition: StreamCondition | undefined
  /** What the error says beside the condition: XML of ours. RFC 6120 §4.9.4 */
  readonly application?: string | undefined
  /** What is still written: the error and the footer, only the footer, or nothing. */
  readonly say: 'error' | 'footer' | 'nothing'
  /** Where the peer sends us instead, in its words. RFC 6120 §4.9.3.19 */
  readonly elsewhere?: string
}

/** What a handshake came to. */
export interface TlsInfo {
  readonly version: string
  readonly cipher: string
  /** The key-exchange group; undefined where Node does not tell: on the receiving side, and for hybrid groups. */
  readonly group: string | undefined
}

/** How TLS begins: asked for within a stream (RFC 6120 §5), or with the first byte of the connection (XEP-0368). */
export type TlsStart = 'starttls' | 'direct'

/** Dialback as a receiving and as an authoritative server does it. XEP-0220 §2.2 */
export interface DialbackRules {
  /**
   * Is it offered to a peer whose certificate proves nothing?
   * SECURITY: the same for everybody, whichever name they claim.
   */
  offered(): boolean
  /** Is this a key of ours? `item-not-found` when `pair.local` is no domain of ours. */
  vouches(question: KeyQuestion): 'valid' | 'invalid' | 'item-not-found'
}

/** What the names of a stream are checked against while others negotiate with us. */
export interface ReceivingRules {
  /** Undefined where there is no dialback: with the core. `pair` is the first header's. */
  dialback?(pair: Pair): DialbackRules | undefined
  /** Asked at the first header, when nothing has been proven yet. */
  opens(pair: Pair): Refusal | undefined
  /** Asked when the remote name has been proven. */
  admits(pair: Pair): Refusal | undefined
  /** May we send on it too, if the peer wants that? XEP-0288 */
  readonly bidi?: boolean
}

/** The next state and what to do, in order. */
export type Step<S> = readonly [next: S, ...effects: Effect[]]

/** An automaton with its state, as the driver holds it. */
export interface Machine {
  readonly phase: string
  feed(event: StreamEvent): readonly Effect[]
}
