// Whatever is exported comes back as it was: through both forms, through spreadsheets' quoting, and into files again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { textWith } from '../../../src/config/edit-many.ts'
import { readPartner } from '../../../src/config/readings.ts'
import { readEntries } from '../../../src/exchange/entries.ts'
import { toCsv, toJson } from '../../../src/exchange/export.ts'

const LETTERS = Array.from('=+-@\'",;| \t\\#:[]{}%aZ0\u00e4\u{1f600}\uff1d')
const line = fc
  .array(fc.constantFrom(...LETTERS.filter((letter) => letter !== '\t')), { minLength: 1, maxLength: 12 })
  .map((letters) => letters.join(''))
const lines = fc.array(line, { minLength: 1, maxLength: 3 }).map((all) => all.join('\n'))
const label = fc.stringMatching(/^[a-z]{1,8}$/)
const name = fc.tuple(label, label).map(([one, other]) => `${one}.${other}x.example`)
const place = fc.record(
  {
    host: fc.oneof(name, fc.constantFrom('192.0.2.1', '2001:db8::5')),
    port: fc.integer({ min: 1, max: 65_535 }),
    tls: fc.constantFrom('direct', 'starttls'),
  },
  { requiredKeys: ['host'], noNullPrototype: true },
)
const lists = { minLength: 1, maxLength: 3 }

const partner = fc.record(
  {
    domain: name,
    status: fc.constantFrom('allowed', 'blocked', 'pending', 'suspended'),
    alsoKnownAs: fc.uniqueArray(
      fc.oneof(
        name,
        name.map((one) => `*.${one}`),
      ),
      lists,
    ),
    direction: fc.constantFrom('both', 'inbound', 'outbound'),
    authentication: fc.constantFrom('certificate', 'dialback-over-tls'),
    anchors: fc.array(line, lists),
    connect: fc.array(place, lists),
    certificatePolicies: fc.constant(['2.16.840.1.101.3.2.1.48.1']),
    reauthenticate: fc.constantFrom('90s', '1h'),
    reason: line,
    owner: line,
    notes: lines,
    tags: fc.uniqueArray(label, lists),
    expires: fc.constant('2027-06-30'),
  },
  { requiredKeys: ['domain', 'status'], noNullPrototype: true },
)

test('import after export is what was exported, and its file says just that', () => {
  const reached = { formulas: 0, quotes: 0, lines: 0, places: 0 }
  fc.assert(
    fc.property(fc.uniqueArray(partner, { selector: ({ domain }) => domain, maxLength: 4, minLength: 1 }), (all) => {
      for (const one of all) {
        const words = [one.owner, one.reason, one.notes].filter((text) => text !== undefined)
        if (words.some((text) => /^'*[=+\-@\uff1d]/.test(text))) reached.formulas += 1
        if (words.some((text) => text.includes('"'))) reached.quotes += 1
        if (one.notes?.includes('\n')) reached.lines += 1
        if (one.connect?.some(({ port }) => port !== undefined)) reached.places += 1
      }
      for (const text of [toCsv(all), toJson(all)]) {
        const read = readEntries(Buffer.from(text))
        assert.ok(!('problem' in read), JSON.stringify(read))
        assert.deepEqual(read.faults, [])
        const back = read.entries.map(({ domain, fields }) => ({
          ...{ domain },
          ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)),
        }))
        assert.deepEqual(
          back,
          all.map((one) => ({ ...one })),
        )
        for (const { domain, fields } of read.entries) {
          const file = `${domain}.yaml`
          const written = readPartner(textWith(undefined, domain, fields) ?? '', { file, root: '/' })
          const plain = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
          assert.deepEqual(written.yaml?.value, { ...plain, domain })
        }
      }
    }),
    { numRuns: 120 },
  )
  for (const [what, times] of Object.entries(reached)) assert.ok(times >= 20, `${what}: ${times}`)
})

test('no cell begins with what a spreadsheet runs', () => {
  for (const cell of ['=1+1', '+1', '-1', '@SUM(A1)', '\uff1d1', "'=1"]) {
    const csv = toCsv([{ domain: 'a.example', status: 'allowed', owner: cell }])
    const [, row = ''] = csv.split('\r\n')
    assert.ok(
      row.split(',').some((one) => one === `'${cell}`),
      row,
    )
  }
})
