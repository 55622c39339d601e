// The medians of a run, for asking: of one, of one over another, and over the best server.

import type { Figures, Results } from '../results.ts'

export class Run {
  readonly #results: Results

  constructor(results: Results) {
    this.#results = results
  }

  /** A figure's median; undefined where it was not measured. */
  median(workload: string, contestant: string, figure: string): number | undefined {
    return this.#figures(workload, contestant)?.[figure]?.median
  }

  /** Ours over that of another. */
  ratio(workload: string, contestant: string, figure: string): number | undefined {
    return over(this.median(workload, 'sallyport', figure), this.median(workload, contestant, figure))
  }

  /** Ours over that of the best server of the run: the highest, or with `less` the lowest. */
  overBest(workload: string, figure: string, better: 'more' | 'less' = 'more'): number | undefined {
    const known = this.#servers.flatMap((name) => this.median(workload, name, figure) ?? [])
    if (known.length === 0) return undefined
    return over(this.median(workload, 'sallyport', figure), better === 'more' ? Math.max(...known) : Math.min(...known))
  }

  /**
   * Ours through over what the best server would come to. No server relays from one server to another, so that its work
   * for a stanza is what it needs to take one in and what it needs to send one out.
   */
  throughOverBest(figure: string): number | undefined {
    const known = this.#servers.flatMap((name) => {
      const [into, out] = [this.median('bulk-in', name, figure), this.median('bulk-out', name, figure)]
      return into === undefined || out === undefined ? [] : [1 / (1 / into + 1 / out)]
    })
    return known.length === 0 ? undefined : over(this.median('through', 'sallyport', figure), Math.max(...known))
  }

  get #servers(): readonly string[] {
    const { contestants } = this.#results
    return Object.keys(contestants).filter((name) => contestants[name]?.kind === 'server')
  }

  #figures(workload: string, contestant: string): Figures | undefined {
    const entries = this.#results.workloads.find(({ name }) => name === workload)?.entries ?? []
    const entry = entries.find((one) => one.contestant === contestant)
    return entry?.outcome === 'measured' ? entry.figures : undefined
  }
}

const over = (value: number | undefined, by: number | undefined): number | undefined =>
  value === undefined || by === undefined || by === 0 ? undefined : value / by
