// Keys of Server Dialback (XEP-0185): what we send to a server that wants to know whether we are who we say, and what we
// know again when it asks us as the authoritative server. Nothing is kept: a key is made anew from what it was made for.
//
// Rule: a key is good for one stream of one pair of domains, and only for whoever knows the secret.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** What a key is for, canonical domains; `id` is the stream's, given by the receiving server. */
export interface KeyPurpose {
  readonly receiving: string
  readonly originating: string
  readonly id: string
}

export class DialbackKeys {
  readonly #key: string

  /** @param secret unguessable, known to every server that answers for our domains */
  constructor(secret: Buffer | string) {
    this.#key = createHash('sha256').update(secret).digest('hex')
  }

  /** XEP-0185 §3.1, as 64 hexadecimal digits. */
  make({ receiving, originating, id }: KeyPurpose): string {
    return createHmac('sha256', this.#key).update(`${receiving} ${originating} ${id}`).digest('hex')
  }

  /** Did we make this key, for this? */
  isOurs(key: string, purpose: KeyPurpose): boolean {
    const [ours, theirs] = [Buffer.from(this.make(purpose)), Buffer.from(key)]
    return ours.length === theirs.length && timingSafeEqual(ours, theirs)
  }
}
