// Which charts a run is drawn as: one for each question that a reader has, not one for each figure.

import type { Entry, Results, WorkloadResult } from '../results.ts'
import { written } from './numbers.ts'
import { barChart, type Bar, type BarChart, type Group } from './svg.ts'

export interface Chart {
  /** The name of the file, without its ending. */
  readonly name: string
  readonly title: string
  readonly svg: string
}

interface Plan {
  readonly name: string
  readonly title: string
  readonly subtitle: string
  readonly scale: BarChart['scale']
  /** A group for each of them that has the figure, in this order; `*`: all workloads. */
  readonly of: '*' | readonly string[]
  /** One bar for each, with the contestant's name, or with the text. */
  readonly figures: readonly { readonly figure: string; readonly label?: string }[]
}

const PLANS: readonly Plan[] = [
  {
    name: 'per-cpu-second',
    title: 'Stanzas per second of processor time',
    subtitle: 'User and system time of the whole process tree; more is better. Each row of bars is one workload.',
    scale: 'linear',
    of: '*',
    figures: [{ figure: 'perCpuSecond' }],
  },
  {
    name: 'per-second',
    title: 'Stanzas per second',
    subtitle: 'On the clock, generator and sink on the same machine; more is better.',
    scale: 'linear',
    of: '*',
    figures: [{ figure: 'perSecond' }],
  },
  {
    name: 'latency',
    title: 'Latency added to a direct connection',
    subtitle: 'One way, in ms; less is better; logarithmic.',
    scale: 'log',
    of: ['latency-500', 'latency-1000'],
    figures: [
      { figure: 'addedP50', label: 'p50' },
      { figure: 'addedP99', label: 'p99' },
      { figure: 'addedP999', label: 'p99.9' },
    ],
  },
  {
    name: 'handshakes',
    title: 'New authenticated streams per second of processor time',
    subtitle: 'TLS 1.3 with client certificates; more is better.',
    scale: 'linear',
    of: ['handshakes'],
    figures: [{ figure: 'perCpuSecond' }],
  },
  {
    name: 'idle',
    title: 'Memory of an idle stream',
    subtitle: 'Resident, with 5,000 authenticated streams; less is better.',
    scale: 'linear',
    of: ['idle'],
    figures: [{ figure: 'bytesPerStream' }],
  },
  {
    name: 'stalled',
    title: 'Memory gained while the sink takes nothing for 20 seconds',
    subtitle: 'Up to 1 GB offered; less is better; logarithmic.',
    scale: 'log',
    of: ['stalled'],
    figures: [{ figure: 'grownBytes' }],
  },
]

/** The charts of a run; none for what it did not measure. */
export function chartsOf(results: Results): readonly Chart[] {
  return PLANS.flatMap((plan) => {
    const { name, title, subtitle, scale } = plan
    const own = new Set(PLANS.flatMap(({ of }) => (of === '*' ? [] : of)))
    const chosen = results.workloads.filter((workload) =>
      plan.of === '*' ? !own.has(workload.name) : plan.of.includes(workload.name),
    )
    const groups = chosen.flatMap((workload) => groupsOf(plan, workload, results))
    const single = groups.length === 1 ? groups.map((group) => ({ ...group, label: '' })) : groups
    return groups.length === 0 ? [] : [{ name, title, svg: barChart({ title, subtitle, groups: single, scale }) }]
  })
}

function groupsOf({ figures, scale }: Plan, workload: WorkloadResult, results: Results): readonly Group[] {
  return figures.flatMap(({ figure, label }) => {
    const bars = workload.entries.flatMap((entry): readonly Bar[] => barOf(entry, figure, scale, results))
    if (!bars.some(({ value }) => value !== undefined)) return []
    return [{ label: label === undefined ? workload.name : `${workload.name}, ${label}`, bars }]
  })
}

function barOf(entry: Entry, figure: string, scale: BarChart['scale'], { contestants }: Results): readonly Bar[] {
  const { contestant: label } = entry
  const known = contestants[label]?.kind ?? 'server'
  const kind = known === 'gateway' ? 'ours' : known === 'limit' ? 'limit' : 'other'
  if (entry.outcome !== 'measured')
    return entry.outcome === 'absent' ? [{ label, value: undefined, text: entry.why, kind }] : []
  const found = entry.figures[figure]
  if (!found) return []
  const text = written(found.median, found.unit)
  // What is nothing, or less than nothing by the noise of the measurement, has no place on a logarithmic scale.
  const value = scale === 'log' && found.median <= 0 ? undefined : found.median
  return [{ label, value, text, kind }]
}
