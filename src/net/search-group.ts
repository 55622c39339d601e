// The members of one group out of a directory (RFC 4511): connect, prove, bind, search by pages (RFC 2696), each time on a
// thread of its own.
//
// Rule 1: an answer is whole or none: what is cut off, refers elsewhere, or is too much, is a failure.
// Rule 2: bounded in time, octets and members; so many groups are read at a time, the others wait.

import { onThread } from './ldap-thread.ts'
import type { AddressResolution } from './resolve.ts'

/** Groups that are read at the same time. */
const MOST_THREADS = 2
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
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(addresses: (host: string) => Promise<AddressResolution>) {
    this.#addresses = addresses
  }

  /** Never rejects. The time counts from when its turn comes. */
  async find(search: GroupSearch, timeoutMs: number): Promise<GroupAnswer> {
    while (this.#running >= MOST_THREADS) await this.#turn()
    this.#running += 1
    try {
      return await this.#find(search, AbortSignal.timeout(timeoutMs))
    } catch {
      return { failed: 'time', detail: `no whole answer within ${timeoutMs / 1000} s` }
    } finally {
      this.#running -= 1
      this.#waiting.shift()?.()
    }
  }

  async #find(search: GroupSearch, signal: AbortSignal): Promise<GroupAnswer> {
    const found = await this.#addresses(search.host)
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

  #turn(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push(resolve)
    return promise
  }
}
