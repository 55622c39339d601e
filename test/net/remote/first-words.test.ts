// What we say first to the core leaves with the end of our handshake: in a piece of its own it would wake the core once more for
// each log-in.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { createServer } from 'node:tls'
import { ByThePiece } from '../../../src/net/client/by-the-piece.ts'
import { reachCore } from '../../../src/net/client/inner.ts'
import { DEFAULT_LIMITS } from '../../../src/net/limits.ts'
import { makeIdentity } from '../../../src/trust/identity.ts'
import { issue } from '../../support/pki.ts'
import { OURS } from './scripted-core.ts'

const HOST = '127.0.52.1'
const PORT = 5322
const GREETING = `<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='${OURS}' id='x' version='1.0'><stream:features/>`
/** Type and length of a record. RFC 8446 §5.1 */
const RECORD_HEADER = 5
const APPLICATION_DATA = 23

/** The types of the records in one piece. */
function recordsOf(piece: Buffer): readonly number[] {
  const types: number[] = []
  for (let at = 0; at < piece.length; at += RECORD_HEADER + piece.readUInt16BE(at + 3)) types.push(piece[at] ?? 0)
  return types
}

test('our header leaves in one piece with the end of the handshake', async (t) => {
  const { fullchainPem: cert, keyPem: key } = await issue({ names: [OURS] })
  const core = createServer({ cert, key, minVersion: 'TLSv1.3' }, (socket) => {
    socket.on('error', () => {}).once('data', () => socket.write(GREETING))
  }).listen(PORT, HOST)
  await once(core, 'listening')
  t.after(() => core.close())
  // What TLS hands to the socket between `cork` and `uncork` leaves in one.
  const pieces: Buffer[] = []
  let piece: Buffer[] = []
  const { write, uncork } = ByThePiece.prototype
  t.mock.method(ByThePiece.prototype, 'write', function said(this: ByThePiece, bytes: Buffer, done?: () => void) {
    piece.push(Buffer.from(bytes))
    return write.call(this, bytes, done)
  })
  t.mock.method(ByThePiece.prototype, 'uncork', function left(this: ByThePiece) {
    pieces.push(Buffer.concat(piece))
    piece = []
    uncork.call(this)
  })
  const reached = await reachCore({
    ...{ domain: OURS, host: HOST, port: PORT, tls: 'direct', profile: 'standard', reference: 'ref' },
    addresses: () => Promise.resolve({ ok: true, addresses: [HOST] }),
    mayBePlaintext: () => false,
    verify: () => ({ proven: true, certificate: makeIdentity(cert, key).certificate, anchor: 'a test' }),
    limits: DEFAULT_LIMITS,
    signal: new AbortController().signal,
    bug: (error) => assert.fail(String(error)),
  })
  assert.ok(reached.ok)
  reached.inner.leave()
  await reached.inner.gone
  const data = pieces.map((one) => recordsOf(one).filter((type) => type === APPLICATION_DATA).length)
  assert.deepEqual(data.slice(0, 2), [0, 2], 'our hello; our Finished and our header')
})
