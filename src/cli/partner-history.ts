// `sallyport partner history` and `undo`: who changed what in an entry, when and why, and taking that back.

import type * as z from 'zod'
import { partnerHistory } from '../admin/partner-history.ts'
import { partnerUndo } from '../admin/partner-undo.ts'
import { UsageError } from './arguments.ts'
import { caller } from './caller.ts'
import { EXIT, type Command } from './command.ts'
import { consented } from './consent.ts'
import { askOrRead } from './offline.ts'
import { tone, type Output } from './output.ts'
import { reportChange } from './partner-report.ts'
import { whenText } from './why.ts'

const DOMAIN = { name: 'domain', about: "the partner's domain" }

type Version = z.output<typeof partnerHistory.output>['versions'][number]

export const historyCommand: Command = {
  name: 'partner history',
  about: 'Show who changed what in the file of a partner, when and why; also of one that was removed.',
  positionals: [DOMAIN],
  options: { text: { about: 'Show the whole file of each version.' } },
  notes: ['Changes made with an editor are those of "file".'],
  async run(context) {
    const { output, arguments: words } = context
    const answer = await askOrRead(context, partnerHistory, { domain: words.required('domain') })
    output.answer(answer, () => {
      for (const version of answer.versions) {
        show(output, version)
        if (words.flag('text') && version.text !== undefined) output.block(version.text)
      }
    })
    return EXIT.fine
  },
}

export const undoCommand: Command = {
  name: 'partner undo',
  about:
    'Let the file of a partner say again what it said before the last change, or in a version; also after it was removed.',
  positionals: [DOMAIN],
  options: {
    to: { value: 'VERSION', about: 'Back to this version; `partner history` numbers them.' },
    reason: { value: 'TEXT', about: 'Why, for the history.' },
    yes: { about: 'Also where streams that are up would end, or the partner gets more leave than it has.' },
  },
  notes: [
    'That is a change like others: it is in the history, and can be undone.',
    'A faulty text that an editor has left was never in force and is no version: it is what is taken back first.',
  ],
  async run(context) {
    const { arguments: words } = context
    const to = words.option('to')
    if (to !== undefined && !/^[1-9]\d{0,8}$/.test(to))
      throw new UsageError('--to: write the number of a version, such as --to 3', 'partner undo')
    const domain = words.required('domain')
    const said = { domain, by: caller(), why: words.option('reason') }
    // Whoever is asked answers to what they were told of, not to what a colleague does meanwhile.
    const seen = words.flag('yes')
      ? {}
      : { seen: (await askOrRead(context, partnerHistory, { domain })).versions[0]?.version }
    const change = await consented(context, (yes) =>
      askOrRead(context, partnerUndo, { ...said, ...seen, yes, ...(to === undefined ? {} : { to: Number(to) }) }),
    )
    return reportChange(context, change)
  },
}

function show(output: Output, { version, at, done, by, why, together, changes }: Version): void {
  const among = together === undefined ? '' : ` (with others: ${together})`
  const said = why === undefined ? '' : `: ${why}`
  output.line(tone('strong', `${version}`), `  ${whenText(at)}  ${done} by ${by}${among}`, said)
  if (changes === undefined) return
  if (changes.length === 0 && done === 'changed') output.line(tone('quiet', '     comments only'))
  for (const { key, before, after } of changes) output.line(`     ${key}: ${valueText(before)} → ${valueText(after)}`)
}

function valueText(value: unknown): string {
  if (value === undefined) return 'not said'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
