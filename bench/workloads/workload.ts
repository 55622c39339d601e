// What is measured: a workload is asked to measure one contestant and gives back figures.

import type { Contestant } from '../contestants/contestant.ts'
import type { Figures } from '../results.ts'

export interface Workload {
  readonly name: string
  readonly about: string
  /** Why this contestant cannot do it; undefined: it can. */
  refuses(contestant: Contestant): string | undefined
  /** Starts the contestant and what else it needs, measures, and ends them all. Rejects when something is lost. */
  measure(contestant: Contestant, options: MeasureOptions): Promise<Figures>
}

export interface MeasureOptions {
  readonly runs: number
  /** Of one run. */
  readonly seconds: number
  readonly warmUpSeconds: number
  /** Where Node contestants write a processor profile when they end. */
  readonly profileFolder: string | undefined
  /** Says on the terminal what has just been measured. */
  tell(line: string): void
}
