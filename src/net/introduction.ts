// How a stream introduces itself: the header we write, the names a peer's header claims, and an id where none was given.

import type { Effect, Pair } from '../stream/types.ts'
import type { StreamHeader } from '../xml/frame.ts'
import { streamHeader } from '../xml/write.ts'
import { parseDomain, toUnicodeDomain } from '../xmpp/domain.ts'
import { unguessable } from './unguessable.ts'

/** SECURITY: unguessable, RFC 6120 §4.7.3. */
export const newStreamId = (): string => unguessable(16).toString('base64url')

/** Our header. The receiving side gives the stream its id. RFC 6120 §4.7 */
export function ourHeader({ from, to, dialback }: Extract<Effect, { kind: 'header' }>, id: string | undefined): Buffer {
  const named = (domain: string | undefined): string | undefined => domain && toUnicodeDomain(domain)
  return Buffer.from(
    streamHeader({ to: named(to), from: named(from), id, lang: 'en', ...(dialback ? { dialback } : {}) }),
  )
}

/** The domains that a peer's header names, seen from our side; undefined unless both are domains. */
export function claimedPair({ to, from }: StreamHeader): Pair | undefined {
  const local = parseDomain(to ?? '')
  const remote = parseDomain(from ?? '')
  return local !== undefined && remote !== undefined ? { local, remote } : undefined
}
