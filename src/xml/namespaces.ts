// Which prefix means which namespace at this point of the stream. Namespaces in XML 1.0 §3, §6.
//
// Rule 1: a plain stack, newest last, walked from the top: real stanzas declare one or two namespaces, and the limit
// on declarations bounds the walk for the others. Where the default namespace is declared is known without a walk.
// Rule 2: what the stream header declares stays at the bottom for the life of the stream.

import { type Fault, FAULTS } from './faults.ts'
import { NS } from '../xmpp/namespaces.ts'

/** The place of `xml`, which is bound without being declared. */
export const BUILT_IN = -2
export const UNBOUND = -1

export class Namespaces {
  /** How many declarations are in scope. */
  count = 0
  /** How many of them are the header's. */
  fromHeader = 0
  /** Where the default namespace is declared; UNBOUND: nowhere. */
  default = UNBOUND
  /** Comparisons made, for the proof that work is linear. */
  work = 0
  // As many places as nearly every stanza takes: arrays that grow from nothing take seventeen at once.
  readonly #prefixes = ['', '', '', '']
  readonly #namespaces = ['', '', '', '']
  /** For each declaration, where the default namespace was declared outside it. */
  readonly #outer = [0, 0, 0, 0]

  /** Declares `prefix` ('' is the default namespace), or says why it must not be. */
  declare(prefix: string, namespace: string, limit: number): Fault | undefined {
    if (namespace === NS.xmlns || (namespace === NS.xml && prefix !== 'xml')) return FAULTS.namespaceReserved
    if (prefix !== '') {
      if (prefix === 'xmlns' || (prefix === 'xml' && namespace !== NS.xml)) return FAULTS.namespaceReserved
      if (namespace === '') return FAULTS.namespaceEmpty
    }
    if (this.count >= limit) return FAULTS.namespaces
    this.#prefixes[this.count] = prefix
    this.#namespaces[this.count] = namespace
    this.#outer[this.count] = this.default
    if (prefix === '') this.default = this.count
    this.count++
    return undefined
  }

  /** Where `prefix` is declared: a place for `at`, BUILT_IN or UNBOUND. */
  find(prefix: string): number {
    for (let place = this.count - 1; place >= 0; place--) {
      this.work++
      if (this.#prefixes[place] === prefix) return place
    }
    return prefix === 'xml' ? BUILT_IN : UNBOUND
  }

  /** The namespace at a place; an undeclared default is no namespace, ''. */
  at(place: number): string {
    if (place >= 0) return this.#namespaces[place]!
    return place === BUILT_IN ? NS.xml : ''
  }

  /** Forgets every declaration but the first `count`. */
  release(count: number): void {
    if (count < this.count) this.default = this.#outer[count]!
    this.count = count
  }

  /** What the header declared: prefix → namespace, the default namespace under ''. */
  headerDeclarations(): Map<string, string> {
    const declarations = new Map<string, string>()
    for (let place = 0; place < this.fromHeader; place++)
      declarations.set(this.#prefixes[place]!, this.#namespaces[place]!)
    declarations.delete('xml')
    return declarations
  }
}
