import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import { anchorsOf } from '../../../../src/trust/anchors.ts'
import { TAG, writeDer } from '../../../../src/trust/der.ts'
import { findPath } from '../../../../src/trust/path.ts'
import { judgeRevocation } from '../../../../src/trust/revocation/crl-judge.ts'
import { LARGEST_CRL_BYTES, readCrl } from '../../../../src/trust/revocation/crl.ts'
import { crl, distributionPoints, extension, pointName, serialOf } from '../../../support/crl.ts'
import type { CrlOptions, RevokedEntry } from '../../../support/crl.ts'
import { issue, makeCa } from '../../../support/pki.ts'
import type { Issued } from '../../../support/pki.ts'
import { certificate, list } from './read.ts'

const DAY = 86_400_000
const now = Date.now()
const POINT = 'http://crl.test/ca.crl'

let root: Issued
let ca: Issued
let leaf: Issued
let stranger: Issued
/** What the root says, so that only the leaf is in question. */
let above: Buffer

before(async () => {
  root = await makeCa({ commonName: 'Root' })
  ca = await makeCa({ ca: root, commonName: 'CA' })
  leaf = await issue({ ca, names: ['partner.test'], extensions: [distributionPoints(POINT)] })
  stranger = await makeCa({ commonName: 'Stranger' })
  above = crl({ ca: root })
})

/** What is wrong with a list that does not read. */
function faultOf(der: Buffer): string {
  const read = readCrl(der)
  assert.ok(typeof read === 'string')
  return read
}

/** `good`, or status and reason. */
function judge(crls: readonly Buffer[], o: { of?: Issued; others?: readonly Issued[]; at?: number } = {}): string {
  const [first, ...rest] = (o.of ?? leaf).chain.map((der) => certificate({ der }))
  const found = findPath([first!, ...rest], { anchors: anchorsOf([root.der], 'test'), now })
  assert.ok('path' in found, JSON.stringify(found))
  const others = (o.others ?? []).map(certificate)
  const standing = judgeRevocation({ path: found.path, crls: crls.map(list), at: o.at ?? now, others })
  return standing.status === 'good' ? 'good' : `${standing.status} ${standing.reason}`
}

test('what the CRLs of a chain say about it', async (t) => {
  const DISTANT = Buffer.of(0x81, 1, 0xff)
  const cases: readonly (readonly [what: string, says: string, crls: () => readonly Buffer[]])[] = [
    ['nothing is revoked', 'good', () => [crl({ ca }), above]],
    ['the leaf is revoked', 'revoked SP-332', () => [crl({ ca, revoked: [leaf] }), above]],
    ['another is revoked', 'good', () => [crl({ ca, revoked: [{ serial: Buffer.of(5) }] }), above]],
    ['the CA is revoked', 'revoked SP-333', () => [crl({ ca }), crl({ ca: root, revoked: [ca] })]],
    ['the CA is revoked, and nothing is known of the leaf', 'revoked SP-333', () => [crl({ ca: root, revoked: [ca] })]],
    ['the leaf is revoked, and nothing is known of the CA', 'revoked SP-332', () => [crl({ ca, revoked: [leaf] })]],
    ['there is no list', 'unknown SP-334', () => [above]],
    ['there is none of the root', 'unknown SP-334', () => [crl({ ca })]],
    ['the list is of another CA', 'unknown SP-334', () => [crl({ ca: stranger }), above]],
    ['it is out of date', 'unknown SP-339', () => [crl({ ca, nextUpdate: new Date(now - 1000) }), above]],
    [
      'it says revoked and is out of date',
      'unknown SP-339',
      () => [crl({ ca, revoked: [leaf], nextUpdate: new Date(now - 1000) }), above],
    ],
    ['it does not say until when it holds', 'unknown SP-339', () => [crl({ ca, nextUpdate: 'none' }), above]],
    [
      'it is from tomorrow',
      'unknown SP-339',
      () => [crl({ ca, thisUpdate: new Date(now + DAY), nextUpdate: new Date(now + 2 * DAY) }), above],
    ],
    ['another signed it', 'unknown SP-340', () => [crl({ ca, signer: stranger }), above]],
    [
      'another signed it and says revoked',
      'unknown SP-340',
      () => [crl({ ca, signer: stranger, revoked: [leaf] }), above],
    ],
    [
      'a critical extension is not understood',
      'unknown SP-342',
      () => [crl({ ca, extensions: [extension('1.2.3.4', Buffer.of(5, 0), true)] }), above],
    ],
    [
      'one that is not critical',
      'good',
      () => [crl({ ca, extensions: [extension('1.2.3.4', Buffer.of(5, 0))] }), above],
    ],
    [
      'a critical extension of some entry is not understood',
      'unknown SP-342',
      () => [
        crl({ ca, revoked: [{ serial: Buffer.of(5), extensions: [extension('2.5.29.29', Buffer.of(5, 0), true)] }] }),
        above,
      ],
    ],
    ['the list is indirect', 'unknown SP-342', () => [crl({ ca, scope: [Buffer.of(0x84, 1, 0xff)] }), above]],
    ['it is for its distribution point', 'good', () => [crl({ ca, scope: [pointName(POINT)] }), above]],
    [
      'it is for another',
      'unknown SP-334',
      () => [crl({ ca, scope: [pointName('http://crl.test/other.crl')] }), above],
    ],
    ['it is for CAs only', 'unknown SP-334', () => [crl({ ca, scope: [Buffer.of(0x82, 1, 0xff)] }), above]],
    ['it is for others only', 'good', () => [crl({ ca, scope: [DISTANT] }), above]],
    ['it is for some reasons only', 'unknown SP-334', () => [crl({ ca, scope: [Buffer.of(0x83, 2, 5, 0x60)] }), above]],
    [
      'two lists together are for all reasons',
      'good',
      () => [
        crl({ ca, scope: [Buffer.of(0x83, 2, 5, 0x60)] }),
        crl({ ca, scope: [Buffer.of(0x83, 3, 7, 0x1f, 0x80)] }),
        above,
      ],
    ],
    [
      'one for some reasons says revoked',
      'revoked SP-332',
      () => [crl({ ca, scope: [Buffer.of(0x83, 2, 5, 0x60)], revoked: [leaf] }), above],
    ],
    ['there is a delta alone', 'unknown SP-342', () => [crl({ ca, number: 2, base: 1 }), above]],
    [
      'a delta revokes',
      'revoked SP-332',
      () => [crl({ ca, number: 1 }), crl({ ca, number: 2, base: 1, revoked: [leaf] }), above],
    ],
    [
      'a delta takes off the list',
      'good',
      () => [
        crl({ ca, number: 1, revoked: [{ serial: serialOf(leaf), reason: 6 }] }),
        crl({ ca, number: 2, base: 1, revoked: [{ serial: serialOf(leaf), reason: 8 }] }),
        above,
      ],
    ],
    [
      'a delta to a later list is not for this one',
      'good',
      () => [crl({ ca, number: 1 }), crl({ ca, number: 3, base: 2, revoked: [leaf] }), above],
    ],
    [
      'a delta of a forger',
      'revoked SP-332',
      () => [
        crl({ ca, number: 1, revoked: [leaf] }),
        crl({ ca, number: 2, base: 1, signer: stranger, revoked: [{ serial: serialOf(leaf), reason: 8 }] }),
        above,
      ],
    ],
    [
      'a bad list beside a good one',
      'good',
      () => [crl({ ca, signer: stranger, revoked: [leaf] }), crl({ ca }), above],
    ],
  ]
  for (const [what, says, crls] of cases) await t.test(what, () => assert.equal(judge(crls()), says))
})

suite('of several lists that hold, the newest counts, in whatever order they lie there', () => {
  const HOUR = 3_600_000
  const aged = (hours: number, o: Partial<CrlOptions>): Buffer =>
    crl({ ca, thisUpdate: new Date(now - hours * HOUR), nextUpdate: new Date(now + (24 - hours) * HOUR), ...o })
  const hold = (): RevokedEntry => ({ serial: serialOf(leaf), reason: 6 })
  const keyId = (octet: number): Buffer =>
    extension('2.5.29.35', writeDer(TAG.sequence, writeDer(0x80, Buffer.of(octet))))
  const cases: readonly (readonly [what: string, says: string, crls: () => readonly Buffer[]])[] = [
    [
      'it revokes',
      'revoked SP-332',
      () => [aged(20, { number: 1 }), aged(10, { number: 2 }), aged(1, { number: 3, revoked: [leaf] })],
    ],
    ['it revokes, and they have no numbers', 'revoked SP-332', () => [aged(20, {}), aged(1, { revoked: [leaf] })]],
    [
      'of the same second, the higher number',
      'revoked SP-332',
      () => [aged(1, { number: 1 }), aged(1, { number: 2, revoked: [leaf] })],
    ],
    ['it has ended a hold', 'good', () => [aged(20, { number: 1, revoked: [hold()] }), aged(1, { number: 2 })]],
    [
      'it is a forgery',
      'revoked SP-332',
      () => [aged(20, { number: 1, revoked: [leaf] }), aged(1, { number: 2, signer: stranger })],
    ],
    [
      'number and time contradict each other: then each counts',
      'revoked SP-332',
      () => [aged(20, { number: 9, revoked: [leaf] }), aged(1, { number: 1 })],
    ],
    [
      'they are of different scope: then each counts',
      'revoked SP-332',
      () => [aged(20, { number: 1, revoked: [leaf] }), aged(1, { number: 2, scope: [pointName(POINT)] })],
    ],
    [
      'they name different keys: then each counts',
      'revoked SP-332',
      () => [aged(20, { extensions: [keyId(1)], revoked: [leaf] }), aged(1, { extensions: [keyId(2)] })],
    ],
    [
      'a delta goes with it',
      'revoked SP-332',
      () => [aged(20, { number: 1 }), aged(9, { number: 2 }), aged(1, { number: 3, base: 1, revoked: [leaf] })],
    ],
  ]
  for (const [what, says, crls] of cases)
    test(what, () => {
      const lists = crls()
      for (const order of [lists, lists.toReversed()]) assert.equal(judge([...order, above]), says)
    })
})

test('a certificate that is good is so until the first of its lists is due', () => {
  const path = [leaf, ca, root].map(certificate)
  const soon = Math.floor((now + 3_600_000) / 1000) * 1000
  const standing = judgeRevocation({
    path,
    crls: [crl({ ca }), crl({ ca: root, nextUpdate: new Date(soon) })].map(list),
    at: now,
  })
  assert.deepEqual(standing, { status: 'good', until: soon, by: 'list' })
})

test('a key of its own for CRLs needs a path to the same anchor, and must not be revoked', async () => {
  const keyForCrls = await makeCa({ ca: root, commonName: 'CA' })
  const forged = await makeCa({ ca: stranger, commonName: 'CA' })
  const lists = [crl({ ca, signer: keyForCrls }), above]
  assert.equal(judge(lists, { others: [keyForCrls] }), 'good')
  assert.equal(judge(lists), 'unknown SP-340', 'a signer that is not at hand')
  assert.equal(judge([crl({ ca, signer: forged }), above], { others: [forged] }), 'unknown SP-340')
  const revoked = [crl({ ca, signer: keyForCrls }), crl({ ca: root, revoked: [keyForCrls] })]
  assert.equal(judge(revoked, { others: [keyForCrls] }), 'unknown SP-340')
})

test('a CA whose key usage leaves out signing CRLs signs none', async () => {
  const silent = await makeCa({
    ca: root,
    commonName: 'Silent',
    extensions: [{ oid: '2.5.29.15', critical: true, value: Buffer.from('03020204', 'hex') }],
  })
  const under = await issue({ ca: silent, names: ['partner.test'] })
  assert.equal(judge([crl({ ca: silent }), above], { of: under }), 'unknown SP-340')
})

test('a number on a list is not written with padding', () => {
  assert.ok(list(crl({ ca, revoked: [{ serial: Buffer.of(0x7f) }] })).revoked.find(Buffer.of(0x7f)))
  assert.match(faultOf(crl({ ca, revoked: [{ serial: Buffer.of(0, 0x7f) }] })), /padded/)
})

test('100,000 entries: each is found, none besides, and the index takes eight bytes an entry', () => {
  const serial = (i: number): Buffer => Buffer.from(`4a${i.toString(16).padStart(30, '0')}`, 'hex')
  const at = new Date(now - DAY)
  const revoked = Array.from({ length: 100_000 }, (_, i) => ({ serial: serial(i), reason: i % 7, at }))
  const { revoked: serials, bytes } = list(crl({ ca, revoked }))
  assert.equal(serials.size, 100_000)
  assert.ok(bytes + serials.size * 8 < 20_000_000)
  for (let i = 0; i < 100_000; i++) assert.equal(serials.find(serial(i))?.reason, i % 7)
  for (let i = 100_000; i < 200_000; i++) assert.equal(serials.find(serial(i)), undefined)
})

suite('a list that is built to cost whoever reads it is refused before it does', () => {
  const nothing = Buffer.of(0x30, 0)
  const many = (piece: Buffer, count = 1_000_000): Buffer => Buffer.alloc(piece.length * count, piece)
  const extensions = many(extension('1.2.3', Buffer.of(5, 0), true), 100_000)
  const cases: readonly (readonly [what: string, says: RegExp, make: () => Buffer])[] = [
    ['a million parts', /too many parts/, () => writeDer(TAG.sequence, many(nothing))],
    ['a million fields', /too many parts/, () => writeDer(TAG.sequence, writeDer(TAG.sequence, many(nothing)))],
    ['a million extensions', /a part of/, () => crl({ ca, extensions: [extensions] })],
    ['half a million names of its place', /a part of/, () => crl({ ca, scope: [many(pointName(POINT), 500_000)] })],
    [
      'a hundred names of its place',
      /too many parts/,
      () => crl({ ca, scope: [writeDer(0xa0, writeDer(0xa0, many(Buffer.of(0x86, 1, 0x61), 100)))] }),
    ],
    [
      'a million extensions of an entry',
      /too long/,
      () => crl({ ca, revoked: [{ serial: Buffer.of(5), extensions: [extensions] }] }),
    ],
  ]
  for (const [what, says, make] of cases) test(what, () => assert.match(faultOf(make()), says))
  test('an issuer with a name without end', async () => {
    const long = await makeCa({ commonName: 'x'.repeat(10_000) })
    assert.match(faultOf(crl({ ca: long })), /a part of/)
  })
})

test('of a thousand places that a certificate names, a few are held against the lists', async () => {
  const places = Array.from({ length: 1000 }, (_, i) => `http://crl.test/${i}`)
  const hostile = await issue({ ca, names: ['partner.test'], extensions: [distributionPoints(...places)] })
  const scoped = (place: string): Buffer => crl({ ca, scope: [pointName(place)] })
  assert.equal(judge([scoped(places[3]!), above], { of: hostile }), 'good')
  assert.equal(judge([scoped(places[999]!), above], { of: hostile }), 'unknown SP-334')
})

test('what is no CRL says so: cut short, too long, padded, changed, garbage', () => {
  const whole = crl({ ca, revoked: [leaf, { serial: Buffer.of(1), reason: 1 }], number: 1, scope: [pointName(POINT)] })
  assert.equal(typeof readCrl(whole), 'object')
  for (let end = 0; end < whole.length; end++) assert.equal(typeof readCrl(whole.subarray(0, end)), 'string')
  assert.match(faultOf(Buffer.concat([whole, Buffer.of(0)])), /bytes after/)
  assert.match(faultOf(Buffer.alloc(LARGEST_CRL_BYTES + 1)), /bytes$/)
  let read = 0
  for (let i = 0; i < whole.length; i++) {
    const changed = Buffer.from(whole)
    changed[i]! ^= 0xff
    const result = readCrl(changed)
    // Whatever it is now, it is not signed.
    if (typeof result === 'string') continue
    read++
    assert.notEqual(judge([changed, above]), 'good', `octet ${i}`)
    assert.ok(!judge([changed, above]).startsWith('revoked'), `octet ${i}`)
  }
  assert.ok(read > 100, `only ${read} of the changed ones read`)
  assert.match(faultOf(writeDer(TAG.sequence, writeDer(TAG.sequence))), /not a proper CRL/)
})
