// Which charts a run is drawn as: one for each question that a reader has, not one for each figure.
//
// Rule: who was asked and gave no figure stands there all the same, with the reason.

import type { ContestantResult, Entry, Results } from '../results.ts'
import { contestantName, workloadTitle } from './names.ts'
import { roughly, written } from './numbers.ts'
import { barChart, type Bar, type Group } from './svg.ts'

export interface Chart {
  /** The name of the file, without its ending. */
  readonly name: string
  readonly title: string
  readonly svg: string
}

type Kind = ContestantResult['kind']

interface Plan {
  readonly name: string
  readonly title: string
  readonly subtitle: string
  /** Who is compared. */
  readonly kinds: readonly Kind[]
  /** One group of bars each, where it was measured. */
  readonly groups: readonly GroupPlan[]
}

interface GroupPlan {
  readonly workload: string
  readonly figure: string
  /** After the workload's title. */
  readonly label?: string
}

const BULK = ['bulk-in', 'bulk-out', 'through', 'many', 'mixed'] as const
const SCALE = 'Each workload has a scale of its own.'
const of = (figure: string): readonly GroupPlan[] => BULK.map((workload) => ({ workload, figure }))
const percentiles = (workload: string): readonly GroupPlan[] => [
  { workload, figure: 'addedP50', label: 'p50' },
  { workload, figure: 'addedP99', label: 'p99' },
  { workload, figure: 'addedP999', label: 'p99.9' },
]

const PLANS: readonly Plan[] = [
  {
    name: 'per-cpu-second',
    title: 'Stanzas per second of processor time',
    subtitle: `User and system time of all processes of each. More is better. ${SCALE}`,
    kinds: ['gateway', 'server'],
    groups: of('perCpuSecond'),
  },
  {
    name: 'per-second',
    title: 'Stanzas per second',
    subtitle: `On the clock; generator and sink share the same processors. More is better. ${SCALE}`,
    kinds: ['gateway', 'server'],
    groups: of('perSecond'),
  },
  {
    name: 'limits',
    title: 'Beside programs that look at nothing',
    subtitle: `Stanzas per second of processor time; these two only move the bytes. ${SCALE}`,
    kinds: ['gateway', 'limit'],
    groups: of('perCpuSecond'),
  },
  {
    name: 'latency',
    title: 'Latency added to a direct connection',
    subtitle:
      'One way, from the stream of a partner to a component. Less is better. Each group has a scale of its own.',
    kinds: ['gateway', 'server'],
    groups: [...percentiles('latency-500'), ...percentiles('latency-1000')],
  },
  {
    name: 'handshakes',
    title: 'New streams per second of processor time',
    subtitle: 'TLS 1.3 with certificates on both sides, SASL EXTERNAL, ready, and closed again. More is better.',
    kinds: ['gateway', 'server', 'limit'],
    groups: [{ workload: 'handshakes', figure: 'perCpuSecond' }],
  },
  {
    name: 'memory',
    title: 'Memory',
    subtitle:
      'Resident, of all processes of each, without that of files. Less is better. Each group has a scale of its own.',
    kinds: ['gateway', 'server', 'limit'],
    groups: [
      { workload: 'idle', figure: 'bytesPerStream' },
      { workload: 'stalled', figure: 'grownBytes' },
    ],
  },
]

/** The charts of a run; none for what it did not measure. */
export function chartsOf(results: Results): readonly Chart[] {
  return PLANS.flatMap(({ name, title, subtitle, kinds, groups: planned }) => {
    const groups = planned.flatMap((group) => groupOf(group, kinds, results))
    const single = planned.length === 1 ? groups.map(({ bars }) => ({ label: '', bars })) : groups
    return groups.length === 0 ? [] : [{ name, title, svg: barChart({ title, subtitle, groups: single }) }]
  })
}

function groupOf({ workload, figure, label }: GroupPlan, kinds: readonly Kind[], results: Results): readonly Group[] {
  const entries = results.workloads.find(({ name }) => name === workload)?.entries ?? []
  const chosen = entries.flatMap((entry) => {
    const kind = results.contestants[entry.contestant]?.kind ?? 'server'
    return kinds.includes(kind) ? [[entry, kind] as const] : []
  })
  if (!chosen.some(([entry]) => valueOf(entry, figure) !== undefined)) return []
  const ours = chosen.find(([, kind]) => kind === 'gateway')?.[0]
  const bars = chosen.flatMap(([entry, kind]) => barOf(entry, figure, kind, ours && valueOf(ours, figure)))
  const { title, about } = workloadTitle(workload)
  return [{ label: label === undefined ? title : `${title}, ${label}`, about, bars }]
}

const valueOf = (entry: Entry, figure: string): number | undefined =>
  entry.outcome === 'measured' ? entry.figures[figure]?.median : undefined

const CLOTHES: Readonly<Record<Kind, Bar['kind']>> = { gateway: 'ours', server: 'other', limit: 'limit' }
const MOST_WORDS = 90

function barOf(entry: Entry, figure: string, kind: Kind, ours: number | undefined): readonly Bar[] {
  const label = contestantName(entry.contestant)
  if (entry.outcome !== 'measured') {
    // Nobody asks a limit for what it is not the limit of.
    if (entry.outcome === 'refused' && kind === 'limit') return []
    const why = entry.outcome === 'failed' ? `failed: ${entry.why}` : entry.why
    return [{ label, value: undefined, text: why.slice(0, MOST_WORDS), kind: CLOTHES[kind] }]
  }
  const found = entry.figures[figure]
  if (!found) return []
  const { median: value, unit } = found
  // Against nothing, or less than nothing by the noise of the measurement, there is no ratio.
  const note = kind === 'gateway' || !ours || ours < 0 || value <= 0 ? undefined : `Sallyport: ${roughly(ours / value)}`
  return [{ label, value, text: written(value, unit), note, kind: CLOTHES[kind] }]
}
