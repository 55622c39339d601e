// What is known of texts that come again and again, such as the addresses of who writes much.
//
// Rule 1: a cache and nothing else, and bounded: so many texts, none of them long. Whatever a peer does to it changes speed,
//         never a result.
// Rule 2: where there are more texts than have a place, the first keep theirs for long: to give each a place in turn costs
//         more than to know none.

const MOST = 4096
const LONGEST = 96
/** So many others have come when all is gathered anew. */
const PATIENCE = 16 * MOST

export class Memo<Known> {
  readonly #known = new Map<string, Known>()
  #others = 0

  get(text: string): Known | undefined {
    return this.#known.get(text)
  }

  keep(text: string, known: Known): void {
    if (text.length > LONGEST) return
    if (this.#known.size < MOST) this.#known.set(text, known)
    else if (++this.#others >= PATIENCE) {
      this.#known.clear()
      this.#others = 0
    }
  }
}
