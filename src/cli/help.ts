// Help texts, written from what commands declare.

import { COMMON } from './arguments.ts'
import type { Command, Positional } from './command.ts'
import { tone, type Cell, type Output } from './output.ts'

/** The list of commands. */
export function showCommands(output: Output, commands: readonly Command[], group?: string): void {
  const shown = commands.filter(({ name }) => group === undefined || name.startsWith(`${group} `))
  output.line(tone('strong', 'usage: '), `sallyport ${group ?? ''}${group === undefined ? '' : ' '}<command> [options]`)
  output.heading('Commands')
  for (const command of shown) output.facts([[pad24(usage(command)), command.about]])
  output.heading('Options of every command')
  showOptions(output, COMMON)
  output.line()
  output.line('Exit codes: 0 all is well, 1 a finding, 2 called wrongly, 78 the configuration is faulty.')
}

/** The help text of one command. */
export function showHelp(output: Output, command: Command): void {
  const options = { ...command.options, ...COMMON }
  output.line(tone('strong', 'usage: '), `sallyport ${usage(command)} [options]`)
  output.line()
  output.paragraph(command.about)
  if (command.positionals !== undefined && command.positionals.length > 0) {
    output.heading('Words')
    output.facts(command.positionals.map(({ name, about }) => [`<${name}>`, about]))
  }
  output.heading('Options')
  showOptions(output, options)
  if (command.notes !== undefined) {
    output.line()
    for (const note of command.notes) output.line(note)
  }
}

/** `partner allow <domain>` */
export function usage({ name, positionals = [] }: Command): string {
  const word = (p: Positional): string =>
    `${p.optional === true ? `[${p.name}]` : `<${p.name}>`}${p.many === true ? '…' : ''}`
  return [name, ...positionals.map(word)].join(' ')
}

function showOptions(output: Output, options: NonNullable<Command['options']>): void {
  const rows: [string, Cell][] = Object.entries(options).map(([name, { value, about, many }]) => [
    value === undefined ? `--${name}` : `--${name} ${value}`,
    many === true ? `${about} May be given more than once.` : about,
  ])
  output.facts(rows)
}

const pad24 = (text: string): string => text.padEnd(26)
