// A link as others are told of it.

import type { LinkStatus } from '../control.ts'
import type { Leg } from '../leg.ts'
import type { Pair } from '../../stream/types.ts'
import type { Failures } from './failures.ts'
import type { LinkState } from './link-state.ts'
import type { Parcels } from './parcels.ts'

const STATES = {
  idle: 'idle',
  connecting: 'connecting',
  ready: 'ready',
  yielding: 'ready',
  leaving: 'idle',
  closed: 'idle',
} as const

export function linkStatus(
  { leg, pair }: { readonly leg: Leg; readonly pair: Pair },
  phase: LinkState['phase'],
  queue: Pick<Parcels, 'length' | 'bytes'>,
  failures: Pick<Failures, 'last' | 'until'>,
  now: number,
): LinkStatus {
  const { last } = failures
  const until = phase === 'idle' ? failures.until(now) : undefined
  return {
    leg,
    local: pair.local,
    remote: pair.remote,
    state: STATES[phase],
    queuedStanzas: queue.length,
    queuedBytes: queue.bytes,
    lastFailure: last && { ...last, at: new Date(last.at).toISOString() },
    nextAttempt: until === undefined ? undefined : new Date(until).toISOString(),
  }
}
