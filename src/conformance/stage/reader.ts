// Reads what the gateway says, by a parser that is not its own: were it wrong, its own would not tell.

import { Element } from '@xmpp/xml'
import { SaxesParser } from 'saxes'

export type Read =
  | { readonly kind: 'header'; readonly attributes: Readonly<Record<string, string>>; readonly name: string }
  | { readonly kind: 'element'; readonly element: Element }
  | { readonly kind: 'end' }
  /** What came is no XML. Nothing is read after it. */
  | { readonly kind: 'garbled'; readonly detail: string }

/** One document: a stream from its header to its end, given piece by piece. */
export class Reader {
  readonly #parser = new SaxesParser({ xmlns: false, fragment: false })
  readonly #tell: (read: Read) => void
  #open: Element | undefined
  #depth = 0
  #root: Readonly<Record<string, string>> = {}
  #garbled = false

  constructor(tell: (read: Read) => void) {
    this.#tell = tell
    const parser = this.#parser
    parser.on('opentag', ({ name, attributes }) => this.#start(name, attributes))
    parser.on('closetag', () => this.#finish())
    parser.on('text', (text) => this.#open?.t(text))
    parser.on('error', ({ message }) => {
      if (!this.#garbled) this.#tell({ kind: 'garbled', detail: message })
      this.#garbled = true
    })
  }

  write(text: string): void {
    if (!this.#garbled) this.#parser.write(text)
  }

  #start(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#depth += 1
    if (this.#depth === 1) {
      this.#root = attributes
      this.#tell({ kind: 'header', attributes, name })
      return
    }
    const parent = this.#open
    const element = new Element(name, { ...(parent ? {} : this.#declared()), ...attributes })
    parent?.append(element)
    this.#open = element
  }

  /** What the header declares holds for everything in it. */
  #declared(): Record<string, string> {
    return Object.fromEntries(Object.entries(this.#root).filter(([key]) => /^xmlns(?::|$)/.test(key)))
  }

  #finish(): void {
    this.#depth -= 1
    if (this.#depth === 0) return this.#tell({ kind: 'end' })
    const element = this.#open!
    this.#open = element.parent ?? undefined
    if (this.#depth === 1) this.#tell({ kind: 'element', element })
  }
}
