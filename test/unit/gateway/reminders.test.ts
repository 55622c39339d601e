import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPartner } from '../../../src/config/readings.ts'
import { Reminders } from '../../../src/gateway/reminders.ts'

const DAY = 86_400_000
const END = Date.UTC(2026, 6, 1)

const reading = (domain: string, more: string) =>
  readPartner(`domain: ${domain}\nstatus: allowed\n${more}`, { file: `${domain}.yaml`, root: '/srv' })

test('each step before a day of review and a last day is told once, and what is over', (t) => {
  const readings = [
    reading('a.example', 'review: 2026-06-30\nowner: it@corp.example\n'),
    reading('b.example', 'expires: 2026-06-30\n'),
    reading('later.example', 'expires: 2027-06-30\n'),
  ]
  let now = 0
  const told: string[] = []
  const reminders = new Reminders({
    readings: () => readings,
    now: () => now,
    events: {
      partnerDue: ({ domain, what, step, days, reason }) => told.push([domain, what, step, days, reason].join(' ')),
    },
  })
  t.after(() => reminders[Symbol.dispose]())
  const at = (left: number): readonly string[] => {
    now = END - left
    told.length = 0
    reminders.look()
    reminders.look()
    return [...told]
  }
  assert.deepEqual(at(30 * DAY + 1), [])
  assert.deepEqual(at(30 * DAY), ['a.example review 30 29 SP-107', 'b.example expires 30 29 SP-108'])
  assert.deepEqual(at(7 * DAY + 1), [])
  assert.deepEqual(at(7 * DAY), ['a.example review 7 6 SP-107', 'b.example expires 7 6 SP-108'])
  assert.deepEqual(at(DAY), ['a.example review 1 0 SP-107', 'b.example expires 1 0 SP-108'])
  assert.deepEqual(at(1), [])
  assert.deepEqual(at(0), ['a.example review over 0 SP-107', 'b.example expires over 0 SP-108'])
  assert.deepEqual(reminders.figures, { review: 1, expires: 1 })
  assert.equal(reminders.findings().length, 2)
  readings.splice(0, 1, reading('a.example', 'review: 2026-07-30\n'))
  assert.deepEqual(at(0), ['a.example review 30 29 SP-107'])
})

test('very many are named by the nearest, and counted', (t) => {
  const readings = Array.from({ length: 250 }, (_, n) => reading(`p${n}.example`, 'expires: 2026-06-30\n'))
  const reminders = new Reminders({ readings: () => readings, now: () => END, events: { partnerDue: () => undefined } })
  t.after(() => reminders[Symbol.dispose]())
  const findings = reminders.findings()
  assert.equal(findings.length, 101)
  assert.match(findings.at(-1)?.message ?? '', /^150 more/)
})
