// A set of networks to test addresses against.

import { BlockList, isIP } from 'node:net'

export class Networks {
  readonly #list = new BlockList()

  /** `networks`: addresses or CIDR blocks, IPv4 or IPv6, already checked. */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const [address = '', prefix] = network.split('/')
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
      if (prefix === undefined) this.#list.addAddress(address, family)
      else this.#list.addSubnet(address, Number(prefix), family)
    }
  }

  /** An IPv4 address matches however it is written: `192.0.2.1` or `::ffff:192.0.2.1`. */
  has(address: string): boolean {
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
    const family = isIP(plain)
    if (family === 0) return false
    return this.#list.check(plain, family === 6 ? 'ipv6' : 'ipv4')
  }
}
