// Where stanzas go: in by one leg, past the checkpoint, out by the other. What is refused is answered, what cannot be
// delivered is sent back, always to the sender, over the way that leads to them, with a reference.
//
// Rule 1: an untouched stanza travels as the bytes it came as.
// Rule 2: a stanza ends in exactly one way: passed on, withheld, refused, or the end of the stream that brought it.

import type { Decision } from '../policy/checkpoint.ts'
import { gatherFacts, type Facts } from '../policy/facts.ts'
import { UNCOUNTED } from '../policy/judging.ts'
import { endsRequest } from '../policy/limits/sentry.ts'
import { tooMuch } from '../policy/limits/too-much.ts'
import { type Passage, Passages } from '../policy/passages.ts'
import type { Relations } from '../policy/relations/relations.ts'
import { decorated, personAt } from '../policy/served.ts'
import { perMoment } from '../net/moment.ts'
import type { Stream } from '../net/stream.ts'
import type { Frame } from '../xml/frame.ts'
import { type Content, rescope, type Target } from '../xml/rescope.ts'
import { parseFragment } from '../xml/fragment.ts'
import { withAddress, withPlainDomain } from '../xml/respell.ts'
import { type Asked, errorReply } from '../xml/stanza-error.ts'
import { attribute } from '../xml/write.ts'
import { parseAddress } from '../xmpp/address.ts'
import { NS } from '../xmpp/namespaces.ts'
import { peerText } from '../xmpp/reference.ts'
import type { Bounce } from './bounce.ts'
import { legOf, type Leg } from './leg.ts'
import { asInside, askedOn, asOutside, fromPerson } from './decorated.ts'
import type { Met } from './doorman.ts'
import type { Entrance } from './entrance.ts'
import type { House } from './house.ts'
import type { Journal } from './journal.ts'
import type { Ledgers } from './ledgers/ledgers.ts'
import type { Limiting } from './limiting.ts'
import type { Link } from './links/link.ts'
import type { Parcel } from './links/parcels.ts'
import type { Pings } from './pings.ts'
import type { Probes } from './probe/probes.ts'
import type { Question } from './ledgers/questions.ts'
import { nobodyThere, type Refused, undeliverable } from './refused.ts'
import { showing } from './showing.ts'
import { SharedSource, Source } from './links/source.ts'
import { crossingOf, feedsAll } from './speaking.ts'
import type { Ways } from './ways.ts'

/** What our streams are like, by what they carry; the language is that of our headers. RFC 6120 §4.7.4 */
const TARGETS: Readonly<Record<Content, Target>> = {
  [NS.server]: { lang: 'en', content: NS.server },
  [NS.component]: { lang: 'en', content: NS.component },
}

export interface RouterOptions {
  /** The house as it stands now. */
  house(): House
  readonly ways: Pick<Ways, 'onward' | 'back' | 'contentOf'>
  readonly pings: Pings
  readonly probes?: Pick<Probes, 'take'>
  readonly ledgers: Pick<
    Ledgers,
    'take' | 'isLate' | 'isGuest' | 'isBelieved' | 'inRoom' | 'crossed' | 'bounced' | 'occupants'
  >
  readonly limiting: Limiting
  readonly relations?: Relations | undefined
  readonly journal: Journal
  reference(): string
  now(): number
}

/** How a stanza came. */
interface Came {
  readonly stream: Stream
  readonly source: Source
  readonly entrance: Entrance
  /** As it came. */
  readonly original: Frame
  /** The domain at which its sender has a decorated name, where it is one. */
  readonly via?: string
  /** `free`: it goes whatever limits say; `behind`: what waits is too much for it to wait as well. */
  readonly place: 'free' | 'behind' | undefined
}

export class Router {
  readonly #options: RouterOptions

  constructor(options: RouterOptions) {
    this.#options = { ...options, now: perMoment(options.now) }
  }

  /** Takes the stanzas that a peer sends on a stream; ends one of ours on which it may not. */
  reader(stream: Stream): (frame: Frame) => void {
    const { role, bidi, leg } = stream.info
    if (role === 'initiating' && !bidi) {
      return ({ name }) => stream.close('SP-436', { detail: `<${name}/> on our outgoing stream` })
    }
    const source = feedsAll(this.#options.house(), stream) ? new SharedSource(stream) : new Source(stream)
    let house: House | undefined
    let passages: Passages | undefined
    /** Of those who have decorated names, by the domain that serves them. */
    const others = new Map<string, Passages>()
    let version = 0
    const take = (frame: Frame, place?: Came['place']): void => {
      const current = this.#options.house()
      if (passages === undefined || current !== house || current.conducts.version !== version) {
        version = current.conducts.version
        passages = new Passages(crossingOf((house = current), stream, this.#options))
        others.clear()
      }
      const came = { stream, source, entrance, place, original: frame }
      const person =
        leg === 'partner' && current.partners.decorates ? personAt(frame.from, current.partners) : undefined
      if (person === undefined) return this.#arrived(frame, came, passages)
      let own = others.get(person.via)
      if (own === undefined) {
        own = new Passages({ ...passages.crossing, via: person.via })
        others.set(person.via, own)
      }
      this.#arrived(fromPerson(frame, person), { ...came, via: person.via }, own)
    }
    const entrance = this.#options.limiting.entrance(source, (frame, free) => take(frame, free ? 'free' : undefined))
    return (frame) => {
      if (!entrance.waits) take(frame)
      else if (!entrance.queue(frame)) take(frame, 'behind')
    }
  }

  #arrived(frame: Frame, came: Came, passages: Passages): void {
    const { house, pings, probes, journal, ledgers, limiting, now } = this.#options
    const { stream, source, original } = came
    if (pings.take(frame) || probes?.take(frame, stream) === true || ledgers.take(frame)) return
    const at = now()
    const passage = passages.find(frame, at) ?? this.#judge(frame, came, passages, at)
    if (passage === undefined || !this.#mayGo(frame, passage, came, at)) return
    const met = limiting.doorman.meets(frame, passage, at)
    if (met !== undefined && this.#turnsAway(met, frame, passage, came, at)) return
    const isOutbound = passage.direction === 'outbound'
    // As whoever is outside has it.
    const outside = isOutbound ? asOutside(frame, passage.via, house().partners) : original
    if ('reason' in outside) return this.#refuse(passage.facts(frame, at), came, nobodyThere(outside))
    this.#learn(frame, passage)
    if (isOutbound) this.#options.relations?.learn(frame, at)
    if (ledgers.isLate(outside)) return this.#late(passage.facts(frame, at), stream)
    const shown = passage.shown === undefined ? outside : showing(outside, passage.shown, ledgers)
    if (shown === undefined) return journal.withheld(passage)
    const said = shown === outside ? frame : shown.with({ ...(frame.to !== undefined && { to: frame.to }) })
    journal.passed(said, passage, stream, at)
    this.#pass(isOutbound ? shown : frame, shown, passage, source, at)
  }

  /** Is it within limits? What is too fast waits, where the stream may be held; what is too much is refused. */
  #mayGo(frame: Frame, passage: Passage, came: Came, at: number): boolean {
    const { entrance, place, original } = came
    const exceeded = (place === 'behind' ? entrance.waitsFor : undefined) ?? passage.sentry?.take(frame, at)
    if (exceeded === undefined) return true
    if (!('reason' in exceeded)) {
      if (place === 'free') return true
      if (place !== 'behind' && entrance.hold(original, exceeded)) return false
    }
    const refusal = tooMuch(exceeded)
    this.#options.limiting.held.refuses(exceeded.group, refusal.reason)
    this.#refuse(passage.facts(frame, at), came, refusal)
    return false
  }

  /** Carries out what the doorman says; true where the stanza ends here. */
  #turnsAway({ ends, told, out = [] }: Met, frame: Frame, passage: Passage, came: Came, at: number): boolean {
    for (const { address, nick } of out) if (nick !== undefined) this.#takeOut(address, nick, at)
    if (ends === undefined) return false
    if (ends === 'withheld') this.#options.journal.withheld(passage)
    else {
      const instead = told && { asked: told, local: passage.fromDomain, remote: passage.toDomain }
      this.#refuse(passage.facts(frame, at), came, ends, instead)
    }
    return true
  }

  /** Somebody from outside leaves a room of ours, in their name; the room answers them. XEP-0045 §7.14 */
  #takeOut(address: string, nick: string, at: number): void {
    const text = `<presence type='unavailable'${attribute('from', address)}${attribute('to', nick)}/>`
    const [read, local, remote] = [parseFragment(text), parseAddress(address)?.domain, parseAddress(nick)?.domain]
    if (!read.ok || local === undefined || remote === undefined) return
    const { ways, ledgers, house } = this.#options
    const outside = decorated(address, house().partners)
    const seen = outside === undefined ? read.frame : withAddress(read.frame, 'from', outside)
    ledgers.crossed(seen, at, 'core', { local: house().partners.behind(local) ?? local, remote })
    const way = ways.onward('core', local, remote)
    if (!('reason' in way))
      way.send({ bytes: rescope(read.frame, TARGETS[ways.contentOf('core')]), frame: undefined, source: undefined }, at)
  }

  /** Asks all rules; undefined where the stanza does not cross. */
  #judge(frame: Frame, came: Came, passages: Passages, at: number): Passage | undefined {
    const facts = gatherFacts(frame, passages.crossing, at)
    const { judging = UNCOUNTED, whom } = passages.crossing
    const decision = judging.decide(facts)
    whom?.note(facts, decision)
    if (decision.verdict === 'pass') {
      if (decision.reported.length > 0) this.#options.journal.reported(facts, came.stream, decision.reported)
      return passages.open(facts)
    }
    // Its sender is proven, and what it says of who is behind a nick holds for what comes from there later.
    if (decision.rule === 'authors-admitted') this.#learn(frame, facts)
    this.#options.limiting.doorman.unheard(frame, facts)
    if (decision.verdict === 'refuse') this.#refuse(facts, came, decision)
    else this.#close(facts, came.stream, decision)
    return undefined
  }

  #learn(
    frame: Frame,
    { direction, fromDomain = '', partner }: Pick<Facts, 'direction' | 'fromDomain' | 'partner'>,
  ): void {
    if (frame.name !== 'presence') return
    const { ledgers, house, limiting } = this.#options
    endsRequest(limiting.requests, frame, direction)
    if (direction === 'outbound') ledgers.occupants.learn(frame, { owner: fromDomain, only: house().ours })
    else ledgers.occupants.learn(frame, { owner: partner?.domain ?? fromDomain })
  }

  /** `outside`: as whoever is outside has it, and as it is remembered. */
  #pass(came: Frame, outside: Frame, passage: Passage, source: Source, at: number): void {
    const { direction, fromDomain, toDomain, onward } = passage
    const leg = direction === 'inbound' ? 'core' : 'partner'
    const { ways, ledgers, reference } = this.#options
    const content = ways.contentOf(leg)
    // COMPAT: Prosody 0.12 and ejabberd 23.01 end a component's connection, whosever stanzas it carries, where they do not
    // know its name again: in capitals (Prosody), or with the dot of the root.
    const sent = content === NS.component ? withPlainDomain(came, fromDomain) : came
    const frame = came === outside ? sent : outside
    const question = ledgers.crossed(frame, at, leg, onward)
    const bytes = rescope(sent, TARGETS[content])
    const parcel: Parcel = { bytes, frame, source, question }
    const [local, remote] = leg === 'core' ? [fromDomain, toDomain] : [onward.local, onward.remote]
    const way = ways.onward(leg, local, remote)
    if (!('reason' in way)) return way.send(parcel, at)
    this.bounce(leg, local, remote, parcel, { ...way, reference: reference() })
  }

  /** An answer to a question that we have answered: whoever asked gets no second one. */
  #late(facts: Facts, stream: Stream): void {
    const [reference, detail] = [this.#options.reference(), 'the question was answered by the gateway']
    this.#options.journal.refused(facts, stream, { reason: 'SP-523', detail, reference, condition: '' }, false)
  }

  #refuse(
    facts: Facts,
    came: Came,
    decision: Extract<Decision, { verdict: 'refuse' }>,
    instead?: { readonly asked: Asked; readonly local: string; readonly remote: string },
  ): void {
    const reference = this.#options.reference()
    const refused: Refused = { ...decision, detail: decision.detail ?? '', reference }
    const answered = instead
      ? this.#answer(instead.asked, 'partner', instead.local, instead.remote, undefined, refused)
      : decision.silent !== true && this.#answerOn(facts, came, refused)
    this.#options.journal.refused(facts, came.stream, refused, answered)
  }

  /** Answers a stanza that is refused on arrival; who cannot be named cannot be answered. RFC 6120 §8.3.1 */
  #answerOn(facts: Facts, { original: frame, source, stream, via }: Came, refused: Refused): boolean {
    const { pair, leg } = stream.info
    if (facts.malformed.includes('from')) return false
    // Whom we cannot be on this stream, the answer cannot be from: what is no address, one of the core's own, or one that a
    // component does not bear. Then our side of the stream answers.
    const { toDomain, direction, streamFor, ours } = facts
    const cores = direction === 'outbound' && toDomain !== undefined && ours.includes(toDomain)
    const others = streamFor !== undefined && toDomain !== streamFor
    const self = cores || others || toDomain === undefined || facts.malformed.includes('to')
    const asked = self ? frame.with({ to: pair.local }) : frame
    const local = self ? pair.local : toDomain
    const remote = via ?? facts.fromDomain ?? pair.remote
    return this.#answer(asked, legOf(leg), local, remote, source, refused, { isAsItCame: true })
  }

  #close(facts: Facts, stream: Stream, decision: Extract<Decision, { verdict: 'close' }>): void {
    const reference = this.#options.reference()
    const detail = decision.detail ?? ''
    this.#options.journal.closing(facts, stream, { ...decision, detail, reference })
    stream.close(decision.reason, { reference, detail })
  }

  /** Sends back what a link could not deliver; what was itself an answer ends here. `leg`, `local` and `remote` are the link's. */
  bounce(leg: Leg, local: string, remote: string, parcel: Parcel, why: Bounce): void {
    const { frame, source } = parcel
    const { journal, reference } = this.#options
    // Outside, a core that cannot be reached is one thing, whatever keeps us from reaching it.
    const ofLink = leg === 'core' && !why.reason.startsWith('SP-6')
    const refused = undeliverable({
      reason: ofLink ? 'SP-221' : why.reason,
      detail: ofLink ? `${why.reason}: ${why.detail}` : why.detail,
      ...{ reference: reference(), cause: why.reference },
    })
    if (parcel.undelivered) return parcel.undelivered()
    if (frame === undefined) return journal.lostAnswer(leg, { local, remote }, { ...refused, cause: parcel.reference })
    const back: Leg = leg === 'core' ? 'partner' : 'core'
    const inside = asInside(frame, this.#options.house().partners)
    this.#options.limiting.returned(inside, leg)
    const owed = this.#options.ledgers.bounced(parcel)
    const answered = owed && this.#answer(frame, back, remote, local, source, refused, { owed: why.letIn === true })
    journal.bounced(inside, leg, { local, remote }, refused, answered)
  }

  /** Answers a question that had crossed, in the place of whom it asks. */
  unanswered(question: Question, { reason, detail, reference }: Bounce): void {
    const { leg, pair } = question
    const refused = undeliverable({ reason, detail, reference })
    const answered = this.#answer(
      question,
      leg === 'core' ? 'partner' : 'core',
      pair.remote,
      pair.local,
      undefined,
      refused,
    )
    this.#options.journal.unanswered(question, refused, answered)
  }

  /**
   * Answers a stanza with an error, by the leg it came from: there we are `local`, and its sender is at `remote`.
   * @returns false where it may not be answered, or there is no way to
   */
  #answer(
    frame: Asked,
    leg: Leg,
    local: string,
    remote: string,
    source: Source | undefined,
    { condition, type, reference }: Refused,
    { owed = false, isAsItCame = false } = {},
  ): boolean {
    // People behind a provider have other addresses inside than there.
    const { partners } = this.#options.house()
    const { asked, person } = isAsItCame ? { asked: frame, person: undefined } : askedOn(leg, frame, partners)
    const bytes = errorReply(asked, { condition, type, text: peerText(reference) })
    const link = bytes && this.#way(leg, person?.domain ?? local, remote)
    if (!bytes || !link) return false
    link.send({ bytes, frame: undefined, source, reference, ...(owed && { owed }) })
    return true
  }

  /** The link for an answer; none to an outside domain that is not, or no longer, admitted. */
  #way(leg: Leg, local: string, remote: string): Link | undefined {
    const { house, ways } = this.#options
    const outside = (leg === 'partner' ? house().partners.behind(remote) : undefined) ?? remote
    return leg === 'partner' && house().admission(outside) !== undefined ? undefined : ways.back(leg, local, outside)
  }
}
