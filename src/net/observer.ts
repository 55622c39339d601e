// What somebody may watch of a connection: where it goes, everything that its automaton is told and decides, and the
// stanzas that cross it when it is ready. For a live test or a trace of one peer.
//
// Rule 1: sights are plain data, told as they happen and in order. Whoever watches changes nothing.
// Rule 2: where nobody watches, nothing is done: a stanza costs one look at whether somebody does.

import type { Effect, Machine, StreamEvent } from '../stream/types.ts'
import type { Failure } from './failure.ts'
import type { Target } from './resolve.ts'

export type Sight =
  /** An attempt to connect by TCP begins. */
  | { readonly kind: 'connecting'; readonly target: Target; readonly address: string }
  /** It has succeeded; `from` is our end of it. */
  | { readonly kind: 'connected'; readonly target: Target; readonly address: string; readonly from: string }
  | { readonly kind: 'unconnected'; readonly target: Target; readonly address: string; readonly failure: Failure }
  /** What happened to the stream: elements of the peer, the end of a handshake, a verdict. */
  | { readonly kind: 'event'; readonly event: StreamEvent }
  /** What was done about it: elements of ours, the end. */
  | { readonly kind: 'effect'; readonly effect: Effect }
  /** A stanza of the peer's on a ready stream, or one that is written to it. */
  | { readonly kind: 'stanza'; readonly way: 'in' | 'out'; readonly bytes: Buffer }

/** Must not throw. */
export type Observer = (sight: Sight) => void

/** Those who watch one connection. */
export class Observers {
  /** Absent as long as there has been nobody: each connection has one of these. */
  #all: Set<Observer> | undefined
  /** Tells all of them; undefined while there is nobody. */
  tell: Observer | undefined

  constructor(first: readonly Observer[]) {
    if (first.length > 0) this.#follow(new Set(first))
  }

  /** From now on; whoever watches already goes on doing so. */
  add(observer: Observer): void {
    this.#follow((this.#all ?? new Set()).add(observer))
  }

  delete(observer: Observer): void {
    if (this.#all?.delete(observer)) this.#follow(this.#all)
  }

  #follow(all: Set<Observer>): void {
    this.#all = all
    const [only] = all
    if (all.size < 2) this.tell = only
    else this.tell = (sight) => all.forEach((observer) => observer(sight))
  }
}

/** The same automaton, watched by whoever watches at the time. */
export function observed(machine: Machine, observers: Observers): Machine {
  return new Observed(machine, observers)
}

class Observed implements Machine {
  readonly #machine: Machine
  readonly #observers: Observers
  /** Asked several times for each stanza, so it is kept at hand; only `feed` changes it. */
  phase: string

  constructor(machine: Machine, observers: Observers) {
    this.#machine = machine
    this.#observers = observers
    this.phase = machine.phase
  }

  feed(event: StreamEvent): readonly Effect[] {
    const [machine, observers] = [this.#machine, this.#observers]
    observers.tell?.({ kind: 'event', event })
    const effects = machine.feed(event)
    this.phase = machine.phase
    for (const effect of effects) observers.tell?.({ kind: 'effect', effect })
    return effects
  }
}
