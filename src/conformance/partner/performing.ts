// One step after the other, and what has to be done after them however they went.

import type { PairOutcome, Step } from './scenario.ts'

/** @param tidyUp comes in any case, and is not judged. @returns what the first came to that is not as expected */
export async function performed(
  steps: readonly Step[],
  perform: (step: Step) => Promise<PairOutcome>,
  tidyUp: () => Promise<void>,
): Promise<PairOutcome> {
  try {
    for (const step of steps) {
      const outcome = await perform(step)
      if (outcome.kind !== 'pass') return outcome
    }
    return { kind: 'pass' }
  } catch (error) {
    return { kind: 'inconclusive', detail: error instanceof Error ? error.message : String(error) }
  } finally {
    await tidyUp().catch(() => undefined)
  }
}
