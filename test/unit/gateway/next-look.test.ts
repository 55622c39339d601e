// When certificates of streams that are up are looked at again.

import { equal } from 'node:assert/strict'
import { suite, test } from 'node:test'
import { nextLook } from '../../../src/gateway/next-look.ts'
import type { Standing } from '../../../src/trust/revocation/standing.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const NOW = Date.UTC(2026, 0, 1)

const good = (left: number): Standing => ({ status: 'good', until: NOW + left })
const unknown: Standing = { status: 'unknown', reason: 'SP-343', detail: '' }
const revoked: Standing = { status: 'revoked', reason: 'SP-332', detail: '' }

suite('with a day at most', () => {
  const cases: readonly (readonly [what: string, standing: Standing | undefined, unsaid: number, in_: number])[] = [
    ['what ends within the day: a tenth of the time before it', good(5 * HOUR), 0, 4.5 * HOUR],
    ['what ends within the day: an hour before it, where a tenth is more', good(20 * HOUR), 0, 19 * HOUR],
    ['what ends in a day and an hour: a day', good(25 * HOUR), 0, DAY],
    ['what ends in a week: a day', good(7 * DAY), 0, DAY],
    ['what never ends: a day', good(Infinity), 0, DAY],
    ['where nobody is asked: a day', undefined, 0, DAY],
    ['what ends in a moment: a minute', good(1), 0, MINUTE],
    ['what has ended just now: a minute', good(0), 0, MINUTE],
    ['what ended long ago: a minute', good(-7 * DAY), 0, MINUTE],
    ['nobody knows: a minute', unknown, 1, MINUTE],
    ['nobody knows, for the fourth time: eight minutes', unknown, 4, 8 * MINUTE],
    ['nobody has known for long: an hour', unknown, 1000, HOUR],
    ['what is revoked and stays up: a minute', revoked, 0, MINUTE],
  ]
  for (const [what, standing, unsaid, comes] of cases)
    test(what, () => equal(nextLook(standing, NOW, DAY, unsaid) - NOW, comes))
})

test('a shorter bound counts for everything but what is to be asked sooner', () => {
  const bound = 10 * MINUTE
  for (const standing of [good(7 * DAY), good(5 * HOUR), undefined])
    equal(nextLook(standing, NOW, bound, 0) - NOW, bound)
  equal(nextLook(unknown, NOW, bound, 1000) - NOW, bound)
  equal(nextLook(good(5 * MINUTE), NOW, bound, 0) - NOW, 4.5 * MINUTE)
})
