// What somebody may watch of a connection while it comes about: where it goes, and everything that its automaton is told
// and decides. For a live test or a trace of one peer; where nobody watches, nothing is done.
//
// Rule 1: sights are plain data, told as they happen and in order. Whoever watches changes nothing.
// Rule 2: the seam is the automaton's: what it is not told (the stanzas of a ready stream) nobody sees here.

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

/** Must not throw. */
export type Observer = (sight: Sight) => void

/** The same automaton, watched. */
export function observed(machine: Machine, observer: Observer | undefined): Machine {
  if (!observer) return machine
  return {
    get phase() {
      return machine.phase
    },
    feed(event) {
      observer({ kind: 'event', event })
      const effects = machine.feed(event)
      for (const effect of effects) observer({ kind: 'effect', effect })
      return effects
    },
  }
}
