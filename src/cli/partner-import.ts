// `sallyport partner import`, `undo-import` and `export`: lists of partners from others and for others. Lists are read here; what
// becomes of them is the gateway's to do.

import { readFile, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type * as z from 'zod'
import { partnerExport, partnerImport, partnerUnimport } from '../admin/partner-import.ts'
import type { ManyShape } from '../admin/partner-many.ts'
import { suggest } from '../config/suggest.ts'
import { readEntries, type Imported } from '../exchange/entries.ts'
import { toCsv, toJson } from '../exchange/export.ts'
import { KIND_NAMES, KINDS, type KindName } from '../exchange/kinds.ts'
import { UsageError } from './arguments.ts'
import { caller } from './caller.ts'
import { EXIT, type Command, type CommandContext } from './command.ts'
import { consented } from './consent.ts'
import { CommandError } from './errors.ts'
import { showFindings } from './findings.ts'
import { askOrRead } from './offline.ts'
import { tone } from './output.ts'
import { askedBy } from './partner-options.ts'
import { count } from './text.ts'

type Many = z.output<typeof ManyShape>

const MOST_BYTES = 64 * 1024 * 1024
/** Of a long list so many are named on a terminal; --json names all. */
const MOST_SHOWN = 50

export const importCommand: Command = {
  name: 'partner import',
  about: 'Add and change entries as a list says: our own table (CSV, JSON), or what Skype for Business exports.',
  positionals: [{ name: 'file', about: 'the list: CSV, JSON, or XML of Export-Clixml' }],
  options: {
    'dry-run': { about: 'Only say what would be done, and what could not be carried over.' },
    kind: { value: 'KIND', about: `What it is a list of, where that is not plain: ${KIND_NAMES.join(', ')}.` },
    reason: { value: 'TEXT', about: 'Why, for the history.' },
    yes: { about: 'Also where entries that are there change, a refused domain is admitted, or streams would end.' },
  },
  notes: [
    'All entries or, with one mistake in the list, none. It is one change in the history: `sallyport partner undo-import` takes it back.',
    'In our own table an empty cell takes a key out of an entry that is there; a column that is missing leaves it as it is.',
    'Of Skype for Business it takes what these commands give to Export-Csv, ConvertTo-Json or Export-Clixml:',
    KIND_NAMES.flatMap((name) => (name === 'partners' ? [] : [KINDS[name].about])).join(', '),
  ],
  async run(context) {
    const { arguments: words, output } = context
    const file = words.required('file')
    const imported = await readList(file, kindIn(words.option('kind')))
    const why = words.option('reason') ?? `imported from ${basename(file)}`
    const input = { entries: imported.entries, ...askedBy(words), why: why.slice(0, 1000) }
    const plan = await askOrRead(context, partnerImport, { ...input, dryRun: true })
    const faults = [...imported.faults, ...plan.faults]
    const isDone = faults.length === 0 && !words.flag('dry-run')
    if (!output.json) showPlan(context, imported, { ...plan, faults })
    const outcome =
      isDone && plan.rows.some(({ done }) => done !== 'unchanged')
        ? await consented(context, (yes) => askOrRead(context, partnerImport, { ...input, yes }))
        : { ...plan, faults }
    const { kind, remarks } = imported
    output.answer({ kind, remarks, ...outcome }, () => (isDone ? showOutcome(context, outcome) : undefined))
    const isWhole = faults.length === 0 && outcome.applied !== 'not' && !remarks.some(({ left }) => left)
    return isWhole ? EXIT.fine : EXIT.finding
  },
}

export const undoImportCommand: Command = {
  name: 'partner undo-import',
  about: 'Take back an import as a whole: every file says again what it said before.',
  positionals: [{ name: 'reference', about: 'the one that `partner import` said' }],
  options: {
    reason: { value: 'TEXT', about: 'Why, for the history.' },
    yes: { about: 'Also where streams that are up would end, or partners get more leave than they have.' },
  },
  notes: ['Where one of the files has changed since, nothing is done.'],
  async run(context) {
    const { arguments: words, output } = context
    const asked = { reference: words.required('reference'), by: caller(), why: words.option('reason') }
    const outcome = await consented(context, (yes) => askOrRead(context, partnerUnimport, { ...asked, yes }))
    output.answer(outcome, () => {
      showFaults(context, outcome)
      showOutcome(context, outcome)
    })
    return outcome.applied === 'running' || outcome.applied === 'files' ? EXIT.fine : EXIT.finding
  },
}

export const exportCommand: Command = {
  name: 'partner export',
  about: 'Write all entries as a list that can be imported again: JSON, or CSV for spreadsheets.',
  options: { format: { value: 'FORMAT', about: 'csv or json (default).' } },
  notes: [
    'Example: sallyport partner export --format csv > partners.csv',
    'Cells that a spreadsheet would take for formulas get an apostrophe in front; `partner import` takes it away again.',
  ],
  async run(context) {
    const { arguments: words, output } = context
    const format = words.option('format') ?? 'json'
    if (format !== 'csv' && format !== 'json') throw new UsageError('--format: write csv or json', 'partner export')
    if (format === 'csv' && output.json)
      throw new UsageError('write --format csv or --json, not both', 'partner export')
    const { partners, faulty } = await askOrRead(context, partnerExport, {})
    output.document(format === 'csv' ? toCsv(partners) : toJson(partners))
    for (const name of faulty) output.note(tone('bad', `${name} is faulty, and not in the list`))
    return faulty.length === 0 ? EXIT.fine : EXIT.finding
  },
}

function kindIn(word: string | undefined): KindName | undefined {
  const kind = KIND_NAMES.find((name) => name === word)
  if (word === undefined || kind !== undefined) return kind
  const near = suggest(word, KIND_NAMES)
  const meant = near === undefined ? '' : `; did you mean "${near}"?`
  throw new UsageError(`--kind: write one of ${KIND_NAMES.join(', ')}${meant}`, 'partner import')
}

async function readList(file: string, kind: KindName | undefined): Promise<Imported> {
  const path = resolve(file)
  if ((await stat(path)).size > MOST_BYTES)
    throw new CommandError('too-large', `${file} has more than ${MOST_BYTES / 1024 / 1024} MiB`, 'Import it in parts.')
  const read = readEntries(await readFile(path), kind)
  if (!('problem' in read)) return read
  const place = read.line === undefined ? file : `${file}:${read.line}`
  throw new CommandError('bad-list', `${place}: ${read.problem}`, 'Nothing was changed.')
}

function showPlan(context: CommandContext, { kind, remarks }: Imported, plan: Many): void {
  const { output } = context
  const of = (done: string): number => plan.rows.filter((row) => row.done === done).length
  output.line(`${KINDS[kind].about}: ${of('added')} to add, ${of('changed')} to change, ${of('unchanged')} as they are`)
  for (const [left, heading] of [
    [true, 'Not carried over'],
    [false, 'Carried over otherwise than they stood there'],
  ] as const) {
    const those = remarks.filter((remark) => remark.left === left)
    if (those.length > 0) output.heading(heading)
    for (const [message, where] of alike(those)) output.paragraph(`${where}: ${message}`, '  ')
  }
  const changed = plan.rows.filter(({ done }) => done === 'changed')
  if (changed.length > 0) output.heading('Entries that are there already')
  for (const { domain, changes } of changed.slice(0, MOST_SHOWN))
    for (const { key, before, after } of changes)
      output.line(`  ${domain}: ${key}: ${valueText(before)} → ${valueText(after)}`)
  if (changed.length > MOST_SHOWN) output.line(`  … and ${changed.length - MOST_SHOWN} more; --json names all`)
  showFaults(context, plan)
  if (plan.objections.length > 0) output.heading('What needs a word (--yes)')
  for (const objection of plan.objections) output.paragraph(objection, '  ')
}

function showFaults({ output }: CommandContext, { faults }: Many): void {
  if (faults.length === 0) return
  output.heading('Mistakes; nothing was changed')
  for (const { place, message } of faults.slice(0, MOST_SHOWN)) output.line('  ', tone('bad', `${place}: ${message}`))
  if (faults.length > MOST_SHOWN) output.line(`  … and ${faults.length - MOST_SHOWN} more; --json names all`)
}

function showOutcome({ output }: CommandContext, { rows, applied, reference, findings }: Many): void {
  const done = rows.filter((row) => row.done !== 'unchanged').length
  output.line()
  if (applied === 'nothing') return output.line('Nothing was changed.')
  output.line(`${count(done, 'entry', 'entries')} written`, applied === 'running' ? ', in force now' : '')
  if (reference !== undefined) output.line(`To take it back as a whole: sallyport partner undo-import ${reference}`)
  if (applied === 'files')
    output.line('No gateway is running here: the files are changed, and the next start finds them so.')
  if (applied !== 'not') return
  output.line(tone('bad', 'NOT ALL IN FORCE: the gateway keeps its older settings until these mistakes are mended:'))
  showFindings(output, findings)
}

/** Messages with the places at which each holds. */
function alike(remarks: Imported['remarks']): readonly (readonly [message: string, where: string])[] {
  const by = new Map<string, string[]>()
  for (const { place, domain, message } of remarks) {
    const where = by.get(message) ?? []
    by.set(message, where)
    where.push(domain === undefined ? place : `${place} (${domain})`)
  }
  return [...by].map(([message, where]) => {
    const more = where.length - MOST_PLACES
    return [message, more > 0 ? `${where.slice(0, MOST_PLACES).join(', ')} and ${more} more` : where.join(', ')]
  })
}

const MOST_PLACES = 8

const valueText = (value: unknown): string =>
  value === undefined ? 'not said' : typeof value === 'string' ? value : JSON.stringify(value)
