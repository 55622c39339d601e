// A connection that is read as it is, into memory that all of them share: what has been read is the reader's own.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { connectTo } from '../../src/net/connect.ts'

/** A connection, and the other end of it. */
async function pair(t: TestContext): Promise<readonly [ours: Socket, theirs: Socket]> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const outcome = await connectTo({
    ...{ host: '127.0.0.1', port: address.port, timeoutMs: 5000, localAddress: undefined },
    ...{ signal: new AbortController().signal, plain: true },
  })
  assert.ok(outcome.ok)
  const theirs = await accepted
  t.after(() => {
    outcome.won.destroy()
    theirs.destroy()
    server.close()
  })
  return [outcome.won, theirs]
}

async function nextOf(socket: Socket): Promise<Buffer> {
  const chunk = new Promise<Buffer>((resolve) => socket.once('data', resolve))
  socket.resume()
  return chunk
}

test('what was read of one connection stays what it was when another is read', async (t) => {
  const [[first, one], [second, other]] = await Promise.all([pair(t), pair(t)])
  one.write('aaaa')
  const read = await nextOf(first)
  other.write('bbbb')
  assert.equal((await nextOf(second)).toString(), 'bbbb')
  assert.equal(read.toString(), 'aaaa')
})

test('while it is paused nothing is read, and then everything is, to the end', async (t) => {
  const [ours, theirs] = await pair(t)
  const bytes = Buffer.alloc(3_000_000, 'x')
  theirs.end(bytes)
  let length = 0
  ours.on('data', (chunk: Buffer) => {
    length += chunk.length
    assert.ok(chunk.every((byte) => byte === 0x78))
    ours.pause()
    setImmediate(() => {
      assert.ok(ours.readableLength <= 2 * 65_536)
      ours.resume()
    })
  })
  await once(ours, 'end')
  assert.equal(length, bytes.length)
})
