// A dry run of the checkpoint, for `explain`: what would become of a stanza, by the rules that the real ones pass.
// Nothing is sent, counted or recorded. Pure.

import type { Settings } from '../config/settings.ts'
import { gatherFacts, stanzaKind } from '../policy/facts.ts'
import { explain } from '../policy/checkpoint.ts'
import type { FederationMode } from '../policy/partner.ts'
import type { PartnerList } from '../policy/partners.ts'
import { presenceShown } from '../policy/rules/presence-shown.ts'
import { whomTrail, type WhomStep } from '../policy/whom/trail.ts'
import { Whom } from '../policy/whom/whom.ts'
import { parseFragment } from '../xml/fragment.ts'
import type { Frame } from '../xml/frame.ts'
import { parseAddress } from '../xmpp/address.ts'
import { authors, described, nodes } from './content.ts'
import type { ExplainQuery, Explanation } from './control.ts'
import { showingText } from './showing.ts'

/** What holds while the question is asked. */
export interface Standing {
  readonly partners: PartnerList
  readonly mode: FederationMode
  /** Who of ours may talk to which partners. */
  readonly whom?: Whom
  /** The domains we speak for. */
  readonly ours: readonly string[]
  /** Unix time in milliseconds. */
  readonly now: number
}

/** The stanza of a query cannot be judged: it is no stanza. */
export class NoStanza extends Error {
  constructor(detail: string) {
    super(detail)
    this.name = 'NoStanza'
  }
}

const EMPTY_CHAT = "<message type='chat'/>"

/**
 * Judges as if the sender's domain had proven its name. Whoever sends from a domain of ours is inside, others are outside.
 * @throws NoStanza when `stanza` is given and is none
 */
export function dryRun(
  { from, to, stanza, at }: ExplainQuery,
  { partners, mode, whom, ours, now }: Standing,
): Explanation {
  const frame = frameOf(stanza ?? EMPTY_CHAT).with({ from, to })
  const provenDomain = parseAddress(from)?.domain ?? from
  const direction = ours.includes(provenDomain) ? 'outbound' : 'inbound'
  const facts = gatherFacts(
    frame,
    {
      direction,
      provenTowards: () => [provenDomain],
      partners,
      mode,
      ours,
      authors,
      described,
      nodes,
      ...(whom && { whom }),
    },
    at ?? now,
  )
  const { decision, trail: asked } = explain(facts)
  const shown = direction === 'outbound' ? facts.partner?.shown : undefined
  const cut = shown && decision.verdict === 'pass' ? showingText(frame, shown) : undefined
  const noted = asked.map((step) => (step.rule === presenceShown.id && cut ? { ...step, note: cut } : step))
  const trail = whom === undefined ? noted : withPolicy(noted, whomTrail(whom, facts))
  if (decision.verdict === 'pass')
    return { facts, verdict: 'pass', rule: undefined, reason: undefined, condition: undefined, trail }
  const { verdict, rule, reason, condition } = decision
  return { facts, verdict, rule, reason, condition, trail }
}

/** The same under these settings. */
export function dryRunUnder(
  query: ExplainQuery,
  { settings, partners }: { readonly settings: Settings; readonly partners: PartnerList },
  now: number,
): Explanation {
  const whom = new Whom(settings.policy.whom, settings.policy.groups)
  const ours = settings.domains.map(({ domain }) => domain)
  return dryRun(query, { partners, mode: settings.federation.mode, whom, ours, now })
}

/** What policies say of whom, before the rules that ask for it. */
function withPolicy(trail: Explanation['trail'], asked: readonly WhomStep[]): Explanation['trail'] {
  return trail.flatMap((step) => {
    const is = step.rule === 'walls' ? 'wall' : step.rule === 'who-with-whom' ? 'rule' : undefined
    const before = asked.filter((one) => one.is === is)
    return [...before.map(({ rule, about, place, note }) => ({ rule, about, place, note, finding: undefined })), step]
  })
}

function frameOf(text: string): Frame {
  const read = parseFragment(text)
  if (!read.ok) throw new NoStanza(read.detail)
  if (stanzaKind(read.frame.name) === undefined) throw new NoStanza(`<${read.frame.name}/> is no stanza`)
  return read.frame
}
