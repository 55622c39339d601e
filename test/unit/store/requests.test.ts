import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSqliteStore } from '../../../src/store/sqlite.ts'

const ALICE = "alice'; DROP TABLE pending_requests@corp.example"
const request = (user: string, contact: string, at: number) => ({ user, contact, partner: 'a.example', at })

test('requests that wait come back after the file was closed, from the one that waits longest, and what is over goes', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'store-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'sallyport.db')
  const [bob, eve, joe] = [
    request(ALICE, 'bob@a.example', 30),
    request(ALICE, 'eve@a.example', 20),
    request('ben@corp.example', 'joe@a.example', 10),
  ]
  {
    using store = openSqliteStore(file)
    store.keepPendingRequests({ changed: [bob, eve, joe], gone: [], over: 0 })
  }
  using store = openSqliteStore(file)
  assert.deepEqual(store.pendingRequests(), [joe, eve, bob])
  store.keepPendingRequests({ changed: [], gone: [eve], over: 10 })
  assert.deepEqual(store.pendingRequests(), [bob])
})

test('of very many that are over a part goes at a time', () => {
  using store = openSqliteStore(':memory:')
  const all = Array.from({ length: 1200 }, (_, n) => request(`u${n}`, 'bob@a.example', n))
  store.keepPendingRequests({ changed: all, gone: [], over: -1 })
  const left = [1, 2, 3].map(() => {
    store.keepPendingRequests({ changed: [], gone: [], over: 5000 })
    return store.pendingRequests().length
  })
  assert.deepEqual(left, [700, 200, 0])
})
