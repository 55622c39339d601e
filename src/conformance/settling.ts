// What becomes of many messages when something breaks under them: each comes to whom it is for, or back by an error.

import type { Element } from '@xmpp/xml'
import { violated } from './ends.ts'

const PATIENCE_MS = 60_000
const LOOK_MS = 50
/** For whatever comes a second time. */
const AFTER_MS = 2000

/** @param core, back what has come there so far; both grow. @throws Ends where one of the messages comes to nothing, or to more than one end */
export async function settled(
  ids: readonly string[],
  { core, back }: { readonly core: readonly Element[]; readonly back: readonly Element[] },
  withinMs = PATIENCE_MS,
): Promise<string> {
  const count = (stanzas: readonly Element[], isError: boolean): ReadonlyMap<unknown, number> => {
    const of = new Map<unknown, number>()
    for (const { name, attrs } of stanzas)
      if (name === 'message' && (attrs['type'] === 'error') === isError)
        of.set(attrs['id'], (of.get(attrs['id']) ?? 0) + 1)
    return of
  }
  const look = (): { readonly ends: readonly number[]; readonly arrived: number } => {
    const [arrived, returned] = [count(core, false), count(back, true)]
    return {
      ends: ids.map((id) => (arrived.get(id) ?? 0) + (returned.get(id) ?? 0)),
      arrived: ids.filter((id) => arrived.has(id)).length,
    }
  }
  const until = performance.now() + withinMs
  while (look().ends.includes(0) && performance.now() < until) await pause(LOOK_MS)
  await pause(AFTER_MS)
  const { ends, arrived } = look()
  const wrong = ids.findIndex((_, index) => ends[index] !== 1)
  if (wrong !== -1) throw violated(`the message ${ids[wrong]!} has come to ${ends[wrong]!} ends, not to one`)
  return `of ${ids.length} messages ${arrived} have arrived, and the others have come back`
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
