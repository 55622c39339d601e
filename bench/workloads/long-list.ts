// What a long list of partners costs: the work of bulk-in and many with 10,000 entries on the list, beside the same gateway
// with no more than it needs. And what a policy of 200 groups and 30 rules costs beside that.
//
// Rule 1: both run at once and take turns (short, long, long, short), so that whatever else the machine does slows both.
// Rule 2: each run has a new pair of processes: two that do the same can differ by some percent for as long as they live, by
// what the compiler found first, and the median over pairs is free of that.
// Rule 3: a gateway looks through its whole list ten seconds after its start, and then for a hundredth of the time at most.
// The warm-up takes so long that this first look, a third of a second, is no large part of what is measured.

import type { Contestant } from '../contestants/contestant.ts'
import { figure } from '../results.ts'
import { describe, figuresOf, Path, sampleOf, type Sample, type ThroughputOptions } from '../throughput.ts'
import { bulkInOptions } from './bulk-in.ts'
import { manyOptions } from './many.ts'
import type { MeasureOptions, Workload } from './workload.ts'

const ENTRIES = 10_000
/** Warm-ups, one after the other. */
const WARM_UPS = 3
/** About what a pair needs to start and to end. */
const START_SECONDS = 8

export const bulkInLongList = withLongList(bulkInOptions)
export const manyLongList = withLongList(manyOptions)
export const bulkInPolicy = withLongList(bulkInOptions, true)

function withLongList(short: ThroughputOptions, policy = false): Workload {
  const rules = policy ? ', 200 groups and 30 rules of who may talk to whom' : ''
  const about = `${short.about}, with ${ENTRIES.toLocaleString('en')} partners on the list${rules}`
  const name = policy ? `policy-${short.name}` : `${short.name}-10000`
  const long: ThroughputOptions = { ...short, name, about, entries: ENTRIES, policy }
  return {
    name: long.name,
    about,
    refuses: ({ kind }: Contestant) => (kind === 'gateway' ? undefined : 'it has no list of partners'),
    seconds: ({ runs, seconds, warmUpSeconds }) => runs * (START_SECONDS + 2 * (WARM_UPS * warmUpSeconds + seconds)),
    async measure(contestant, options) {
      const [shortSamples, longSamples]: [Sample[], Sample[]] = [[], []]
      for (let i = 0; i < options.runs; i++) {
        const [shortSample, longSample] = await measurePair(contestant, [short, long], options)
        shortSamples.push(shortSample)
        longSamples.push(longSample)
        options.tell(`short ${describe(shortSample)}`)
        options.tell(`long  ${describe(longSample)}`)
      }
      const slower = longSamples.map(({ microseconds }, i) => (microseconds / shortSamples[i]!.microseconds - 1) * 100)
      return {
        ...figuresOf(longSamples),
        slower: figure({ about: 'more processor time than with a short list', unit: '%', better: 'less' }, slower),
      }
    },
  }
}

/** One run of both, in halves. */
async function measurePair(
  contestant: Contestant,
  [short, long]: readonly [ThroughputOptions, ThroughputOptions],
  options: MeasureOptions,
): Promise<readonly [Sample, Sample]> {
  await using one = await Path.open(contestant, short, options)
  await using two = await Path.open(contestant, long, options)
  for (const path of [one, two]) await path.run(WARM_UPS * options.warmUpSeconds)
  const half = options.seconds / 2
  const first = await one.run(half)
  const others = [await two.run(half), await two.run(half)] as const
  return [sampleOf(first, await one.run(half)), sampleOf(...others)]
}
