import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { TestContext } from 'node:test'
import { readCertificate } from '../../../../src/trust/certificate.ts'
import { CrlReader } from '../../../../src/trust/revocation/crl-reader.ts'
import { readCrl } from '../../../../src/trust/revocation/crl.ts'
import type { Crl } from '../../../../src/trust/revocation/crl.ts'
import { isSignedBy, isSignedLater } from '../../../../src/trust/revocation/signed.ts'
import { crl, extension, freshest, pointName } from '../../../support/crl.ts'
import { makeCa } from '../../../support/pki.ts'
import type { Issued } from '../../../support/pki.ts'

let ca: Issued
let small: Buffer
let large: Buffer

const serial = (i: number): Buffer => Buffer.from(`4a${i.toString(16).padStart(30, '0')}`, 'hex')

const entries = (length: number) => Array.from({ length }, (_, i) => ({ serial: serial(i), reason: 1 }))

before(async () => {
  ca = await makeCa({ commonName: 'CA' })
  small = crl({ ca, revoked: [{ serial: serial(1) }] })
  large = crl({
    ca,
    revoked: entries(20_000),
    number: 7,
    scope: [Buffer.of(0x84, 1, 0xff)],
    extensions: [freshest('http://crl.test/delta'), extension('1.2.3', pointName('http://x.test/'), true)],
  })
  assert.ok(large.length > 1_000_000)
})

function reader(t: TestContext): CrlReader {
  const made = new CrlReader()
  t.after(() => made[Symbol.asyncDispose]())
  return made
}

/** What is wrong with it. */
const fault = (read: Crl | string): string => (typeof read === 'string' ? read : 'nothing')

function plain(read: Crl | string): unknown {
  assert.ok(typeof read !== 'string', fault(read))
  const { revoked, ...rest } = read
  return { ...rest, size: revoked.size, found: [serial(0), serial(19_999), serial(20_000)].map((n) => revoked.find(n)) }
}

test('what is read on the thread is what is read at once, DER and PEM', async (t) => {
  const by = reader(t)
  for (const list of [small, large]) {
    const pem = Buffer.from(`-----BEGIN X509 CRL-----\n${list.toString('base64')}\n-----END X509 CRL-----\n`)
    assert.deepEqual(plain(await by.read(list)), plain(readCrl(list)))
    assert.deepEqual(plain(await by.read(pem, 'or PEM')), plain(readCrl(list)))
    assert.equal(typeof (await by.read(pem)), 'string', 'what is fetched is DER')
  }
})

test('a signature over many octets counts as it does over few', async (t) => {
  const by = reader(t)
  const certificate = (one: Issued) => {
    const read = readCertificate(one.der)
    return typeof read === 'string' ? assert.fail(read) : read
  }
  const stranger = await makeCa({ commonName: 'CA' })
  const forged = Buffer.from(large)
  forged[large.length - 1]! ^= 1
  const cases: readonly (readonly [list: Buffer, by: Issued, is: boolean])[] = [
    [large, ca, true],
    [large, stranger, false],
    [forged, ca, false],
    [small, ca, true],
  ]
  for (const [list, who, is] of cases) {
    const read = await by.read(list)
    assert.ok(typeof read !== 'string')
    assert.equal(await isSignedLater(read.signed, certificate(who)), is)
    assert.equal(isSignedBy(read.signed, certificate(who)), is)
  }
})

test('while a long list is read and verified, the loop turns', async (t) => {
  const by = reader(t)
  await by.read(large)
  let turns = 0
  let over = false
  const turn = (): void => {
    turns += 1
    if (!over) setImmediate(turn)
  }
  const reading = by.read(large)
  setImmediate(turn)
  const read = await reading
  over = true
  assert.equal(typeof read, 'object')
  assert.ok(turns > 1, `${turns} turns`)
})

test('a long list that is none is refused with the reason, and the next is read', async (t) => {
  const by = reader(t)
  assert.match(fault(await by.read(Buffer.alloc(100_000, 0x30))), /^not a proper CRL: /)
  assert.match(fault(await by.read(Buffer.alloc(2 ** 24))), /^a CRL of 16777216 bytes/)
  assert.equal(typeof (await by.read(large)), 'object')
})

test('many at once come one after another, each with its own; more than can wait are refused', async (t) => {
  const by = reader(t)
  const lists = Array.from({ length: 8 }, (_, i) => crl({ ca, number: i, revoked: entries(2000) }))
  const read = await Promise.all(lists.map((list) => by.read(list)))
  assert.deepEqual(
    read.map((one) => (typeof one === 'string' ? one : Number(one.number))),
    [0, 1, 2, 3, 4, 5, 6, 7],
  )
  const huge = Buffer.alloc(2 ** 24 - 1)
  const all = await Promise.all(Array.from({ length: 6 }, () => by.read(huge)))
  assert.deepEqual(
    all.map((one) => fault(one).slice(0, 9)),
    ['not a pro', 'not a pro', 'not a pro', 'not a pro', 'there are', 'there are'],
  )
  assert.equal(typeof (await by.read(large)), 'object', 'and then there is room again')
})

test('when the gateway is stopped, what was being read comes to nothing, and nobody waits', async () => {
  const by = new CrlReader()
  const reading = by.read(large)
  await by[Symbol.asyncDispose]()
  assert.match(fault(await reading), /^could not be read: /)
})
