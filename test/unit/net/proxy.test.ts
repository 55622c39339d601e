import { deepEqual, equal } from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, test } from 'node:test'
import { introduced } from '../../../src/net/proxy.ts'
import { BINARY, BINARY_6, LOCAL, TEXT, TEXT_6 } from '../../support/proxy.ts'

const PATIENT_MS = 60_000
const STREAM = "<?xml version='1.0'?><stream:stream "

/** What comes of these pieces, and what is left for whoever reads on. */
async function given(...pieces: readonly (string | Buffer)[]) {
  const socket = new PassThrough()
  const outcome = introduced(socket, '10.0.0.9', PATIENT_MS)
  for (const piece of pieces) socket.write(piece)
  const done = await outcome
  const heard: Buffer[] = []
  socket.on('data', (chunk: Buffer) => heard.push(chunk))
  socket.resume().end()
  await new Promise((resolve) => socket.once('end', resolve))
  return { outcome: done, left: Buffer.concat(heard).toString('latin1') }
}

describe('a client that a balancer names', () => {
  for (const [what, header, client] of [
    ['version 1', TEXT, '192.0.2.77'],
    ['version 1 over IPv6', TEXT_6, '2001:db8::77'],
    ['version 2', BINARY, '192.0.2.77'],
    ['version 2 over IPv6', BINARY_6, '2001:db8::77'],
    ['version 2, the balancer for itself', LOCAL, undefined],
  ] as const) {
    test(`${what}: wherever it is cut, every byte behind it is left`, async () => {
      const all = Buffer.concat([Buffer.from(header), Buffer.from(STREAM)])
      for (let at = 0; at <= all.length; at++) {
        const { outcome, left } = await given(all.subarray(0, at), all.subarray(at))
        deepEqual(outcome, { kind: 'introduced', client })
        equal(left, STREAM)
      }
      const bytes = Array.from({ length: all.length }, (_, at) => all.subarray(at, at + 1))
      deepEqual(await given(...bytes), { outcome: { kind: 'introduced', client }, left: STREAM })
    })
  }
})

/** The same, where the balancer ends the connection after these pieces. */
async function ended(...pieces: readonly (string | Buffer)[]) {
  const socket = new PassThrough()
  const outcome = introduced(socket, '10.0.0.9', PATIENT_MS)
  for (const piece of pieces) socket.write(piece)
  socket.end()
  return outcome
}

// COMPAT: HAProxy 2.6 names itself in version 1; the real one is in test/peers/haproxy.test.ts.
describe('a balancer that ends', () => {
  for (const [what, pieces] of [
    ['without a word', []],
    ['after a header for itself', [LOCAL]],
    ['after a header of version 1 for nobody', ['PROXY UNKNOWN\r\n']],
    ['after a header with its own address', ['PROXY TCP4 10.0.0.9 10.0.0.2 1 5269\r\n']],
  ] as const) {
    test(`${what}, is a health check`, async () => deepEqual(await ended(...pieces), { kind: 'probe' }))
  }
  test('within a header, is at fault', async () => {
    const detail = 'ended after 9 bytes of a header'
    deepEqual(await ended('PROXY TCP'), { kind: 'refused', reason: 'SP-206', detail })
  })
  test('by breaking the connection, without a word, is a health check too', async () => {
    const socket = new PassThrough()
    const outcome = introduced(socket, '10.0.0.9', PATIENT_MS)
    socket.destroy()
    deepEqual(await outcome, { kind: 'probe' })
  })
})

describe('a balancer that is late', () => {
  test('with the rest of its header, is at fault', async () => {
    const socket = new PassThrough()
    socket.write('PROXY TCP')
    const outcome = await introduced(socket, '10.0.0.9', 20)
    deepEqual(outcome, { kind: 'refused', reason: 'SP-207', detail: '9 bytes of a header within 20 ms' })
  })
  test('with anything at all, too', async () => {
    const outcome = await introduced(new PassThrough(), '10.0.0.9', 20)
    deepEqual(outcome, { kind: 'refused', reason: 'SP-207', detail: '0 bytes of a header within 20 ms' })
  })
  test('with words of its own, wanted none', async () => {
    const socket = new PassThrough()
    socket.write(LOCAL)
    deepEqual(await introduced(socket, '10.0.0.9', 20), { kind: 'probe' })
  })
})
