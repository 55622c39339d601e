// Events of groups whose members are read from directories. See `events.ts` for the rules.

import type { ReasonId } from '../xmpp/reasons.ts'
import type { Desk } from './desk.ts'
import type { Metrics } from './metrics.ts'
import { because } from './stream-events.ts'

/** Who joined and who left are named up to so many. */
const MOST_NAMED = 20

export interface GroupChange {
  readonly group: string
  readonly directory: string
  readonly members: number
  readonly joined: readonly string[]
  readonly left: readonly string[]
}

export interface GroupTrouble {
  readonly group: string
  readonly directory: string
  readonly reason: ReasonId
  readonly detail: string
  /** How many members stay known; undefined: none ever were. */
  readonly members: number | undefined
}

export interface GroupFigures {
  /** Groups whose last reading was good, and those whose was not. */
  readonly read: number
  readonly stale: number
  readonly members: number
  /** Since the oldest reading that is in force, in ms. */
  readonly oldestMs: number
}

export interface GroupEvents {
  /** Every reading; counted only. */
  groupRead(outcome: 'ok' | ReasonId): void
  /** Others are in it than before. */
  groupChanged(change: GroupChange): void
  /** It cannot be read any more, or for another reason than before. */
  groupTrouble(trouble: GroupTrouble): void
  /** It can be read again. */
  groupMended(group: string, directory: string): void
  /** Gauges only. */
  groupsNow(figures: GroupFigures): void
}

export function groupEvents({ log, figures }: Desk): GroupEvents {
  return {
    groupRead: (outcome) => figures.groupReadings.add({ outcome }),
    groupChanged({ group, directory, members, joined, left }) {
      const named = { joined: joined.slice(0, MOST_NAMED).join(' '), left: left.slice(0, MOST_NAMED).join(' ') }
      const counts = { joinedCount: joined.length, leftCount: left.length }
      log.write('info', 'group.changed', { group, directory, members, ...counts, ...named })
    },
    groupTrouble({ group, directory, reason, detail, members }) {
      log.write('error', 'group.stale', { ...because(reason), group, directory, detail, members })
    },
    groupMended: (group, directory) => log.write('info', 'group.mended', { group, directory }),
    groupsNow({ read, stale, members, oldestMs }) {
      figures.groups.set({ state: 'read' }, read)
      figures.groups.set({ state: 'stale' }, stale)
      figures.groupMembers.set({}, members)
      figures.groupAge.set({}, oldestMs / 1000)
    },
  }
}

/** Declares the metrics of groups. */
export function declareGroups(metrics: Metrics) {
  return {
    groups: metrics.declare({
      name: 'sallyport_groups',
      type: 'gauge',
      help: 'Groups of directories, by whether the last reading was good (read) or not (stale: the members are those of before).',
      labels: ['state'],
    }),
    groupMembers: metrics.declare({
      name: 'sallyport_group_members',
      type: 'gauge',
      help: 'Members of all groups of directories; 50,000 of one and 250,000 together at most.',
      labels: [],
    }),
    groupAge: metrics.declare({
      name: 'sallyport_groups_age_seconds',
      type: 'gauge',
      help: 'Time since the oldest reading of a group that is in force.',
      labels: [],
    }),
    groupReadings: metrics.declare({
      name: 'sallyport_group_readings',
      type: 'counter',
      help: 'Readings of groups from directories, by outcome (ok, or the reason).',
      labels: ['outcome'],
    }),
  }
}
