// What Sallyport is meant to reach, and whether a run reached it. A goal is what we want; the floor, what we do not go
// below. Both are held against medians of one run, since figures of different runs or machines do not compare.

import type { Results } from '../results.ts'
import { REMOTE } from './goals-remote.ts'
import type { Goal } from './goal.ts'
import { Run } from './medians.ts'
import { written, times } from './numbers.ts'

export interface Judged {
  readonly goal: Goal
  readonly value: number | undefined
  readonly verdict: 'reached' | 'above the floor' | 'missed' | 'not measured'
}

const MB = 2 ** 20
const KB = 1024

const bytes = (value: number): string => written(value, 'bytes')
const ms = (value: number): string => written(value, 'ms')
const percent = (value: number): string => written(value, '%')

const ratioGoal = (
  workload: string,
  text: string,
  [goal, floor]: readonly [number, number],
  measure: Goal['measure'],
): Goal => ({ workload, text, measure, better: 'more', goal, floor, as: times })

const KEYS = { p256: 'P-256', p384: 'P-384', ed25519: 'Ed25519', rsa2048: 'RSA 2048', rsa3072: 'RSA 3072' } as const

/** Measured in turns with the same gateway and a short list. */
const slowdown =
  (listed: string): Goal['measure'] =>
  (run) =>
    run.median(listed, 'sallyport', 'slower')

const TRAFFIC: readonly Goal[] = [
  {
    workload: 'bulk-in',
    text: 'what the generator sends into the bare pipe',
    measure: (run) => run.median('bulk-in', 'pipe', 'perSecond'),
    better: 'more',
    goal: 1.5e6,
    floor: 1e6,
    as: (value) => written(value, 'per second'),
  },
  ratioGoal('bulk-in', 'bulk in, per CPU-second, against ejabberd', [16, 9], (run) =>
    run.ratio('bulk-in', 'ejabberd', 'perCpuSecond'),
  ),
  ratioGoal('bulk-in', 'bulk in, per CPU-second, of the bare pipe', [0.2, 0.12], (run) =>
    run.ratio('bulk-in', 'pipe', 'perCpuSecond'),
  ),
  ratioGoal('bulk-in', 'bulk in, per second, against ejabberd', [10, 7], (run) =>
    run.ratio('bulk-in', 'ejabberd', 'perSecond'),
  ),
  ratioGoal('bulk-in', 'bulk in, per second, against Prosody', [30, 20], (run) =>
    run.ratio('bulk-in', 'prosody', 'perSecond'),
  ),
  ...(['bulk-out', 'mixed'] as const).map((workload) =>
    ratioGoal(workload, `${workload.replaceAll('-', ' ')}, per CPU-second, against the best server`, [10, 6], (run) =>
      run.overBest(workload, 'perCpuSecond'),
    ),
  ),
  ratioGoal('through', 'through, per CPU-second, against the best server in and then out', [10, 6], (run) =>
    run.throughOverBest('perCpuSecond'),
  ),
  ratioGoal(
    'many',
    'many (200 streams, a write for each stanza), per CPU-second, against the best server',
    [4, 2.5],
    (run) => run.overBest('many', 'perCpuSecond'),
  ),
  ...(['latency-500', 'latency-1000'] as const).flatMap((workload): readonly Goal[] => {
    const rate = workload === 'latency-500' ? '500' : '1,000'
    const median: Goal['measure'] = (run) => run.median(workload, 'sallyport', 'addedP50')
    const p99: Goal['measure'] = (run) => run.median(workload, 'sallyport', 'addedP99')
    const head = `latency added at ${rate} stanzas/s`
    return [
      { workload, text: `${head}, p50`, measure: median, better: 'less', goal: 0.1, floor: 0.1, as: ms },
      { workload, text: `${head}, p99`, measure: p99, better: 'less', goal: 0.3, floor: 0.8, as: ms },
    ]
  }),
  ratioGoal('handshakes', 'new streams, per CPU-second, of a bare TLS server in Node', [0.8, 0.6], (run) =>
    run.ratio('handshakes', 'tls-server', 'perCpuSecond'),
  ),
  {
    workload: 'idle',
    text: 'memory of an idle stream',
    measure: (run) => run.median('idle', 'sallyport', 'bytesPerStream'),
    better: 'less',
    goal: 45 * KB,
    floor: 60 * KB,
    as: bytes,
  },
  {
    workload: 'idle',
    text: 'memory of an idle stream, of the best server',
    measure: (run) => run.overBest('idle', 'bytesPerStream', 'less'),
    better: 'less',
    goal: 1,
    floor: 1,
    as: times,
  },
  {
    workload: 'bulk-in-10000',
    text: 'bulk in with 10,000 partners, slower by',
    measure: slowdown('bulk-in-10000'),
    better: 'less',
    goal: 3,
    floor: 8,
    as: percent,
  },
  {
    workload: 'many-10000',
    text: 'many with 10,000 partners, slower by',
    measure: slowdown('many-10000'),
    better: 'less',
    goal: 3,
    floor: 8,
    as: percent,
  },
  {
    workload: 'stalled',
    text: 'memory gained while the sink takes nothing for 20 s, 1 GB offered',
    measure: (run) => run.median('stalled', 'sallyport', 'grownBytes'),
    better: 'less',
    goal: 64 * MB,
    floor: 96 * MB,
    as: bytes,
  },
]

const TRUST: readonly Goal[] = [
  ...(['p256', 'p384', 'ed25519', 'rsa2048', 'rsa3072'] as const).map((key): Goal => {
    return {
      workload: 'trust-chains',
      text: `a chain of three never seen, ${KEYS[key]}`,
      measure: (run) => run.median('trust-chains', 'sallyport', key),
      better: 'less',
      goal: 1,
      floor: 2,
      as: ms,
    }
  }),
  {
    workload: 'trust-chains',
    text: 'a chain of three seen before',
    measure: (run) => run.median('trust-chains', 'sallyport', 'seen'),
    better: 'less',
    goal: 0.05,
    floor: 0.05,
    as: ms,
  },
  ratioGoal(
    'trust-newcomers',
    'new streams by direct TLS, each with another certificate, per CPU-second, of a bare TLS server in Node',
    [0.7, 0.5],
    (run) =>
      run.median('trust-newcomers', 'sallyport', 'inTurns') ??
      run.ratio('trust-newcomers', 'tls-server', 'perCpuSecond'),
  ),
  {
    workload: 'trust-crl',
    text: 'a look-up in a CRL of 100,000 entries',
    measure: (run) => run.median('trust-crl', 'sallyport', 'lookup'),
    better: 'less',
    goal: 10,
    floor: 10,
    as: (value) => written(value, 'µs'),
  },
  {
    workload: 'trust-crl',
    text: 'memory of a CRL of 100,000 entries',
    measure: (run) => run.median('trust-crl', 'sallyport', 'bytes'),
    better: 'less',
    goal: 20 * MB,
    floor: 20 * MB,
    as: bytes,
  },
]

/** A figure of Sallyport's row, no more than so much. */
const most = (
  [workload, key]: readonly [string, string],
  text: string,
  [goal, floor]: readonly [number, number],
  as: Goal['as'],
): Goal => ({
  ...{ workload: `policy-${workload}`, text, goal, floor, as, better: 'less' },
  measure: (run) => run.median(`policy-${workload}`, 'sallyport', key),
})

const POLICY: readonly Goal[] = [
  most(['bulk-in', 'slower'], 'bulk in with 10,000 partners, 200 groups and 30 rules, slower by', [12, 20], percent),
  most(['reload', 'reload'], 'that configuration read again', [300, 300], ms),
  most(['reload', 'delayed'], 'longest delay of a stanza meanwhile', [20, 20], ms),
  most(['load', 'load'], '10,000 partners with it, read at the start', [1000, 1000], ms),
  most(['relations', 'lookup'], 'a look-up among a million relations', [5, 5], (value) => written(value, 'µs')),
  most(['relations', 'bytes'], 'memory of a million relations', [150 * MB, 150 * MB], bytes),
  most(['relations', 'diskBytes'], 'a million relations on disk', [200 * MB, 200 * MB], bytes),
]

export const GOALS: readonly Goal[] = [...TRAFFIC, ...TRUST, ...POLICY, ...REMOTE]

/** A run's goals as lines for a terminal, the marks of each in brackets: goal, floor. */
export function goalLines(results: Results): readonly string[] {
  return judge(results).flatMap(({ goal: { text, better, goal, floor, as }, value, verdict }) => {
    const sign = better === 'more' ? '≥' : '≤'
    return value === undefined ? [] : [`${verdict}: ${text}: ${as(value)} (${sign} ${as(goal)}, ${sign} ${as(floor)})`]
  })
}

/** Holds a run against the goals. */
export function judge(results: Results, goals: readonly Goal[] = GOALS): readonly Judged[] {
  const run = new Run(results)
  return goals.map((goal) => {
    const value = goal.measure(run)
    if (value === undefined || Number.isNaN(value)) return { goal, value: undefined, verdict: 'not measured' }
    const meets = (mark: number): boolean => (goal.better === 'more' ? value >= mark : value <= mark)
    return { goal, value, verdict: meets(goal.goal) ? 'reached' : meets(goal.floor) ? 'above the floor' : 'missed' }
  })
}
