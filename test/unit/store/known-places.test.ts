import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSqliteStore } from '../../../src/store/sqlite.ts'

test('networks of users come back the longest unseen first, also after the file was closed', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'store-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'sallyport.db')
  const anna = { user: "anna'; DROP TABLE known_places@corp.example", network: '198.51.100.0/24', at: 5 }
  const ben = { user: 'ben@corp.example', network: '2001:db8:1::/48', at: 3 }
  {
    using store = openSqliteStore(file)
    store.keepKnownPlaces({ changed: [anna, ben, { ...ben, network: '192.0.2.0/24' }], gone: [] })
    store.keepKnownPlaces({ changed: [{ ...anna, at: 7 }], gone: [{ user: ben.user, network: '192.0.2.0/24' }] })
  }
  using store = openSqliteStore(file)
  assert.deepEqual(
    store.knownPlaces().map((place) => ({ ...place })),
    [ben, { ...anna, at: 7 }],
  )
})
