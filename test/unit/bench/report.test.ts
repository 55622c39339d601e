// From results to what people read: numbers, tables, goals, charts.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { SaxesParser } from 'saxes'
import { chartsOf } from '../../../bench/report/charts.ts'
import { GOALS, judge } from '../../../bench/report/goals.ts'
import { Run } from '../../../bench/report/medians.ts'
import { digits, roughly, times, written } from '../../../bench/report/numbers.ts'
import { front, summary } from '../../../bench/report/summary.ts'
import { barChart, type Bar, type Group } from '../../../bench/report/svg.ts'
import { table } from '../../../bench/report/table.ts'
import { partSection, trustSection, withAllParts, withBench } from '../../../bench/report/write.ts'
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
  const ratios = [33.4, 9.96, 2.17, 0.152, 0.005].map(roughly)
  assert.deepEqual(ratios, ['33 ×', '10 ×', '2.2 ×', '0.15 ×', '< 0.01 ×'])
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
    ['stalled', GOALS.find(({ workload: of }) => of === 'stalled')?.text, 70 * 2 ** 20, 'above the floor'],
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

test('the summary tells the machine, every contestant and every workload, and what stands beside the best server', () => {
  const text = summary(RESULTS, [{ file: 'bench/charts/memory.svg', title: 'Memory' }])
  for (const words of [
    'Measured on 2026-11-25. A processor; 2 cores, 8 GB of memory; Linux 6.',
    'the median of 5 runs of 3 s after a warm-up of 3 s',
    '| ejabberd | another | 23.01 |',
    '![Memory](bench/charts/memory.svg)',
    '| bulk in: stanzas per CPU-second | **400 k** | 16 k | 32 k | 12.5 × |  | 2.5 M |',
    '| memory gained while the far end is stalled | **70 MB** | 0 B |  |  |  |  |',
    '### Bulk in\n\n`bulk-in`: what bulk-in is.\n\n|  | stanzas per CPU-second |\n|---|---:|\n| Sallyport | 400 k |',
    '| ejabberd | not <installed> & not here |',
    'Not measured: bare Node pipe: cannot | will not.',
  ]) {
    assert.ok(text.includes(words), `${words} is not in\n${text}`)
  }
  assert.ok(!text.includes('cores of the sink'))
})

test('a machine that had other work says so', () => {
  const busy = { ...RESULTS, machine: { ...RESULTS.machine, load: 13.3 } }
  assert.match(summary(busy, []), /load average was 13\.3/)
  for (const load of [0.9, undefined]) {
    const quiet = { ...RESULTS, machine: { ...RESULTS.machine, ...(load === undefined ? {} : { load }) } }
    assert.doesNotMatch(summary(quiet, []), /load average/)
  }
})

test('the front page says it of a machine that had other work, and what ran once', () => {
  const of = (load: number): string => front({ ...RESULTS, machine: { ...RESULTS.machine, load } })
  assert.match(of(5), /The machine had other work: its load average was 5/)
  assert.doesNotMatch(of(0.1), /other work/)
  assert.match(of(0.1), /the last two rows of one/)
})

test('what is about trust comes from the whole run where it has it, else from a run of its own', () => {
  const chains = (ms: number): Results => {
    const entry = measured('sallyport', { p384: [{ about: 'never seen', unit: 'ms', better: 'less' }, ms] })
    return { ...RESULTS, workloads: [...RESULTS.workloads, workload('trust-chains', [entry])] }
  }
  const row = '| a chain of three never seen, P-384 |'
  const own = trustSection(RESULTS, chains(1.5))
  assert.ok(own.includes(`${row} 1.5 ms | ≤ 1 ms | ≤ 2 ms | above the floor |`), own)
  const whole = trustSection(chains(0.5), chains(1.5))
  assert.ok(whole.includes(`${row} 0.5 ms | ≤ 1 ms | ≤ 2 ms | reached |`), whole)
  for (const text of [own, whole]) assert.doesNotMatch(text, /bulk in|not measured/)
})

test('what is about remote users is judged by figures of one row', () => {
  const [BYTES, TIMES] = [GROWN, { about: 'over', unit: '×', better: 'more' } as const]
  const entry = measured('sallyport', {
    plainBytes: [BYTES, 49 * 1024],
    tlsBytes: [BYTES, 84 * 1024],
    ofHaproxy: [TIMES, 0.1],
    failures: [{ about: 'lost', unit: 'count', better: 'less' }, 0],
  })
  const own = {
    ...RESULTS,
    workloads: ['remote-idle', 'remote-turns', 'remote-reconnect'].map((name) => workload(name, [entry])),
  }
  const text = partSection('remote', RESULTS, own)
  for (const row of [
    '| memory of an idle session, inner leg in plaintext | 49 KB | ≤ 50 KB | ≤ 60 KB | reached |',
    '| memory of an idle session, inner leg in TLS | 84 KB | ≤ 70 KB | ≤ 85 KB | above the floor |',
    'per CPU-second, over those of HAProxy | 0.1 × | ≥ 0.25 × | ≥ 0.12 × | missed |',
    'do not come again | 0 | ≤ 0 | ≤ 0 | reached |',
  ])
    assert.ok(text.includes(row), `${row} is not in\n${text}`)
  assert.doesNotMatch(text, /bulk in|chain/)
})

test('what is about policy is judged by what a configuration costs bulk traffic, a reload and a start', () => {
  const MS: FigureKind = { about: 'time', unit: 'ms', better: 'less' }
  const entry = measured('sallyport', {
    slower: [{ about: 'more', unit: '%', better: 'less' }, 14],
    ...{ reload: [MS, 280], delayed: [MS, 21], load: [MS, 900], bytes: [GROWN, 120 * 2 ** 20] },
  })
  const names = ['policy-bulk-in', 'policy-reload', 'policy-load', 'policy-relations']
  const text = partSection('policy', RESULTS, { ...RESULTS, workloads: names.map((name) => workload(name, [entry])) })
  for (const row of [
    'and 30 rules, slower by | 14 % | ≤ 12 % | ≤ 20 % | above the floor |',
    '| that configuration read again | 280 ms | ≤ 300 ms | ≤ 300 ms | reached |',
    '| longest delay of a stanza meanwhile | 21 ms | ≤ 20 ms | ≤ 20 ms | missed |',
    'read at the start | 900 ms | ≤ 1000 ms | ≤ 1000 ms | reached |',
    '| memory of a million relations | 120 MB | ≤ 150 MB | ≤ 150 MB | reached |',
  ])
    assert.ok(text.includes(row), `${row} is not in\n${text}`)
  assert.doesNotMatch(text, /chain|idle session/)
})

test('the tables of all parts in docs/benchmarks.md are those of the results', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/benchmarks.md'), 'utf8')
  assert.equal(withAllParts(page), page)
})

test('what failed is told in its table and beside the others, and has no figure', () => {
  const failed: Entry = { contestant: 'prosody', outcome: 'failed', why: '10 stanzas were to arrive, 9 did' }
  const workloads = [workload('bulk-in', [measured('sallyport', { perCpuSecond: [PER_CPU, 400_000] }), failed])]
  const text = summary({ ...RESULTS, workloads }, [])
  assert.ok(text.includes('| bulk in: stanzas per CPU-second | **400 k** | failed |  |  |  |  |'), text)
  assert.ok(text.includes('| Prosody | failed: 10 stanzas were to arrive, 9 did |'), text)
})

test('the summary tells how much of its processors the generator and the sink needed for the bare pipe', () => {
  const PER_SECOND: FigureKind = { about: 'stanzas per second', unit: 'per second', better: 'more' }
  const pipe = { perSecond: [PER_SECOND, 1.6e6], generatorCores: [CORES, 0.214], sinkCores: [CORES, 0.5] } as const
  const workloads = [workload('bulk-in', [measured('pipe', pipe)])]
  const words = 'the generator sent 1.6 M stanzas per second; that kept 21 % of one processor busy, and the sink 50 %.'
  assert.ok(summary({ ...RESULTS, workloads }, []).includes(words))
  assert.equal(judge({ ...RESULTS, workloads })[0]?.verdict, 'reached')
})

test('the summary stands between its markers, and writing twice changes nothing', () => {
  const once = withBench('before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n', 'new')
  assert.equal(once, 'before\n<!-- bench:begin -->\n\nnew\n\n<!-- bench:end -->\nafter\n')
  assert.equal(withBench(once, 'new'), once)
  assert.throws(() => withBench('no markers', 'new'), /<!-- bench:begin -->/)
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
  const svg = barChart({ title: 'T & U', subtitle: '>', groups: [{ label: '"g"', bars: [bar] }] })
  const words = new Set(elements(svg).map(({ text }) => text.trim()))
  for (const text of ['T & U', '>', '"g"', '<b> & "c"', '1 < 2']) assert.ok(words.has(text), text)
  assert.match(svg, /prefers-color-scheme: dark/)
})

const widths = (svg: string): readonly number[] =>
  elements(svg)
    .filter(({ name, attributes }) => name === 'rect' && attributes['class'] !== 'ground')
    .map(({ attributes }) => Number(attributes['width']))

test('bars are as long as their values, and each group has a scale of its own', () => {
  const group = (values: readonly number[]): Group => ({
    label: 'a group',
    bars: values.map((value): Bar => ({ label: '', value, text: '', kind: 'other' })),
  })
  const drawn = widths(barChart({ title: '', subtitle: '', groups: [group([1000, 100, 10, -5]), group([3, 6])] }))
  const [all = 0] = drawn
  assert.ok(all > 300)
  const parts = drawn.map((width) => width / all)
  for (const [i, part] of [1, 0.1, 0.01, 0, 0.5, 1].entries())
    assert.ok(Math.abs(parts[i]! - part) < 0.01, String(parts))
})

test('charts show who was measured, say why one is absent, and leave out limits that were never asked', () => {
  const charts = chartsOf(RESULTS)
  assert.deepEqual(
    charts.map(({ name }) => name),
    ['per-cpu-second', 'limits', 'memory'],
  )
  const [servers = [], limits = [], memory = []] = charts.map(({ svg }) => elements(svg).map(({ text }) => text.trim()))
  assert.ok(servers.includes('400 k') && servers.includes('32 k') && !servers.includes('bare Node pipe'))
  assert.ok(servers.includes('Sallyport: 13 ×') && servers.includes('Sallyport: 25 ×'))
  assert.ok(limits.includes('bare Node pipe') && limits.includes('Sallyport: 0.16 ×') && !limits.includes('ejabberd'))
  assert.ok(memory.includes('70 MB') && memory.includes('not <installed> & not here'))
  assert.ok(!memory.includes('bare Node pipe'))
  assert.ok(
    memory.every((words) => !words.startsWith('Sallyport: ')),
    'there is no ratio to nothing',
  )
})

test('a server that cannot do a workload stands in its chart with the reason, and so does one that failed', () => {
  const through = workload('through', [
    measured('sallyport', { perCpuSecond: [PER_CPU, 300_000] }),
    { contestant: 'prosody', outcome: 'refused', why: 'it does not relay' },
    { contestant: 'ejabberd', outcome: 'failed', why: 'a stream broke' },
  ])
  const words = elements(chartsOf({ ...RESULTS, workloads: [through] })[0]?.svg ?? '').map(({ text }) => text.trim())
  assert.ok(words.includes('it does not relay') && words.includes('failed: a stream broke'), String(words))
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
