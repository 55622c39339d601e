import type { Anchors } from './anchors.ts'
import type { Verdict } from './verdict.ts'

export interface Trust {
  readonly anchors: Anchors
  /** `sha256/…` over the SPKI; empty: no pinning. */
  readonly pins: readonly string[]
}
export interface VerifyOptions {
  /** The domain the peer must prove, canonical. */
  readonly domain: string
  readonly trust: Trust
  /** Milliseconds since 1970. */
  readonly now: number
}
export function verifyPeer(_chain: readonly Buffer[], _o: VerifyOptions): Verdict {
  throw new Error('not written yet')
}
