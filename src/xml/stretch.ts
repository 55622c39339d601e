// Bytes where they lie: a stretch of a chunk. Nearly everything that is read is written again as it came, beside what came
// beside it. To make a Buffer of each, and to copy each by itself, would cost as much as to scan it.

/** What can be written. */
export type Bytes = Buffer | Stretch

export class Stretch {
  readonly chunk: Buffer
  readonly start: number
  readonly end: number
  #buffer: Buffer | undefined = undefined

  constructor(chunk: Buffer, start: number, end: number) {
    this.chunk = chunk
    this.start = start
    this.end = end
  }

  get length(): number {
    return this.end - this.start
  }

  /** The same bytes in the same memory, always the same Buffer. */
  get buffer(): Buffer {
    return (this.#buffer ??= this.chunk.subarray(this.start, this.end))
  }

  toString(): string {
    return this.chunk.toString('utf8', this.start, this.end)
  }
}

export function bufferOf(bytes: Bytes): Buffer {
  return bytes instanceof Stretch ? bytes.buffer : bytes
}

/** Copies all of it, one behind the other, to the front of `target`; says how many bytes. What lies side by side is copied at once. */
export function lay(target: Buffer, all: readonly Bytes[]): number {
  let at = 0
  for (let n = 0; n < all.length;) {
    const first = all[n++]!
    if (first instanceof Stretch) {
      let { end } = first
      for (let next = all[n]; next instanceof Stretch; next = all[++n]) {
        if (next.chunk !== first.chunk || next.start !== end) break
        end = next.end
      }
      at += first.chunk.copy(target, at, first.start, end)
    } else at += first.copy(target, at)
  }
  return at
}
