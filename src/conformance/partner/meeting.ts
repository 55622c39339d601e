// One partner, as far as a run has come with it: plays one scenario after the other, and keeps what came of each.

import type { Element } from '@xmpp/xml'
import type { ProfileName } from '../../trust/profiles/profile.ts'
import { differs, inWords } from '../pattern.ts'
import { Transcript } from '../stage/transcript.ts'
import { Unready } from '../unready.ts'
import type { AccountOptions } from './account.ts'
import { blamed, isTurnedAway, type Trouble, undelivered } from './blame.ts'
import { type Facts, factsOf } from './facts.ts'
import type { OwnInstance } from './own-instance.ts'
import { performed } from './performing.ts'
import { named, roomsOf } from './rooms-of.ts'
import type { PairOutcome, Scenario, Side, Step } from './scenario.ts'
import type { Asking, SeenStream, Tested } from './seen.ts'
import { sighted } from './sights.ts'
import { likeOneOf, Talk } from './talk.ts'
import { blocked, counted, flooded, type Hand, renewed, tried } from './trials.ts'
import type { WrongDomains } from './wrong.ts'

/** For one answer; a partner may have to open its stream to us first. */
const PATIENCE_MS = 15_000
/** For an answer that is not judged. */
const TIDYING_MS = 3000

export interface PairRun {
  readonly scenario: string
  readonly outcome: PairOutcome
  readonly ms: number
  /** What of it was not played with this partner, and why. */
  readonly short?: string
}

/** What came of it with one partner. */
export interface Pair {
  readonly peer: string
  readonly facts: Facts
  readonly runs: readonly PairRun[]
  /** By which mechanism an account of ours has logged in there; absent: there is none. */
  readonly account?: string
  /** Where it makes rooms. */
  readonly rooms?: string
}

/** What else there is to show of a partner. */
export interface PairEvidence {
  readonly tested: Tested
  readonly transcript: Transcript
  /** What the gateway has logged of it, a line of JSON each. */
  readonly log: readonly string[]
}

export interface Paired extends Pair, PairEvidence {}

export interface MeetingOptions {
  readonly own: OwnInstance
  readonly asking: Asking
  readonly profile: ProfileName
  readonly peer: string
  readonly prefix: string
  readonly now: () => number
  readonly patienceMs?: number
  /** Ours at the partner, and how the names of rooms begin that it makes: `name@service`. */
  readonly account?: AccountOptions | undefined
  readonly room?: string | undefined
  /** Domains of the partner that are wrong on purpose. */
  readonly wrong?: WrongDomains | undefined
  readonly signal?: AbortSignal | undefined
}

const NO_ACCOUNT = 'Needs an account at the partner: --peer-account.'

const NO_WRONG =
  'Needs a domain of the partner that is wrong so: `wrong:` in the file of our account there. Played with scripted peers (areas TLS and PKI).'

export class Meeting implements Disposable {
  readonly peer: string
  readonly #o: MeetingOptions
  readonly #transcript: Transcript
  readonly #talk: Talk
  readonly #tested: Tested
  readonly #runs: PairRun[] = []
  #facts: Facts
  /** Why there are no rooms. */
  #roomless: string | undefined = NO_ACCOUNT
  /** What streams had carried, and our users had heard, when something was said last; by whom, and whether to us. */
  #before: Pick<Trouble, 'by' | 'toUs'> & {
    readonly streams: readonly SeenStream[]
    readonly heard: number
    readonly mark: number
  } = { by: 'ours', toUs: false, streams: [], heard: 0, mark: 0 }

  private constructor(o: MeetingOptions, tested: Tested, facts: Facts) {
    this.peer = o.peer
    this.#o = o
    this.#transcript = new Transcript(o.now)
    this.#talk = new Talk({ ...o, transcript: this.#transcript })
    this.#tested = tested
    this.#facts = facts
  }

  /** @throws Unready when the partner is not admitted, or our account there cannot log in */
  static async with(o: MeetingOptions): Promise<Meeting> {
    const { asking, peer, account, room } = o
    const tested = await asking.test(peer)
    const { refused } = tested.ours
    if (refused !== undefined)
      throw new Unready(
        `${peer} is not admitted here (${refused})`,
        `Admit it: sallyport partner allow ${peer}`,
        'configuration',
      )
    const meeting = new Meeting(o, tested, factsOf({ tested, streams: [], floor: await asking.floorOf(peer) }))
    if (!account) return meeting
    try {
      await meeting.#talk.begin('I-00')
      const found = await roomsOf(meeting.#talk, asking, named(room, o.prefix))
      if ('service' in found) meeting.#talk.rooms = found
      meeting.#roomless = 'service' in found ? undefined : found.none
      return meeting
    } catch (error) {
      meeting[Symbol.dispose]()
      throw error
    }
  }

  async play(scenario: Scenario): Promise<PairRun> {
    const { now } = this.#o
    const began = now()
    const { steps, short } = this.#stepsOf(scenario)
    const outcome = await this.#outcome(steps, scenario, short)
    const run = { scenario: scenario.id, outcome, ms: now() - began, ...(steps.length > 0 && short && { short }) }
    this.#transcript.add(
      'note',
      `${scenario.id}: ${'detail' in outcome ? `${outcome.kind}: ${outcome.detail}` : outcome.kind}`,
    )
    this.#runs.push(run)
    return run
  }

  /** What of it can be played here, and why not all. */
  #stepsOf({ steps, withAccount, withRoom, withWrong }: Scenario): { steps: readonly Step[]; short?: string } {
    if (withWrong !== undefined && this.#o.wrong?.[withWrong] === undefined) return { steps: [], short: NO_WRONG }
    const people = this.#o.account ? (withAccount ?? []) : []
    const rooms = this.#roomless === undefined ? (withRoom ?? []) : []
    const short = withAccount && !this.#o.account ? NO_ACCOUNT : withRoom ? this.#roomless : undefined
    return { steps: [...steps, ...people, ...rooms], ...(short !== undefined && { short }) }
  }

  async #outcome(
    steps: readonly Step[],
    { id, without, after }: Scenario,
    short: string | undefined,
  ): Promise<PairOutcome> {
    if (steps.length === 0) return { kind: 'not-run', detail: short ?? without ?? '' }
    try {
      await this.#talk.begin(id)
    } catch (error) {
      return { kind: 'inconclusive', detail: error instanceof Error ? error.message : String(error) }
    }
    return await performed(
      steps,
      (step) => this.#perform(step),
      () => this.#tidyUp(after),
    )
  }

  /** Nothing is left at the partner, where that can be. */
  async #tidyUp(after: string | undefined): Promise<void> {
    if (after === undefined || !this.#o.account) return
    await this.#talk.comeBack()
    const id = this.#talk.say('theirs', after)
    await this.#talk.take({ theirs: hasId(id) }, TIDYING_MS)
  }

  async #perform(step: Step): Promise<PairOutcome> {
    if ('restarts' in step) return PASS
    if ('sees' in step) {
      await this.#look()
      return sighted(step.sees, this.#facts, this.#o.profile)
    }
    if ('blocked' in step) return blocked(this.#hand, step)
    if ('account' in step) {
      if (step.account === 'returns') await this.#talk.logIn()
      else await this.#talk.leave(step.account)
      return PASS
    }
    if ('tells' in step) {
      await this.#say(step.by, step.tells)
      return PASS
    }
    if ('counts' in step) return counted(this.#hand, step)
    if ('floods' in step) return flooded(this.#hand, step)
    if ('renewed' in step) return renewed(this.#hand, step)
    if ('wrong' in step) return tried(this.#hand, step)
    if ('stays' in step) return this.#stays(step)
    if ('comes' in step) return this.#comes(step)
    return this.#exchange(step)
  }

  /** What streams there are now. */
  async #look(): Promise<void> {
    const { asking, peer } = this.#o
    const streams = (await this.#streams()).filter(({ remote }) => remote === peer)
    this.#facts = factsOf({ tested: this.#tested, streams, floor: await asking.floorOf(peer) })
  }

  /** To the partner, and to services of its. */
  async #streams(): Promise<readonly SeenStream[]> {
    const { asking, peer } = this.#o
    return (await asking.streams()).filter(
      ({ leg, remote }) => leg === 'partner' && (remote === peer || remote.endsWith(`.${peer}`)),
    )
  }

  async #say(by: Side, words: string): Promise<void> {
    const streams = await this.#streams()
    const [heard, mark] = [this.#talk.heard, this.#o.own.log().length]
    this.#before = { by, toUs: TO_US.test(words), streams, heard, mark }
    this.#talk.say(by, words)
  }

  get #patienceMs(): number {
    return this.#o.patienceMs ?? PATIENCE_MS
  }

  async #exchange({ says, answers, by = 'ours' }: Extract<Step, { says: unknown }>): Promise<PairOutcome> {
    await this.#say(by, says)
    const { id } = this.#talk.words
    const answer = await this.#talk.take({ [by]: hasId(id) }, this.#patienceMs)
    const wanted = answers.map((pattern) => this.#talk.filled(pattern))
    if (answer && likeOneOf(wanted)(answer)) return PASS
    return this.#blame(by, wanted.map(inWords).join(' or '), answer)
  }

  async #comes({ comes, to, or = [] }: Extract<Step, { comes: unknown }>): Promise<PairOutcome> {
    const fill = (patterns: typeof comes): typeof comes => patterns.map((pattern) => this.#talk.filled(pattern))
    const wanted = fill(comes)
    const other = to === 'ours' ? 'theirs' : 'ours'
    const came = await this.#talk.take({ [to]: likeOneOf(wanted), [other]: likeOneOf(fill(or)) }, this.#patienceMs)
    if (came) return PASS
    const like = this.#talk.nearest(to)
    const nearly = like && wanted[0] ? ` (nearest: ${differs(like, wanted[0]) ?? ''})` : ''
    return this.#blame(to, `${wanted.map(inWords).join(' or ')}${nearly}`, this.#talk.returned(other))
  }

  async #stays({ stays, to, forMs }: Extract<Step, { stays: unknown }>): Promise<PairOutcome> {
    const isLike = likeOneOf([this.#talk.filled(stays)])
    const stray = await this.#talk.take({ [to]: (one: Element) => this.#talk.isNew(one) && isLike(one) }, forMs)
    return stray ? { kind: 'violation', detail: `this came to ${NAMES[to]}: ${stray.toString()}` } : PASS
  }

  /** Whose fault it is that this did not come there. */
  async #blame(to: Side, wanted: string, instead: Element | undefined): Promise<PairOutcome> {
    const { by, toUs, streams: before, heard, mark } = this.#before
    const after = await this.#streams()
    const cameIn = grown('stanzasIn', before, after)
    const trouble: Trouble = {
      ...{ wanted, instead: instead?.toString(), fault: this.#facts.fault, by, toUs, cameIn },
      carried: grown('stanzasOut', before, after),
      arrived: cameIn && this.#talk.heard === heard,
      turnedAway: this.#logged(mark).find((line) => isTurnedAway(line, by)),
    }
    return to === 'ours' ? blamed(trouble) : undelivered(trouble)
  }

  get #hand(): Hand {
    const { own, asking, profile, wrong = {} } = this.#o
    return {
      ...{ peer: this.peer, profile, own, asking, wrong, talk: this.#talk, patienceMs: this.#patienceMs },
      say: (by, words) => this.#say(by, words),
      streams: () => this.#streams(),
      perform: (step) => this.#perform(step),
      blame: (to, wanted, instead) => this.#blame(to, wanted, instead),
    }
  }

  #logged(since = 0): readonly string[] {
    return this.#o.own
      .log()
      .slice(since)
      .filter((line) => line.includes(this.peer))
  }

  paired(): Paired {
    const { mechanism, rooms } = this.#talk
    return {
      ...{ peer: this.peer, facts: this.#facts, runs: this.#runs },
      ...(mechanism !== undefined && { account: mechanism }),
      ...(rooms && { rooms: rooms.service }),
      ...{ tested: this.#tested, transcript: this.#transcript, log: this.#logged() },
    }
  }

  [Symbol.dispose](): void {
    this.#talk[Symbol.dispose]()
  }
}

const hasId =
  (id: string | undefined) =>
  ({ attrs }: Element): boolean =>
    attrs['id'] === id

/** In the words of a scenario: to somebody behind our gateway, or to it. */
const TO_US = / to='[^']*\{(?:us|user|guest|ours|ourBare|ourRoom)\}/
const PASS: PairOutcome = { kind: 'pass' }
const NAMES: Readonly<Record<Side, string>> = { ours: 'our side', theirs: "the partner's" }

/** Have more stanzas crossed the streams that are up now? One that is new has had none before. */
function grown(
  count: 'stanzasIn' | 'stanzasOut',
  before: readonly SeenStream[],
  after: readonly SeenStream[],
): boolean {
  const had = new Map(before.map((stream) => [stream.id, stream[count]]))
  return after.some((stream) => stream[count] > (had.get(stream.id) ?? 0))
}
