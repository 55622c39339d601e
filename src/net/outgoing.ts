// The writing half of a stream: stanzas of its owner, those of others, and words that are no stanzas, each into the pipe
// and into the count of what has to be acknowledged.
//
// Rule: the pipe is full when either is, and there is room again when neither is.

import type { Duplex } from 'node:stream'
import { streamError } from '../stream/stream-error.ts'
import type { CloseEffect } from '../stream/types.ts'
import type { Bytes } from '../xml/stretch.ts'
import { STREAM_FOOTER } from '../xml/write.ts'
import { Acks, type AcksOwner } from './acks.ts'
import type { StreamLimits } from './limits.ts'
import { Output, type OutputOwner } from './output.ts'

const FOOTER = Buffer.from(STREAM_FOOTER)

export interface OutgoingOwner {
  /** Bytes are written, whatever they are. */
  wrote(bytes: number): void
  /** See `StreamHandler`. */
  taken(stanzas: number): void
  drained(): void
  /** Is nothing read from the stream now? */
  deaf(): boolean
  /** The peer makes us speak and does not read. */
  choked(is: boolean): void
  /** Runs what the socket has caused, and answers for what it throws. */
  guard(act: () => void): void
}

export class Outgoing implements OutputOwner, AcksOwner {
  readonly output: Output
  readonly acks: Acks
  readonly #owner: OutgoingOwner

  constructor(socket: Duplex, limits: StreamLimits, owner: OutgoingOwner) {
    this.#owner = owner
    this.output = new Output(socket, limits.highWaterBytes, this)
    this.acks = new Acks(limits.unacknowledged, this)
  }

  /** Writes a stanza of the owner. False when the pipe is full now. */
  send(bytes: Bytes): boolean {
    this.#owner.wrote(bytes.length)
    const fits = this.output.write(bytes)
    return this.acks.wrote(bytes.length, 'owner') && fits
  }

  /** Writes a stanza of somebody else. */
  interject(bytes: Buffer): void {
    this.say(bytes)
    this.acks.wrote(bytes.length, 'other')
  }

  /** Writes what is no stanza. */
  say(words: Buffer | string): void {
    const bytes = typeof words === 'string' ? Buffer.from(words) : words
    this.#owner.wrote(bytes.length)
    this.output.say(bytes)
  }

  /** Says goodbye in good order: how things stand with acknowledgements, an error if there is one, then the footer. */
  footer(error?: string): void {
    this.acks.part()
    if (error !== undefined) this.say(error)
    this.say(FOOTER)
  }

  /**
   * Says our last words, and forgets what waits: another stream can carry it, and who ends this one may not read it any
   * more. True when the peer may still answer them.
   */
  part({ say, condition, application }: CloseEffect, reference: string): boolean {
    this.output.cut()
    const error = say === 'error' && condition ? streamError(condition, reference, application) : undefined
    if (say !== 'nothing') this.footer(error)
    this.acks[Symbol.dispose]()
    return say !== 'nothing' && this.acks.awaited
  }

  // --- what the pipe tells ---

  taken(stanzas: number): void {
    this.#owner.guard(() => this.acks.took(stanzas))
  }

  drained(): void {
    this.#owner.guard(() => this.opened())
  }

  choked(is: boolean): void {
    this.#owner.guard(() => this.#owner.choked(is))
  }

  // --- what the count tells ---

  settled(stanzas: number): void {
    this.#owner.taken(stanzas)
  }

  opened(): void {
    if (!this.output.full && !this.acks.full) this.#owner.drained()
  }

  flight(): number {
    return this.output.doubtful
  }

  deaf(): boolean {
    return this.#owner.deaf()
  }
}
