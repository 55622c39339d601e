// From which networks users have logged in well: there they are let in although others guess at their account elsewhere.
// Nobody gets in here without having proven to be the user, so no stranger can fill it.

const DAY_MS = 86_400_000
/** After so long a network is no longer known. */
const KEPT_MS = 30 * DAY_MS
const NETWORKS_PER_USER = 8

export interface KnownPlace {
  readonly user: string
  readonly network: string
  /** When they last logged in from there (ms). */
  readonly at: number
}

export class KnownPlaces {
  readonly #most: () => number
  /** By user, then by network: when. Least recently seen first, in both. */
  readonly #users = new Map<string, Map<string, number>>()

  /** `most`: users. */
  constructor(most: () => number) {
    this.#most = most
  }

  get users(): number {
    return this.#users.size
  }

  has(user: string, network: string, now: number): boolean {
    const at = this.#users.get(user)?.get(network)
    return at !== undefined && now - at < KEPT_MS
  }

  /** A user has logged in well from there. */
  add({ user, network, at }: KnownPlace): void {
    const networks = this.#users.get(user) ?? new Map<string, number>()
    networks.delete(network)
    networks.set(network, at)
    this.#users.delete(user)
    this.#users.set(user, networks)
    drop(networks, NETWORKS_PER_USER)
    drop(this.#users, this.#most())
  }

  /** Nothing is known of the user any more. */
  forget(user: string): void {
    this.#users.delete(user)
  }
}

/** Drops the first ones until so many are left. */
function drop(map: Map<string, unknown>, most: number): void {
  for (const name of map.keys()) {
    if (map.size <= most) return
    map.delete(name)
  }
}
