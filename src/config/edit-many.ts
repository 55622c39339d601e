// Changes the files of many partners at once: all are checked together as they would be, and written together or not at all.
//
// SECURITY: names of files come from checked domains; links are not followed.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { isRecord } from './check.ts'
import { describePartner } from './describe.ts'
import { contentOf, type Coming } from './edit.ts'
import { changeText } from './edit-text.ts'
import type { Finding } from './finding.ts'
import { PARTNERS_DIRECTORY, type ConfigFiles, type ConfigReader } from './load.ts'
import { partnerSteps } from './partner-checks.ts'
import { systemSentence } from './read-text.ts'
import { unreadable, type PartnerReading } from './readings.ts'
import { inSlices, type Steps } from './slices.ts'
import { whomPartnerSteps } from './whom-partner-checks.ts'
import { writeMany } from './write-many.ts'

/** What the file of a partner says and is to say; undefined: there is none. */
export interface TextEdit {
  readonly domain: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** What edits come to together. */
export interface Outlook {
  /** In the order of the edits. */
  readonly coming: readonly Coming[]
  /** What is wrong with the files as they would be, or in the way: of those only, warnings too. */
  readonly findings: readonly (Finding & { readonly domains: readonly string[] })[]
}

const nameOf = (domain: string): string => `${domain}.yaml`

/**
 * The text of a file with these keys changed; null takes one out. Where there is none, a new one, with a comment for each key.
 * @returns undefined where the file is no mapping
 */
export function textWith(
  reading: PartnerReading | undefined,
  domain: string,
  fields: Readonly<Record<string, unknown>>,
): string | undefined {
  if (reading === undefined) {
    const given = Object.entries(fields).filter(([, value]) => value !== null)
    return describePartner({ ...Object.fromEntries(given), domain })
  }
  const values = reading.yaml?.value
  if (reading.text === undefined || !isRecord(values)) return undefined
  const differing = Object.entries(fields).flatMap(([key, value]) => {
    const wanted = value ?? undefined
    return isDeepStrictEqual(values[key] ?? undefined, wanted) ? [] : [[key, wanted] as const]
  })
  return differing.length === 0 ? reading.text : changeText(reading.text, Object.fromEntries(differing))
}

/** What the configuration would come to with these edits, as far as their files have a part in it. */
export async function outlookOf(reader: ConfigReader, edits: readonly TextEdit[]): Promise<Outlook> {
  const names = new Map(edits.map(({ domain, after }) => [nameOf(domain), after]))
  return await inSlices(outlookSteps(await reader.read(names), edits, names))
}

function* outlookSteps(
  { gateway, policy, partners }: ConfigFiles,
  edits: readonly TextEdit[],
  names: ReadonlyMap<string, string | undefined>,
): Steps<Outlook> {
  const all = [...(partners?.values() ?? [])]
  const together = [...(yield* partnerSteps(gateway, all)), ...(yield* whomPartnerSteps(gateway, policy, all))]
  const own: Outlook['findings'][number][] = []
  for (const { domain } of edits) {
    const { findings = [] } = partners?.get(nameOf(domain)) ?? {}
    own.push(...findings.map((finding) => ({ ...finding, domains: [domain] })))
    yield
  }
  const shared = together.flatMap(({ finding, files }) => {
    const domains = files.filter((name) => names.has(name)).map((name) => name.slice(0, -nameOf('').length))
    return domains.length === 0 ? [] : [{ ...finding, domains }]
  })
  const coming = edits.map(({ domain, after }) => ({
    ...{ domain, text: after, partner: partners?.get(nameOf(domain))?.partner },
  }))
  return { coming, findings: [...own, ...shared] }
}

/** Who hears of it: before anything is written, and when it came to nothing. */
export interface Hearing {
  before(coming: readonly Coming[]): Promise<void>
  failed(coming: readonly Coming[]): void
}

/** Writes what was looked at before; nothing where a file says something else than then. @returns what kept it from being done */
export async function writeEdits(
  reader: ConfigReader,
  edits: readonly TextEdit[],
  coming: readonly Coming[],
  hearing: Hearing,
): Promise<readonly Finding[]> {
  const directory = join(reader.directory, PARTNERS_DIRECTORY)
  const shown = (domain: string): string => reader.shown(PARTNERS_DIRECTORY, nameOf(domain))
  return await reader.alone(async () => {
    // Takes its time, in which somebody may save a file: it comes before the look at them.
    await hearing.before(coming)
    try {
      const inTheWay = await inTheWayOf(edits, (domain) => join(directory, nameOf(domain)))
      if (inTheWay !== undefined) {
        hearing.failed(coming)
        return [unreadable(shown(inTheWay.domain), inTheWay.words)]
      }
      await mkdir(directory, { recursive: true, mode: 0o750 })
      await writeMany(edits.map(({ domain, ...texts }) => ({ path: join(directory, nameOf(domain)), ...texts })))
      return []
    } catch (error) {
      hearing.failed(coming)
      if (!(error instanceof Error && 'syscall' in error)) throw error
      return [unreadable(reader.shown(PARTNERS_DIRECTORY), systemSentence(error, 'changed'))]
    }
  })
}

/** The first file that says something else than when it was looked at. */
async function inTheWayOf(
  edits: readonly TextEdit[],
  pathOf: (domain: string) => string,
): Promise<{ readonly domain: string; readonly words: string } | undefined> {
  for (const { domain, before } of edits) {
    const now = await contentOf(pathOf(domain))
    if (now === 'other') return { domain, words: 'is a link or not a file; change it by hand' }
    if ((now === undefined) !== (before === undefined) || now?.text !== before)
      return { domain, words: 'was changed by somebody else just now; look at it and try again' }
  }
  return undefined
}

/** The values of a file as they are written there, its names in canonical form. */
export function writtenValues({ yaml, partner }: PartnerReading): Readonly<Record<string, unknown>> | undefined {
  if (partner === undefined || !isRecord(yaml?.value)) return undefined
  const said = Object.entries(yaml.value).filter(([, value]) => value !== null)
  const names = partner.alsoKnownAs.length === 0 ? {} : { alsoKnownAs: partner.alsoKnownAs }
  return { ...Object.fromEntries(said), domain: partner.domain, ...names }
}

export type Readings = NonNullable<ConfigFiles['partners']>
