// The limits of streams, as `net/` takes them, from the settings.

import type { Limits } from '../config/limits.ts'
import type { StreamLimits } from '../net/limits.ts'
import { AFTER_AUTHENTICATION, BEFORE_AUTHENTICATION } from '../xml/limits.ts'

const known = new WeakMap<Limits, StreamLimits>()

/** The limits of streams by these settings: one value for all of them. */
export function streamLimits(limits: Limits): StreamLimits {
  const made = known.get(limits) ?? makeStreamLimits(limits)
  known.set(limits, made)
  return made
}

const ofSessions = new WeakMap<StreamLimits, StreamLimits>()

/** Those of remote users, who may be idle for another time: one value for all of them as well. */
export function sessionLimits(limits: StreamLimits, idleMs: number): StreamLimits {
  const before = ofSessions.get(limits)
  const made = before?.idleMs === idleMs ? before : { ...limits, idleMs }
  ofSessions.set(limits, made)
  return made
}

/** Every number an operator can set, in its place; the rest as `xml/` has it. */
function makeStreamLimits(limits: Limits): StreamLimits {
  const { stanzaBytes, depth, attributes, elements, unprovenBytes, unprovenElements } = limits
  return {
    before: {
      ...BEFORE_AUTHENTICATION,
      stanzaBytes: unprovenBytes,
      totalBytes: unprovenBytes,
      elements: unprovenElements,
      totalElements: unprovenElements,
    },
    after: { ...AFTER_AUTHENTICATION, stanzaBytes, depth, attributes, elements },
    saslAttempts: limits.saslAttempts,
    connectMs: limits.connectMs,
    negotiationMs: limits.negotiationMs,
    idleMs: limits.idleMs,
    keepaliveMs: limits.keepaliveMs,
    stallMs: limits.stallMs,
    closeMs: limits.closeMs,
    highWaterBytes: limits.writeBytes,
    unacknowledged: { stanzas: limits.unacknowledged, bytes: limits.unacknowledgedBytes },
    connections: limits.connections,
    connectionsPerAddress: limits.connectionsPerAddress,
  }
}
