// Challenges for those whom the core hears nothing of, or does not know: made after the ones that the core shows to real
// users, so that neither their form nor their time tells who there is.
//
// Rule 1: a name keeps its shape and its salt, as users do. What the core has been seen to show is of a few shapes (an older
//         password, an older number of iterations); which of them a name has follows from the name and a secret.
// Rule 2: where the core makes another salt each time, since it keeps passwords as they are, so do we.
// Rule 3: until the core has shown a challenge of a mechanism at a domain, they look as those of most servers do.
// Rule 4: whom the core has shown a challenge is shown the same one when the core does not hear of them, for as long as the
//         gateway runs: a name whose salt changes when it is locked is that of a user.
// Rule 5: real ones and decoys are shown after the same time (`core-times.ts`).

import type { ScramChallenge } from '../../stream/client/scram.ts'
import { CoreTimes } from './core-times.ts'
import { Freshness } from './freshness.ts'
import type { Claim, Decoy } from './gate.ts'
import type { KnownWay, Shape } from './kept-shapes.ts'
import { kindOfBytes, kindOfNonce, like } from './kinds.ts'

export interface DecoyParts {
  /** 32 bytes that follow from the text and from a secret. */
  digest(text: string): Buffer
  /** At least 0, less than 1. */
  random(): number
}

/** Domains and mechanisms: more than a gateway has. */
const MOST_WAYS = 64
const MOST_SHAPES = 16
/** Users whose own challenges are remembered, by each mechanism: some 5 MB. Nobody else is ever among them. */
export const MOST_OWN = 20_000
const USUAL: Shape = { salt: 'bytes 16', more: 'base64 18', iterations: 4096, rest: '' }

/** One mechanism at one domain. */
interface Way {
  readonly domain: string
  readonly mechanism: string
  /** Told apart by what they are, the one seen last at the end. */
  readonly shapes: Map<string, Shape>
  readonly freshness: Freshness
  readonly times: CoreTimes
}

/** What the core has shown to a user. */
interface Own {
  /** Base64. */
  readonly salt: string
  readonly shape: Shape
}

export class Decoys {
  readonly #parts: DecoyParts
  readonly #ways = new Map<string, Way>()
  /** By mechanism and user, the one seen last at the end. */
  readonly #own = new Map<string, Own>()
  #made = 0
  /** Has it learnt what is to be kept? */
  #hasLearnt = false

  /** `known`: what was kept. */
  constructor(parts: DecoyParts, known: readonly KnownWay[] = []) {
    this.#parts = parts
    for (const { domain, mechanism, isFresh, shapes } of known) {
      const way = this.#way(domain, mechanism, isFresh)
      for (const shape of shapes) if (way) keep(way.shapes, shape)
    }
  }

  /** The core has shown a challenge, so long after it was asked. Gives how long the client waits for it (ms). */
  learn(claim: Claim, shown: ScramChallenge, tookMs: number): number {
    const way = this.#way(claim.domain, claim.mechanism)
    if (!way) return 0
    const { isFresh } = way.freshness
    way.freshness.seen(claim.user ?? '', shown.salt)
    const { shape, isNew } = keep(way.shapes, shapeOf(shown))
    this.#remember(nameOf(claim), { salt: shown.salt, shape })
    if (isNew || way.freshness.isFresh !== isFresh) this.#hasLearnt = true
    way.times.challenged(tookMs)
    return way.times.seenMs({ challenge: tookMs }, this.#parts.random) - tookMs
  }

  /** All that is to be kept; undefined: nothing was learnt since this was asked last. */
  learnt(): readonly KnownWay[] | undefined {
    if (!this.#hasLearnt) return undefined
    this.#hasLearnt = false
    return [...this.#ways.values()].map(({ domain, mechanism, shapes, freshness }) => ({
      ...{ domain, mechanism, isFresh: freshness.isFresh },
      shapes: [...shapes.values()],
    }))
  }

  /** A challenge for a name of which the core has heard nothing, or said no after this time. */
  make(claim: Claim, tookMs?: number): Decoy {
    const way = this.#ways.get(wayOf(claim.domain, claim.mechanism))
    const times = way?.times ?? new CoreTimes()
    const seenMs = times.seenMs(tookMs === undefined ? {} : { no: tookMs }, this.#parts.random)
    if (tookMs !== undefined) times.refused(tookMs)
    const name = nameOf(claim)
    const own = this.#own.get(name)
    const { salt, more, iterations, rest } = own?.shape ?? this.#shapeFor(name, way)
    const once = `${this.#parts.random()} ${(this.#made += 1)}`
    const isFresh = way?.freshness.isFresh ?? false
    const bytes = like(salt, this.#parts.digest(`${name} ${isFresh ? once : ''}`))
    return {
      ...{ salt: own && !isFresh ? own.salt : bytes.toString('base64'), iterations, rest },
      more: like(more, this.#parts.digest(`nonce ${once}`)).toString('latin1'),
      delayMs: seenMs - (tookMs ?? 0),
    }
  }

  #remember(name: string, own: Own): void {
    this.#own.delete(name)
    this.#own.set(name, own)
    if (this.#own.size > MOST_OWN) for (const oldest of [...this.#own.keys().take(1)]) this.#own.delete(oldest)
  }

  /** The shape that draws the highest number for this name: one that is new takes names from the others, and moves no other. */
  #shapeFor(name: string, way: Way | undefined): Shape {
    let most = ''
    let found = USUAL
    for (const [what, shape] of way?.shapes ?? []) {
      const drawn = this.#parts.digest(`shape ${name} ${what}`).toString('hex')
      if (drawn > most) [most, found] = [drawn, shape]
    }
    return found
  }

  #way(domain: string, mechanism: string, isFresh = false): Way | undefined {
    const key = wayOf(domain, mechanism)
    const known = this.#ways.get(key)
    if (known || this.#ways.size >= MOST_WAYS) return known
    const way: Way = { domain, mechanism, shapes: new Map(), freshness: new Freshness(isFresh), times: new CoreTimes() }
    this.#ways.set(key, way)
    return way
  }
}

const nameOf = ({ mechanism, user = '' }: Claim): string => `${mechanism} ${user}`

const wayOf = (domain: string, mechanism: string): string => `${mechanism} ${domain}`

const shapeOf = ({ salt, more, iterations, rest }: ScramChallenge): Shape => ({
  salt: kindOfBytes(Buffer.from(salt, 'base64')),
  more: kindOfNonce(more),
  ...{ iterations, rest },
})

/** Gives the one value of this shape that is kept, and whether it was not known. */
function keep(shapes: Map<string, Shape>, seen: Shape): { readonly shape: Shape; readonly isNew: boolean } {
  const what = JSON.stringify(seen)
  const known = shapes.get(what)
  const shape = known ?? seen
  shapes.delete(what)
  shapes.set(what, shape)
  if (shapes.size > MOST_SHAPES) for (const [oldest] of [...shapes].slice(0, 1)) shapes.delete(oldest)
  return { shape, isNew: !known }
}
