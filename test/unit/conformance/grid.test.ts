// The grid of service types (XEP-0238): every cell that must come about under some profile is played by a scripted peer, the case
// says the same as the cell, and the page shows what came of it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GRID } from '../../../src/conformance/cases/grid.ts'
import { casesOf, EXPECTED } from '../../../src/conformance/partner/grid.ts'
import { htmlOf } from '../../../src/conformance/report/html.ts'
import { PROFILE_NAMES } from '../../../src/trust/profiles/profiles.ts'
import { CASES_BY_ID, ran, reported, REQUIREMENTS_BY_ID } from './example-report.ts'

const SAYS = { U: /comes to nothing/, E: /verified by dialback/, T: /trusted by certificate/ } as const
const WAYS = ['initiating', 'receiving'] as const

test('each cell of the grid is played, under its profiles, and comes out as the cell says', () => {
  const met = new Set<string>()
  for (const profile of PROFILE_NAMES)
    for (const [floor, expected] of Object.entries(EXPECTED[profile]))
      for (const way of WAYS)
        for (const [index, may] of expected[way].entries()) {
          const cases = GRID.filter(({ id }) => casesOf(floor, way, index + 1).includes(id))
          const cell = `${profile}, ${floor}, ${way}, Type ${index + 1}`
          // Where two outcomes are right, each is played.
          assert.equal(cases.length, may.length, cell)
          for (const success of may) {
            if (success === 'V') assert.fail(`${cell}: never in the clear`)
            const one = cases.find(({ title }) => SAYS[success].test(title))
            assert.ok(one, `${cell}: ${success}`)
            assert.equal(one.role, way, cell)
            assert.ok(one.profiles?.includes(profile) ?? true, cell)
            met.add(one.id)
          }
        }
  assert.deepEqual(
    GRID.map(({ id }) => id).filter((id) => !met.has(id)),
    [],
    'cases of no cell',
  )
})

test('the page shows what scripted peers have come to, also where there was no live partner', () => {
  const page = htmlOf(
    reported([
      ran('SAS-10/type-1-receiving', { kind: 'pass' }),
      ran('SAS-10/type-6-receiving', { kind: 'violation', detail: 'it was refused' }),
    ]),
    CASES_BY_ID,
    REQUIREMENTS_BY_ID,
  )
  assert.match(page, /Type 1: [^"]*"><span class="met">U<\/span>/)
  assert.match(
    page,
    /Type 6: [^"]*"><span class="not">not T<\/span><br><small><a href="#case-SAS-10-type-6-receiving">/,
  )
  assert.match(page, /Type 3: [^"]*">T<br><small>not played/)
})
