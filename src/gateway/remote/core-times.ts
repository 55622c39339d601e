// How long the core takes to show a challenge, and how long to say no to a name; and so when a challenge, real or not, is to be
// seen. Times in ms.
//
// Rule 1: a decoy cannot be there before the core's no. So everything takes as long as three things: what all wait for, which is
//         nine of ten noes of late and half of the challenges; a challenge; and a no. Where one of these is not its own,
//         chance draws it from those of late.
// Rule 2: while nobody has been said no to for a while, challenges wait for none: whoever logs in has no guessers to pay for.
//         The first no after that has nothing to hide behind.

/** So many of the last challenges, and of the last noes, tell how long they take. */
const REMEMBERED = 32
/** Of fewer challenges than that not much can be told. */
const ENOUGH = 8
/** Then they are shown after this time. */
const AT_FIRST_MS = 50
/** Of the noes, this part is not slower than what all wait for; of challenges, this one. */
const NOES = 0.9
const CHALLENGES = 0.5
/** For so many answers of the core a no counts as one of late. */
const LATE = 1000
/** However slow the core is. */
const LONGEST_MS = 1000

interface No {
  readonly tookMs: number
  /** Which answer of the core it was. */
  readonly number: number
}

/** Of one core, and one way to log in. */
export class CoreTimes {
  #challenges: readonly number[] = []
  #noes: readonly No[] = []
  #answers = 0

  /** The core has shown a challenge after this time. */
  challenged(tookMs: number): void {
    this.#answers += 1
    this.#challenges = [...this.#challenges.slice(1 - REMEMBERED), tookMs]
  }

  /** It has said no to a name. */
  refused(tookMs: number): void {
    this.#answers += 1
    this.#noes = [...this.#noes.slice(1 - REMEMBERED), { tookMs, number: this.#answers }]
  }

  /**
   * After which time a challenge is seen, real or not.
   * @param own what was: the core's challenge after this time, or its no
   * @param random at least 0, less than 1, each time that it is called
   */
  seenMs(own: { readonly challenge?: number; readonly no?: number }, random: () => number): number {
    const noes = this.#late()
    const least = this.#leastMs(noes)
    // However slow a no was, nobody who logs in pays more for it than this.
    const no = own.no ?? Math.min(LONGEST_MS, drawn(noes, random))
    return Math.max(least, own.challenge ?? drawn(this.#challenges, random), no)
  }

  #late(): readonly number[] {
    return this.#noes.filter(({ number }) => this.#answers - number < LATE).map(({ tookMs }) => tookMs)
  }

  #leastMs(noes: readonly number[]): number {
    const first = this.#challenges.length < ENOUGH ? Math.max(AT_FIRST_MS, below(this.#challenges, NOES)) : 0
    return Math.min(LONGEST_MS, Math.max(first, below(noes, NOES), below(this.#challenges, CHALLENGES)))
  }
}

const drawn = (times: readonly number[], random: () => number): number =>
  times[Math.floor(random() * times.length)] ?? 0

/** What so large a part of them does not exceed. */
function below(times: readonly number[], part: number): number {
  return times.toSorted((a, b) => a - b)[Math.ceil(times.length * part) - 1] ?? 0
}
