// What the catalogue of reasons says of each of them.

import type { StanzaCondition, StreamCondition } from './conditions.ts'

export interface Reason {
  readonly name: string
  readonly means: string
  /** Whose side the cause is on. */
  readonly side: 'ours' | 'theirs' | 'core' | 'network'
  readonly act: string
  /** What to do where the peer is the core: then the cause is ours to mend. */
  readonly atCore?: string
  /** What a stream that ends for this reason is closed with. */
  readonly stream?: StreamCondition
  /** What a stanza refused for this reason is answered with. */
  readonly stanza?: StanzaCondition
}
