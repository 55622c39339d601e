// One step of a fetch: what HTTP and LDAP share.

import type { FetchRequest, Fetched } from '../trust/revocation/fetch.ts'

export interface FetchStep {
  readonly url: URL
  /** Judged: it may be fetched from these. */
  readonly addresses: readonly string[]
  readonly request: FetchRequest
  readonly signal: AbortSignal
}

/** Why nothing was fetched. */
export function fault(reason: 'SP-343' | 'SP-344' | 'SP-345' | 'SP-346', url: string, words: string): Fetched {
  return { ok: false, reason, detail: `${url.slice(0, 200)}: ${words}` }
}
