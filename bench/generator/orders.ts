// What the bench tells the processes that make and take the load, and what they answer. One order at a time, each with
// one answer. Times are milliseconds of the machine's monotonic clock, which all processes share.

import type { Credentials, End } from './ends.ts'
import type { LoadKind } from './stanzas.ts'

export type Order =
  /** Opens ends: resolves when ours are ready and theirs may come. */
  | { readonly order: 'open'; readonly ends: readonly End[]; readonly credentials: Credentials }
  /** Generator: sends for so long, then says what it sent. */
  | {
      readonly order: 'send'
      readonly kind: LoadKind
      /** As many stanzas as fill a large buffer at a time, or one; the next when the system has taken it. */
      readonly writes: 'blocks' | 'stanzas'
      /** How many streams there must be. */
      readonly streams: number
      readonly seconds: number
    }
  /** Sink: begins to count at nothing. */
  | { readonly order: 'begin' }
  /** Sink: answers when so many stanzas have arrived, or none has arrived for a while. */
  | { readonly order: 'reach'; readonly stanzas: number }

export type Answer =
  | { readonly told: 'done' }
  | { readonly told: 'sent'; readonly stanzas: number; readonly bytes: number; readonly startedAt: number }
  | {
      readonly told: 'counted'
      readonly stanzas: number
      readonly bytes: number
      /** When the last one arrived. */
      readonly lastAt: number
    }
  | { readonly told: 'failed'; readonly why: string }

export const now = (): number => Number(process.hrtime.bigint()) / 1e6
