import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeRequest, namesOf, type RequestKey } from '../../../src/trust/request.ts'
import { openssl } from '../../support/openssl.ts'
import { needsPeer } from '../../support/peers.ts'
import { temporaryFolder } from '../../support/pki.ts'

const KEYS: readonly (readonly [key: RequestKey, words: RegExp, signature: RegExp])[] = [
  [{ kind: 'ec', curve: 'P-256' }, /NIST CURVE: P-256/, /ecdsa-with-SHA256/],
  [{ kind: 'ec', curve: 'P-384' }, /NIST CURVE: P-384/, /ecdsa-with-SHA384/],
  [{ kind: 'rsa', bits: 2048 }, /Public-Key: \(2048 bit\)/, /sha256WithRSAEncryption/],
  [{ kind: 'rsa', bits: 3072 }, /Public-Key: \(3072 bit\)/, /sha256WithRSAEncryption/],
]

for (const [key, words, signature] of KEYS) {
  test(
    `OpenSSL reads a request for ${Object.values(key).join(' ')} with all its names`,
    needsPeer('openssl'),
    async (t) => {
      const folder = await temporaryFolder(t)
      const names = namesOf('corp.example', { srv: true, xmppAddr: true })
      const made = await makeRequest({ domain: 'corp.example', names, key })
      await writeFile(join(folder, 'csr.pem'), made.csr)
      const text = await openssl(folder, ['req', '-in', 'csr.pem', '-noout', '-verify', '-text'])
      assert.match(text, /verify OK/)
      assert.match(text, /Subject: CN ?= ?corp\.example/)
      assert.match(text, words)
      assert.match(text, signature)
      assert.match(text, /DNS:corp\.example,.*SRVName:+_xmpp-server\.corp\.example,.*XmppAddr:+corp\.example/)
      const ofKey = createPublicKey(createPrivateKey(made.key)).export({ type: 'spki', format: 'pem' })
      assert.equal(await openssl(folder, ['req', '-in', 'csr.pem', '-noout', '-pubkey']), ofKey)
    },
  )
}

test('a name that is too long for a common name is asked for all the same', needsPeer('openssl'), async (t) => {
  const folder = await temporaryFolder(t)
  const domain = `${'a'.repeat(60)}.corp.example`
  for (const key of [
    { kind: 'ec', curve: 'P-256' },
    { kind: 'rsa', bits: 2048 },
  ] as const) {
    const { csr } = await makeRequest({ domain, names: namesOf(domain, { srv: false, xmppAddr: false }), key })
    await writeFile(join(folder, 'csr.pem'), csr)
    const text = await openssl(folder, ['req', '-in', 'csr.pem', '-noout', '-verify', '-text'])
    assert.match(text, /verify OK/)
    assert.match(text, new RegExp(`DNS:${domain}\\s`))
    assert.ok(!text.includes('CN ='))
  }
})

test('with a passphrase, the key is encrypted, and opens with it alone', async () => {
  const names = namesOf('corp.example', { srv: true, xmppAddr: false })
  for (const key of [
    { kind: 'ec', curve: 'P-256' },
    { kind: 'rsa', bits: 2048 },
  ] as const) {
    const made = await makeRequest({ domain: 'corp.example', names, key, passphrase: 'geheim' })
    assert.match(made.key, /BEGIN ENCRYPTED PRIVATE KEY/)
    assert.throws(() => createPrivateKey({ key: made.key, passphrase: 'another' }))
    assert.equal(createPrivateKey({ key: made.key, passphrase: 'geheim' }).type, 'private')
  }
})
