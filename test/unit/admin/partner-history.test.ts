import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type * as z from 'zod'
import { FilesControl } from '../../../src/admin/files-control.ts'
import type { Operation } from '../../../src/admin/operation.ts'
import { OPERATIONS } from '../../../src/admin/operations.ts'
import { partnerHistory } from '../../../src/admin/partner-history.ts'
import { partnerUndo } from '../../../src/admin/partner-undo.ts'
import { partnerAllow, partnerBlock, partnerRemove, partnerSet } from '../../../src/admin/partners.ts'
import { Performer } from '../../../src/admin/perform.ts'
import { readOutcome } from '../../../src/admin/client.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import { FakeControl, NOW, STATUS } from '../../support/fake-control.ts'
import { installation, partnerFile } from '../../support/installation.ts'

const A = 'a.example'
const TEXT = '# our oldest partner\ndomain: a.example\nstatus: allowed # since 2019\n'

/** The files of an installation in which a gateway has run. */
async function files(t: TestContext) {
  const directory = await installation(t, { [A]: TEXT })
  openSqliteStore(join(directory, 'var', 'sallyport.db')).close()
  const control = await FilesControl.open(directory, () => NOW)
  t.after(() => control[Symbol.dispose]())
  const performer = new Performer({ control, directory, now: () => NOW, running: false }, OPERATIONS)
  const call = async <In extends z.ZodType, Out extends z.ZodType>(operation: Operation<In, Out>, input: z.input<In>) =>
    readOutcome(operation, await performer.perform(operation.name, input))
  const read = () => readFile(partnerFile(directory, A), 'utf8').catch(() => 'none')
  return { directory, call, read }
}

test('the history says who changed which keys, when and why', async (t) => {
  const { call } = await files(t)
  await call(partnerBlock, { domain: A, fields: { reason: 'spam' }, by: 'anna', why: 'spam' })
  await call(partnerSet, { domain: A, fields: { tags: ['aurora'] }, by: 'ben' })
  const { versions } = await call(partnerHistory, { domain: 'A.example' })
  assert.deepEqual(
    versions.map(({ version, done, by, why, changes }) => [version, done, by, why, changes]),
    [
      [3, 'changed', 'ben', undefined, [{ key: 'tags', before: undefined, after: ['aurora'] }]],
      [
        ...[2, 'changed', 'anna', 'spam'],
        [
          { key: 'status', before: 'allowed', after: 'blocked' },
          { key: 'reason', before: undefined, after: 'spam' },
        ],
      ],
      [1, 'found', 'file', undefined, undefined],
    ],
  )
  assert.equal(versions[2]?.text, TEXT)
  assert.equal(versions[0]?.at, NOW)
})

test('undoing brings back the very file, once, again, and to any version', async (t) => {
  const { call, read } = await files(t)
  await call(partnerSet, { domain: A, fields: { owner: 'it@corp.example' } })
  const second = await read()
  await call(partnerSet, { domain: A, fields: { owner: 'hr@corp.example' } })
  assert.equal((await call(partnerUndo, { domain: A })).done, 'changed')
  assert.equal(await read(), second)
  await call(partnerUndo, { domain: A, to: 1 })
  assert.equal(await read(), TEXT)
  assert.equal((await call(partnerUndo, { domain: A, to: 1 })).done, 'unchanged')
  const { versions } = await call(partnerHistory, { domain: A })
  assert.match(versions[0]?.why ?? '', /back to version 1/)
})

test('a partner that was removed comes back with its comments, and one that was added goes', async (t) => {
  const { call, read } = await files(t)
  await call(partnerRemove, { domain: A, by: 'anna', why: 'over' })
  assert.equal(await read(), 'none')
  assert.equal((await call(partnerUndo, { domain: A })).done, 'added')
  assert.equal(await read(), TEXT)
  await call(partnerAllow, { domain: 'new.example' })
  await call(partnerBlock, { domain: 'new.example' })
  await assert.rejects(call(partnerUndo, { domain: 'new.example', to: 7 }), /no version 7; kept are 1, 2/)
  await assert.rejects(call(partnerUndo, { domain: 'nobody.example' }), /nothing is known/)
})

test('what is not right any more is not brought back', async (t) => {
  const { call, directory, read } = await files(t)
  await call(partnerSet, { domain: A, fields: { alsoKnownAs: ['rooms.a.example'] } })
  await call(partnerSet, { domain: A, unset: ['alsoKnownAs'] })
  await call(partnerAllow, { domain: 'rooms.a.example' })
  const before = await read()
  await assert.rejects(call(partnerUndo, { domain: A }), /already belongs to/)
  assert.equal(await read(), before)
  assert.ok(directory)
})

// --- what ends streams ---

async function live(t: TestContext) {
  const directory = await installation(t, { 'partner.example': 'domain: partner.example\nstatus: allowed\n' })
  const control = new FakeControl(directory)
  await control.reload()
  const performer = new Performer({ control, directory, now: () => NOW, running: true }, OPERATIONS)
  const call = async <In extends z.ZodType, Out extends z.ZodType>(operation: Operation<In, Out>, input: z.input<In>) =>
    readOutcome(operation, await performer.perform(operation.name, input))
  const read = () => readFile(partnerFile(directory, 'partner.example'), 'utf8')
  return { directory, control, call, read }
}

const CUTS = /this would end a stream that is up: partner\.example \(1\)/
const domain = 'partner.example'

test('a change that would end streams says which, and is made with a word more', async (t) => {
  const { call, read, control } = await live(t)
  const before = await read()
  for (const doing of [
    call(partnerBlock, { domain }),
    call(partnerRemove, { domain }),
    call(partnerSet, { domain, fields: { expires: '2026-02-28' } }),
  ])
    await assert.rejects(doing, CUTS)
  assert.equal(await read(), before)
  assert.deepEqual(control.announced, [])
  await call(partnerSet, { domain, fields: { owner: 'it@corp.example' }, by: 'anna', why: 'he asked' })
  await call(partnerSet, { domain, fields: { tags: ['aurora'] } })
  assert.deepEqual(control.announced, ['partner.example anna: he asked', 'partner.example not said: '])
  assert.equal((await call(partnerBlock, { domain, yes: true })).partner?.status, 'blocked')
})

test('a change that could not be written is of nobody: who makes it by hand later has made it', async (t) => {
  const { call, control, directory } = await live(t)
  const folder = dirname(partnerFile(directory, domain))
  control.announcing = () => {
    rmSync(folder, { recursive: true })
    writeFileSync(folder, 'in the way')
  }
  await assert.rejects(
    call(partnerSet, { domain, fields: { owner: 'it@corp.example' }, by: 'anna' }),
    /not a directory/,
  )
  assert.deepEqual(control.announced, ['partner.example anna: ', 'partner.example withdrawn'])
})

test('an alias that goes ends streams too', async (t) => {
  const { call, control, directory } = await live(t)
  await call(partnerSet, {
    domain,
    fields: { alsoKnownAs: ['rooms.partner.example'] },
  })
  const [stream] = STATUS.streams
  assert.ok(stream)
  control.current = { ...STATUS, streams: [{ ...stream, remote: 'rooms.partner.example' }] }
  await assert.rejects(call(partnerSet, { domain, unset: ['alsoKnownAs'] }), /rooms\.partner\.example \(1\)/)
  await assert.rejects(call(partnerBlock, { domain: 'rooms.partner.example' }), /rooms\.partner\.example \(1\)/)
  await writeFile(partnerFile(directory, domain), 'domain: partner.example\nstatus: blocked\n')
  await control.reload()
  assert.equal((await call(partnerSet, { domain, fields: { owner: 'x' } })).done, 'changed')
})
