// Taking back a change of a partner's file. What is taken back is what the file says now, be it in the history or not: a faulty
// text was never in force, and is none of its versions.
//
// Rule 1: nobody takes back what they have not seen: where the file, or the history that the caller knows, has gone on, nothing
//         is done.
// Rule 2: it is said whose change is taken back; and what would give the partner more leave, or ask for a weaker proof, needs
//         a word more.

import { join } from 'node:path'
import * as z from 'zod'
import { removePartner, writePartner, type Coming } from '../config/edit.ts'
import { MAX_PARTNER_BYTES, readText } from '../config/read-text.ts'
import { readPartner } from '../config/readings.ts'
import type { Partner } from '../policy/partner.ts'
import type { PartnerVersion } from '../store/store.ts'
import { leaveGained, modeOf } from './leave-gained.ts'
import { operation, OperationError, type Context } from './operation.ts'
import {
  accepted,
  ASKED,
  ChangeShape,
  configuration,
  editing,
  entryOf,
  fileOf,
  inForce,
  isThere,
  readDomain,
  unchanged,
  type Asked,
  type Change,
} from './partner-changes.ts'
import { noHistory } from './partner-history.ts'

export const partnerUndo = operation({
  name: 'partner.undo',
  about: 'Lets the file of a partner say again what it said before, comments included; also after it was removed.',
  role: 'operate',
  input: z.strictObject({
    domain: z.string().max(255),
    to: z.int().min(1).optional(),
    /** The newest version that whoever asks knows of: where there is a newer one, nothing is done. */
    seen: z.int().min(1).optional(),
    ...ASKED,
  }),
  output: ChangeShape,
  async run(context, { to, seen, ...asked }) {
    const domain = readDomain(asked.domain)
    await context.control.reload()
    const versions = context.control.history.of(domain)
    const [last] = versions
    if (last === undefined) throw noHistory(domain)
    if (seen !== undefined && last.version !== seen) throw wentOn(last)
    const disk = (await isThere(context, domain))
      ? await readText(join(context.directory, fileOf(domain)), MAX_PARTNER_BYTES)
      : undefined
    const isKept = disk === undefined ? last.text === undefined : disk.text !== undefined && disk.text === last.text
    const previous = isKept ? versions[1] : last
    const wanted = to === undefined ? previous : versions.find(({ version }) => version === to)
    if (wanted === undefined) throw noVersion(domain, to, versions)
    if (disk === undefined ? wanted.text === undefined : disk.text === wanted.text) return unchanged(context, domain)
    const undone = [
      ...(isKept ? [] : [`what was written into ${fileOf(domain)} by hand, and is no version`]),
      ...versions.filter(({ version }) => version > wanted.version).map(changeText),
    ]
    return await takeBack(context, { domain, wanted, last, disk, undone: shortened(undone) }, asked)
  },
})

interface Undoing {
  readonly domain: string
  readonly wanted: PartnerVersion
  readonly last: PartnerVersion
  /** What the file says now; undefined: there is none. */
  readonly disk: { readonly text?: string | undefined } | undefined
  /** What is taken back, in words. */
  readonly undone: readonly string[]
}

async function takeBack(context: Context, undoing: Undoing, asked: Asked): Promise<Change> {
  const { domain, wanted, disk, undone } = undoing
  const why = asked.why ?? `undone, back to version ${wanted.version}`
  const mode = await modeOf(context)
  const gains = (coming: Coming): string | undefined => {
    const before = entryOf(context, domain) ?? read(undoing.last)
    const more = leaveGained(context, [coming], new Map(before ? [[domain, before]] : []), mode)
    return more && `this takes back ${undone.join('; ')}, and would ${more}`
  }
  const options = { ...editing(context, { ...asked, why }, gains), seen: { text: disk?.text } }
  let done: Change
  if (wanted.text === undefined) {
    accepted(await removePartner(configuration(context), domain, options))
    done = await inForce(context, domain, 'removed', undefined)
  } else {
    const { partner } = accepted(await writePartner(configuration(context), domain, wanted.text, options))
    done = await inForce(context, domain, disk === undefined ? 'added' : 'changed', partner)
    if (partner.status === 'allowed') context.control.retry(domain)
  }
  // Where the file says again what was in force all the while, there is nothing to be noted.
  if (done.applied !== 'not') context.control.history.withdraw(domain)
  return { ...done, notes: [...undone.map((one) => `taken back: ${one}`), ...done.notes] }
}

const MOST_NAMED = 10

const read = ({ domain, text }: PartnerVersion): Partner | undefined =>
  text === undefined ? undefined : readPartner(text, { file: fileOf(domain), root: '' }).partner

/** Whose change it was, when, and why. */
function changeText({ version, at, done, by, why }: PartnerVersion): string {
  const whose = `version ${version}, ${done} by ${by} at ${new Date(at).toISOString()}`
  return why === undefined ? whose : `${whose} (${why})`
}

function shortened(texts: readonly string[]): readonly string[] {
  const more = texts.length - MOST_NAMED
  return more > 0 ? [...texts.slice(0, MOST_NAMED), `${more} older ones`] : texts
}

const wentOn = (last: PartnerVersion): OperationError =>
  new OperationError(
    'conflict',
    `${last.domain} was changed meanwhile: ${changeText(last)}`,
    `Nothing was changed. See \`sallyport partner history ${last.domain}\`, and try again.`,
  )

function noVersion(domain: string, to: number | undefined, versions: readonly PartnerVersion[]): OperationError {
  const what = to === undefined ? `${domain} has no version before this one` : `${domain} has no version ${to}`
  const kept = versions.map(({ version }) => version)
  const message = `${what}; kept ${kept.length === 1 ? 'is' : 'are'} ${kept.toReversed().join(', ')}`
  return new OperationError('not-found', message, `See \`sallyport partner history ${domain}\`.`)
}
