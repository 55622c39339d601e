// How this folder reaches outside: through a function it is given.

import type { ReasonId } from '../../xmpp/reasons.ts'

export interface FetchRequest {
  /** `http:` or `ldap:`, as a certificate or the operator wrote it. */
  readonly url: string
  /** Who wrote it: an operator may point to places that a certificate may not. */
  readonly by: 'operator' | 'certificate'
  /** Sent by POST, with this type. */
  readonly body?: { readonly type: string; readonly octets: Buffer }
  /** More is not taken. */
  readonly mostBytes: number
}

export type Fetched =
  | { readonly ok: true; readonly octets: Buffer }
  | { readonly ok: false; readonly reason: ReasonId; readonly detail: string }

/** Never rejects, and takes no longer than whoever made it has decided. */
export type Fetch = (request: FetchRequest) => Promise<Fetched>
