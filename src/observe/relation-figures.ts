// Whom our users know outside, as gauges: set before a rendering. See `events.ts` for the rules.

import type { Desk } from './desk.ts'
import type { Metrics } from './metrics.ts'

export interface RelationsNow {
  readonly known: number
  readonly waiting: number
  readonly unsaved: number
  readonly unused: number
  readonly displaced: number
}

export interface RelationEvents {
  /** How things are now; gauges only. */
  relationsNow(now: RelationsNow): void
}

/** Declares these gauges. */
export function declareRelations(metrics: Metrics) {
  return {
    relations: metrics.declare({
      name: 'sallyport_relations',
      type: 'gauge',
      help: 'Pairs of a user of ours and somebody outside who know each other; at most `limits.relations`.',
      labels: [],
    }),
    relationsWaiting: metrics.declare({
      name: 'sallyport_relations_waiting',
      type: 'gauge',
      help: 'Changes of these that wait to be written.',
      labels: [],
    }),
    relationsUnsaved: metrics.declare({
      name: 'sallyport_relations_unsaved',
      type: 'gauge',
      help: 'Changes of these since the start that were too many to wait, and hold until the next start only.',
      labels: [],
    }),
    relationsForgotten: metrics.declare({
      name: 'sallyport_relations_forgotten',
      type: 'gauge',
      help: 'Those that were forgotten since the start, by why: unused (for `limits.relationsKept`), displaced (by others, for want of room).',
      labels: ['why'],
    }),
  }
}

export function relationEvents({ figures }: Desk): RelationEvents {
  return {
    relationsNow({ known, waiting, unsaved, unused, displaced }) {
      figures.relations.set({}, known)
      figures.relationsWaiting.set({}, waiting)
      figures.relationsUnsaved.set({}, unsaved)
      figures.relationsForgotten.set({ why: 'unused' }, unused)
      figures.relationsForgotten.set({ why: 'displaced' }, displaced)
    },
  }
}
