// What a case says of the log servers of the run: whether they are there, and what they have been sent.

import type { Attributes, Step } from './case.ts'
import { found, logged } from './elsewhere.ts'
import { violated } from './ends.ts'
import type { LogReceiver } from './stage/log-receiver.ts'

export type LogServerStep = Extract<Step, { readonly logServer: unknown }>

/** @param log what the gateway has written to standard output so far. @throws Ends */
export async function performLogServer(
  step: LogServerStep,
  receiver: LogReceiver,
  log: () => readonly string[],
): Promise<string> {
  const name = `log server ${step.logServer}`
  if ('is' in step) {
    await receiver[step.is]()
    return `${name} is ${step.is}`
  }
  const said = 'hears' in step ? await hears(name, receiver, step) : await hasAll(name, receiver, step.has, log)
  const [fault] = receiver.faults
  if (fault !== undefined) throw violated(`${name} was sent ${fault}`)
  return said
}

async function hears(
  name: string,
  receiver: LogReceiver,
  { hears: wanted, withinMs }: { readonly hears: Attributes; readonly withinMs?: number },
): Promise<string> {
  const line = await logged(() => receiver.messages, wanted, { withinMs })
  return `${name} was sent ${JSON.stringify(line)}`
}

/** Each line once, in its order; what is logged meanwhile may be on its way. */
async function hasAll(
  name: string,
  receiver: LogReceiver,
  has: 'all' | 'nothing',
  log: () => readonly string[],
): Promise<string> {
  if (has === 'nothing') {
    if (receiver.messages.length > 0) throw violated(`${name} was sent ${receiver.messages[0]}`)
    return `${name} was sent nothing`
  }
  // What is no line of the log is said to whoever started it.
  const wanted = log()
    .filter((line) => line.startsWith('{"time"'))
    .map(asRead)
  const missing = (): number => {
    const sent = receiver.messages.map(asRead)
    return wanted.findIndex((line, index) => sent[index] !== line)
  }
  if ((await found(() => (missing() < 0 ? true : undefined))) === undefined)
    throw violated(
      `${name} lacks what was logged ${missing() + 1}. of ${wanted.length}, or has it elsewhere: ${wanted[missing()]}`,
    )
  return `${name} has all of ${wanted.length} lines, each once, in their order`
}

/** However characters are escaped. */
function asRead(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json))
  } catch {
    return json
  }
}
