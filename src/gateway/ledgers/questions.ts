// Questions that have crossed and wait for their answer (iq: RFC 6120 §8.2.3), so that each gets exactly one: from whom it
// asks, or, when that takes too long or they are gone, from us.
//
// Rule 1: the first answer counts. One that comes when nobody waits for it any more, because we have answered, is late.
// Rule 2: whoever uses one id for several questions gets as many answers as there were questions.
// Rule 3: the table is bounded. What does not fit crosses all the same and is counted; then its answer is the other side's affair.
// Rule 4: no partner has more in it than it leaves to all others, so that nobody can fill it at the cost of others.

import { type Leg, outsideOf } from '../leg.ts'
import type { Pair } from '../../stream/types.ts'
import type { Frame } from '../../xml/frame.ts'
import { formatAddress, parseAddress } from '../../xmpp/address.ts'

/** A question on its way: all that an answer of ours needs, and nothing of what was asked. */
export interface Question {
  readonly name: 'iq'
  readonly type: string
  /** As they were written. */
  readonly id: string
  readonly from: string
  readonly to: string
  /** The leg it went out by, and the link's pair there. */
  readonly leg: Leg
  readonly pair: Pair
  /** When it crossed, in ms. */
  readonly at: number
  /** What it has in common with its answer. */
  readonly key: string
  /** The partner on whose account it is remembered. */
  readonly owner: string
}

interface Known {
  /** In the order in which they were asked. */
  readonly open: Question[]
  /** How many of them we have answered ourselves, and not heard of since. */
  told: number
  /** When the last of those was answered, in ms. */
  toldAt: number
  readonly owner: string
}

/** What a partner has in the table: open questions, and keys of what we have answered, the oldest first. */
interface Share {
  open: number
  readonly told: Set<string>
}

export interface QuestionFigures {
  readonly open: number
  /** Answered by us, and remembered for the answer that may still come. */
  readonly told: number
  /** How many did not fit since the start. */
  readonly untracked: number
}

/** How long we know that a question was answered by us. */
const TOLD_MS = 3_600_000

export class Questions {
  readonly #limit: () => number
  readonly #ownerOf: (domain: string) => string
  readonly #known = new Map<string, Known>()
  /** Every open question, the oldest first. */
  readonly #open = new Set<Question>()
  /** By partner; one with nothing is not there. */
  readonly #shares = new Map<string, Share>()
  #told = 0
  /** How many are open to each domain outside, or to the core. */
  readonly #waiting = new Map<string, number>()
  #untracked = 0

  /**
   * @param limit how many may be open, asked each time; as many again are remembered as answered
   * @param ownerOf the partner that a domain outside belongs to
   */
  constructor(limit: () => number, ownerOf: (domain: string) => string) {
    this.#limit = limit
    this.#ownerOf = ownerOf
  }

  get figures(): QuestionFigures {
    return { open: this.#open.size, told: this.#told, untracked: this.#untracked }
  }

  /** A question crosses; undefined when it is none, or does not fit. */
  asked(frame: Frame, at: number, leg: Leg, pair: Pair): Question | undefined {
    const { type, id, from, to } = frame
    if (!isQuestion(frame) || type === undefined || id === undefined || from === undefined || to === undefined)
      return undefined
    const owner = this.#ownerOf(outsideOf(leg, pair))
    const share = this.#shareOf(owner)
    if (share.open >= this.#limit() - this.#open.size) {
      this.#forgetIfEmpty(owner)
      this.#untracked += 1
      return undefined
    }
    const key = keyOf(from, to, id)
    const question: Question = { name: 'iq', type, id, from, to, leg, pair, at, key, owner }
    const known = this.#known.get(key)
    if (known) known.open.push(question)
    else this.#known.set(key, { open: [question], told: 0, toldAt: 0, owner })
    this.#open.add(question)
    share.open += 1
    this.#waiting.set(whomOf(question), (this.#waiting.get(whomOf(question)) ?? 0) + 1)
    return question
  }

  /** Is there an open question to that domain outside, or to the core? */
  waitFor(leg: Leg, domain: string): boolean {
    return this.#waiting.has(whomOf({ leg, pair: { local: '', remote: domain } }))
  }

  /**
   * An answer wants to cross. `late`: we have answered for them already, and it must not.
   * `fits`: somebody waits for it. `unknown`: we know of no such question.
   */
  answered({ from, to, id }: Frame): 'fits' | 'late' | 'unknown' {
    if (id === undefined || from === undefined || to === undefined) return 'unknown'
    const key = keyOf(to, from, id)
    const known = this.#known.get(key)
    if (!known) return 'unknown'
    const question = known.open.shift()
    if (question) {
      this.#close(question)
      this.#forgetIfDone(key, known)
      return 'fits'
    }
    known.told -= 1
    this.#forgetIfDone(key, known)
    return 'late'
  }

  /**
   * We are about to answer the question ourselves.
   * @returns false when it has been answered already, so that we must not
   */
  settle(question: Question, now: number): boolean {
    if (!this.#close(question)) return false
    const { key } = question
    const known = this.#known.get(key)
    if (!known) return false
    known.open.splice(known.open.indexOf(question), 1)
    known.told += 1
    known.toldAt = now
    this.#remember(key, known.owner)
    return true
  }

  /** The questions that crossed before this time (ms) and wait still, the oldest first. */
  *olderThan(time: number): Iterable<Question> {
    for (const question of this.#open) {
      if (question.at > time) return
      yield question
    }
  }

  /** Forgets what was answered by us long ago. */
  sweep(now: number): void {
    for (const { told } of this.#shares.values()) {
      for (const key of told) {
        if (now - (this.#known.get(key)?.toldAt ?? 0) < TOLD_MS) break
        this.#forgetTold(key)
      }
    }
  }

  /** A key that we have answered is the youngest of its partner; where that has no place left, its oldest goes. */
  #remember(key: string, owner: string): void {
    const { told } = this.#shareOf(owner)
    if (told.delete(key)) this.#told -= 1
    while (told.size >= this.#limit() - this.#told) {
      const share = told.size > 0 ? told : this.#mostTold()
      const [oldest] = share ?? []
      if (oldest === undefined) break
      this.#forgetTold(oldest)
    }
    this.#shareOf(owner).told.add(key)
    this.#told += 1
  }

  #mostTold(): ReadonlySet<string> | undefined {
    let most: ReadonlySet<string> | undefined
    for (const { told } of this.#shares.values()) if (told.size > (most?.size ?? 0)) most = told
    return most
  }

  #shareOf(owner: string): Share {
    const known = this.#shares.get(owner)
    if (known) return known
    const share = { open: 0, told: new Set<string>() }
    this.#shares.set(owner, share)
    return share
  }

  #forgetIfEmpty(owner: string): void {
    const share = this.#shares.get(owner)
    if (share?.open === 0 && share.told.size === 0) this.#shares.delete(owner)
  }

  /** False when it was closed before. */
  #close(question: Question): boolean {
    if (!this.#open.delete(question)) return false
    this.#shareOf(question.owner).open -= 1
    const whom = whomOf(question)
    const left = (this.#waiting.get(whom) ?? 1) - 1
    if (left > 0) this.#waiting.set(whom, left)
    else this.#waiting.delete(whom)
    return true
  }

  #forgetTold(key: string): void {
    const known = this.#known.get(key)
    if (!known) return
    known.told = 0
    this.#forgetIfDone(key, known)
  }

  #forgetIfDone(key: string, { open, told, owner }: Known): void {
    if (told > 0) return
    if (this.#shares.get(owner)?.told.delete(key)) this.#told -= 1
    this.#forgetIfEmpty(owner)
    if (open.length === 0) this.#known.delete(key)
  }
}

/** Is this an iq that must be answered? RFC 6120 §8.2.3 */
export const isQuestion = ({ name, type }: Pick<Frame, 'name' | 'type'>): boolean =>
  name === 'iq' && (type === 'get' || type === 'set')

/** Is this an answer to an iq? */
export const isAnswer = ({ name, type }: Pick<Frame, 'name' | 'type'>): boolean =>
  name === 'iq' && (type === 'result' || type === 'error')

const whomOf = ({ leg, pair }: Pick<Question, 'leg' | 'pair'>): string =>
  leg === 'core' ? leg : `${leg} ${pair.remote}`

// A line break can stand in an id, but not in an address.
const keyOf = (asker: string, asked: string, id: string): string => `${plain(asker)}\n${plain(asked)}\n${id}`

const plain = (address: string): string => {
  const read = parseAddress(address)
  return read ? formatAddress(read) : address
}
