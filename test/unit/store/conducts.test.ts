import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { KnownConduct } from '../../../src/policy/conduct/conducts.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'

test('how domains behave comes back as it was, without a time that is none, also after the file was closed', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'store-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'sallyport.db')
  const held = { state: 'watch', at: 3, until: 9, by: "x'; --", why: 'spam' } as const
  const bad: KnownConduct = {
    ...{
      domain: 'a.example',
      state: 'blocked',
      since: 1,
      at: 2,
      points: { rate: 1.5, violations: 70 },
      held: undefined,
    },
  }
  const said: KnownConduct = { ...bad, domain: 'b.example', state: 'normal', points: {}, held }
  {
    using store = openSqliteStore(file)
    store.keepConducts({ changed: [bad, said, { ...said, domain: 'c.example' }], gone: [] })
    store.keepConducts({ changed: [{ ...said, held: { ...held, until: 8.65e15 } }], gone: ['c.example'] })
  }
  using store = openSqliteStore(file)
  assert.deepEqual(store.conducts(), [bad, { ...said, held: { ...held, until: undefined } }])
})
