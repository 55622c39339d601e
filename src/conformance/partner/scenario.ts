// A scenario with a live partner, as data: what is seen in what was negotiated, what is said on either side and comes to the other,
// what happens to us meanwhile; or why it is not played.
//
// In what is said, {us} is our domain, {peer} the partner's, {user} one of ours whose client answers by itself, {id} an id of this
// exchange and {asked} that of the one before. {ours} (bare: {ourBare}) and {guest} are users of ours who say what the scenario says and nothing else, {ourRoom} is
// a room of theirs. {theirs} ({theirBare}, {theirUpper} in capitals) is our account at the partner, {room} a room it makes there.

import type { Pattern } from '../case.ts'
import type { Outcome } from '../verdict.ts'
import type { Wrong } from './wrong.ts'

export interface Scenario {
  /** As the list of scenarios has it: `I-05`. */
  readonly id: string
  readonly title: string
  /** In their order, until one is not as expected: what the partner's server has a part in by itself. */
  readonly steps: readonly Step[]
  /** What comes after them where there is an account at the partner, and where that can make rooms. */
  readonly withAccount?: readonly Step[]
  readonly withRoom?: readonly Step[]
  /** What it takes of the partner: a domain that is wrong so. */
  readonly withWrong?: Wrong
  /** What our account there says when all that is over, however it went, so that nothing is left at the partner; not judged. */
  readonly after?: string
  /** Why it is not played, or what of it is not, with any partner. */
  readonly without?: string
}

/** Behind our gateway, or at the partner. */
export type Side = 'ours' | 'theirs'

export type Step =
  /** Something in what was negotiated. */
  | { readonly sees: Sight }
  /** A user (default: of ours) says this, and one of these comes back. */
  | { readonly says: string; readonly answers: readonly Pattern[]; readonly by?: Side }
  /** A user says this; what comes of it is in the steps that follow. */
  | { readonly tells: string; readonly by: Side }
  /** One of these comes there; `or`: or else one of those to the other side. */
  | { readonly comes: readonly Pattern[]; readonly to: Side; readonly or?: readonly Pattern[] }
  /** Nothing like this comes there for so long, once something was said. */
  | { readonly stays: Pattern; readonly to: Side; readonly forMs: number }
  /** So many messages are said, and each comes once, in their order. */
  | { readonly counts: number; readonly by: Side }
  /** A user of ours asks for a domain of the partner that is wrong so: nothing is said to it, for that reason. */
  | { readonly wrong: Wrong }
  /**
   * So many messages are said at once where the entry of the partner admits this many in a second: each comes or is refused to
   * whoever said it, and some are.
   */
  | { readonly floods: number; readonly by: Side; readonly perSecond: number }
  /** The partner has to prove its name anew so often: its streams are others after a while, and no message is lost meanwhile. */
  | { readonly renewed: number }
  /** Our account at the partner logs out, loses its connection, or logs in. */
  | { readonly account: 'leaves' | 'breaks off' | 'returns' }
  /** The partner is blocked, and our user is told so by the gateway; its streams end. Then it is allowed again. */
  | { readonly blocked: string; readonly meanwhile?: readonly Step[] }
  /** What of ours ends and comes again, once for all partners. */
  | { readonly restarts: 'gateway' | 'core' }

export type Sight =
  | 'service records'
  | 'its addresses'
  | 'its entry'
  | 'another place'
  | 'certificates'
  | 'dialback'
  | 'grid'

/** What a scenario came to; it may not have been played for a reason that is nobody's fault. */
export type PairOutcome = Outcome | { readonly kind: 'not-run'; readonly detail: string }
