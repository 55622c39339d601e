// Operations on the partner list. They edit the partner's file, as a person would, and then have it read: when they
// answer, the change is in force (or the answer says why it is not).

import * as z from 'zod'
import { admissionByTerms } from '../policy/admission.ts'
import type { Partner } from '../policy/partner.ts'
import { PartnerList } from '../policy/partners.ts'
import { operation, OperationError } from './operation.ts'
import {
  ASKED,
  become,
  change,
  ChangeShape,
  fileOf,
  isThere,
  readDomain,
  remove,
  tried,
  unknown,
} from './partner-changes.ts'
import { PartnerFields, UNSETTABLE } from './partner-fields.ts'
import { KeyShape, list, PartnerShape, PendingShape, ReasonShape, reasonOf } from './schemas.ts'

/** Taken as any text, so that callers need not know the words to be told them. */
const Status = z
  .string()
  .pipe(
    z.enum(['allowed', 'blocked', 'pending', 'suspended'], { error: 'write allowed, blocked, pending or suspended' }),
  )

const Domain = z.string().max(255)

export const partnerList = operation({
  name: 'partner.list',
  about: 'The partner list in force, and the domains that wait to be let in.',
  role: 'read',
  input: z.strictObject({ status: Status.optional() }),
  output: z.object({ partners: list(PartnerShape), pending: list(PendingShape) }),
  run({ control }, { status }) {
    return {
      partners: control.partners().filter((partner) => status === undefined || partner.status === status),
      pending: status === undefined || status === 'pending' ? control.pending() : [],
    }
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
    if (partner === undefined || terms === undefined) {
      const waits = control.pending().some((one) => one.domain === domain)
      throw unknown(domain, waits ? ' and waits to be let in' : '')
    }
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

export const partnerAdd = operation({
  name: 'partner.add',
  about: 'Adds an entry to the partner list.',
  role: 'operate',
  input: z.strictObject({
    domain: Domain,
    status: Status.default('allowed'),
    fields: PartnerFields.default({}),
    ...ASKED,
  }),
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
    return await change(context, domain, { ...input.fields, status: input.status }, input)
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
    ...ASKED,
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
    return await tried(context, change(context, domain, changes, input))
  },
})

const StatusInput = z.strictObject({ domain: Domain, fields: PartnerFields.default({}), ...ASKED })

export const partnerAllow = operation({
  name: 'partner.allow',
  about: 'Admits a domain at once; adds an entry where there is none.',
  role: 'operate',
  input: StatusInput,
  output: ChangeShape,
  run: (context, input) => tried(context, become(context, 'allowed', input)),
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
  run: (context, input) => become(context, 'blocked', input),
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
    return await become(context, 'suspended', input)
  },
})

export const partnerRemove = operation({
  name: 'partner.remove',
  about: 'Deletes an entry with its file.',
  role: 'operate',
  input: z.strictObject({ domain: Domain, ...ASKED }),
  output: ChangeShape,
  async run(context, input) {
    const domain = readDomain(input.domain)
    if (!(await isThere(context, domain))) throw unknown(domain)
    return await remove(context, domain, input)
  },
})
