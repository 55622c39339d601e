// One step of a fetch: what HTTP and LDAP share.

import type { FetchRequest, Fetched } from '../trust/revocation/fetch.ts'
import type { LdapThreads } from './fetch-ldap.ts'
import type { Room } from './octets.ts'

export interface FetchStep {
  readonly url: URL
  /** Judged: it may be fetched from these. */
  readonly addresses: readonly string[]
  readonly request: FetchRequest
  readonly signal: AbortSignal
  /** For what is under way at the same time. */
  readonly room: Room
  readonly threads: LdapThreads
}

/** Why nothing was fetched. */
export function fault(reason: 'SP-343' | 'SP-344' | 'SP-345' | 'SP-346', url: string, words: string): Fetched {
  return { ok: false, reason, detail: `${url.slice(0, 200)}: ${words}` }
}

/** Too much is coming at the same time. */
export const noRoom = (url: string): Fetched => fault('SP-345', url, 'together with what else is being fetched')
