// Challenges for those whom the core hears nothing of, or does not know: made after the ones that the core shows to real
// users, so that neither their form nor their time tells who there is.
//
// Rule 1: the same name gets the same salt each time where the core does it so; one that keeps passwords as they are makes a
//         new one each time.
// Rule 2: until the core has shown a challenge of a mechanism, they look as those of most servers do.

import type { ScramChallenge } from '../../stream/client/scram.ts'
import type { Decoy } from './gate.ts'

export interface DecoyParts {
  /** 32 bytes that follow from the text and from a secret. */
  digest(text: string): Buffer
  /** At least 0, less than 1. */
  random(): number
}

/** So many of the last challenges of the core tell how long it takes. */
const REMEMBERED = 32
/** Servers offer no more ways than that. */
const MECHANISMS = 16
const USUAL: Seen = {
  like: { salt: Buffer.alloc(16).toString('base64'), iterations: 4096, more: Buffer.alloc(18).toString('base64') },
  tookMs: [],
  user: '',
  isFresh: false,
}

interface Seen {
  readonly like: ScramChallenge
  readonly tookMs: readonly number[]
  /** Whose it was. */
  readonly user: string
  /** Does a user get another salt each time? */
  readonly isFresh: boolean
}

export class Decoys {
  readonly #parts: DecoyParts
  readonly #seen = new Map<string, Seen>()
  #made = 0

  constructor(parts: DecoyParts) {
    this.#parts = parts
  }

  /** The core has shown a challenge to a user, so long after it was asked. */
  learn(mechanism: string, user: string, like: ScramChallenge, tookMs: number): void {
    const before = this.#seen.get(mechanism)
    if (before === undefined && this.#seen.size >= MECHANISMS) return
    const isFresh = before?.user === user ? before.like.salt !== like.salt : (before?.isFresh ?? false)
    this.#seen.set(mechanism, {
      like,
      tookMs: [...(before?.tookMs ?? []).slice(1 - REMEMBERED), tookMs],
      user,
      isFresh,
    })
  }

  /** A challenge for a name. */
  make(mechanism: string, user: string): Decoy {
    const { like, tookMs, isFresh } = this.#seen.get(mechanism) ?? USUAL
    const once = `${this.#parts.random()} ${(this.#made += 1)}`
    const salt = bytesLike(
      Buffer.from(like.salt, 'base64'),
      this.#parts.digest(`${mechanism} ${user} ${isFresh ? once : ''}`),
    )
    const more = textLike(like.more, this.#parts.digest(`nonce ${once}`))
    const delayMs = tookMs[Math.floor(this.#parts.random() * tookMs.length)] ?? 0
    return { salt: salt.toString('base64'), iterations: like.iterations, more, delayMs }
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const HEX = /^[0-9a-f]+$/

/** Bytes of the same kind as the sample: Prosody's salts are the text of a UUID. */
function bytesLike(sample: Buffer, random: Buffer): Buffer {
  const text = sample.toString('latin1')
  return UUID.test(text) || HEX.test(text) ? Buffer.from(textLike(text, random)) : stretched(random, sample.length)
}

/** Text of the same kind and length as the sample: a UUID, hexadecimal digits, or Base64. */
function textLike(sample: string, random: Buffer): string {
  const hex = stretched(random, Math.max(32, sample.length)).toString('hex')
  if (UUID.test(sample)) {
    const variant = '89ab'[(random[31] ?? 0) & 3]
    const parts = [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `${sample[14]}${hex.slice(12, 15)}`,
      `${variant}${hex.slice(15, 18)}`,
    ]
    return `${parts.join('-')}-${hex.slice(18, 30)}`
  }
  if (HEX.test(sample)) return hex.slice(0, sample.length)
  const bytes = Buffer.from(sample, 'base64').length
  return stretched(random, bytes).toString('base64').padEnd(sample.length, hex).slice(0, sample.length)
}

function stretched(random: Buffer, length: number): Buffer {
  return Buffer.concat(Array.from({ length: Math.ceil(length / random.length) }, () => random)).subarray(0, length)
}
