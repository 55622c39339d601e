// Work on tables that may be large, done in slices, so that it keeps nobody waiting for long.
//
// Rule: what is small is done at once, unless something else is under way: then it has to wait for that.

/** How many steps are done at a time. */
const SLICE = 4000

export class Slices {
  readonly #works: Iterator<unknown>[] = []

  /** Work that comes to a stop after each of its steps. */
  begin(work: Iterable<unknown>): void {
    this.#works.push(work[Symbol.iterator]())
    if (this.#works.length === 1) this.next()
  }

  /** Does the next slice. True when there is more. */
  next(): boolean {
    for (let step = 0; step < SLICE && this.#works.length > 0; step++) {
      if (this.#works[0]?.next().done === true) this.#works.shift()
    }
    return this.#works.length > 0
  }

  /** Does all that is left. */
  finish(): void {
    while (this.next());
  }
}
