// What a command is: a name, the words it takes, and `run`. Dispatch, help and parsing (`cli.ts`, `help.ts`,
// `arguments.ts`) work from this data, so every command answers to `--help`, `--json` and `--directory` alike.

import type * as z from 'zod'
import type { Operation } from '../admin/operation.ts'
import type { Arguments } from './arguments.ts'
import type { Output } from './output.ts'

/** 0: all is well. 1: a finding, or something that is not so. 2: the command was called wrongly. 78: the configuration is faulty (EX_CONFIG of sysexits.h). */
export const EXIT = { fine: 0, finding: 1, usage: 2, configuration: 78 } as const

export interface Option {
  readonly about: string
  /** What stands for the value in the help text; without it the option is a flag. */
  readonly value?: string
  /** May be given more than once. */
  readonly many?: boolean
}

export interface Positional {
  readonly name: string
  readonly about: string
  readonly optional?: boolean
  /** Takes this word and all that follow; the last one only. */
  readonly many?: boolean
}

export interface Command {
  /** One word, or a group and a word: `partner allow`. */
  readonly name: string
  readonly about: string
  readonly positionals?: readonly Positional[]
  readonly options?: Readonly<Record<string, Option>>
  /** Lines for the end of the help text: examples, what exit codes mean. */
  readonly notes?: readonly string[]
  /** It administers no gateway, so that no notice comes before it. */
  readonly noNotice?: true
  /** Resolves to the exit code. */
  run(context: CommandContext): Promise<number> | number
}

export interface CommandContext {
  readonly arguments: Arguments
  /** The installation directory, absolute. */
  readonly directory: string
  readonly output: Output
  /** The time, in milliseconds of the epoch. */
  readonly now: () => number
  /**
   * Asks the gateway that runs in the directory.
   * @throws NoGateway when none runs; OperationError with what it answered.
   */
  readonly ask: <In extends z.ZodType, Out extends z.ZodType>(
    operation: Operation<In, Out>,
    input: z.input<In>,
    tell?: (progress: unknown) => void,
    /** Aborts when enough has been heard. */
    signal?: AbortSignal,
  ) => Promise<z.output<Out>>
}
