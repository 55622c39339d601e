// The end of a running gateway: what waits goes back to its senders, and then everything closes.
//
// Rule 1: first the links turn to carrying nothing but answers, then peers may send nothing more, then the answers get
//         their time. Only after that does anything close on which we send, and from then on no link is made.
// Rule 2: every step has its time: `drainMs` for the answers, `closeMs` for the streams. What is left then is cut.

import type { Stream } from '../net/stream.ts'
import type { Bounce } from './bounce.ts'
import type { Ways } from './ways.ts'

export interface DrainOptions {
  readonly links: Pick<Ways, 'all' | 'close' | 'busy'>
  /** Every stream that is up. */
  streams(): Iterable<Stream>
  /** With all that peers have opened to us. */
  readonly listeners: readonly (AsyncDisposable & { close(): Promise<void> })[]
  /** Gives up what holds attempts: questions to DNS. */
  abandon(): void
  readonly drainMs: number
  readonly closeMs: number
  readonly why: Bounce
}

/** Resolves when nothing is left, or all that was left has been cut. */
export async function drain({
  links,
  streams,
  listeners,
  abandon,
  drainMs,
  closeMs,
  why,
}: DrainOptions): Promise<void> {
  for (const link of links.all()) link.stop(why)
  for (const listener of listeners) void listener.close()
  for (const stream of streams()) {
    if (stream.info.bidi) stream.hush()
    else if (stream.info.role === 'receiving') stream.close(why.reason)
  }

  await patiently(drainMs, () => {
    for (const link of links.all()) link.forgo()
    return links.busy()
  })

  links.close()
  abandon()
  const left = [...streams()]
  for (const link of links.all()) link.close(why)
  const closed = Promise.all(listeners.map(async (listener) => listener[Symbol.asyncDispose]()))
  let listening = true
  void closed.finally(() => (listening = false))
  await patiently(closeMs, () => (listening ? [closed, ...links.busy()] : links.busy()))
  for (const stream of left) stream.destroy()
}

/** Waits until nothing is busy, asking again whenever all that was so has finished: one may have made another busy. */
export async function patiently(ms: number, busy: () => readonly Promise<unknown>[]): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => resolve('late'), ms)
  for (let waits = busy(); waits.length > 0; waits = busy()) {
    if ((await Promise.race([Promise.all(waits), late])) === 'late') break
  }
  clearTimeout(timer)
}
