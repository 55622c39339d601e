// The asking end of the control socket. One request per connection: commands ask once or twice and go.

import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import type * as z from 'zod'
import { OperationError, type Operation, type Outcome } from './operation.ts'
import { Lines, Progress, readLine, Response } from './wire.ts'

const ANSWER_BYTES = 64 * 1_048_576
const ANSWER_MS = 70_000

/** Where the gateway of an installation listens for commands. */
export function controlSocketPath(directory: string): string {
  return join(directory, 'var', 'control.sock')
}

/** Nobody listens at the control socket: the gateway is not running, or runs elsewhere. */
export class NoGateway extends Error {
  readonly directory: string

  constructor(directory: string, options?: ErrorOptions) {
    super(`no gateway is running in ${directory}`, options)
    this.name = 'NoGateway'
    this.directory = directory
  }
}

export interface AskOptions {
  /** For each line of the answer. */
  readonly timeoutMs?: number
  /** When it aborts, we have heard enough: the gateway answers with what there is. */
  readonly signal?: AbortSignal | undefined
  /** Hears what the operation tells meanwhile. */
  readonly tell?: ((progress: unknown) => void) | undefined
}

/**
 * Asks the gateway that runs in a directory.
 * @throws NoGateway when none runs there; OperationError with what the gateway answered, or why it did not.
 */
export async function ask<Input extends z.ZodType, Output extends z.ZodType>(
  directory: string,
  operation: Operation<Input, Output>,
  input: z.input<Input>,
  { timeoutMs = ANSWER_MS + (operation.longestMs ?? 0), tell, signal }: AskOptions = {},
): Promise<z.output<Output>> {
  const request = { id: 1, operation: operation.name, input, ...(tell ? { progress: true } : {}) }
  const line = await exchange(directory, `${JSON.stringify(request)}\n`, { timeoutMs, tell, signal })
  const response = Response.safeParse(readLine(line))
  if (!response.success) throw strange('the gateway gave an answer that is none')
  return readOutcome(operation, response.data)
}

/** The output of an operation in its types. @throws OperationError with the failure, when it is one. */
export function readOutcome<Output extends z.ZodType>(
  operation: Operation<z.ZodType, Output>,
  outcome: Outcome,
): z.output<Output> {
  if (!outcome.ok) throw new OperationError(outcome.error.code, outcome.error.message, outcome.error.act)
  const output = operation.output.safeParse(outcome.output)
  if (!output.success) throw strange(`the gateway answered "${operation.name}" in a form this version does not know`)
  return output.data
}

function strange(message: string): OperationError {
  return new OperationError(
    'bad-request',
    message,
    'Use the same version of the command and of the gateway; restart the gateway after an update.',
  )
}

async function exchange(
  directory: string,
  request: string,
  { timeoutMs, tell, signal }: AskOptions & { readonly timeoutMs: number },
): Promise<Buffer> {
  const socket = connect(controlSocketPath(directory))
  const enough = (): void => void socket.end()
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(timeoutMs) })
    socket.setTimeout(timeoutMs, () => socket.destroy(late(directory)))
    socket.write(request)
    if (signal?.aborted) enough()
    signal?.addEventListener('abort', enough, { once: true })
    const lines = new Lines(ANSWER_BYTES)
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      const complete = lines.push(chunk)
      if (complete === undefined) throw strange('the answer of the gateway is longer than this command takes')
      for (const line of complete) {
        const progress = tell && Progress.safeParse(readLine(line))
        if (!progress?.success) return line
        tell?.(progress.data.progress)
      }
    }
    throw new OperationError(
      'unavailable',
      'the gateway closed the connection without an answer',
      'Ask again; if it persists, look at the log of the gateway.',
    )
  } catch (error) {
    throw explain(directory, error)
  } finally {
    signal?.removeEventListener('abort', enough)
    socket.destroy()
  }
}

function explain(directory: string, error: unknown): unknown {
  switch (error instanceof Error && 'code' in error ? error.code : undefined) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ECONNREFUSED':
      return new NoGateway(directory, { cause: error })
    case 'EACCES':
    case 'EPERM':
      return new OperationError(
        'unavailable',
        `the control socket in ${directory} may be opened only by the user the gateway runs as`,
        'Run the command as that user, for example with `sudo -u <user>`.',
      )
    case 'ECONNRESET':
    case 'EPIPE':
      return new OperationError(
        'unavailable',
        `the gateway in ${directory} ended the connection`,
        'It may be stopping, or too many commands may be asking it at once: try again.',
      )
    case 'EAGAIN':
    case 'ABORT_ERR':
      return late(directory)
    default:
      return error
  }
}

function late(directory: string): OperationError {
  return new OperationError(
    'timeout',
    `the gateway in ${directory} does not answer`,
    'Look at its log; it may be overloaded or stopped by a debugger.',
  )
}
