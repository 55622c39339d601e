import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { PendingDomain } from '../../../src/policy/pending.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'

test('domains that wait come back as they were, also after the file was closed', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'store-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'sallyport.db')
  const wish = {
    at: 5,
    from: "x'; --",
    to: 'corp.example',
    kind: 'stream',
    reference: 'r',
    peerAddress: '::1',
  } as const
  const whole: PendingDomain = {
    ...{ domain: 'a.example', firstAt: 5, lastAt: 7, times: 3, inbound: wish },
    outbound: { ...wish, kind: 'iq', peerAddress: undefined },
    certificate: { subject: 'CN=a', issuer: 'CN=b', names: ['DNS:a.example'], notAfter: '2027', spki: 'sha256/x' },
    probe: { at: 6, good: false, says: 'no', reason: 'SP-304', act: 'Ask them.' },
  }
  const bare = { ...whole, domain: 'b.example', inbound: undefined, certificate: undefined, probe: undefined }
  {
    using store = openSqliteStore(file)
    store.keepPendingDomains({ changed: [whole, bare, { ...bare, domain: 'c.example' }], gone: [] })
    store.keepPendingDomains({ changed: [{ ...whole, times: 4 }], gone: ['c.example'] })
  }
  using store = openSqliteStore(file)
  assert.deepEqual(store.pendingDomains(), [{ ...whole, times: 4 }, bare])
})
