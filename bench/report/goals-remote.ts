// What remote users may cost.

import type { Goal } from './goal.ts'
import { times, written } from './numbers.ts'

const KB = 1024
const ms = (value: number): string => written(value, 'ms')

/** A figure of Sallyport's row. */
const own =
  (workload: string, figure: string): Goal['measure'] =>
  (run) =>
    run.median(workload, 'sallyport', figure)

function goal(
  [workload, figure]: readonly [string, string],
  text: string,
  better: Goal['better'],
  [mark, floor]: readonly [number, number],
  as: Goal['as'],
): Goal {
  return { workload, text, measure: own(workload, figure), better, goal: mark, floor, as }
}

const bytes = (value: number): string => written(value, 'bytes')

export const REMOTE: readonly Goal[] = [
  goal(
    ['remote-idle', 'plainBytes'],
    'memory of an idle session, inner leg in plaintext',
    'less',
    [50 * KB, 60 * KB],
    bytes,
  ),
  goal(['remote-idle', 'tlsBytes'], 'memory of an idle session, inner leg in TLS', 'less', [70 * KB, 85 * KB], bytes),
  ...(['prosody', 'ejabberd'] as const).flatMap((core) => {
    const text = `log-ins per second, over those straight to ${core === 'prosody' ? 'Prosody' : core}, the gateway on a processor of its own, inner leg in`
    const marks = [0.9, 0.75] as const
    return [
      goal(['remote-log-ins', `${core}Ratio`], `${text} TLS`, 'more', marks, times),
      goal(['remote-log-ins', `${core}PlainRatio`], `${text} plaintext`, 'more', marks, times),
    ]
  }),
  goal(['remote-chat', 'addedP50'], 'added to the round trip of a chat at 500/s, p50', 'less', [0.2, 0.5], ms),
  goal(['remote-chat', 'addedP99'], 'added to the round trip of a chat at 500/s, p99', 'less', [1, 2], ms),
  goal(
    ['remote-turns', 'ofHaproxy'],
    'stanzas of 1,000 sessions in turn, per CPU-second, over those of HAProxy',
    'more',
    [0.25, 0.12],
    times,
  ),
  goal(
    ['remote-reconnect', 'failures'],
    'of 8,000 sessions dropped at once, so many do not come again',
    'less',
    [0, 0],
    String,
  ),
  goal(['remote-reconnect', 'insideP99'], 'a chat inside meanwhile, p99', 'less', [20, 100], ms),
]
