import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Points } from '../../../../src/policy/conduct/conduct.ts'
import { Tally } from '../../../../src/policy/conduct/tally.ts'

type Counts = Partial<Omit<Tally, 'points'>>

test('what was done in a while, and how many points that makes', async (t) => {
  const table: readonly (readonly [what: string, counts: Counts, points: Points])[] = [
    ['nothing', {}, {}],
    ['a busy while', { passed: 100_000 }, {}],
    ['few stanzas, all of them in vain', { passed: 19, failed: 19 }, {}],
    ['a third and less in vain', { passed: 100, failed: 30 }, {}],
    ['half of it in vain', { passed: 100, failed: 50 }, { failures: 3 }],
    ['all of it in vain', { passed: 100, failed: 100 }, { failures: 6 }],
    ['all of it refused', { failed: 40 }, { failures: 6 }],
    ['more than it may', { passed: 200, overRate: 20 }, { rate: 2 }],
    ['very much more than it may', { overRate: 10_000 }, { rate: 5 }],
    ['more than its conduct has left it', { passed: 50, slowed: 500 }, {}],
    ['that, and no more than if that were good', { passed: 50, slowed: 350, usual: 400 }, {}],
    ['that, and more than even then', { passed: 50, slowed: 370, usual: 400 }, { rate: 2 }],
    ['to more people than it may', { overRecipients: 3 }, { recipients: 3 }],
    ['ten requests for presence', { passed: 10, subscriptions: 10 }, {}],
    ['very many of them', { passed: 300, subscriptions: 300 }, { subscriptions: 10 }],
    ['one stanza of somebody else', { violations: 1 }, { violations: 10 }],
    ['many of them', { violations: 9 }, { violations: 20 }],
  ]
  for (const [what, counts, points] of table) {
    await t.test(what, () => assert.deepEqual(Object.assign(new Tally(), counts).points(), points))
  }
})
