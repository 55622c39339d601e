// TLS over a socket that is read by the piece is TLS like any other: nothing is lost, nobody is read too much of, and an end on
// either side is one.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { createServer, type TLSSocket } from 'node:tls'
import { ByThePiece } from '../../src/net/client/by-the-piece.ts'
import { connectTo } from '../../src/net/connect.ts'
import { connectAsClient } from '../../src/net/secure.ts'
import { tlsContext } from '../../src/trust/tls-context.ts'
import { issue } from '../support/pki.ts'
import { eventually } from '../support/within.ts'

interface Ends {
  readonly plain: Socket
  readonly ours: TLSSocket
  readonly theirs: TLSSocket
  /** What theirs runs over. */
  readonly raw: Socket
}

/** A connection to a server, TLS up on both ends. */
async function pair(t: TestContext): Promise<Ends> {
  const { fullchainPem: cert, keyPem: key } = await issue({ names: ['core.test'] })
  const listener = createServer({ cert, key, allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  assert.ok(typeof address === 'object' && address !== null)
  t.after(() => listener.close())
  const context = tlsContext([])
  const accepted = new Promise<TLSSocket>((resolve) => listener.once('secureConnection', resolve))
  const connection = new Promise<Socket>((resolve) => listener.once('connection', resolve))
  const outcome = await connectTo({
    ...{ host: '127.0.0.1', port: address.port, timeoutMs: 5000, localAddress: undefined, plain: true },
    signal: new AbortController().signal,
  })
  assert.ok(outcome.ok)
  const plain = outcome.won
  const ours = connectAsClient(new ByThePiece(plain), 'core.test', context, false)
  const [theirs] = await Promise.all([accepted, once(ours, 'secureConnect')])
  for (const socket of [plain, ours, theirs]) {
    socket.on('error', () => {})
    t.after(() => socket.destroy())
  }
  return { plain, ours, theirs, raw: await connection }
}

test('what is said arrives whole in both directions, however slowly it is read', async (t) => {
  const { ours, theirs } = await pair(t)
  const bytes = Buffer.alloc(3_000_000, 'x')
  const read = async (socket: TLSSocket): Promise<number> => {
    let length = 0
    socket.on('data', (chunk: Buffer) => {
      length += chunk.length
      socket.pause()
      setImmediate(() => socket.resume())
    })
    await once(socket, 'end')
    return length
  }
  const both = Promise.all([read(ours), read(theirs)])
  ours.end(bytes)
  theirs.end(bytes)
  assert.deepEqual(await both, [bytes.length, bytes.length])
})

test('who is not read is stopped', async (t) => {
  const { plain, ours, theirs } = await pair(t)
  ours.pause()
  const bytes = 64_000_000
  theirs.write(Buffer.alloc(bytes, 'x'))
  await eventually('that the socket is read no more', () => plain.isPaused())
  assert.ok(ours.readableLength < 1_000_000 && plain.bytesRead < bytes)
})

test('a connection that is cut is gone on our side', async (t) => {
  const { plain, ours, theirs } = await pair(t)
  const gone = Promise.all([once(ours, 'close'), once(plain, 'close')])
  theirs.destroy()
  ours.resume()
  ours.end()
  await gone
})

test('a connection that is reset is gone on our side, and with an error', async (t) => {
  const { plain, ours, raw } = await pair(t)
  const gone = Promise.all([ours, plain].map((socket) => new Promise((resolve) => socket.once('close', resolve))))
  const failed = new Promise<Error>((resolve) => ours.once('error', resolve))
  ours.resume()
  raw.resetAndDestroy()
  assert.match((await failed).message, /ECONNRESET/)
  await gone
})

test('what we cut is gone on the other side', async (t) => {
  const { plain, ours, theirs } = await pair(t)
  const gone = Promise.all([once(theirs, 'close'), once(plain, 'close')])
  ours.destroy()
  theirs.resume()
  theirs.end()
  await gone
})
