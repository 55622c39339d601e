// The watcher with real files. Nothing sleeps: each test waits for the callback or for `reload()`.

import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { appendFileSync, renameSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setPartner } from '../../../src/config/edit.ts'
import { formatFinding } from '../../../src/config/finding.ts'
import { namedFiles } from '../../../src/config/named-files.ts'
import { ConfigWatcher, type ConfigWatcherOptions, restAfter } from '../../../src/config/watch.ts'
import { configuration, GATEWAY, PARTNER, put } from './folder.ts'

const FILE = 'partners/partner.example.yaml'
const BLOCKED = PARTNER.replace('allowed', 'blocked')
const OTHER = 'domain: other.example\nstatus: allowed\n'
const DEADLINE_MS = 10_000

/** A watcher whose calls are kept, and can be waited for. Without `live` only `reload()` makes it look. */
async function watched(
  t: TestContext,
  directory: string,
  options: ConfigWatcherOptions & { readonly live?: boolean } = {},
) {
  const calls: string[] = []
  const events = new EventEmitter()
  const call = (name: string, what: string): void => {
    calls.push(`${name} ${what}`)
    events.emit('call', `${name} ${what}`)
  }
  const start = await ConfigWatcher.open(directory, {
    settleMs: options.live === true ? 20 : 1e8,
    sweepMs: 1e8,
    onSettings: (_settings, { changed, needsRestart }) => call('settings', `${changed.join()}|${needsRestart.join()}`),
    onPartners: (partners, { added, changed, removed }) => {
      const list = partners.map(({ domain, status }) => `${domain}=${status}`).join()
      call('partners', `+${added.join()} ~${changed.join()} -${removed.join()} ${list}`)
    },
    onFiles: () => call('files', ''),
    onFaulty: (findings) => call('faulty', findings.map((f) => formatFinding(f).split('/').at(-1)).join()),
    ...options,
  })
  assert.ok(start.ok)
  const { watcher } = start
  t.after(() => watcher[Symbol.asyncDispose]())
  const until = async (pattern: RegExp): Promise<string> => {
    const signal = AbortSignal.timeout(DEADLINE_MS)
    for (;;) {
      const found = calls.find((text) => pattern.test(text))
      if (found !== undefined) return found
      await once(events, 'call', { signal })
    }
  }
  return { watcher, calls, until }
}

test('a faulty configuration is not begun with', async (t) => {
  for (const files of [
    { 'gateway.yaml': 'a: 1\n' },
    { [FILE]: 'domain: x.example\n' },
    { 'partners/corp.example.yaml': 'domain: corp.example\nstatus: allowed\n' },
  ]) {
    const start = await ConfigWatcher.open(configuration(t, files))
    assert.ok(!start.ok)
    assert.ok(start.findings.length > 0)
  }
})

test('a partner added, changed and removed by hand is told', { timeout: 3 * DEADLINE_MS }, async (t) => {
  const directory = configuration(t)
  const { watcher, calls, until } = await watched(t, directory, { live: true })
  put(directory, { [FILE]: PARTNER })
  await until(/^partners \+partner\.example ~ - partner\.example=allowed$/)
  put(directory, { [FILE]: BLOCKED })
  await until(/^partners \+ ~partner\.example - partner\.example=blocked$/)
  put(directory, { 'partners/other.example.yaml': OTHER })
  await until(/^partners \+other\.example ~ - other\.example=allowed,partner\.example=blocked$/)
  rmSync(join(directory, FILE))
  await until(/^partners \+ ~ -partner\.example other\.example=allowed$/)
  assert.deepEqual(watcher.findings, [])
  assert.ok(!calls.some((call) => call.startsWith('settings')))
})

test(
  'a block is in force soon after the edit, and nobody has to ask for it',
  { timeout: 3 * DEADLINE_MS },
  async (t) => {
    const directory = configuration(t, { [FILE]: PARTNER })
    const { until } = await watched(t, directory, { live: true, settleMs: 50 })
    await setPartner(directory, 'partner.example', { status: 'blocked' })
    await until(/=blocked$/)
  },
)

test('a writer that never pauses is not waited for', { timeout: 3 * DEADLINE_MS }, async (t) => {
  const directory = configuration(t, { [FILE]: PARTNER })
  const { until } = await watched(t, directory, { live: true, settleMs: 100 })
  put(directory, { [FILE]: BLOCKED })
  const noise = setInterval(() => appendFileSync(join(directory, 'notes.md'), 'x'), 10)
  try {
    await until(/=blocked$/)
  } finally {
    clearInterval(noise) // before the folder goes
  }
})

test('a change is found without having been told', { timeout: 3 * DEADLINE_MS }, async (t) => {
  const directory = configuration(t, { [FILE]: PARTNER })
  const { until } = await watched(t, directory, { sweepMs: 20 })
  put(directory, { [FILE]: BLOCKED })
  await until(/=blocked$/)
})

test('a file that settings or partners name is told of when it changes, alone and once', async (t) => {
  const named = [
    ...['anchor', 'intermediate', 'partner', 'core', 'clients', 'secret', 'issuer', 'pairs'].map((name) => `${name}.x`),
  ]
  const directory = configuration(t, {
    'gateway.yaml': `domains: { corp.example: {} }
core:
  protocol: component
  address: 127.0.0.1:5347
  secretFile: secret.x
  tls: direct
  trust: [core.x]
  clients: { address: "127.0.0.1:5222", trust: clients.x }
listen: { remote: [{ host: 192.0.2.1, port: 5222 }] }
trust:
  anchors: [anchor.x]
  intermediates: [intermediate.x]
  cards: { issuers: [issuer.x], addresses: [{ from: CN, matches: ".+", pairs: pairs.x }] }
`,
    [FILE]: `${PARTNER}anchors: [partner.x]\n`,
  })
  const root = join(directory, '..')
  /** Long ago, so that the stamp tells all. */
  const touch = (name: string, text: string, at: number): void => {
    put(root, { [name]: text })
    utimesSync(join(root, name), at, at)
  }
  for (const name of named) touch(name, 'a', 1e9)
  const { watcher, calls } = await watched(t, directory)
  assert.deepEqual(
    namedFiles(watcher.settings, watcher.partners).toSorted(),
    named.map((name) => join(root, name)).toSorted(),
  )
  for (const name of named) {
    calls.length = 0
    touch(name, 'b', 1e9 + 1)
    await watcher.reload()
    assert.deepEqual(calls, ['files '], name)
    rmSync(join(root, name))
    await watcher.reload()
    assert.deepEqual(calls, ['files ', 'files '], `${name} is gone`)
  }
  calls.length = 0
  touch('anchor.x', 'c', 1e9)
  put(directory, { [FILE]: BLOCKED })
  await watcher.reload()
  assert.deepEqual(calls, ['partners + ~partner.example - partner.example=blocked'], 'whoever hears of that reads all')
})

test('the store of the system is followed while the settings name it', async (t) => {
  const directory = configuration(t)
  const root = join(directory, '..')
  put(root, { 'store.x': 'a', 'store.y': 'a' })
  const store = [join(root, 'store.x')]
  const { watcher, calls } = await watched(t, directory, { systemStore: async () => store })
  assert.equal(watcher.settings.trust.anchors, 'system')
  put(root, { 'store.x': 'another' })
  await watcher.reload()
  assert.deepEqual(calls, ['files '])
  store.push(join(root, 'store.y'))
  await watcher.reload()
  assert.deepEqual(calls, ['files ', 'files '])
  put(root, { 'anchor.x': 'a' })
  appendFileSync(join(directory, 'gateway.yaml'), '\ntrust: { anchors: [anchor.x] }\n')
  await watcher.reload()
  calls.length = 0
  put(root, { 'store.x': 'a third' })
  await watcher.reload()
  assert.deepEqual(calls, [])
})

test('a named file is told of again when a callback fails, and without having been told', async (t) => {
  const directory = configuration(t)
  let told = 0
  const events = new EventEmitter()
  const onFiles = (): void => {
    told += 1
    if (told === 1) throw new Error('not now')
    events.emit('told')
  }
  const { watcher } = await watched(t, directory, { sweepMs: 20, onFiles })
  const again = once(events, 'told', { signal: AbortSignal.timeout(DEADLINE_MS) })
  put(join(directory, '..'), { 'certs/core/ca.pem': 'x' })
  await again
  assert.ok(told >= 2)
  assert.deepEqual((await watcher.reload()).findings, [])
})

test('looking without having been told takes a hundredth of the time at most, however long the list is', () => {
  assert.equal(restAfter(3, 10_000), 10_000)
  assert.equal(restAfter(320, 10_000), 32_000)
})

test('a directory that was exchanged is watched anew', { timeout: 3 * DEADLINE_MS }, async (t) => {
  const directory = configuration(t, { [FILE]: PARTNER })
  const { watcher, until } = await watched(t, directory, { live: true })
  const next = configuration(t, { [FILE]: BLOCKED })
  renameSync(directory, `${directory}.old`)
  renameSync(next, directory)
  await watcher.reload()
  await until(/=blocked$/)
  put(directory, { 'partners/other.example.yaml': OTHER })
  await until(/^partners \+other\.example /)
})

test('a reload is in force when it is done, however many ask at once', async (t) => {
  const directory = configuration(t, { [FILE]: PARTNER })
  const { watcher, calls } = await watched(t, directory)
  put(directory, { [FILE]: BLOCKED })
  const first = watcher.reload()
  put(directory, { 'partners/other.example.yaml': OTHER })
  const results = await Promise.all([first, watcher.reload(), watcher.reload()])
  assert.ok(results.every(({ applied }) => applied))
  assert.deepEqual(
    watcher.partners.map(({ domain, status }) => [domain, status]),
    [
      ['other.example', 'allowed'],
      ['partner.example', 'blocked'],
    ],
  )
  const told = calls.length
  await watcher.reload()
  assert.equal(calls.length, told, 'nothing is told when nothing changed')
})

test('callbacks that take their time are waited for', async (t) => {
  const directory = configuration(t)
  const gate = Promise.withResolvers<undefined>()
  let done = false
  const onPartners = async (): Promise<void> => {
    await gate.promise
    done = true
  }
  const { watcher } = await watched(t, directory, { onPartners })
  put(directory, { [FILE]: PARTNER })
  const reload = watcher.reload()
  gate.resolve(undefined)
  await reload
  assert.ok(done)
})

test('a reload sees what changed while another one was at work', async (t) => {
  const directory = configuration(t)
  const gates = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
  let calls = 0
  const { watcher } = await watched(t, directory, {
    onPartners: async () => {
      calls += 1
      gates[0]?.resolve(undefined)
      await gates[1]?.promise
    },
  })
  put(directory, { [FILE]: PARTNER })
  const first = watcher.reload()
  await gates[0]?.promise
  put(directory, { [FILE]: BLOCKED })
  const second = watcher.reload()
  assert.equal(calls, 1, 'readings do not overlap')
  gates[1]?.resolve(undefined)
  await Promise.all([first, second])
  assert.equal(watcher.partners[0]?.status, 'blocked')
  assert.equal(calls, 2)
})

test('what a callback could not take is told, and offered again', async (t) => {
  const directory = configuration(t)
  let fails = true
  const offered: string[] = []
  const { watcher, calls } = await watched(t, directory, {
    onPartners: (_partners, { added }) => {
      offered.push(added.join())
      if (fails) throw new Error('no room')
    },
  })
  put(directory, { [FILE]: PARTNER })
  assert.ok(!(await watcher.reload()).applied)
  fails = false
  assert.ok((await watcher.reload()).applied)
  assert.deepEqual(offered, ['partner.example', 'partner.example'])
  assert.match(calls.join('\n'), /^faulty federation-config: cannot be put in force \(no room\); .*\nfaulty $/)
})

test('what a callback could not take is offered again when the files are as they were before', async (t) => {
  const directory = configuration(t)
  let fails = true
  const offered: string[] = []
  const offer = (what: string): void => {
    offered.push(what)
    if (fails) throw new Error('no room')
  }
  const { watcher } = await watched(t, directory, {
    onSettings: (_settings, { changed }) => offer(`settings ${changed.join()}`),
    onPartners: (partners) => offer(`partners ${partners.length}`),
  })
  const files: Readonly<Record<string, string>> = { 'gateway.yaml': `${GATEWAY}limits: { idle: 1h }\n` }
  for (const [coming, told] of [
    [files, 'settings '],
    [{ [FILE]: PARTNER }, 'partners 0'],
  ] as const) {
    fails = true
    offered.length = 0
    put(directory, coming)
    assert.ok(!(await watcher.reload()).applied)
    fails = false
    put(directory, { 'gateway.yaml': GATEWAY })
    rmSync(join(directory, FILE), { force: true })
    assert.deepEqual((await watcher.reload()).findings, [])
    assert.deepEqual(offered.slice(1), [told])
    await watcher.reload()
    assert.equal(offered.length, 2, 'and no third time')
  }
})

test('what was told while policy.yaml counts as before is offered again when nothing is held back', async (t) => {
  const directory = configuration(t, { 'policy.yaml': '{}\n' })
  const { watcher, calls } = await watched(t, directory)
  put(directory, { [FILE]: PARTNER, 'policy.yaml': 'wals: []\n' })
  await watcher.reload()
  assert.match(watcher.heldBack?.message ?? '', /did you mean "walls"/)
  put(directory, { 'policy.yaml': '{}\n' })
  assert.ok((await watcher.reload()).applied)
  assert.equal(watcher.heldBack, undefined)
  await watcher.reload()
  assert.deepEqual(
    calls.filter((call) => !call.startsWith('faulty')),
    ['partners +partner.example ~ - partner.example=allowed', 'files '],
  )
})

test('a faulty file keeps its former content, is told once, and lets the others through', async (t) => {
  const directory = configuration(t, { [FILE]: PARTNER, 'partners/other.example.yaml': OTHER })
  const { watcher, calls } = await watched(t, directory)
  put(directory, { [FILE]: 'domain: partner.example\nstatus: blokced\n', 'gateway.yaml': `${GATEWAY}lsten: {}\n` })
  put(directory, { 'partners/other.example.yaml': OTHER.replace('allowed', 'blocked') })
  const { applied, findings } = await watcher.reload()
  assert.ok(!applied)
  assert.equal(findings.length, 2)
  await watcher.reload()
  assert.deepEqual(calls, [
    'partners + ~other.example - other.example=blocked,partner.example=allowed',
    'faulty gateway.yaml:3: lsten: unknown key; did you mean "listen"?,partner.example.yaml:2: status: write allowed, blocked, pending or suspended; did you mean "blocked"?',
  ])
  put(directory, { [FILE]: BLOCKED, 'gateway.yaml': GATEWAY })
  assert.ok((await watcher.reload()).applied)
  assert.deepEqual(calls.slice(2), [
    'partners + ~partner.example - other.example=blocked,partner.example=blocked',
    'faulty ',
  ])
  assert.deepEqual(watcher.findings, [])
})

test('a configuration that disappears changes nothing', async (t) => {
  const directory = configuration(t, { [FILE]: PARTNER })
  const { watcher, calls } = await watched(t, directory)
  renameSync(directory, `${directory}.old`)
  assert.ok(!(await watcher.reload()).applied)
  assert.equal(watcher.partners.length, 1)
  assert.equal(watcher.settings.domains[0]?.domain, 'corp.example')
  renameSync(`${directory}.old`, directory)
  assert.ok((await watcher.reload()).applied)
  assert.equal(calls.filter((call) => !call.startsWith('faulty')).length, 0)
})

test('settings apply live, but for those that need a restart', async (t) => {
  const directory = configuration(t)
  const { watcher, calls } = await watched(t, directory)
  put(directory, {
    'gateway.yaml': `${GATEWAY}limits: { idle: 1h }\nlisten: { federation: [{ port: 15269 }] }\nstore: sqlite:var/b.db\n`,
  })
  const { applied, needsRestart } = await watcher.reload()
  assert.ok(applied)
  assert.deepEqual(needsRestart, ['listen', 'store'])
  assert.deepEqual(calls, ['settings limits|listen,store'])
  assert.equal(watcher.settings.limits.idleMs, 3_600_000)
  assert.equal(watcher.settings.listen.federation[0]?.port, 5269)
  put(directory, { 'gateway.yaml': GATEWAY })
  assert.deepEqual((await watcher.reload()).needsRestart, [])
  assert.deepEqual(calls.slice(1), ['settings limits|'])
})

test('files that contradict each other keep what was said before', async (t) => {
  const directory = configuration(t, { [FILE]: PARTNER, 'partners/other.example.yaml': OTHER })
  const { watcher } = await watched(t, directory)
  const aliases = (): unknown => watcher.partners.map(({ domain, alsoKnownAs }) => [domain, ...alsoKnownAs])
  put(directory, { [FILE]: `${PARTNER}alsoKnownAs: [other.example]\n` })
  assert.ok(!(await watcher.reload()).applied)
  assert.deepEqual(aliases(), [['other.example'], ['partner.example']])
  put(directory, { [FILE]: PARTNER, 'gateway.yaml': GATEWAY.replace('corp.example:', 'other.example:') })
  assert.ok(!(await watcher.reload()).applied)
  assert.equal(watcher.settings.domains[0]?.domain, 'corp.example', 'a domain is not ours while it is a partner’s')
  rmSync(join(directory, 'partners/other.example.yaml'))
  assert.ok((await watcher.reload()).applied)
  assert.equal(watcher.settings.domains[0]?.domain, 'other.example')
})

test('an alias may move from one partner to another in one reading', async (t) => {
  const directory = configuration(t, {
    [FILE]: PARTNER,
    'partners/other.example.yaml': `${OTHER}alsoKnownAs: [x.example]\n`,
  })
  const { watcher } = await watched(t, directory)
  put(directory, { [FILE]: `${PARTNER}alsoKnownAs: [x.example]\n`, 'partners/other.example.yaml': OTHER })
  assert.ok((await watcher.reload()).applied)
  assert.deepEqual(watcher.partners.at(1)?.alsoKnownAs, ['x.example'])
})
