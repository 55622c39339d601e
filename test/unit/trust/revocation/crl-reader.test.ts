import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import type { TestContext } from 'node:test'
import { readCertificate } from '../../../../src/trust/certificate.ts'
import { CrlReader } from '../../../../src/trust/revocation/crl-reader.ts'
import type { NotNow } from '../../../../src/trust/revocation/crl-reader.ts'
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
const fault = (read: Crl | string | NotNow): string =>
  typeof read === 'string' ? read : 'notNow' in read ? `${read.notNow}: ${read.detail}` : 'nothing'

function plain(read: Crl | string | NotNow | undefined): unknown {
  assert.ok(read && typeof read !== 'string' && !('notNow' in read), read === undefined ? 'nothing' : fault(read))
  const { revoked, ...rest } = read
  return { ...rest, size: revoked.size, found: [serial(0), serial(19_999), serial(20_000)].map((n) => revoked.find(n)) }
}

const pem = (list: Buffer): string => `-----BEGIN X509 CRL-----\n${list.toString('base64')}\n-----END X509 CRL-----\n`

test('what is read on the thread is what is read at once, DER and PEM', async (t) => {
  const by = reader(t)
  for (const list of [small, large]) {
    assert.deepEqual(plain(await by.read(list)), plain(readCrl(list)))
    for (const file of [list, Buffer.from(pem(list))]) {
      const read = await by.readFile(file)
      assert.ok(!('notNow' in read) && read.length === 1)
      assert.deepEqual(plain(read[0]), plain(readCrl(list)))
    }
    assert.equal(typeof (await by.read(Buffer.from(pem(list)))), 'string', 'what is fetched is DER')
  }
})

suite('of a file with several, each is read, and of each that does not read it is said', () => {
  const words = '# words\n'.repeat(10_000)
  const cases: readonly (readonly [what: string, file: () => string, says: readonly RegExp[]])[] = [
    ['short', () => pem(small) + pem(small), [/^nothing/, /^nothing/]],
    ['many words around a small one', () => words + pem(small) + words, [/^nothing/]],
    ['small and large', () => pem(small) + words + pem(large) + pem(small), [/^nothing/, /^nothing/, /^nothing/]],
    [
      'one that is none among them',
      () => pem(small) + pem(Buffer.from('none')) + words + pem(small),
      [/^nothing/, /^not a proper CRL/, /^nothing/],
    ],
    ['one that is damaged', () => pem(small).replace('\n', '\n!') + pem(small), [/^not a proper CRL/, /^nothing/]],
    ['the last is cut off', () => pem(small) + pem(large).slice(0, -5), [/^nothing/, /^not a proper CRL/]],
    ['words alone', () => words, [/^not a proper CRL/]],
  ]
  for (const [what, file, says] of cases)
    test(what, async (t) => {
      const read = await reader(t).readFile(Buffer.from(file()))
      assert.ok(!('notNow' in read))
      assert.equal(read.length, says.length)
      for (const [i, one] of read.entries()) assert.match(fault(one), says[i]!)
    })

  test('so many of them', async (t) => {
    const read = await reader(t).readFile(Buffer.from(pem(small).repeat(1000)))
    assert.ok(!('notNow' in read) && read.length === 65)
    assert.equal(fault(read[63]!), 'nothing')
    assert.match(fault(read[64]!), /more than 64/)
  })
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
    assert.ok(typeof read !== 'string' && !('notNow' in read))
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
    read.map((one) => (typeof one === 'string' || 'notNow' in one ? fault(one) : Number(one.number))),
    [0, 1, 2, 3, 4, 5, 6, 7],
  )
  const huge = Buffer.alloc(2 ** 24 - 1)
  const all = await Promise.all(Array.from({ length: 6 }, () => by.read(huge)))
  assert.deepEqual(
    all.map((one) => fault(one).slice(0, 9)),
    ['not a pro', 'not a pro', 'not a pro', 'not a pro', 'busy: the', 'busy: the'],
  )
  assert.equal(typeof (await by.read(large)), 'object', 'and then there is room again')
})

test('what ends the thread costs itself and nothing else', async (t) => {
  const by = reader(t)
  // The thread finds no octets in it.
  const deadly = { length: 100_000 } as unknown as Buffer
  const read = await Promise.all([large, deadly, large, deadly, large].map((one) => by.read(one)))
  assert.deepEqual(
    read.map((one) => fault(one).slice(0, 4)),
    ['noth', 'lost', 'noth', 'lost', 'noth'],
  )
})

test('what keeps the thread too long is given up; the next is read, and there is room for as many as before', async (t) => {
  const by = reader(t)
  const huge = Buffer.alloc(2 ** 24 - 1)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const slow = [large, large, huge, huge, huge].map((one) => by.read(one))
  t.mock.timers.tick(30_000)
  t.mock.timers.reset()
  const read = await Promise.all(slow)
  assert.match(fault(read[0]!), /^lost: could not be read: not read within 30 s/)
  assert.equal(fault(read[1]!), 'nothing')
  const again = await Promise.all([huge, huge, huge, huge].map((one) => by.read(one)))
  assert.ok(again.every((one) => fault(one).startsWith('not a proper CRL')))
})

test('when the gateway is stopped, what was being read comes to nothing, and nobody waits', async () => {
  const by = new CrlReader()
  const reading = [by.read(large), by.read(large)]
  await by[Symbol.asyncDispose]()
  for (const one of await Promise.all(reading)) assert.match(fault(one), /^lost: the gateway is being stopped/)
})
