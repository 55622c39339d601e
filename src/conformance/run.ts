// A run: every case of a profile, several at a time, over each version of IP.

import type { ProfileName } from '../trust/profiles/profile.ts'
import type { TestCase } from './case.ts'
import { play, type Performed } from './play.ts'
import { unlessStopped } from './stopping.ts'
import { type IpVersion, type Performance, Stage } from './stage/stage.ts'

const AT_ONCE = 12
/** What the gateway logs waits for more before it is written. */
const LAST_LINES_MS = 300

export interface Played extends Performed {
  readonly performance: Performance
  readonly began: number
  readonly ms: number
  /** What the gateway has logged of the peer, a line of JSON each. */
  readonly log: readonly string[]
  /** What the peer has shown, PEM. */
  readonly certificate: string | undefined
}

export interface Ran {
  readonly played: readonly Played[]
  /** Text of each file of the settings that the gateway was run with, by its name. */
  readonly settings: Readonly<Record<string, string>>
}

/** @throws when the gateway does not start, or the run is ended before its time */
export async function run(o: {
  readonly script: string
  readonly profile: ProfileName
  readonly cases: readonly TestCase[]
  readonly now: () => number
  /** Over which versions of IP, and how many at a time; default: those the machine has, a dozen. */
  readonly over?: readonly IpVersion[]
  readonly atOnce?: number
  /** Ends the run before its time; what was set up is taken away. */
  readonly signal?: AbortSignal
  /** Hears of each performance, and how many there are. */
  readonly tell: (played: Played, of: number) => void
}): Promise<Ran> {
  const cases = o.cases.filter(({ profiles }) => profiles === undefined || profiles.includes(o.profile))
  await using stage = await Stage.set({ ...o, cases })
  const waiting = [...stage.performances]
  const played: Played[] = []
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !o.signal?.aborted; next = waiting.shift()) {
      const began = o.now()
      const performed = await play(stage, next, `${next.peer}-${began.toString(36)}`)
      if (o.signal?.aborted) return
      const ms = o.now() - began
      const log = stage.logOf(next)
      const one = { ...performed, performance: next, began, ms, log, certificate: stage.shownBy(next)?.cert }
      played.push(one)
      o.tell(one, stage.performances.length)
    }
  }
  o.signal?.throwIfAborted()
  await unlessStopped(Promise.all(Array.from({ length: o.atOnce ?? AT_ONCE }, worker)), o.signal)
  await new Promise((resolve) => setTimeout(resolve, LAST_LINES_MS))
  const logged = played.map((one) => ({ ...one, log: stage.logOf(one.performance) }))
  return { played: logged, settings: Object.fromEntries(stage.instance.settings) }
}
