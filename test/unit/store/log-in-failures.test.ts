import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { AccountFailures } from '../../../src/policy/remote/guard.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'

const ALL = { over: 0, most: 100 }

function fileOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'store-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'sallyport.db')
}

const failures = (name: string, ...times: readonly number[]): AccountFailures => ({ kind: 'strange', name, times })

test('failures of accounts come back the last one at the end, also after the file was closed', (t) => {
  const file = fileOf(t)
  const hostile = failures("x'; DROP TABLE log_in_failures@corp.example", 7, 8.4)
  const own: AccountFailures = { kind: 'own', name: 'anna@corp.example', times: [3] }
  {
    using store = openSqliteStore(file)
    store.keepLogInFailures([failures('ben@corp.example', 1), hostile, own, failures('anna@corp.example', 2)], ALL)
    store.keepLogInFailures([failures('ben@corp.example', 1, 9), failures('anna@corp.example')], ALL)
  }
  using store = openSqliteStore(file)
  assert.deepEqual(store.logInFailures(), [own, { ...hostile, times: [7, 8] }, failures('ben@corp.example', 1, 9)])
})

test('what counts no more goes, and beyond the bound the oldest', (t) => {
  using store = openSqliteStore(fileOf(t))
  store.keepLogInFailures([failures('a', 1, 10), failures('b', 11), failures('c', 12), failures('d', 13)], ALL)
  const names = () => store.logInFailures().map(({ name }) => name)
  store.keepLogInFailures([], { over: 10, most: 100 })
  assert.deepEqual(names(), ['b', 'c', 'd'])
  store.keepLogInFailures([failures('b', 11, 14)], { over: 10, most: 2 })
  assert.deepEqual(names(), ['d', 'b'])
})
