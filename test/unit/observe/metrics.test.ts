// Metrics: bounded in number, right in sum, and readable by an OpenMetrics scraper.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { declareFigures } from '../../../src/observe/figures.ts'
import { Metrics } from '../../../src/observe/metrics.ts'
import { PartnerLabels } from '../../../src/observe/partner-labels.ts'

test('the text is OpenMetrics', () => {
  const metrics = new Metrics()
  const stanzas = metrics.declare({ name: 'x_stanzas', type: 'counter', help: 'Say "hi"\nand \\', labels: ['way'] })
  metrics.declare({ name: 'x_up', type: 'gauge', help: 'Up.', labels: [] }).set({}, 2.5)
  stanzas.add({ way: 'in"\n\\' }, 3)
  assert.equal(
    metrics.openMetrics(),
    [
      '# TYPE x_stanzas counter',
      '# HELP x_stanzas Say \\"hi\\"\\nand \\\\',
      'x_stanzas_total{way="in\\"\\n\\\\"} 3',
      '# TYPE x_up gauge',
      '# HELP x_up Up.',
      'x_up 2.5',
      '# EOF',
      '',
    ].join('\n'),
  )
})

test('beyond the limit everything goes to `other`, and the sum stays right', () => {
  const metrics = new Metrics()
  const counter = metrics.declare({ name: 'x', type: 'counter', help: '', labels: ['who', 'way'] }, 10)
  for (let i = 0; i < 1000; i++) counter.add({ who: `stranger-${i}`, way: 'in' })
  const { series } = counter.snapshot()
  assert.equal(series.length, 11)
  assert.equal(
    series.reduce((sum, { value }) => sum + value, 0),
    1000,
  )
  assert.deepEqual(series.at(-1), { labels: { who: 'other', way: 'other' }, value: 990 })
})

test('a collector is asked before every rendering', () => {
  const metrics = new Metrics()
  const gauge = metrics.declare({ name: 'x', type: 'gauge', help: '', labels: [] })
  let size = 1
  metrics.collect(() => gauge.set({}, size))
  assert.match(metrics.openMetrics(), /^x 1$/m)
  size = 7
  assert.equal(metrics.snapshot()[0]?.series[0]?.value, 7)
})

test('a name is declared once', () => {
  const metrics = new Metrics()
  declareFigures(metrics)
  assert.throws(() => declareFigures(metrics), /declared twice/)
})

test('our metrics have names and words as Prometheus wants them', () => {
  const metrics = new Metrics()
  declareFigures(metrics)
  for (const { name, help } of metrics.snapshot()) {
    assert.match(name, /^sallyport_[a-z_]+$/)
    assert.doesNotMatch(name, /_total$/)
    assert.match(help, /^[A-Z].*\.$/)
  }
})

test('listed partners have labels, strangers and those beyond the number do not', () => {
  const labels = new PartnerLabels(2)
  const gone: string[] = []
  labels.onChange((partners) => gone.push(...partners))
  labels.replace(['a.example', 'b.example', 'c.example'])
  assert.deepEqual(
    ['a.example', 'b.example', 'c.example', 'x.example', undefined].map((p) => labels.of(p)),
    ['a.example', 'b.example', 'other', 'other', 'other'],
  )
  labels.replace(['c.example', 'b.example', 'd.example'])
  assert.deepEqual(gone, ['a.example'])
  // Who had a label keeps it; a free place goes to the first in the list.
  assert.deepEqual(
    ['b.example', 'c.example', 'd.example'].map((p) => labels.of(p)),
    ['b.example', 'c.example', 'other'],
  )
})
