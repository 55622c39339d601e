// What a scanner came to, and what it should have come to.

import type { Place } from './places.ts'

export interface Scan {
  /** What it has against a server, in its own words. */
  readonly findings: readonly string[]
  /** Suites that were accepted. */
  readonly suites: readonly string[]
  readonly groups: readonly string[]
}

/** Where the suites and groups that a scanner got are not those of the profile; our certificate has an EC key. */
export function differences({ suites, groups }: Scan, { profile }: Place): readonly string[] {
  const wanted = [...profile.suites.is, ...profile.olderSuites.is.filter((one) => one.includes('ECDSA'))]
  return [
    ...wanted.filter((one) => !suites.includes(one)).map((one) => `does not get the suite ${one}`),
    ...suites.filter((one) => !wanted.includes(one)).map((one) => `gets the suite ${one}`),
    // Scanners of today know of no hybrids.
    ...profile.groups.is
      .filter((one) => !one.includes('MLKEM') && !groups.includes(one))
      .map((one) => `does not get the group ${one}`),
  ]
}
