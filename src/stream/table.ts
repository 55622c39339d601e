// The shape that the automata share: a table with a row per phase and a column per event, the rows below it, and whoever keeps
// the state.
//
// Rule 1: every transition is a cell. A missing cell falls to ALWAYS, and where that has none it closes the stream.
// Rule 2: a closed stream stays closed, and nothing comes of what happens to it.

import { NS } from '../xmpp/namespaces.ts'
import { acknowledged } from './acks.ts'
import { type Closed, CLOSED, close, closeClosing, closedByError, closedByFooter, type Closing } from './closing.ts'
import { finishClosing, lost, quit, startClosing } from './closing.ts'
import { type Column, columnOf, type EventOf } from './elements.ts'
import { quote } from './quote.ts'
import type { Effect, Machine, Step, StreamEvent } from './types.ts'

export type Table<S extends { readonly phase: string }, R> = {
  readonly [P in Exclude<S['phase'], 'closed'>]: {
    readonly [C in Column]?: (state: Extract<S, { phase: P }>, event: EventOf<C>, rules: R) => Step<S>
  }
}

/** What an event comes to in every phase that says nothing else. */
const ALWAYS: { readonly [C in Column]?: (state: unknown, event: EventOf<C>) => Step<Closed> } = {
  'stream-error': (_, { frame }) => closedByError(frame),
  footer: () => closedByFooter('SP-465'),
  deadline: () => close('SP-430'),
  fault: (_, { reason, detail, condition, application }) => close(reason, detail, condition, application),
  ended: (_, event) => lost(event),
  quit: (_, event) => quit(event),
}

type Row<S> = { readonly [C in Column]?: (state: S, event: EventOf<C>) => Step<Closing | Closed> }

/** The last rows of both tables: how a ready stream begins to close, and how it comes to its end. RFC 6120 §4.4 */
export const ENDING: { readonly ready: Row<unknown>; readonly closing: Row<Closing> } = {
  ready: {
    footer: () => closedByFooter('SP-464'),
    idle: () => startClosing('SP-431', ''),
    quit: (_, { reason, detail }) => startClosing(reason, detail),
  },
  closing: {
    footer: (s) => finishClosing(s),
    deadline: (s) => finishClosing(s),
    fault: (s) => finishClosing(s),
    ended: (s) => finishClosing(s),
    'stream-error': (s) => finishClosing(s),
    idle: (s) => [s],
    quit: (s, { reason, detail }) => closeClosing(s, reason, detail),
    judged: (s) => [s],
    ack: (s, { frame }) => acknowledged(s, frame),
    ask: (s) => [s],
    enabled: (s) => [s],
    'acks-failed': (s) => [s],
  },
}

type Cell<S> = (state: unknown, event: StreamEvent, rules: unknown) => Step<S>

/** The cell for a phase and a column. That its parameters fit them is what `Table` says, and no type of a look-up can. */
function cellOf<S>(table: object, phase: string, column: Column): Cell<S> | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return (table as Readonly<Record<string, Readonly<Record<string, Cell<S>>>>>)[phase]?.[column]
}

/** Looks the cell up and calls it; `missing` closes where there is none. Never throws on peer input. */
export function transition<S extends { readonly phase: string }, R>(
  table: Table<S, R>,
  state: S,
  event: StreamEvent,
  rules: R,
  missing: (state: S, what: string) => Step<Closed>,
): Step<S | Closed> {
  if (state.phase === 'closed') return [CLOSED]
  const column = columnOf(event)
  const cell = cellOf<S>(table, state.phase, column) ?? cellOf<Closed>({ always: ALWAYS }, 'always', column)
  if (cell) return cell(state, event, rules)
  if (event.kind !== 'element') return close('SP-491', `${event.kind} while ${state.phase}`)
  return missing(state, `${quote(`{${event.frame.namespace}}${event.frame.name}`)} while ${state.phase}`)
}

/** A stream with its state, which `step` alone makes anew. */
export class Automaton<S extends { readonly phase: string }, R> implements Machine {
  readonly #step: (state: S, event: StreamEvent, rules: R) => Step<S>
  readonly #rules: R
  #state: S

  constructor(step: (state: S, event: StreamEvent, rules: R) => Step<S>, start: S, rules: R) {
    this.#step = step
    this.#state = start
    this.#rules = rules
  }

  get state(): S {
    return this.#state
  }

  get phase(): string {
    return this.#state.phase
  }

  feed(event: StreamEvent): readonly Effect[] {
    const [next, ...effects] = this.#step(this.#state, event, this.#rules)
    this.#state = next
    return effects
  }
}

/** Rewrites the close effect of a step, if there is one, and puts `before` ahead of it. */
export function amendClose<S>(step: Step<S>, say: 'nothing' | undefined, before: readonly Effect[]): Step<S> {
  const [next, ...effects] = step
  const last = effects.at(-1)
  if (last?.kind !== 'close') return step
  if (say) return [next, { ...last, say }]
  return last.say === 'nothing' ? step : [next, ...before, ...effects]
}

export const PROCEED = `<proceed xmlns='${NS.tls}'/>`
/** "From now on you may send on this stream too." XEP-0288 §2.2 */
export const BIDI = `<bidi xmlns='${NS.bidi}'/>`
export const STARTTLS = `<starttls xmlns='${NS.tls}'/>`
export const TLS_FAILURE = `<failure xmlns='${NS.tls}'/>`
