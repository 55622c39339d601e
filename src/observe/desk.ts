// What the events and figures of this folder write to.

import type { Figures } from './figures.ts'
import type { Log } from './log.ts'
import type { PartnerLabels } from './partner-labels.ts'

/** Where an event is told: the log, the metrics, and the clock that dates it. */
export interface Desk {
  readonly log: Log
  readonly figures: Figures
  readonly partnerLabels: PartnerLabels
  /** Milliseconds since 1970. */
  now(): number
}
