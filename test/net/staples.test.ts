// OCSP staples: what the other server sends along in the handshake spares us the question. RFC 6066 §8

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { before, suite, test } from 'node:test'
import type { TestContext } from 'node:test'
import { connect, createServer } from 'node:tls'
import { keepingStaple, stapleOf } from '../../src/net/staples.ts'
import { readCertificate } from '../../src/trust/certificate.ts'
import type { Certificate } from '../../src/trust/certificate.ts'
import { CrlReader } from '../../src/trust/revocation/crl-reader.ts'
import { STANDARD } from '../../src/trust/profiles/standard.ts'
import { ocspRequest } from '../../src/trust/revocation/ocsp.ts'
import { Revocation } from '../../src/trust/revocation/revocation.ts'
import { answerTo, responders } from '../support/ocsp.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa, temporaryFolder } from '../support/pki.ts'
import type { Issued } from '../support/pki.ts'

let ca: Issued
let leaf: Issued

before(async () => {
  ca = await makeCa({ commonName: 'CA' })
  leaf = await issue({ ca, names: ['partner.test'], extensions: [responders('http://nobody.test/')] })
})

function certificate({ der }: Issued): Certificate {
  const read = readCertificate(der)
  assert.ok(typeof read !== 'string')
  return read
}

async function answer(t: TestContext, o: { good?: Issued[]; revoked?: Issued[]; signer?: Issued }): Promise<Buffer> {
  const request = ocspRequest({ certificate: certificate(leaf), issuer: certificate(ca) }) ?? assert.fail()
  return answerTo(await temporaryFolder(t), request, { ca, ...o })
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`a staple that comes with the handshake is kept, by ${version}; none is none`, async (t) => {
    let staple: Buffer | null = Buffer.from('what a responder said')
    const server = createServer({ cert: leaf.fullchainPem, key: leaf.keyPem })
    server.on('OCSPRequest', (_, __, reply: (error: Error | null, staple: Buffer | null) => void) =>
      reply(null, staple),
    )
    server.on('secureConnection', (socket) => socket.on('error', () => {}))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => void server.close())
    const address = server.address()
    assert.ok(typeof address === 'object' && address)
    const meet = async (): Promise<string | undefined> => {
      const options = { port: address.port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: version } as const
      const socket = keepingStaple(connect({ ...options, requestOCSP: true }))
      await once(socket, 'secureConnect')
      socket.destroy()
      return stapleOf(socket)?.toString()
    }
    assert.equal(await meet(), 'what a responder said')
    staple = null
    assert.equal(await meet(), undefined)
  })
}

suite('what a staple says', needsPeer('openssl'), () => {
  test('good and revoked are believed without asking; what is out of date or of a stranger is not', async (t) => {
    const now = Date.now()
    const stranger = await makeCa({ commonName: 'Stranger' })
    const path = [leaf, ca].map(certificate)
    const check = async (staple: Buffer | undefined, at = now): Promise<string> => {
      let asked = 0
      const revocation = new Revocation({
        obtain: () => {
          asked++
          return Promise.resolve({ ok: false, reason: 'SP-343', detail: 'nobody there' })
        },
        keeper: undefined,
        reader: new CrlReader(),
        dropped: () => undefined,
        terms: () => ({
          fetch: true,
          responder: undefined,
          timeoutMs: 5000,
          againMs: 86_400_000,
          most: { entries: 10, bytes: 10_000 },
        }),
        now: () => at,
        fetched() {},
      })
      const { status } = await revocation.check({ path, profile: STANDARD, staple })
      return `${status}, ${asked} asked`
    }
    const good = await answer(t, { good: [leaf] })
    assert.equal(await check(good), 'good, 0 asked')
    assert.equal(await check(await answer(t, { revoked: [leaf] })), 'revoked, 0 asked')
    assert.equal(await check(undefined), 'unknown, 1 asked')
    assert.equal(await check(good, now + 2 * 86_400_000), 'unknown, 1 asked')
    assert.equal(await check(await answer(t, { good: [leaf], signer: stranger })), 'unknown, 1 asked')
  })
})
