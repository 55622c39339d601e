import * as fc from 'fast-check'
import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { isNotOffered, orderSrv, type SrvRecord } from '../../../src/net/srv.ts'

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
