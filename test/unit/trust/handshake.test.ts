// What Node hands over after a real handshake over loopback, and what we make of it.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectTcp, createServer } from 'node:net'
import { test } from 'node:test'
import { TLSSocket, connect, createServer as createTlsServer } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import { anchorsOf } from '../../../src/trust/anchors.ts'
import { makeIdentity } from '../../../src/trust/identity.ts'
import type { Identity } from '../../../src/trust/identity.ts'
import { certificatesRemembered, readCertificate } from '../../../src/trust/certificate.ts'
import { peerChain } from '../../../src/trust/peer-chain.ts'
import { encodePem } from '../../../src/trust/pem.ts'
import { verifyPeer } from '../../../src/trust/verify.ts'
import { issue, makeCa } from '../../support/pki.ts'
import type { Issued } from '../../support/pki.ts'

interface Ends {
  readonly server: TLSSocket
  readonly client: TLSSocket
}

/** One handshake over loopback, as the gateway does it with STARTTLS; both ends are open for `use`, and gone after it. */
async function shake<T>(
  server: Identity,
  client: Identity | undefined,
  use: (ends: Ends) => T | Promise<T>,
  options: ConnectionOptions = {},
): Promise<T> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  assert.ok(address !== null && typeof address === 'object')
  const connected = once(listener, 'connection')
  const socket = connectTcp(address.port, '127.0.0.1')
  const [accepted] = await connected
  listener.close()
  const ours = new TLSSocket(accepted, {
    isServer: true,
    secureContext: server.context,
    requestCert: true,
    rejectUnauthorized: false,
  })
  const theirs = connect({
    socket,
    rejectUnauthorized: false,
    ...(client ? { secureContext: client.context } : {}),
    ...options,
  })
  ours.on('error', () => {})
  try {
    await Promise.all([once(ours, 'secure'), once(theirs, 'secureConnect')])
    return await use({ server: ours, client: theirs })
  } finally {
    theirs.destroy()
    ours.destroy()
  }
}

const identity = (issued: Issued): Identity => makeIdentity(issued.fullchainPem, issued.keyPem)

const root = await makeCa()
const intermediate = await makeCa({ ca: root })
const trust = { anchors: anchorsOf([root.der], 'test'), pins: [] }
const check = (socket: TLSSocket, domain: string): string => {
  const verdict = verifyPeer(peerChain(socket), { domain, trust, now: Date.now() })
  return verdict.proven ? 'proven' : verdict.reason
}
const ours = identity(await issue({ ca: intermediate, names: ['corp.test'] }))

test('both sides prove themselves with one certificate each, the client with serverAuth only', async () => {
  const theirs = await issue({ ca: intermediate, names: ['partner.test'], ekus: ['serverAuth'] })
  await shake(ours, identity(theirs), ({ server, client }) => {
    assert.equal(check(server, 'partner.test'), 'proven')
    assert.equal(check(client, 'corp.test'), 'proven')
    assert.equal(check(server, 'other.test'), 'SP-301')
  })
})

test('OpenSSL finds fault with the purpose of such a client, and with nothing else', async (t) => {
  const theirs = await issue({ ca: intermediate, names: ['partner.test'], ekus: ['serverAuth'] })
  const own = await issue({ ca: root, names: ['corp.test'] })
  const options = { cert: own.pem, key: own.keyPem, ca: root.pem, requestCert: true, rejectUnauthorized: false }
  const server = createTlsServer(options).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const secured = once(server, 'secureConnection')
  const client = connect({ port: address.port, rejectUnauthorized: false, secureContext: identity(theirs).context })
  const [socket] = await secured
  assert.ok(socket instanceof TLSSocket)
  assert.equal(String(socket.authorizationError), 'INVALID_PURPOSE')
  assert.equal(check(socket, 'partner.test'), 'proven')
  client.destroy()
  socket.destroy()
})

test('a client without a certificate has an empty chain', async () => {
  await shake(ours, undefined, ({ server }) => {
    assert.deepEqual(peerChain(server), [])
    assert.equal(check(server, 'partner.test'), 'SP-361')
  })
})

test('all that was sent is seen, in its order, strangers and duplicates included', async () => {
  const leaf = await issue({ ca: intermediate, names: ['partner.test'] })
  const stranger = await makeCa()
  const sent = [leaf.der, stranger.der, root.der, intermediate.der, intermediate.der]
  const messy = makeIdentity(sent.map((der) => encodePem('CERTIFICATE', der)).join(''), leaf.keyPem)
  await shake(messy, messy, ({ server, client }) => {
    for (const socket of [server, client]) {
      assert.deepEqual(peerChain(socket), sent)
      assert.deepEqual(peerChain(socket), sent, 'and again')
      assert.equal(check(socket, 'partner.test'), 'proven')
    }
  })
})

test('a self-signed certificate comes to an end', async () => {
  const leaf = await issue({ names: ['partner.test'] })
  await shake(ours, identity(leaf), ({ server }) => {
    assert.deepEqual(peerChain(server), [leaf.der])
    assert.equal(check(server, 'partner.test'), 'SP-304')
  })
})

for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
  test(`no session is resumed with ${version}`, async () => {
    const context = { minVersion: version, maxVersion: version } as const
    const sessions: Buffer[] = []
    const visit = ({ server, client }: Ends): Promise<boolean> => {
      client.on('session', (session) => sessions.push(session))
      // What comes after the handshake has tickets before it.
      server.write('x')
      return once(client, 'data').then(() => client.isSessionReused() || server.isSessionReused())
    }
    assert.equal(await shake(ours, undefined, visit, context), false)
    assert.equal(
      await shake(ours, undefined, visit, { ...context, ...(sessions[0] ? { session: sessions[0] } : {}) }),
      false,
    )
  })

test('what is older than TLS 1.2 is refused', async () => {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const
  await assert.rejects(
    shake(ours, undefined, () => {}, old),
    /unsupported protocol|protocol version/,
  )
})

test('what OpenSSL has read in the handshake it does not read again, and no more is remembered of it than of any other', async () => {
  const leaf = await issue({ ca: intermediate, names: ['partner.test'] })
  const cert = leaf.pem + intermediate.pem.repeat(17)
  const use = ({ server }: Ends): void => {
    const [first, ...others] = peerChain(server)
    assert.equal(others.length, 16, 'no more are looked at')
    const before = certificatesRemembered().bytes
    const read = readCertificate(first!)
    assert.equal(certificatesRemembered().bytes - before, 8192 + 8 * leaf.der.length + 512)
    assert.ok(typeof read === 'object')
    // Only one that comes of a handshake knows those it came with.
    assert.notEqual(read.x509.issuerCertificate, undefined)
    assert.ok(read.x509.raw.equals(leaf.der) && read.x509.publicKey.equals(leaf.certificate.publicKey))
  }
  await shake(ours, undefined, use, { cert, key: leaf.keyPem })
})
