// What is known about whether certificates still hold.

import type { ReasonId } from '../../xmpp/reasons.ts'

/** Who says something of a certificate: a responder (OCSP), or a list of its CA (CRL). */
export type Speaker = 'responder' | 'list'

/** `good` until that moment (milliseconds since 1970), when whoever said so wants to be asked again. */
export type Standing =
  | { readonly status: 'good'; readonly until: number; readonly by?: Speaker }
  | { readonly status: 'revoked'; readonly reason: ReasonId; readonly detail: string }
  | { readonly status: 'unknown'; readonly reason: ReasonId; readonly detail: string }

export type Unknown = Extract<Standing, { readonly status: 'unknown' }>

/** Something that was said and counts, and from when until when, in milliseconds since 1970. */
export interface Said {
  readonly standing: Exclude<Standing, Unknown>
  readonly from: number
  readonly until: number
}

export const standingOf = (said: Said | Unknown): Standing => ('standing' in said ? said.standing : said)

/** Of several certificates: the first that is revoked, else the first of which nothing is known, else how long all are good, as who speaks of the first one says. */
export function together(standings: readonly Standing[]): Standing {
  let until = Infinity
  let unknown: Standing | undefined
  for (const standing of standings) {
    if (standing.status === 'revoked') return standing
    if (standing.status === 'unknown') unknown ??= standing
    else until = Math.min(until, standing.until)
  }
  const [first] = standings
  const by = first?.status === 'good' ? first.by : undefined
  return unknown ?? { status: 'good', until, ...(by && { by }) }
}

/** What was found, as it is told. */
export interface RevocationFound {
  readonly status: Standing['status']
  /** Who has said that it is good. */
  readonly by?: Speaker
  /** Why it is not known to be. */
  readonly reason?: ReasonId
}

export const foundBy = (standing: Standing): RevocationFound =>
  standing.status === 'good'
    ? { status: 'good', ...(standing.by && { by: standing.by }) }
    : { status: standing.status, reason: standing.reason }
