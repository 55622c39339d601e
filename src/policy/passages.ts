// The short way past the checkpoint. Most rules judge by who speaks to whom; what they have nothing against once on a stream,
// they have nothing against until the settings, the proofs of the stream or the date change. Then only the rules about the
// stanza itself are asked again: the same rules, not others.
//
// Rule 1: only what has passed all rules opens a passage, and only to what has both addresses in order.
// Rule 2: a passage ends when the partner's entry does. Everything else it relies on is the crossing, and whoever makes
//         another crossing makes other passages.
// Rule 3: what a rule only reports is seen whole: such a stanza goes the long way.
// Rule 4: of the stanza they see only what it looks like from outside; what looked the same was judged the same.
// Rule 5: where strangers may not begin, each stanza is asked about: who is known today may be none tomorrow.
// Rule 6: bounded. Who has too many loses them all, and is asked again.

import type { Frame } from '../xml/frame.ts'
import { isPlainlyAt, parseAddress, withoutResource } from '../xmpp/address.ts'
import { Memo } from '../xmpp/memo.ts'
import { authorsIn, isNick, mayHaveAuthors } from './authors.ts'
import { reported } from './checkpoint.ts'
import {
  type Crossing,
  describedIn,
  type Facts,
  gatherFacts,
  inRoomOf,
  isAskedInRoom,
  isDescribed,
  needsAcquaintance,
  nodesIn,
  stanzaKind,
  type StanzaFacts,
  type StanzaKind,
} from './facts.ts'
import { type Judging, UNCOUNTED } from './judging.ts'
import { standingOf } from './conduct/standing.ts'
import { Sentry } from './limits/sentry.ts'
import type { Direction } from './partner.ts'
import type { PartnerTerms } from './partners.ts'
import type { Shown } from './shown.ts'
import type { Standing } from './whom/clause.ts'
import { isAlike, lookOf, type Looks } from './whom/looks.ts'
import type { Found, Towards } from './whom/whom.ts'

/** Pairs of domains on one stream; the core's may be as many as its users write to. */
const MOST = 10_000

/** The way that is open between two domains on one stream. */
export class Passage {
  readonly #crossing: Crossing
  readonly #judging: Judging
  readonly direction: Direction
  readonly fromDomain: string
  readonly toDomain: string
  readonly partner: PartnerTerms | undefined
  /** The provider that serves the domain outside under decorated names, where one does. XEP-0106 */
  readonly via: string | undefined
  /** The two domains as whoever is outside has them, and as the way out does: it is ours on behalf of the sender's. */
  readonly onward: { readonly local: string; readonly remote: string }
  /** The name under which it is kept how the domain outside behaves, and what it sends. */
  readonly standing: string
  /** Holds what passes against limits, where there are any. */
  readonly sentry: Sentry | undefined
  /** What policies say of the partner. */
  readonly #towards: Towards | undefined
  /** May only those pass here who are known to whom they write? */
  readonly #isForAcquaintances: boolean
  /** Where policies say nothing. */
  readonly #looks: Looks = {}
  /** What the outside party is shown of ours; undefined: all of it. */
  readonly #seen: Shown | undefined
  /** The same, where this way leads there. */
  readonly shown: Shown | undefined

  constructor(crossing: Crossing, fromDomain: string, toDomain: string, partner: PartnerTerms | undefined) {
    this.#crossing = crossing
    this.#judging = crossing.judging ?? UNCOUNTED
    this.direction = crossing.direction
    this.fromDomain = fromDomain
    this.toDomain = toDomain
    this.partner = partner
    const inbound = crossing.direction === 'inbound'
    this.via = inbound ? crossing.via : crossing.partners.behind(toDomain)
    this.onward = inbound
      ? { local: this.via ?? fromDomain, remote: toDomain }
      : { local: fromDomain, remote: this.via ?? toDomain }
    this.#towards = crossing.whom?.towards(partner)
    this.#seen = crossing.partners.shownUnder(partner)
    this.shown = crossing.direction === 'outbound' ? this.#seen : undefined
    const conduct = crossing.conduct?.(crossing.direction === 'inbound' ? fromDomain : toDomain, partner)
    this.#isForAcquaintances = needsAcquaintance(crossing.direction, { partner, mode: crossing.mode, conduct })
    const { limits, direction } = crossing
    const outside = direction === 'inbound' ? fromDomain : toDomain
    this.standing = standingOf(outside, partner, crossing.partners)
    this.sentry = limits && Sentry.at(limits, outside, direction, this.standing)
  }

  /** Has the entry of the partner ended at this time (ms)? */
  isOver(at: number): boolean {
    return this.partner?.endsAt !== undefined && at >= this.partner.endsAt
  }

  /**
   * Is it open at this time (ms), and have the rules about stanzas nothing against this one?
   * @param user the address of ours in it without its resource, where it is known already
   */
  admits(frame: Frame, at: number, user: string | undefined): boolean {
    if (this.isOver(at) || (this.#isForAcquaintances && !this.#areAcquainted(frame, at))) return false
    const inbound = this.direction === 'inbound'
    const found =
      user === undefined ? this.#towards?.of((inbound ? frame.to : frame.from) ?? '') : this.#towards?.ofBare(user)
    const looks = found?.looks ?? this.#looks
    const look = inbound ? looks.inbound : looks.outbound
    if (look === undefined || !isAlike(frame, look) || isNick(frame, this.#crossing)) {
      if (!this.#isAdmitted(frame, found, at)) return false
      // Of a question its id is judged too, hours go by, rooms are left, and what is inside is another thing each time.
      const isOnce =
        frame.name === 'iq' ||
        found?.hasHours === true ||
        isDescribed(frame) ||
        isAskedInRoom(frame, this.direction, this.#seen)
      if (!isOnce && !mayHaveAuthors(frame, this.#crossing)) looks[this.direction] = lookOf(frame)
    }
    found?.passed(at)
    return true
  }

  #areAcquainted({ from = '', to = '' }: Frame, at: number): boolean {
    return this.#crossing.relations?.knows(to, from, at) ?? false
  }

  #isAdmitted(frame: Frame, found: Found | undefined, at: number): boolean {
    const facts = new PassingFacts(frame, this, this.#crossing, { whom: found?.at(at), shown: this.#seen }, at)
    // Whatever is to be reported has to be seen whole.
    return this.#judging.admits(facts) && reported(facts).length === 0
  }

  /** All facts of a stanza that goes this way; for whoever writes it down. */
  facts(frame: Frame, at: number): Facts {
    return gatherFacts(frame, this.#crossing, at)
  }
}

/** What the rules about stanzas may look at, read from the frame when they do. */
class PassingFacts implements StanzaFacts {
  readonly #frame: Frame
  readonly direction: Direction
  readonly partner: PartnerTerms | undefined
  readonly whom: Standing | undefined
  readonly shown: Shown | undefined
  readonly #crossing: Crossing
  readonly #at: number
  #authors: StanzaFacts['authors'] | 'unread' = 'unread'

  constructor(
    frame: Frame,
    { direction, partner }: Passage,
    crossing: Crossing,
    { whom, shown }: Pick<StanzaFacts, 'whom' | 'shown'>,
    at: number,
  ) {
    this.#frame = frame
    this.direction = direction
    this.partner = partner
    this.whom = whom
    this.shown = shown
    this.#crossing = crossing
    this.#at = at
  }

  get authors(): StanzaFacts['authors'] {
    if (this.#authors === 'unread') this.#authors = authorsIn(this.#frame, this.#crossing, this.partner, this.#at)
    return this.#authors
  }

  get from(): string | undefined {
    return this.#frame.from
  }

  get described(): readonly string[] | undefined {
    return describedIn(this.#frame, this.#crossing)
  }

  get nodes(): readonly string[] | undefined {
    return nodesIn(this.#frame, this.#crossing, this.shown)
  }

  get inRoom(): boolean | undefined {
    return inRoomOf(this.#frame, this.#crossing, this.shown)
  }

  get to(): string | undefined {
    return this.#frame.to
  }

  get kind(): StanzaKind {
    return stanzaKind(this.#frame.name) ?? 'message'
  }

  get type(): string | undefined {
    return this.#frame.type
  }

  get id(): string | undefined {
    return this.#frame.id
  }

  get payloads(): Frame['payloads'] {
    return this.#frame.payloads
  }
}

/** The passages of one stream, under one crossing. */
export class Passages {
  readonly crossing: Crossing
  /** By the sender's domain, then the recipient's. */
  readonly #open = new Map<string, Map<string, Passage>>()
  #size = 0
  /** Mostly the next stanza goes the same way. */
  #last: Passage | undefined

  constructor(crossing: Crossing) {
    this.crossing = crossing
  }

  /** The passage for a stanza, if it is known already and admits it at this time (ms). */
  find(frame: Frame, at: number): Passage | undefined {
    const { from = '', to = '' } = frame
    const [knownSender, knownRecipient] = [known.get(from), known.get(to)]
    const sender = knownSender?.domain ?? domainOf(from, this.#last?.fromDomain)
    const recipient = knownRecipient?.domain ?? domainOf(to, this.#last?.toDomain)
    if (sender === undefined || recipient === undefined) return undefined
    if (sender !== this.#last?.fromDomain || recipient !== this.#last.toDomain) {
      this.#last = this.#open.get(sender)?.get(recipient)
    }
    const ours = this.crossing.direction === 'inbound' ? knownRecipient : knownSender
    return this.#last?.admits(frame, at, ours?.bare) ? this.#last : undefined
  }

  /** Opens the passage for a stanza that has passed, and for those that follow. */
  open({ fromDomain, toDomain, partner }: Facts): Passage {
    if (fromDomain === undefined || toDomain === undefined) throw new Error('a stanza without addresses has passed')
    const passage = new Passage(this.crossing, fromDomain, toDomain, partner)
    if (this.#size >= MOST) {
      this.#open.clear()
      this.#size = 0
    }
    const open = this.#open.get(fromDomain) ?? new Map<string, Passage>()
    if (!open.has(toDomain)) this.#size += 1
    this.#open.set(fromDomain, open.set(toDomain, passage))
    return passage
  }
}

/** Somebody, by the text of their address: at which canonical domain they are, and that text without its resource. */
class Somebody {
  readonly domain: string
  readonly #text: string
  #bare: string | undefined

  constructor(text: string, domain: string) {
    this.#text = text
    this.domain = domain
  }

  get bare(): string {
    return (this.#bare ??= withoutResource(this.#text))
  }
}

const known = new Memo<Somebody>()

/** Of a text that is an address and not known; `likely`: where it probably is. */
function domainOf(text: string, likely: string | undefined): string | undefined {
  const domain = likely !== undefined && isPlainlyAt(text, likely) ? likely : parseAddress(text)?.domain
  if (domain !== undefined) known.keep(text, new Somebody(text, domain))
  return domain
}
