// What we bring to TLS with the client port of a core, where that is no certificate: one context for all who do the same. And
// for which groups a key is sent at once (key share, RFC 8446 §4.2.8): that of a hybrid costs time at each log-in, and ten
// kilobytes for as long as the connection lasts, also with a core that knows no hybrids.
//
// Rule 1: what is offered and taken is the profile's in any case. A core that prefers a group whose key we have not sent asks for
//         it, and nobody in between can make it another one (RFC 8446 §4.1.4).
// Rule 2: only a core that has proven to be one shows what it prefers, and not for ever: it may learn about hybrids.

import type { SecureContext } from 'node:tls'
import { isHybrid, type KeyShares } from '../../trust/profiles/handshake.ts'
import type { ProfileName } from '../../trust/profiles/profile.ts'
import { PROFILES } from '../../trust/profiles/profiles.ts'
import { tlsContext } from '../../trust/tls-context.ts'

/** So long a core is taken to prefer what it has chosen. */
const HELD_MS = 3_600_000
/** Of so many cores; a core may send us from one to the other. */
const MOST_CORES = 64

const contexts = new Map<string, SecureContext>()

/** Whom we mean: behind one address, each domain may be another server's. */
export interface CorePlace {
  readonly domain: string
  readonly host: string
  readonly port: number
}

const keyOf = ({ domain, host, port }: CorePlace): string => `${domain} ${host}:${port}`

export class CoreContexts {
  readonly #now: () => number
  /** Cores that chose a group that is no hybrid, though they had our key for one, and until when that counts. */
  readonly #plain = new Map<string, number>()

  /** `now`: ms, of any clock that goes on. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** For the core there. */
  at(place: CorePlace, profile: ProfileName): SecureContext {
    const shares = this.shares(place)
    const key = `${profile} ${shares}`
    const made = contexts.get(key) ?? tlsContext([], PROFILES[profile], shares)
    contexts.set(key, made)
    return made
  }

  /** For which groups a key is sent there. */
  shares(place: CorePlace): KeyShares {
    return this.#now() < (this.#plain.get(keyOf(place)) ?? 0) ? 'plain' : 'all'
  }

  /** The core there has proven to be one, and has chosen this group; undefined: nobody knows. */
  chose(place: CorePlace, group: string | undefined): void {
    const key = keyOf(place)
    if (group !== undefined && isHybrid(group)) this.#plain.delete(key)
    else if (group !== undefined && this.shares(place) === 'all') {
      this.#plain.delete(key)
      this.#plain.set(key, this.#now() + HELD_MS)
      for (const oldest of this.#plain.keys()) {
        if (this.#plain.size <= MOST_CORES) break
        this.#plain.delete(oldest)
      }
    }
  }
}
