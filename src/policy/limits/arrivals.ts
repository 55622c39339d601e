// How many new connections come from one place in a minute: from an address, and from the network that it lies in.
//
// Rule 1: asking takes nothing, and who is turned away is not counted: a place is heard again as fast as its buckets fill up.

import { placesOf } from '../remote/places.ts'
import { Rates } from '../remote/rates.ts'

export interface ArrivalLimits {
  /** In a minute. */
  readonly perAddress: number
  readonly perNetwork: number
  /** Addresses, and networks, of which connections are counted each by itself. */
  readonly places: number
}

export class Arrivals {
  readonly #addresses: Rates
  readonly #networks: Rates

  /** `limits`: asked at each connection, since settings change. */
  constructor(limits: () => ArrivalLimits) {
    const most = (): number => limits().places
    this.#addresses = new Rates({ most, perMinute: () => limits().perAddress })
    this.#networks = new Rates({ most, perMinute: () => limits().perNetwork })
  }

  /** Counts a connection in, or says that it is one too many (ms of a clock that nobody sets). `address`: as sockets write it. */
  enter(address: string, now: number): boolean {
    const { address: place, network } = placesOf(address)
    if (!this.#addresses.has(place, now) || !this.#networks.has(network, now)) return false
    this.charge(address, now, 1)
    return true
  }

  /** What comes from there counts as so many connections more. */
  charge(address: string, now: number, cost: number): void {
    const { address: place, network } = placesOf(address)
    this.#addresses.take(place, now, cost)
    this.#networks.take(network, now, cost)
  }

  /** Of how many places something is remembered. */
  get kept(): { readonly addresses: number; readonly networks: number } {
    return { addresses: this.#addresses.kept, networks: this.#networks.kept }
  }

  /** Nothing that came from there counts any more. */
  forget(address: string): void {
    const { address: place, network } = placesOf(address)
    this.#addresses.forget(place)
    this.#networks.forget(network)
  }
}
