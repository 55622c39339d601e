// The order in which SRV records are tried. RFC 2782. Pure: chance is an argument.

export interface SrvRecord {
  readonly priority: number
  readonly weight: number
  readonly port: number
  readonly name: string
}

/**
 * Lower priorities first; within one, at random in proportion to the weights, records of weight 0 with next to no chance
 * while others are left. `random` gives numbers from 0 up to, but not including, 1.
 */
export function orderSrv<R extends SrvRecord>(records: readonly R[], random: () => number): R[] {
  const ordered: R[] = []
  const priorities = [...new Set(records.map(({ priority }) => priority))].toSorted((a, b) => a - b)
  for (const priority of priorities) {
    // Weight 0 first: the running sum then gives them their small chance.
    const left = records
      .filter((r) => r.priority === priority)
      .toSorted((a, b) => Number(a.weight > 0) - Number(b.weight > 0))
    while (left.length > 0) {
      const total = left.reduce((sum, { weight }) => sum + weight, 0)
      const pick = Math.floor(random() * (total + 1))
      let sum = 0
      const at = left.findIndex(({ weight }) => (sum += weight) >= pick)
      ordered.push(...left.splice(Math.max(0, at), 1))
    }
  }
  return ordered
}

/** The one record that says: this service is decidedly not offered here. RFC 2782, "Target". */
export const isNotOffered = (records: readonly SrvRecord[]): boolean =>
  records.length > 0 && records.every(({ name }) => name === '' || name === '.')
