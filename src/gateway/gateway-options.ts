// What a gateway is started with.

import type { DialbackKeys } from '../trust/dialback-key.ts'
import type { House } from './house.ts'
import type { Journal } from './journal.ts'

export interface GatewayOptions {
  readonly house: House
  readonly journal: Journal
  now(): number
  /** An unguessable reference, new each time. */
  reference(): string
  /** What we prove our domains with where a partner takes keys. */
  readonly keys: DialbackKeys
  /** From 0 to 1, as `Math.random`. */
  random(): number
}
