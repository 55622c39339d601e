// Changes the files of partners, for the commands, the API and the console: comments and layout stay, and a file is
// written only when the outcome has no mistakes. Mistakes of other files do not stand in the way: blocking a partner must
// work whatever else is wrong.
//
// SECURITY: the name of a file comes from a checked domain, never from a caller's path; links are not followed.

import { lstat, mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Partner } from '../policy/partner.ts'
import { describePartner } from './describe.ts'
import { changeText } from './edit-text.ts'
import { hasErrors, type Finding } from './finding.ts'
import { ConfigReader, PARTNERS_DIRECTORY, type ReaderOptions } from './load.ts'
import { checkPartners } from './partner-checks.ts'
import { MAX_PARTNER_BYTES, readText, systemSentence, type TextReading } from './read-text.ts'
import { unreadable } from './readings.ts'
import { suggest } from './suggest.ts'
import { DOMAIN } from './values.ts'
import { checkWhomPartners } from './whom-partner-checks.ts'
import { flushDirectory, writeWhole } from './write-whole.ts'

/** Terms of a partner, as in its file; undefined takes one out. Checked before anything is written. */
export type PartnerChanges = Readonly<Record<string, unknown>>

export type EditResult =
  | { readonly ok: true; readonly file: string; readonly partner: Partner; readonly findings: readonly Finding[] }
  | { readonly ok: false; readonly findings: readonly Finding[] }

export interface EditOptions extends ReaderOptions {
  /** A reader that remembers the other files, such as the watcher's. */
  readonly reader?: ConfigReader
  /** What whoever asks has seen in the file (undefined: there was none): where it says something else now, nothing is done. */
  readonly seen?: { readonly text: string | undefined }
  /** Hears what is about to be written, after all checks; what it throws keeps that from being done. */
  readonly before?: (coming: Coming) => void | Promise<void>
  /** Hears that it could not be written after all. */
  readonly failed?: (coming: Coming) => void
}

/** What the file of a partner is about to say, and what the entry is about to be; undefined: there will be none. */
export interface Coming {
  readonly domain: string
  readonly text: string | undefined
  readonly partner: Partner | undefined
}

/** Writes the file of a new partner; `status` is `allowed` unless given. `directory` is `federation-config/` itself. */
export async function addPartner(
  directory: string,
  domain: string,
  changes: PartnerChanges = {},
  options: EditOptions = {},
): Promise<EditResult> {
  return edit(directory, domain, options, async (place) => {
    if (place.content !== undefined) return refuse(place.shown, 'is there already; use "partner set" to change it')
    const { domain: own, ...terms } = changes
    if (own !== undefined && own !== place.domain) return refuse(place.shown, RENAMED)
    const begun = describePartner({ domain: place.domain, status: 'allowed' })
    const text = changeText(begun, { status: 'allowed', ...terms }) ?? begun
    const checked = await verify(place, text)
    return checked.ok ? ((await write(place, text, checked.partner, options)) ?? checked) : checked
  })
}

/** Lets the file of a partner say just this, whether there is one or not. */
export async function writePartner(
  directory: string,
  domain: string,
  text: string,
  options: EditOptions = {},
): Promise<EditResult> {
  return edit(directory, domain, options, async (place) => {
    const checked = await verify(place, text)
    return checked.ok ? ((await write(place, text, checked.partner, options)) ?? checked) : checked
  })
}

async function write(place: Place, text: string, partner: Partner, options: EditOptions): Promise<Refused | undefined> {
  return await announced(place, { domain: place.domain, text, partner }, options, async () => {
    await mkdir(dirname(place.path), { recursive: true, mode: 0o750 })
    await writeWhole(place.path, text, place.content === undefined ? 'new' : 'replace')
  })
}

async function announced(
  place: Place,
  coming: Coming,
  { before, failed }: EditOptions,
  act: () => Promise<void>,
): Promise<Refused | undefined> {
  await before?.(coming)
  try {
    // Checks and whoever was asked took their time.
    const now = await contentOf(place.path)
    if (now !== 'other' && isSame(now, place.content)) {
      await act()
      return undefined
    }
  } catch (error) {
    failed?.(coming)
    throw error
  }
  failed?.(coming)
  return refuse(place.shown, CHANGED)
}

/** Changes terms of a partner. */
export async function setPartner(
  directory: string,
  domain: string,
  changes: PartnerChanges,
  options: EditOptions = {},
): Promise<EditResult> {
  return edit(directory, domain, options, async (place) => {
    if (place.content === undefined) return refuse(place.shown, await noSuchPartner(place))
    if (place.content.text === undefined) return refuse(place.shown, place.content.problem)
    const before = place.content.text
    if ('domain' in changes && changes['domain'] !== place.domain) return refuse(place.shown, RENAMED)
    const text = changeText(before, changes)
    if (text === undefined) {
      const { findings } = await verify(place, before)
      return { ok: false, findings: findings.filter(({ severity }) => severity === 'error') }
    }
    const checked = await verify(place, text)
    if (!checked.ok || text === before) return checked
    return (await write(place, text, checked.partner, options)) ?? checked
  })
}

/** Deletes a partner's file, also a faulty one. */
export async function removePartner(
  directory: string,
  domain: string,
  options: EditOptions = {},
): Promise<
  { readonly ok: true; readonly file: string } | { readonly ok: false; readonly findings: readonly Finding[] }
> {
  return edit(directory, domain, options, async (place) => {
    if (place.content === undefined) return refuse(place.shown, await noSuchPartner(place))
    const refused = await announced(
      place,
      { domain: place.domain, text: undefined, partner: undefined },
      options,
      async () => {
        await rm(place.path)
        await flushDirectory(dirname(place.path))
      },
    )
    return refused ?? { ok: true, file: place.shown }
  })
}

interface Place {
  readonly reader: ConfigReader
  readonly name: string
  readonly domain: string
  readonly path: string
  readonly shown: string
  /** Undefined when there is no file. */
  readonly content: TextReading | undefined
}

type Refused = { readonly ok: false; readonly findings: readonly Finding[] }

const CHANGED = 'was changed by somebody else just now; look at it and try again'
const RENAMED = 'a partner keeps its domain; remove this one and add the other'

/** Finds the file and hands it on; what the operating system refuses becomes a finding. */
async function edit<Result>(
  directory: string,
  domain: string,
  options: EditOptions,
  act: (place: Place) => Promise<Result | Refused>,
): Promise<Result | Refused> {
  const reader = options.reader ?? new ConfigReader(directory, options)
  const canonical = DOMAIN.read(domain)
  if (canonical === undefined)
    return refuse(reader.shown(PARTNERS_DIRECTORY), `"${domain}" is not a domain; ${DOMAIN.how}`)
  const name = `${canonical}.yaml`
  const path = join(reader.directory, PARTNERS_DIRECTORY, name)
  const shown = reader.shown(PARTNERS_DIRECTORY, name)
  try {
    const content = await contentOf(path)
    if (content === 'other') return refuse(shown, 'is a link or not a file; change it by hand')
    if (options.seen !== undefined && content?.text !== options.seen.text) return refuse(shown, CHANGED)
    return await act({ reader, name, domain: canonical, path, shown, content })
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return refuse(shown, systemSentence(error, 'changed'))
    throw error
  }
}

const refuse = (file: string, message: string): Refused => ({ ok: false, findings: [unreadable(file, message)] })

/** What the configuration would come to with this text, as far as this file has a part in it. */
async function verify({ reader, name, shown }: Place, text: string): Promise<EditResult> {
  const { gateway, policy, partners } = await reader.read(new Map([[name, text]]))
  const reading = partners?.get(name)
  const all = [...(partners?.values() ?? [])]
  const together = [...checkPartners(gateway, all), ...checkWhomPartners(gateway, policy, all)]
  const conflicts = together.filter(({ files }) => files.includes(name))
  const findings = [...(reading?.findings ?? []), ...conflicts.map(({ finding }) => finding)]
  if (reading?.partner === undefined || hasErrors(findings)) return { ok: false, findings }
  return { ok: true, file: shown, partner: reading.partner, findings }
}

async function noSuchPartner({ reader, domain }: Place): Promise<string> {
  const { partners } = await reader.read()
  const names = [...(partners?.keys() ?? [])].map((name) => name.replace(/\.yaml$/, ''))
  const holder = [...(partners?.values() ?? [])].find(({ partner }) => partner?.alsoKnownAs.includes(domain))?.partner
  if (holder !== undefined) return `there is no such file; ${domain} is under ${holder.domain} (alsoKnownAs)`
  const near = suggest(domain, names)
  return `there is no such partner${near === undefined ? '' : `; did you mean "${near}"?`}`
}

/** What a file says; undefined when there is none, `other` for what is none. */
export async function contentOf(path: string): Promise<TextReading | 'other' | undefined> {
  try {
    if (!(await lstat(path)).isFile()) return 'other'
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  return await readText(path, MAX_PARTNER_BYTES)
}

const isSame = (one: TextReading | undefined, other: TextReading | undefined): boolean =>
  one?.text === other?.text && (one === undefined) === (other === undefined)
