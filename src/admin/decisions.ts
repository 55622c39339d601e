// Operations on decisions: what was decided (`why`, `recent`) and what would be (`explain`).

import * as z from 'zod'
import { NoStanza } from '../gateway/dry-run.ts'
import { formatAddress, parseAddress } from '../xmpp/address.ts'
import { parseDomain } from '../xmpp/domain.ts'
import { readReference } from '../xmpp/reference.ts'
import { operation, OperationError } from './operation.ts'
import { ruleThen, RuleThenShape } from './rule-then.ts'
import {
  EntryShape,
  list,
  PartnerShape,
  ReasonShape,
  reasonOf,
  RecordShape,
  type ReasonOutput,
  type RecordOutput,
} from './schemas.ts'

export const why = operation({
  name: 'why',
  about: 'What happened to the stanza or the stream behind a reference.',
  role: 'read',
  input: z.strictObject({ reference: z.string().max(64) }),
  output: z.object({
    record: RecordShape,
    /** The catalogue's entry of the record's reason. */
    reason: ReasonShape.optional(),
    /** The failure that led to this one, such as that of the link a stanza waited for. */
    cause: z.object({ record: RecordShape, reason: ReasonShape.optional() }).optional(),
    /** What became of the answer in which the reference was shown, if it never arrived. */
    lostAnswer: z.object({ record: RecordShape, reason: ReasonShape.optional() }).optional(),
    /** The wall or rule of policy.yaml that decided, as it was then. */
    rule: RuleThenShape.optional(),
    /** The partner entry of the record, as it is now. */
    partner: PartnerShape.optional(),
  }),
  run({ control }, { reference }) {
    const read = readReference(reference)
    if (read === undefined) {
      throw new OperationError(
        'bad-input',
        `"${reference}" is no reference`,
        'A reference looks like 7f3k-9q2m-x04d; the error text that the user saw ends with it.',
      )
    }
    const record = control.why(read)
    if (record === undefined) {
      throw new OperationError(
        'not-found',
        `there is no record of ${read}`,
        'It may be older than `limits.recordsKept`, or belong to another gateway. `sallyport recent` lists the newest.',
      )
    }
    const partner = control.partners().find(({ domain }) => domain === record.partner)
    const lost = control.lostAnswer(read)
    const cause = record.cause === undefined ? undefined : control.why(record.cause)
    return {
      record,
      reason: reasonOfRecord(record),
      cause: cause && { record: cause, reason: reasonOfRecord(cause) },
      lostAnswer: lost && { record: lost, reason: reasonOfRecord(lost) },
      rule: ruleThen(control, record),
      partner,
    }
  },
})

export const recent = operation({
  name: 'recent',
  about: 'The newest decisions, of all domains or of one.',
  role: 'read',
  input: z.strictObject({
    domain: z.string().max(1023).optional(),
    limit: z.int().min(1).max(1000).default(20),
  }),
  output: z.object({ records: list(RecordShape) }),
  run({ control }, { domain, limit }) {
    const read = domain === undefined ? undefined : (parseDomain(domain) ?? parseAddress(domain)?.domain)
    if (domain !== undefined && read === undefined) throw notADomain(domain)
    return { records: control.recent({ domain: read, limit }) }
  },
})

export const explain = operation({
  name: 'explain',
  about: 'A dry run of the checkpoint: every rule asked, and which one decided. Nothing is sent.',
  role: 'read',
  input: z.strictObject({
    from: z.string().max(3071),
    to: z.string().max(3071),
    stanza: z.string().optional(),
    /** When, as of ISO 8601; by default now. */
    at: z.iso.datetime({ offset: true }).optional(),
    /** So many like it in such a time, as if nothing had been sent before; the first that is refused decides. */
    burst: z
      .strictObject({
        times: z.int().min(1).max(100_000),
        withinMs: z.int().nonnegative(),
        recipients: z.enum(['one', 'many']),
      })
      .optional(),
  }),
  output: z.object({
    facts: z.record(z.string(), z.unknown()).readonly(),
    /** Under which entry the domain outside stands, by which of its names; absent: under none. */
    entry: EntryShape.optional(),
    verdict: z.enum(['pass', 'refuse', 'close']),
    rule: z.string().optional(),
    reason: ReasonShape.optional(),
    condition: z.string().optional(),
    trail: list(
      z.object({
        rule: z.string(),
        about: z.string(),
        place: z.string().optional(),
        note: z.string().optional(),
        finding: z.object({ reason: ReasonShape.optional(), detail: z.string().optional() }).optional(),
      }),
    ),
  }),
  run({ control }, { from, to, stanza, at: time, burst }) {
    const at = time === undefined ? time : Date.parse(time)
    const { facts, verdict, rule, reason, condition, trail } = asked(() =>
      control.explain({ from: address(from), to: address(to), stanza, at, burst }),
    )
    return {
      facts: { ...facts },
      entry: facts.partner,
      verdict,
      rule,
      reason: reasonOf(reason),
      condition,
      trail: trail.map((step) => ({
        rule: step.rule,
        about: step.about,
        place: step.place,
        note: step.note,
        finding: step.finding && { reason: reasonOf(step.finding.reason), detail: step.finding.detail },
      })),
    }
  },
})

export const policyRules = operation({
  name: 'policy.rules',
  about:
    'The rules of the checkpoint, and walls and rules of who may talk to whom: how often each was asked, and what came of it.',
  role: 'read',
  input: z.strictObject({}),
  output: z.object({
    rules: list(
      z.object({
        is: z.enum(['built-in', 'wall', 'rule']),
        name: z.string(),
        place: z.string().optional(),
        about: z.string(),
        report: z.boolean(),
        ...{ asked: z.number(), matched: z.number(), refused: z.number(), reported: z.number() },
        costNs: z.number().optional(),
        lastAt: z.string().optional(),
      }),
    ),
  }),
  run: ({ control }) => ({ rules: control.rules() }),
})

/** A failure at the core is for us to mend, whatever the same failure at a partner would mean. */
function reasonOfRecord({ reason, facts }: RecordOutput): ReasonOutput | undefined {
  return reasonOf(reason, 'leg' in facts && facts.leg === 'core' ? 'core' : 'partner')
}

function asked<Answer>(ask: () => Answer): Answer {
  try {
    return ask()
  } catch (error) {
    if (!(error instanceof NoStanza)) throw error
    throw new OperationError(
      'bad-input',
      `the stanza cannot be judged: ${error.message}`,
      'Give one message, presence or iq, as it would cross.',
    )
  }
}

function address(text: string): string {
  const read = parseAddress(text)
  if (read !== undefined) return formatAddress(read)
  throw new OperationError(
    'bad-input',
    `"${text}" is no address`,
    'Write user@domain, user@domain/resource or a domain.',
  )
}

function notADomain(text: string): OperationError {
  return new OperationError('bad-input', `"${text}" is no domain`, 'Write a domain name, such as partner.example.')
}
