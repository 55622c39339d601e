// A peer that opens another stream for a pair of domains has mostly given up the one before. What it wrote to that one is
// older, and may still be on its way, or unread, because a slow destination held the stream: the newcomer is not read before.

import { onTheClock } from '../net/dial.ts'
import type { Delay } from '../net/race.ts'
import type { Stream } from '../net/stream.ts'

/** A stream that was read for so long, and on which nothing came, has nothing to say for now. */
const QUIET_MS = 250
/** One that goes on and on is in use beside the newcomer, which then waits no longer than so many times. */
const PATIENCE = 20

type Elder = Pick<Stream, 'held' | 'whenGone'> & { readonly info: { readonly counters: { readonly bytesIn: number } } }

/** Resolves when whatever the peer wrote to a stream has been read, as far as can be told, or the stream is gone. */
export async function spent(elder: Elder, delay: Delay = onTheClock): Promise<void> {
  for (let busy = 0; busy < PATIENCE;) {
    const { bytesIn } = elder.info.counters
    const wasHeld = elder.held
    const { promise, resolve } = Promise.withResolvers<'gone' | 'waited'>()
    const callOff = delay(QUIET_MS, () => resolve('waited'))
    // Called off each time: an elder outlives many newcomers, and would remember every one of them.
    const forget = elder.whenGone(() => resolve('gone'))
    const outcome = await promise
    callOff()
    forget()
    if (outcome === 'gone') return
    if (wasHeld || elder.held) continue
    if (elder.info.counters.bytesIn === bytesIn) return
    busy += 1
  }
}

/** Has the newcomer wait for those that were there before it. */
export function afterElders(newcomer: Pick<Stream, 'waitFor'>, elders: readonly Elder[]): void {
  if (elders.length > 0) newcomer.waitFor(Promise.all(elders.map((elder) => spent(elder))))
}
