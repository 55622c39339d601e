// Secured connections of clients of which nobody has logged in yet: each has a connection to the core behind it, so that
// there may be only so many, and from one network only its share.

import { placesOf } from '../../policy/remote/places.ts'

/** A network may have so much of all places. */
const SHARE = 1 / 10

export class Strangers<Session extends object> {
  readonly #most: () => number
  /** And the network of each. */
  readonly #all = new Map<Session, string>()
  readonly #networks = new Map<string, number>()

  /** `most`: asked each time, since settings change. */
  constructor(most: () => number) {
    this.#most = most
  }

  get size(): number {
    return this.#all.size
  }

  /** One more, from there; false: there is no place. */
  add(session: Session, address: string): boolean {
    const { network } = placesOf(address)
    const most = this.#most()
    const beside = this.#networks.get(network) ?? 0
    if (this.#all.size >= most || beside >= Math.ceil(most * SHARE)) return false
    this.#all.set(session, network)
    this.#networks.set(network, beside + 1)
    return true
  }

  /** It has logged in, or is over. */
  delete(session: Session): void {
    const network = this.#all.get(session)
    if (network === undefined) return
    this.#all.delete(session)
    const left = (this.#networks.get(network) ?? 1) - 1
    if (left === 0) this.#networks.delete(network)
    else this.#networks.set(network, left)
  }
}
