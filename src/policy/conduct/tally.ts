// What a domain outside has done in a short while, and how many points that makes. Counting is all that a stanza pays for.

import type { Points } from './conduct.ts'

/** Failures are looked at from so many stanzas on, and make points where more than this part of them failed. */
const ENOUGH = 20
const TOO_MANY_FAIL = 0.3
/** So many people may be asked for their presence in one while. */
const ASKING_IS_FINE = 10

/** Most points in one while, by what they are for. */
const MOST = { rate: 5, recipients: 10, failures: 6, subscriptions: 10, violations: 20 }

export class Tally {
  /** Stanzas of theirs that crossed. */
  passed = 0
  /** Those that were refused, or answered with an error inside. */
  failed = 0
  /** Those that were more than it may send, and to more people. */
  overRate = 0
  overRecipients = 0
  /** Those that were more than what its conduct has left it, and how many it might send in a while if that were good. */
  slowed = 0
  usual = Infinity
  subscriptions = 0
  violations = 0

  points(): Points {
    const { passed, failed, overRate, overRecipients, slowed, usual, subscriptions, violations } = this
    // What is answered with an error has crossed before.
    const share = failed / Math.max(passed, failed, 1)
    const failures = Math.max(passed, failed) < ENOUGH || share <= TOO_MANY_FAIL ? 0 : MOST.failures * share
    const asking = Math.max(0, subscriptions - ASKING_IS_FINE) / 5
    // What is too much only for the state it is in makes no points, or nobody who is busy would ever leave it.
    const over = overRate + Math.max(0, Math.min(slowed, passed + slowed - usual))
    const all: Points = {
      rate: Math.min(MOST.rate, over / 10),
      recipients: Math.min(MOST.recipients, overRecipients),
      failures,
      subscriptions: Math.min(MOST.subscriptions, asking),
      violations: Math.min(MOST.violations, violations * 10),
    }
    return Object.fromEntries(Object.entries(all).filter(([, points]) => points > 0))
  }
}
