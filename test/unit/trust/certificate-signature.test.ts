import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSignedWith } from '../../../src/trust/certificate-signature.ts'
import { readAnchor, type Certificate } from '../../../src/trust/certificate.ts'
import type { KeyKind } from '../../../src/trust/issue.ts'
import { issue, makeCa } from '../../support/pki.ts'

const KINDS: readonly KeyKind[] = ['p256', 'p384', 'ed25519', 'rsa2048']

function read(der: Buffer): Certificate {
  const certificate = readAnchor(der)
  assert.ok(typeof certificate !== 'string')
  return certificate
}

/** What OpenSSL says of the certificate as a whole. */
function saidByOpenSsl(certificate: Certificate, issuer: Certificate): boolean {
  try {
    return certificate.x509.verify(issuer.x509.publicKey)
  } catch {
    return false
  }
}

test('whoever signed a certificate has signed it, and nobody else, whatever kinds of keys there are', async () => {
  const cas = await Promise.all(KINDS.map((key) => makeCa({ key })))
  for (const ca of cas) {
    const leaf = read((await issue({ ca, names: ['partner.test'] })).der)
    const forged = read((await issue({ ca, names: ['partner.test'], badSignature: true })).der)
    for (const other of cas) {
      assert.equal(isSignedWith(leaf, read(other.der)), other === ca)
      assert.equal(isSignedWith(forged, read(other.der)), false)
    }
  }
})

test('a hash that nobody counts on is verified as it is', async () => {
  const ca = await makeCa({ key: 'rsa2048' })
  for (const hash of ['SHA-1', 'SHA-384'] as const)
    assert.ok(isSignedWith(read((await issue({ ca, hash })).der), read(ca.der)), hash)
})

test('of a certificate with one octet changed the same is said as OpenSSL says of the whole', async () => {
  const ca = await makeCa()
  const issuer = read(ca.der)
  const { der } = await issue({ ca, names: ['partner.test'] })
  let compared = 0
  for (let at = 0; at < der.length; at++)
    for (const bit of [0x01, 0x80]) {
      const changed = Buffer.from(der)
      changed[at]! ^= bit
      const certificate = readAnchor(changed)
      if (typeof certificate === 'string') continue
      compared += 1
      assert.equal(isSignedWith(certificate, issuer), saidByOpenSsl(certificate, issuer), `octet ${at}`)
    }
  assert.ok(compared > 300, `${compared} of them read`)
})
