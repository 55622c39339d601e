// Taking back changes of partners: what comes back, whose change goes, and what needs a word more.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type * as z from 'zod'
import { readOutcome } from '../../../src/admin/client.ts'
import { FilesControl } from '../../../src/admin/files-control.ts'
import type { Context, Operation } from '../../../src/admin/operation.ts'
import { OPERATIONS } from '../../../src/admin/operations.ts'
import { partnerHistory } from '../../../src/admin/partner-history.ts'
import { partnerUndo } from '../../../src/admin/partner-undo.ts'
import { partnerBlock, partnerSet } from '../../../src/admin/partners.ts'
import { Performer } from '../../../src/admin/perform.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import { FakeControl, NOW } from '../../support/fake-control.ts'
import { GATEWAY_YAML, installation, partnerFile } from '../../support/installation.ts'

const domain = 'a.example'
const ALLOWED = 'domain: a.example\nstatus: allowed # since 2019\n'
const BLOCKED = 'domain: a.example\nstatus: blocked\n'
const NOTHING = { domain, version: 1, at: NOW, done: 'removed', by: 'anna', why: undefined, text: undefined } as const
const FAULTY = 'domain: a.example\nstatus: blocked\nreasn: spam\n'

function asking(context: Omit<Context, 'now'>) {
  const performer = new Performer({ ...context, now: () => NOW }, OPERATIONS)
  const file = partnerFile(context.directory, domain)
  return {
    call: async <In extends z.ZodType, Out extends z.ZodType>(operation: Operation<In, Out>, input: z.input<In>) =>
      readOutcome(operation, await performer.perform(operation.name, input)),
    says: () => readFileSync(file, 'utf8'),
    write: (text: string) => writeFileSync(file, text),
  }
}

/** Where no gateway runs any more; each time it is asked anew, as by a command. */
async function stopped(t: TestContext, text = ALLOWED) {
  const directory = await installation(t, { [domain]: text })
  openSqliteStore(join(directory, 'var', 'sallyport.db')).close()
  const open = async () => {
    const control = await FilesControl.open(directory, () => NOW)
    t.after(() => control[Symbol.dispose]())
    return asking({ control, directory, running: false })
  }
  return { open }
}

/** Where a gateway runs, with this history, newest first. */
async function running(t: TestContext, texts: readonly string[]) {
  const directory = await installation(t, { [domain]: texts[0] ?? '' })
  const control = new FakeControl(directory)
  control.current = { ...control.current, streams: [] }
  control.versions = texts.map((text, index) => ({
    ...{ domain, version: texts.length - index, at: NOW, done: 'changed', by: `user${index}`, why: 'so it is', text },
  }))
  await control.reload()
  const set = (mode: string): void =>
    writeFileSync(
      join(directory, 'federation-config', 'gateway.yaml'),
      `${GATEWAY_YAML}federation: { mode: ${mode} }\n`,
    )
  return { control, set, ...asking({ control, directory, running: true }) }
}

test('a faulty text of an editor is what is taken back, and a block stays one', async (t) => {
  const there = await running(t, [BLOCKED, ALLOWED])
  const { open } = await stopped(t)
  await (await open()).call(partnerBlock, { domain, by: 'anna' })
  for (const { call, write, says } of [there, await open()]) {
    const blocked = says()
    write(FAULTY)
    const undone = await call(partnerUndo, { domain })
    assert.equal(undone.partner?.status, 'blocked')
    assert.match(undone.notes[0] ?? '', /^taken back: what was written into .*a\.example\.yaml by hand/)
    assert.equal(says(), blocked)
    write(FAULTY)
    assert.equal((await call(partnerUndo, { domain, to: 2 })).done, 'changed')
    assert.equal(says(), blocked)
    assert.equal((await call(partnerUndo, { domain, to: 2 })).done, 'unchanged')
    await assert.rejects(call(partnerUndo, { domain }), { code: 'needs-yes' })
  }
})

test('a faulty text is no version, whether a gateway runs or not', async (t) => {
  const { open } = await stopped(t)
  await (await open()).call(partnerBlock, { domain, by: 'anna' })
  const one = await open()
  one.write(FAULTY)
  await one.call(partnerUndo, { domain })
  await one.call(partnerSet, { domain, fields: { owner: 'it' }, by: 'ben' })
  const { versions } = await one.call(partnerHistory, { domain })
  assert.deepEqual(
    versions.map(({ version, done, by }) => [version, done, by].join(' ')),
    ['3 changed ben', '2 changed anna', '1 found file'],
  )
})

test('taking back the block of somebody new needs a word where the mode lets in whoever stands in no entry', async (t) => {
  for (const [mode, asks] of [
    ['closed', false],
    ['ask', false],
    ['limited', true],
    ['open', true],
  ] as const) {
    const { control, call, set } = await running(t, [BLOCKED])
    control.versions = [...control.versions.map((version) => ({ ...version, version: 2 })), NOTHING]
    set(mode)
    const words = /would admit a\.example, which is blocked/
    if (asks) await assert.rejects(call(partnerUndo, { domain }), { code: 'needs-yes', message: words })
    assert.equal((await call(partnerUndo, { domain, yes: asks })).done, 'removed')
  }
})

test('what would allow or ask for less is said with whose change it takes back, and needs a word', async (t) => {
  const pins = "pins: ['sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=']\n"
  const ended = 'expires: 2026-02-01\n'
  for (const [now, before, words] of [
    [BLOCKED, ALLOWED, /admit a\.example, which is blocked/],
    [BLOCKED.replace('blocked', 'suspended'), ALLOWED, /admit a\.example, which is suspended/],
    [ALLOWED + ended, ALLOWED, /admit a\.example/],
    [ALLOWED, `${ALLOWED}authentication: dialback-over-tls\n`, /weaker proof \(authentication\)/],
    [ALLOWED + pins, ALLOWED, /weaker proof \(pins\)/],
  ] as const) {
    const { call, says } = await running(t, [now, before])
    await assert.rejects(call(partnerUndo, { domain }), (error: Error) => {
      assert.match(error.message, words)
      assert.match(error.message, /takes back version 2, changed by user0 at 2026-03-01T12:00:00\.000Z \(so it is\)/)
      return 'code' in error && error.code === 'needs-yes'
    })
    assert.equal(says(), now)
    const done = await call(partnerUndo, { domain, yes: true })
    assert.match(done.notes[0] ?? '', /^taken back: version 2, changed by user0/)
    assert.equal(says(), before)
  }
  const { call } = await running(t, [ALLOWED + pins, `${ALLOWED + pins}owner: it\n`, BLOCKED])
  assert.equal((await call(partnerUndo, { domain })).done, 'changed')
})

test('nobody takes back what a colleague has changed meanwhile', async (t) => {
  const { call, says, control, write } = await running(t, [BLOCKED, ALLOWED])
  await assert.rejects(call(partnerUndo, { domain, seen: 1, yes: true }), /changed meanwhile: version 2.*by user0/)
  const theirs = `${BLOCKED}owner: a colleague\n`
  control.announcing = () => write(theirs)
  await assert.rejects(call(partnerUndo, { domain, seen: 2, yes: true }), /changed by somebody else just now/)
  assert.equal(says(), theirs)
  assert.equal(control.announced.at(-1), 'a.example withdrawn')
})
