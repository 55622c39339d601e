// What a host has not that a case needs: where it has no IPv6, cases that are about it cannot be played, and of their requirements
// it is said why.

import type { TestCase } from './case.ts'

export const NO_IP6 = 'this host has no IPv6'

/** Cases that need IPv6, of themselves or for a place in them → why they are not played on a host without it. */
export const withoutIp6 = (cases: readonly TestCase[]): ReadonlyMap<string, string> =>
  new Map(cases.flatMap((one) => (one.ip === 6 || namesIp6(one) ? [[one.id, NO_IP6] as const] : [])))

/** Does DNS tell an address of IPv6 in it, whatever it is played over? */
const namesIp6 = ({ dns = {} }: TestCase): boolean => Object.keys(dns).some((question) => question.startsWith('AAAA '))
