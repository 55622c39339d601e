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

/** Parts that can be run alone, such as `npm run bench -- trust`, each with a file of results of its own. */
export const PARTS = ['trust', 'remote', 'policy'] as const
export type Part = (typeof PARTS)[number]

export const isOf = (part: Part, workload: string): boolean => workload.startsWith(`${part}-`)

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
