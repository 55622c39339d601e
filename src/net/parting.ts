// How a connection ends: our last words, what the peer may still answer to them, and the cut.
//
// Rule: what was not acknowledged goes back to its senders, who are told that it may have arrived. From then on the
//       operating system must not deliver it, for it would come after later stanzas: the connection is reset if the peer
//       does not end it in time. For that our half has to stay open as long as anything is not acknowledged; but whom we
//       send away for what it did hears the end at once.

import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { CloseEffect } from '../stream/types.ts'
import type { ScanEvent } from '../xml/scanner.ts'
import type { Input } from './input.ts'
import type { Outgoing } from './outgoing.ts'

export class Parting {
  readonly #tcp: Socket
  readonly #input: Input
  readonly #out: Outgoing

  /** `tcp`: the connection itself, below TLS. */
  constructor(tcp: Socket, input: Input, out: Outgoing) {
    this.#tcp = tcp
    this.#input = input
    this.#out = out
  }

  /** Says our last words. False: there is nobody to say them to, and the connection is cut. */
  begin(effect: CloseEffect, reference: string, socket: Socket | TLSSocket, handshaking: boolean): boolean {
    const mayAnswer = this.#out.part(effect, reference)
    const unanswered = effect.say === 'nothing' && this.#out.acks.awaited
    if (effect.by === 'network' || handshaking || unanswered) {
      this.#input.end()
      this.cut(socket)
      return false
    }
    if (mayAnswer) this.#input.overhear()
    else this.#input.end()
    const sentAway = effect.by === 'us' && effect.condition !== 'connection-timeout'
    if (mayAnswer && !sentAway) this.#out.output.hasten()
    else this.#out.output.end()
    return true
  }

  /** Takes what comes after our last words. */
  overhear(event: ScanEvent): void {
    if (!this.#out.acks.overheard(event)) this.heardOut()
  }

  /** Nothing that the peer could say is of use any more: our half ends too. */
  heardOut(): void {
    this.#input.end()
    this.#out.output.end()
  }

  cut(socket: Socket | TLSSocket): void {
    // Node cannot reset what it is about to end: the handle would be left open for ever.
    if (this.#out.acks.awaited && !socket.writableEnded) this.#tcp.resetAndDestroy()
    this.#out.output.discard()
    socket.destroy()
  }
}
