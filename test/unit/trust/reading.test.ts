import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { loadAnchors } from '../../../src/trust/anchors.ts'
import { readCertificate } from '../../../src/trust/certificate.ts'
import {
  DerError,
  readAll,
  readBits,
  readBoolean,
  readDer,
  readInteger,
  readOid,
  readTime,
  writeDer,
  writeOid,
} from '../../../src/trust/der.ts'
import type { ExtensionValue } from '../../../src/trust/issue.ts'
import { issue, makeCa } from '../../support/pki.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

/** A sequence with this content, and more octets behind it. */
const within = (content: string) =>
  readAll(hex(`30 ${hex(content).length.toString(16).padStart(2, '0')} ${content} 04 01 00`))[0]!

const REFUSED: readonly (readonly [what: string, read: () => unknown])[] = [
  ['nothing', () => readDer(hex(''))],
  ['a tag without a length', () => readDer(hex('30'))],
  ['an indefinite length', () => readDer(hex('30 80 00 00'))],
  ['a long length where a short one does', () => readDer(hex('04 81 01 00'))],
  ['a length with a leading zero', () => readDer(hex(`04 82 00 80 ${'00'.repeat(128)}`))],
  ['a length beyond the end', () => readDer(hex('04 02 00'))],
  ['a length of four octets', () => readDer(hex('04 84 01 00 00 00'))],
  ['a tag number above 30', () => readDer(hex('1f 81 00'))],
  ['bytes after the value', () => readDer(hex('04 01 00 00'))],
  ['half a value in a run', () => readAll(hex('04 01 00 04'))],
  ['a value beyond the end of the one around it', () => readAll(within('04 02 00'))],
  ['the same where it is the only one', () => readDer(within('04 02 00'))],
  ['a value cut short by the end of the one around it', () => readAll(within('04 00 04'))],
  ['a length cut short by it', () => readAll(within('04 81'))],
  ['a value behind the only one', () => readDer(within('04 00 05 00'))],
  ['an empty boolean before other octets', () => readBoolean(readAll(within('01 00 02 01 ff'))[0])],
  ['an empty integer before other octets', () => readInteger(readAll(within('02 00 02 01 01'))[0])],
  ['an empty bit string before other octets', () => readBits(readAll(within('03 00 00 00'))[0])],
  ['an object identifier that goes on in the next value', () => readOid(readAll(within('06 02 55 81 01 00'))[0])],
  [
    'a time that goes on in the next value',
    () => readTime(readAll(within(`17 0c ${Buffer.from('260101000000').toString('hex')} 5a 00`))[0]),
  ],
  ['a boolean of 1', () => readBoolean(readDer(hex('01 01 01')))],
  ['a padded integer', () => readInteger(readDer(hex('02 02 00 01')))],
  ['a negative integer', () => readInteger(readDer(hex('02 01 ff')))],
  ['an empty integer', () => readInteger(readDer(hex('02 00')))],
  ['a padded object identifier', () => readOid(readDer(hex('06 03 55 80 01')))],
  ['an object identifier cut short', () => readOid(readDer(hex('06 02 55 81')))],
  ['a bit string with eight unused bits', () => readBits(readDer(hex('03 02 08 00')))],
  ['a time without a zone', () => readTime(readDer(writeDer(0x17, Buffer.from('260101000000'))))],
  ['the thirtieth of February', () => readTime(readDer(writeDer(0x17, Buffer.from('260230000000Z'))))],
  ['a time at 24 o’clock', () => readTime(readDer(writeDer(0x18, Buffer.from('20260101240000Z'))))],
  ['fractions of a second', () => readTime(readDer(writeDer(0x18, Buffer.from('20260101000000.5Z'))))],
]

for (const [what, read] of REFUSED)
  test(`DER refuses ${what}`, () => {
    assert.throws(read, DerError)
  })

const extension = (oid: string, body: string): ExtensionValue => ({ oid, critical: false, value: hex(body) })

// Each once was read by us and refused by OpenSSL, or read by both and seen otherwise.
const SEEN_OTHERWISE: readonly (readonly [what: string, extension: ExtensionValue])[] = [
  [
    'name constraints with the excluded first',
    extension('2.5.29.30', '30 14 a1 08 30 06 82 04 61 2e 62 63 a0 08 30 06 82 04 61 2e 62 64'),
  ],
  [
    'name constraints excluded twice',
    extension('2.5.29.30', '30 14 a1 08 30 06 82 04 61 2e 62 63 a1 08 30 06 82 04 61 2e 62 64'),
  ],
  ['an authority key identifier with a stranger in it', extension('2.5.29.35', '30 06 06 01 2a 80 01 00')],
  [
    'another name that is an object identifier, and is none',
    extension('2.5.29.17', '30 0a a0 08 06 02 2a 03 a0 02 06 00'),
  ],
  [
    'another name that is a bit string with 19 unused bits',
    extension('2.5.29.17', '30 0c a0 0a 06 02 2a 03 a0 04 03 02 13 00'),
  ],
  ['another name of no known type', extension('2.5.29.17', '30 0b a0 09 06 02 2a 03 a0 03 3d 01 00')],
  [
    'a directory name of an octet string',
    extension('2.5.29.17', '30 11 a4 0f 30 0d 31 0b 30 09 06 03 55 04 03 04 02 61 62'),
  ],
  [
    'a directory name with an attribute of three parts',
    extension('2.5.29.17', '30 13 a4 11 30 0f 31 0d 30 0b 06 03 55 04 03 0c 01 61 0c 01 61'),
  ],
]

for (const [what, extra] of SEEN_OTHERWISE)
  test(`no certificate: ${what}`, async () => {
    assert.equal(typeof readCertificate((await issue({ extensions: [extra] })).der), 'string')
  })

test('what is DER is read', () => {
  assert.equal(readInteger(readDer(hex('02 02 00 80'))), 128)
  assert.equal(readInteger(readDer(hex('02 05 01 00 00 00 00'))), Infinity)
  assert.equal(readBits(readDer(hex('03 02 01 06'))), 0b110_0000)
  assert.equal(readTime(readDer(writeDer(0x17, Buffer.from('491231235959Z')))), Date.UTC(2049, 11, 31, 23, 59, 59))
  assert.equal(readTime(readDer(writeDer(0x17, Buffer.from('500101000000Z')))), Date.UTC(1950, 0, 1))
  assert.equal(readTime(readDer(writeDer(0x18, Buffer.from('20500101000000Z')))), Date.UTC(2050, 0, 1))
})

test('the days that exist are read, and no others', () => {
  let existing = 0
  for (const year of [0, 1, 4, 99, 100, 400, 1900, 1999, 2000, 2023, 2024, 9999])
    for (let month = 0; month <= 13; month++)
      for (let day = 0; day <= 32; day++) {
        const digits = [year, month, day].map((n, i) => String(n).padStart(i === 0 ? 4 : 2, '0')).join('')
        const date = new Date(0)
        date.setUTCFullYear(year, month - 1, day)
        date.setUTCHours(23, 59, 58)
        const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
        const read = () => readTime(readDer(writeDer(0x18, Buffer.from(`${digits}235958Z`))))
        if (exists) assert.equal(read(), date.getTime(), digits)
        else assert.throws(read, DerError, digits)
        if (exists) existing += 1
      }
  assert.equal(existing, 12 * 365 + 5)
})

test('object identifiers and lengths are read as they are written', () => {
  for (const oid of ['2.5.29.17', '1.3.6.1.5.5.7.8.5', '0.9.2342', '2.999.1', '1.2.840.113549.1.1.11'])
    assert.equal(readOid(readDer(writeOid(oid))), oid)
  for (const length of [0, 127, 128, 255, 256, 65_535, 65_536])
    assert.equal(readDer(writeDer(4, Buffer.alloc(length))).content.length, length)
})

test('every certificate of the system’s store is read', async () => {
  const { anchors, findings } = await loadAnchors('system')
  assert.ok(anchors.size > 50)
  assert.deepEqual(
    findings.filter(({ severity }) => severity === 'error'),
    [],
  )
})

test('a certificate with any byte changed is read or refused, never thrown at', async () => {
  const ca = await makeCa({ excluded: ['corp.test', 'IP:c0000200ffffff00'], pathLength: 1 })
  const names = ['a.test', 'SRV:_xmpp-server.a.test', 'XMPP:a.test', '192.0.2.1', 'EMAIL:x@a.test']
  const samples = [ca.der, (await issue({ ca, names })).der]
  const seen = { read: 0, refused: 0 }
  fc.assert(
    fc.property(fc.constantFrom(...samples), fc.nat(), fc.integer({ min: 1, max: 255 }), (der, at, flip) => {
      const bytes = Buffer.from(der)
      bytes[at % bytes.length]! ^= flip
      seen[typeof readCertificate(bytes) === 'string' ? 'refused' : 'read']++
    }),
    { numRuns: 1500 },
  )
  assert.ok(seen.read > 100 && seen.refused > 100, JSON.stringify(seen))
})

test('a name with a NUL in it makes no certificate', async () => {
  const leaf = await issue({ names: ['partner.test\u0000.other.test'] })
  const read = readCertificate(leaf.der)
  assert.ok(typeof read === 'string')
  assert.match(read, /control character/)
})

test('what is read stays as it was, whatever becomes of the bytes it came in', async () => {
  const { der } = await issue({ names: ['partner.test'] })
  const bytes = Buffer.from(der)
  const first = readCertificate(bytes)
  bytes.fill(0)
  const again = readCertificate(der)
  assert.equal(first, again)
  assert.ok(typeof again === 'object' && again.raw.equals(der))
})
