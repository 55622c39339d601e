// What the workloads about remote users have in common.

import type { Contestant } from '../contestants/contestant.ts'
import type { MeasureOptions } from './workload.ts'

/** Everything is measured beside the gateway, in front of one core that runs. */
export const onlySallyport = ({ name }: Contestant): string | undefined =>
  name === 'sallyport' ? undefined : 'what is put beside Sallyport stands in its row, since both take turns'

/** The value that this share of them does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

/** So many of them; in a run that is shorter than a second, which is for a look at it, as much less. */
export const scaled = (count: number, { seconds }: Pick<MeasureOptions, 'seconds'>): number =>
  Math.ceil(count * Math.min(1, seconds))
