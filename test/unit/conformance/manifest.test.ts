import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { examine, MANIFEST, PUBLIC_KEY, seal, SIGNATURE, signingKey } from '../../../src/conformance/report/manifest.ts'
import { temporaryFolder } from '../../support/pki.ts'

async function sealed(t: {
  after(fn: () => Promise<void>): void
}): Promise<{ readonly folder: string; readonly key: string }> {
  const root = await temporaryFolder(t)
  const folder = join(root, 'report')
  await mkdir(join(folder, 'evidence'), { recursive: true })
  await writeFile(join(folder, 'report.json'), '{}\n')
  await writeFile(join(folder, 'report.html'), '<p>\n')
  await writeFile(join(folder, 'evidence/a.txt'), 'said\n')
  const key = join(root, 'keys/key.pem')
  await seal(folder, await signingKey(key))
  return { folder, key }
}

test('a report is as it was signed until something is changed, added, taken away, or signed by another', async (t) => {
  const { folder, key } = await sealed(t)
  assert.deepEqual((await examine(folder)).faults, [])
  assert.equal((await examine(folder)).files, 3)
  const publicKey = await readFile(join(folder, PUBLIC_KEY), 'utf8')
  assert.deepEqual((await examine(folder, publicKey)).faults, [])

  await writeFile(join(folder, 'evidence/a.txt'), 'said otherwise\n')
  assert.deepEqual((await examine(folder)).faults, ['evidence/a.txt was changed'])
  await writeFile(join(folder, 'evidence/a.txt'), 'said\n')
  await writeFile(join(folder, 'evidence/b.txt'), 'more\n')
  assert.deepEqual((await examine(folder)).faults, ['evidence/b.txt was added'])
  await rm(join(folder, 'evidence/b.txt'))
  await symlink('/etc', join(folder, 'evidence/more'))
  await symlink('a.txt', join(folder, 'evidence/b.txt'))
  assert.deepEqual((await examine(folder)).faults.toSorted(), [
    'evidence/b.txt is neither a file nor a folder',
    'evidence/more is neither a file nor a folder',
  ])
  await rm(join(folder, 'evidence/more'))
  await rm(join(folder, 'evidence/b.txt'))
  await rm(join(folder, 'report.json'))
  assert.deepEqual((await examine(folder)).faults, ['report.json is missing'])

  // Whoever changes something and signs it anew has another key.
  await writeFile(join(folder, 'report.json'), '{"totals":{}}\n')
  await seal(folder, generateKeyPairSync('ed25519').privateKey)
  assert.deepEqual((await examine(folder)).faults, [])
  assert.match((await examine(folder, publicKey)).faults.join(), /was not signed by sha256\//)
  assert.equal((await stat(key)).mode & 0o777, 0o600)

  const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  await seal(folder, rsa)
  assert.match((await examine(folder)).faults.join(), /another kind than Ed25519/)
})

test('whatever else is done to a report is found as well', async (t) => {
  const { folder } = await sealed(t)
  const at = (name: string): string => join(folder, name)
  const publicKey = await readFile(at(PUBLIC_KEY), 'utf8')
  const faults = async (trusted?: string): Promise<string> => (await examine(folder, trusted)).faults.join('; ')
  const whole = await Promise.all(
    ['report.json', 'report.html', MANIFEST, SIGNATURE, PUBLIC_KEY].map(
      async (name) => [name, await readFile(at(name))] as const,
    ),
  )
  const mend = () => Promise.all(whole.map(([name, bytes]) => writeFile(at(name), bytes)))
  const forged = (files: object, key = generateKeyPairSync('ed25519')) => {
    const manifest = Buffer.from(JSON.stringify({ format: 1, files }))
    return Promise.all([
      writeFile(at(MANIFEST), manifest),
      writeFile(at(SIGNATURE), sign(null, manifest, key.privateKey).toString('base64')),
      writeFile(at(PUBLIC_KEY), key.publicKey.export({ type: 'spki', format: 'pem' })),
    ])
  }

  // Two files that change places.
  await rename(at('report.json'), at('kept'))
  await rename(at('report.html'), at('report.json'))
  await rename(at('kept'), at('report.html'))
  assert.equal(await faults(), 'report.html was changed; report.json was changed')
  await mend()
  // A manifest that was written otherwise, though it says the same, and a signature of nothing.
  await writeFile(at(MANIFEST), JSON.stringify(JSON.parse(await readFile(at(MANIFEST), 'utf8'))))
  assert.match(await faults(), /was not signed by/)
  await mend()
  await writeFile(at(SIGNATURE), '')
  assert.match(await faults(), /was not signed by/)
  await mend()
  // A signature that is whole, over nothing, or over a file that lies elsewhere.
  await forged({})
  assert.match(
    await faults(),
    /report\.html is not among what was signed; report\.json is not among .*evidence\/a\.txt was added/,
  )
  assert.match(await faults(publicKey), /was not signed by/)
  await forged({ '../keys/key.pem': 'ab', 'report.json': 'ab', 'report.html': 'ab' })
  assert.match(await faults(), /\.\.\/keys\/key\.pem is missing/)
  await mend()
  // Another key beside what the right one has signed; whoever takes it from there would believe the next report too.
  await writeFile(at(PUBLIC_KEY), generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }))
  assert.equal(await faults(publicKey), `${PUBLIC_KEY} is not the key that has signed`)
  await writeFile(at(PUBLIC_KEY), 'none')
  assert.equal(await faults(publicKey), `${PUBLIC_KEY} is not the key that has signed`)
  assert.equal(await faults(), `${PUBLIC_KEY} is no public key`)
  await mend()
  for (const name of [MANIFEST, SIGNATURE, PUBLIC_KEY]) {
    await rm(at(name))
    assert.equal(await faults(publicKey), `${name} is missing`)
    await symlink('report.json', at(name))
    assert.equal(await faults(publicKey), `${name} is missing`, 'a link leads elsewhere')
    await rm(at(name))
    await mend()
  }
  assert.equal(await faults(publicKey), '')
})

test('the key is made once and kept, and another kind of key is refused', async (t) => {
  const { key } = await sealed(t)
  const kept = await readFile(key, 'utf8')
  await signingKey(key)
  assert.equal(await readFile(key, 'utf8'), kept)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  await assert.rejects(signingKey(key), /Ed25519 is wanted, this is ec/)
})
