// How a change of the partner list is made: said beforehand to the history, written into the file, read, and looked at
// whether it is in force.

import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import { addPartner, removePartner, setPartner, type Coming, type EditOptions } from '../config/edit.ts'
import { formatFinding, type Finding } from '../config/finding.ts'
import { DOMAIN } from '../config/values.ts'
import { admissionByTerms } from '../policy/admission.ts'
import type { Partner } from '../policy/partner.ts'
import { termsOf } from '../policy/partners.ts'
import { OperationError, type Context } from './operation.ts'
import { cutsText } from './partner-cuts.ts'
import type { PartnerFieldsInput } from './partner-fields.ts'
import { FindingShape, list, PartnerShape } from './schemas.ts'

/** Said with every change. */
export const ASKED = {
  /** Who asks: their own word, for the history. */
  by: z.string().max(64).optional(),
  /** Why, for the history. */
  why: z.string().max(1000).optional(),
  /** Also where streams that are up would end. */
  yes: z.boolean().default(false),
}

export interface Asked {
  readonly by?: string | undefined
  readonly why?: string | undefined
  readonly yes: boolean
}

interface StatusInput extends Asked {
  readonly domain: string
  readonly fields: PartnerFieldsInput
}

export const BY_NOBODY = 'not said'

/** What a change came to. */
export const ChangeShape = z.object({
  domain: z.string(),
  done: z.enum(['added', 'changed', 'removed', 'unchanged']),
  /** The entry as it is now. */
  partner: PartnerShape.optional(),
  /** In force in the running gateway; only in the files, as none runs; or not, because of the findings. */
  applied: z.enum(['running', 'files', 'not']),
  findings: list(FindingShape),
  /** What whoever asked should know besides. */
  notes: list(z.string()),
})
export type Change = z.input<typeof ChangeShape>

/** A change of status; the reason for the former status goes with it. */
export async function become(context: Context, status: Partner['status'], input: StatusInput): Promise<Change> {
  const domain = readDomain(input.domain)
  const entry = entryOf(context, domain)
  const stale = entry?.reason !== undefined && entry.status !== status ? { reason: undefined } : {}
  return await change(context, domain, { ...stale, ...input.fields, status }, input)
}

/** Whoever changes an entry, or allows what was allowed, wants to see what comes of it now. */
export async function tried(context: Context, changed: Promise<Change>): Promise<Change> {
  const done = await changed
  context.control.retry(done.domain)
  return done
}

type Changes = Readonly<Record<string, unknown>>

/** Writes the entry, new or changed, and has it read. */
export async function change(context: Context, domain: string, changes: Changes, asked: Asked): Promise<Change> {
  // What somebody wrote by hand a moment ago counts too.
  await context.control.reload()
  const before = entryOf(context, domain)
  const exists = await isThere(context, domain)
  if (!exists && changes['status'] !== 'blocked') refuseCovered(context, domain)
  if (before !== undefined && isSame(before, changes)) return unchanged(context, domain)
  const edit = exists ? setPartner : addPartner
  const { partner } = accepted(await edit(configuration(context), domain, changes, editing(context, asked)))
  return await inForce(context, domain, exists ? 'changed' : 'added', partner)
}

/** It is so already. */
export function unchanged(context: Context, domain: string): Change {
  const partner = entryOf(context, domain)
  const notes = partner === undefined ? [] : notesOn(partner, context)
  return { domain, done: 'unchanged', partner, applied: where(context), findings: [], notes }
}

/** Deletes an entry with its file, and has that read. */
export async function remove(context: Context, domain: string, asked: Asked): Promise<Change> {
  accepted(await removePartner(configuration(context), domain, editing(context, asked)))
  return await inForce(context, domain, 'removed', undefined)
}

/**
 * With what files are edited: what would end streams, or what else the caller has against it, needs a word, and whoever asked is
 * in the history.
 */
export function editing(
  context: Context,
  { by = BY_NOBODY, why, yes }: Asked,
  objection?: (coming: Coming) => string | undefined,
): EditOptions {
  const { control } = context
  return {
    reader: control.reader,
    async before(coming) {
      const against = yes
        ? []
        : [objection?.(coming), await cutsText(context, [coming])].flatMap((words) => words ?? [])
      if (against.length > 0) {
        const act = 'Nothing was changed. Say the same with --yes if that is meant.'
        throw new OperationError('needs-yes', against.join('; '), act)
      }
      const { domain, text } = coming
      control.history.announce(domain, text, { by, why })
    },
    failed: ({ domain }) => control.history.withdraw(domain),
  }
}

/** Has the files read, and says whether what they now say of the domain is what the gateway goes by. */
export async function inForce(
  context: Context,
  domain: string,
  done: Change['done'],
  wanted: Partner | undefined,
): Promise<Change> {
  const { findings } = await context.control.reload()
  const partner = entryOf(context, domain)
  const isSo = isDeepStrictEqual(partner, wanted)
  return {
    domain,
    done,
    partner,
    applied: isSo || !context.running ? where(context) : 'not',
    findings: isSo ? [] : findings,
    notes: partner === undefined ? [] : notesOn(partner, context),
  }
}

export const where = ({ running }: Context): Change['applied'] => (running ? 'running' : 'files')

/** What may surprise whoever allowed a partner. */
function notesOn(partner: Partner, { now }: Context): string[] {
  const { domain, status, expires, direction } = partner
  if (status !== 'allowed') return []
  const expired = admissionByTerms(termsOf(partner), { mode: 'closed', now: now() }) === 'SP-105'
  return [
    ...(expired
      ? [
          `the entry ended on ${expires}, so it admits nothing: give it a new end with \`sallyport partner set ${domain} --until <date>\``,
        ]
      : []),
    ...(direction === 'both' ? [] : [`only ${direction} stanzas cross`]),
  ]
}

/** Another entry has the very name: two entries with one name contradict each other, unless this one blocks. A wildcard gives way. */
function refuseCovered({ control }: Context, domain: string): void {
  const other = control.partners().find(({ alsoKnownAs }) => alsoKnownAs.includes(domain))
  if (other === undefined) return
  throw new OperationError(
    'conflict',
    `${domain} stands under the entry of ${other.domain} (alsoKnownAs)`,
    `Change that entry, or take the name out of ${fileOf(other.domain)} first.`,
  )
}

export function entryOf({ control }: Context, domain: string): Partner | undefined {
  return control.partners().find((partner) => partner.domain === domain)
}

/** Has the domain a file of its own? It may be faulty, and then not be in the list. */
export async function isThere(context: Context, domain: string): Promise<boolean> {
  return (await stat(join(context.directory, fileOf(domain))).catch(() => undefined)) !== undefined
}

function isSame(before: Partner, changes: Changes): boolean {
  const entry: Changes = { ...before }
  return Object.entries(changes).every(([key, value]) => JSON.stringify(entry[key]) === JSON.stringify(value))
}

export function readDomain(text: string): string {
  const domain = DOMAIN.read(text)
  if (domain !== undefined) return domain
  throw new OperationError('bad-input', `"${text}" is no domain of a partner`, `Please ${DOMAIN.how}.`)
}

export function unknown(domain: string, besides = ''): OperationError {
  return new OperationError(
    'not-found',
    `${domain} is not in the partner list${besides}`,
    `See \`sallyport partner list\`; admit it with \`sallyport partner allow ${domain}\`.`,
  )
}

export const configuration = ({ directory }: Context): string => join(directory, 'federation-config')
export const fileOf = (domain: string): string => join('federation-config', 'partners', `${domain}.yaml`)

/** The outcome of an edit. @throws OperationError with all that is wrong about it */
export function accepted<Edited extends { readonly ok: true }>(
  edited: Edited | { readonly ok: false; readonly findings: readonly Finding[] },
): Edited {
  if (edited.ok) return edited
  throw new OperationError(
    'bad-input',
    edited.findings.map((finding) => formatFinding(finding)).join('; '),
    'Nothing was changed. Mend what is named and try again.',
  )
}
