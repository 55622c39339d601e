// Finds the command that was typed, runs it, and turns whatever goes wrong into a sentence and an exit code.

import { resolve } from 'node:path'
import process from 'node:process'
import { ask } from '../admin/client.ts'
import { suggest } from '../config/suggest.ts'
import { COMMON, parseArguments, UsageError } from './arguments.ts'
import { EXIT, type Command, type CommandContext } from './command.ts'
import { COMMANDS } from './commands.ts'
import { describeError } from './errors.ts'
import { showCommands, showHelp } from './help.ts'
import { acceptNotice } from './notice.ts'
import { Output, type Sink } from './output.ts'

export interface CliOptions {
  /** Further commands, such as the one that runs the gateway. */
  readonly commands?: readonly Command[]
  readonly version?: string
  readonly stdout?: Sink
  readonly stderr?: Sink
  /** The directory that relative paths are relative to. */
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly now?: () => number
}

/** Runs one command line, without the name of the program; resolves to the exit code and never rejects. */
export async function runCli(argv: readonly string[], options: CliOptions = {}): Promise<number> {
  const {
    stdout = process.stdout,
    stderr = process.stderr,
    cwd = process.cwd(),
    environment = process.env,
    now = Date.now,
  } = options
  const commands = [...(options.commands ?? []), ...COMMANDS]
  const json = argv.includes('--json')
  const colours = { stdout: hasColours(stdout, environment), stderr: hasColours(stderr, environment) }
  const output = new Output({ stdout, stderr, json, colours })
  try {
    const { words, rest } = splitWords(argv)
    if (argv.includes('--version') && words.length === 0) {
      output.answer({ version: options.version, node: process.versions.node }, () =>
        output.line(`sallyport ${options.version ?? '(unknown version)'}, Node ${process.versions.node}`),
      )
      return EXIT.fine
    }
    if (words.length === 0 || words[0] === 'help')
      return help(output, commands, words.slice(1), words.length > 0 || wantsHelp(argv))
    const found = find(commands, words)
    if (found === undefined) return unknown(output, commands, words, wantsHelp(argv))
    const parsed = parseArguments(found.command, [...found.rest, ...rest])
    if (parsed.flag('help')) {
      showHelp(output, found.command)
      return EXIT.fine
    }
    const directory = resolve(cwd, parsed.option('directory') ?? '.')
    const context: CommandContext = {
      ...{ arguments: parsed, directory, output, now },
      ask: (operation, input, tell, signal) => ask(directory, operation, input, { tell, signal }),
    }
    if (!found.command.noNotice) await acceptNotice({ ...context, environment })
    return await found.command.run(context)
  } catch (error) {
    return failed(output, error, environment)
  }
}

function failed(output: Output, error: unknown, environment: CliOptions['environment']): number {
  if (error instanceof UsageError) {
    output.failure({
      code: 'usage',
      message: error.message,
      act: `See \`sallyport ${error.command === undefined ? '' : `${error.command} `}--help\`.`,
    })
    return EXIT.usage
  }
  const described = describeError(error)
  output.failure(described)
  const stack = error instanceof Error ? error.stack : undefined
  if (described.code === 'internal' && stack !== undefined && environment?.['SALLYPORT_DEBUG'] !== undefined)
    output.note(stack)
  return described.exit
}

/** Words before the first option are the command's name and its positionals; `--directory DIR` may come before them. */
function splitWords(argv: readonly string[]): { readonly words: readonly string[]; readonly rest: readonly string[] } {
  const before: string[] = []
  let at = 0
  while (at < argv.length && argv[at]!.startsWith('-')) {
    const word = argv[at]!
    const takesValue = COMMON[word.slice(2)]?.value !== undefined
    before.push(...argv.slice(at, at + (takesValue ? 2 : 1)))
    at += takesValue ? 2 : 1
  }
  const next = argv.findIndex((word, index) => index >= at && word.startsWith('-'))
  const end = next === -1 ? argv.length : next
  return { words: argv.slice(at, end), rest: [...before, ...argv.slice(end)] }
}

interface Found {
  readonly command: Command
  readonly rest: readonly string[]
}

function find(commands: readonly Command[], words: readonly string[]): Found | undefined {
  for (const length of [2, 1]) {
    const command = commands.find(({ name }) => name === words.slice(0, length).join(' '))
    if (command !== undefined) return { command, rest: words.slice(length) }
  }
  return undefined
}

function help(output: Output, commands: readonly Command[], words: readonly string[], asked: boolean): number {
  const command = find(commands, words)?.command
  if (command !== undefined) showHelp(output, command)
  else if (words.length > 0) return unknown(output, commands, words, true)
  else showCommands(output, commands)
  return asked ? EXIT.fine : EXIT.usage
}

function unknown(output: Output, commands: readonly Command[], words: readonly string[], asked: boolean): number {
  const group = commands.filter(({ name }) => name.startsWith(`${words[0]} `))
  if (group.length > 0 && (words.length === 1 || asked)) {
    showCommands(output, commands, words[0])
    return asked ? EXIT.fine : EXIT.usage
  }
  const typed = group.length > 0 ? words.slice(0, 2).join(' ') : words[0]!
  const names = commands.map(({ name }) => name)
  const near =
    suggest(words.slice(0, 2).join(' '), names) ??
    suggest(typed, [...names, ...names.map((name) => name.split(' ')[0]!)]) ??
    names.find((name) => name.endsWith(` ${typed}`))
  output.failure({
    code: 'usage',
    message: `there is no command "${typed}"${near === undefined ? '' : `; did you mean "${near}"?`}`,
    act: 'See `sallyport --help` for the list.',
  })
  return EXIT.usage
}

const wantsHelp = (argv: readonly string[]): boolean => argv.includes('--help') || argv.includes('-h')

/** https://no-color.org and FORCE_COLOR; otherwise only for a terminal. */
function hasColours(sink: Sink, environment: Readonly<Record<string, string | undefined>>): boolean {
  if ((environment['NO_COLOR'] ?? '') !== '') return false
  if ((environment['FORCE_COLOR'] ?? '') !== '') return environment['FORCE_COLOR'] !== '0'
  return sink.isTTY === true && environment['TERM'] !== 'dumb'
}
