// A peer that opens another stream for a pair of domains has mostly given up the one before, and so has one to whom we open
// another that goes both ways. What it wrote to that one is older, and may still be on its way, or unread, because a slow
// destination held the stream: the newcomer is not read before.
//
// Rule: an elder is watched once, however many wait for it. Whoever comes within a while is not told at the end of that one.

import { onTheClock } from '../net/dial.ts'
import type { Delay } from '../net/race.ts'
import type { Stream } from '../net/stream.ts'

/** A stream that was read for so long, and on which nothing came, has nothing to say for now. */
const QUIET_MS = 250
/** One that goes on and on is in use beside the newcomer, which then waits no longer than so many times. */
const PATIENCE = 20

type Elder = Pick<Stream, 'held' | 'whenGone'> & { readonly info: { readonly counters: { readonly bytesIn: number } } }

/** Who waits, and for how many whiles in which the elder was in use. */
type Waiting = Map<() => void, number>

export class Elders {
  readonly #delay: Delay
  readonly #waiting = new WeakMap<Elder, Waiting>()

  constructor(delay: Delay = onTheClock) {
    this.#delay = delay
  }

  /** Has the newcomer wait for those that were there before it. */
  before(newcomer: Pick<Stream, 'waitFor'>, elders: readonly Elder[]): void {
    if (elders.length > 0) newcomer.waitFor(Promise.all(elders.map((elder) => this.spent(elder))))
  }

  /** Resolves when whatever the peer wrote to a stream has been read, as far as can be told, or the stream is gone. */
  spent(elder: Elder): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const known = this.#waiting.get(elder)
    if (known) {
      known.set(resolve, 0)
      return promise
    }
    const waiting: Waiting = new Map([[resolve, 0]])
    this.#waiting.set(elder, waiting)
    this.#watch(elder, waiting)
    return promise
  }

  #watch(elder: Elder, waiting: Waiting): void {
    const present = [...waiting.keys()]
    const { bytesIn } = elder.info.counters
    const wasHeld = elder.held
    const over = (look: () => void): void => {
      callOff()
      // Called off each time: an elder outlives many newcomers, and would remember every one of them.
      forget()
      look()
      if (waiting.size > 0) this.#watch(elder, waiting)
      else this.#waiting.delete(elder)
    }
    const tell = (these: Iterable<() => void>): void => {
      for (const resolve of these) {
        waiting.delete(resolve)
        resolve()
      }
    }
    const waited = (): void => {
      if (wasHeld || elder.held) return
      if (elder.info.counters.bytesIn === bytesIn) return tell(present)
      for (const resolve of present) waiting.set(resolve, (waiting.get(resolve) ?? 0) + 1)
      tell(present.filter((resolve) => (waiting.get(resolve) ?? 0) >= PATIENCE))
    }
    const callOff = this.#delay(QUIET_MS, () => over(waited))
    const forget = elder.whenGone(() => over(() => tell([...waiting.keys()])))
  }
}
