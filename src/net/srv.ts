// The order in which SRV records are tried. RFC 2782; the two services of server-to-server XMPP as one list, XEP-0368 §3.
// Pure: chance is an argument.

import type { TlsStart } from '../stream/types.ts'

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

export interface ServiceRecord extends SrvRecord {
  readonly tls: TlsStart
}

/** What was answered about one service: its records, none at all, or no answer. */
export type ServiceAnswer = readonly SrvRecord[] | 'absent' | 'failed'

/** `refused`: the services that are decidedly not offered, where nothing else is. */
export type MergedServices =
  | { readonly kind: 'records'; readonly records: readonly ServiceRecord[] }
  | { readonly kind: 'refused'; readonly by: readonly TlsStart[] }
  /** Nobody knows whether there is another way: the answer that is missing might tell. */
  | { readonly kind: 'unknown' }
  /** No records: the domain itself may be tried. RFC 6120 §3.2.2 */
  | { readonly kind: 'absent' }

/**
 * Both services as one list in the order to try, or why there is none. A service that is not offered (target `.`) leaves
 * the other; one that nobody answered for counts only where the other has no records.
 */
export function mergeServices(
  answers: Readonly<Record<TlsStart, ServiceAnswer>>,
  random: () => number,
): MergedServices {
  const kinds = ['direct', 'starttls'] as const
  const records: ServiceRecord[] = []
  const refused: TlsStart[] = []
  for (const tls of kinds) {
    const answer = answers[tls]
    if (typeof answer === 'string') continue
    if (isNotOffered(answer)) refused.push(tls)
    for (const record of answer) {
      if (record.name !== '' && record.name !== '.' && record.port > 0) records.push({ ...record, tls })
    }
  }
  if (records.length > 0) return { kind: 'records', records: orderSrv(records, random) }
  if (kinds.some((tls) => answers[tls] === 'failed')) return { kind: 'unknown' }
  if (refused.length > 0) return { kind: 'refused', by: refused }
  return kinds.every((tls) => answers[tls] === 'absent') ? { kind: 'absent' } : { kind: 'records', records }
}
