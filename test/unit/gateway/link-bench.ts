// A link in a test's hands: streams are plain data, and attempts end when the test says so.

import type { DialResult } from '../../../src/net/dial.ts'
import type { Stream, StreamEnd, StreamHandler } from '../../../src/net/stream.ts'
import type { Bounce } from '../../../src/gateway/bounce.ts'
import { Budget } from '../../../src/gateway/links/budget.ts'
import { Link } from '../../../src/gateway/links/link.ts'
import type { LinkOptions } from '../../../src/gateway/links/link-options.ts'
import type { Parcel } from '../../../src/gateway/links/parcels.ts'
import type { Frame } from '../../../src/xml/frame.ts'
import type { Source } from '../../../src/gateway/links/source.ts'

/** A stream as plain data: what was written, and a pipe that can be filled by hand; a full one takes nothing. */
export class FakeStream {
  readonly written: string[] = []
  open = true
  full = false
  /** Does the operating system take what is written? */
  takes = true
  ended: string | undefined
  readonly handler: StreamHandler
  constructor(handler: StreamHandler) {
    this.handler = handler
  }
  send(bytes: Buffer): boolean {
    this.written.push(bytes.toString())
    if (this.takes && !this.full) this.handler.taken?.(1)
    return !this.full
  }
  close(reason: string): void {
    this.open = false
    this.ended = reason
  }
  /** The stream ends and its connection is gone, with so many stanzas in doubt. */
  breaks(end: Partial<StreamEnd>, doubtful = 0): void {
    this.open = false
    this.handler.closed({ ...END, ...end })
    this.handler.gone?.(doubtful)
  }
}

export const END: StreamEnd = { reason: 'SP-464', reference: 'r', detail: '', by: 'peer', condition: undefined }

export function bench(
  limits: Partial<{ queueStanzas: number; queueBytes: number; backOffMs: number; budget: number }> = {},
  more: Partial<LinkOptions> = {},
) {
  const bounced: { text: string; why: Bounce }[] = []
  const ends: StreamEnd[] = []
  const bugs: unknown[] = []
  const dials: { settle: (ok: boolean, takes?: boolean) => Promise<FakeStream | undefined>; signal: AbortSignal }[] = []
  let now = 100_000
  const budget = new Budget({ stanzas: 1_000_000, bytes: limits.budget ?? 1_000_000_000 }, 'SP-628')
  const link = new Link({
    leg: 'partner',
    pair: { local: 'corp.example', remote: 'partner.example' },
    limits: {
      queueStanzas: limits.queueStanzas ?? 1000,
      queueBytes: limits.queueBytes ?? 100_000,
      queueWaitMs: 60_000,
      backOffMs: limits.backOffMs ?? 60_000,
    },
    budget,
    open: (handler, signal) =>
      new Promise<DialResult>((resolve) => {
        dials.push({
          signal,
          settle: async (ok, takes = true) => {
            const stream = new FakeStream({} as StreamHandler)
            stream.takes = takes
            if (ok) {
              const live = Object.assign(stream, { handler: handler(stream as unknown as Stream) })
              resolve({ ok: true, stream: live as unknown as Stream })
            } else {
              resolve({
                ok: false,
                failure: { reason: 'SP-201', detail: 'no such domain', reference: 'f' },
              } as DialResult)
            }
            await new Promise((done) => setImmediate(done))
            return ok ? stream : undefined
          },
        })
      }),
    bounce: (parcel, why) => bounced.push({ text: parcel.bytes.toString(), why }),
    opened: () => {},
    ended: (_stream, end) => ends.push(end),
    reader: () => () => {},
    bug: (error) => bugs.push(error),
    reference: () => 'q',
    now: () => now,
    random: () => 1,
    ...more,
  })
  const parcel = (text: string, source?: Source): Parcel => ({ bytes: Buffer.from(text), frame: undefined, source })
  const stanza = (text: string): Parcel => ({ ...parcel(text), frame: {} as Frame })
  const texts = (): string[] => bounced.map(({ text }) => text)
  return {
    link,
    bounced,
    texts,
    ends,
    bugs,
    dials,
    budget,
    parcel,
    stanza,
    later: (ms: number) => (now += ms),
    now: () => now,
  }
}

export const numbers = (n: number): string[] => Array.from({ length: n }, (_, i) => String(i))
