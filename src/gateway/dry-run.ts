// A dry run of the checkpoint, for `explain`: what would become of a stanza, by the rules that the real ones pass.
// Nothing is sent, counted or recorded. Pure.

import type { Settings } from '../config/settings.ts'
import { type Crossing, gatherFacts, stanzaKind } from '../policy/facts.ts'
import { explain } from '../policy/checkpoint.ts'
import type { Direction, FederationMode } from '../policy/partner.ts'
import type { PartnerList, PartnerTerms } from '../policy/partners.ts'
import type { Limits } from '../policy/limits/sentry.ts'
import { marksOf } from '../policy/relations/acts.ts'
import type { Relation } from '../policy/relations/relations.ts'
import { goodConduct } from '../policy/rules/good-conduct.ts'
import { behindProvider } from '../policy/rules/behind-provider.ts'
import { presenceShown } from '../policy/rules/presence-shown.ts'
import { nobodyAt, personAt } from '../policy/served.ts'
import { whomTrail, type WhomStep } from '../policy/whom/trail.ts'
import { Whom } from '../policy/whom/whom.ts'
import { parseFragment } from '../xml/fragment.ts'
import type { Frame } from '../xml/frame.ts'
import { parseAddress } from '../xmpp/address.ts'
import { NS } from '../xmpp/namespaces.ts'
import { authors, described, nodes } from './content.ts'
import type { ExplainQuery, Explanation } from './control.ts'
import { nobodyThere } from './refused.ts'
import { type LimitsAsked, limitStep } from './limit-step.ts'
import { limitsUnder } from './limits-under.ts'
import { showingText } from './showing.ts'

/** How domains outside behave, and why it is so. */
interface Conducted extends Pick<Crossing, 'conduct'> {
  conductWords?(domain: string, terms: PartnerTerms | undefined): string | undefined
}

/** What holds while the question is asked. */
export interface Standing extends Conducted {
  readonly partners: PartnerList
  readonly mode: FederationMode
  /** Who of ours may talk to which partners. */
  readonly whom?: Whom
  /** Whom our users know; absent: nobody knows anybody. */
  readonly relations?: Related | undefined
  /** What may be sent; absent: as much as anybody likes. */
  readonly limits?: LimitsAsked | undefined
  /** The domains we speak for. */
  readonly ours: readonly string[]
  /** Unix time in milliseconds. */
  readonly now: number
}

/** Tells how two know each other, and counts it as no use of that. */
export interface Related {
  find(user: string, contact: string, at: number): Relation | undefined
}

/** The stanza of a query cannot be judged: it is no stanza. */
export class NoStanza extends Error {
  constructor(detail: string) {
    super(detail)
    this.name = 'NoStanza'
  }
}

const DAY_MS = 86_400_000
const EMPTY_CHAT = "<message type='chat'/>"

/**
 * Judges as if the sender's domain had proven its name. Whoever sends from a domain of ours is inside, others are outside.
 * @throws NoStanza when `stanza` is given and is none
 */
export function dryRun(
  { from: sender, to, stanza, at, burst }: ExplainQuery,
  { partners, mode, whom, relations, conduct, conductWords, limits, ours, now }: Standing,
): Explanation {
  // Who sends by a decorated name is meant by it as by their own.
  const from = personAt(sender, partners)?.address ?? sender
  const frame = frameOf(stanza ?? EMPTY_CHAT).with({ from, to })
  const fromDomain = parseAddress(from)?.domain ?? from
  const direction: Direction = ours.includes(fromDomain) ? 'outbound' : 'inbound'
  const via = personAt(sender, partners)?.via ?? partners.behind(fromDomain)
  const provenDomain = via ?? fromDomain
  const knows = (user: string, contact: string, when: number): boolean =>
    relations?.find(user, contact, when) !== undefined
  const crossing = {
    direction,
    provenTowards: () => [provenDomain],
    partners,
    mode,
    ours,
    relations: { knows },
    authors,
    described,
    nodes,
    ...(via !== undefined && { via }),
  }
  const facts = gatherFacts(frame, { ...crossing, ...(whom && { whom }), ...(conduct && { conduct }) }, at ?? now)
  const { decision, trail: asked } = explain(facts)
  const related = relations?.find(
    ...(direction === 'inbound' ? ([to, from] as const) : ([from, to] as const)),
    facts.at,
  )
  const shown = direction === 'outbound' ? facts.shown : undefined
  const cut = shown && decision.verdict === 'pass' ? showingText(frame, shown) : undefined
  const outside = direction === 'inbound' ? facts.fromDomain : facts.toDomain
  const behaves = outside === undefined ? undefined : conductWords?.(outside, facts.partner)
  const notes: Readonly<Record<string, string | undefined>> = { [presenceShown.id]: cut, [goodConduct.id]: behaves }
  const noted = asked.map((step) => {
    const note = notes[step.rule]
    return note === undefined ? step : { ...step, note }
  })
  const trail = withRelation(whom === undefined ? noted : withPolicy(noted, whomTrail(whom, facts)), related)
  const nobody = direction === 'outbound' ? nobodyAt(to, partners.behind(facts.toDomain ?? ''), partners) : undefined
  if (decision.verdict === 'pass' && nobody) {
    const { verdict, rule, reason, condition } = nobodyThere(nobody)
    const { id, about } = behindProvider
    const others = trail.filter((step) => step.rule !== id)
    return { facts, verdict, rule, reason, condition, trail: [...others, { rule: id, about, finding: nobody }] }
  }
  if (decision.verdict === 'pass') {
    const sent = limits && limitStep(frame, facts, limits, burst)
    const whole = [...trail, ...(sent ? [sent.step] : []), ...doormanStep(frame, direction)]
    if (!sent?.refusal)
      return { facts, verdict: 'pass', rule: undefined, reason: undefined, condition: undefined, trail: whole }
    const { rule, reason, condition } = sent.refusal
    return { facts, verdict: 'refuse', rule, reason, condition, trail: whole }
  }
  const { verdict, rule, reason, condition } = decision
  return { facts, verdict, rule, reason, condition, trail }
}

/** Settings, and what is known beside them. */
interface Under extends Conducted {
  readonly settings: Settings
  readonly partners: PartnerList
}

/** The same under these settings. */
export function dryRunUnder(
  query: ExplainQuery,
  { settings, partners, conduct, conductWords }: Under,
  now: number,
  relations?: Related,
  live?: Limits,
): Explanation {
  const whom = new Whom(settings.policy.whom, settings.policy.groups)
  const ours = settings.domains.map(({ domain }) => domain)
  const { mode } = settings.federation
  const { smoothingMs } = settings.limits
  const areLive = live !== undefined && query.burst === undefined
  const limits = { ...(areLive ? live : limitsUnder(settings, partners)), smoothingMs, partners, areLive }
  return dryRun(query, {
    ...{ partners, mode, whom, relations, limits, ours, now },
    ...(conduct && { conduct }),
    ...(conductWords && { conductWords }),
  })
}

/** What policies say of whom, before the rules that ask for it. */
function withPolicy(trail: Explanation['trail'], asked: readonly WhomStep[]): Explanation['trail'] {
  return trail.flatMap((step) => {
    const is = step.rule === 'walls' ? 'wall' : step.rule === 'who-with-whom' ? 'rule' : undefined
    const before = asked.filter((one) => one.is === is)
    return [...before.map(({ rule, about, place, note }) => ({ rule, about, place, note, finding: undefined })), step]
  })
}

/** How the two know each other, where they do. */
function withRelation(trail: Explanation['trail'], related: Relation | undefined): Explanation['trail'] {
  if (related === undefined) return trail
  const last = new Date(related.day * DAY_MS).toISOString().slice(0, 10)
  const note = `known: ${related.user} ${marksOf(related.marks).join(', ')} ${related.contact}; used about ${last}`
  return trail.map((step) => (step.rule === 'acquainted' ? { ...step, note } : step))
}

/** The doorman of rooms is not asked: what he says depends on who is there. */
const doormanStep = ({ name, type, payloads }: Frame, direction: Direction): Explanation['trail'] =>
  direction === 'inbound' &&
  name === 'presence' &&
  type === undefined &&
  payloads.some(({ namespace }) => namespace === NS.muc)
    ? [{ rule: 'rooms', about: ABOUT_ROOMS, note: 'not asked: it depends on who is in the room', finding: undefined }]
    : []

const ABOUT_ROOMS =
  'Who enters a room makes none unless they may, and is among no more organisations there than they may be.'

function frameOf(text: string): Frame {
  const read = parseFragment(text)
  if (!read.ok) throw new NoStanza(read.detail)
  if (stanzaKind(read.frame.name) === undefined) throw new NoStanza(`<${read.frame.name}/> is no stanza`)
  return read.frame
}
