// Importing entries from a list, exporting them all, and taking back an import as a whole. The list has been read by whoever asks
// (`exchange/`); here is what becomes of it.
//
// Rule 1: nothing that is there is overwritten, opened or cut off without a word; what would be is said first.
// Rule 2: with one mistake in the list nothing is done, and all mistakes are named.

import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import { isRecord } from '../config/check.ts'
import { textWith, writtenValues, type Readings, type TextEdit } from '../config/edit-many.ts'
import { readPartner, type PartnerReading } from '../config/readings.ts'
import { PartnerSchema } from '../config/partner-schema.ts'
import { inSlices, type Steps } from '../config/slices.ts'
import { DOMAIN } from '../config/values.ts'
import type { PartnerVersion } from '../store/store.ts'
import { readReference } from '../xmpp/reference.ts'
import { operation, OperationError, type Context } from './operation.ts'
import { ASKED } from './partner-changes.ts'
import { ManyShape, perform, prospectOf, refuseWithout, type ManyRow, type Prospect } from './partner-many.ts'
import { list } from './schemas.ts'

const NO_READINGS: Readings = new Map()
const MOST_ENTRIES = 100_000
const LONGEST_MS = 600_000

const EntryShape = z.strictObject({
  place: z.string().max(64),
  domain: z.string().max(255),
  /** Keys of its file, as they are to stand there; null takes one out. */
  fields: z.record(z.string().max(64), z.unknown()),
  /** Keys of which only some parts are named: what else its file has there stays. */
  partial: list(z.string().max(64)).optional(),
})
type Entry = z.output<typeof EntryShape>

export const partnerImport = operation({
  name: 'partner.import',
  about: 'Adds and changes entries as a list says, all of them or none.',
  role: 'operate',
  longestMs: LONGEST_MS,
  input: z.strictObject({
    entries: list(EntryShape).refine((all) => all.length <= MOST_ENTRIES, {
      error: `at most ${MOST_ENTRIES} at a time`,
    }),
    /** Says what would be done. */
    dryRun: z.boolean().default(false),
    ...ASKED,
  }),
  output: ManyShape,
  async run(context, { entries, dryRun, ...asked }) {
    await context.control.reload()
    const { partners = NO_READINGS } = await context.control.reader.read()
    const plan = await inSlices(planOf(context, entries, partners))
    const { edits, rows } = plan
    const prospect = await prospectOf(context, edits)
    const faults = [...plan.faults, ...namedBy(prospect, entries)]
    const over = rows.filter(({ done }) => done === 'changed').map(({ domain }) => domain)
    const objections = [...overwritten(over), ...prospect.objections]
    const outcome = { rows, faults, objections, findings: [] }
    if (faults.length > 0 || edits.length === 0 || dryRun) return { ...outcome, applied: 'nothing' as const }
    refuseWithout(asked.yes, objections)
    return { ...outcome, ...(await perform(context, edits, prospect.coming, asked)) }
  },
})

interface Plan {
  readonly rows: readonly ManyRow[]
  readonly edits: readonly TextEdit[]
  readonly faults: readonly { readonly place: string; readonly message: string }[]
}

/** What becomes of each entry. */
function* planOf(context: Context, entries: readonly Entry[], partners: Readings): Steps<Plan> {
  const [rows, edits, faults]: [ManyRow[], TextEdit[], Plan['faults'][number][]] = [[], [], []]
  for (const { place, domain: written, fields: named, partial } of entries) {
    const domain = DOMAIN.read(written)
    const unknown = Object.keys(named).find((key) => !Object.hasOwn(PartnerSchema.shape, key) || key === 'domain')
    const reading = partners.get(`${domain}.yaml`)
    const values = isRecord(reading?.yaml?.value) ? reading.yaml.value : {}
    const fields = withOthers(values, named, partial)
    const text = domain === undefined || unknown !== undefined ? undefined : textWith(reading, domain, fields)
    if (domain === undefined) faults.push({ place, message: `"${written}" is no domain; ${DOMAIN.how}` })
    else if (unknown !== undefined) faults.push({ place, message: `no key "${unknown}" is in files of partners` })
    else if (text === undefined) faults.push({ place, message: `the file of ${domain} is faulty; mend it first` })
    else {
      const before = reading?.text
      const isSame = before === text || (reading !== undefined && meansTheSame(context, reading, text))
      const changes = reading === undefined || isSame ? [] : changesIn(values, fields)
      const done = reading === undefined ? 'added' : isSame ? 'unchanged' : 'changed'
      rows.push({ domain, place, done, changes })
      if (!isSame) edits.push({ domain, before, after: text })
    }
    yield
  }
  return { rows, edits, faults }
}

/** The keys as they are to stand, those that are named in part with the other parts that are there. */
function withOthers(
  values: Readonly<Record<string, unknown>>,
  fields: Entry['fields'],
  partial: Entry['partial'] = [],
): Entry['fields'] {
  const whole = partial.flatMap((key) => {
    const [before, named] = [values[key], fields[key]]
    return isRecord(before) && isRecord(named) ? [[key, { ...before, ...named }] as const] : []
  })
  return { ...fields, ...Object.fromEntries(whole) }
}

/** A default that is written out, or a name in another form. */
function meansTheSame({ directory }: Context, { name, partner }: PartnerReading, text: string): boolean {
  return partner !== undefined && isDeepStrictEqual(readPartner(text, { file: name, root: directory }).partner, partner)
}

function changesIn(values: Readonly<Record<string, unknown>>, fields: Entry['fields']): ManyRow['changes'] {
  return Object.entries(fields).flatMap(([key, value]) => {
    const [before, after] = [values[key] ?? undefined, value ?? undefined]
    return isDeepStrictEqual(before, after) ? [] : [{ key, before, after }]
  })
}

/** Mistakes at the places of the list. */
function namedBy({ faults }: Prospect, entries: readonly Entry[]): Plan['faults'] {
  const places = new Map(entries.map(({ place, domain }) => [domain, place]))
  return faults.map(({ domains, path, message }) => {
    const place = domains.map((domain) => `${places.get(domain) ?? ''} (${domain})`).join(' and ')
    return { place, message: path === '' ? message : `${path}: ${message}` }
  })
}

const MOST_NAMED = 20

function overwritten(domains: readonly string[]): readonly string[] {
  if (domains.length === 0) return []
  const what = domains.length === 1 ? 'an entry that is' : `${domains.length} entries that are`
  const more = domains.length > MOST_NAMED ? ` and ${domains.length - MOST_NAMED} more` : ''
  return [`this would change ${what} there already: ${domains.slice(0, MOST_NAMED).join(', ')}${more}`]
}

export const partnerExport = operation({
  name: 'partner.export',
  about: 'All entries as their files have them.',
  role: 'read',
  input: z.strictObject({}),
  output: z.object({
    partners: list(z.record(z.string(), z.unknown()).readonly()),
    /** Files that are faulty, and so are not among them. */
    faulty: list(z.string()),
  }),
  async run({ control }) {
    const { partners = NO_READINGS } = await control.reader.read()
    return await inSlices(exported(partners))
  },
})

interface Exported {
  readonly partners: Readonly<Record<string, unknown>>[]
  readonly faulty: string[]
}

function* exported(readings: Readings): Steps<Exported> {
  const all: Exported = { partners: [], faulty: [] }
  for (const reading of readings.values()) {
    const values = writtenValues(reading)
    if (values === undefined) all.faulty.push(reading.name)
    else all.partners.push(values)
    yield
  }
  return all
}

export const partnerUnimport = operation({
  name: 'partner.unimport',
  about: 'Takes back an import as a whole: every file says again what it said before.',
  role: 'operate',
  longestMs: LONGEST_MS,
  input: z.strictObject({ reference: z.string().max(64), ...ASKED }),
  output: ManyShape,
  async run(context, { reference: written, ...asked }) {
    const reference = readReference(written) ?? written
    await context.control.reload()
    const versions = await context.control.history.together(reference)
    const [first] = versions
    if (first === undefined) throw unknownImport(written)
    const files = first.together?.files ?? versions.length
    if (files !== versions.length) throw forgotten(versions.length, files)
    const { partners = NO_READINGS } = await context.control.reader.read()
    const edits = await inSlices(editsBack(context, versions, partners))
    const rows = edits.map(({ domain, before, after }): ManyRow => {
      const done = after === undefined ? 'removed' : before === undefined ? 'added' : 'changed'
      return { domain, done, changes: [] }
    })
    const prospect = await prospectOf(context, edits)
    const faults = namedBy(prospect, [])
    if (faults.length > 0) return { rows, faults, objections: [], findings: [], applied: 'nothing' as const }
    refuseWithout(asked.yes, prospect.objections)
    const why = asked.why ?? `import ${reference} undone`
    const done = await perform(context, edits, prospect.coming, { ...asked, why })
    return { rows, faults, objections: prospect.objections, ...done }
  },
})

/** @throws OperationError where a file has gone on since, or is not known as it was */
function* editsBack(
  context: Context,
  versions: readonly PartnerVersion[],
  partners: Readings,
): Steps<readonly TextEdit[]> {
  const stale: string[] = []
  const edits: TextEdit[] = []
  for (const one of versions) {
    const { domain, version, text, done } = one
    const [last, previous] = context.control.history.of(domain)
    const isLast = last?.version === version && partners.get(`${domain}.yaml`)?.text === text
    const isKnown = done === 'added' || previous !== undefined
    if (!isLast || !isKnown) stale.push(domain)
    edits.push({ domain, before: text, after: done === 'added' ? undefined : previous?.text })
    yield
  }
  if (stale.length === 0) return edits
  const more = stale.length > MOST_NAMED ? ` and ${stale.length - MOST_NAMED} more` : ''
  throw new OperationError(
    'conflict',
    `changed again since, or not known any more as it was: ${stale.slice(0, MOST_NAMED).join(', ')}${more}`,
    'Nothing was changed. Take back the others one by one with `sallyport partner undo <domain>`.',
  )
}

const forgotten = (known: number, files: number): OperationError =>
  new OperationError(
    'conflict',
    `of the ${files} files of this import ${known} are still known as they were, so it cannot be taken back as a whole`,
    'Nothing was changed. Take back single ones with `sallyport partner undo <domain>`; `limits.partnerHistory` says how many changes are kept.',
  )

const unknownImport = (reference: string): OperationError =>
  new OperationError(
    'not-found',
    `no import ${reference} is known`,
    'The reference was said when it was made, and stands in `sallyport partner history <domain>`.',
  )
