// Every deliberately wrong gateway can be made of the source as it is, and some of them are run and seen. `npm run mutations`
// runs all of them.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CASES } from '../../src/conformance/cases/all.ts'
import { changed } from './mutated.ts'
import { type Mutation, MUTATIONS } from './mutations.ts'
import { redTable } from './red-table.ts'
import { green, seen } from './seeing-red.ts'

/** Quick ones, of several layers. */
const SHORT = ['no-names', 'binding'] as const

test('each mutation changes what stands in the source exactly once', () => {
  for (const mutation of MUTATIONS) assert.notEqual(changed(mutation), '', mutation.id)
  assert.equal(new Set(MUTATIONS.map(({ id }) => id)).size, MUTATIONS.length)
  const [first] = MUTATIONS
  assert.throws(() => changed({ ...first!, find: 'nothing like this is there' }), /stands 0 times/)
})

test('each is seen by cases that are played under its profile', () => {
  const known = new Map(CASES.map((one) => [one.id, one]))
  for (const { id, cases, profile = 'dod' } of MUTATIONS) {
    assert.ok(cases.length > 0, id)
    for (const one of cases) {
      const { profiles } = known.get(one) ?? assert.fail(`${id}: no case ${one}`)
      assert.ok(profiles === undefined || profiles.includes(profile), `${id}: ${one} is not played under ${profile}`)
    }
  }
})

test('the table of what has been seen red says nothing that no mutation shows', () => {
  const rows = new Set(redTable().split('\n'))
  const written = readFileSync(join(import.meta.dirname, 'red.md'), 'utf8').split('\n')
  for (const line of written.filter((one) => one.startsWith('| ')))
    assert.ok(rows.has(line), `${line}\n  npm run mutations writes the table anew`)
  assert.ok(written.length > 60)
})

for (const id of SHORT)
  test(`a gateway with ${id} is seen to be wrong`, async () => {
    const mutation: Mutation = MUTATIONS.find((one) => one.id === id) ?? assert.fail()
    assert.deepEqual(green(mutation, await seen(mutation)), [])
  })
