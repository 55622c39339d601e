import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { readCertificate } from '../../../../src/trust/certificate.ts'
import type { Certificate } from '../../../../src/trust/certificate.ts'
import { judgeResponse, ocspRequest } from '../../../../src/trust/revocation/ocsp.ts'
import type { Asked } from '../../../../src/trust/revocation/ocsp.ts'
import { answerTo, RESPONDER } from '../../../support/ocsp.ts'
import type { ResponderOptions } from '../../../support/ocsp.ts'
import { openssl } from '../../../support/openssl.ts'
import { issue, makeCa } from '../../../support/pki.ts'
import type { Issued } from '../../../support/pki.ts'

const HOUR = 3_600_000
const now = Date.now()
const folder = mkdtempSync(join(tmpdir(), 'sallyport-test-'))

let ca: Issued
let leaf: Issued
let other: Issued
let stranger: Issued
let delegate: Issued
let request: Buffer

before(async () => {
  ca = await makeCa({ commonName: 'CA' })
  leaf = await issue({ ca, names: ['partner.test'] })
  other = await issue({ ca, names: ['other.test'] })
  stranger = await makeCa({ commonName: 'Stranger' })
  delegate = await issue({ ca, commonName: 'Responder', ekus: RESPONDER })
  request = ocspRequest(asked()) ?? assert.fail()
})

after(() => rmSync(folder, { recursive: true, force: true }))

function certificate(issued: Issued): Certificate {
  const read = readCertificate(issued.der)
  assert.ok(typeof read !== 'string')
  return read
}

const asked = (of: Issued = leaf): Asked => ({ certificate: certificate(of), issuer: certificate(ca) })

const answer = (o: Partial<ResponderOptions> = {}): Promise<Buffer> =>
  answerTo(folder, request, { ca, good: [leaf], ...o })

function judge(der: Buffer, at = now): string {
  const standing = judgeResponse(der, asked(), at)
  return standing.status === 'good' ? 'good' : `${standing.status} ${standing.reason}`
}

test('what a responder of OpenSSL says', async (t) => {
  const elsewhere = await issue({ ca: stranger, commonName: 'Responder', ekus: RESPONDER })
  const unfit = await issue({ ca, commonName: 'Responder' })
  const expired = await issue({ ca, commonName: 'Responder', ekus: RESPONDER, expired: true })
  const forged = await issue({ ca, commonName: 'Responder', ekus: RESPONDER, forged: true })
  const cases: readonly (readonly [what: string, says: string, o: Partial<ResponderOptions>, at?: number])[] = [
    ['good, signed by the CA', 'good', {}],
    ['good, signed by a responder of the CA', 'good', { signer: delegate }],
    ['revoked', 'revoked SP-332', { good: [], revoked: [leaf] }],
    ['revoked, signed by a responder of the CA', 'revoked SP-332', { good: [], revoked: [leaf], signer: delegate }],
    ['not known', 'unknown SP-335', { good: [other] }],
    ['out of date', 'unknown SP-336', {}, now + 25 * HOUR],
    ['revoked, out of date', 'unknown SP-336', { good: [], revoked: [leaf] }, now + 25 * HOUR],
    ['from the future', 'unknown SP-336', {}, now - HOUR],
    ['without an end, now', 'good', { days: 0 }],
    ['without an end, long ago', 'unknown SP-336', { days: 0 }, now + 2 * HOUR],
    ['signed by a stranger', 'unknown SP-337', { signer: stranger }],
    ['signed by a responder of a stranger', 'unknown SP-337', { signer: elsewhere }],
    ['signed by a certificate of the CA that is not for it', 'unknown SP-337', { signer: unfit }],
    ['signed by the certificate in question', 'unknown SP-337', { signer: leaf }],
    ['signed by a responder whose certificate has expired', 'unknown SP-337', { signer: expired }],
    ['signed by a responder whose certificate is forged', 'unknown SP-337', { signer: forged }],
    ['signed by a responder whose certificate is not there', 'unknown SP-337', { signer: delegate, bare: true }],
  ]
  for (const [what, says, o, at] of cases)
    await t.test(what, async () => assert.equal(judge(await answer(o), at), says))
})

test('an answer about another certificate is none', async () => {
  const about = ocspRequest(asked(other)) ?? assert.fail()
  const der = await answerTo(folder, about, { ca, good: [leaf, other] })
  assert.equal(judgeResponse(der, asked(other), now).status, 'good')
  assert.equal(judge(der), 'unknown SP-338')
})

test('a good answer says until when', async () => {
  const standing = judgeResponse(await answer({ days: 2 }), asked(), now)
  assert.ok(standing.status === 'good' && Math.abs(standing.until - (now + 48 * HOUR)) < HOUR)
})

test('a refusal says which', () => {
  // OCSPResponse { responseStatus tryLater }
  const standing = judgeResponse(Buffer.from('30030a0103', 'hex'), asked(), now)
  assert.ok(standing.status === 'unknown' && standing.reason === 'SP-338' && /tryLater/.test(standing.detail))
})

test('the request is what OpenSSL would ask', async () => {
  await writeFile(join(folder, 'leaf.pem'), leaf.pem)
  await writeFile(join(folder, 'ca.pem'), ca.pem)
  await openssl(folder, ['ocsp', '-issuer', 'ca.pem', '-cert', 'leaf.pem', '-no_nonce', '-reqout', 'theirs.der'])
  assert.deepEqual(request, await readFile(join(folder, 'theirs.der')))
})

test('an answer that was changed or cut short says nothing, and nothing throws', async () => {
  const whole = await answer({ signer: delegate })
  assert.equal(judge(whole), 'good')
  for (let end = 0; end < whole.length; end++) assert.equal(judge(whole.subarray(0, end)).split(' ')[0], 'unknown')
  let signatures = 0
  for (let i = 0; i < whole.length; i++) {
    // The last makes an INTEGER of what was a tag.
    for (const octet of [whole[i]! ^ 0x01, whole[i]! ^ 0xff, 0x02]) {
      if (octet === whole[i]) continue
      const changed = Buffer.from(whole)
      changed[i] = octet
      const says = judge(changed)
      if (says === 'unknown SP-337') signatures++
      // What is outside the signatures may change without harm, such as the tail of the certificate's encoding.
      assert.ok(!says.startsWith('revoked'), `octet ${i}: ${says}`)
      assert.ok(says !== 'good' || !signedPart(whole, i), `octet ${i} is signed`)
    }
  }
  assert.ok(signatures > 300, `only ${signatures} got as far as the signature`)
})

/** Is the octet in what the responder signed: between its version or name, and its signature? */
function signedPart(whole: Buffer, at: number): boolean {
  const start = whole.indexOf(Buffer.from('06092b0601050507300101', 'hex')) + 11 + 4 + 4
  const end = whole.indexOf(Buffer.from('300a06082a8648ce3d040302', 'hex'), start)
  assert.ok(start > 0 && end > start)
  return at >= start && at < end
}
