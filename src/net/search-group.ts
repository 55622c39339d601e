// The members of one group out of a directory (RFC 4511): connect, prove, bind, search by pages (RFC 2696), each time on a
// thread of its own.
//
// Rule 1: an answer is whole or none: what is cut off, refers elsewhere, or is too much, is a failure.
// Rule 2: bounded in time, octets and members; of each directory so many groups are read at a time, the others wait. No directory
//         waits for another.

import { onThread } from './ldap-thread.ts'
import { Places } from './places.ts'
import type { AddressResolution } from './resolve.ts'

/** Groups of one directory that are read at the same time. */
export const MOST_AT_ONCE = 2
/** For the largest answer and what is made of it. */
const HEAP_MB = 256

/** What is to be found, and how the directory is reached. */
export interface GroupSearch {
  /** What its certificate has to prove. */
  readonly host: string
  readonly port: number
  readonly tls: 'direct' | 'starttls' | 'none'
  /** PEM; they alone vouch for it. */
  readonly anchors: readonly string[]
  readonly bind: { readonly dn: string; readonly password: string } | undefined
  readonly base: string
  readonly filter: string
  readonly attribute: string
  readonly domain: string | undefined
  /** Domains whose users are members; all others are told of. */
  readonly ours: readonly string[]
  readonly mostMembers: number
  readonly mostBytes: number
}

/** The same, to an address. */
export interface GroupTask extends GroupSearch {
  readonly address: string
}

export interface FoundMembers {
  /** Bare addresses in canonical form, each once, sorted. */
  readonly members: readonly string[]
  readonly entries: number
  /** Entries without an address of ours, and one of them. */
  readonly without: number
  readonly example: string | undefined
}

/** At which step it failed. `incomplete`: there is more than the answer. */
export type FailedAt = 'connect' | 'tls' | 'bind' | 'search' | 'too-much' | 'incomplete' | 'time'

export type GroupAnswer = FoundMembers | { readonly failed: FailedAt; readonly detail: string }

/** Reads groups. */
export class GroupSearches {
  readonly #addresses: (host: string) => Promise<AddressResolution>
  /** By directory, while something of it is read. */
  readonly #places = new Map<string, Places>()

  constructor(addresses: (host: string) => Promise<AddressResolution>) {
    this.#addresses = addresses
  }

  /** Never rejects. The time counts from when its turn comes; `signal` ends it at once, also while it waits. */
  async find(search: GroupSearch, timeoutMs: number, signal: AbortSignal): Promise<GroupAnswer> {
    const directory = `${search.host}:${search.port}`
    const places = this.#places.get(directory) ?? new Places(MOST_AT_ONCE)
    this.#places.set(directory, places)
    try {
      return await places.run(
        () => this.#find(search, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])),
        signal,
      )
    } catch {
      if (signal.aborted) return { failed: 'time', detail: 'nobody waits for it any more' }
      return { failed: 'time', detail: `no whole answer within ${timeoutMs / 1000} s` }
    } finally {
      if (places.isIdle && this.#places.get(directory) === places) this.#places.delete(directory)
    }
  }

  async #find(search: GroupSearch, signal: AbortSignal): Promise<GroupAnswer> {
    const found = await untilOver(this.#addresses(search.host), signal)
    if (!found.ok) return { failed: 'connect', detail: found.detail }
    let last: GroupAnswer = { failed: 'connect', detail: 'no address' }
    for (const address of found.addresses) {
      const task: GroupTask = { ...search, address }
      const outcome = await onThread<GroupAnswer>('search-group-thread.ts', task, { signal, heapMb: HEAP_MB })
      last = 'members' in outcome || 'detail' in outcome ? outcome : { failed: 'search', detail: outcome.failed }
      // Another address of it may be up.
      if (!('failed' in last) || last.failed !== 'connect') return last
    }
    return last
  }
}

/** Rejects when the time is over. */
async function untilOver<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>()
  const over = (): void => reject(new Error('the time is over'))
  signal.addEventListener('abort', over, { once: true })
  if (signal.aborted) over()
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', over)
  }
}
