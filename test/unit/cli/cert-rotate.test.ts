import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { openUsersCa } from '../../../src/trust/card/users-ca.ts'
import { openInternalCa } from '../../../src/trust/internal-ca.ts'
import { decodePem } from '../../../src/trust/pem.ts'
import { installation } from '../../support/installation.ts'
import { run } from './run.ts'

test('another internal CA is made on demand, once; the core is told what to trust, and a running gateway takes it up', async (t) => {
  const directory = await installation(t)
  const rotate = (...words: readonly string[]) =>
    run(directory, ['cert', 'rotate-core-ca', ...words], { now: Date.now })
  const none = await rotate()
  assert.equal(none.code, 1)
  assert.match(none.err, /there is no internal CA/)

  const place = join(directory, 'certs', 'internal-ca')
  const { ca } = await openInternalCa({ directory: place, excludes: ['corp.example'], now: Date.now })
  assert.ok(ca)
  const { code, out } = await rotate()
  assert.equal(code, 0)
  assert.match(out, /Let the core trust certs\/internal-ca\/ca\.pem as it is now, in place of its copy, before \d{4}-/)
  assert.equal(decodePem(await readFile(join(place, 'ca.pem'), 'utf8')).length, 2)
  assert.equal(await ca.tend(), undefined)
  assert.equal(decodePem(ca.certificatePem).length, 2)

  const again = await rotate('--json')
  assert.equal(again.code, 1)
  const said: unknown = JSON.parse(again.out)
  assert.deepEqual(said, {
    begun: false,
    file: 'certs/internal-ca/ca.pem',
    signsFrom: new Date(ca.signsFrom ?? 0).toISOString(),
  })
})

test("the users' CA is changed in the same way", async (t) => {
  const directory = await installation(t)
  const rotate = () => run(directory, ['cert', 'rotate-users-ca'], { now: Date.now })
  const none = await rotate()
  assert.equal(none.code, 1)
  assert.match(none.err, /there is no users' CA/)
  const place = join(directory, 'certs', 'users-ca')
  await openUsersCa({ directory: place, domains: ['corp.example'], now: Date.now, capacity: 1 })
  const { code, out } = await rotate()
  assert.equal(code, 0)
  assert.match(out, /Let the client port of the core trust certs\/users-ca\/ca\.pem as it is now/)
  assert.equal(decodePem(await readFile(join(place, 'ca.pem'), 'utf8')).length, 2)
  assert.equal((await rotate()).code, 1)
})
