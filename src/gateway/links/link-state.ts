// What a link is doing. Changed in one place, `link.ts`.

import type { Stream, StreamEnd } from '../../net/stream.ts'
import type { Bounce } from '../bounce.ts'

export type LinkState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'connecting'; readonly abort: AbortController }
  | { readonly phase: 'ready'; readonly stream: Stream; readonly since: number }
  /** Up on a stream that is written to no more: when it is rid of everything, `next` takes its place. */
  | { readonly phase: 'yielding'; readonly stream: Stream; readonly since: number; readonly next: Stream }
  /** The stream has ended; what is lost with it is known when its connection is gone. Then comes `next`, if there is one. */
  | { readonly phase: 'leaving'; readonly stream: Stream; readonly end: StreamEnd; readonly next?: Stream }
  /** `stream`: the one that was up. `gone`: no connection is left. */
  | { readonly phase: 'closed'; readonly why: Bounce; readonly stream: Stream | undefined; readonly gone: boolean }

/** Why an attempt was given up: the link has a stream of the peer's. */
export const ADOPTED = Symbol('adopted')
