import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { anchorsOf } from '../../../src/trust/anchors.ts'
import {
  issueEvaluation,
  makeEvaluationCa,
  makeEvaluationCrl,
  makeKeyAndCsr,
  makeSelfSigned,
} from '../../../src/trust/evaluation.ts'
import { isEvaluation } from '../../../src/trust/evaluation-mark.ts'
import { makeIdentity } from '../../../src/trust/identity.ts'
import { decodePem } from '../../../src/trust/pem.ts'
import { isSignedBy } from '../../../src/trust/revocation/signed.ts'
import { verifyPeer } from '../../../src/trust/verify.ts'
import { openssl, opensslVerify } from '../../support/openssl.ts'
import { needsPeer } from '../../support/peers.ts'
import { issue, makeCa, temporaryFolder } from '../../support/pki.ts'
import { certificate, list } from './revocation/read.ts'

const now = Date.now()

test('the evaluation CA vouches for what it issues, and all of it is marked', async () => {
  const ca = await makeEvaluationCa({ now })
  const { fullchain, privkey } = await issueEvaluation(ca, { domains: ['corp.test', 'rooms.corp.test'], now })
  const anchors = anchorsOf(decodePem(ca.certificatePem), 'evaluation')
  for (const domain of ['corp.test', 'rooms.corp.test'])
    assert.ok(verifyPeer(decodePem(fullchain), { domain, trust: { anchors, pins: [] }, now }).proven)
  assert.ok(makeIdentity(fullchain, privkey).evaluation)
  assert.ok(isEvaluation(decodePem(ca.certificatePem)[0]!))
})

test('the list of what the evaluation CA has revoked is signed by it, counts for a year, and is empty', async () => {
  const ca = await makeEvaluationCa({ now })
  const read = list(await makeEvaluationCrl(ca, now))
  assert.ok(isSignedBy(read.signed, certificate({ der: decodePem(ca.certificatePem)[0]! })))
  assert.equal(read.number, 1n)
  assert.ok(read.thisUpdate < now && Math.abs((read.nextUpdate ?? 0) - now - 365 * 86_400_000) < 1000)
  assert.equal(read.revoked.size, 0)
})

test('a self-signed stand-in is marked too; what anyone else issues is not', async () => {
  const { fullchain, privkey } = await makeSelfSigned('corp.test', { now })
  assert.ok(makeIdentity(fullchain, privkey).evaluation)
  assert.ok(!isEvaluation((await issue({ names: ['corp.test'] })).der))
  const evaluating = await makeCa({ organization: 'Sallyport evaluation, do not trust' })
  assert.ok(isEvaluation((await issue({ ca: evaluating, names: ['corp.test'] })).certificate))
})

test('OpenSSL reads what is issued, and the request with its key', needsPeer('openssl'), async (t) => {
  const folder = await temporaryFolder(t)
  const ca = await makeEvaluationCa({ now })
  const { fullchain } = await issueEvaluation(ca, { domains: ['corp.test'], now })
  assert.equal(await opensslVerify(folder, decodePem(ca.certificatePem)[0]!, decodePem(fullchain)), 'OK')
  const { key, csr } = await makeKeyAndCsr('corp.test')
  await writeFile(join(folder, 'csr.pem'), csr)
  await writeFile(join(folder, 'key.pem'), key)
  const text = await openssl(folder, ['req', '-in', 'csr.pem', '-noout', '-verify', '-text'])
  assert.match(text, /verify OK/)
  assert.match(text, /Subject: CN ?= ?corp\.test/)
  assert.match(text, /DNS:corp\.test\s/)
  const [ofKey, ofRequest] = await Promise.all([
    openssl(folder, ['pkey', '-in', 'key.pem', '-pubout']),
    openssl(folder, ['req', '-in', 'csr.pem', '-noout', '-pubkey']),
  ])
  assert.equal(ofKey, ofRequest)
})
