// A run: every case of a profile, several at a time, over each version of IP, against an instance of its own or a gateway that
// runs elsewhere.

import type { ProfileName } from '../trust/profiles/profile.ts'
import type { TestCase } from './case.ts'
import { withoutIp6 } from './host-lacks.ts'
import { type Outside, unplayed } from './outside.ts'
import { play, type Performed } from './play.ts'
import { Running } from './stage/running.ts'
import type { IpVersion, Performance, Scene } from './stage/scene.ts'
import { hasV6, Stage } from './stage/stage.ts'
import { Transcript } from './stage/transcript.ts'
import { unlessStopped } from './stopping.ts'

const AT_ONCE = 12
/** What the gateway logs waits for more before it is written. */
const LAST_LINES_MS = 300
const ENDED_MS = 200

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
  /** Text of each file of the settings that the gateway was run with, or by which one that runs is known, by its name. */
  readonly settings: Readonly<Record<string, string>>
  /** Cases that cannot be played there → why. */
  readonly unplayed: ReadonlyMap<string, string>
}

interface Course {
  readonly profile: ProfileName
  readonly cases: readonly TestCase[]
  readonly now: () => number
  /** Ends the run before its time; what was set up is taken away. */
  readonly signal?: AbortSignal
  /** Hears of each performance, and how many there are. */
  readonly tell: (played: Played, of: number) => void
}

/** Against an instance of its own. @throws when the gateway does not start, or the run is ended before its time */
export async function run(
  o: Course & {
    readonly script: string
    /** Over which versions of IP, and how many at a time; default: those the machine has, a dozen. */
    readonly over?: readonly IpVersion[]
    readonly atOnce?: number
  },
): Promise<Ran> {
  const cases = casesOf(o)
  const reasons = o.over || hasV6() ? new Map<string, string>() : withoutIp6(cases)
  await using stage = await Stage.set({ ...o, cases: cases.filter(({ id }) => !reasons.has(id)) })
  return { ...(await playAll(stage, o, o.atOnce ?? AT_ONCE)), unplayed: reasons }
}

/**
 * Against a gateway that runs, as a peer from outside: one case after the other, as its peer has one domain.
 * @throws Unready when no stream to it comes about, and when the run is ended before its time
 */
export async function runOutside(o: Course & { readonly outside: Outside }): Promise<Ran> {
  const cases = casesOf(o)
  const reasons = unplayed(cases, o.outside)
  await using scene = await Running.meet({ ...o, cases: cases.filter(({ id }) => !reasons.has(id)) })
  return { ...(await playAll(scene, o, 1)), unplayed: reasons }
}

const casesOf = ({ cases, profile }: Course): readonly TestCase[] =>
  cases.filter(({ profiles }) => profiles === undefined || profiles.includes(profile))

/** A scene of its own; or why it did not come about, which is nothing that any other case has to do with. */
const apart = (scene: Scene, own: Performance): Promise<(Scene & AsyncDisposable) | Error> =>
  scene.apart(own).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))

/** What could not be played has shown nothing. */
function unplayable(detail: string): Performed {
  const transcript = new Transcript(() => performance.now())
  transcript.add('note', detail)
  return { outcome: { kind: 'inconclusive', detail }, transcript }
}

async function playAll(scene: Scene, o: Course, atOnce: number): Promise<Pick<Ran, 'played' | 'settings'>> {
  const waiting = [...scene.performances]
  const played: Played[] = []
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !o.signal?.aborted; next = waiting.shift()) {
      const began = o.now()
      const own = next.testCase.own && (await apart(scene, next))
      await using its = own instanceof Error ? undefined : own
      const place = its ?? scene
      const performance = its?.performances[0] ?? next
      const performed =
        own instanceof Error
          ? unplayable(own.message)
          : await playIn(place, performance, `${next.peer}-${began.toString(36)}`)
      if (o.signal?.aborted) return
      const ms = o.now() - began
      const log = own instanceof Error ? [] : place.logOf(performance)
      const certificate = place.shownBy(performance)?.cert
      const one = { ...performed, performance, began, ms, log, certificate }
      played.push(one)
      o.tell(one, scene.performances.length)
    }
  }
  o.signal?.throwIfAborted()
  await unlessStopped(Promise.all(Array.from({ length: atOnce }, worker)), o.signal)
  await new Promise((resolve) => setTimeout(resolve, LAST_LINES_MS))
  const logged = played.map((one) =>
    one.performance.testCase.own ? one : { ...one, log: scene.logOf(one.performance) },
  )
  return { played: logged, settings: scene.settings }
}

/** With a gateway that ends by itself nothing more is shown, and whatever was played meanwhile has seen what must not be. */
async function playIn(scene: Scene, performance: Performance, id: string): Promise<Performed> {
  const before = scene.ended
  if (before !== undefined) return unplayable(`the gateway had ended ${before}, while others were played`)
  const performed = await play(scene, performance, id)
  if (performed.outcome.kind === 'pass') return performed
  // That a process has ended is heard somewhat after its connections.
  await new Promise((resolve) => setTimeout(resolve, ENDED_MS))
  const { ended } = scene
  if (ended === undefined) return performed
  const detail = `the gateway has ended ${ended} while this was played`
  performed.transcript.add('note', detail)
  return { ...performed, outcome: { kind: 'violation', detail } }
}
