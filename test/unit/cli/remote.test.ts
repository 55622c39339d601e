// The commands about remote users, against a gateway of plain data behind a real control socket, and without one.

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { controlSocketPath } from '../../../src/admin/client.ts'
import { serveControl } from '../../../src/admin/control-socket.ts'
import type { SessionStatus } from '../../../src/gateway/remote/status.ts'
import { FakeControl, NOW } from '../../support/fake-control.ts'
import { installation } from '../../support/installation.ts'
import { run } from './run.ts'

const SESSION: SessionStatus = {
  id: 's7f3k9q2',
  user: 'anna@corp.example',
  address: 'anna@corp.example/phone',
  software: 'https://client.example',
  phase: 'bound',
  mechanism: 'SCRAM-SHA-256',
  clientAddress: '192.0.2.7',
  listener: 'remote',
  transport: 'tcp',
  tls: { start: 'direct', version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', group: undefined },
  since: '2026-03-01T11:00:00.000Z',
  resumable: true,
  stanzasIn: 12,
  stanzasOut: 34,
  refused: 0,
  unsentBytes: 0,
  unreadBytes: 0,
  held: false,
}
const POLICY = `# Who may log in from outside.
groups:
  staff: [anna@corp.example]
remote:
  grants:
    # Everybody on call.
    - to: [staff]
      networks: [192.0.2.0/24]
      sessions: 3
`

async function gateway(t: TestContext, policy = POLICY) {
  const directory = await installation(t)
  const file = join(directory, 'federation-config', 'policy.yaml')
  await writeFile(file, policy)
  const control = new FakeControl(directory)
  await control.reload()
  control.sessions = [SESSION, { ...SESSION, id: 's2', user: 'ben@corp.example', address: undefined }]
  const until = new Date(NOW + 600_000).toISOString()
  control.locks = [
    { kind: 'account', name: 'anna@corp.example', failures: 4, until },
    { kind: 'known-account', name: 'ben@corp.example', failures: 2, until },
    { kind: 'address', name: '203.0.113.9', failures: 20, until },
  ]
  const socket = await serveControl({ control, directory, socketPath: controlSocketPath(directory), now: () => NOW })
  t.after(() => socket[Symbol.asyncDispose]())
  const read = () => readFile(file, 'utf8')
  return { directory, control, read, type: (...words: readonly string[]) => run(directory, words) }
}

test('sessions are listed, of all or of one user', async (t) => {
  const { type, control } = await gateway(t)
  const all = await type('remote', 'sessions')
  assert.equal(all.code, 0)
  assert.match(
    all.out,
    /s7f3k9q2 +anna@corp\.example\/phone +https:\/\/client\.example +192\.0\.2\.7 \(tcp\) +SCRAM-SHA-256 +TLSv1\.3 direct +60m +12 +34/,
  )
  assert.match(all.out, /ben@corp\.example/)
  const one = await type('remote', 'sessions', 'ANNA@corp.example', '--json')
  assert.deepEqual(
    JSON.parse(one.out).sessions.map(({ id }: SessionStatus) => id),
    ['s7f3k9q2'],
  )
  control.sessions = []
  assert.match((await type('remote', 'sessions')).out, /nobody is logged in/)
})

test('sessions are ended by user or by id', async (t) => {
  const { type, control } = await gateway(t)
  assert.match((await type('remote', 'end', 's2')).out, /ended s2 of ben@corp\.example from 192\.0\.2\.7/)
  assert.equal((await type('remote', 'end', 'anna@corp.example')).code, 0)
  assert.deepEqual(control.sessions, [])
  const { code, err } = await type('remote', 'end', 'anna@corp.example')
  assert.equal(code, 1)
  assert.match(err, /there is no session of anna@corp\.example/)
})

test('locks are listed and taken off, of users and of addresses', async (t) => {
  const { type } = await gateway(t)
  const listed = await type('remote', 'locks')
  assert.equal(listed.code, 1)
  const told =
    /account +anna@corp\.example +4 +in 10m\n +account, where known +ben@corp\.example +2 +in 10m\n +address +203\.0\.113\.9 +20 +in 10m/
  assert.match(listed.out, told)
  assert.match((await type('remote', 'unlock', 'ben@corp.example')).out, /2 failed log-ins of ben@corp\.example/)
  assert.match((await type('remote', 'unlock', 'anna@corp.example')).out, /4 failed log-ins of anna@corp\.example/)
  assert.match((await type('remote', 'unlock', '203.0.113.9')).out, /20 failed log-ins/)
  assert.deepEqual(await type('remote', 'locks'), { code: 0, out: 'nothing is locked\n', err: '' })
  const neither = await type('remote', 'unlock', 'anna')
  assert.equal(neither.code, 2)
  assert.match(neither.err, /"anna" is no user and no address\n.*anna@corp\.example.*192\.0\.2\.1/)
})

test('whether somebody may log in is told with the grant that decides, also while nothing runs', async (t) => {
  const { type, directory } = await gateway(t)
  const may = await type('remote', 'may', 'anna@corp.example', '--from', '192.0.2.9')
  assert.equal(may.code, 0)
  assert.match(may.out, /may log in\n[^]*remote\.grants\[0\], to staff/)
  const not = await type('remote', 'may', 'anna@corp.example', '--from', '203.0.113.1')
  assert.equal(not.code, 1)
  assert.match(not.out, /may not log in\n[^]*SP-832 remote-network/)
  assert.equal((await type('remote', 'may', 'anna@corp.example')).code, 2)
  assert.equal((await type('remote', 'may', 'anna@corp.example', '--from', 'here')).code, 2)
  assert.ok(directory)
  const quiet = await installation(t)
  await writeFile(join(quiet, 'federation-config', 'policy.yaml'), POLICY)
  const offline = await run(quiet, ['remote', 'may', 'ben@corp.example', '--from', '192.0.2.9'])
  assert.equal(offline.code, 1)
  assert.match(offline.out, /SP-830/)
  assert.equal((await run(quiet, ['remote', 'sessions'])).code, 1)
})

test('a user is blocked and let in again in policy.yaml, whose comments stay', async (t) => {
  const { type, read, control } = await gateway(t)
  const done = await type('remote', 'block', 'Anna@corp.example')
  assert.equal(done.code, 0)
  assert.match(done.out, /anna@corp\.example is blocked; in force now\n[^]*1 session ended/)
  assert.deepEqual(control.policy.remote.block, ['anna@corp.example'])
  assert.equal(await read(), POLICY.replace('sessions: 3\n', 'sessions: 3\n  block: [anna@corp.example]\n'))
  assert.match((await type('remote', 'block', 'anna@corp.example')).out, /is blocked already/)
  assert.equal((await type('remote', 'block', 'ben@corp.example')).code, 0)
  assert.match(await read(), /block: \[anna@corp\.example, ben@corp\.example\]/)
  for (const user of ['anna', 'ben']) assert.equal((await type('remote', 'unblock', `${user}@corp.example`)).code, 0)
  assert.deepEqual(control.policy.remote.block, [])
  assert.match(await read(), /# Everybody on call\./)
})

test('a block is written where there is no policy yet, and in a list of lines', async (t) => {
  const none = await gateway(t, '')
  assert.equal((await none.type('remote', 'block', 'eve@corp.example')).code, 0)
  assert.match(await none.read(), /^remote:\n {2}block:\n {4}- eve@corp\.example\n$/)
  const lines = await gateway(t, 'remote:\n  block:\n    # Left in spring.\n    - eve@corp.example\n')
  assert.equal((await lines.type('remote', 'block', 'mallory@corp.example')).code, 0)
  assert.match(await lines.read(), /# Left in spring\.\n {4}- eve@corp\.example\n {4}- mallory@corp\.example\n/)
})

test('what would be a mistake is not written', async (t) => {
  const { type, read } = await gateway(t)
  const foreign = await type('remote', 'block', 'eve@other.example')
  assert.equal(foreign.code, 2)
  assert.match(foreign.err, /other\.example is not one of our domains/)
  assert.equal(await read(), POLICY)
  const faulty = await gateway(t, 'remote: { blok: [] }\n')
  assert.equal((await faulty.type('remote', 'block', 'eve@corp.example')).code, 2)
  assert.equal(await faulty.read(), 'remote: { blok: [] }\n')
})
