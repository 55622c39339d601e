// Importing lists: all or nothing, what needs a word first, one change in the history, and taking it back as a whole.

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type * as z from 'zod'
import { readOutcome } from '../../../src/admin/client.ts'
import { FilesControl } from '../../../src/admin/files-control.ts'
import type { Context, Operation, OperationError } from '../../../src/admin/operation.ts'
import { OPERATIONS } from '../../../src/admin/operations.ts'
import { partnerHistory } from '../../../src/admin/partner-history.ts'
import { partnerExport, partnerImport, partnerUnimport } from '../../../src/admin/partner-import.ts'
import { partnerSet } from '../../../src/admin/partners.ts'
import { Performer } from '../../../src/admin/perform.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import { FakeControl, NOW } from '../../support/fake-control.ts'
import { installation, partnerFile } from '../../support/installation.ts'

const FILES = {
  'old.example': '# since 2019\ndomain: old.example\nstatus: allowed # by mail\nowner: it\n',
  'bad.example': 'domain: bad.example\nstatus: blocked\nreason: spam\n',
  'wide.example': 'domain: wide.example\nstatus: blocked\nalsoKnownAs: ["*.wide.example"]\n',
  'partner.example': 'domain: partner.example\nstatus: allowed\n',
  'labs.example': 'domain: labs.example\nstatus: allowed\nrevocation: hard\nalsoKnownAs: ["*.labs.example"]\n',
}

type Fields = Readonly<Record<string, unknown>>

const rows = (all: Readonly<Record<string, Fields>>) =>
  Object.entries(all).map(([domain, fields], index) => ({ place: `line ${index + 2}`, domain, fields }))

function asking(context: Omit<Context, 'now'>) {
  const performer = new Performer({ ...context, now: () => NOW }, OPERATIONS)
  const call = async <In extends z.ZodType, Out extends z.ZodType>(operation: Operation<In, Out>, input: z.input<In>) =>
    readOutcome(operation, await performer.perform(operation.name, input))
  return {
    ...{ call, directory: context.directory },
    take: (all: Readonly<Record<string, Fields>>, more: object = {}) =>
      call(partnerImport, { entries: rows(all), by: 'anna', why: 'migration', ...more }),
    says: (domain: string) => readFileSync(partnerFile(context.directory, domain), 'utf8'),
    names: () => readdirSync(join(context.directory, 'federation-config', 'partners')).toSorted(),
  }
}

async function running(t: TestContext) {
  const directory = await installation(t, FILES)
  const control = new FakeControl(directory)
  await control.reload()
  return { control, ...asking({ control, directory, running: true }) }
}

/** Where a gateway has run; each time it is asked anew, as by a command. */
async function stopped(t: TestContext) {
  const directory = await installation(t, FILES)
  openSqliteStore(join(directory, 'var', 'sallyport.db')).close()
  const open = async () => {
    const control = await FilesControl.open(directory, () => NOW)
    const ends = (): void => control[Symbol.dispose]()
    return { ends, ...asking({ control, directory, running: false }) }
  }
  return { open }
}

const needsYes = (words: RegExp) => (error: OperationError) => {
  assert.equal(error.code, 'needs-yes')
  assert.match(error.message, words)
  return true
}

test('new entries are written and in force, with who and why', async (t) => {
  const { take, says, control } = await running(t)
  const outcome = await take({
    'new.example': { status: 'allowed', alsoKnownAs: ['rooms.new.example'], notes: 'two\nlines', owner: null },
    'evil.example': { status: 'blocked' },
  })
  assert.equal(outcome.applied, 'running')
  assert.deepEqual(
    outcome.rows.map(({ domain, done }) => `${domain} ${done}`),
    ['new.example added', 'evil.example added'],
  )
  const partner = control.partners().find(({ domain }) => domain === 'new.example')
  assert.deepEqual(
    [partner?.alsoKnownAs, partner?.notes, partner?.owner],
    [['rooms.new.example'], 'two\nlines', undefined],
  )
  assert.match(says('new.example'), /^# Who answers for this entry\.$/m)
  assert.deepEqual(control.announced, ['new.example anna: migration', 'evil.example anna: migration'])
})

test('what is there already is changed with a word only, key by key, and the rest of the file stays', async (t) => {
  const { take, says } = await running(t)
  const list = {
    'old.example': { status: 'allowed', owner: 'ops', purpose: 'Aurora' },
    'new.example': { status: 'allowed' },
  }
  const before = says('old.example')
  await assert.rejects(take(list), needsYes(/^this would change an entry that is there already: old\.example$/))
  assert.equal(says('old.example'), before)
  const plan = await take(list, { dryRun: true })
  assert.deepEqual([plan.applied, says('old.example')], ['nothing', before])
  assert.deepEqual(plan.rows[0]?.changes, [
    { key: 'owner', before: 'it', after: 'ops' },
    { key: 'purpose', before: undefined, after: 'Aurora' },
  ])
  const done = await take(list, { yes: true })
  assert.equal(done.applied, 'running')
  assert.equal(
    says('old.example'),
    '# since 2019\ndomain: old.example\nstatus: allowed # by mail\nowner: ops\npurpose: Aurora\n',
  )
})

test('of a key that a list names in part the rest stays; named as a whole, it is as it is named', async (t) => {
  const { call, says, directory, control } = await running(t)
  const text =
    'domain: old.example\nstatus: allowed\nlimits:\n  stanzasPerSecond: 5\n  eachUser: { requestsPerDay: 3 }\n'
  writeFileSync(partnerFile(directory, 'old.example'), text)
  const entry = (domain: string, partial?: string[]) => ({
    ...{ place: 'item 1', domain, fields: { status: 'allowed', limits: { connections: 4 } } },
    ...(partial && { partial }),
  })
  const entries = [entry('old.example', ['limits']), entry('new.example', ['limits'])]
  const { rows: done, faults } = await call(partnerImport, { entries, by: 'anna', yes: true })
  assert.deepEqual(faults, [])
  const before = { stanzasPerSecond: 5, eachUser: { requestsPerDay: 3 } }
  assert.deepEqual(done[0]?.changes, [{ key: 'limits', before, after: { ...before, connections: 4 } }])
  for (const wanted of [/stanzasPerSecond: 5/, /requestsPerDay: 3/, /connections: 4/])
    assert.match(says('old.example'), wanted)
  assert.equal(control.partners().filter(({ limits }) => limits?.connections === 4).length, 2)
  const again = await call(partnerImport, { entries, by: 'anna' })
  assert.deepEqual(
    again.rows.map((row) => row.done),
    ['unchanged', 'unchanged'],
  )
  await call(partnerImport, { entries: [entry('old.example')], by: 'anna', yes: true })
  assert.doesNotMatch(says('old.example'), /PerSecond|PerDay/)
})

test('what would admit, ask for less or cut off is said beforehand', async (t) => {
  const { take, names } = await running(t)
  const before = names()
  for (const [list, words] of [
    [{ 'bad.example': { status: 'allowed' } }, /would admit bad\.example, which is blocked/],
    [{ 'x.wide.example': { status: 'allowed' } }, /would admit x\.wide\.example, which is blocked/],
    [{ 'old.example': { authentication: 'dialback-over-tls' } }, /ask for a weaker proof \(authentication\)/],
    [{ 'x.labs.example': { status: 'allowed' } }, /^this would ask for a weaker proof \(revocation\)$/],
    [{ 'new.example': { status: 'allowed', alsoKnownAs: ['*.x.labs.example'] } }, /weaker proof \(revocation\)/],
    [{ 'partner.example': { status: 'blocked' } }, /would end a stream that is up: partner\.example \(1\)/],
  ] as const) {
    await assert.rejects(take(list), needsYes(words))
    assert.deepEqual(names(), before)
    const { objections } = await take(list, { dryRun: true })
    assert.match(objections.join('; '), words)
  }
  // Among entries that are new nothing needs a word, nor where a wildcard has asked for no more.
  for (const list of [
    { 'new.example': { status: 'allowed' } },
    { 'x.labs.example': { status: 'allowed', revocation: 'hard' } },
    { 'x.labs.example': { status: 'blocked' } },
  ] as const)
    assert.deepEqual((await take(list, { dryRun: true })).objections, [])
})

test('what says the same in other words changes nothing', async (t) => {
  const { take, says, control } = await running(t)
  const before = says('old.example')
  const outcome = await take({ 'old.example': { status: 'allowed', class: 'federated', pins: null, tags: [] } })
  assert.deepEqual([outcome.applied, outcome.rows[0]?.done, says('old.example')], ['nothing', 'unchanged', before])
  assert.deepEqual(control.announced, [])
})

test('with one mistake nothing is done, and every mistake is named with its place', async (t) => {
  const { take, names } = await running(t)
  const before = names()
  for (const [list, words] of [
    [
      { 'new.example': { status: 'allowed' }, 'odd.example': { status: 'allowd' } },
      /^line 3 \(odd\.example\): status: write/,
    ],
    [{ 'new.example': { owner: 'it' } }, /^line 2 \(new\.example\): status: missing; write/],
    [{ 'new.example': { status: 'allowed', domain: 'x' } }, /^line 2: no key "domain"/],
    [{ 'new.example': { status: 'allowed', ownr: 'x' } }, /^line 2: no key "ownr"/],
    [{ 'corp.example': { status: 'allowed' } }, /^line 2 \(corp\.example\): domain: corp\.example is one of our own/],
    [
      { 'new.example': { status: 'allowed', alsoKnownAs: ['old.example'] } },
      /^line 2 \(new\.example\): domain: old\.example already belongs to/,
    ],
    [
      {
        'a.example': { status: 'allowed', alsoKnownAs: ['r.example'] },
        'b.example': { status: 'allowed', alsoKnownAs: ['r.example'] },
      },
      /^line [23] \([ab]\.example\) and line [23] \([ab]\.example\): alsoKnownAs\[0\]: r\.example already belongs to/,
    ],
  ] as const) {
    const outcome = await take(list, { yes: true })
    assert.equal(outcome.applied, 'nothing')
    const [fault] = outcome.faults
    assert.match(`${fault?.place}: ${fault?.message}`, words)
    assert.deepEqual(names(), before)
  }
  const many = await take({ 'a.example': { status: 'x' }, 'b.example': { status: 'allowed', expires: 'soon' } })
  assert.equal(many.faults.length, 2)
})

test('a file that somebody changes meanwhile, or that cannot be written, keeps all others as they were', async (t) => {
  const there = await running(t)
  const before = there.names()
  there.control.cuts = () => {
    writeFileSync(partnerFile(there.directory, 'old.example'), 'domain: old.example\nstatus: suspended\n')
    return Promise.resolve([])
  }
  const list = { 'new.example': { status: 'allowed' }, 'old.example': { owner: 'ops' } }
  await assert.rejects(there.take(list, { yes: true }), { code: 'conflict', message: /changed by somebody else/ })
  const withdrawn = ['new.example withdrawn', 'old.example withdrawn']
  assert.deepEqual([there.names(), there.control.announced.slice(2)], [before, withdrawn])

  const saving = await running(t)
  const theirs = 'domain: old.example\nstatus: suspended\nowner: theirs\n'
  saving.control.announcing = () => writeFileSync(partnerFile(saving.directory, 'old.example'), theirs)
  await assert.rejects(saving.take(list, { yes: true }), { code: 'conflict', message: /changed by somebody else/ })
  assert.equal(saving.says('old.example'), theirs, 'what is saved while the change is announced')
  assert.deepEqual([saving.names(), saving.control.announced.slice(2)], [before, withdrawn])

  const other = await running(t)
  const last = partnerFile(other.directory, 'z.example')
  other.control.announcing = () => mkdirSync(last, { recursive: true })
  const all = {
    'a.example': { status: 'allowed' },
    'old.example': { owner: 'ops' },
    'z.example': { status: 'allowed' },
  }
  const old = other.says('old.example')
  await assert.rejects(other.take(all, { yes: true }), { code: 'conflict' })
  assert.deepEqual(other.says('old.example'), old)
  rmSync(last, { recursive: true })
  assert.deepEqual(other.names(), before)
  assert.ok(other.control.announced.includes('a.example withdrawn'))
})

test('an import is one change in the history, and is taken back as a whole', async (t) => {
  const { open } = await stopped(t)
  const first = await open()
  const before = Object.keys(FILES).map((domain) => first.says(domain))
  const list = {
    'old.example': { owner: 'ops' },
    'new.example': { status: 'allowed' },
    'bad.example': { status: 'allowed' },
  }
  const { reference = '', applied } = await first.take(list, { yes: true })
  first.ends()
  assert.equal(applied, 'files')
  const second = await open()
  for (const domain of Object.keys(list)) {
    const [version] = (await second.call(partnerHistory, { domain })).versions
    assert.deepEqual([version?.by, version?.why, version?.together], ['anna', 'migration', reference])
  }
  const back = await second.call(partnerUnimport, { reference: reference.toUpperCase(), by: 'ben' })
  assert.deepEqual(
    Object.keys(FILES).map((domain) => second.says(domain)),
    before,
  )
  assert.equal(existsSync(partnerFile(second.directory, 'new.example')), false)
  second.ends()
  // That is a change like others: taking it back admits somebody, so it needs a word.
  const third = await open()
  const again = { reference: back.reference ?? '' }
  await assert.rejects(third.call(partnerUnimport, again), needsYes(/would admit bad\.example, which is blocked/))
  await third.call(partnerUnimport, { ...again, yes: true })
  assert.match(third.says('bad.example'), /status: allowed/)
  assert.match(third.says('new.example'), /status: allowed/)
  await assert.rejects(third.call(partnerUnimport, { reference: 'none' }), { code: 'not-found' })
  third.ends()
})

test('taking back an import of blocks needs a word where the mode lets in whoever stands in no entry', async (t) => {
  const { open } = await stopped(t)
  const first = await open()
  const { reference = '' } = await first.take({
    'evil.example': { status: 'blocked', alsoKnownAs: ['*.evil.example'] },
  })
  first.ends()
  const second = await open()
  const gateway = join(second.directory, 'federation-config', 'gateway.yaml')
  writeFileSync(gateway, `${readFileSync(gateway, 'utf8')}federation: { mode: open }\n`)
  const words = /would admit evil\.example, which is blocked and \*\.evil\.example, which is blocked/
  await assert.rejects(second.call(partnerUnimport, { reference }), needsYes(words))
  await second.call(partnerUnimport, { reference, yes: true })
  assert.equal(existsSync(partnerFile(second.directory, 'evil.example')), false)
  second.ends()
})

test('an import of which a part is not known any more is not taken back in part', async (t) => {
  const { open } = await stopped(t)
  const first = await open()
  const gateway = join(first.directory, 'federation-config', 'gateway.yaml')
  writeFileSync(gateway, `${readFileSync(gateway, 'utf8')}limits: { partnerHistory: 1000 }\n`)
  const changed = (owner: string): Readonly<Record<string, Fields>> =>
    Object.fromEntries(Array.from({ length: 120 }, (_, n) => [`d${n}.example`, { status: 'allowed', owner }] as const))
  const { reference = '' } = await first.take(changed('it'))
  assert.match(reference, /-/)
  first.ends()
  const store = openSqliteStore(join(first.directory, 'var', 'sallyport.db'))
  const [last] = store.partnerVersions('d7.example')
  for (let n = 0; n < 100; n += 1) store.addPartnerVersions([{ ...last!, together: undefined, text: `${n}` }], 1000)
  store.addPartnerVersions([{ ...last!, together: undefined }], 1000)
  store.close()
  const second = await open()
  const names = second.names()
  await assert.rejects(second.call(partnerUnimport, { reference, yes: true }), {
    ...{ code: 'conflict', message: /^of the 120 files of this import 119 are still known/ },
  })
  assert.deepEqual(second.names(), names)
  second.ends()
})

test('where one of its files has changed since, an import is not taken back', async (t) => {
  const { open } = await stopped(t)
  const first = await open()
  const { reference = '' } = await first.take({
    'a.example': { status: 'allowed' },
    'b.example': { status: 'allowed' },
  })
  first.ends()
  const second = await open()
  await second.call(partnerSet, { domain: 'b.example', fields: { owner: 'it' } })
  second.ends()
  const third = await open()
  await assert.rejects(third.call(partnerUnimport, { reference, yes: true }), {
    ...{ code: 'conflict', message: /^changed again since.*: b\.example$/ },
  })
  assert.ok(third.names().includes('a.example.yaml'))
  third.ends()
})

test('an export has every entry as its file has it, without those that are faulty', async (t) => {
  const { call, directory, take } = await running(t)
  writeFileSync(partnerFile(directory, 'odd.example'), 'domain: odd.example\nstatus: odd\n')
  const { partners, faulty } = await call(partnerExport, {})
  assert.deepEqual(faulty, ['odd.example.yaml'])
  assert.deepEqual(partners, [
    { domain: 'bad.example', status: 'blocked', reason: 'spam' },
    { domain: 'labs.example', status: 'allowed', revocation: 'hard', alsoKnownAs: ['*.labs.example'] },
    { domain: 'old.example', status: 'allowed', owner: 'it' },
    { domain: 'partner.example', status: 'allowed' },
    { domain: 'wide.example', status: 'blocked', alsoKnownAs: ['*.wide.example'] },
  ])
  const same = Object.fromEntries(partners.map(({ domain, ...fields }) => [domain, fields] as const))
  assert.ok((await take(same)).rows.every(({ done }) => done === 'unchanged'))
})
