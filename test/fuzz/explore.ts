// Makes streams, new ones and out of those that led somewhere, and has each of them judged. What comes out depends on the seed
// and on the streams it begins with.

import { generate } from './grammar.ts'
import { Difference, judge } from './judge.ts'
import { LIMITS, LIMITS_NAMES } from './limits.ts'
import { minimise } from './minimise.ts'
import { mutate } from './mutate.ts'
import { pick, type Random, seeded } from './random.ts'
import { BYTES_OF_EVERY_KIND, faultNamed, reach, Tally } from './reach.ts'
import type { Case } from './reading.ts'

/** How many streams are remembered for going on from them; a newcomer takes the place of any. */
const POOL = 4_000
/** Streams larger than this are judged, but not gone on from. */
const LARGE = 6_000

export interface Outcome {
  readonly stream: Case
  /** Steps that nothing reached before. */
  readonly news: readonly string[]
  readonly difference: Difference | undefined
}

export class Explorer {
  /** Productions, mutations, ways, states, cells and faults. */
  readonly tally = new Tally()
  rounds = 0
  readonly steps = new Set<string>()
  readonly #also = new Set<number>()
  /** Those that led to something new but are wrong. */
  readonly #wrong: Case[] = []
  /** Those in which nothing is wrong: more can still go wrong with them. */
  readonly #sound: Case[] = []
  readonly #random: Random

  constructor(seed: number) {
    this.#random = seeded(seed)
  }

  /** Judges one more stream. */
  next(): Outcome {
    return this.try(this.#make())
  }

  /** Judges this stream. */
  try(stream: Case): Outcome {
    this.rounds++
    let difference: Difference | undefined
    let isSound = false
    try {
      const { way, fault } = judge(stream, this.#random)
      this.tally.add(`way:${way}`)
      if (fault === undefined) isSound = true
      else this.tally.add(faultNamed(fault))
    } catch (error) {
      if (!(error instanceof Difference)) throw error
      difference = error
    }
    return { stream, difference, news: this.#learn(stream, isSound) }
  }

  /** The least stream that still differs in the same way. */
  leastDifferent(stream: Case, { message }: Difference): Case {
    const kind = firstLine(message)
    const differs = (bytes: Buffer): boolean => {
      try {
        judge({ ...stream, bytes }, this.#random)
        return false
      } catch (error) {
        return error instanceof Difference && firstLine(error.message) === kind
      }
    }
    return { ...stream, bytes: minimise(stream.bytes, differs) }
  }

  /** The least stream that still takes this step. */
  leastReaching(stream: Case, step: string): Case {
    const limits = LIMITS[stream.limits]
    return { ...stream, bytes: minimise(stream.bytes, (bytes) => reach(bytes, limits).steps.has(step)) }
  }

  stepsOf({ bytes, limits }: Case): ReadonlySet<string> {
    return reach(bytes, LIMITS[limits]).steps
  }

  #learn(stream: Case, isSound: boolean): readonly string[] {
    const { reached, steps, also } = reach(stream.bytes, LIMITS[stream.limits])
    for (const what of reached) if (!what.startsWith('fault:')) this.tally.add(what)
    const news = [...steps].filter((step) => !this.steps.has(step))
    for (const step of news) this.steps.add(step)
    const before = this.#also.size
    for (const point of also) this.#also.add(point)
    if (this.#also.size > before && stream.bytes.length <= LARGE) {
      const pool = isSound ? this.#sound : this.#wrong
      if (pool.length < POOL) pool.push(stream)
      else pool[this.#random(POOL)] = stream
    }
    return news
  }

  #make(): Case {
    const random = this.#random
    const limits = random(3) === 0 ? pick(random, LIMITS_NAMES) : 'after'
    const restart = random(10) === 0 ? { after: 1 + random(3), trailing: random(2) === 0 } : undefined
    if (this.#sound.length === 0 || random(3) === 0) {
      let bytes = generate(random, this.tally)
      for (let left = Math.max(0, random(4) - 1); left > 0; left--)
        bytes = mutate(bytes, random, this.#other(bytes), this.tally)
      return { bytes, limits, restart }
    }
    const from = pick(random, this.#wrong.length > 0 && random(5) === 0 ? this.#wrong : this.#sound)
    if (random(12) === 0) return { ...from, bytes: this.#turned(from.bytes) }
    let { bytes } = from
    for (let left = 1 + random(random(3) === 0 ? 4 : 1); left > 0; left--)
      bytes = mutate(bytes, random, this.#other(bytes), this.tally)
    return { bytes, limits: random(2) === 0 ? from.limits : limits, restart }
  }

  #other(bytes: Buffer): Buffer {
    return this.#sound.length === 0 ? bytes : pick(this.#random, this.#sound).bytes
  }

  /** The beginning of a stream, then a byte of any kind, then another's end. */
  #turned(bytes: Buffer): Buffer {
    const random = this.#random
    const other = this.#other(bytes)
    const byte = Buffer.from([pick(random, BYTES_OF_EVERY_KIND)])
    return Buffer.concat([bytes.subarray(0, random(bytes.length + 1)), byte, other.subarray(random(other.length + 1))])
  }
}

export const firstLine = (text: string): string => text.split('\n', 1)[0]!
