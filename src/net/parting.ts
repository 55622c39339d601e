// How a connection ends: our last words, what the peer may still answer to them, and the cut.
//
// Rule 1: what was not acknowledged goes back to its senders, who are told that it may have arrived. From then on the
//         operating system must not deliver it, for it would come after later stanzas: the connection is reset if the peer
//         does not end it in time. For that our half has to stay open as long as anything is not acknowledged; but for whom
//         we send away for what it did, it ends soon.
// Rule 2: soon is a moment after the words, or when the peer ends too: a server that meets the end together with the words
//         may tell its administrator of the end alone, as ejabberd 23.01 does ("invalid argument").

import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { CloseEffect } from '../stream/types.ts'
import type { ScanEvent } from '../xml/scanner.ts'
import type { Input } from './input.ts'
import type { Outgoing } from './outgoing.ts'

/** So long the peer has for our last words alone. */
const MOMENT_MS = 250

export class Parting {
  readonly #tcp: Socket
  readonly #input: Input
  readonly #out: Outgoing
  /** The peer has our last words, and not yet the end. */
  #moment: NodeJS.Timeout | undefined

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
    const isSaid = effect.by === 'us' && effect.say !== 'nothing'
    if (mayAnswer || isSaid) this.#input.overhear(mayAnswer)
    else this.#input.end()
    const sentAway = effect.by === 'us' && effect.condition !== 'connection-timeout'
    if ((!mayAnswer || sentAway) && isSaid) this.#moment = setTimeout(() => this.#end(), MOMENT_MS).unref()
    if (isSaid || (mayAnswer && !sentAway)) this.#out.output.hasten()
    else this.#out.output.end()
    return true
  }

  /** Takes what comes after our last words. */
  overhear(event: ScanEvent): void {
    const isAwaited = this.#out.acks.overheard(event)
    const isOver = event.kind === 'footer' || event.kind === 'error'
    if (isOver || (!isAwaited && !this.#moment)) this.heardOut()
  }

  /** Nothing that the peer could say is of use any more: our half ends too. */
  heardOut(): void {
    this.#momentOver()
    this.#input.end()
    this.#out.output.end()
  }

  cut(socket: Socket | TLSSocket): void {
    this.#momentOver()
    // Node cannot reset what it is about to end: the handle would be left open for ever.
    if (this.#out.acks.awaited && !socket.writableEnded) this.#tcp.resetAndDestroy()
    this.#out.output.discard()
    socket.destroy()
  }

  /** The peer has had its moment. It may acknowledge still. */
  #end(): void {
    this.#momentOver()
    if (this.#out.acks.awaited) this.#out.output.end()
    else this.heardOut()
  }

  #momentOver(): void {
    clearTimeout(this.#moment)
    this.#moment = undefined
  }
}
