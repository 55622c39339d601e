// What it costs to know who of ours knows whom outside: a million relations, in memory and on disk. Each run is a process of its
// own.

import { join } from 'node:path'
import { run as runProgram } from '../../test/support/program.ts'
import type { Contestant } from '../contestants/contestant.ts'
import type { RelationCost } from '../relations/relations-program.ts'
import { figure, type FigureKind, type Figures } from '../results.ts'
import type { MeasureOptions, Workload } from './workload.ts'

const LONGEST_MS = 300_000
const PROGRAM = join(import.meta.dirname, '../relations/relations-program.ts')

export const relations: Workload = {
  name: 'policy-relations',
  about:
    'a million pairs of a user of ours and somebody outside who know each other, taken from the store and asked about, half of the questions about strangers',
  refuses: ({ kind }: Contestant) => (kind === 'gateway' ? undefined : 'it keeps no ledger'),
  seconds: ({ runs: count }) => 20 * count,
  async measure(_, options: MeasureOptions): Promise<Figures> {
    const all: RelationCost[] = []
    for (let i = 0; i < options.runs; i++) {
      const { code, stdout, stderr } = await runProgram(process.execPath, ['--expose-gc', PROGRAM], { ms: LONGEST_MS })
      if (code !== 0) throw new Error(stderr.trim() || `ended with ${code}`)
      const one = JSON.parse(stdout) as RelationCost
      all.push(one)
      const mb = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)
      options.tell(`${one.lookup.toFixed(2)} µs · ${mb(one.bytes)} MB held · ${mb(one.diskBytes)} MB on disk`)
    }
    const of = (kind: FigureKind, name: keyof RelationCost) =>
      figure(
        kind,
        all.map((one) => one[name]),
      )
    return {
      lookup: of({ about: 'processor time for a look-up', unit: 'µs', better: 'less' }, 'lookup'),
      bytes: of({ about: 'memory', unit: 'bytes', better: 'less' }, 'bytes'),
      diskBytes: of({ about: 'on disk', unit: 'bytes', better: 'less' }, 'diskBytes'),
      load: of({ about: 'processor time to take them from the store', unit: 'ms', better: 'less' }, 'load'),
    }
  },
}
