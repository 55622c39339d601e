import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LARGEST_FILE_BYTES, readHandout } from '../../../src/trust/handout.ts'
import { decodePem, encodePem } from '../../../src/trust/pem.ts'
import { issue } from '../../support/pki.ts'

const BEGIN = '-----BEGIN CERTIFICATE-----'

/** As long as a file may be. A reader that looks at all of it for every beginning is not through for minutes. */
const fill = (text: string): string => text.repeat(Math.floor(LARGEST_FILE_BYTES / text.length))

test('certificates are found among other text, whatever their marks say, up to the last that ends', () => {
  const [a, b] = [Buffer.from('first'), Buffer.from('second')]
  const old = encodePem('X509 CERTIFICATE', b).replaceAll('\n', '\r\n')
  assert.deepEqual(decodePem(`subject\n${encodePem('CERTIFICATE', a)}\nmore\n${old}${BEGIN}\nAAAA`), [a, b])
  assert.deepEqual(decodePem(`-----END CERTIFICATE-----\n${encodePem('PRIVATE KEY', a)}`), [])
  assert.deepEqual(decodePem(''), [])
  // One that does not end reaches into the next: rubbish, which is for the reader of certificates to refuse.
  assert.equal(decodePem(`${BEGIN}\nAAAA\n${encodePem('CERTIFICATE', a)}${encodePem('CERTIFICATE', b)}`).length, 2)
})

test('beginnings without an end cost no more than other text', () => {
  assert.deepEqual(decodePem(fill(`${BEGIN}\n`)), [])
  const { length } = fill(BEGIN)
  assert.ok(length > 4_000_000)
})

test('nor do they in what a CA has handed out', async () => {
  const leaf = await issue({ names: ['corp.test'] })
  for (const hostile of [fill(`${BEGIN}\n`), fill('-----BEGIN A-----'), fill('-----BEGIN '), fill('-')]) {
    const read = readHandout([{ name: 'x.pem', octets: Buffer.from(hostile) }], undefined)
    assert.ok('fault' in read, hostile.slice(0, 40))
  }
  const text = `-----BEGIN A-----BEGIN B-----\n${leaf.pem}-----END B-----\n${leaf.pem}${leaf.keyPem}${leaf.pem}`
  const read = readHandout([{ name: 'x.pem', octets: Buffer.from(text) }], undefined)
  assert.ok(!('fault' in read))
  assert.deepEqual([read.certificates.length, read.keys.length], [2, 1])
})
