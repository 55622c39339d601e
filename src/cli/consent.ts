// A change that would cut off partners is made when somebody says so: with --yes, or here on a terminal when asked.

import { createInterface } from 'node:readline/promises'
import process from 'node:process'
import { OperationError } from '../admin/operation.ts'
import type { CommandContext } from './command.ts'
import { tone } from './output.ts'

/** The option of every command that may need it. */
export const YES = { yes: { about: 'Also where streams that are up would end.' } }

/** Asks for a change, and once more with a word from whoever sits there, where one is needed. @throws OperationError */
export async function consented<Answer>(
  { arguments: words, output }: CommandContext,
  ask: (yes: boolean) => Promise<Answer>,
): Promise<Answer> {
  const yes = words.flag('yes')
  try {
    return await ask(yes)
  } catch (error) {
    const isQuestion = error instanceof OperationError && error.code === 'needs-yes'
    if (yes || !isQuestion || output.json || !process.stdin.isTTY || !process.stderr.isTTY) throw error
    output.note(tone('careful', error.message))
    const terminal = createInterface({ input: process.stdin, output: process.stderr })
    const answer = await terminal.question('Do it all the same? [y/N] ').finally(() => terminal.close())
    if (!/^y(?:es)?$/i.test(answer.trim())) throw error
    return await ask(true)
  }
}
