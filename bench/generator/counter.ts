// Counts stanzas by their closing marks, at a cost that is next to nothing where they are all of one length: a mark is looked
// for where the last distance says, and searched for only where it is not there.
//
// Rule 1: each counted stanza is a mark that was seen. What is guessed wrongly can hide a stanza, never add one.

const MARK = Buffer.from('</message>')

export class StanzaCounter {
  #stanzas = 0
  #bytes = 0
  /** Length of the last stanza. */
  #stride = 0
  /** How far the stanza under way began before the next chunk. */
  #begun = 0
  /** The last bytes of what came before, for a mark cut in two. */
  #tail = Buffer.alloc(0)

  get stanzas(): number {
    return this.#stanzas
  }

  get bytes(): number {
    return this.#bytes
  }

  add(chunk: Buffer): void {
    this.#bytes += chunk.length
    let start = -this.#begun
    let from = 0
    const seam = this.#acrossSeam(chunk)
    if (seam !== undefined) {
      this.#count(seam - start)
      start = from = seam
    }
    for (;;) {
      const end = this.#nextEnd(chunk, start, from)
      if (end === undefined) break
      this.#count(end - start)
      start = from = end
    }
    this.#begun = chunk.length - start
    const keep = Math.min(this.#begun, MARK.length - 1)
    this.#tail =
      chunk.length >= keep
        ? Buffer.from(chunk.subarray(chunk.length - keep))
        : Buffer.concat([this.#tail, chunk]).subarray(-keep)
  }

  #count(length: number): void {
    this.#stride = length
    this.#stanzas += 1
  }

  /** Where a mark that began in an earlier chunk ends in this one. */
  #acrossSeam(chunk: Buffer): number | undefined {
    if (this.#tail.length === 0) return undefined
    const seam = Buffer.concat([this.#tail, chunk.subarray(0, MARK.length - 1)])
    const at = seam.indexOf(MARK)
    return at < 0 ? undefined : at + MARK.length - this.#tail.length
  }

  #nextEnd(chunk: Buffer, start: number, from: number): number | undefined {
    const guess = start + this.#stride
    if (guess - MARK.length >= from && guess <= chunk.length && isMark(chunk, guess - MARK.length)) return guess
    const found = chunk.indexOf(MARK, from)
    return found < 0 ? undefined : found + MARK.length
  }
}

function isMark(chunk: Buffer, at: number): boolean {
  for (let i = 0; i < MARK.length; i++) if (chunk[at + i] !== MARK[i]) return false
  return true
}
