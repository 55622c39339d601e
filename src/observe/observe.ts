// The gateway's eyes and mouth in one piece: log, metrics, and the events that write to both.

import type { Writable } from 'node:stream'
import { createEvents, type Events } from './events.ts'
import { declareFigures } from './figures.ts'
import { openLog, type Log, type LogOptions } from './log.ts'
import { Metrics } from './metrics.ts'
import { PartnerLabels } from './partner-labels.ts'

export interface Observation {
  readonly events: Events
  readonly metrics: Metrics
  readonly log: Log
}

export interface ObservationOptions extends LogOptions {
  /** Most partners with a metric label of their own. */
  readonly partnerLabels?: number
}

const PARTNER_LABELS = 200

export function observe(options: ObservationOptions): Observation {
  const { now, partnerLabels = PARTNER_LABELS } = options
  const log = openLog(options)
  const metrics = new Metrics()
  const figures = declareFigures(metrics)
  metrics.collect(() => {
    figures.memory.set({}, process.memoryUsage.rss())
    figures.logLinesCut.set({}, log.cut)
  })
  const events = createEvents({ log, figures, partnerLabels: new PartnerLabels(partnerLabels), now })
  return { events, metrics, log }
}

/** Log options that suit where the output goes: columns in colour on a terminal, JSON everywhere else. */
export function logTo(
  to: Writable & { readonly isTTY?: boolean },
  environment: NodeJS.ProcessEnv,
): Pick<LogOptions, 'to' | 'pretty' | 'colour'> {
  const terminal = to.isTTY === true
  return {
    to,
    pretty: terminal,
    colour: terminal && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb',
  }
}
