// Which of two CRLs takes the place of the other. RFC 5280 §5.2.3: numbers grow, and so does the time.
//
// Rule 1: of CRLs at hand, only those of one issuer, scope and key are held against each other, and no delta against a whole
//         one; where number and time contradict each other, as when a CA has begun anew, neither takes the other's place.
// Rule 2: of those that were found at one place for one certificate, the time says which came before.

import type { Crl } from './crl.ts'

const areAlike = (a: Crl, b: Crl): boolean =>
  a.issuer.key === b.issuer.key &&
  a.scopeKey === b.scopeKey &&
  a.authorityKeyId === b.authorityKeyId &&
  (a.base === undefined) === (b.base === undefined)

/** Is the first as new as the second in everything, and newer in something? */
export function replaces(a: Crl, b: Crl): boolean {
  if (!areAlike(a, b)) return false
  const [time, number] = [a.thisUpdate - b.thisUpdate, numbers(a, b)]
  return time >= 0 && number >= 0 && (time > 0 || number > 0)
}

/** Is the first, from the same place for the same certificate, from before the second? */
export const isFromBefore = (a: Crl, b: Crl): boolean =>
  a.thisUpdate < b.thisUpdate || (a.thisUpdate === b.thisUpdate && numbers(a, b) < 0)

/** Negative where the first has the lower number; nothing where one has none. */
const numbers = ({ number: a }: Crl, { number: b }: Crl): number =>
  a === undefined || b === undefined || a === b ? 0 : a < b ? -1 : 1
