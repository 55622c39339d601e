// What is kept of a certificate beside its own octets.

import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { readByOpenSsl, readCertificate } from '../../../src/trust/certificate.ts'
import { issue, makeCa } from '../../support/pki.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

const MOST_ROUNDS = 50

test('what OpenSSL made of it in a handshake is used as long as the handshake holds it, and not kept', async () => {
  const { der } = await issue({ ca: await makeCa(), names: ['a.test'] })
  const handshake = { made: new X509Certificate(der) as X509Certificate | undefined }
  const weak = new WeakRef(handshake.made!)
  const certificate = ((raw: Buffer) => {
    readByOpenSsl(raw, handshake.made!)
    return readCertificate(raw)
  })(Buffer.from(der))
  if (typeof certificate === 'string') assert.fail(certificate)
  assert.ok(certificate.x509 === handshake.made, 'it is read anew')
  handshake.made = undefined
  for (let round = 0; weak.deref() && round < MOST_ROUNDS; round++) {
    await setImmediate()
    gc()
  }
  assert.equal(weak.deref(), undefined, 'it is kept')
  assert.equal(certificate.x509.subject, new X509Certificate(der).subject)
})
