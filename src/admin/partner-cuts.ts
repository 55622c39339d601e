// Which streams that are up a change of the partner list, or what is said of conduct, would end. Said before it is made, so that nobody cuts off a partner
// by a slip.

import type { ComingEntry, Cut } from '../gateway/cuts.ts'
import type { Context } from './operation.ts'

/** Who would be cut off, in words; undefined: nobody. */
export async function cutsText({ control }: Context, coming: readonly ComingEntry[]): Promise<string | undefined> {
  return cutWords(await control.cuts(coming))
}

/** The same of streams that are known. */
export function cutWords(cuts: readonly Cut[]): string | undefined {
  if (cuts.length === 0) return undefined
  const total = cuts.reduce((sum, { streams }) => sum + streams, 0)
  const named = cuts.slice(0, MOST_NAMED).map(({ domain, streams }) => `${domain} (${streams})`)
  const more = cuts.length > MOST_NAMED ? ` and ${cuts.length - MOST_NAMED} more` : ''
  const streams = total === 1 ? 'a stream that is up' : `${total} streams that are up`
  return `this would end ${streams}: ${named.join(', ')}${more}`
}

const MOST_NAMED = 20
