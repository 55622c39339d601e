// Reads what was typed after a command's name. Mistakes are collected as a `UsageError` with a suggestion, never guessed.

import { parseArgs } from 'node:util'
import { suggest } from '../config/suggest.ts'
import type { Command, Option } from './command.ts'

/** Options that every command takes. */
export const COMMON: Readonly<Record<string, Option>> = {
  directory: {
    value: 'DIR',
    about: 'The installation: where federation-config/, certs/ and var/ are (default: here).',
  },
  json: { about: 'Answer with one JSON document.' },
  help: { about: 'Show this text.' },
}

/** The command was called wrongly. */
export class UsageError extends Error {
  /** The command it happened in, for the hint at its help. */
  readonly command: string | undefined

  constructor(message: string, command?: string) {
    super(message)
    this.name = 'UsageError'
    this.command = command
  }
}

/** What was typed, checked against what the command declares. */
export class Arguments {
  readonly #values: Readonly<Record<string, readonly string[]>>
  readonly #flags: ReadonlySet<string>
  readonly #words: Readonly<Record<string, string>>
  readonly #many: Readonly<Record<string, readonly string[]>>

  constructor(
    values: Record<string, readonly string[]>,
    flags: ReadonlySet<string>,
    words: Record<string, string>,
    many: Record<string, readonly string[]> = {},
  ) {
    this.#values = values
    this.#flags = flags
    this.#words = words
    this.#many = many
  }

  flag(name: string): boolean {
    return this.#flags.has(name)
  }

  /** The value of an option; undefined when it was not given. */
  option(name: string): string | undefined {
    return this.#values[name]?.at(-1)
  }

  /** All values of an option that may be given more than once; undefined when it was not given. */
  options(name: string): readonly string[] | undefined {
    return this.#values[name]
  }

  /** A positional argument that may be left out. */
  word(name: string): string | undefined {
    return this.#words[name]
  }

  /** The words of a positional argument that takes many; none where it was left out. */
  words(name: string): readonly string[] {
    return this.#many[name] ?? []
  }

  /** A positional argument that the command requires. */
  required(name: string): string {
    const word = this.#words[name]
    if (word === undefined) throw new Error(`the command does not declare <${name}> as required`)
    return word
  }
}

/** @throws UsageError */
export function parseArguments(command: Command, argv: readonly string[]): Arguments {
  const known: Readonly<Record<string, Option>> = { ...command.options, ...COMMON }
  const fail = (message: string): never => {
    throw new UsageError(message, command.name)
  }
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), multiple: true },
    ]),
  )
  const { tokens } = parseArgs({
    args: [...argv],
    options: { ...options, h: { type: 'boolean' } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const values: Record<string, string[]> = {}
  const flags = new Set<string>()
  const words: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    if (token.name === 'h') {
      flags.add('help')
      continue
    }
    const option = Object.hasOwn(known, token.name) ? known[token.name] : undefined
    if (option === undefined) return fail(unknownOption(token.rawName, known))
    if (option.value === undefined) {
      if (token.value !== undefined) return fail(`--${token.name} takes no value`)
      flags.add(token.name)
      continue
    }
    // `--owner --json`: a missing value must not swallow the next option.
    if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--'))) {
      return fail(`--${token.name} needs a value: --${token.name} ${option.value}`)
    }
    if (values[token.name] !== undefined && option.many !== true) return fail(`--${token.name} may be given once`)
    ;(values[token.name] ??= []).push(token.value)
  }
  const named: Record<string, string> = {}
  const many: Record<string, readonly string[]> = {}
  const positionals = command.positionals ?? []
  for (const [at, positional] of positionals.entries()) {
    const word = words[at]
    if (positional.many === true) many[positional.name] = words.splice(at)
    if (word !== undefined) named[positional.name] = word
    else if (positional.optional !== true && !flags.has('help'))
      return fail(`<${positional.name}> is missing: ${positional.about}`)
  }
  const extra = words[positionals.length]
  if (extra !== undefined && !flags.has('help')) return fail(`"${extra}" is one word too many`)
  return new Arguments(values, flags, named, many)
}

function unknownOption(rawName: string, known: Readonly<Record<string, Option>>): string {
  const near = suggest(rawName.replace(/^-+/, ''), Object.keys(known))
  return near === undefined ? `there is no option ${rawName}` : `there is no option ${rawName}; did you mean --${near}?`
}
