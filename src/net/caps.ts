// How many connections there may be, in all and from one place, counted before a stream exists.

import { isIPv6 } from 'node:net'

export interface Caps {
  readonly connections: number
  readonly connectionsPerAddress: number
}

export class ConnectionCaps {
  readonly #caps: () => Caps
  readonly #perPlace = new Map<string, number>()
  #total = 0

  /** `caps`: asked at each connection, since settings change. */
  constructor(caps: () => Caps) {
    this.#caps = caps
  }

  get total(): number {
    return this.#total
  }

  /**
   * Counts a connection in, or says which cap it would break. Whoever was counted in must `leave`. The cap per address
   * does not hold for a `trusted` one.
   */
  enter(address: string, trusted = false): 'SP-651' | 'SP-652' | undefined {
    const { connections, connectionsPerAddress } = this.#caps()
    if (this.#total >= connections) return 'SP-651'
    const place = placeOf(address)
    if (!trusted && this.#at(place) >= connectionsPerAddress) return 'SP-652'
    this.#total += 1
    this.#add(place, 1)
    return undefined
  }

  /** Counts one that is in at another address from now on; refused, it stays where it is. */
  move(from: string, to: string): 'SP-652' | undefined {
    const place = placeOf(to)
    if (this.#at(place) >= this.#caps().connectionsPerAddress) return 'SP-652'
    this.#add(placeOf(from), -1)
    this.#add(place, 1)
    return undefined
  }

  leave(address: string): void {
    const place = placeOf(address)
    if (this.#at(place) === 0) return
    this.#total -= 1
    this.#add(place, -1)
  }

  #at(place: string): number {
    return this.#perPlace.get(place) ?? 0
  }

  #add(place: string, more: 1 | -1): void {
    const count = this.#at(place) + more
    if (count === 0) this.#perPlace.delete(place)
    else this.#perPlace.set(place, count)
  }
}

/** An IPv4 address in its own notation, also where a dual-stack socket wrote it as IPv6. */
export const plainAddress = (address: string): string =>
  address.toLowerCase().startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address

/** An IPv4 address, or the /64 that an IPv6 host can choose its addresses from. */
export function placeOf(address: string): string {
  const plain = plainAddress(address)
  if (!plain.includes(':') || !isIPv6(plain)) return plain // Looking for a colon costs nothing; the other does.
  const [head = '', tail = ''] = (plain.split('%')[0] ?? '').split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  const words = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  return `${words
    .slice(0, 4)
    .map((word) => Number.parseInt(word, 16).toString(16))
    .join(':')}::/64`
}
