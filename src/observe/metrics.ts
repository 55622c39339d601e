// Counters and gauges, and their two renderings: OpenMetrics text for a scraper, plain data for everything else.
//
// Rule 1: every metric and its labels are declared once, with words that say what it means.
// Rule 2: the number of series of a metric is bounded; beyond it every label reads `other`, and the sums stay right.
// Our own instead of prom-client: a series is a plain object that the hot path adds to, and bounds are built in.

export interface Declaration<Label extends string = string> {
  /** With unit, without `_total`. https://prometheus.io/docs/practices/naming/ */
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly labels: readonly Label[]
}

export interface Series {
  value: number
}

export interface MetricSnapshot {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly series: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
}

const SERIES_LIMIT = 2000
/** Stands for every label value that has no series of its own. */
export const OTHER = 'other'

export class Metric<Label extends string = string> {
  readonly declaration: Declaration<Label>
  readonly #series = new Map<string, { readonly labels: Readonly<Record<Label, string>>; readonly series: Series }>()
  readonly #limit: number

  constructor(declaration: Declaration<Label>, limit: number) {
    this.declaration = declaration
    this.#limit = limit
  }

  /** The series of these labels; callers on the hot path keep it. */
  with(labels: Readonly<Record<Label, string>>): Series {
    const key = this.#key(labels)
    const known = this.#series.get(key)
    if (known) return known.series
    if (this.#series.size >= this.#limit) return this.#overflow(labels)
    const series = { value: 0 }
    this.#series.set(key, { labels, series })
    return series
  }

  add(labels: Readonly<Record<Label, string>>, by = 1): void {
    this.with(labels).value += by
  }

  set(labels: Readonly<Record<Label, string>>, value: number): void {
    this.with(labels).value = value
  }

  /** Forgets the series that carry a label value which no longer exists. */
  forget(label: Label, value: string): void {
    for (const [key, { labels }] of this.#series) if (labels[label] === value) this.#series.delete(key)
  }

  /** Forgets all series: for gauges that are counted anew. */
  clear(): void {
    this.#series.clear()
  }

  snapshot(): MetricSnapshot {
    const { name, type, help } = this.declaration
    return {
      name,
      type,
      help,
      series: [...this.#series.values()].map(({ labels, series }) => ({ labels, value: series.value })),
    }
  }

  #overflow(labels: Readonly<Record<Label, string>>): Series {
    const others: Record<Label, string> = { ...labels }
    for (const label of this.declaration.labels) others[label] = OTHER
    const key = this.#key(others)
    const known = this.#series.get(key) ?? { labels: others, series: { value: 0 } }
    this.#series.set(key, known)
    return known.series
  }

  #key(labels: Readonly<Record<Label, string>>): string {
    return this.declaration.labels.map((label) => labels[label]).join('\n')
  }
}

export class Metrics {
  readonly #metrics = new Map<string, { readonly declaration: Declaration; snapshot(): MetricSnapshot }>()
  readonly #collectors: (() => void)[] = []

  /** Declares a metric. @throws when the name is taken: that is a mistake in the code */
  declare<Label extends string>(declaration: Declaration<Label>, limit = SERIES_LIMIT): Metric<Label> {
    if (this.#metrics.has(declaration.name)) throw new Error(`metric ${declaration.name} is declared twice`)
    const metric = new Metric(declaration, limit)
    this.#metrics.set(declaration.name, metric)
    return metric
  }

  /** Called before every rendering: sets gauges that are cheaper to read than to keep. */
  collect(collector: () => void): void {
    this.#collectors.push(collector)
  }

  declarations(): readonly Declaration[] {
    return [...this.#metrics.values()].map(({ declaration }) => declaration)
  }

  snapshot(): readonly MetricSnapshot[] {
    for (const collector of this.#collectors) collector()
    return [...this.#metrics.values()].map((metric) => metric.snapshot())
  }

  /** https://prometheus.io/docs/specs/om/open_metrics_spec/ */
  openMetrics(): string {
    const lines: string[] = []
    for (const { name, type, help, series } of this.snapshot()) {
      lines.push(`# TYPE ${name} ${type}`, `# HELP ${name} ${escape(help)}`)
      const sample = type === 'counter' ? `${name}_total` : name
      for (const { labels, value } of series) {
        const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escape(text)}"`)
        lines.push(`${sample}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`)
      }
    }
    return `${lines.join('\n')}\n# EOF\n`
  }
}

/** The content type of `openMetrics()`. */
export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

const escape = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
