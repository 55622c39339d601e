// A goal of the benchmarks: what is measured, and how good it has to be.

import type { Run } from './medians.ts'

export interface Goal {
  readonly workload: string
  readonly text: string
  /** The measured value, undefined where the run does not tell. */
  measure(run: Run): number | undefined
  readonly better: 'more' | 'less'
  readonly goal: number
  readonly floor: number
  readonly as: (value: number) => string
}
