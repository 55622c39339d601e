// What a probe of a partner finds out, stage by stage, as plain data that survives JSON. `probe.ts` collects it,
// `probe-findings.ts` judges it.

import type { TlsStart } from '../../stream/types.ts'
import type { CertificateSummary } from '../../trust/verdict.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'

export interface ProbeQuery {
  /** Whom to test, canonical. */
  readonly domain: string
  /** Whom of ours to speak for; absent: the first of `domains:`. */
  readonly from: string | undefined
  /** For everything together. */
  readonly timeoutMs: number
}

/** Why something did not come about. */
export interface ProbeFailure {
  readonly reason: ReasonId
  readonly detail: string
}

export interface ProbeQuestion {
  readonly name: string
  readonly type: string
  readonly ms: number
  /** As a zone file would have them; empty where there are none. */
  readonly records: readonly string[]
  /** Why there are none. `absent`: that was the answer. */
  readonly failure: (ProbeFailure & { readonly absent: boolean }) | undefined
}

export interface ProbeTarget {
  readonly host: string
  readonly port: number
  readonly tls: TlsStart
}

/** How the domain was looked for. */
export interface ProbeDns {
  /** The partner's entry names routes, so DNS was not asked. */
  readonly routes: boolean
  readonly questions: readonly ProbeQuestion[]
  readonly targets: readonly ProbeTarget[]
  /** No SRV records: the domain itself, at the usual port. RFC 6120 §3.2.2 */
  readonly fallback: boolean
  readonly failure: ProbeFailure | undefined
  /** After a time-out or a failure: does DNS answer about our own domain? */
  readonly answersElsewhere: boolean | undefined
}

/** The addresses of one host. */
export interface ProbeHost {
  readonly host: string
  readonly questions: readonly ProbeQuestion[]
  readonly addresses: readonly string[]
  readonly failure: ProbeFailure | undefined
}

export interface ProbeTls {
  readonly version: string
  readonly cipher: string
  readonly group: string | undefined
}

export interface ProbeCertificate {
  readonly certificates: readonly CertificateSummary[]
  /** The name that stands for the domain. */
  readonly matching: string | undefined
  readonly proven: boolean
  /** Where the path ends, when it is proven. */
  readonly anchor: string | undefined
  readonly failure: ProbeFailure | undefined
}

/** What the peer offered, once before TLS, once within, once after authentication. */
export interface ProbeOffer {
  readonly when: 'plain' | 'secured' | 'authenticated'
  readonly features: readonly string[]
  readonly mechanisms: readonly string[]
}

/** One connection to one address, from TCP to a stream that is ready. */
export interface ProbeAttempt extends ProbeTarget {
  readonly address: string
  /** Our end of the connection. */
  readonly from: string | undefined
  /** ISO 8601, UTC. */
  readonly at: string
  readonly connectMs: number | undefined
  readonly offers: readonly ProbeOffer[]
  readonly secured: ProbeTls | undefined
  readonly certificate: ProbeCertificate | undefined
  readonly authentication: 'accepted' | 'refused' | undefined
  /** Our key, where we showed one: was it believed? */
  readonly dialback: 'asked' | 'accepted' | 'refused' | undefined
  /** Whether the stream became ready, and how the peer was proven then. */
  readonly method: string | undefined
  readonly readyMs: number | undefined
  readonly failure: ProbeEnd | undefined
  /** The failure is that we are sent elsewhere, and that is tried as well. */
  readonly followed: boolean
}

/** How a stream failed. */
export interface ProbeEnd extends ProbeFailure {
  readonly by: 'us' | 'peer' | 'network'
  readonly condition: string | undefined
  readonly reference: string
}

export interface ProbePing {
  readonly at: string
  /** `untested`: no gateway runs that could take the answer. `unsent`: no stream came about. */
  readonly outcome: 'answered' | 'unanswered' | 'untested' | 'unsent'
  /** The stream that brought the answer: one that the partner opened to us, or ours. */
  readonly way: 'theirs' | 'ours' | undefined
  /** Time to the answer, or waited in vain. */
  readonly ms: number | undefined
  /** The partner answered with an error, which is an answer. */
  readonly error: boolean
  /** Our stream ended before the answer came. */
  readonly ended: ProbeFailure | undefined
}

/** A stream that the partner opened to us, or tried to. */
export interface ProbeInbound {
  readonly address: string
  readonly at: string
  /** It was up before the probe. */
  readonly standing: boolean
  readonly state: 'ready' | 'failed' | 'negotiating'
  readonly secured: ProbeTls | undefined
  readonly certificate: CertificateSummary | undefined
  readonly anchor: string | undefined
  readonly method: string | undefined
  readonly failure: ProbeEnd | undefined
}

/** What is known of our own side. */
export interface ProbeOurs {
  readonly domain: string
  readonly certificate: CertificateSummary | undefined
  /** What is wrong with it, so that a partner may refuse it with good reason. */
  readonly fault: ProbeFailure | undefined
  /** Where we listen for partners. */
  readonly listeners: readonly string[]
  /** Is there a partner entry for the domain? */
  readonly entry: string | undefined
  /** Why the domain may not federate with us, if it may not. */
  readonly refused: ReasonId | undefined
}

/** Everything a probe saw. */
export interface ProbeSeen {
  readonly domain: string
  readonly at: string
  readonly ours: ProbeOurs
  readonly dns: ProbeDns | undefined
  readonly hosts: readonly ProbeHost[]
  readonly attempts: readonly ProbeAttempt[]
  /** Addresses that were not tried: there were too many, or the time was over. */
  readonly untried: readonly string[]
  readonly ping: ProbePing | undefined
  readonly inbound: readonly ProbeInbound[]
}

/** One thing that is wrong (`fault`), or worth knowing (`note`). */
export interface ProbeFinding {
  readonly severity: 'fault' | 'note'
  readonly reason: ReasonId
  readonly side: 'ours' | 'theirs' | 'network'
  /** What is wrong, where. */
  readonly sentence: string
  /** What we do about it. */
  readonly act: string
  /** What we ask of their administrator. */
  readonly request: string | undefined
}

export interface ProbeReport extends ProbeSeen {
  /** In the order of the way: the first fault is the first wrong thing. */
  readonly findings: readonly ProbeFinding[]
  /** To their administrator, ready to be sent; absent where there is nothing to ask. */
  readonly letter: string | undefined
}

/** What happens, told while it happens. */
export type ProbeProgress =
  | { readonly kind: 'start'; readonly domain: string; readonly at: string; readonly ours: ProbeOurs }
  /** What is under way, in words. */
  | { readonly kind: 'doing'; readonly what: string }
  | { readonly kind: 'dns'; readonly dns: ProbeDns }
  | { readonly kind: 'host'; readonly host: ProbeHost }
  | { readonly kind: 'attempt'; readonly attempt: ProbeAttempt }
  | { readonly kind: 'ping'; readonly ping: ProbePing }
  | { readonly kind: 'inbound'; readonly inbound: ProbeInbound }
