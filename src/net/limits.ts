// What one stream, and the streams of one listener together, may cost. Every number comes from the configuration; the
// ones here are what a gateway in a test or an evaluation runs with.

import type { AckWindow } from './unacknowledged.ts'
import { AFTER_AUTHENTICATION, BEFORE_AUTHENTICATION, type ScanLimits } from '../xml/limits.ts'

export interface StreamLimits {
  /** What the scanner accepts before the peer is authenticated, and after. */
  readonly before: ScanLimits
  readonly after: ScanLimits
  /** How often SASL may fail on one stream. RFC 6120 §6.4.5 */
  readonly saslAttempts: number
  /** One attempt to connect by TCP. */
  readonly connectMs: number
  /** From the connection to a ready stream. */
  readonly negotiationMs: number
  /** A ready stream that nothing crosses for so long is closed; 0: never. Whitespace counts as a sign of life. */
  readonly idleMs: number
  /** After so long without a write, one space keeps the connection open; 0: never. RFC 6120 §4.6.1 */
  readonly keepaliveMs: number
  /** A ready stream whose peer takes nothing of what we write for so long is cut; 0: never. */
  readonly stallMs: number
  /** From our footer or error until the connection is cut. */
  readonly closeMs: number
  /** Bytes that may wait to be written before `send` says that the pipe is full. */
  readonly highWaterBytes: number
  /** Stanzas that the peer has not acknowledged, from which on the pipe counts as full. XEP-0198 */
  readonly unacknowledged: AckWindow
  /** Connections to one listener, or to several that share their caps, whatever state they are in. */
  readonly connections: number
  /** The same from one IPv4 address, or one IPv6 /64. */
  readonly connectionsPerAddress: number
}

export const DEFAULT_LIMITS: StreamLimits = {
  before: BEFORE_AUTHENTICATION,
  after: AFTER_AUTHENTICATION,
  saslAttempts: 3,
  connectMs: 10_000,
  negotiationMs: 30_000,
  idleMs: 600_000,
  keepaliveMs: 60_000,
  stallMs: 60_000,
  closeMs: 5_000,
  highWaterBytes: 1_048_576,
  unacknowledged: { stanzas: 2000, bytes: 1_048_576 },
  connections: 10_000,
  connectionsPerAddress: 200,
}
