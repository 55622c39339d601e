import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPartner } from '../../../src/config/readings.ts'
import { Reminders } from '../../../src/gateway/reminders.ts'

const DAY = 86_400_000
const LAST = Date.UTC(2026, 5, 30)
const END = LAST + DAY

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
  const at = (moment: number): readonly string[] => {
    now = moment
    told.length = 0
    reminders.look()
    reminders.look()
    return [...told]
  }
  const said = (): readonly string[] => reminders.findings().map(({ message }) => message)
  for (const days of [30, 7, 1]) {
    assert.deepEqual(at(LAST - days * DAY - 1), [])
    const each = [`a.example review ${days} ${days} SP-107`, `b.example expires ${days} ${days} SP-108`]
    assert.deepEqual(at(LAST - days * DAY), each)
    const words = days === 1 ? 'is in 1 day' : `is in ${days} days`
    assert.match(said()[0] ?? '', new RegExp(`the review of a\\.example ${words}: `))
    assert.match(said()[1] ?? '', new RegExp(`the last day of b\\.example ${words}, `))
    assert.deepEqual(at(LAST - (days - 1) * DAY - 1), [])
  }
  assert.deepEqual(at(LAST), [])
  assert.match(said()[1] ?? '', /the last day of b\.example is today, and then its streams end/)
  assert.deepEqual(at(END - 1), [])
  assert.deepEqual(at(END), ['a.example review over 0 SP-107', 'b.example expires over 0 SP-108'])
  assert.deepEqual(reminders.figures, { review: 1, expires: 1 })
  assert.equal(reminders.findings().length, 2)
  readings.splice(0, 1, reading('a.example', 'review: 2026-07-30\n'))
  assert.deepEqual(at(END), ['a.example review 30 29 SP-107'])
})

test('very many are named by the nearest, and counted', (t) => {
  const readings = Array.from({ length: 250 }, (_, n) => reading(`p${n}.example`, 'expires: 2026-06-30\n'))
  const reminders = new Reminders({ readings: () => readings, now: () => END, events: { partnerDue: () => undefined } })
  t.after(() => reminders[Symbol.dispose]())
  const findings = reminders.findings()
  assert.equal(findings.length, 101)
  assert.match(findings.at(-1)?.message ?? '', /^150 more/)
})
