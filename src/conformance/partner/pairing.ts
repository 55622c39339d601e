// Plays the scenarios with live partners, all of them with one instance of the gateway: scenario by scenario, with every
// partner at the same time. What was negotiated is asked before the first.

import type { Element } from '@xmpp/xml'
import type { ProfileName } from '../../trust/profiles/profile.ts'
import type { Pattern } from '../case.ts'
import { filled, filledPattern } from '../filling.ts'
import { differs, inWords } from '../pattern.ts'
import { Transcript } from '../stage/transcript.ts'
import { blamed, isOurs } from './blame.ts'
import { type Facts, factsOf } from './facts.ts'
import { OwnInstance, type OwnOptions, USER } from './own-instance.ts'
import type { PairOutcome, Scenario, Step } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'
import type { Asking, SeenStream, Tested } from './seen.ts'
import { sighted } from './sights.ts'

/** For one answer; a partner may have to open its stream to us first. */
const PATIENCE_MS = 15_000

export interface PairRun {
  readonly scenario: string
  readonly outcome: PairOutcome
  readonly ms: number
}

/** What came of it with one partner. */
export interface Pair {
  readonly peer: string
  readonly facts: Facts
  readonly runs: readonly PairRun[]
}

/** What else there is to show of a partner. */
export interface PairEvidence {
  readonly tested: Tested
  readonly transcript: Transcript
  /** What the gateway has logged of it, a line of JSON each. */
  readonly log: readonly string[]
}

export interface Paired extends Pair, PairEvidence {}

export interface PairingOptions extends OwnOptions {
  readonly profile: ProfileName
  readonly peers: readonly string[]
  /** Asks the gateway that runs in a directory. */
  readonly asking: (directory: string) => Asking
  readonly patienceMs?: number
  readonly tell: (peer: string, scenario: Scenario, run: PairRun) => void
}

export interface Pairing {
  readonly us: string
  readonly settings: string
  readonly pairs: readonly Paired[]
}

/** @throws when the gateway does not start, or does not admit a partner */
export async function pairUp(o: PairingOptions): Promise<Pairing> {
  await using own = await OwnInstance.start(o)
  const asking = o.asking(own.directory)
  const meetings = await Promise.all(
    o.peers.map((peer, index) => Meeting.with({ ...o, own, asking, peer, prefix: `${o.now().toString(36)}-${index}` })),
  )
  for (const scenario of SCENARIOS) {
    const restart = scenario.steps.find((step) => 'restarts' in step)
    if (restart) await own.restart(restart.restarts)
    await Promise.all(
      meetings.map(async (meeting) => o.tell(meeting.peer, scenario, await meeting.play(scenario, o.now))),
    )
  }
  return { us: own.us, settings: Object.values(own.settings)[0] ?? '', pairs: meetings.map((one) => one.paired()) }
}

interface MeetingOptions extends Omit<PairingOptions, 'asking'> {
  readonly own: OwnInstance
  readonly asking: Asking
  readonly peer: string
  readonly prefix: string
}

/** One partner, as far as a run has come with it. */
class Meeting {
  readonly peer: string
  readonly #o: MeetingOptions
  readonly #transcript: Transcript
  readonly #tested: Tested
  readonly #runs: PairRun[] = []
  #facts: Facts
  #said = 0

  private constructor(o: MeetingOptions, transcript: Transcript, tested: Tested, facts: Facts) {
    this.peer = o.peer
    this.#o = o
    this.#transcript = transcript
    this.#tested = tested
    this.#facts = facts
  }

  static async with(o: MeetingOptions): Promise<Meeting> {
    const { asking, peer } = o
    const tested = await asking.test(peer)
    const { refused } = tested.ours
    if (refused !== undefined)
      throw new Error(`${peer} is not admitted here (${refused}): sallyport partner allow ${peer}`)
    const facts = factsOf({ tested, streams: [], floor: await asking.floorOf(peer) })
    return new Meeting(o, new Transcript(o.now), tested, facts)
  }

  async play(scenario: Scenario, now: () => number): Promise<PairRun> {
    const began = now()
    const outcome = await this.#outcome(scenario)
    const run = { scenario: scenario.id, outcome, ms: now() - began }
    this.#transcript.add(
      'note',
      `${scenario.id}: ${'detail' in outcome ? `${outcome.kind}: ${outcome.detail}` : outcome.kind}`,
    )
    this.#runs.push(run)
    return run
  }

  async #outcome({ id, steps, without = '' }: Scenario): Promise<PairOutcome> {
    if (steps.length === 0) return { kind: 'not-run', detail: without }
    for (const step of steps) {
      const outcome = await this.#perform(id, step)
      if (outcome.kind !== 'pass') return outcome
    }
    return { kind: 'pass' }
  }

  async #perform(id: string, step: Step): Promise<PairOutcome> {
    if ('restarts' in step) return { kind: 'pass' }
    if ('sees' in step) {
      await this.#look()
      return sighted(step.sees, this.#facts, this.#o.profile)
    }
    if ('blocked' in step) return this.#blocked(id, step.blocked)
    return this.#exchange(id, step.says, step.answers)
  }

  /** What streams there are now. */
  async #look(): Promise<void> {
    const { asking, peer } = this.#o
    const streams = await this.#streams()
    this.#facts = factsOf({ tested: this.#tested, streams, floor: await asking.floorOf(peer) })
  }

  async #streams(): Promise<readonly SeenStream[]> {
    const all = await this.#o.asking.streams()
    return all.filter(({ leg, remote }) => leg === 'partner' && remote === this.peer)
  }

  /** Says something as our user. @returns what came with its id, if anything did in time */
  async #say(id: string, words: string) {
    const { own, prefix, patienceMs = PATIENCE_MS } = this.#o
    this.#said += 1
    const values = {
      ...{
        us: own.us,
        peer: this.peer,
        user: `${USER}@${own.us}/desk`,
        id: `${prefix}-${id.toLowerCase()}-${this.#said}`,
      },
    }
    const stanza = filled(words, values)
    const { promise, resolve } = Promise.withResolvers<Element | undefined>()
    using _ = own.core.listen((heard) => {
      if (heard.attrs['id'] === values.id) resolve(heard)
    })
    const timer = setTimeout(() => resolve(undefined), patienceMs)
    this.#transcript.add('core to gateway', stanza)
    own.core.say(stanza)
    const answer = await promise.finally(() => clearTimeout(timer))
    if (answer) this.#transcript.add('gateway to core', answer.toString())
    return { answer, values }
  }

  async #exchange(id: string, words: string, answers: readonly Pattern[]): Promise<PairOutcome> {
    const mark = this.#o.own.log().length
    const before = await this.#streams()
    const { answer, values } = await this.#say(id, words)
    const wanted = answers.map((pattern) => filledPattern(pattern, values))
    if (answer && wanted.some((pattern) => differs(answer, pattern) === undefined)) return { kind: 'pass' }
    const after = await this.#streams()
    return blamed({
      ...{ wanted: wanted.map(inWords).join(' or '), instead: answer?.toString(), fault: this.#facts.fault },
      ...{ carried: grown('stanzasOut', before, after), arrived: grown('stanzasIn', before, after) },
      turnedAway: this.#logged(mark).find(
        (line) => /"event":"stanza\.(?:refused|dropped|closed)"/.test(line) && line.includes('"inbound"'),
      ),
    })
  }

  async #blocked(id: string, words: string): Promise<PairOutcome> {
    const { asking } = this.#o
    await asking.block(this.peer)
    try {
      const { answer } = await this.#say(id, words)
      const said = answer?.toString()
      if (said === undefined || !isOurs(said) || !said.includes('<not-allowed'))
        return { kind: 'violation', detail: `blocked, and our user was told ${said ?? 'nothing'}` }
      const left = await this.#streams()
      return left.length === 0
        ? { kind: 'pass' }
        : { kind: 'violation', detail: `blocked, and ${left.length} of its streams are up` }
    } finally {
      await asking.allow(this.peer)
    }
  }

  #logged(since = 0): readonly string[] {
    return this.#o.own
      .log()
      .slice(since)
      .filter((line) => line.includes(this.peer))
  }

  paired(): Paired {
    return {
      ...{ peer: this.peer, facts: this.#facts, runs: this.#runs },
      ...{ tested: this.#tested, transcript: this.#transcript, log: this.#logged() },
    }
  }
}

/** Have more stanzas crossed the streams that are up now? One that is new has had none before. */
function grown(
  count: 'stanzasIn' | 'stanzasOut',
  before: readonly SeenStream[],
  after: readonly SeenStream[],
): boolean {
  const had = new Map(before.map((stream) => [stream.id, stream[count]]))
  return after.some((stream) => stream[count] > (had.get(stream.id) ?? 0))
}
