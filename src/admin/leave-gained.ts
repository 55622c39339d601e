// What a change of the partner list would give beyond what holds now: said beforehand, so that nobody opens a door by a slip.

import type { Coming } from '../config/edit.ts'
import { atOnce, type Steps } from '../config/slices.ts'
import { admissionByTerms } from '../policy/admission.ts'
import { laxerTerms } from '../policy/laxer.ts'
import type { FederationMode, Partner } from '../policy/partner.ts'
import { PartnerList, type PartnerTerms } from '../policy/partners.ts'
import type { Context } from './operation.ts'

const MOST_NAMED = 10

/** The mode of federation; while it cannot be read, the one in which leaving the list opens most. */
export async function modeOf({ control }: Context): Promise<FederationMode> {
  const { gateway } = await control.reader.read()
  return gateway.settings?.federation.mode ?? 'open'
}

/** In words; undefined: nothing. `former`: the entries that are about to change, as they were last known. */
export const leaveGained = (...all: Parameters<typeof leaveSteps>): string | undefined => atOnce(leaveSteps(...all))

/** The same in steps. */
export function* leaveSteps(
  { control, now }: Pick<Context, 'control' | 'now'>,
  coming: readonly Coming[],
  former: ReadonlyMap<string, Partner>,
  mode: FederationMode,
): Steps<string | undefined> {
  const changed = new Set(coming.map(({ domain }) => domain))
  const others = control.partners().filter(({ domain }) => !changed.has(domain))
  const fresh = coming.flatMap(({ partner }) => partner ?? [])
  const before = new PartnerList([...others, ...former.values()])
  yield
  const after = new PartnerList([...others, ...fresh])
  yield
  const named = [...former.values(), ...fresh].flatMap(namesOf)
  const circumstances = { mode, now: now() }
  const isRefused = (terms: PartnerTerms | undefined): boolean => admissionByTerms(terms, circumstances) !== undefined
  const admitted: string[] = []
  for (const name of new Set([...changed, ...named])) {
    const [was, is] = [before.terms(name), after.terms(name)]
    // Who stands in no entry any more may be let in by the mode.
    if (was && isRefused(was) && !isRefused(is)) admitted.push(`${name}, which is ${was.status}`)
    yield
  }
  const laxer: Laxer[] = []
  for (const partner of fresh) {
    const own = former.get(partner.domain)
    // A name may have stood under a wildcard, or in another entry; to one that is blocked now no proof opens anything.
    const elsewhere = partner.status === 'blocked' ? [] : namesOf(partner)
    const were = new Set([own, ...elsewhere.map((name) => before.find(name))])
    const terms = new Set([...were].flatMap((was) => (was === undefined ? [] : laxerTerms(was, partner))))
    if (terms.size > 0) laxer.push({ domain: partner.domain, terms: [...terms] })
    yield
  }
  const words = [
    ...(admitted.length > 0 ? [`admit ${some(admitted)}`] : []),
    ...(laxer.length > 0 ? [`ask for a weaker proof ${weaker(laxer)}`] : []),
  ]
  return words.length === 0 ? undefined : words.join(' and ')
}

interface Laxer {
  readonly domain: string
  readonly terms: readonly string[]
}

function weaker([first, ...more]: readonly Laxer[]): string {
  if (first !== undefined && more.length === 0) return `(${first.terms.join(', ')})`
  return `of ${some([first, ...more].flatMap((one) => (one ? [`${one.domain} (${one.terms.join(', ')})`] : [])))}`
}

function some(names: readonly string[]): string {
  const more = names.length - MOST_NAMED
  return more > 0 ? `${names.slice(0, MOST_NAMED).join(' and ')} and ${more} more` : names.join(' and ')
}

const namesOf = ({ domain, alsoKnownAs, decorates = [] }: Partner): readonly string[] => [
  domain,
  ...alsoKnownAs,
  ...decorates,
]
