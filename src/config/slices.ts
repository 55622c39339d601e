// Long work on a configuration in slices of time, between which traffic goes on.

/** Work that says where it may pause. */
export type Steps<Result> = Generator<undefined, Result, undefined>

/** So long is worked at a time while other work waits. */
const SLICE_MS = 4

/** Does it all now. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** Does it with pauses, the first of them before it begins: whoever asks may have worked for a while. */
export async function inSlices<Result>(steps: Steps<Result>): Promise<Result> {
  await new Promise((go) => setImmediate(go))
  let until = performance.now() + SLICE_MS
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    if (performance.now() < until) continue
    await new Promise((go) => setImmediate(go))
    until = performance.now() + SLICE_MS
  }
}
