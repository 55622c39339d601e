import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSqliteStore } from '../../../src/store/sqlite.ts'

const ALICE = "alice'; DROP TABLE relations@corp.example"
const row = (user: string, contact: string, marks = 4, day = 20_000) => ({ user, contact, marks, day })

test('who knows whom comes back after the file was closed, as it was last', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'store-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'sallyport.db')
  {
    using store = openSqliteStore(file)
    store.keepRelations([
      row(ALICE, 'bob@a.example'),
      row(ALICE, 'eve@a.example'),
      row('ben@corp.example', 'x.example'),
    ])
    store.keepRelations([row(ALICE, 'bob@a.example', 7, 20_007), row(ALICE, 'eve@a.example', 0, 0)])
  }
  using store = openSqliteStore(file)
  assert.deepEqual(
    [...store.relations()],
    [row(ALICE, 'bob@a.example', 7, 20_007), row('ben@corp.example', 'x.example')],
  )
  assert.deepEqual(store.relation({ user: ALICE, contact: 'bob@a.example' })?.marks, 7)
  assert.equal(store.relation({ user: ALICE, contact: 'eve@a.example' }), undefined)
})

test('they are gone through in order, a few at a time, all of them or those of one user', () => {
  using store = openSqliteStore(':memory:')
  const all = ['a', 'b', 'c'].flatMap((user) => ['x', 'y', 'z'].map((contact) => row(user, contact)))
  store.keepRelations(all.toReversed())
  const seen = []
  for (let page = store.relationsAfter(undefined, 2); page.length > 0; page = store.relationsAfter(page.at(-1), 2))
    seen.push(...page)
  assert.deepEqual(seen, all)
  assert.deepEqual(store.relationsAfter(undefined, 9, 'b'), all.slice(3, 6))
  assert.deepEqual(store.relationsAfter(row('b', 'x'), 1, 'b'), [row('b', 'y')])
})
