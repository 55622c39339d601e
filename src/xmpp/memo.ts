// What is known of texts that come again and again, such as the addresses of who writes much.
//
// Rule: a cache and nothing else, and bounded: so many texts, none of them long; then it is gathered anew. Whatever a peer
//       does to it changes speed, never a result.

const MOST = 4096
const LONGEST = 96

export class Memo<Known> {
  readonly #known = new Map<string, Known>()

  get(text: string): Known | undefined {
    return this.#known.get(text)
  }

  keep(text: string, known: Known): void {
    if (text.length > LONGEST) return
    if (this.#known.size >= MOST) this.#known.clear()
    this.#known.set(text, known)
  }
}
