// A report under the profile nato says against which baselines of FMN it is held, and what the rows of each have come to.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rowsOf, SPECIFICATIONS, SPIRALS } from '../../../src/conformance/baselines.ts'
import { filesOf, listed, ROWS } from '../../../src/conformance/report/attachments.ts'
import { htmlOf } from '../../../src/conformance/report/html.ts'
import { reportOf } from '../../../src/conformance/report/report.ts'
import { REQUIREMENTS } from '../../../src/conformance/requirement.ts'
import { CASES_BY_ID, INGREDIENTS, REPORT, REQUIREMENTS_BY_ID } from './example-report.ts'

const NATO = reportOf({ ...INGREDIENTS, system: { ...INGREDIENTS.system, profile: 'nato' } })

test('every specification of a baseline stands once, under some spiral, and is shown by rows that there are', () => {
  assert.equal(new Set(SPECIFICATIONS.map(({ name }) => name)).size, SPECIFICATIONS.length)
  for (const { name, under, rows } of SPECIFICATIONS) {
    assert.ok(Object.keys(under).length > 0 && rows.length > 0, name)
    for (const id of rows) assert.ok(REQUIREMENTS_BY_ID.has(id), `${name}: ${id}`)
  }
  // The rows that say of themselves which spirals they are of.
  for (const { id, level } of REQUIREMENTS) {
    const [, from, to = from] = /FMN(\d)(?:[/-](\d))?/.exec(level) ?? []
    if (from === undefined || !/^(?:JID-07|PRS-11|MSG-05)$/.test(id)) continue
    for (const spiral of SPIRALS)
      assert.equal(rowsOf(spiral).includes(id), spiral >= Number(from) && spiral <= Number(to), `${id} under ${spiral}`)
  }
})

test('spirals differ in what they ask for', () => {
  assert.ok(rowsOf(3).includes('STR-24') && !rowsOf(4).includes('STR-24') && !rowsOf(5).includes('STR-24'))
  assert.ok(!rowsOf(3).includes('JID-07') && rowsOf(4).includes('JID-07') && rowsOf(5).includes('JID-07'))
  assert.ok(rowsOf(4).includes('GWY-14') && !rowsOf(5).includes('GWY-14'))
})

test('a report under nato pins its baselines, as data and on its first page, and one under another profile has none', () => {
  assert.deepEqual(Object.keys(NATO.baselines?.spirals ?? {}), ['FMN Spiral 3', 'FMN Spiral 4', 'FMN Spiral 5'])
  const page = htmlOf(NATO, CASES_BY_ID, REQUIREMENTS_BY_ID)
  assert.match(page, /<header>[^]*Baselines<\/dt><dd>FMN Spiral 3, FMN Spiral 4, FMN Spiral 5[^]*<\/header>/)
  const annex = /<section id="annex-fmn">[^]*?<\/section>/.exec(page)?.[0] ?? ''
  assert.match(annex, /revision d6463fd/)
  assert.match(
    annex,
    /XEP-0198<br><small>Stream management<\/small><\/th><td data-head="Spiral 3">yes<\/td><td data-head="Spiral 4"><\/td>/,
  )
  assert.match(annex, /<a href="#STR-01">STR-01<\/a> <span class="met">Met</)
  assert.match(annex, /FMN Spiral 5, as proposed<\/th><td data-head="Specifications">\d+</)
  assert.equal(REPORT.baselines, undefined)
  assert.doesNotMatch(htmlOf(REPORT, CASES_BY_ID, REQUIREMENTS_BY_ID), /annex-fmn/)
})

test('the sums of a baseline have every row, also those that were not assessed or that a part of a report is not about', () => {
  const { system } = INGREDIENTS
  const part = reportOf({
    ...{ ...INGREDIENTS, system: { ...system, profile: 'nato' }, part: ['STR', 'IP6', 'TLS'] },
    unplayed: new Map([['TLS-14/takes', 'this host has no IPv6']]),
  })
  for (const report of [NATO, part]) {
    const page = htmlOf(report, CASES_BY_ID, REQUIREMENTS_BY_ID)
    const annex = /<section id="annex-fmn">[^]*?<\/section>/.exec(page)?.[0] ?? ''
    for (const spiral of SPIRALS) {
      const [, row = ''] = new RegExp(`FMN Spiral ${spiral}[^<]*</th>(.*?)</tr>`).exec(annex) ?? []
      const [, ...counts] = [...row.matchAll(/>(\d+)<\/td>/g)].map(([, count]) => Number(count))
      assert.equal(counts.length, 6)
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        rowsOf(spiral).length,
      )
      assert.deepEqual([counts[4]! > 0, counts[5]! > 0], [report === part, report === part])
    }
    assert.match(annex, /of whoever hosts rooms[^]*of whoever offers publish-subscribe/)
  }
})

test('the table of requirements lies with the report, and the first page has its digest', () => {
  const files = filesOf({ played: [], settings: {}, bill: undefined })
  assert.deepEqual(JSON.parse(files.get(ROWS) ?? ''), REQUIREMENTS)
  const own = listed(files).find(({ name }) => name === ROWS)
  const page = htmlOf({ ...REPORT, attachments: listed(files) }, CASES_BY_ID, REQUIREMENTS_BY_ID)
  assert.match(page, new RegExp(`<header>[^]*Requirements \\(SHA-256\\)</dt><dd><code>${own!.sha256}[^]*</header>`))
})
