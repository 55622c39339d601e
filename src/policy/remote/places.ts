// Where somebody comes from, as it is counted: an address and the network it lies in. One host of IPv6 chooses its
// addresses from a /64, and one customer gets a /48 at most.

export interface Places {
  /** An IPv4 address, or a /64. */
  readonly address: string
  /** A /24, or a /48. */
  readonly network: string
}

/** The places of an address as sockets write it. */
export function placesOf(address: string): Places {
  const text = address.toLowerCase().replace(/%.*$/, '')
  const plain = text.startsWith('::ffff:') && text.includes('.') ? text.slice(7) : text
  if (!plain.includes(':')) return { address: plain, network: `${plain.slice(0, plain.lastIndexOf('.'))}.0/24` }
  const [head = '', tail = ''] = plain.split('::')
  const [before, after] = [groups(head), groups(tail)]
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0')
  const words = [...before, ...zeros, ...after].map((word) => Number.parseInt(word, 16).toString(16))
  return { address: `${words.slice(0, 4).join(':')}::/64`, network: `${words.slice(0, 3).join(':')}::/48` }
}

const groups = (text: string): readonly string[] => (text === '' ? [] : text.split(':'))
