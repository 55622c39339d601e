// Addresses that are remembered many times over, kept once.

import { bareAddress, formatAddress, parseAddress } from '../xmpp/address.ts'

/** An address as it was written, and what it means. */
export interface Spelling {
  /** Canonical. */
  readonly text: string
  /** Canonical, without a resource: the account, or the room. */
  readonly bare: string
  readonly domain: string
  readonly wire: string
}

/** An address somebody remembers: one object for all spellings, the last of which it keeps. */
export interface Name extends Spelling {
  wire: string
  uses: number
}

/** Reads an address; undefined when the text is none. */
export function spelling(wire: string): Spelling | undefined {
  const read = parseAddress(wire)
  return read && { text: formatAddress(read), bare: bareAddress(read), domain: read.domain, wire }
}

/** The account of an address, or its room. */
export const bareOf = (address: Spelling): Spelling => ({ ...address, text: address.bare })

export class Names {
  readonly #known = new Map<string, Name>()

  get size(): number {
    return this.#known.size
  }

  /** The name of an address, in use once more. */
  take(address: Spelling): Name {
    let name = this.#known.get(address.text)
    if (!name) {
      const { text, bare, domain, wire } = address
      name = { text, bare: bare === text ? text : bare, domain, wire: wire === text ? text : wire, uses: 0 }
      this.#known.set(text, name)
    } else if (name.wire !== address.wire) name.wire = address.wire
    name.uses += 1
    return name
  }

  /** It is used once less. */
  give(name: Name): void {
    name.uses -= 1
    if (name.uses === 0) this.#known.delete(name.text)
  }
}
