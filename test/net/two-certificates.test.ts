// A domain with two certificates, RSA beside EC: the peer is shown the one that it can verify, whoever is the client.

import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { once } from 'node:events'
import { before, describe, test } from 'node:test'
import { type ConnectionOptions, createServer, type TLSSocket } from 'node:tls'
import type { Reception } from '../../src/net/reception.ts'
import { type Identity, identityOf as identityFrom } from '../../src/trust/identity.ts'
import { peerChain } from '../../src/trust/peer-chain.ts'
import { Dialog } from '../support/dialog.ts'
import { openssl } from '../support/openssl.ts'
import { needsPeer } from '../support/peers.ts'
import { type Issued, issue, makeCa, temporaryFolder } from '../support/pki.ts'
import { AUTH, Caller, Gate, type GateOptions, PROCEED, STARTTLS, header, identityOf, reachPhase } from './gate.ts'

let ca: Issued
let ec: Issued // of us.test, below a CA of its own
let rsa: Issued // of us.test, below another
let first: Issued // of first.test, which is shown to who asks for none
let theirs: Issued
let both: Identity

const RSA = 'rsa_pss_rsae_sha256:RSA+SHA256'
const EC = 'ECDSA+SHA256'

before(async () => {
  ca = await makeCa()
  ec = await issue({ ca: await makeCa({ ca, commonName: 'EC CA' }), names: ['us.test'] })
  rsa = await issue({ ca: await makeCa({ ca, commonName: 'RSA CA' }), names: ['us.test'], key: 'rsa2048' })
  first = await issue({ ca, names: ['first.test'] })
  theirs = await issue({ ca, names: ['peer.test'] })
  both = identityFrom([rsa, ec].map((one) => ({ fullchain: one.fullchainPem, privkey: one.keyPem })))
})

function open(options: Partial<GateOptions> = {}): Promise<Gate> {
  const reception: Partial<Reception> = {
    identity: () => Promise.resolve(both),
    greet: (name) => (name === 'us.test' ? both : name === undefined ? identityOf(first) : undefined),
  }
  return Gate.open({ ca, certificate: ec, reception, ...options })
}

/** DER of what the gate shows to such a client. */
async function shownTo(at: Gate, options: ConnectionOptions): Promise<readonly Buffer[]> {
  await using dialog = await Dialog.open(at.target)
  if (at.target.tls === 'starttls') {
    await dialog.say(header()).expect(/<starttls/)
    await dialog.say(STARTTLS).expect(new RegExp(PROCEED))
  }
  const servername = at.target.tls === 'direct' ? 'us.test' : ''
  return peerChain(await dialog.startTls({ certificate: theirs, servername, options }))
}

describe('a client', () => {
  for (const tls of ['starttls', 'direct'] as const)
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
      test(`that verifies one kind of signature is shown that certificate, with its chain (${tls}, ${version})`, async () => {
        await using gate = await open({ tls })
        const versions = { minVersion: version, maxVersion: version } as const
        deepEqual(await shownTo(gate, { ...versions, sigalgs: RSA }), rsa.chain)
        deepEqual(await shownTo(gate, { ...versions, sigalgs: EC }), ec.chain)
        deepEqual(await shownTo(gate, versions), ec.chain, 'EC, which costs less, to whom both are the same')
        for (const _ of [1, 2, 3]) await gate.failures.next()
        equal(gate.bugs.all.length, 0)
      })
  test('of direct TLS that asks for no name, or a stranger’s, is shown our first domain', async () => {
    await using gate = await open({ tls: 'direct' })
    for (const servername of ['', 'stranger.test']) {
      await using dialog = await Dialog.open(gate.target)
      const socket = await dialog.startTls({ certificate: theirs, servername })
      deepEqual(peerChain(socket), first.chain)
    }
  })
  test('is seen so by OpenSSL', needsPeer('openssl'), async (t) => {
    await using gate = await open({ tls: 'direct' })
    const folder = await temporaryFolder(t)
    const { host, port } = gate.target
    const connect = ['s_client', '-connect', `${host}:${port}`, '-servername', 'us.test', '-showcerts']
    for (const version of ['-tls1_2', '-tls1_3'])
      for (const [sigalgs, issuer] of [
        [RSA, 'RSA CA'],
        [EC, 'EC CA'],
      ] as const)
        match(await openssl(folder, [...connect, version, '-sigalgs', sigalgs]), new RegExp(`issuer=CN ?= ?${issuer}`))
  })
})

/** A server of TLS that asks for a certificate, and what it is shown. */
async function serve(options: object): Promise<{ port: number; shown: Promise<readonly Buffer[]> }> {
  const server = createServer({
    cert: theirs.fullchainPem,
    key: theirs.keyPem,
    requestCert: true,
    rejectUnauthorized: false,
    ...options,
  })
  const shown = Promise.withResolvers<readonly Buffer[]>()
  server.on('secureConnection', (socket: TLSSocket) => {
    shown.resolve(peerChain(socket))
    socket.on('error', () => {}).destroy()
    server.close()
  })
  server.on('tlsClientError', (error) => shown.reject(error))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  ok(typeof address === 'object' && address)
  return { port: address.port, shown: shown.promise }
}

describe('a server', () => {
  const shownBy = async (options: object): Promise<readonly Buffer[]> => {
    const { port, shown } = await serve(options)
    const caller = new Caller(ca, theirs)
    const targets = [{ host: '127.0.0.1', port, tls: 'direct' as const }]
    await caller.fail(0, { targets, identity: both })
    return shown
  }
  test('of TLS 1.3 is shown the one that it asks for', async () => {
    // The server signs with one kind and asks for another: it has both.
    const server = { cert: [ec.fullchainPem, rsa.fullchainPem], key: [ec.keyPem, rsa.keyPem], minVersion: 'TLSv1.3' }
    deepEqual(await shownBy({ ...server, sigalgs: RSA }), rsa.chain)
    deepEqual(await shownBy({ ...server, sigalgs: EC }), ec.chain)
    deepEqual(await shownBy(server), ec.chain)
  })
  test('of TLS 1.2 is shown the one of RSA, which every server takes', async () => {
    deepEqual(await shownBy({ maxVersion: 'TLSv1.2' }), rsa.chain)
  })
})

// COMPAT: OpenSSL, as the client of TLS 1.2, shows the certificate that was loaded last or none (src/trust/identity.ts).
test('a server of TLS 1.2 that verifies EC only is shown none of the two', async () => {
  const { port, shown } = await serve({ maxVersion: 'TLSv1.2', sigalgs: EC })
  await new Caller(ca, theirs).fail(0, { targets: [{ host: '127.0.0.1', port, tls: 'direct' }], identity: both })
  deepEqual(await shown, [])
})

// COMPAT: Node's SNICallback puts one certificate of a context in place, and not the other one (src/net/peek.ts).
test('by SNICallback a client that verifies EC only is shown nothing', async (t) => {
  const server = createServer({ SNICallback: (_, done) => done(null, both.context) })
  server.listen(0, '127.0.0.1')
  t.after(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  ok(typeof address === 'object' && address)
  const dialog = await Dialog.open({ host: '127.0.0.1', port: address.port })
  await using _ = dialog
  await rejects(dialog.startTls({ servername: 'us.test', options: { sigalgs: EC } }), /handshake failure/)
})

test('a stream comes up with either', async () => {
  for (const [sigalgs, key] of [
    [RSA, 'rsa2048'],
    [EC, 'p256'],
  ] as const) {
    await using gate = await open()
    await using dialog = await gate.dialog()
    await reachPhase(dialog, 'tls', await issue({ ca, names: ['peer.test'], key }), { sigalgs })
    await dialog.say(header()).expect(/<mechanism>EXTERNAL<\/mechanism>/)
    await dialog.say(AUTH).expect(/<success/)
    await dialog.say(header()).expect(/<stream:features>/)
    ok((await gate.streams.next()).open)
  }
})
