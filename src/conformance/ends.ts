// What ends a case before its last step, and what that says.

import type { Outcome } from './verdict.ts'

export class Ends extends Error {
  readonly outcome: Outcome

  constructor(kind: Exclude<Outcome['kind'], 'pass'>, detail: string) {
    super(detail)
    this.outcome = { kind, detail }
  }
}

/** The gateway did what it must not, or did not what it must. */
export const violated = (detail: string): Ends => new Ends('violation', detail)
/** The peer did what it must not, or did not what it must. */
export const peerViolated = (detail: string): Ends => new Ends('peer-violation', detail)
/** The case itself came to nothing. */
export const unclear = (detail: string): Ends => new Ends('inconclusive', detail)
