// What the bench tells the processes that make and take the load, and what they answer. One order at a time, each with
// one answer. Times are milliseconds of the machine's monotonic clock, which all processes share.

import type { Credentials, End, Identity } from './ends.ts'
import type { LoadKind, Route } from './stanzas.ts'

export type Order =
  /** Opens ends. Generator: they are where stanzas go in, or where their answers come back. */
  | {
      readonly order: 'open'
      readonly ends: readonly End[]
      readonly credentials: Credentials
      readonly purpose: 'source' | 'answers' | 'sink'
      /** What will come through. */
      readonly kind: LoadKind
    }
  /** Generator: sends for so long, then says what it sent. */
  | {
      readonly order: 'send'
      readonly kind: LoadKind
      /** As many stanzas as fill a large buffer at a time, or one; the next when the system has taken it. */
      readonly writes: Writes
      /** How many streams there must be. */
      readonly streams: number
      readonly seconds: number
    }
  /** Sink: from now on questions are answered, on the stream that they came by. */
  | { readonly order: 'answer'; readonly kind: LoadKind; readonly writes: Writes; readonly route: Route }
  /** Begins to count at nothing. */
  | { readonly order: 'begin' }
  /** Answers when so many stanzas (sink) or answers (generator) have arrived, or none has arrived for a while. */
  | { readonly order: 'reach'; readonly count: number }
  /** Visitors: open streams and close them again, so many at a time, for so long. */
  | {
      readonly order: 'visit'
      readonly ends: readonly End[]
      readonly credentials: Credentials
      readonly atOnce: number
      readonly seconds: number
      /** Those that were made for it, each once, in place of the ends themselves; it ends when there are no more. */
      readonly newcomers?: boolean
    }
  /** Visitors: make so many that nobody has met, below the names of these ends, with certificates of this CA. */
  | { readonly order: 'prepare'; readonly ends: readonly End[]; readonly ca: Identity; readonly count: number }
  /** Visitors: open so many more streams, over all ends, and keep them. */
  | {
      readonly order: 'stay'
      readonly ends: readonly End[]
      readonly credentials: Credentials
      readonly atOnce: number
      readonly streams: number
    }
  /** Courier: sends stanzas at this pace and takes each time that one is under way. */
  | { readonly order: 'pace'; readonly perSecond: number; readonly seconds: number }
  /**
   * Courier: stops taking, offers stanzas all the while, and takes again after so long. Offers no more than so many bytes,
   * for no longer than `offerSeconds`, and nothing once the process and those below it hold `mostBytes` of memory.
   */
  | {
      readonly order: 'stall'
      readonly seconds: number
      readonly bytes: number
      readonly offerSeconds: number
      readonly pid: number
      readonly mostBytes: number
    }
  | ClientOrder

/** Of the processes that are clients, and of the core that they log in at. */
export type ClientOrder =
  /** Bare core: serves clients, in plaintext on one port and by TLS on the other. */
  | { readonly order: 'serve'; readonly plainPort: number; readonly tlsPort: number; readonly identity: Identity }
  /** Clients: log in and leave again, so many at a time, for so long. */
  | { readonly order: 'log-ins'; readonly door: Door; readonly atOnce: number; readonly seconds: number }
  /** Clients: so many more of a group log in and stay. */
  | {
      readonly order: 'join'
      readonly group: string
      readonly door: Door
      readonly atOnce: number
      readonly sessions: number
    }
  /** Clients: everyone of the group says one stanza, one after the other. */
  | { readonly order: 'round'; readonly group: string }
  /** Clients: those of the group in turn say something to themselves, at this pace. */
  | { readonly order: 'converse'; readonly group: string; readonly perSecond: number; readonly seconds: number }
  /** Clients: the connections of the group are cut, all at once, and all log in again, so many at a time. */
  | { readonly order: 'return'; readonly group: string; readonly atOnce: number }

/** Where clients log in. */
export interface Door {
  readonly port: number
  readonly domain: string
  /** Their names are user0, user1 and so on, so many. */
  readonly users: number
  readonly password: string
  /** What the bare core does with what they say: count it, or give it back. */
  readonly wish: 'counted' | 'given back'
}

export type Writes = 'blocks' | 'stanzas'

export type Answer =
  | { readonly told: 'done' }
  | {
      readonly told: 'sent'
      readonly stanzas: number
      /** How many of them want an answer. */
      readonly questions: number
      readonly bytes: number
      readonly startedAt: number
    }
  | {
      readonly told: 'counted'
      readonly arrived: number
      readonly bytes: number
      /** When the last one arrived. */
      readonly lastAt: number
    }
  /** All of them are gone again. */
  | { readonly told: 'visited'; readonly streams: number; readonly seconds: number }
  /** Times under way in ms, at these shares of the stanzas. */
  | {
      readonly told: 'paced'
      readonly p50: number
      readonly p99: number
      readonly p999: number
      readonly longest: number
    }
  | {
      readonly told: 'stalled'
      readonly sentBytes: number
      /** What was taken from us while we took nothing. */
      readonly takenBytes: number
      /** Everything that was sent has arrived; how long that took, from the end of the stall on. */
      readonly drainSeconds: number
      readonly stopped: 'all was sent' | 'time' | 'memory'
    }
  /** Round trips in ms. */
  | { readonly told: 'conversed'; readonly times: readonly number[] }
  /** How many of them came in, how long that took, and what the first heard who did not. */
  | { readonly told: 'returned'; readonly sessions: number; readonly seconds: number; readonly why: string | undefined }
  | { readonly told: 'failed'; readonly why: string }

/** Stanzas of a block, by how they are written and what they are. */
export function blockSize(kind: LoadKind, writes: Writes): number {
  if (kind === 'mixed') return 300
  return writes === 'blocks' ? 932 : 64
}

export const now = (): number => Number(process.hrtime.bigint()) / 1e6
