// What is measured: a workload is asked to measure one contestant and gives back figures.

import type { Contestant } from '../contestants/contestant.ts'
import type { Figures } from '../results.ts'

export interface Workload {
  readonly name: string
  readonly about: string
  /** Why this contestant cannot do it; undefined: it can. */
  refuses(contestant: Contestant): string | undefined
  /** About how long one contestant takes. */
  seconds(pace: Pace): number
  /** Starts the contestant and what else it needs, measures, and ends them all. Rejects when something is lost. */
  measure(contestant: Contestant, options: MeasureOptions): Promise<Figures>
}

/** These are measured in a quarter of an hour, and can be run alone: `npm run bench -- trust`. */
export const isAboutTrust = (workload: string): boolean => workload.startsWith('trust-')

/** How thoroughly it is measured. */
export interface Pace {
  readonly runs: number
  /** Of one run. */
  readonly seconds: number
  readonly warmUpSeconds: number
}

export interface MeasureOptions extends Pace {
  /** Where Node contestants write a processor profile when they end. */
  readonly profileFolder: string | undefined
  /** Says on the terminal what has just been measured. */
  tell(line: string): void
}
