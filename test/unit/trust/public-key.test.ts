import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { readCertificate } from '../../../src/trust/certificate.ts'
import { TAG, writeDer, writeOid } from '../../../src/trust/der.ts'
import { decodePem } from '../../../src/trust/pem.ts'
import { readPublicKey } from '../../../src/trust/public-key.ts'
import { openssl } from '../../support/openssl.ts'
import { needsPeer } from '../../support/peers.ts'
import { issue, makeCa, temporaryFolder } from '../../support/pki.ts'

/** As OpenSSL sees the key of a certificate. */
function seenByOpenSsl(der: Buffer) {
  const { asymmetricKeyType: type, asymmetricKeyDetails = {} } = new X509Certificate(der).publicKey
  const { modulusLength = 0, namedCurve = 'unnamed', publicExponent = 0n } = asymmetricKeyDetails
  return { type, bits: modulusLength, curve: namedCurve, exponent: publicExponent }
}

function read(der: Buffer) {
  const certificate = readCertificate(der)
  if (typeof certificate === 'string') assert.fail(certificate)
  return certificate
}

/** What is read of a key where nobody is there to ask; undefined when somebody is asked. */
function readAlone(spki: Buffer) {
  let asked = false
  const key = readPublicKey({
    spki,
    get x509(): X509Certificate {
      asked = true
      throw new Error('nobody is there')
    },
  })
  return asked ? undefined : key
}

for (const kind of ['p256', 'p384', 'rsa2048', 'rsa3072'] as const)
  test(`a key of the kind ${kind} is read without OpenSSL, and as OpenSSL reads it`, async () => {
    const { der } = await issue({ ca: await makeCa(), names: ['a.test'], key: kind })
    assert.deepEqual(readAlone(read(der).spki), seenByOpenSsl(der))
  })

/** What makes a key of an unusual form. */
const UNUSUAL: readonly (readonly [words: string, newkey: readonly string[]])[] = [
  ['Ed25519', ['ed25519']],
  ['RSA-PSS', ['rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048']],
  ['of a curve that is on no list', ['ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1']],
  [
    'with a curve that is written out',
    ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-pkeyopt', 'ec_param_enc:explicit'],
  ],
]

for (const [words, newkey] of UNUSUAL)
  test(`of a key ${words} OpenSSL says what it is`, needsPeer('openssl'), async (t) => {
    const folder = await temporaryFolder(t)
    const request = ['req', '-x509', '-nodes', '-keyout', 'key.pem', '-out', 'cert.pem', '-subj', '/CN=a.test']
    const said = await openssl(folder, [...request, '-newkey', ...newkey])
    const [der] = decodePem(await readFile(join(folder, 'cert.pem'), 'utf8').catch(() => assert.fail(said)))
    const certificate = read(der ?? assert.fail('no certificate'))
    assert.deepEqual(readPublicKey(certificate), seenByOpenSsl(certificate.raw))
    assert.equal(readAlone(certificate.spki), undefined)
  })

const EC = [writeOid('1.2.840.10045.2.1'), writeOid('1.2.840.10045.3.1.7')]
const RSA = [writeOid('1.2.840.113549.1.1.1'), writeDer(0x05)]
const integer = (...octets: number[]): Buffer => writeDer(TAG.integer, Uint8Array.from(octets))
const keyOf = (algorithm: readonly Buffer[], key: Buffer, unused = 0): Buffer =>
  writeDer(TAG.sequence, writeDer(TAG.sequence, ...algorithm), writeDer(TAG.bitString, Uint8Array.of(unused), key))
const numbers = (...all: readonly Buffer[]): Buffer => writeDer(TAG.sequence, ...all)

/** Each has one thing wrong with it, or unusual. */
const ODD: readonly (readonly [words: string, spki: Buffer])[] = [
  ['a compressed point', keyOf(EC, Buffer.from([2, ...Buffer.alloc(32, 7)]))],
  ['a point that is too short', keyOf(EC, Buffer.from([4, ...Buffer.alloc(63, 7)]))],
  ['a point that is too long', keyOf(EC, Buffer.from([4, ...Buffer.alloc(65, 7)]))],
  ['unused bits', keyOf(EC, Buffer.from([4, ...Buffer.alloc(64, 7)]), 1)],
  ['no curve', keyOf(EC.slice(0, 1), Buffer.from([4, ...Buffer.alloc(64, 7)]))],
  ['more than a curve', keyOf([...EC, integer(1)], Buffer.from([4, ...Buffer.alloc(64, 7)]))],
  ['an RSA key without NULL', keyOf(RSA.slice(0, 1), numbers(integer(0x7f), integer(3)))],
  ['a negative modulus', keyOf(RSA, numbers(integer(0x80), integer(3)))],
  ['a padded modulus', keyOf(RSA, numbers(integer(0, 0x7f), integer(3)))],
  ['a modulus of zero', keyOf(RSA, numbers(integer(0), integer(3)))],
  ['a negative exponent', keyOf(RSA, numbers(integer(0x7f), integer(0x83)))],
  ['three numbers', keyOf(RSA, numbers(integer(0x7f), integer(3), integer(5)))],
  ['bytes after the numbers', keyOf(RSA, Buffer.concat([numbers(integer(0x7f), integer(3)), Buffer.alloc(1)]))],
]

for (const [words, spki] of ODD)
  test(`with ${words} a key is nothing that we say anything of by ourselves`, () => {
    assert.equal(readAlone(spki), undefined)
  })

test('the length of an RSA key is that of its number, without the zero before it', () => {
  const bits = (...modulus: number[]): number =>
    readAlone(keyOf(RSA, numbers(integer(...modulus), integer(1, 0, 1))))?.bits ?? 0
  assert.deepEqual([bits(1), bits(0x7f), bits(0, 0x80), bits(0, 0xff, 0), bits(1, 0)], [1, 7, 8, 16, 9])
})
