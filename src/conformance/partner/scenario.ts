// A scenario with a live partner, as data: what is seen in what was negotiated, what our user says and the partner's server
// answers, what happens to us meanwhile; or why it is not played.
//
// In what is said, {us} is our domain, {peer} the partner's, {user} one of ours, {id} an id of this exchange.

import type { Pattern } from '../case.ts'
import type { Outcome } from '../verdict.ts'

export interface Scenario {
  /** As the list of scenarios has it: `I-05`. */
  readonly id: string
  readonly title: string
  /** In their order, until one is not as expected. */
  readonly steps: readonly Step[]
  /** Why it is not played, or what of it is not. */
  readonly without?: string
}

export type Step =
  /** Something in what was negotiated. */
  | { readonly sees: Sight }
  /** Our user says this, and one of these comes back from the partner's server. */
  | { readonly says: string; readonly answers: readonly Pattern[] }
  /** The partner is blocked, and our user is told so by the gateway; its streams end. Then it is allowed again. */
  | { readonly blocked: string }
  /** What of ours ends and comes again, once for all partners. */
  | { readonly restarts: 'gateway' | 'core' }

export type Sight = 'service records' | 'its addresses' | 'its entry' | 'certificates' | 'dialback' | 'grid'

/** What a scenario came to; it may not have been played for a reason that is nobody's fault. */
export type PairOutcome = Outcome | { readonly kind: 'not-run'; readonly detail: string }
