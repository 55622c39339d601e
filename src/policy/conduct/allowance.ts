// How much may be sent by who is in no entry, and by who is held down for its conduct: on top of what an entry says.

import { type Allowance, LIMITS } from '../limits/terms.ts'
import type { ConductState } from './conduct.ts'

/** What who is in no entry may send where the mode is limited. */
export interface Discovered {
  readonly discoveredStanzas: number
  readonly discoveredRecipients: number
}

/** Of that, so much in each state; of who is blocked nothing comes. */
const PARTS: Readonly<Record<Exclude<ConductState, 'normal' | 'blocked'>, number>> = { limited: 1 / 4, watch: 1 / 20 }

/** @param isLimited it is in no entry, and the mode is limited */
export function allowanceOf(state: ConductState, isLimited: boolean, limits: Discovered): Allowance | undefined {
  const part = state === 'limited' || state === 'watch' ? PARTS[state] : isLimited ? 1 : undefined
  if (part === undefined) return undefined
  return {
    stanzasPerSecond: Math.max(1, Math.floor(limits.discoveredStanzas * part)),
    recipientsPerDay: Math.max(1, Math.floor(limits.discoveredRecipients * part)),
  }
}

/** What both allow; what else the first one says stays. */
export function both<One extends Allowance>(one: One, other: Allowance): One {
  const said = LIMITS.flatMap((limit) => {
    const most = [one[limit], other[limit]].filter((value) => value !== undefined)
    return most.length === 0 ? [] : [[limit, Math.min(...most)] as const]
  })
  return { ...one, ...Object.fromEntries(said) }
}
