// Acknowledgements on one stream (XEP-0198), each way by itself. Ours: when the peer is asked what has arrived, and whom
// its answer is told. Theirs: how many of its stanzas we have taken over.
//
// Rule 1: handled is what the stream's handler has taken: passed on, queued or refused. From there on its sender is told by
//         us what became of it; what comes after our last `<a/>` is not taken, and is the peer's to answer for.
// Rule 2: the peer is asked as soon as there is something to ask for and it has answered what it was asked before; in a
//         long run also every few stanzas, so that a slow peer shows progress. So a question costs at most a round trip.
// Rule 3: a full window is a full pipe: it opens again with the next answer.

import { ack, ASK, countTooHigh, readAck } from '../stream/acks.ts'
import type { StreamEvent } from '../stream/types.ts'
import type { ScanEvent } from '../xml/scanner.ts'
import { streamCondition } from '../xmpp/reasons.ts'
import { type AckWindow, type Heard, Unacknowledged } from './unacknowledged.ts'

/** Asked at the latest after so many stanzas or bytes since the last question. */
const ASK_STANZAS = 100
const ASK_BYTES = 8192
/** While we do not read, the peer's questions wait; so often it hears unasked that we are there. */
const SIGN_OF_LIFE_MS = 10_000

const MODULUS = 2 ** 32

/** What a stream shows of its acknowledgements. */
export interface AckFigures {
  readonly acknowledged: number
  /** Not known to have arrived. */
  readonly unacknowledgedStanzas: number
  readonly unacknowledgedBytes: number
  /** Has the peer been asked something that it has not answered? */
  readonly asking: boolean
  /** How often the peer has answered, unasked or not. */
  readonly answers: number
  /** What it has to read before it meets the oldest question. */
  readonly bytesAhead: number
  /** We do not read, and so hear no answer. */
  readonly deaf: boolean
}

export interface AcksOwner {
  /** Writes what is no stanza, if the stream may still carry it. */
  say(words: string): void
  /** So many more of the owner's stanzas are settled. */
  settled(stanzas: number): void
  /** The window was full, and is not any more. */
  opened(): void
  /** How many stanzas of the owner are on their way into the operating system. */
  flight(): number
  /** Is nothing read from the stream now? */
  deaf(): boolean
}

export class Acks implements Disposable {
  readonly #owner: AcksOwner
  readonly #window: AckWindow
  readonly #ours = new Unacknowledged()
  /** How many stanzas of theirs we have taken; undefined: nobody counts. */
  #handled: number | undefined
  #answers = 0
  #bytesUnasked = 0
  #full = false
  #soon: NodeJS.Immediate | undefined
  #life: NodeJS.Timeout | undefined
  #over = false

  constructor(window: AckWindow, owner: AcksOwner) {
    this.#window = window
    this.#owner = owner
  }

  /** From now on these ways are counted; none: the peer will not acknowledge. */
  count(ways: readonly ('ours' | 'theirs')[]): void {
    if (ways.length === 0) return this.#giveUp()
    if (ways.includes('ours')) this.#ours.begin()
    if (ways.includes('theirs')) {
      this.#handled = 0
      this.#life = setInterval(() => this.#owner.deaf() && this.acknowledge(), SIGN_OF_LIFE_MS)
      this.#life.unref()
    }
  }

  get figures(): AckFigures | undefined {
    if (!this.#ours.counting) return undefined
    return {
      acknowledged: this.#ours.acknowledged,
      unacknowledgedStanzas: this.#ours.stanzas,
      unacknowledgedBytes: this.#ours.bytes,
      asking: this.#ours.asking,
      answers: this.#answers,
      bytesAhead: this.#ours.bytesAhead,
      deaf: this.#owner.deaf(),
    }
  }

  /** Is anything counted? */
  get on(): boolean {
    return this.#ours.counting || this.#handled !== undefined
  }

  /** Has `wrote` said that the window is full, and is it so still? */
  get full(): boolean {
    return this.#full
  }

  /** Is there something that the peer may still acknowledge? */
  get awaited(): boolean {
    return this.#ours.counting && this.#ours.stanzas > 0
  }

  /** Has our last word about their stanzas been said? What comes now is not taken. */
  get parted(): boolean {
    return this.#over && this.#handled !== undefined
  }

  /** See `StreamHandler.gone`. */
  get doubtful(): number {
    return this.#ours.doubtful(this.#owner.flight())
  }

  // --- our stanzas ---

  /** A stanza of so many bytes was written. False when the window is full now. */
  wrote(bytes: number, by: 'owner' | 'other'): boolean {
    this.#ours.wrote(bytes, by)
    if (!this.#ours.counting) return true
    this.#bytesUnasked += bytes
    if (this.#bytesUnasked >= ASK_BYTES || this.#ours.unasked >= ASK_STANZAS) this.ask()
    else if (!this.#ours.asking) this.#soon ??= setImmediate(() => this.#askSoon())
    this.#full = this.#ours.isFull(this.#window)
    return !this.#full
  }

  /** The operating system took so many more of the owner's. */
  took(stanzas: number): void {
    this.#tell(this.#ours.took(stanzas))
  }

  /** Asks the peer what has arrived. */
  ask(): void {
    if (!this.#ours.counting || this.#over) return
    this.#ours.asks()
    this.#bytesUnasked = 0
    this.#owner.say(ASK)
  }

  /** The peer has handled so many. Gives what is wrong with that, if it is wrong. */
  heard(handled: number): StreamEvent | undefined {
    if (!this.#ours.counting) return undefined
    const heard = this.#ours.heard(handled, this.#owner.flight())
    if (!heard.ok) return faultOf(handled, heard)
    this.#answers += 1
    this.#tell(heard.settled)
    this.#open()
    if (!this.#ours.asking && this.#ours.unasked > 0) this.ask()
    return undefined
  }

  /** What comes after our last word may still tell what has arrived. False when nothing more is of use. */
  overheard(event: ScanEvent): boolean {
    const handled = event.kind === 'frame' ? readAck(event.frame) : undefined
    const fault = handled === undefined ? undefined : this.heard(handled)
    return this.awaited && fault === undefined && event.kind !== 'footer' && event.kind !== 'error'
  }

  // --- their stanzas ---

  /** The handler has taken one. */
  handled(): void {
    if (this.#handled !== undefined) this.#handled = (this.#handled + 1) % MODULUS
  }

  /** Tells the peer how many we have taken. */
  acknowledge(): void {
    if (this.#handled !== undefined && !this.#over) this.#owner.say(ack(this.#handled))
  }

  /** Before the last words of the stream: what we took, and the question what they took. XEP-0198 §4 */
  part(): void {
    if (this.#over) return
    this.acknowledge()
    if (this.awaited) this.ask()
    this.#over = true
    this[Symbol.dispose]()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#life)
    if (this.#soon) clearImmediate(this.#soon)
  }

  #askSoon(): void {
    this.#soon = undefined
    if (!this.#ours.asking && this.#ours.unasked > 0) this.ask()
  }

  #giveUp(): void {
    this.#tell(this.#ours.giveUp())
    this.#open()
  }

  #open(): void {
    if (!this.#full || this.#ours.isFull(this.#window)) return
    this.#full = false
    this.#owner.opened()
  }

  #tell(settled: number): void {
    if (settled > 0) this.#owner.settled(settled)
  }
}

function faultOf(handled: number, { fault, sent }: Extract<Heard, { readonly ok: false }>): StreamEvent {
  const reason = fault === 'more' ? 'SP-495' : 'SP-496'
  const detail = fault === 'more' ? `${handled} acknowledged, ${sent} sent` : `${handled} acknowledged, more before`
  const application = fault === 'more' ? countTooHigh(handled, sent) : ''
  return { kind: 'fault', condition: streamCondition(reason), reason, detail, application }
}
