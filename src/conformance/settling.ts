// What becomes of many messages when something breaks under them: each comes to whom it is for, or back by an error.

import type { Element } from '@xmpp/xml'
import { violated } from './ends.ts'

const PATIENCE_MS = 60_000
const LOOK_MS = 50
/** For whatever comes a second time. */
const AFTER_MS = 2000

export interface Settling {
  /** What has come there so far; both grow. */
  readonly core: readonly Element[]
  readonly back: readonly Element[]
  /** Of these the core may have got some that it has not acknowledged any more: they have arrived, and have come back as well. */
  readonly inDoubt?: readonly string[] | undefined
}

/** @throws Ends where one of the messages comes to nothing, or twice to the same end, or to both without being in doubt */
export async function settled(
  ids: readonly string[],
  { core, back, inDoubt = [] }: Settling,
  withinMs = PATIENCE_MS,
): Promise<string> {
  const look = (): readonly (readonly [arrived: number, returned: number])[] => {
    const [arrived, returned] = [counts(core, false), counts(back, true)]
    return ids.map((id) => [arrived.get(id) ?? 0, returned.get(id) ?? 0])
  }
  const until = performance.now() + withinMs
  const isOpen = (): boolean => look().some(([arrived, returned]) => arrived + returned === 0)
  while (isOpen() && performance.now() < until) await pause(LOOK_MS)
  await pause(AFTER_MS)
  const ends = look()
  const doubtful = new Set(inDoubt)
  const wrong = ends.findIndex(([arrived, returned], index) => {
    const isBoth = arrived === 1 && returned === 1 && doubtful.has(ids[index]!)
    return arrived + returned !== 1 && !isBoth
  })
  if (wrong !== -1) {
    const [arrived, returned] = ends[wrong]!
    throw violated(`the message ${ids[wrong]!} has arrived ${arrived} times and come back ${returned} times`)
  }
  const both = ends.filter(([arrived, returned]) => arrived + returned === 2).length
  const all = ends.filter(([arrived]) => arrived > 0).length
  return `of ${ids.length} messages ${all} have arrived, ${both} of which, in doubt, have come back too, as have all others`
}

/** How many messages, or errors, there are by each id. */
function counts(stanzas: readonly Element[], isError: boolean): ReadonlyMap<unknown, number> {
  const of = new Map<unknown, number>()
  for (const { name, attrs } of stanzas)
    if (name === 'message' && (attrs['type'] === 'error') === isError)
      of.set(attrs['id'], (of.get(attrs['id']) ?? 0) + 1)
  return of
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
