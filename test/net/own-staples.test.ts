// What a responder says of our certificate is sent along on every connection to us whose client asks for it.

import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import type { TestContext } from 'node:test'
import type { ConnectionOptions } from 'node:tls'
import { keepingStaple, stapleOf } from '../../src/net/staples.ts'
import { readCertificate, type Certificate } from '../../src/trust/certificate.ts'
import { type Identity, identityOf } from '../../src/trust/identity.ts'
import { peerChain } from '../../src/trust/peer-chain.ts'
import { judgeResponse, ocspRequest } from '../../src/trust/revocation/ocsp.ts'
import { Dialog } from '../support/dialog.ts'
import { answerTo, responders } from '../support/ocsp.ts'
import { openssl } from '../support/openssl.ts'
import { needsPeer } from '../support/peers.ts'
import { type Issued, issue, makeCa, temporaryFolder } from '../support/pki.ts'
import { Caller, Gate, STARTTLS, header, prove } from './gate.ts'

let ca: Issued
let ec: Issued
let rsa: Issued
let theirs: Issued

before(async () => {
  ca = await makeCa({ commonName: 'CA' })
  const extensions = [responders('http://nobody.test/')]
  ec = await issue({ ca, names: ['us.test'], extensions })
  rsa = await issue({ ca, names: ['us.test'], extensions, key: 'rsa2048' })
  theirs = await issue({ ca, names: ['peer.test'] })
})

function certificate({ der }: Issued): Certificate {
  const read = readCertificate(der)
  ok(typeof read !== 'string')
  return read
}

const asked = (one: Certificate) => ({ certificate: one, issuer: certificate(ca) })

/** An identity with these certificates, for each of which there is a staple. */
async function stapled(t: TestContext, ...all: readonly Issued[]): Promise<Identity> {
  const identity = identityOf(all.map((one) => ({ fullchain: one.fullchainPem, privkey: one.keyPem })))
  for (const staple of identity.staples) {
    const request = ocspRequest(asked(staple.certificate)) ?? ''
    ok(request !== '')
    staple.put(await answerTo(await temporaryFolder(t), request, { ca, good: [...all] }), Date.now() + 60_000)
  }
  return identity
}

const open = (identity: Identity, tls: 'starttls' | 'direct'): Promise<Gate> =>
  Gate.open({
    ...{ ca, certificate: ec, tls },
    reception: { identity: () => Promise.resolve(identity), greet: () => identity },
  })

/** Which certificate such a client is shown, and what the staple says of that one. */
async function shownTo(at: Gate, options: ConnectionOptions): Promise<readonly [kind: string, staple: string]> {
  await using dialog = await Dialog.open(at.target)
  if (at.target.tls === 'starttls') {
    await dialog.say(header()).expect(/<starttls/)
    await dialog.say(STARTTLS).expect(/<proceed/)
  }
  const socket = await dialog.startTls({
    ...{ certificate: theirs, servername: at.target.tls === 'direct' ? 'us.test' : '', options },
    observe: keepingStaple,
  })
  const [der] = peerChain(socket)
  ok(der)
  const shown = readCertificate(der)
  ok(typeof shown !== 'string')
  const staple = stapleOf(socket)
  const said = staple ? judgeResponse(staple, asked(shown), Date.now()).status : 'none'
  return [shown.pin === rsa.pin ? 'rsa' : 'ec', said]
}

const RSA = 'rsa_pss_rsae_sha256:RSA+SHA256'
const EC = 'ECDSA+SHA256'
const OLD = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const
/** The share that comes first is of a group that we do not take. */
const RETRIED = 'X448:P-256'
const NEW = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } as const

suite('our staples', needsPeer('openssl'), () => {
  for (const tls of ['starttls', 'direct'] as const) {
    test(`are sent to who asks for them, and to nobody else (${tls})`, async (t) => {
      await using gate = await open(await stapled(t, ec), tls)
      for (const version of [OLD, NEW]) {
        deepEqual(await shownTo(gate, { ...version, requestOCSP: true }), ['ec', 'good'])
        deepEqual(await shownTo(gate, version), ['ec', 'none'])
      }
      equal(gate.bugs.all.length, 0)
    })
    test(`are sent to who has to say hello twice (${tls})`, async (t) => {
      await using gate = await open(await stapled(t, ec), tls)
      deepEqual(await shownTo(gate, { ...NEW, requestOCSP: true, ecdhCurve: RETRIED }), ['ec', 'good'])
      deepEqual(await shownTo(gate, { ...NEW, ecdhCurve: RETRIED }), ['ec', 'none'])
    })
    test(`of two certificates are never mixed up (${tls})`, async (t) => {
      await using gate = await open(await stapled(t, rsa, ec), tls)
      const requestOCSP = true
      for (const version of [OLD, NEW]) {
        deepEqual(await shownTo(gate, { ...version, requestOCSP, sigalgs: RSA }), ['rsa', 'good'])
        deepEqual(await shownTo(gate, { ...version, requestOCSP, sigalgs: EC }), ['ec', 'good'])
      }
      deepEqual(await shownTo(gate, { ...NEW, requestOCSP }), ['ec', 'good'])
      deepEqual(await shownTo(gate, { ...OLD, requestOCSP }), ['ec', 'none'], 'which one it is depends on ciphers too')
      const ciphers = 'ECDHE-RSA-AES256-GCM-SHA384'
      deepEqual(await shownTo(gate, { ...OLD, requestOCSP, ciphers }), ['rsa', 'none'])
    })
  }
  test('that are out of date are not sent', async (t) => {
    const identity = await stapled(t, ec)
    identity.staples[0]?.put(Buffer.from('old'), Date.now() - 1)
    await using gate = await open(identity, 'starttls')
    deepEqual(await shownTo(gate, { requestOCSP: true }), ['ec', 'none'])
  })
  test('are seen by OpenSSL, and by a caller of our own, whose stream comes up', async (t) => {
    const identity = await stapled(t, ec)
    const folder = await temporaryFolder(t)
    {
      await using gate = await open(identity, 'direct')
      const { host, port } = gate.target
      for (const version of ['-tls1_2', '-tls1_3']) {
        const said = await openssl(folder, ['s_client', '-connect', `${host}:${port}`, '-status', version])
        match(said, /OCSP Response Status: successful/)
        match(said, /Cert Status: good/)
      }
      identity.staples[0]?.put(Buffer.from('old'), 0)
      const said = await openssl(folder, ['s_client', '-connect', `${host}:${port}`, '-status'])
      match(said, /OCSP response: no response sent/)
      doesNotMatch(said, /Cert Status/)
    }
    await using gate = await open(await stapled(t, ec), 'starttls')
    let came: Buffer | undefined
    const caller = new Caller(ca, theirs)
    await using stream = await caller.reach(gate.target.port, {
      verify: (chain, staple) => {
        came = staple
        return Promise.resolve(prove(ca, 'us.test', chain))
      },
    })
    ok(stream.open)
    ok(came && judgeResponse(came, asked(certificate(ec)), Date.now()).status === 'good')
  })
})
