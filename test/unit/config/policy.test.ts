// policy.yaml while the gateway runs: what it says holds at once, and a faulty one changes nothing.

import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { formatFinding } from '../../../src/config/finding.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { ConfigWatcher } from '../../../src/config/watch.ts'
import { NO_POLICY } from '../../../src/config/policy-schema.ts'
import { configuration, GATEWAY, put } from './folder.ts'

const POLICY = 'remote: { grants: [{ to: [anna@corp.example] }] }\n'

async function watched(t: TestContext, directory: string) {
  const changes: string[] = []
  const onSettings = (_: unknown, { changed }: { readonly changed: readonly string[] }) => changes.push(changed.join())
  const start = await ConfigWatcher.open(directory, {
    settleMs: 1e8,
    sweepMs: 1e8,
    onSettings: (...told) => void onSettings(...told),
  })
  assert.ok(start.ok)
  t.after(() => start.watcher[Symbol.asyncDispose]())
  const block = () => start.watcher.settings.policy.remote.block
  return { watcher: start.watcher, changes, block }
}

const words = (findings: Parameters<typeof formatFinding>[0][]): readonly string[] =>
  findings.filter(({ severity }) => severity === 'error').map((f) => formatFinding(f).split('/').at(-1) ?? '')

test('nobody may without a file, and what a file says is among the settings', async (t) => {
  assert.deepEqual((await loadConfig(configuration(t))).settings?.policy, NO_POLICY)
  const { settings } = await loadConfig(configuration(t, { 'policy.yaml': POLICY }))
  assert.deepEqual(
    settings?.policy.remote.grants.map(({ to }) => to),
    [['anna@corp.example']],
  )
})

test('a faulty policy is not begun with', async (t) => {
  assert.equal((await ConfigWatcher.open(configuration(t, { 'policy.yaml': 'remote: { blok: [] }\n' }))).ok, false)
  const foreign = POLICY.replace('corp', 'other')
  assert.equal((await ConfigWatcher.open(configuration(t, { 'policy.yaml': foreign }))).ok, false)
})

test('a change of the policy holds at once; a faulty one and its end keep nobody in', async (t) => {
  const directory = configuration(t, { 'policy.yaml': POLICY })
  const { watcher, changes, block } = await watched(t, directory)
  put(directory, { 'policy.yaml': POLICY.replace('{ grants', '{ block: [anna@corp.example], grants') })
  assert.equal((await watcher.reload()).applied, true)
  assert.deepEqual(block(), ['anna@corp.example'])
  put(directory, { 'policy.yaml': 'remote: { block: [anna@] }\n' })
  const { applied, findings } = await watcher.reload()
  assert.equal(applied, false)
  assert.deepEqual(words([...findings]), [
    'policy.yaml:1: remote.block[0]: write groups and users, such as [field-staff, anna@corp.example]',
  ])
  assert.deepEqual(block(), ['anna@corp.example'], 'what was in force before stays')
  rmSync(join(directory, 'policy.yaml'))
  assert.equal((await watcher.reload()).applied, true)
  assert.deepEqual(watcher.settings.policy, NO_POLICY)
  assert.deepEqual(changes, ['policy', 'policy'])
})

test('users of a domain that is no longer ours keep policy and domains as they were', async (t) => {
  const directory = configuration(t, { 'policy.yaml': POLICY })
  const { watcher } = await watched(t, directory)
  put(directory, { 'gateway.yaml': GATEWAY.replace('corp.example', 'other.example') })
  const { applied, findings } = await watcher.reload()
  assert.equal(applied, false)
  assert.match(words([...findings]).join(), /corp\.example is not one of our domains/)
  assert.deepEqual(
    watcher.settings.domains.map(({ domain }) => domain),
    ['corp.example'],
  )
  assert.equal(watcher.settings.policy.remote.grants.length, 1)
})
