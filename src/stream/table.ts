// The shape that both automata share: a table with a row per phase and a column per event, and the rows below it.
//
// Rule 1: every transition is a cell. A missing cell falls to ALWAYS, and where that has none it closes the stream.
// Rule 2: a closed stream stays closed, and nothing comes of what happens to it.

import { NS } from '../xmpp/namespaces.ts'
import { type Closed, CLOSED, close, closedByError, closedByFooter, lost, quit } from './closing.ts'
import { type Column, columnOf, type EventOf } from './elements.ts'
import type { Effect, Step, StreamEvent } from './types.ts'

export type Table<S extends { readonly phase: string }, R> = {
  readonly [P in Exclude<S['phase'], 'closed'>]: {
    readonly [C in Column]?: (state: Extract<S, { phase: P }>, event: EventOf<C>, rules: R) => Step<S>
  }
}

/** What an event comes to in every phase that says nothing else. */
const ALWAYS: { readonly [C in Column]?: (event: EventOf<C>) => Step<Closed> } = {
  'stream-error': ({ frame }) => closedByError(frame),
  footer: () => closedByFooter('SP-465'),
  deadline: () => close('SP-430'),
  fault: ({ reason, detail, condition }) => close(reason, detail, condition),
  ended: (event) => lost(event),
  quit: (event) => quit(event),
}

type Cell = (state: unknown, event: unknown, rules: unknown) => Step<never>

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
  // The types of a row's cells are those of its phase and columns: the look-up is what makes the pair fit.
  const row = table[state.phase as Exclude<S['phase'], 'closed'>] as { readonly [C in Column]?: Cell }
  const cell = row[column]
  if (cell) return cell(state, event, rules)
  const always = ALWAYS[column] as ((event: StreamEvent) => Step<Closed>) | undefined
  if (always) return always(event)
  if (event.kind !== 'element') return close('SP-491', `${event.kind} while ${state.phase}`)
  return missing(state, `<${event.frame.name} xmlns='${event.frame.namespace}'/> while ${state.phase}`)
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
export const STARTTLS = `<starttls xmlns='${NS.tls}'/>`
export const TLS_FAILURE = `<failure xmlns='${NS.tls}'/>`
