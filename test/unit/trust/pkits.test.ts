// The Public Key Interoperability Test Suite against the path check and, where a row has CRLs, against what they say:
// test/cases/pkits/README.md says what is in it.
//
// Rule 1: every row is judged; a row whose verdict is not the document's stands in a table here, with the reason.
// Rule 2: what is outside our claims is refused, never accepted.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { anchorsOf } from '../../../src/trust/anchors.ts'
import { readCertificate } from '../../../src/trust/certificate.ts'
import type { Certificate } from '../../../src/trust/certificate.ts'
import { STANDARD } from '../../../src/trust/demands.ts'
import { findPath } from '../../../src/trust/path.ts'
import { OID_ANY_POLICY } from '../../../src/trust/policy-extensions.ts'
import { judgeRevocation } from '../../../src/trust/revocation/crl-judge.ts'
import { readCrl } from '../../../src/trust/revocation/crl.ts'

interface Row {
  readonly test: string
  readonly endEntity: string
  readonly intermediates: readonly string[]
  readonly crls?: readonly string[]
  readonly demanded?: readonly string[]
  readonly valid: boolean
}

const FOLDER = join(import.meta.dirname, '../../cases/pkits')
const NOW = Date.UTC(2026, 0, 1)

const rows = (file: string): readonly Row[] => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as readonly Row[]
const der = (file: string): Buffer => readFileSync(join(FOLDER, 'certs', file))

const anchors = anchorsOf([der('TrustAnchorRootCertificate.crt')], 'PKITS')

/** `valid`, or the reason why not. */
function verdict({ endEntity, intermediates, demanded = [], crls }: Row): string {
  const read = [endEntity, ...intermediates].map((file) => readCertificate(der(file)))
  if (read.some((one) => typeof one === 'string')) return 'SP-315'
  const policies = demanded.map((word) =>
    word === 'any' ? OID_ANY_POLICY : `2.16.840.1.101.3.2.1.48.${word.slice(1)}`,
  )
  const chain = read as [Certificate, ...Certificate[]]
  const found = findPath(chain, { anchors, demands: { ...STANDARD, policies }, now: NOW })
  if ('reason' in found) return found.reason
  if (!crls) return 'valid'
  const lists = crls.map((file) => readCrl(readFileSync(join(FOLDER, 'crls', file))))
  const standing = judgeRevocation({
    path: found.path,
    crls: lists.filter((list) => typeof list !== 'string'),
    at: NOW,
    others: chain,
  })
  return standing.status === 'good' ? 'valid' : standing.reason
}

const INDIRECT = 'an indirect CRL, whose signer speaks for other CAs'

/** Refused although the document says valid. */
const OUTSIDE: Readonly<Record<string, readonly [reason: string, why: string]>> = {
  '4.1.4': ['SP-313', 'DSA: withdrawn by FIPS 186-5, and no peer shows it'],
  '4.1.5': ['SP-313', 'DSA'],
  '4.14.22': ['SP-342', INDIRECT],
  '4.14.24': ['SP-342', INDIRECT],
  '4.14.25': ['SP-342', INDIRECT],
  '4.14.28': ['SP-342', INDIRECT],
  '4.14.29': ['SP-342', INDIRECT],
  '4.14.30': ['SP-342', INDIRECT],
  '4.14.33': ['SP-342', INDIRECT],
}

const all = [...rows('tests.json'), ...rows('name-constraints.json'), ...rows('policies.json')]

for (const row of all) {
  const outside = OUTSIDE[row.test]
  const under = row.demanded ? ` under ${row.demanded.join(' or ') || 'nothing'}` : ''
  const title = `${row.test} ${row.endEntity.slice(0, -4)}${under}`
  if (outside)
    test(`${title}: refused, ${outside[1]}`, () => {
      assert.ok(row.valid)
      assert.equal(verdict(row), outside[0])
    })
  else
    test(`${title}: ${row.valid ? 'valid' : 'invalid'}`, () => {
      const said = verdict(row)
      assert.equal(said === 'valid', row.valid, said)
    })
}

test('every section of the suite is there, and the tables name rows that exist', () => {
  const count = new Map<string, number>()
  for (const row of all) {
    const section = row.test.split('.').slice(0, 2).join('.')
    count.set(section, (count.get(section) ?? 0) + 1)
  }
  assert.equal(rows('tests.json').length, 174)
  assert.equal(count.get('4.13'), 38)
  assert.deepEqual([...count.keys()].toSorted(), Array.from({ length: 16 }, (_, i) => `4.${i + 1}`).toSorted())
  for (const name of Object.keys(OUTSIDE))
    assert.ok(
      all.some((row) => row.test === name),
      name,
    )
})
