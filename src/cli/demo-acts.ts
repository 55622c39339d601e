// What came of the scenes of a demonstration, and how it is told.

import { why } from '../admin/decisions.ts'
import { OperationError } from '../admin/operation.ts'
import type { LeftCase } from '../lab/cases.ts'
import { EXIT, type CommandContext } from './command.ts'
import { tone, type Output } from './output.ts'

/** How long the gateway may take over one line of a conversation. */
export const PATIENCE_MS = 10_000

export interface Act {
  readonly title: string
  readonly results: readonly Result[]
}

export interface Result {
  readonly fine: boolean
  readonly words: string
  readonly reference?: string
}

const isFine = (act: Act): boolean => act.results.every(({ fine }) => fine)

/** Tells of one scene. */
export function show(output: Output, act: Act): void {
  output.line(isFine(act) ? tone('good', '✔ ') : tone('bad', '✘ '), act.title)
  for (const { fine, words } of act.results) output.line('    ', fine ? tone('quiet', words) : tone('bad', words))
}

/** Tells how it went as a whole. @returns the exit code */
export function tell(output: Output, acts: readonly Act[], left: readonly LeftCase[] = []): number {
  const wrong = acts.filter((act) => !isFine(act)).length
  output.answer({ fine: wrong === 0, scenes: acts, ...(left.length > 0 && { left }) }, () => {
    output.line('')
    for (const { name, why: because } of left)
      output.line(tone('quiet', `left to \`sallyport policy test\`: ${name}: ${because}`))
    if (wrong === 0) output.line(tone('good', `All ${acts.length} scenes as they should be.`))
    else output.line(tone('bad', `${wrong} of ${acts.length} scenes not as they should be.`))
    output.line('More on any refusal: npx sallyport why <reference>. What is up now: npx sallyport status.')
  })
  return wrong === 0 ? EXIT.fine : EXIT.finding
}

/** What is on record about a reference, or why nothing is. */
export async function reasonOf({ ask }: Pick<CommandContext, 'ask'>, reference: string): Promise<OnRecord> {
  try {
    const { record, reason, rule } = await ask(why, { reference })
    const cause = reason ? `${reason.id} ${reason.name}: ${reason.means}` : 'no reason on record'
    return { reason: record.reason, rule: rule?.name, cause }
  } catch (error) {
    if (!(error instanceof OperationError) || error.code !== 'not-found') throw error
    return { reason: undefined, rule: undefined, cause: error.message }
  }
}

export interface OnRecord {
  readonly reason: string | undefined
  /** The wall or rule of policy.yaml that decided. */
  readonly rule: string | undefined
  readonly cause: string
}
