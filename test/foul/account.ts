// What became of numbered stanzas, one way: a pure count of what was seen at both ends.

export interface Seen {
  /** How many were given to the sender's server: the numbers 0 to `sent` - 1. */
  readonly sent: number
  /** The numbers as they arrived, in order. */
  readonly arrived: readonly number[]
  /** The numbers that came back to their sender as errors. */
  readonly told: ReadonlySet<number>
}

export interface Account {
  readonly sent: number
  /** Arrived, and no error came. */
  readonly delivered: number
  /** An error came, and nothing arrived. */
  readonly told: number
  /** Arrived, and an error came too. */
  readonly both: readonly number[]
  /** Neither. */
  readonly lost: readonly number[]
  readonly twice: readonly number[]
  /** Those that arrived after a later one. */
  readonly late: readonly number[]
}

export function accountFor({ sent, arrived, told }: Seen): Account {
  const times = new Map<number, number>()
  const late: number[] = []
  let highest = -1
  for (const number of arrived) {
    const before = times.get(number) ?? 0
    times.set(number, before + 1)
    if (before === 0 && number < highest) late.push(number)
    highest = Math.max(highest, number)
  }
  const all = Array.from({ length: sent }, (_, number) => number)
  const both = all.filter((number) => times.has(number) && told.has(number))
  return {
    sent,
    delivered: times.size - both.length,
    told: told.size - both.length,
    both,
    lost: all.filter((number) => !times.has(number) && !told.has(number)),
    twice: [...times].filter(([, count]) => count > 1).map(([number]) => number),
    late,
  }
}

/** Is every number accounted for? */
export const isComplete = ({ sent, arrived, told }: Seen): boolean => new Set([...arrived, ...told]).size >= sent
