// What passed, streams that came to nothing, and everything else: each is counted, and goes, by itself.

export type Class = 'passed' | 'failed' | 'others'
export type Counts = Record<Class, number>

/** As conditions of SQL. */
export const CLASSES: Readonly<Record<Class, string>> = {
  passed: "verdict = 'pass'",
  failed: "verdict = 'fail'",
  others: "verdict <> 'pass' AND verdict <> 'fail'",
}

export function classOf(verdict: unknown): Class {
  if (verdict === 'pass') return 'passed'
  return verdict === 'fail' ? 'failed' : 'others'
}
