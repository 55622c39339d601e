// One trace that runs: whom it is about, and how much it tells.
//
// Rule 1: it never waits for whoever reads. What they do not take is left out, and they are told how much that was.
// Rule 2: of many stanzas in one second it leaves out those beyond its measure before it looks at them, so that a trace of
//         a busy partner does not slow the traffic.

import { parseAddress } from '../../xmpp/address.ts'
import type { Said, TraceLine, TraceOutcome, TraceProgress, TraceQuery } from './report.ts'

/** Of stanzas in a second. */
const MOST_STANZAS = 500
const MOST_BYTES = 1_048_576
const MEASURE_MS = 1000

/** Who may be meant: domains outside, claimed or proven, and an address. */
export interface Mention {
  readonly names: Iterable<string | undefined>
  readonly addresses: Iterable<string | undefined>
}

export interface TraceOptions {
  readonly query: Pick<TraceQuery, 'subject' | 'bodies'>
  /** The domain by which the partner's entry is known; undefined where there is none. */
  entryOf(domain: string): string | undefined
  /** False: whoever reads does not take it. */
  tell(progress: TraceProgress): boolean
  now(): number
}

export class Trace {
  readonly bodies: boolean
  readonly #options: TraceOptions
  #lines = 0
  #leftOut = 0
  /** What has been left out and not told. */
  #untold = 0
  #since = 0
  #stanzas = 0
  #bytes = 0

  constructor(options: TraceOptions) {
    this.#options = options
    this.bodies = options.query.bodies
  }

  covers({ names, addresses }: Mention): boolean {
    const { subject } = this.#options.query
    if (subject.kind === 'address') {
      for (const address of addresses) if (address === subject.address) return true
      return false
    }
    for (const name of names) if (name !== undefined && this.coversDomain(name)) return true
    return false
  }

  coversDomain(domain: string): boolean {
    const { query, entryOf } = this.#options
    if (query.subject.kind === 'address') return false
    const wanted = query.subject.domain
    if (domain === wanted) return true
    const entry = entryOf(domain)
    return entry !== undefined && entry === entryOf(wanted)
  }

  /** Is a stanza to or from this address one that the trace is about, on a stream that others share? */
  coversStanza(address: string | undefined): boolean {
    const { subject } = this.#options.query
    const domain = parseAddress(address ?? '')?.domain
    return subject.kind === 'address' || domain === undefined || this.coversDomain(domain)
  }

  /** Is there room for a stanza of so many bytes within this second? If not, it counts as left out. */
  admits(bytes: number): boolean {
    const now = this.#options.now()
    if (now - this.#since >= MEASURE_MS || now < this.#since) {
      this.#since = now
      this.#stanzas = 0
      this.#bytes = 0
    }
    this.#stanzas += 1
    this.#bytes += bytes
    if (this.#stanzas <= MOST_STANZAS && (this.#bytes <= MOST_BYTES || this.#stanzas === 1)) return true
    this.missed(1)
    return false
  }

  missed(lines: number): void {
    this.#leftOut += lines
    this.#untold += lines
  }

  say(said: Said, where: Pick<TraceLine, 'connection' | 'peer'> = {}, at = this.#options.now()): void {
    if (!this.#tellMissed() || !this.#options.tell({ kind: 'line', at: new Date(at).toISOString(), ...where, ...said }))
      return this.missed(1)
    this.#lines += 1
  }

  over(ended: TraceOutcome['ended']): TraceOutcome {
    this.#tellMissed()
    return { lines: this.#lines, leftOut: this.#leftOut, ended }
  }

  #tellMissed(): boolean {
    if (this.#untold === 0) return true
    if (!this.#options.tell({ kind: 'left-out', lines: this.#untold })) return false
    this.#untold = 0
    return true
  }
}
