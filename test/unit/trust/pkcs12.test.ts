// PKCS#12 as OpenSSL writes it, old and new, with keys of both kinds and passphrases of every kind.

import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { isPkcs12, readPkcs12 } from '../../../src/trust/pkcs12.ts'
import { openssl } from '../../support/openssl.ts'
import { needsPeer } from '../../support/peers.ts'
import { issue, makeCa, temporaryFolder } from '../../support/pki.ts'

const ca = await makeCa()
const intermediate = await makeCa({ ca })

const FORMS: readonly (readonly [what: string, options: readonly string[]])[] = [
  ['as OpenSSL 3 writes it (AES-256, PBES2)', []],
  ['as Windows wrote it (RC2 and 3DES)', ['-legacy']],
  ['with 3DES throughout', ['-legacy', '-descert']],
  ['with AES-128 and SHA-512', ['-keypbe', 'AES-128-CBC', '-certpbe', 'AES-128-CBC', '-macalg', 'sha512']],
  ['with nothing encrypted', ['-keypbe', 'NONE', '-certpbe', 'NONE']],
  ['without a MAC', ['-nomac']],
]

const LEAVES = [
  { leaf: await issue({ ca: intermediate, names: ['corp.example'], key: 'p256' }), passphrases: ['', 'Straße 鍵'] },
  { leaf: await issue({ ca: intermediate, names: ['corp.example'], key: 'rsa2048' }), passphrases: ['geheim'] },
]

for (const [what, options] of FORMS) {
  test(`PKCS#12 ${what} gives back key and certificates to the byte`, needsPeer('openssl'), async (t) => {
    const folder = await temporaryFolder(t)
    for (const { leaf, passphrases } of LEAVES) {
      await writeFile(join(folder, 'key.pem'), leaf.keyPem)
      await writeFile(join(folder, 'chain.pem'), leaf.fullchainPem)
      for (const passphrase of passphrases) {
        const files = ['-inkey', 'key.pem', '-in', 'chain.pem', '-out', 'all.p12', '-passout', `pass:${passphrase}`]
        assert.equal(await openssl(folder, ['pkcs12', '-export', ...files, ...options]), '')
        const octets = await readFile(join(folder, 'all.p12'))
        assert.ok(isPkcs12(octets))
        const read = readPkcs12(octets, passphrase === '' ? undefined : passphrase)
        assert.ok(!('fault' in read), `"${passphrase}": ${JSON.stringify(read)}`)
        assert.deepEqual(
          new Set(read.certificates.map((der) => der.toString('hex'))),
          new Set(leaf.chain.map((der) => der.toString('hex'))),
        )
        const [der] = read.keys
        assert.ok(
          new X509Certificate(leaf.der).checkPrivateKey(createPrivateKey({ key: der!, format: 'der', type: 'pkcs8' })),
        )
        const wrong = readPkcs12(octets, 'another')
        assert.equal('fault' in wrong && wrong.fault, 'passphrase')
      }
    }
  })
}

test('what is no PKCS#12 is not taken for it, and what is cut short is refused', needsPeer('openssl'), async (t) => {
  const folder = await temporaryFolder(t)
  const leaf = await issue({ names: ['corp.example'] })
  assert.ok(!isPkcs12(leaf.der))
  assert.ok(!isPkcs12(Buffer.from(leaf.pem)))
  assert.ok(!isPkcs12(Buffer.alloc(0)))
  await writeFile(join(folder, 'all.pem'), leaf.pem + leaf.keyPem)
  await openssl(folder, ['pkcs12', '-export', '-in', 'all.pem', '-out', 'all.p12', '-passout', 'pass:x'])
  const octets = await readFile(join(folder, 'all.p12'))
  for (let at = 0; at < octets.length; at += 61) {
    assert.ok('fault' in readPkcs12(octets.subarray(0, at), 'x'))
    const damaged = Buffer.from(octets)
    damaged[at]! ^= 0x55
    // A flipped bit may lie where it means nothing; what must not happen is that it throws.
    readPkcs12(damaged, 'x')
  }
})

test('rounds without measure are refused, those of a MAC and those of each part', needsPeer('openssl'), async (t) => {
  const folder = await temporaryFolder(t)
  const leaf = await issue({ names: ['corp.example'] })
  await writeFile(join(folder, 'all.pem'), leaf.pem + leaf.keyPem)
  const [usual, huge] = [Buffer.of(2, 3, 0x01, 0x00, 0x01), Buffer.of(2, 3, 0x7f, 0xff, 0xff)]
  for (const options of [
    [],
    ['-nomac', '-certpbe', 'AES-256-CBC'],
    ['-legacy', '-nomac', '-certpbe', 'PBE-SHA1-3DES'],
  ]) {
    const files = ['-in', 'all.pem', '-out', 'all.p12', '-passout', 'pass:x', '-iter', '65537']
    assert.equal(await openssl(folder, ['pkcs12', '-export', ...files, ...options]), '')
    const octets = await readFile(join(folder, 'all.p12'))
    const spots: number[] = []
    for (let at = octets.indexOf(usual); at >= 0; at = octets.indexOf(usual, at + 1)) spots.push(at)
    assert.equal(spots.length, options.includes('-nomac') ? 2 : 3)
    // With a MAC, that one comes last, and it is over all else.
    for (const at of spots.slice(options.includes('-nomac') ? 0 : -1)) {
      const asking = Buffer.from(octets)
      asking.set(huge, at)
      const read = readPkcs12(asking, 'x')
      assert.ok('fault' in read && read.fault === 'form')
      assert.match(read.detail, /^it asks for 8388607 rounds of its passphrase, and more than 1000000 are refused$/)
    }
  }
})
