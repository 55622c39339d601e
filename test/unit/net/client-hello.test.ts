import { deepEqual, equal, ok } from 'node:assert/strict'
import { Duplex, PassThrough } from 'node:stream'
import { describe, test } from 'node:test'
import { connect, type ConnectionOptions } from 'node:tls'
import { type ClientHello, LARGEST_HELLO_BYTES, readClientHello } from '../../../src/net/client-hello.ts'
import { peekHello } from '../../../src/net/peek.ts'

/** What a real client says first. */
function helloOf(options: ConnectionOptions): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = new Duplex({
      read() {},
      write(chunk: Buffer, _, done) {
        resolve(chunk)
        done()
      },
    })
    connect({ socket, rejectUnauthorized: false, ...options }).on('error', () => {})
  })
}

function read(bytes: Buffer): ClientHello {
  const reading = readClientHello(bytes)
  ok(reading.kind === 'hello', reading.kind)
  return reading.hello
}

const ECDSA_P256 = 0x0403
const RSA_PSS_256 = 0x0804

describe('the first words of a client', () => {
  test('say the name it asks for, whether it wants a staple, its version and its signatures', async () => {
    const modern = read(await helloOf({ servername: 'corp.test', requestOCSP: true }))
    equal(modern.servername, 'corp.test')
    deepEqual([modern.wantsStaple, modern.modern, modern.choosy], [true, true, false])
    ok(modern.schemes.includes(ECDSA_P256) && modern.schemes.includes(RSA_PSS_256))
    const old = read(await helloOf({ maxVersion: 'TLSv1.2', sigalgs: 'rsa_pss_rsae_sha256' }))
    deepEqual(old, { servername: undefined, wantsStaple: false, modern: false, schemes: [RSA_PSS_256], choosy: false })
  })
  test('are waited for until they are whole, in however many records they come', async () => {
    const whole = await helloOf({ servername: 'corp.test' })
    for (let i = 0; i < whole.length; i++) equal(readClientHello(whole.subarray(0, i)).kind, 'more', String(i))
    const body = whole.subarray(5)
    for (const size of [1, 3, 4, 5, 100, body.length - 1]) {
      const records: Buffer[] = []
      for (let at = 0; at < body.length; at += size) {
        const part = body.subarray(at, at + size)
        records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 0xff]), part)
      }
      const pieces = Buffer.concat(records)
      if (pieces.length < LARGEST_HELLO_BYTES) equal(read(pieces).servername, 'corp.test', String(size))
      equal(readClientHello(pieces.subarray(0, -1)).kind, 'more')
    }
  })
  test('that are none are known at once, and endless ones come to an end', () => {
    for (const words of [
      '<stream:stream',
      'GET / HTTP/1.1',
      '\x16\x03\x01\x00\x05\x02hello',
      '\x15\x03\x01\x00\x02\x01\x00',
    ])
      equal(readClientHello(Buffer.from(words, 'latin1')).kind, 'unknown', words)
    const empty = Buffer.from([22, 3, 1, 0, 0])
    equal(readClientHello(Buffer.concat(Array.from({ length: 10_000 }, () => empty))).kind, 'unknown')
    const long = Buffer.alloc(70_000, 1)
    long.set([22, 3, 1, 0xff, 0xff, 1, 0xff, 0xff, 0xff])
    equal(readClientHello(long).kind, 'unknown')
  })
  test('have no empty records', async () => {
    const whole = await helloOf({ servername: 'corp.test' })
    const empty = Buffer.from([22, 3, 1, 0, 0])
    equal(readClientHello(empty).kind, 'unknown')
    equal(readClientHello(Buffer.concat([whole.subarray(0, 3), Buffer.from([0, 1, 1]), empty])).kind, 'unknown')
    equal(read(Buffer.concat([whole, empty])).servername, 'corp.test')
  })
  test('may be spoilt anywhere without harm', async () => {
    const whole = await helloOf({ servername: 'corp.test', requestOCSP: true })
    const seen = { hello: 0, more: 0, unknown: 0 }
    for (let i = 0; i < whole.length; i++)
      for (const value of [0, 1, 0x7f, 0xff]) {
        const spoilt = Buffer.from(whole)
        spoilt[i] = value
        seen[readClientHello(spoilt).kind] += 1
      }
    ok(seen.hello > 1000 && seen.more > 1 && seen.unknown > 20, JSON.stringify(seen))
  })
})

describe('who looks at them', () => {
  test('leaves them where they were', async () => {
    const whole = await helloOf({ servername: 'corp.test' })
    for (const more of ['', 'and more']) {
      const pipe = new PassThrough()
      pipe.write(whole.subarray(0, 7))
      const peeked = peekHello(pipe)
      pipe.write(Buffer.concat([whole.subarray(7), Buffer.from(more)]))
      equal((await peeked)?.servername, 'corp.test')
      deepEqual(pipe.read(), Buffer.concat([whole, Buffer.from(more)]))
    }
  })
  test('looks again only when all can be there, however small the pieces', async () => {
    const whole = await helloOf({ servername: 'corp.test' })
    const body = whole.subarray(5)
    for (const size of [1, 2, 7, 100, body.length]) {
      const records: Buffer[] = []
      for (let at = 0; at < body.length; at += size) {
        const part = body.subarray(at, at + size)
        records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 0xff]), part)
      }
      const bytes = Buffer.concat(records)
      let looks = 0
      let least = 1
      for (let length = 1; length < bytes.length; length++) {
        const reading = readClientHello(bytes.subarray(0, length))
        ok(reading.kind === 'more' && reading.least > length && reading.least <= bytes.length, `${size}: ${length}`)
        if (length < least) continue
        least = reading.least
        looks += 1
      }
      ok(looks <= 50, `${looks} looks at ${bytes.length} bytes in records of ${size}`)
      const pipe = new PassThrough({ highWaterMark: LARGEST_HELLO_BYTES })
      const peeked = peekHello(pipe)
      for (const byte of bytes) pipe.write(Buffer.of(byte))
      equal((await peeked)?.servername, 'corp.test')
      deepEqual(pipe.read(), bytes)
    }
  })
  test('is done when the client is gone, or says something else', async () => {
    const pipe = new PassThrough()
    const peeked = peekHello(pipe)
    pipe.end()
    equal(await peeked, undefined)
    const other = new PassThrough()
    other.write('<stream:stream>')
    equal(await peekHello(other), undefined)
    equal(String(other.read()), '<stream:stream>')
  })
})
