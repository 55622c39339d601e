// What a gateway is started with.

import type { House } from './house.ts'
import type { Journal } from './journal.ts'

export interface GatewayOptions {
  readonly house: House
  readonly journal: Journal
  now(): number
  /** An unguessable reference, new each time. */
  reference(): string
  /** From 0 to 1, as `Math.random`. */
  random(): number
}
