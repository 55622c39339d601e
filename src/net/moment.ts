// The clock, read once for all that happens before the event loop goes on: a chunk may bring hundreds of stanzas, and each
// of them tells several who want to know when.

let moment: number | undefined

const forget = (): void => {
  moment = undefined
}

/** The time on the clock of `performance.now()`, in ms; the same until the callback that runs now has ended. */
export function thisMoment(): number {
  if (moment !== undefined) return moment
  queueMicrotask(forget)
  return (moment = performance.now())
}
