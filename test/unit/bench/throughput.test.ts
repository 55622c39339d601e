// From what was counted while stanzas went through to the figures of a run.

import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { makeBlock } from '../../../bench/generator/stanzas.ts'
import { figuresOf, sampleOf, type Stretch } from '../../../bench/throughput.ts'

const stretch = (stanzas: number, elapsed: number, cpu: number): Stretch => ({
  stanzas,
  elapsed,
  cpu,
  generatorCpu: elapsed / 4,
  sinkCpu: elapsed / 2,
  peakBytes: stanzas,
})

test('a run is what went through over its time on the clock and over its processor time, in one stretch or several', () => {
  const expected = {
    perSecond: 1000,
    perCpuSecond: 2000,
    microseconds: 500,
    cores: 0.5,
    generatorCores: 0.25,
    sinkCores: 0.5,
  }
  deepEqual(sampleOf(stretch(4000, 4, 2)), { ...expected, peakBytes: 4000 })
  // The mean of both speeds would be another: long stretches weigh more.
  deepEqual(sampleOf(stretch(1000, 3, 0.5), stretch(3000, 1, 1.5)), { ...expected, peakBytes: 3000 })
})

test('a figure is the median of its runs, and each says its unit and which way is better', () => {
  const figures = figuresOf([1, 5, 2].map((cpu) => sampleOf(stretch(1000, 1, cpu))))
  equal(figures['microseconds']?.median, 2000)
  deepEqual(figures['perCpuSecond']?.runs, [1000, 200, 500])
  equal(figures['perCpuSecond']?.median, 500)
  const ways = Object.fromEntries(Object.entries(figures).map(([name, { better }]) => [name, better]))
  deepEqual(ways, {
    perSecond: 'more',
    perCpuSecond: 'more',
    microseconds: 'less',
    cores: 'neither',
    generatorCores: 'neither',
    sinkCores: 'neither',
    peakBytes: 'less',
  })
})

test('a chat has 281 bytes, and mixed is 60% chats, 30% presence, 8% questions and 2% messages of 8 to 60 KB', () => {
  const route = { from: 'partner1.example', to: 'corp.example' }
  const of = (kind: 'chat' | 'mixed'): readonly string[] => {
    const { bytes, ends } = makeBlock(kind, route, 300)
    return ends.map((end, i) => bytes.toString('latin1', ends[i - 1] ?? 0, end))
  }
  ok(of('chat').every((stanza) => stanza.length === 281 && stanza.startsWith('<message ')))
  const mixed = of('mixed')
  const long = mixed.filter(({ length }) => length > 1000)
  equal(mixed.filter(({ length }) => length === 281).length, 180)
  equal(mixed.filter((stanza) => stanza.startsWith('<presence ')).length, 90)
  equal(mixed.filter((stanza) => stanza.startsWith('<iq ')).length, 24)
  equal(long.length, 6)
  ok(long.every(({ length }) => length >= 8 * 1024 && length <= 60 * 1024))
})
