// The `relations` commands: whom users of ours know outside, which decides who of a public partner gets through to them.

import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  MOST_ADDED,
  readRosters,
  relationsAdd,
  relationsForget,
  relationsList,
  type RosterEntry,
  type RosterFile,
} from '../admin/relations.ts'
import { UsageError } from './arguments.ts'
import { EXIT, type Command } from './command.ts'
import { tone, type Cell } from './output.ts'
import { count } from './text.ts'

const USER = { name: 'user', about: 'one of ours, such as anna@corp.example' }
const MOST_BYTES = 2 ** 29 - 2 ** 16

const importCommand: Command = {
  name: 'relations import',
  about:
    'Take from rosters, as a server exports them (XEP-0227), whom users of ours know outside. The gateway must run.',
  positionals: [{ name: 'file', about: 'what Prosody or ejabberd has exported; all files of it', many: true }],
  notes: [
    'ejabberd: `ejabberdctl export_piefxis DIRECTORY`. Prosody: `prosody-migrator` into a store of the type xep0227.',
    'Only rosters are read of the files, which hold passwords too: remove them afterwards.',
    'Exit code 0: all was taken. 1: something could not be.',
  ],
  async run({ ask, output, arguments: words }) {
    const names = words.words('file')
    if (names.length === 0) throw new UsageError('name the files of the export', 'relations import')
    const entries: RosterEntry[] = []
    const parts = new Set<string>()
    for (const name of names) {
      const read = await readExport(name)
      for (const one of read.entries) entries.push(one)
      for (const part of read.parts) parts.add(part)
    }
    const total = { added: 0, inside: 0, foreign: 0, faulty: 0 }
    for (let at = 0; at < entries.length; at += MOST_ADDED) {
      const relations = entries.slice(at, at + MOST_ADDED).map(({ user, contact, asked, approved }) => ({
        ...{ user, contact },
        by: ['listed' as const, ...(asked ? ['asked' as const] : []), ...(approved ? ['approved' as const] : [])],
      }))
      const told = await ask(relationsAdd, { relations })
      for (const key of ['added', 'inside', 'foreign', 'faulty'] as const) total[key] += told[key]
    }
    const missing = [...parts].filter((part) => !names.some((name) => name.endsWith(part)))
    output.answer({ ...total, missing }, () => {
      output.line(`${count(total.added, 'entry of rosters', 'entries of rosters')} taken`)
      if (total.inside > 0) output.line(tone('quiet', `${total.inside} left out: both are ours`))
      if (total.foreign > 0) output.line(tone('careful', `${total.foreign} left out: of domains that are not ours`))
      if (total.faulty > 0) output.line(tone('bad', `${total.faulty} left out: no addresses`))
      for (const part of missing) output.line(tone('bad', `${part} belongs to the export and was not named`))
    })
    return total.faulty + missing.length === 0 ? EXIT.fine : EXIT.finding
  },
}

async function readExport(name: string): Promise<RosterFile> {
  const file = resolve(name)
  const { size } = await stat(file)
  if (size > MOST_BYTES)
    throw new UsageError(`${name} is larger than ${MOST_BYTES} bytes; export less at a time`, 'relations import')
  const read = readRosters(await readFile(file, 'utf8'))
  if ('fault' in read) throw new UsageError(`${name}: ${read.fault}`, 'relations import')
  return read
}

const listCommand: Command = {
  name: 'relations list',
  about: 'Whom a user of ours knows outside: whom they asked, approved, wrote to, or had in an imported roster.',
  positionals: [USER],
  async run({ ask, output, arguments: words }) {
    const user = words.required('user')
    const { relations, more } = await ask(relationsList, { user })
    output.answer({ relations, more }, () => {
      if (relations.length === 0) return output.line(`${user} knows nobody outside`)
      const rows = relations.map(({ contact, by, lastUsed }): Cell[] => [
        tone('strong', contact),
        by.join(', '),
        lastUsed,
      ])
      output.table(['who', 'by', 'last used about'], rows)
      if (more) output.note('and more')
    })
    return EXIT.fine
  },
}

const forgetCommand: Command = {
  name: 'relations forget',
  about: 'Forget that a user of ours knows somebody outside, until they turn to them again.',
  positionals: [USER, { name: 'contact', about: 'whom, such as bob@public.example' }],
  async run({ ask, output, arguments: words }) {
    const answer = await ask(relationsForget, { user: words.required('user'), contact: words.required('contact') })
    output.answer(answer, () => output.line(`${answer.user} does not know ${answer.contact} any more`))
    return EXIT.fine
  },
}

/** The `relations` commands, in the order of the help text. */
export const RELATION_COMMANDS: readonly Command[] = [importCommand, listCommand, forgetCommand]
