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

/** What has come and gone since it was asked for last: to be kept over restarts. */
export interface PlaceChanges {
  readonly changed: readonly KnownPlace[]
  readonly gone: readonly Omit<KnownPlace, 'at'>[]
}

export class KnownPlaces {
  readonly #most: () => number
  /** By user and network: what has changed; `at` is undefined where it is no longer known. */
  #changes = new Map<string, Omit<KnownPlace, 'at'> & { readonly at: number | undefined }>()
  /** By user, then by network: when. Least recently seen first, in both. */
  readonly #users = new Map<string, Map<string, number>>()
  /** Of how many users each network is. */
  readonly #networks = new Map<string, number>()

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

  /** Has any user logged in well from there? */
  hasNetwork(network: string): boolean {
    return this.#networks.has(network)
  }

  /** Takes what was kept, the longest unseen first. */
  restore(places: Iterable<KnownPlace>): void {
    for (const place of places) this.#add(place)
    this.#changes.clear()
  }

  /** A user has logged in well from there. */
  add(place: KnownPlace): void {
    this.#add(place)
    this.#change(place)
  }

  /** Nothing is known of the user any more. */
  forget(user: string): void {
    for (const network of this.#users.get(user)?.keys() ?? []) this.#dropped(user, network)
    this.#users.delete(user)
  }

  /** What is to be kept since this was asked last. */
  changes(): PlaceChanges {
    const all = [...this.#changes.values()]
    this.#changes = new Map()
    return {
      changed: all.flatMap(({ user, network, at }) => (at === undefined ? [] : [{ user, network, at }])),
      gone: all.flatMap(({ user, network, at }) => (at === undefined ? [{ user, network }] : [])),
    }
  }

  /** They could not be kept: they are still to be, unless something has changed since. */
  keepLater({ changed, gone }: PlaceChanges): void {
    for (const change of [...changed, ...gone.map((one) => ({ ...one, at: undefined }))])
      if (!this.#changes.has(keyOf(change))) this.#change(change)
  }

  #add({ user, network, at }: KnownPlace): void {
    const networks = this.#users.get(user) ?? new Map<string, number>()
    if (!networks.delete(network)) this.#networks.set(network, (this.#networks.get(network) ?? 0) + 1)
    networks.set(network, at)
    this.#users.delete(user)
    this.#users.set(user, networks)
    for (const dropped of drop(networks, NETWORKS_PER_USER)) this.#dropped(user, dropped)
    for (const dropped of firstOf(this.#users, this.#most())) this.forget(dropped)
  }

  #dropped(user: string, network: string): void {
    const left = (this.#networks.get(network) ?? 1) - 1
    if (left === 0) this.#networks.delete(network)
    else this.#networks.set(network, left)
    this.#change({ user, network, at: undefined })
  }

  #change(change: Omit<KnownPlace, 'at'> & { readonly at: number | undefined }): void {
    this.#changes.set(keyOf(change), change)
  }
}

const keyOf = ({ user, network }: Omit<KnownPlace, 'at'>): string => `${network} ${user}`

/** Drops the first ones until so many are left, and gives their names. */
function drop(map: Map<string, unknown>, most: number): readonly string[] {
  const dropped = firstOf(map, most)
  for (const name of dropped) map.delete(name)
  return dropped
}

/** The first ones, beyond so many. */
function firstOf(map: ReadonlyMap<string, unknown>, most: number): readonly string[] {
  if (map.size <= most) return []
  const over = map.size - most
  return [...map.keys().take(over)]
}
