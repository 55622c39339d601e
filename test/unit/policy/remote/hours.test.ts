// Opening hours by the clock on the wall: over midnight, over the end of the week, and over the change to summer time.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OPEN_HOURS } from '../../../../src/config/policy-values.ts'
import { Clock } from '../../../../src/policy/remote/hours.ts'

const CASES: readonly [zone: string, open: string, at: string, isOpen: boolean][] = [
  ['UTC', 'mon-fri 07:00-19:00', '2026-03-02T07:00:00Z', true],
  ['UTC', 'mon-fri 07:00-19:00', '2026-03-02T06:59:59Z', false],
  ['UTC', 'mon-fri 07:00-19:00', '2026-03-02T18:59:59Z', true],
  ['UTC', 'mon-fri 07:00-19:00', '2026-03-02T19:00:00Z', false],
  ['UTC', 'mon-fri 07:00-19:00', '2026-03-01T12:00:00Z', false],
  ['UTC', 'sat,sun 09:00-12:00', '2026-03-01T10:00:00Z', true],
  ['UTC', 'daily 00:00-24:00', '2026-03-01T23:59:59Z', true],
  // Over midnight, and from Sunday into Monday.
  ['UTC', 'sun 22:00-06:00', '2026-03-01T23:00:00Z', true],
  ['UTC', 'sun 22:00-06:00', '2026-03-02T05:59:00Z', true],
  ['UTC', 'sun 22:00-06:00', '2026-03-02T06:00:00Z', false],
  ['UTC', 'sun 22:00-06:00', '2026-03-01T05:00:00Z', false],
  ['UTC', 'fri-mon 10:00-11:00', '2026-03-01T10:30:00Z', true],
  ['UTC', 'fri-mon 10:00-11:00', '2026-03-03T10:30:00Z', false],
  // Berlin is an hour ahead in winter and two in summer, New York behind; Kathmandu is 5:45 ahead.
  ['Europe/Berlin', 'mon-fri 07:00-19:00', '2026-03-02T06:00:00Z', true],
  ['Europe/Berlin', 'mon-fri 07:00-19:00', '2026-06-01T05:00:00Z', true],
  ['Europe/Berlin', 'mon-fri 07:00-19:00', '2026-06-01T17:00:00Z', false],
  ['America/New_York', 'mon 20:00-24:00', '2026-03-03T02:00:00Z', true],
  ['Asia/Kathmandu', 'tue 00:00-01:00', '2026-03-02T18:15:00Z', true],
]

for (const [zone, open, at, isOpen] of CASES) {
  test(`${open} in ${zone} at ${at}: ${isOpen ? 'open' : 'closed'}`, () => {
    const hours = OPEN_HOURS.read(open)
    assert.ok(hours)
    const clock = new Clock({ zone, open: [hours] })
    assert.equal(clock.isOpen(Date.parse(at)), isOpen)
    assert.equal(clock.isOpen(Date.parse(at)), isOpen, 'and asked again')
  })
}
