// Runs operations by name: the one place where input is checked, failures become plain data and changes queue up.
//
// Rule 1: operations that change something run one after another, so that two administrators never edit one file at once.
// Rule 2: a bug in an operation is an `internal` failure to the caller; its cause goes to `observe`, never over the wire.

import type * as z from 'zod'
import { StoreError } from '../store/store.ts'
import { reason as catalogued } from '../xmpp/reasons.ts'
import { OperationError, type Context, type Failure, type Operation, type Outcome, type Tell } from './operation.ts'

/** What has been asked and how it ended, for the log. `fault` is set when it was a bug. */
export interface Call {
  readonly operation: string
  readonly role: string | undefined
  readonly ok: boolean
  readonly code: string | undefined
  readonly fault: unknown
}

/** For callers that wait for the end. */
const NEVER = new AbortController().signal

/** Operations over one gateway (or over the files of one that is not running). */
export class Performer {
  readonly #context: Context
  readonly #operations: ReadonlyMap<string, Operation>
  readonly #observe: (call: Call) => void
  #changes: Promise<unknown> = Promise.resolve()

  constructor(context: Context, operations: readonly Operation[], observe: (call: Call) => void = () => undefined) {
    this.#context = context
    this.#operations = new Map(operations.map((operation) => [operation.name, operation]))
    this.#observe = observe
  }

  /** How long the operation may take by its nature, in ms; 0 where it is like all others. */
  longest(name: string): number {
    return this.#operations.get(name)?.longestMs ?? 0
  }

  /** Never rejects: what goes wrong is in the outcome. */
  async perform(name: string, input: unknown, tell: Tell = () => true, signal = NEVER): Promise<Outcome> {
    const operation = this.#operations.get(name)
    let fault: unknown
    let outcome: Outcome
    if (operation === undefined) outcome = failed(unknownOperation(name))
    else {
      try {
        outcome = { ok: true, output: await this.#inTurn(operation, input, tell, signal) }
      } catch (error) {
        if (error instanceof OperationError) outcome = failed(error)
        else if (error instanceof StoreError) outcome = failed(storeFailure(error))
        else {
          fault = error
          outcome = failed(BUG)
        }
      }
    }
    const code = outcome.ok ? undefined : outcome.error.code
    this.#observe({ operation: name, role: operation?.role, ok: outcome.ok, code, fault })
    return outcome
  }

  #inTurn(operation: Operation, input: unknown, tell: Tell, signal: AbortSignal): Promise<unknown> {
    if (operation.role === 'read' || operation.aside) return run(operation, this.#context, input, tell, signal)
    const turn = this.#changes.then(() => run(operation, this.#context, input, tell, signal))
    this.#changes = turn.catch(() => undefined)
    return turn
  }
}

async function run(
  operation: Operation,
  context: Context,
  input: unknown,
  tell: Tell,
  signal: AbortSignal,
): Promise<unknown> {
  const checked = operation.input.safeParse(input ?? {})
  if (!checked.success) throw badInput(operation.name, checked.error)
  return await operation.run(context, checked.data, tell, signal)
}

function failed({ code, message, act }: Failure): Outcome {
  return { ok: false, error: { code, message, act } }
}

function storeFailure({ message, reason }: StoreError): Failure {
  return { code: 'unavailable', message, act: catalogued(reason).act }
}

const BUG: Failure = {
  code: 'internal',
  message: 'the gateway failed to do this; the cause is in its log',
  act: 'Look for the event "operation-failed" in the log of the gateway and report it.',
}

function unknownOperation(name: string): Failure {
  return {
    code: 'unknown-operation',
    message: `the gateway knows no operation "${name}"`,
    act: 'Use the same version of the command and of the gateway; restart the gateway after an update.',
  }
}

function badInput(operation: string, error: z.ZodError): OperationError {
  const mistakes = error.issues.map((issue) => {
    const path = issue.path.map(String).join('.')
    return path === '' ? issue.message : `${path}: ${issue.message}`
  })
  return new OperationError('bad-input', mistakes.join('; '), `Mend what is named and ask "${operation}" again.`)
}
