// What a long list of partners costs: the work of bulk-in and many with 10,000 entries on the list, beside the same gateway
// with no more than it needs. Both run at once and take turns, so that whatever else the machine does slows both.

import type { Contestant } from '../contestants/contestant.ts'
import { figure } from '../results.ts'
import { describe, figuresOf, Path, type Sample, type ThroughputOptions } from '../throughput.ts'
import { bulkInOptions } from './bulk-in.ts'
import { manyOptions } from './many.ts'
import type { Workload } from './workload.ts'

const ENTRIES = 10_000

export const bulkInLongList = withLongList(bulkInOptions)
export const manyLongList = withLongList(manyOptions)

function withLongList(short: ThroughputOptions): Workload {
  const about = `${short.about}, with ${ENTRIES.toLocaleString('en')} partners on the list`
  const long: ThroughputOptions = { ...short, name: `${short.name}-10000`, about, entries: ENTRIES }
  return {
    name: long.name,
    about,
    refuses: ({ kind }: Contestant) => (kind === 'gateway' ? undefined : 'it has no list of partners'),
    async measure(contestant, options) {
      await using one = await Path.open(contestant, short, options)
      await using two = await Path.open(contestant, long, options)
      const [shortSamples, longSamples]: [Sample[], Sample[]] = [[], []]
      for (const path of [one, two]) await path.run(options.warmUpSeconds)
      for (let i = 0; i < options.runs; i++) {
        const turns = [[one, shortSamples] as const, [two, longSamples] as const]
        for (const [path, samples] of i % 2 === 0 ? turns : turns.toReversed()) {
          const sample = await path.run(options.seconds)
          samples.push(sample)
          options.tell(`${path === one ? 'short' : 'long '} ${describe(sample)}`)
        }
      }
      const slower = longSamples.map((sample, i) => (sample.microseconds / shortSamples[i]!.microseconds - 1) * 100)
      return {
        ...figuresOf(longSamples),
        slower: figure({ about: 'more processor time than with a short list', unit: '%', better: 'less' }, slower),
      }
    },
  }
}
