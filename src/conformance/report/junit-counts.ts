// How outcomes count for build servers.

import type { PairOutcome } from '../partner/scenario.ts'

interface Counted {
  readonly outcome: { readonly kind: PairOutcome['kind'] }
  readonly ms: number
}

/**
 * What the gateway did wrong fails. A case that showed nothing of it is an error, or skipped where its peer is to blame, or
 * where it was not played.
 */
export function tagOf({ kind }: Counted['outcome']): 'failure' | 'error' | 'skipped' | undefined {
  if (kind === 'pass') return undefined
  if (kind === 'violation') return 'failure'
  return kind === 'inconclusive' ? 'error' : 'skipped'
}

/** The attributes of a suite, or of all. */
export function countsOf(runs: readonly Counted[]): string {
  const count = (tag: ReturnType<typeof tagOf>): number => runs.filter(({ outcome }) => tagOf(outcome) === tag).length
  const seconds = runs.reduce((sum, { ms }) => sum + ms, 0) / 1000
  return `tests="${runs.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${seconds.toFixed(3)}"`
}
