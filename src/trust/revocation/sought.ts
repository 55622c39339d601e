// Several who are asked at the same time, and what they say.

import type { Standing } from './standing.ts'

export const isKnown = ({ status }: Standing): boolean => status !== 'unknown'

/** The outcome, where it is there in time. */
export async function soon<T>(outcome: Promise<T>, ms: number): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => late.resolve(undefined), ms)
  try {
    return await Promise.race([outcome, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** What the first says that knows; where none does, all that they say, in their order. */
export async function firstKnown(asked: readonly Promise<readonly Standing[]>[]): Promise<readonly Standing[]> {
  const known = asked.map(async (one) => ((await one).some(isKnown) ? one : new Promise<never>(() => {})))
  const all = Promise.all(asked).then((said) => said.flat())
  return Promise.race([...known, all])
}
