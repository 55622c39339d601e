// What there is one of for each pair of domains, found by two names and without making a third of them.

import type { Pair } from '../stream/types.ts'

export class PairMap<Value> {
  readonly #byLocal = new Map<string, Map<string, Value>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  get(local: string, remote: string): Value | undefined {
    return this.#byLocal.get(local)?.get(remote)
  }

  set({ local, remote }: Pair, value: Value): void {
    const known = this.#byLocal.get(local)
    if (!known?.has(remote)) this.#size += 1
    if (known) known.set(remote, value)
    else this.#byLocal.set(local, new Map([[remote, value]]))
  }

  delete({ local, remote }: Pair): void {
    const known = this.#byLocal.get(local)
    if (!known?.delete(remote)) return
    this.#size -= 1
    if (known.size === 0) this.#byLocal.delete(local)
  }

  *values(): Iterable<Value> {
    for (const known of this.#byLocal.values()) yield* known.values()
  }
}
