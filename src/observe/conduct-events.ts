// Events about how domains outside behave. See `events.ts` for the rules.

import type { ReasonId } from '../xmpp/reasons.ts'
import type { Desk } from './desk.ts'
import type { Metrics } from './metrics.ts'
import { because } from './stream-events.ts'

/** A domain is in another state of conduct. */
export interface MoveFacts {
  readonly domain: string
  readonly from: string
  readonly to: string
  readonly points: Readonly<Record<string, number>>
  /** Does anything follow from it? */
  readonly counts: boolean
  readonly by?: string | undefined
  readonly why?: string | undefined
}

export interface ConductEvents {
  conductMoved(move: MoveFacts, reason: ReasonId, reference: string): void
  /** Gauges only. */
  conductNow(now: { readonly states: Readonly<Record<string, number>>; readonly pushedOut: number }): void
}

/** The metrics of these events. */
export function declareConduct(metrics: Metrics) {
  return {
    conducts: metrics.declare({
      name: 'sallyport_conduct_domains',
      type: 'gauge',
      help: 'Domains outside of which is remembered that they misbehaved, or was said how to meet them, by state (normal, limited, watch, blocked).',
      labels: ['state'],
    }),
    conductMoves: metrics.declare({
      name: 'sallyport_conduct_moves',
      type: 'counter',
      help: 'Changes of state of conduct, by the state that they led to, and by reason.',
      labels: ['state', 'reason'],
    }),
    conductPushedOut: metrics.declare({
      name: 'sallyport_conduct_pushed_out',
      type: 'gauge',
      help: 'Domains whose conduct was forgotten, as there was no room, since the start.',
      labels: [],
    }),
  }
}

export function conductEvents({ log, figures }: Desk): ConductEvents {
  return {
    conductMoved({ domain, from, to, points, counts, by, why }, reason, reference) {
      figures.conductMoves.add({ state: to, reason })
      const rounded = Object.fromEntries(Object.entries(points).map(([name, some]) => [name, Math.round(some)]))
      const fields = {
        ...because(reason),
        reference,
        domain,
        from,
        to,
        counts,
        points: JSON.stringify(rounded),
        by,
        why,
      }
      log.write(reason === 'SP-163' ? 'warn' : 'info', 'partner.conduct', fields)
    },
    conductNow({ states, pushedOut }) {
      for (const [state, number] of Object.entries(states)) figures.conducts.set({ state }, number)
      figures.conductPushedOut.set({}, pushedOut)
    },
  }
}
