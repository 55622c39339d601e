import assert from 'node:assert/strict'
import type { Duplex } from 'node:stream'
import { test } from 'node:test'
import { Output } from '../../../src/net/output.ts'

const KIB = 1024

/** A socket that takes a piece when the test says so. */
class FakeSocket {
  readonly pieces: Buffer[] = []
  ended = false
  #done: ((error?: Error) => void) | undefined
  write(piece: Buffer, done: (error?: Error) => void): boolean {
    assert.equal(this.#done, undefined, 'one piece at a time')
    this.pieces.push(Buffer.from(piece))
    this.#done = done
    return true
  }
  end(): void {
    this.ended = true
  }
  /** Takes what is on its way; false when nothing is. */
  take(error?: Error): boolean {
    const done = this.#done
    this.#done = undefined
    done?.(error)
    return done !== undefined
  }
  get text(): string {
    return Buffer.concat(this.pieces).toString()
  }
}

async function bench(highWaterBytes = 1_000_000) {
  const socket = new FakeSocket()
  const told: { taken: number; drained: number; choked?: boolean } = { taken: 0, drained: 0 }
  const output = new Output(socket as unknown as Duplex, highWaterBytes, {
    taken: (stanzas) => (told.taken += stanzas),
    drained: () => (told.drained += 1),
    choked: (is) => (told.choked = is),
  })
  const turn = (): Promise<void> => new Promise((done) => setImmediate(done))
  return { socket, output, told, turn }
}

const stanza = (letter: string, bytes = 10): Buffer => Buffer.from(letter.repeat(bytes))

test('what is written in one turn is one piece, and no piece is larger than 64 KiB', async () => {
  const { socket, output, turn, told } = await bench()
  const all = [...Array.from({ length: 30 }, () => stanza('a', 5000)), stanza('b', 200 * KIB), stanza('c', 5)]
  for (const one of all) output.write(one)
  assert.equal(socket.pieces.length, 0)
  await turn()
  while (socket.take()) assert.ok((socket.pieces.at(-1)?.length ?? 0) <= 64 * KIB)
  assert.deepEqual(socket.text, Buffer.concat(all).toString())
  assert.equal(told.taken, all.length)
  assert.equal(socket.pieces.length, 7)
})

test('the memory of a piece is not used again before the piece is taken', async () => {
  const sockets = await Promise.all(['a', 'b', 'c'].map(() => bench()))
  const lent: Buffer[] = []
  for (const [n, { socket, output, turn }] of sockets.entries()) {
    const { write } = socket
    socket.write = (piece, done) => {
      lent.push(piece)
      return write.call(socket, piece, done)
    }
    for (let i = 0; i < 200; i++) output.write(stanza('abc'.charAt(n), 500))
    await turn()
  }
  assert.deepEqual(
    lent.map((piece) => [...new Set(piece.toString())].join('')),
    ['a', 'b', 'c'],
  )
  for (const { socket } of sockets) {
    while (socket.take()) {
      const now = lent.at(-1)
      assert.equal(new Set(now?.toString()).size, 1)
    }
    assert.equal(socket.text.length, 100_000)
    assert.equal(new Set(socket.text).size, 1)
  }
})

test('a stanza counts as taken with its last byte, and the piece on its way is what is in doubt', async () => {
  const { socket, output, turn, told } = await bench()
  output.write(stanza('a'))
  output.write(stanza('b'))
  await turn()
  output.write(stanza('c', 100 * KIB))
  output.write(stanza('d'))
  assert.deepEqual([told.taken, output.doubtful], [0, 2])
  socket.take() // The first part of c is on its way now.
  assert.deepEqual([told.taken, output.doubtful], [2, 0])
  socket.take()
  assert.deepEqual([told.taken, output.doubtful], [2, 2])
  socket.take(new Error('broken'))
  output.discard()
  assert.deepEqual([told.taken, output.doubtful, output.bufferedBytes > 0], [2, 2, true])
})

test('a cut drops the stanzas that wait, but neither words nor the rest of one that has begun', async () => {
  const { socket, output, turn, told } = await bench()
  output.write(stanza('a', 100 * KIB))
  output.write(stanza('b'))
  output.say(Buffer.from('<error/>'))
  await turn()
  output.cut()
  output.say(Buffer.from('</stream>'))
  output.end()
  assert.equal(socket.ended, false)
  while (socket.take());
  assert.equal(socket.text, `${'a'.repeat(100 * KIB)}<error/></stream>`)
  assert.deepEqual([told.taken, socket.ended, output.bufferedBytes], [1, true, 0])
})

test('it is stuck from the last piece that was taken on', async () => {
  const { socket, output, turn } = await bench()
  assert.equal(output.stuckSince, undefined)
  output.write(stanza('a', 100 * KIB))
  await turn()
  const first = output.stuckSince
  assert.ok(first !== undefined)
  await turn()
  socket.take()
  assert.ok((output.stuckSince ?? 0) > first)
  socket.take()
  assert.equal(output.stuckSince, undefined)
})

test('where nothing waits and nothing is on its way, everything has left, and nothing is written for it', async () => {
  const { socket, output } = await bench()
  await output.drained()
  assert.equal(socket.pieces.length, 0)
  output.write(stanza('a'))
  const left = output.drained()
  assert.equal(socket.text, 'aaaaaaaaaa')
  socket.take()
  await left
})

test('above the high-water mark it says so, and once when there is room again', async () => {
  const { socket, output, turn, told } = await bench(100)
  assert.equal(output.write(stanza('a', 100)), true)
  assert.equal(output.write(stanza('b', 1)), false)
  assert.equal(output.write(stanza('c', 1)), false)
  await turn()
  socket.take()
  assert.equal(told.drained, 1)
})

test('words larger than a piece are no stanza either, and weigh nothing once they have left', async () => {
  const { socket, output, told, turn } = await bench(100 * KIB)
  output.write(stanza('a'))
  output.say(stanza('w', 200 * KIB))
  output.write(stanza('b'))
  await turn()
  assert.deepEqual(told, { taken: 0, drained: 0, choked: true })
  while (socket.take());
  assert.deepEqual(told, { taken: 2, drained: 1, choked: false })
  assert.equal(socket.text.length, 200 * KIB + 20)
})

test('words that have begun to leave go on when what waits is forgotten', async () => {
  const { socket, output, told, turn } = await bench()
  output.say(stanza('w', 100 * KIB))
  output.write(stanza('b'))
  await turn()
  output.cut()
  output.say(stanza('.', 1))
  while (socket.take());
  assert.deepEqual([socket.text, told.taken], [`${'w'.repeat(100 * KIB)}.`, 0])
})
