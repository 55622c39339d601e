// The run of the bench: what fails has no figures, and keeps nobody else from being measured.

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { CONTESTANTS } from '../../../bench/contestants/all.ts'
import type { Contestant } from '../../../bench/contestants/contestant.ts'
import { figure, type WorkloadResult } from '../../../bench/results.ts'
import { expectedSeconds, goRound, type Rounds } from '../../../bench/rounds.ts'
import { WORKLOADS } from '../../../bench/workloads/all.ts'
import type { Workload } from '../../../bench/workloads/workload.ts'

const contestant = (name: string, programs: readonly string[] = []): Contestant => ({
  name,
  about: `what ${name} is`,
  kind: name === 'sallyport' ? 'gateway' : 'server',
  programs,
  version: () => Promise.resolve('1'),
  refuses: () => undefined,
  ends: () => ({ source: [], sink: [] }),
  start: () => Promise.reject(new Error('nobody starts it')),
})

const workload = (name: string, values: Readonly<Record<string, number | Error>>): Workload => ({
  name,
  about: `what ${name} is`,
  refuses: (one) => (one.name in values ? undefined : 'it cannot'),
  seconds: () => 7,
  measure({ name: of }) {
    const value = values[of]
    if (typeof value !== 'number') return Promise.reject(value ?? new Error('nobody asked'))
    const speed = figure({ about: 'stanzas', unit: 'per second', better: 'more' }, [value])
    return Promise.resolve({ speed })
  },
})

const lost = new Error('--- the log of it', { cause: new Error('10 stanzas were to arrive, 9 did') })

function rounds(): Rounds & { readonly lines: string[]; readonly kept: (readonly WorkloadResult[])[] } {
  const [lines, kept]: [string[], (readonly WorkloadResult[])[]] = [[], []]
  return {
    workloads: [
      workload('first', { sallyport: 30, one: lost, other: 10, gone: 1 }),
      workload('second', { sallyport: 5, one: 1 }),
    ],
    contestants: [
      contestant('sallyport'),
      contestant('one'),
      contestant('other'),
      contestant('gone', ['not-to-be-had']),
    ],
    pace: { runs: 1, seconds: 1, warmUpSeconds: 1 },
    say: (line) => lines.push(line),
    keep: (done) => kept.push([...done]),
    lines,
    kept,
  }
}

test('one that loses a stanza has no figures and says what it lost; all others are measured', async () => {
  const run = rounds()
  const done = await goRound(run)
  const told = done.map(({ entries }) =>
    entries.map((entry) => ('figures' in entry ? entry.figures['speed']?.median : `${entry.outcome}: ${entry.why}`)),
  )
  deepEqual(told, [
    [30, 'failed: 10 stanzas were to arrive, 9 did', 10, 'absent: not-to-be-had not installed'],
    [5, 1, 'refused: it cannot', 'refused: it cannot'],
  ])
  deepEqual(done[0]?.ratios, { speed: { other: 3 } })
  deepEqual(
    run.kept.map(({ length }) => length),
    [1, 2],
  )
})

test('whoever watches is told how far the run is, and the whole of what went wrong', async () => {
  const run = rounds()
  await goRound(run)
  const said = run.lines.join('\n')
  equal(expectedSeconds(run).length, 5)
  for (const part of [1, 2, 3, 4, 5])
    match(said, new RegExp(`\\(${part} of 5, \\d+:\\d\\d so far, about \\d+ (s|min) left\\)`))
  match(said, /the log of it/)
})

test('a run of everything, as it is without options, takes less than forty minutes', () => {
  const present = CONTESTANTS.map((one) => ({ ...one, programs: [] }))
  const pace = { runs: 5, seconds: 3, warmUpSeconds: 3 }
  const expected = expectedSeconds({ ...rounds(), workloads: WORKLOADS, contestants: present, pace })
  const sum = expected.reduce((total, one) => total + one, 0)
  ok(sum > 20 * 60 && sum < 40 * 60, `${sum} s`)
})
