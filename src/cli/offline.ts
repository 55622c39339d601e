// Operations that also make sense without a gateway: the same ones, run here over the files. Whoever asks is told so.

import type * as z from 'zod'
import { NoGateway, readOutcome } from '../admin/client.ts'
import { FilesControl } from '../admin/files-control.ts'
import type { Members } from '../admin/known-groups.ts'
import type { Operation } from '../admin/operation.ts'
import { Performer } from '../admin/perform.ts'
import type { CommandContext } from './command.ts'
import { tone } from './output.ts'

/** Asks the gateway of the directory, or the files where none runs. @throws OperationError */
export async function askOrRead<In extends z.ZodType, Out extends z.ZodType>(
  context: CommandContext,
  operation: Operation<In, Out>,
  input: z.input<In>,
  tell?: (progress: unknown) => void,
): Promise<z.output<Out>> {
  try {
    return await context.ask(operation, input, tell)
  } catch (error) {
    if (!(error instanceof NoGateway)) throw error
  }
  // A change says itself where it was made.
  if (operation.role === 'read')
    context.output.note(tone('quiet', `no gateway is running in ${context.directory}: this is what the files say`))
  const [answer] = await askFiles(context, operation, [input], tell)
  return answer!
}

/** Asks the files, whether a gateway runs or not: the same operation with each input; `members`: of groups of directories. @throws OperationError */
export async function askFiles<In extends z.ZodType, Out extends z.ZodType>(
  context: Pick<CommandContext, 'directory' | 'now' | 'output'> & { readonly members?: Members },
  operation: Operation<In, Out>,
  inputs: readonly z.input<In>[],
  tell?: (progress: unknown) => void,
): Promise<readonly z.output<Out>[]> {
  const { directory, now, output, members } = context
  using control = await FilesControl.open(directory, now, members)
  let fault: unknown
  const performer = new Performer(
    { control, directory, now, running: false },
    [operation],
    (call) => (fault = call.fault),
  )
  if (control.isFaulty) output.note(tone('careful', 'the files have mistakes: `sallyport check` names them'))
  const answers: z.output<Out>[] = []
  for (const input of inputs) {
    const outcome = await performer.perform(operation.name, input, (progress) => {
      tell?.(progress)
      return true
    })
    if (fault instanceof Error) throw fault
    answers.push(readOutcome(operation, outcome))
  }
  return answers
}
