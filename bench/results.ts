// What a run of the bench comes to, as data: the shape of `bench/results.json`, and the arithmetic on it.
//
//   workloads[]            one for each workload that ran, in the order of the list
//     entries[]            one for each contestant, in the order in which they ran
//       outcome: measured  figures, by name: what each run gave, and their median
//       outcome: refused   it cannot do this, and why
//       outcome: absent    it is not installed here
//       outcome: failed    something was lost, broke or ended, and so there is no figure; and what it was
//     ratios               Sallyport's median over another's, by figure and contestant
//
// Rule 1: a figure says what it counts in and which way is better, so that whoever draws it need not know it.
// Rule 2: a measurement that failed has no figures, however far it came.

export interface Results {
  readonly format: 1
  /** When the run began, in ISO 8601. */
  readonly begun: string
  readonly machine: Machine
  /** How the run was asked for. */
  readonly asked: { readonly runs: number; readonly seconds: number; readonly warmUpSeconds: number }
  /** Contestants of the run, by name. */
  readonly contestants: Readonly<Record<string, ContestantResult>>
  readonly workloads: readonly WorkloadResult[]
}

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryBytes: number
  readonly system: string
  /** The load average of a minute when the run began: what else it had to do. Older results do not say. */
  readonly load?: number
}

export interface ContestantResult {
  readonly about: string
  readonly kind: 'gateway' | 'server' | 'limit'
  readonly version: string
}

export interface WorkloadResult {
  readonly name: string
  readonly about: string
  readonly entries: readonly Entry[]
  readonly ratios: Readonly<Record<string, Readonly<Record<string, number>>>>
}

export type Entry =
  | { readonly contestant: string; readonly outcome: 'measured'; readonly figures: Figures }
  | { readonly contestant: string; readonly outcome: 'refused' | 'absent' | 'failed'; readonly why: string }

export type Figures = Readonly<Record<string, Figure>>

export interface Figure extends FigureKind {
  /** One for each run; or one alone, where there is only one. */
  readonly runs: readonly number[]
  readonly median: number
}

export interface FigureKind {
  /** What it is, for a table: `stanzas per second`. */
  readonly about: string
  readonly unit: 'per second' | 'per CPU-second' | 'µs' | 'ms' | 'bytes' | 'cores' | 'count' | '%' | '×'
  readonly better: 'more' | 'less' | 'neither'
}

export function figure(kind: FigureKind, runs: readonly number[]): Figure {
  return { ...kind, runs, median: median(runs) }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low = NaN, high = NaN] = sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : sorted.slice(middle - 1)
  return (low + high) / 2
}

/** Sallyport's medians over those of the others; none where one is nothing, or by the noise of the measurement less. */
export function ratiosOf(entries: readonly Entry[]): WorkloadResult['ratios'] {
  const measured = entries.filter((entry) => entry.outcome === 'measured')
  const ours = measured.find(({ contestant }) => contestant === 'sallyport')
  const others = measured.filter((entry) => entry !== ours)
  const named = Object.entries(ours?.figures ?? {}).map(([name, { median: our }]) => {
    const known = others.flatMap(({ contestant, figures }) => {
      const their = figures[name]?.median
      return their === undefined || their <= 0 || our <= 0 ? [] : [[contestant, our / their] as const]
    })
    return [name, Object.fromEntries(known)] as const
  })
  return Object.fromEntries(named)
}
