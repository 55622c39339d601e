// How a domain outside behaves, as a state that moves by itself: what it does makes points, and time takes them away. A pure
// automaton; times are in milliseconds.
//
// Rule 1: points halve in a fixed time. A state is entered at its threshold and left below half of it, so that nothing flutters.
// Rule 2: there are never more points than twice the last threshold, so that it is known how long the worst of them is remembered.
// Rule 3: what somebody has said by hand holds until it is over or taken back (`holds.ts`). Beneath it the automaton goes on.

/** From good to bad. */
export const CONDUCT_STATES = ['normal', 'limited', 'watch', 'blocked'] as const
export type ConductState = (typeof CONDUCT_STATES)[number]

/**
 * What makes points. `rate`, `recipients`: it sent more than it may, or to more people. `failures`: much of what it sends comes to
 * nothing. `subscriptions`: it asks very many for their presence. `violations`: it speaks for others, or would relay through us.
 */
export const OFFENCES = ['rate', 'recipients', 'failures', 'subscriptions', 'violations'] as const
export type Offence = (typeof OFFENCES)[number]
export type Points = Readonly<Partial<Record<Offence, number>>>

/** What an administrator has said, in place of what the automaton finds. */
export interface Held {
  readonly state: ConductState
  readonly at: number
  /** Undefined: until it is taken back. */
  readonly until: number | undefined
  /** In their own words. */
  readonly by: string
  readonly why: string | undefined
}

export interface Conduct {
  /** What the automaton finds. */
  readonly state: ConductState
  /** Since when. */
  readonly since: number
  /** As they were at `at`, by what they were for. */
  readonly points: Points
  readonly at: number
  readonly held: Held | undefined
}

/** From so many points on it is so. */
export const THRESHOLDS: Readonly<Record<ConductState, number>> = { normal: 0, limited: 10, watch: 30, blocked: 60 }
const MOST_POINTS = 2 * THRESHOLDS.blocked

export interface Bounds {
  /** In which time points become half of what they are. */
  readonly halfLifeMs: number
  /** The automaton goes no further than this. */
  readonly worst: ConductState
}

/** One of which nothing bad is known. */
export const goodConduct = (now: number): Conduct => ({
  state: 'normal',
  since: now,
  points: {},
  at: now,
  held: undefined,
})

/** What is left of points, after so long. A clock that is set back takes nothing away. */
export function pointsAt({ points, at }: Conduct, now: number, halfLifeMs: number): Points {
  const left = 0.5 ** (Math.max(0, now - at) / halfLifeMs)
  const all = OFFENCES.flatMap((offence) => {
    const some = (points[offence] ?? 0) * left
    return some < TOO_LITTLE ? [] : [[offence, some] as const]
  })
  return Object.fromEntries(all)
}

const TOO_LITTLE = 0.01

export const sumOf = (points: Points): number => OFFENCES.reduce((sum, offence) => sum + (points[offence] ?? 0), 0)

/** Time has passed, and meanwhile it did this. */
export function stepped(conduct: Conduct, done: Points, now: number, { halfLifeMs, worst }: Bounds): Conduct {
  const left = pointsAt(conduct, now, halfLifeMs)
  const sum = sumOf(left) + sumOf(done)
  const part = sum > MOST_POINTS ? MOST_POINTS / sum : 1
  const points = Object.fromEntries(
    OFFENCES.flatMap((offence) => {
      const some = ((left[offence] ?? 0) + (done[offence] ?? 0)) * part
      return some > 0 ? [[offence, some] as const] : []
    }),
  )
  const state = moved(conduct.state, sumOf(points), worst)
  const held = conduct.held !== undefined && isOver(conduct.held, now) ? undefined : conduct.held
  const at = Math.max(now, conduct.at)
  return { state, since: state === conduct.state ? conduct.since : at, points, at, held }
}

/** Up as far as the points lead, down step by step as they become fewer. */
function moved(state: ConductState, points: number, worst: ConductState): ConductState {
  const most = CONDUCT_STATES.indexOf(worst)
  let at = Math.min(CONDUCT_STATES.indexOf(state), most)
  const threshold = (index: number): number => THRESHOLDS[CONDUCT_STATES[index] ?? 'normal']
  while (at < most && points >= threshold(at + 1)) at += 1
  while (at > 0 && points < threshold(at) / 2) at -= 1
  return CONDUCT_STATES[at] ?? 'normal'
}

export const isOver = ({ until }: Held, now: number): boolean => until !== undefined && now >= until

/** What counts: what somebody has said, or what the automaton finds. */
export const stateOf = ({ state, held }: Conduct): ConductState => held?.state ?? state
