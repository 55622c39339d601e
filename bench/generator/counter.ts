// Counts stanzas by their closing marks, at a cost that is next to nothing where they are all alike: then a mark is looked for
// where the last distance says, and searched for only where it is not there.
//
// Rule 1: each counted stanza is a mark that was seen. A wrong guess, where some are half as long as others, could hide a
// stanza, but never add one.
// Rule 2: what is counted here has something in it: an empty element has no mark.

const MESSAGE = Buffer.from('</message>')
const QUESTION = Buffer.from('</iq>')
const MARKS = [MESSAGE, QUESTION, Buffer.from('</presence>')] as const
const LONGEST = Math.max(...MARKS.map(({ length }) => length))

export class StanzaCounter {
  readonly #alike: boolean
  #stanzas = 0
  #questions = 0
  #bytes = 0
  /** Length of the last stanza. */
  #stride = 0
  /** How far the stanza under way began before the next chunk. */
  #begun = 0
  /** The last bytes of the stanza under way, for a mark cut in two. */
  #tail = Buffer.alloc(0)

  /** @param alike whether all stanzas are of about one length */
  constructor(alike: boolean) {
    this.#alike = alike
  }

  get stanzas(): number {
    return this.#stanzas
  }

  /** How many of them were iq. */
  get questions(): number {
    return this.#questions
  }

  get bytes(): number {
    return this.#bytes
  }

  add(chunk: Buffer): void {
    this.#bytes += chunk.length
    let start = -this.#begun
    let end = this.#acrossSeam(chunk)
    end ??= this.#nextEnd(chunk, start)
    while (end !== undefined) {
      this.#stride = end - start
      this.#stanzas += 1
      start = end
      end = this.#nextEnd(chunk, start)
    }
    this.#begun = chunk.length - start
    const keep = Math.min(this.#begun, LONGEST - 1)
    this.#tail =
      chunk.length >= keep
        ? Buffer.from(chunk.subarray(chunk.length - keep))
        : Buffer.concat([this.#tail, chunk]).subarray(-keep)
  }

  /** Where a mark that began in an earlier chunk ends in this one. */
  #acrossSeam(chunk: Buffer): number | undefined {
    if (this.#tail.length === 0) return undefined
    const seam = Buffer.concat([this.#tail, chunk.subarray(0, LONGEST - 1)])
    const end = this.#search(seam, 0)
    return end === undefined ? undefined : end - this.#tail.length
  }

  #nextEnd(chunk: Buffer, start: number): number | undefined {
    const from = Math.max(start, 0)
    if (!this.#alike) return this.#search(chunk, from)
    const guess = start + this.#stride
    if (guess - MESSAGE.length >= from && guess <= chunk.length && isAt(chunk, guess - MESSAGE.length, MESSAGE)) {
      return guess
    }
    return this.#search(chunk, from)
  }

  /** The end of the first mark from there on. */
  #search(chunk: Buffer, from: number): number | undefined {
    for (let at = chunk.indexOf('</', from); at >= 0; at = chunk.indexOf('</', at + 2)) {
      for (const mark of MARKS) {
        if (!isAt(chunk, at, mark)) continue
        if (mark === QUESTION) this.#questions += 1
        return at + mark.length
      }
    }
    return undefined
  }
}

function isAt(chunk: Buffer, at: number, mark: Buffer): boolean {
  for (let i = 0; i < mark.length; i++) if (chunk[at + i] !== mark[i]) return false
  return true
}
