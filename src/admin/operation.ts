// One operation: something an administrator or a tool may ask of a gateway. The control socket, the API and the
// console all serve the same table (`operations.ts`), so what one can do the others can too.
//
// Rule 1: input is checked against its schema before `run` sees it; output is plain data that survives JSON.
// Rule 2: what the caller can mend is an `OperationError` with the instruction that mends it. Anything else is a bug.
// Rule 3: an operation that changes something resolves only when the change is in force.

import type * as z from 'zod'
import type { Control } from '../gateway/control.ts'
import type { LabControl } from './lab.ts'

/** What a caller must at least be allowed to do: look, act on the partner list, change who may do what. */
export type Role = 'read' | 'operate' | 'administer'

/** What operations work on. */
export interface Context {
  readonly control: Control
  /** The installation: the directory that holds `federation-config/`, `certs/` and `var/`. */
  readonly directory: string
  /** False: no gateway runs, `control` stands for the files. */
  readonly running: boolean
  /** The time, in milliseconds of the epoch. */
  readonly now: () => number
  /** The embedded lab of an evaluation set-up. */
  readonly lab?: LabControl | undefined
}

/** Hears what an operation does meanwhile; false: it was not taken. */
export type Tell = (progress: unknown) => boolean

export interface Operation<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  /** `group.verb`, or one word. */
  readonly name: string
  /** One sentence for lists of operations. */
  readonly about: string
  readonly role: Role
  readonly input: Input
  readonly output: Output
  /** Changes nothing although it does something, and may take long: others need not wait for it. */
  readonly aside?: true
  /** How long it may take by its nature, in ms, where that is longer than others may. */
  readonly longestMs?: number
  /**
   * `tell`: what happens meanwhile, plain data, for whoever asked and wants to know; false when they do not take it. `signal`
   * aborts when they have gone, or have heard enough.
   */
  run(
    context: Context,
    input: z.output<Input>,
    tell: Tell,
    signal: AbortSignal,
  ): z.input<Output> | Promise<z.input<Output>>
}

/** Declares an operation; the schemas give `run` its types. */
export function operation<Input extends z.ZodType, Output extends z.ZodType>(
  declared: Operation<Input, Output>,
): Operation<Input, Output> {
  return declared
}

/** What went wrong, for a program (`code`), for a reader (`message`), and what to do about it (`act`). */
export interface Failure {
  readonly code: FailureCode
  readonly message: string
  readonly act: string
}

export const FAILURE_CODES = [
  'bad-input',
  'bad-request',
  'conflict',
  'faulty-configuration',
  'internal',
  'needs-yes',
  'not-found',
  'too-large',
  'timeout',
  'unavailable',
  'unknown-operation',
] as const

export type FailureCode = (typeof FAILURE_CODES)[number]

/** The outcome of an operation as it travels to the caller. */
export type Outcome = { readonly ok: true; readonly output: unknown } | { readonly ok: false; readonly error: Failure }

/** A failure the caller can understand and mend. */
export class OperationError extends Error {
  readonly code: FailureCode
  readonly act: string

  constructor(code: FailureCode, message: string, act: string) {
    super(message)
    this.name = 'OperationError'
    this.code = code
    this.act = act
  }
}
