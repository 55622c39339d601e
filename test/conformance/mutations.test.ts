// Every deliberately wrong gateway can be made of the source as it is, and some of them are run and seen. `npm run mutations`
// runs all of them.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CASES } from '../../src/conformance/cases/all.ts'
import { changed } from './mutated.ts'
import type { Mutation } from './mutation.ts'
import { MUTATIONS } from './mutations.ts'
import { pairsOf, redTable, unseen } from './red-table.ts'
import { green, seen } from './seeing-red.ts'

/** Quick ones, of several layers. */
const SHORT = ['no-names', 'binding'] as const

test('each mutation changes what stands in the source exactly once', () => {
  for (const mutation of MUTATIONS) assert.equal(changed(mutation).size, mutation.also ? 2 : 1, mutation.id)
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

test('each requirement that has cases has a mutation that turns it red', () => {
  assert.deepEqual(unseen(), [])
})

test('the table of what has been seen red says nothing that no mutation shows', () => {
  const now = new Set(pairsOf(redTable()))
  const written = pairsOf(readFileSync(join(import.meta.dirname, 'red.md'), 'utf8'))
  for (const one of written) assert.ok(now.has(one), `${one}\n  npm run mutations writes the table anew`)
  assert.ok(written.length > 60)
})

for (const id of SHORT)
  test(`a gateway with ${id} is seen to be wrong`, async () => {
    const mutation: Mutation = MUTATIONS.find((one) => one.id === id) ?? assert.fail()
    assert.deepEqual(green(mutation, await seen(mutation)), [])
  })
