// Operations on the partner list. They edit the partner's file, as a person would, and then have it read: when they
// answer, the change is in force (or the answer says why it is not).

import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import { addPartner, removePartner, setPartner } from '../config/edit.ts'
import { formatFinding, type Finding } from '../config/finding.ts'
import { DOMAIN } from '../config/values.ts'
import { admissionByTerms } from '../policy/admission.ts'
import type { Partner } from '../policy/partner.ts'
import { PartnerList, termsOf } from '../policy/partners.ts'
import { operation, OperationError, type Context } from './operation.ts'
import { PartnerFields, UNSETTABLE, type PartnerFieldsInput } from './partner-fields.ts'
import { FindingShape, KeyShape, list, PartnerShape, ReasonShape, reasonOf } from './schemas.ts'

const STATUSES = z.enum(['allowed', 'blocked', 'pending', 'suspended'], {
  error: 'write allowed, blocked, pending or suspended',
})
/** Taken as any text, so that callers need not know the words to be told them. */
const Status = z.string().pipe(STATUSES)
type Status = z.output<typeof Status>

const Domain = z.string().max(255)

export const partnerList = operation({
  name: 'partner.list',
  about: 'The partner list in force.',
  role: 'read',
  input: z.strictObject({ status: Status.optional() }),
  output: z.object({ partners: list(PartnerShape) }),
  run({ control }, { status }) {
    return { partners: control.partners().filter((partner) => status === undefined || partner.status === status) }
  },
})

export const partnerShow = operation({
  name: 'partner.show',
  about: 'The entry that covers a domain, and why it admits nothing now, if so.',
  role: 'read',
  input: z.strictObject({ domain: Domain }),
  output: z.object({
    domain: z.string(),
    /** The name of the entry that decided: the domain itself, or a wildcard. */
    matched: z.string(),
    partner: PartnerShape,
    file: z.string(),
    /** By which keys its domains are known, and those that wait for a decision. */
    keys: list(KeyShape),
    /** Why a domain under this entry is refused in that direction now; absent: it is admitted. */
    admits: z.object({ inbound: ReasonShape.optional(), outbound: ReasonShape.optional() }),
  }),
  run({ control, now }, input) {
    const domain = readDomain(input.domain)
    const partners = new PartnerList(control.partners())
    const [partner, terms] = [partners.find(domain), partners.terms(domain)]
    if (partner === undefined || terms === undefined) throw unknown(domain)
    const against = admissionByTerms(terms, { mode: 'closed', now: now() })
    const way = (direction: Partner['direction']) =>
      reasonOf(against ?? (partner.direction === 'both' || partner.direction === direction ? undefined : 'SP-106'))
    return {
      domain,
      matched: terms.matched,
      partner,
      file: fileOf(partner.domain),
      keys: control.keys.list(domain),
      admits: { inbound: way('inbound'), outbound: way('outbound') },
    }
  },
})

const ChangeShape = z.object({
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
type Change = z.input<typeof ChangeShape>

export const partnerAdd = operation({
  name: 'partner.add',
  about: 'Adds an entry to the partner list.',
  role: 'operate',
  input: z.strictObject({ domain: Domain, status: Status.default('allowed'), fields: PartnerFields.default({}) }),
  output: ChangeShape,
  async run(context, input) {
    const domain = readDomain(input.domain)
    if (await isThere(context, domain)) {
      throw new OperationError(
        'conflict',
        `${domain} is in the partner list already`,
        `Change it with \`sallyport partner set ${domain}\`.`,
      )
    }
    return await change(context, domain, { ...input.fields, status: input.status })
  },
})

export const partnerSet = operation({
  name: 'partner.set',
  about: 'Changes an entry; what is not named stays.',
  role: 'operate',
  input: z.strictObject({
    domain: Domain,
    status: Status.optional(),
    fields: PartnerFields.default({}),
    unset: list(z.string().pipe(z.enum(UNSETTABLE, { error: `write one of ${UNSETTABLE.join(', ')}` }))).default([]),
  }),
  output: ChangeShape,
  async run(context, { status, fields, unset, ...input }) {
    const domain = readDomain(input.domain)
    if (!(await isThere(context, domain))) throw unknown(domain)
    const removed = Object.fromEntries(unset.map((key) => [key, undefined]))
    const changes = { ...removed, ...fields, ...(status === undefined ? {} : { status }) }
    if (Object.keys(changes).length === 0)
      throw new OperationError(
        'bad-input',
        'nothing to change was named',
        'Name what to change, such as --until 2027-06-30.',
      )
    return await tried(context, change(context, domain, changes))
  },
})

const StatusInput = z.strictObject({ domain: Domain, fields: PartnerFields.default({}) })

export const partnerAllow = operation({
  name: 'partner.allow',
  about: 'Admits a domain at once; adds an entry where there is none.',
  role: 'operate',
  input: StatusInput,
  output: ChangeShape,
  run: (context, { domain, fields }) => tried(context, become(context, readDomain(domain), 'allowed', fields)),
})

export const partnerRetry = operation({
  name: 'partner.retry',
  about: 'Lets the next stanza for a partner make an attempt at once, whatever failed before.',
  role: 'operate',
  input: z.strictObject({ domain: Domain }),
  output: z.object({ domain: z.string(), links: z.number() }),
  run({ control }, input) {
    const domain = readDomain(input.domain)
    if (new PartnerList(control.partners()).find(domain) === undefined) throw unknown(domain)
    return { domain, links: control.retry(domain).links }
  },
})

export const partnerBlock = operation({
  name: 'partner.block',
  about: 'Refuses a domain at once and closes its streams; adds an entry where there is none.',
  role: 'operate',
  input: StatusInput,
  output: ChangeShape,
  run: (context, { domain, fields }) => become(context, readDomain(domain), 'blocked', fields),
})

export const partnerSuspend = operation({
  name: 'partner.suspend',
  about: 'Refuses a partner for a while, at once, and closes its streams.',
  role: 'operate',
  input: StatusInput,
  output: ChangeShape,
  async run(context, input) {
    const domain = readDomain(input.domain)
    if (!(await isThere(context, domain))) throw unknown(domain)
    return await become(context, domain, 'suspended', input.fields)
  },
})

export const partnerRemove = operation({
  name: 'partner.remove',
  about: 'Deletes an entry with its file.',
  role: 'operate',
  input: z.strictObject({ domain: Domain }),
  output: ChangeShape,
  async run(context, input) {
    const domain = readDomain(input.domain)
    if (!(await isThere(context, domain))) throw unknown(domain)
    accepted(await removePartner(configuration(context), domain, { reader: context.control.reader }))
    return await inForce(context, domain, 'removed', undefined)
  },
})

/** A change of status; the reason for the former status goes with it. */
async function become(context: Context, domain: string, status: Status, fields: PartnerFieldsInput): Promise<Change> {
  const entry = entryOf(context, domain)
  const stale = entry?.reason !== undefined && entry.status !== status ? { reason: undefined } : {}
  return await change(context, domain, { ...stale, ...fields, status })
}

/** Whoever changes an entry, or allows what was allowed, wants to see what comes of it now. */
async function tried(context: Context, changed: Promise<Change>): Promise<Change> {
  const done = await changed
  context.control.retry(done.domain)
  return done
}

type Changes = Readonly<Record<string, unknown>>

/** Writes the entry, new or changed, and has it read. */
async function change(context: Context, domain: string, changes: Changes): Promise<Change> {
  // What somebody wrote by hand a moment ago counts too.
  await context.control.reload()
  const before = entryOf(context, domain)
  const exists = await isThere(context, domain)
  if (!exists && changes['status'] !== 'blocked') refuseCovered(context, domain)
  if (before !== undefined && isSame(before, changes))
    return {
      domain,
      done: 'unchanged',
      partner: before,
      applied: where(context),
      findings: [],
      notes: notesOn(before, context),
    }
  const edit = exists ? setPartner : addPartner
  const { partner } = accepted(await edit(configuration(context), domain, changes, { reader: context.control.reader }))
  return await inForce(context, domain, exists ? 'changed' : 'added', partner)
}

/** Has the files read, and says whether what they now say of the domain is what the gateway goes by. */
async function inForce(
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

const where = ({ running }: Context): Change['applied'] => (running ? 'running' : 'files')

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

function entryOf({ control }: Context, domain: string): Partner | undefined {
  return control.partners().find((partner) => partner.domain === domain)
}

/** Has the domain a file of its own? It may be faulty, and then not be in the list. */
async function isThere(context: Context, domain: string): Promise<boolean> {
  return (await stat(join(context.directory, fileOf(domain))).catch(() => undefined)) !== undefined
}

function isSame(before: Partner, changes: Changes): boolean {
  const entry: Changes = { ...before }
  return Object.entries(changes).every(([key, value]) => JSON.stringify(entry[key]) === JSON.stringify(value))
}

function readDomain(text: string): string {
  const domain = DOMAIN.read(text)
  if (domain !== undefined) return domain
  throw new OperationError('bad-input', `"${text}" is no domain of a partner`, `Please ${DOMAIN.how}.`)
}

function unknown(domain: string): OperationError {
  return new OperationError(
    'not-found',
    `${domain} is not in the partner list`,
    `See \`sallyport partner list\`; admit it with \`sallyport partner allow ${domain}\`.`,
  )
}

const configuration = ({ directory }: Context): string => join(directory, 'federation-config')
const fileOf = (domain: string): string => join('federation-config', 'partners', `${domain}.yaml`)

/** The outcome of an edit. @throws OperationError with all that is wrong about it */
function accepted<Edited extends { readonly ok: true }>(
  edited: Edited | { readonly ok: false; readonly findings: readonly Finding[] },
): Edited {
  if (edited.ok) return edited
  throw new OperationError(
    'bad-input',
    edited.findings.map((finding) => formatFinding(finding)).join('; '),
    'Nothing was changed. Mend what is named and try again.',
  )
}
