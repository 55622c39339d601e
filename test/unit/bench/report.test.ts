// From results to what people read: numbers, tables, goals, charts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SaxesParser } from 'saxes'
import { chartsOf } from '../../../bench/report/charts.ts'
import { GOALS, judge, Run } from '../../../bench/report/goals.ts'
import { digits, times, written } from '../../../bench/report/numbers.ts'
import { summary } from '../../../bench/report/summary.ts'
import { barChart, type Bar } from '../../../bench/report/svg.ts'
import { table } from '../../../bench/report/table.ts'
import { withBench } from '../../../bench/report/write.ts'
import {
  figure,
  ratiosOf,
  type Entry,
  type FigureKind,
  type Results,
  type WorkloadResult,
} from '../../../bench/results.ts'

const PER_CPU: FigureKind = { about: 'stanzas per CPU-second', unit: 'per CPU-second', better: 'more' }
const GROWN: FigureKind = { about: 'memory gained', unit: 'bytes', better: 'less' }
const CORES: FigureKind = { about: 'cores of the sink', unit: 'cores', better: 'neither' }

function measured(contestant: string, figures: Readonly<Record<string, readonly [FigureKind, number]>>): Entry {
  const made = Object.entries(figures).map(([name, [kind, value]]) => [name, figure(kind, [value])] as const)
  return { contestant, outcome: 'measured', figures: Object.fromEntries(made) }
}

function workload(name: string, entries: readonly Entry[]): WorkloadResult {
  return { name, about: `what ${name} is`, entries, ratios: ratiosOf(entries) }
}

const RESULTS: Results = {
  format: 1,
  begun: '2026-11-25T19:00:00.000Z',
  machine: { processor: 'A processor', cores: 2, memoryBytes: 8 * 2 ** 30, system: 'Linux 6' },
  asked: { runs: 5, seconds: 3, warmUpSeconds: 3 },
  contestants: {
    sallyport: { about: 'ours', kind: 'gateway', version: '1' },
    prosody: { about: 'a server', kind: 'server', version: '0.12' },
    ejabberd: { about: 'another', kind: 'server', version: '23.01' },
    pipe: { about: 'the limit', kind: 'limit', version: 'Node 26' },
  },
  workloads: [
    workload('bulk-in', [
      measured('sallyport', { perCpuSecond: [PER_CPU, 400_000], sinkCores: [CORES, 0.5] }),
      measured('prosody', { perCpuSecond: [PER_CPU, 16_000] }),
      measured('ejabberd', { perCpuSecond: [PER_CPU, 32_000] }),
      measured('pipe', { perCpuSecond: [PER_CPU, 2_500_000] }),
    ]),
    workload('stalled', [
      measured('sallyport', { grownBytes: [GROWN, 70 * 2 ** 20] }),
      measured('prosody', { grownBytes: [GROWN, 0] }),
      { contestant: 'ejabberd', outcome: 'absent', why: 'not <installed> & not here' },
      { contestant: 'pipe', outcome: 'refused', why: 'cannot | will not' },
    ]),
  ],
}

test('numbers have three digits that count, and their unit', () => {
  const rows = [
    [1_640_321, 'per second', '1.64 M'],
    [38_200, 'per CPU-second', '38.2 k'],
    [999, 'count', '999'],
    [45.1 * 1024, 'bytes', '45.1 KB'],
    [23 * 2 ** 30, 'bytes', '23 GB'],
    [-3 * 2 ** 20, 'bytes', '-3 MB'],
    [0.0412, 'ms', '0.0412 ms'],
    [1.2345, 'µs', '1.23 µs'],
    [2.5, '%', '2.5 %'],
    [NaN, 'ms', '—'],
  ] as const
  for (const [value, unit, text] of rows) assert.equal(written(value, unit), text)
  assert.equal(digits(12_345), '12345')
  assert.equal(times(12.34), '12.3 ×')
})

test('a cell cannot break its table', () => {
  assert.equal(
    table(['a', 'b'], [['x|y', 'two\nlines'], ['z']]),
    '| a | b |\n|---|---:|\n| x\\|y | two lines |\n| z |  |',
  )
})

test('ratios are against what was measured, and the best server is the one that is hardest to beat', () => {
  const run = new Run(RESULTS)
  assert.equal(run.overBest('bulk-in', 'perCpuSecond'), 12.5)
  assert.equal(run.ratio('bulk-in', 'pipe', 'perCpuSecond'), 0.16)
  assert.equal(run.ratio('bulk-in', 'haproxy', 'perCpuSecond'), undefined)
  assert.equal(run.overBest('many', 'perCpuSecond'), undefined)
})

test('a goal is reached, its floor is, or neither; what was not measured is none of them', () => {
  const verdicts = judge(RESULTS).map(({ goal: { workload: of, text }, value, verdict }) => [of, text, value, verdict])
  const told = verdicts.filter(([, , , verdict]) => verdict !== 'not measured')
  assert.deepEqual(told, [
    ['bulk-in', 'bulk in, per CPU-second, against ejabberd', 12.5, 'above the floor'],
    ['bulk-in', 'bulk in, per CPU-second, of the bare pipe', 0.16, 'above the floor'],
    ['stalled', GOALS.at(-1)?.text, 70 * 2 ** 20, 'above the floor'],
  ])
  const [, first, second] = GOALS
  assert.ok(first && second)
  assert.equal(judge(RESULTS, [{ ...first, goal: 12.5 }])[0]?.verdict, 'reached')
  assert.equal(judge(RESULTS, [{ ...first, goal: 13, floor: 12.6 }])[0]?.verdict, 'missed')
  assert.equal(judge(RESULTS, [{ ...second, better: 'less', goal: 0.2 }])[0]?.verdict, 'reached')
})

test('every goal names a floor that is no harder than it', () => {
  for (const { text, goal, floor, better } of GOALS) assert.ok(better === 'more' ? floor <= goal : floor >= goal, text)
})

test('the summary tells the machine, every contestant, every goal and every workload', () => {
  const text = summary(RESULTS, [{ file: 'bench/charts/idle.svg', title: 'Idle' }])
  for (const words of [
    'A processor, 2 cores, 8 GB of memory, Linux 6',
    '| ejabberd | 23.01 | another |',
    '![Idle](bench/charts/idle.svg)',
    '### bulk-in\n\nwhat bulk-in is\n\n|  | stanzas per CPU-second |\n|---|---:|\n| sallyport | 400 k |',
    'Sallyport: stanzas per CPU-second: 12.5 × the best server (ejabberd), 0.16 × pipe.',
    '| pipe | cannot \\| will not |',
    '**above the floor only**',
  ]) {
    assert.ok(text.includes(words), `${words} is not in\n${text}`)
  }
  assert.ok(!text.includes('cores of the sink'))
})

test('the summary stands between its markers, and writing twice changes nothing', () => {
  const once = withBench('before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n', 'new')
  assert.equal(once, 'before\n<!-- bench:begin -->\n\nnew\n\n<!-- bench:end -->\nafter\n')
  assert.equal(withBench(once, 'new'), once)
  assert.throws(() => withBench('no markers', 'new'), /README/)
})

/** The elements of a document, which must be well-formed, with their attributes and text. */
function elements(svg: string): readonly { name: string; attributes: Record<string, string>; text: string }[] {
  const found: { name: string; attributes: Record<string, string>; text: string }[] = []
  const parser = new SaxesParser({ xmlns: false })
  parser.on('opentag', ({ name, attributes }) => found.push({ name, attributes, text: '' }))
  parser.on('text', (text) => {
    const last = found.at(-1)
    if (last) last.text += text
  })
  parser.on('error', (error) => assert.fail(error))
  parser.write(svg).close()
  return found
}

test('a chart is well-formed, whatever is written on it, and has clothes for light and dark', () => {
  const bar: Bar = { label: '<b> & "c"', value: 1, text: '1 < 2', kind: 'ours' }
  const svg = barChart({ title: 'T & U', subtitle: '>', groups: [{ label: '"g"', bars: [bar] }], scale: 'linear' })
  const words = new Set(elements(svg).map(({ text }) => text.trim()))
  for (const text of ['T & U', '>', '"g"', '<b> & "c"', '1 < 2']) assert.ok(words.has(text), text)
  assert.match(svg, /prefers-color-scheme: dark/)
})

const widths = (svg: string): readonly number[] =>
  elements(svg)
    .filter(({ name, attributes }) => name === 'rect' && attributes['class'] !== 'ground')
    .map(({ attributes }) => Number(attributes['width']))

test('bars are as long as their values, on either scale', () => {
  const bars = [1000, 100, 10].map((value): Bar => ({ label: '', value, text: '', kind: 'other' }))
  const [all, tenth, hundredth] = widths(
    barChart({ title: '', subtitle: '', groups: [{ label: '', bars }], scale: 'linear' }),
  )
  assert.ok(all && tenth && hundredth)
  assert.ok(Math.abs(tenth / all - 0.1) < 0.01 && Math.abs(hundredth / all - 0.01) < 0.01)
  const [most = 0, middle = 0, least = 0] = widths(
    barChart({ title: '', subtitle: '', groups: [{ label: '', bars }], scale: 'log' }),
  )
  assert.ok(Math.abs(most - middle - (middle - least)) < 0.5 && least > 1)
})

test('charts show who was measured, say why one is absent, and leave out who was never asked', () => {
  const charts = chartsOf(RESULTS)
  assert.deepEqual(
    charts.map(({ name }) => name),
    ['per-cpu-second', 'stalled'],
  )
  const [bulk, stalled] = charts.map(({ svg }) => elements(svg).map(({ text }) => text.trim()))
  assert.ok(bulk?.includes('400 k') && !bulk.includes('stalled'))
  assert.ok(stalled?.includes('70 MB') && stalled.includes('not <installed> & not here') && !stalled.includes('pipe'))
  assert.equal(widths(charts[1]?.svg ?? '').length, 1, 'what gained nothing has no bar on a logarithmic scale')
})

test('through is held against what the best server needs for one way in and one way out', () => {
  const cost = (name: string, ours: number, theirs: number): WorkloadResult =>
    workload(name, [
      measured('sallyport', { perCpuSecond: [PER_CPU, ours] }),
      measured('ejabberd', { perCpuSecond: [PER_CPU, theirs] }),
      measured('prosody', { perCpuSecond: [PER_CPU, theirs / 2] }),
    ])
  const only = workload('through', [measured('sallyport', { perCpuSecond: [PER_CPU, 300_000] })])
  const workloads = [cost('bulk-in', 1, 60_000), cost('bulk-out', 1, 30_000), only]
  assert.equal(Math.round(new Run({ ...RESULTS, workloads }).throughOverBest('perCpuSecond') ?? 0), 15)
  assert.equal(new Run({ ...RESULTS, workloads: [only] }).throughOverBest('perCpuSecond'), undefined)
})
