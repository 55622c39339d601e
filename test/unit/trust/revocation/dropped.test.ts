// CRLs that somebody brings, and a reader that cannot always read.

import assert from 'node:assert/strict'
import { rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, test } from 'node:test'
import type { TestContext } from 'node:test'
import { CrlReader } from '../../../../src/trust/revocation/crl-reader.ts'
import type { NotNow } from '../../../../src/trust/revocation/crl-reader.ts'
import { DroppedCrls } from '../../../../src/trust/revocation/dropped.ts'
import { crl } from '../../../support/crl.ts'
import { makeCa, temporaryFolder } from '../../../support/pki.ts'
import type { Issued } from '../../../support/pki.ts'

const LOOK = 5000
const MINUTE = 60_000
const BUSY: NotNow = { notNow: 'busy', detail: 'too much else' }
const LOST: NotNow = { notNow: 'lost', detail: 'the thread ended' }

let ca: Issued

before(async () => {
  ca = await makeCa({ commonName: 'CA' })
})

/** A folder, and who reads it; `numbers` of the CRLs that count after so long. */
async function bench(t: TestContext) {
  const folder = await temporaryFolder(t)
  const reader = new CrlReader()
  t.after(() => reader[Symbol.asyncDispose]())
  const world = { now: Date.now(), not: undefined as NotNow | undefined, reads: 0 }
  const dropped = new DroppedCrls(folder, () => world.now, {
    async readFile(octets) {
      world.reads += 1
      return world.not ?? reader.readFile(octets)
    },
  })
  const bring = async (name: string, octets: Buffer | string): Promise<void> => {
    await writeFile(join(folder, 'brought'), octets)
    await rename(join(folder, 'brought'), join(folder, name))
  }
  const numbers = async (afterMs = LOOK): Promise<readonly number[]> => {
    world.now += afterMs
    return (await dropped.all()).map(({ number }) => Number(number))
  }
  const findings = (): readonly string[] => dropped.findings().map(({ message }) => message)
  return { folder, world, bring, numbers, findings, reader, dropped }
}

const pem = (list: Buffer): string => `-----BEGIN X509 CRL-----\n${list.toString('base64')}\n-----END X509 CRL-----\n`

test('each CRL of a file counts, and each that does not read, or is out of date, is told', async (t) => {
  const { bring, numbers, findings } = await bench(t)
  const old = crl({ ca, number: 3, nextUpdate: new Date(Date.now() - 1000) })
  await bring(
    'all.pem',
    pem(crl({ ca, number: 1 })) + pem(Buffer.from('none')) + pem(crl({ ca, number: 2 })) + pem(old),
  )
  await bring('one.der', crl({ ca, number: 4 }))
  await bring('note.txt', 'words')
  assert.deepEqual(await numbers(), [1, 2, 3, 4])
  const [none, late, ...more] = findings()
  assert.match(none ?? '', /^CRL 2: not a proper CRL: .*; put a CRL there/)
  assert.match(late ?? '', /^was due to be replaced at /)
  assert.deepEqual(more, [])
})

test('one that could not be read for the crowd is read at the next look; what was there before counts meanwhile', async (t) => {
  const { world, bring, numbers, findings } = await bench(t)
  world.not = BUSY
  await bring('a.crl', crl({ ca, number: 1 }))
  assert.deepEqual(await numbers(), [])
  assert.deepEqual(findings(), ['too much else; it is tried again'])
  world.not = undefined
  assert.deepEqual(await numbers(), [1])
  assert.deepEqual(findings(), [])
  world.not = BUSY
  await bring('a.crl', crl({ ca, number: 2 }))
  assert.deepEqual(await numbers(), [1])
  assert.equal(findings().length, 1)
  world.not = undefined
  assert.deepEqual(await numbers(), [2])
})

test('one over which the thread was lost is read again after a minute, and not before', async (t) => {
  const { world, bring, numbers } = await bench(t)
  await bring('a.crl', crl({ ca, number: 1 }))
  await numbers()
  world.not = LOST
  await bring('a.crl', crl({ ca, number: 2 }))
  assert.deepEqual(await numbers(), [1])
  world.not = undefined
  assert.deepEqual(await numbers(MINUTE - 1), [1])
  assert.equal(world.reads, 2)
  assert.deepEqual(await numbers(LOOK), [2])
})

test('what is no CRL takes the place of what was there, and is not read again until it changes', async (t) => {
  const { folder, world, bring, numbers, findings } = await bench(t)
  await bring('a.crl', crl({ ca, number: 1 }))
  assert.deepEqual(await numbers(), [1])
  await bring('a.crl', 'none')
  assert.deepEqual(await numbers(), [])
  assert.match(findings()[0] ?? '', /^not a proper CRL/)
  assert.deepEqual([await numbers(MINUTE), world.reads], [[], 2])
  await utimes(join(folder, 'a.crl'), 1, 1)
  assert.deepEqual([await numbers(), world.reads], [[], 3])
  await rm(join(folder, 'a.crl'))
  await numbers()
  assert.deepEqual(findings(), [])
})

test('long lists that others have fetched keep a brought one waiting, and no longer than they last', async (t) => {
  const { bring, numbers, reader } = await bench(t)
  const revoked = Array.from({ length: 3000 }, (_, i) => ({
    serial: Buffer.from(`4a${String(i).padStart(30, '0')}`, 'hex'),
  }))
  await bring('a.crl', crl({ ca, number: 1, revoked }))
  const fetched = Array.from({ length: 4 }, () => reader.read(Buffer.alloc(2 ** 24 - 1)))
  await numbers()
  await Promise.all(fetched)
  assert.deepEqual(await numbers(), [1])
})
