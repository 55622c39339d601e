// Performs a case, and says what it has shown.

import { Actor } from './actor.ts'
import { Ends } from './ends.ts'
import type { Performance, Scene } from './stage/scene.ts'
import type { Transcript } from './stage/transcript.ts'
import type { Outcome } from './verdict.ts'

export interface Performed {
  readonly outcome: Outcome
  readonly transcript: Transcript
}

/** @param run an id of its own, which every stanza of the performance bears */
export async function play(stage: Scene, performance: Performance, run: string): Promise<Performed> {
  using actor = new Actor(stage, performance, run)
  const outcome = await perform(actor, performance)
  actor.transcript.add('note', 'detail' in outcome ? `${outcome.kind}: ${outcome.detail}` : outcome.kind)
  return { outcome, transcript: actor.transcript }
}

async function perform(actor: Actor, { testCase }: Performance): Promise<Outcome> {
  try {
    await actor.begin()
    for (const step of testCase.steps) await actor.perform(step)
    return { kind: 'pass' }
  } catch (error) {
    if (error instanceof Ends) return error.outcome
    return { kind: 'inconclusive', detail: error instanceof Error ? error.message : String(error) }
  }
}
