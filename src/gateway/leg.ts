// The two sides of the gateway that speak server-to-server.

import type { Pair } from '../stream/types.ts'

/** Towards partners, or towards the core. */
export type Leg = 'partner' | 'core'

/** The leg that a stream's label names. */
export const legOf = (label: string): Leg => (label === 'core' ? 'core' : 'partner')

/** The domain of a pair that is outside: at the core we speak for it, at a partner we speak to it. */
export const outsideOf = (leg: Leg, { local, remote }: Pair): string => (leg === 'core' ? local : remote)
