// Does an entry say less of how a partner proves itself than another one did? For whoever takes a change back without having
// its terms before their eyes. Pure.

import type { Partner } from './partner.ts'

/** Terms of proof, each from lax to strict; absent: as the gateway's settings say, which is the laxest. */
const ORDERS = {
  authentication: ['dialback-over-tls', 'certificate'],
  revocation: ['off', 'soft', 'hard'],
  profile: ['standard', 'nato', 'dod'],
  certificateChange: ['accept', 'report', 'hold-unusual', 'hold'],
  extendedKeyUsage: ['either', 'own-side', 'both'],
} as const satisfies { readonly [Key in keyof Partner]?: readonly Partner[Key][] }

/** Terms that name what is enough for a proof; none: nothing is asked beyond what the settings say. */
const SETS = ['pins', 'anchors', 'certificatePolicies'] as const

/** The keys of the terms that ask for less in `after` than in `before`. */
export function laxerTerms(before: Partner, after: Partner): readonly (keyof Partner)[] {
  const fallen = (['authentication', 'revocation', 'profile', 'certificateChange', 'extendedKeyUsage'] as const).filter(
    (key) => rank(ORDERS[key], after[key]) < rank(ORDERS[key], before[key]),
  )
  const wider = SETS.filter((key) => {
    const [had, has] = [before[key] ?? [], after[key] ?? []]
    return had.length > 0 && (has.length === 0 || has.some((one) => !had.includes(one)))
  })
  // One more name that proves those of the entry.
  const provided = after.provider !== undefined && after.provider !== before.provider ? (['provider'] as const) : []
  // One more domain for which it speaks.
  const speaks = (after.decorates ?? []).some((one) => before.decorates?.includes(one) !== true)
  return [...fallen, ...wider, ...provided, ...(speaks ? (['decorates'] as const) : [])]
}

const rank = (order: readonly string[], value: string | undefined): number =>
  value === undefined ? 0 : order.indexOf(value)
