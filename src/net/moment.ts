// Clocks that are read once for all that happens before the event loop goes on: a chunk may bring hundreds of stanzas, and
// each of them tells several who want to know when.

/** The same clock, which stands still until the callback that runs now has ended. */
export function perMoment(clock: () => number): () => number {
  let moment: number | undefined
  const forget = (): void => {
    moment = undefined
  }
  return () => {
    if (moment !== undefined) return moment
    queueMicrotask(forget)
    return (moment = clock())
  }
}

/** The time on the clock of `performance.now()`, in ms. */
export const thisMoment = perMoment(() => performance.now())
