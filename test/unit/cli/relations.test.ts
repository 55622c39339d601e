// The commands about whom users of ours know, against a gateway of plain data behind a real control socket.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { controlSocketPath } from '../../../src/admin/client.ts'
import { serveControl } from '../../../src/admin/control-socket.ts'
import { FakeControl } from '../../support/fake-control.ts'
import { installation } from '../../support/installation.ts'
import { run } from './run.ts'

async function gateway(t: TestContext) {
  const directory = await installation(t)
  const control = new FakeControl(directory)
  const server = await serveControl({ control, directory, socketPath: controlSocketPath(directory) })
  t.after(() => server[Symbol.asyncDispose]())
  return { directory, control }
}

const item = (jid: string, subscription: string): string => `<item jid='${jid}' subscription='${subscription}'/>`
const roster = (name: string, ...items: readonly string[]): string =>
  `<user name='${name}'><query xmlns='jabber:iq:roster'>${items.join('')}</query></user>`
const exported = (host: string, ...users: readonly string[]): string =>
  `<server-data xmlns='urn:xmpp:pie:0'><host jid='${host}'>${users.join('')}</host></server-data>`

test('an export is taken, as far as it is about users of ours and others outside', async (t) => {
  const { directory, control } = await gateway(t)
  const many = Array.from({ length: 600 }, (_, n) => item(`u${n}@public.example`, 'both'))
  const [own, other] = [join(directory, 'own.xml'), join(directory, 'other.xml')]
  await writeFile(own, exported('corp.example', roster('anna', ...many, item('ben@corp.example', 'both'))))
  await writeFile(other, exported('elsewhere.example', roster('eve', item('x@public.example', 'to'))))
  const { code, out } = await run(directory, ['relations', 'import', own, other])
  assert.equal(code, 0, out)
  assert.match(out, /600 entries of rosters taken\n1 left out: both are ours\n1 left out: of domains that are not ours/)
  assert.equal(control.acquainted.length, 600)
  assert.deepEqual(control.acquainted[0], {
    user: 'anna@corp.example',
    contact: 'u0@public.example',
    marks: 11,
    day: 20_600,
  })
})

test('what is no export, and what is missing of one, is said', async (t) => {
  const { directory } = await gateway(t)
  const file = join(directory, 'a.xml')
  await writeFile(file, '<a/>')
  const none = await run(directory, ['relations', 'import', file])
  assert.deepEqual([none.code, /no export/.test(none.err)], [2, true], none.err)
  await writeFile(file, `<server-data xmlns='urn:xmpp:pie:0'><include href='b.xml'/></server-data>`)
  const part = await run(directory, ['relations', 'import', file])
  assert.deepEqual([part.code, /b\.xml belongs to the export/.test(part.out)], [1, true], part.out)
})

test('who is known is listed, and can be forgotten', async (t) => {
  const { directory, control } = await gateway(t)
  control.acquainted.push({ user: 'anna@corp.example', contact: 'bob@public.example', marks: 5, day: 20_600 })
  const { out } = await run(directory, ['relations', 'list', 'anna@corp.example'])
  assert.match(out, /bob@public\.example +asked, wrote +2026-05-27/)
  const forgotten = await run(directory, ['relations', 'forget', 'anna@corp.example', 'bob@public.example'])
  assert.equal(forgotten.code, 0)
  const unknown = await run(directory, ['relations', 'forget', 'anna@corp.example', 'eve@public.example'])
  assert.deepEqual([unknown.code, /does not know/.test(unknown.err)], [1, true], unknown.err)
})
