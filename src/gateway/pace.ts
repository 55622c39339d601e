// Doing many things one after another instead of all at once, and waiting for them no longer than they are worth.

const STEP_MS = 50
/** So many at least in each step: a few streams need no patience. */
const LEAST = 2

/** Waits, unless the signal says that there is no time. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  const over = (): void => resolve()
  signal.addEventListener('abort', over, { once: true })
  await promise
  clearTimeout(timer)
  signal.removeEventListener('abort', over)
}

/** Acts on each in its turn, evenly over at most `overMs`; on all that are left at once when the signal says so. */
export async function paced<T>(
  items: readonly T[],
  overMs: number,
  signal: AbortSignal,
  act: (item: T) => void,
): Promise<void> {
  const size = Math.max(LEAST, Math.ceil((items.length * STEP_MS) / overMs))
  for (let at = 0; at < items.length; at += size) {
    for (const item of items.slice(at, at + size)) act(item)
    if (at + size < items.length) await pause(STEP_MS, signal)
  }
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
