import * as fc from 'fast-check'
import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import {
  isNotOffered,
  type MergedServices,
  mergeServices,
  orderSrv,
  type ServiceAnswer,
  type SrvRecord,
} from '../../../src/net/srv.ts'

const record = (name: string, priority: number, weight: number): SrvRecord => ({ name, priority, weight, port: 5269 })

test('every record comes once, and lower priorities come first, whatever chance says', () => {
  const records = fc.array(
    fc.record({ name: fc.string(), priority: fc.nat(3), weight: fc.nat(65_535), port: fc.nat(65_535) }),
  )
  fc.assert(
    fc.property(records, fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1 }), (all, chances) => {
      let at = 0
      const ordered = orderSrv(all, () => chances[at++ % chances.length] ?? 0)
      equal(ordered.length, all.length)
      deepEqual(new Set(ordered), new Set(all))
      deepEqual(
        ordered.map(({ priority }) => priority),
        all.map(({ priority }) => priority).toSorted((a, b) => a - b),
      )
    }),
  )
})

test('within a priority, the first is chosen in proportion to the weights', () => {
  const records = [record('light', 0, 1), record('heavy', 0, 3), record('none', 0, 0)]
  const first: Record<string, number> = { light: 0, heavy: 0, none: 0 }
  const steps = 1000
  for (let n = 0; n < steps; n++) {
    const name = orderSrv(records, () => n / steps)[0]?.name ?? ''
    first[name] = (first[name] ?? 0) + 1
  }
  // RFC 2782 draws a whole number from 0 to the sum, both included: 0 for none, 1 for light, 2 to 4 for heavy.
  deepEqual(first, { none: 200, light: 200, heavy: 600 })
})

test('records that all weigh nothing are kept, in any order', () => {
  const ordered = orderSrv([record('a', 0, 0), record('b', 0, 0)], () => 0.99)
  deepEqual(new Set(ordered.map(({ name }) => name)), new Set(['a', 'b']))
})

test('only a lone "." says that nothing is offered', () => {
  ok(isNotOffered([record('.', 0, 0)]))
  ok(isNotOffered([record('', 0, 0)]))
  ok(!isNotOffered([record('.', 0, 0), record('a.test', 1, 0)]))
  ok(!isNotOffered([]))
})

const NOT_OFFERED = [record('.', 0, 0)]
const early = record('early', 1, 0)
const late = record('late', 2, 0)
const UNUSABLE = [{ ...record('a.test', 0, 0), port: 0 }]

const merges: readonly (readonly [
  what: string,
  direct: ServiceAnswer,
  starttls: ServiceAnswer,
  expected: readonly string[] | Exclude<MergedServices['kind'], 'records'>,
])[] = [
  ['the priority decides, not the service', [late], [early], ['starttls early', 'direct late']],
  ['the priority decides, whichever service has it', [early], [late], ['direct early', 'starttls late']],
  ['one service is enough', [early], 'absent', ['direct early']],
  ['the other one too', 'absent', [early], ['starttls early']],
  ['"." takes out its own service only', NOT_OFFERED, [early], ['starttls early']],
  ['"." takes out its own service only, the other way round', [early], NOT_OFFERED, ['direct early']],
  ['"." among records is no record', [...NOT_OFFERED, early], 'absent', ['direct early']],
  ['both are not offered', NOT_OFFERED, NOT_OFFERED, 'refused'],
  ['one is not offered and the other is not there', NOT_OFFERED, 'absent', 'refused'],
  ['the same the other way round', 'absent', NOT_OFFERED, 'refused'],
  ['one is not offered and nobody knows of the other', NOT_OFFERED, 'failed', 'unknown'],
  ['neither is there', 'absent', 'absent', 'absent'],
  ['nobody knows of one', 'failed', 'absent', 'unknown'],
  ['nobody knows of one, and the other has records', 'failed', [early], ['starttls early']],
  ['records that lead nowhere are no fall-back', UNUSABLE, 'absent', []],
]
for (const [what, direct, starttls, expected] of merges) {
  test(`two services, ${what}`, () => {
    const merged = mergeServices({ direct, starttls }, () => 0)
    const found = merged.kind === 'records' ? merged.records.map(({ tls, name }) => `${tls} ${name}`) : merged.kind
    deepEqual(found, expected)
  })
}

test('within a priority, the weights of both services count together', () => {
  const first = { direct: 0, starttls: 0 }
  const steps = 500
  for (let n = 0; n < steps; n++) {
    const answers = { direct: [record('a', 0, 1)], starttls: [record('a', 0, 3)] }
    const merged = mergeServices(answers, () => n / steps)
    if (merged.kind === 'records') first[merged.records[0]?.tls ?? 'direct'] += 1
  }
  // RFC 2782 draws from 0 to the sum, both included: 0 and 1 for the first record, 2 to 4 for the second.
  deepEqual(first, { direct: 200, starttls: 300 })
})
