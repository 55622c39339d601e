// What of the traffic that was would have gone another way under other files: records of stanzas, judged again. Works on files
// and on the store that a gateway has, or is writing; nothing of it is changed.

import { loadConfig } from '../config/load.ts'
import type { Finding } from '../config/finding.ts'
import type { Facts } from '../policy/facts.ts'
import { limitsUnder } from '../gateway/limits-under.ts'
import type { Decision } from '../policy/checkpoint.ts'
import { standingOf } from '../policy/conduct/standing.ts'
import { ReplayedLimits } from '../policy/limits/replayed.ts'
import { PartnerList } from '../policy/partners.ts'
import { rejudge, type Under } from '../policy/replay.ts'
import { Whom } from '../policy/whom/whom.ts'
import type { DecisionPages, DecisionRecord } from '../store/store.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import { FilesControl } from './files-control.ts'
import { withMembers } from './known-groups.ts'

/** So many records are read at a time, each time for a moment only: the gateway writes them meanwhile. */
const PAGE = 1000
/** So many of the newest are held against limits; a few hundred bytes each. */
const MOST_SENT = 200_000

/** Stanzas of one partner that would go another way, for one reason. */
export interface PolicyChange {
  /** The domain outside. */
  readonly partner: string
  readonly direction: string
  readonly was: 'passed' | 'refused'
  readonly would: 'pass' | 'refuse'
  /** Of the refusal, as it was or as it would be; and the wall or rule of the policy behind it, where one is. */
  readonly reason: ReasonId | undefined
  readonly rule: string | undefined
  readonly stanzas: number
  /** The newest of them. */
  readonly example: { readonly at: string; readonly from: string; readonly to: string; readonly kind: string }
}

export type PolicyDiff =
  | {
      readonly ok: true
      readonly looked: number
      readonly changes: readonly PolicyChange[]
      readonly onlyBackTo: OnlyBackTo
      /** Of what rooms refused, which depends on who was in them; and of the oldest, where there were too many, by limits. */
      readonly notJudged: { readonly rooms: number; readonly limits: number }
    }
  | { readonly ok: false; readonly findings: readonly Finding[] }

/** Since when (ISO 8601) there are records, where that is later than was asked for. */
export interface OnlyBackTo {
  readonly passed?: string
  readonly refused?: string
}

/** `candidate`: a directory as `federation-config/` is. @throws OperationError, StoreError */
export async function policyDiff(
  directory: string,
  candidate: string,
  { since, now }: { readonly since: number; readonly now: () => number },
): Promise<PolicyDiff> {
  const { settings: read, partners, findings } = await loadConfig(candidate)
  if (read === undefined) return { ok: false, findings }
  using control = await FilesControl.open(directory, now)
  // A group that is defined as here has the members it has here.
  const { settings, unread } = await withMembers(read, {}, control.file)
  if (unread.length > 0) return { ok: false, findings: unread }
  const { related, keptConduct } = control
  const { conduct } = keptConduct
  const under: Under = {
    partners: new PartnerList(partners, settings.policy.shown),
    whom: new Whom(settings.policy.whom, settings.policy.groups),
    mode: settings.federation.mode,
    ours: settings.domains.map(({ domain }) => domain),
    conduct,
    relations: { knows: (user, contact, at) => related.find(user, contact, at) !== undefined },
  }
  const pages = control.pages()
  const changes = new Map<string, PolicyChange>()
  const note = (change: PolicyChange | undefined): void => {
    if (change === undefined) return
    const { partner, direction, was, reason, rule } = change
    const key = [partner, direction, was, reason, rule].join(' ')
    const known = changes.get(key)
    changes.set(key, known === undefined ? change : { ...known, stanzas: known.stanzas + 1 })
  }
  const notJudged = { rooms: 0, limits: 0 }
  const sent: Sent[] = []
  let looked = 0
  for (const record of recordsSince(pages, since)) {
    const { facts } = record
    if (!isJudged(record) || !isFacts(facts)) continue
    if (record.rule === 'rooms') {
      notJudged.rooms += 1
      continue
    }
    looked += 1
    const decision = rejudge(facts, under)
    if (decision.verdict !== 'pass' || sent.length >= MOST_SENT) note(changeOf(record, facts, decision))
    else sent.push({ record, facts })
    if (decision.verdict === 'pass' && sent.length >= MOST_SENT) notJudged.limits += 1
  }
  const limits = new ReplayedLimits(limitsUnder(settings, under.partners), settings.limits.smoothingMs)
  // From the oldest on, as they were sent.
  for (const { record, facts } of sent.toReversed()) {
    const outside = (facts.direction === 'inbound' ? facts.fromDomain : facts.toDomain) ?? ''
    const standing = standingOf(outside, under.partners.terms(outside), under.partners)
    note(changeOf(record, facts, limits.judge(facts, outside, standing)))
  }
  const sorted = [...changes].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, change]) => change)
  return { ok: true, looked, changes: sorted, onlyBackTo: shortOf(pages, since), notJudged }
}

/** What crosses by all rules, and is held against limits. */
interface Sent {
  readonly record: DecisionRecord
  readonly facts: Facts
}

/** Newest first. Records stand nearly in the order of time: a page without any that is late enough is the last. */
function* recordsSince(pages: DecisionPages, since: number): Iterable<DecisionRecord> {
  let before: number | undefined
  for (;;) {
    const page = pages.decisionsBefore(before, PAGE)
    const late = page.flatMap(({ record }) => (record.at >= since ? [record] : []))
    if (late.length === 0) return
    yield* late
    before = page.at(-1)?.number
  }
}

function shortOf(pages: DecisionPages, since: number): OnlyBackTo {
  const { passed, refused } = pages.oldestDecisions()
  const text = (at: number | undefined): string | undefined =>
    at !== undefined && at > since ? new Date(at).toISOString() : undefined
  const [first, second] = [text(passed), text(refused)]
  return {
    ...(first === undefined ? {} : { passed: first }),
    ...(second === undefined ? {} : { refused: second }),
  }
}

function changeOf(record: DecisionRecord, facts: Facts, decision: Decision): PolicyChange | undefined {
  const was = record.verdict === 'pass' ? 'passed' : 'refused'
  const would = decision.verdict === 'pass' ? 'pass' : 'refuse'
  if ((was === 'passed') === (would === 'pass')) return undefined
  const { reason, detail } = decision.verdict === 'pass' ? record : decision
  const { direction, fromDomain, toDomain, from = '', to = '', kind, at } = facts
  return {
    partner: (direction === 'inbound' ? fromDomain : toDomain) ?? '',
    ...{ direction, was, would, reason, rule: /^rule=([^,]+)/.exec(detail ?? '')?.[1], stanzas: 1 },
    example: { at: new Date(at).toISOString(), from, to, kind },
  }
}

/** Was it the checkpoint that decided? What could not be delivered later is no matter of policy. */
const isJudged = ({ event, verdict, rule }: DecisionRecord): boolean =>
  event === 'stanza' && (verdict === 'pass' || rule !== undefined)

/** Facts as the checkpoint gathers them; older records, or such of something else, are left out. */
function isFacts(facts: object): facts is Facts {
  const given: Partial<Record<keyof Facts, unknown>> = facts
  const { direction, kind, at, payloads, malformed, provenDomains, ours } = given
  const lists = [payloads, malformed, provenDomains, ours]
  return (
    typeof direction === 'string' && typeof kind === 'string' && typeof at === 'number' && lists.every(Array.isArray)
  )
}
