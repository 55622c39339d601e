// Secured connections of clients of which nobody has logged in yet: each has a connection to the core behind it, so that
// there may be only so many, and from one network only its share. Networks from which no user has ever logged in get but
// half of all places: however many they are, users elsewhere find one.

import { placesOf } from '../../policy/remote/places.ts'

/** A network may have so much of all places. */
const SHARE = 1 / 10
/** And all networks from which nobody has logged in, together. */
const UNKNOWN_SHARE = 1 / 2

interface Place {
  readonly network: string
  readonly isKnown: boolean
}

export interface StrangersParts {
  /** How many places there are; asked each time, since settings change. */
  most(): number
  /** Has any user logged in from the network of this address? */
  knows(address: string): boolean
}

export class Strangers<Session extends object> {
  readonly #parts: StrangersParts
  readonly #all = new Map<Session, Place>()
  readonly #networks = new Map<string, number>()
  #unknown = 0

  constructor(parts: StrangersParts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#all.size
  }

  /** One more, from there; false: there is no place. */
  add(session: Session, address: string): boolean {
    const { network } = placesOf(address)
    const most = this.#parts.most()
    const beside = this.#networks.get(network) ?? 0
    const isKnown = this.#parts.knows(address)
    if (this.#all.size >= most || beside >= Math.ceil(most * SHARE)) return false
    if (!isKnown && this.#unknown >= Math.ceil(most * UNKNOWN_SHARE)) return false
    this.#all.set(session, { network, isKnown })
    this.#networks.set(network, beside + 1)
    if (!isKnown) this.#unknown += 1
    return true
  }

  /** It has logged in, or is over. */
  delete(session: Session): void {
    const place = this.#all.get(session)
    if (!place) return
    const { network, isKnown } = place
    this.#all.delete(session)
    if (!isKnown) this.#unknown -= 1
    const left = (this.#networks.get(network) ?? 1) - 1
    if (left === 0) this.#networks.delete(network)
    else this.#networks.set(network, left)
  }
}
