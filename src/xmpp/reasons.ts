// The catalogue of reasons: why something was refused, failed or closed. Every refusal, failed link and closed stream
// names one entry; the README's list is generated from here, and a test holds the two together.
//
// Rule 1: an id, once released, keeps its meaning; entries are added, never renumbered.
// Rule 2: `means` and `act` are for our administrators. A peer sees only the condition and a reference.
// Hundreds: 1xx policy · 2xx DNS and connection · 3xx TLS and certificates · 4xx stream and authentication ·
// 5xx stanza · 6xx limits · 7xx records · 8xx remote users · 9xx configuration and administration.

import type { StanzaCondition, StreamCondition } from './conditions.ts'

export interface Reason {
  readonly name: string
  readonly means: string
  /** Whose side the cause is on. */
  readonly side: 'ours' | 'theirs' | 'core' | 'network'
  readonly act: string
  /** What a stream that ends for this reason is closed with. */
  readonly stream?: StreamCondition
  /** What a stanza refused for this reason is answered with. */
  readonly stanza?: StanzaCondition
}

export const REASONS = {
  'SP-101': { name: 'partner-unknown', means: 'The domain is not in the partner list, and federation is closed.', side: 'ours', act: 'Admit it with `sallyport partner allow <domain>` if it should be a partner.', stream: 'policy-violation', stanza: 'not-allowed' },
} as const satisfies Record<string, Reason>

export type ReasonId = keyof typeof REASONS
