// How near a certificate is to its end: the steps at which somebody is told. Pure.

import type { Certificate } from './certificate.ts'
import { subjectText } from './summary.ts'

/** Days before the end at which it is told; each is told once. */
export const STEPS = [30, 7, 1] as const

/** The step that has been reached; `expired` after the end, undefined while it is further away than all of them. */
export type Step = (typeof STEPS)[number] | 'expired'

/** A certificate, as far as its end goes; times in milliseconds since 1970. */
export interface Ending {
  readonly subject: string
  /** SHA-256 of the whole, hex. */
  readonly fingerprint: string
  readonly notBefore: number
  readonly notAfter: number
}

const DAY_MS = 86_400_000

export const endingOf = (certificate: Certificate): Ending => {
  const { fingerprint, notBefore, notAfter } = certificate
  return { subject: subjectText(certificate), fingerprint, notBefore, notAfter }
}

/** The one that ends first. */
export function firstToEnd(endings: readonly Ending[]): Ending | undefined {
  return endings.reduce<Ending | undefined>(
    (first, one) => (first && first.notAfter <= one.notAfter ? first : one),
    undefined,
  )
}

/**
 * The step that a certificate has reached. A step counts where it is in the last third of a certificate's life: one that
 * lives six days is not late all of them.
 */
export function stepOf({ notBefore, notAfter }: Pick<Ending, 'notBefore' | 'notAfter'>, now: number): Step | undefined {
  if (now > notAfter) return 'expired'
  return STEPS.findLast((days) => now > notAfter - days * DAY_MS && days * DAY_MS * 3 <= notAfter - notBefore)
}

/** `in 6 days`, `in 23 hours`: how long until then. */
export function untilText(notAfter: number, now: number): string {
  const hours = Math.max(1, Math.round((notAfter - now) / 3_600_000))
  if (hours >= 48) return `in ${Math.floor(hours / 24)} days`
  return `in ${hours} ${hours === 1 ? 'hour' : 'hours'}`
}
