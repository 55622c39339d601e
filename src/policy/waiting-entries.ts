// What of a partner list is in force while settings that came with it are not: its walls may stand in them. Pure.
//
// Rule 1: what has changed counts as it was before, with the walls of before.
// Rule 2: SECURITY: nothing waits that admits less. Who is blocked or suspended is that at once; who has lost their entry is refused
//         (SP-842), and so is whoever has a new one, unless they are admitted without it.

import { isDeepStrictEqual } from 'node:util'
import { admissionByTerms, type Circumstances } from './admission.ts'
import type { Partner } from './partner.ts'
import { PartnerList } from './partners.ts'

/** @param before as it was when all of it was in force @param wanted as it is written */
export function whileWaiting(
  before: readonly Partner[],
  wanted: readonly Partner[],
  circumstances: Circumstances,
): readonly Partner[] {
  const [former, coming] = [byDomain(before), byDomain(wanted)]
  const list = new PartnerList(before)
  const isAdmitted = (name: string): boolean => admissionByTerms(list.terms(name), circumstances) === undefined
  const then = new PartnerList(wanted)
  const wildcards = new Set(wanted.flatMap((one) => (admits(one) ? namesOf(one).filter(isWildcard) : [])))
  const stays = (name: string): boolean => {
    if (isWildcard(name)) return wildcards.has(name)
    const terms = then.terms(name)
    return terms !== undefined && admissionByTerms(terms, circumstances) === undefined
  }
  const all = [
    ...wanted.flatMap((one) => {
      const known = former.get(one.domain)
      return known === undefined ? withheld(one, isAdmitted) : changed(known, one, stays)
    }),
    ...before.flatMap((one) => (coming.has(one.domain) ? [] : gone(one, stays))),
  ]
  // A name of two entries, since it moves from one to the other, admits nothing where one of them does not.
  const refused = new Set(all.flatMap((one) => (admits(one) ? [] : namesOf(one))))
  return all.flatMap((one) => (admits(one) ? named(one, (name) => !refused.has(name)) : [one]))
}

/** Those that are not in force as they are written, by the domains of their entries. */
export function waitingIn(inForce: readonly Partner[], wanted: readonly Partner[]): readonly string[] {
  const [now, then] = [byDomain(inForce), byDomain(wanted)]
  const others = wanted.filter((one) => !isDeepStrictEqual(now.get(one.domain), one))
  const lost = inForce.filter(({ domain }) => !then.has(domain))
  return [...new Set([...others, ...lost].map(({ domain }) => domain))].toSorted()
}

const byDomain = (all: readonly Partner[]): ReadonlyMap<string, Partner> =>
  new Map(all.map((partner) => [partner.domain, partner]))

const namesOf = ({ domain, alsoKnownAs }: Partner): readonly string[] => [domain, ...alsoKnownAs]

const isWildcard = (name: string): boolean => name.startsWith('*')

const admits = ({ status, waits }: Partner): boolean => status === 'allowed' && waits === undefined

function changed(before: Partner, after: Partner, stays: (name: string) => boolean): readonly Partner[] {
  if (isDeepStrictEqual(before, after)) return [after]
  if (!admits(after)) return [{ ...after, alsoKnownAs: [...new Set([...after.alsoKnownAs, ...before.alsoKnownAs])] }]
  const ends = [before.expires, after.expires].filter((day) => day !== undefined).toSorted()
  const decorates = before.decorates?.filter((one) => after.decorates?.includes(one))
  const entry: Partner = { ...before, expires: ends[0], ...(decorates && { decorates }) }
  const own = new Set(namesOf(after))
  return apart(entry, (name) => own.has(name) || stays(name))
}

/** A new one, without the names that are admitted as things stand. */
function withheld(entry: Partner, isAdmitted: (name: string) => boolean): readonly Partner[] {
  if (!admits(entry)) return [entry]
  return named(entry, (name) => !isAdmitted(name)).map((one) => ({ ...one, waits: true }))
}

/** One that is no longer there; names that are in entries which admit them have only moved. */
const gone = (entry: Partner, stays: (name: string) => boolean): readonly Partner[] =>
  admits(entry) ? apart(entry, stays) : [entry]

/** Names that do not stay admit nothing. */
function apart(entry: Partner, stays: (name: string) => boolean): readonly Partner[] {
  const { decorates: _, ...plain } = entry
  return [
    ...named(entry, stays),
    ...named(plain, (name) => !stays(name)).map((one): Partner => ({ ...one, waits: true })),
  ]
}

/** The entry with those of its names alone. */
function named(entry: Partner, has: (name: string) => boolean): readonly Partner[] {
  const [domain, ...alsoKnownAs] = namesOf(entry).filter(has)
  return domain === undefined ? [] : [{ ...entry, domain, alsoKnownAs }]
}
