// What there is one of for two domains, in their order: found by the two names, without making a third of them.

export class PairMap<Value> {
  readonly #rows = new Map<string, Map<string, Value>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  get(first: string, second: string): Value | undefined {
    return this.#rows.get(first)?.get(second)
  }

  set(first: string, second: string, value: Value): void {
    const row = this.#rows.get(first)
    if (!row?.has(second)) this.#size += 1
    if (row) row.set(second, value)
    else this.#rows.set(first, new Map([[second, value]]))
  }

  delete(first: string, second: string): void {
    const row = this.#rows.get(first)
    if (!row?.delete(second)) return
    this.#size -= 1
    if (row.size === 0) this.#rows.delete(first)
  }

  *values(): Iterable<Value> {
    for (const row of this.#rows.values()) yield* row.values()
  }
}
