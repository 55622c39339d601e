// What a key is that is not known: ordinary, or a change that somebody should look at.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anchorsOf } from '../../../src/trust/anchors.ts'
import type { PeerSide } from '../../../src/trust/demands.ts'
import {
  isUnusual,
  keyCertificate,
  keyChange,
  type ComparedKey,
  type KeyChange,
} from '../../../src/trust/known-keys.ts'
import { verifyPeer } from '../../../src/trust/verify.ts'
import { issue, makeCa, type Issued } from '../../support/pki.ts'

const DAY = 86_400_000
const BEGIN = Date.parse('2026-01-01T00:00:00Z')

interface Key {
  readonly spki?: string
  readonly issuer?: string
  readonly anchor?: string
  readonly sides?: readonly PeerSide[]
  /** The day on which it begins. */
  readonly from?: number
  readonly change?: KeyChange
}

/** For ninety days, from the beginning of the year on. */
const known = ({
  spki = 'a',
  issuer = 'i1',
  anchor = 'root',
  sides = ['client', 'server'],
  from = 0,
  change = 'first',
}: Key = {}): ComparedKey => ({
  certificate: {
    subject: '',
    issuer: '',
    names: [],
    notBefore: new Date(BEGIN + from * DAY).toISOString(),
    notAfter: new Date(BEGIN + (from + 90) * DAY).toISOString(),
    spki,
    key: '',
    issuerKey: issuer,
    anchorKey: anchor,
  },
  sides,
  change,
  firstSeen: BEGIN + from * DAY,
})

const TOLD: ComparedKey = { certificate: undefined, sides: [], change: 'told', firstSeen: BEGIN }

/** Confirmed when the first one was due. */
const MOVED = known({ spki: 'm', issuer: 'i2', anchor: 'r2', from: 60, change: 'other-ca' })

/** Keys that came one after the other, each in the place of one that was due. */
const renewals = (...days: number[]): ComparedKey[] =>
  days.map((from) => known({ spki: `r${from}`, from, change: 'renewed' }))

const CASES: readonly (readonly [
  what: string,
  known: readonly ComparedKey[],
  shown: Key,
  day: number,
  is: KeyChange,
])[] = [
  ['the first of all', [], {}, 0, 'first'],
  ['when the known one is due', [known()], { spki: 'b' }, 30, 'renewed'],
  ['when the known one has ended', [known()], { spki: 'b' }, 400, 'renewed'],
  ['by another intermediate of the same root', [known()], { spki: 'b', issuer: 'i2' }, 60, 'renewed'],
  ['by the same intermediate under another root', [known()], { spki: 'b', anchor: 'cross' }, 60, 'renewed'],
  ['when one of two known ones is due', [known(), known({ spki: 'c' })], { spki: 'b' }, 60, 'renewed'],
  ['long before the known one is due', [known()], { spki: 'b' }, 29, 'early'],
  ['by another CA, due or not', [known()], { spki: 'b', issuer: 'x', anchor: 'y' }, 89, 'other-ca'],
  ['by nobody, where a CA was', [known()], { spki: 'b', issuer: 'b', anchor: 'b' }, 89, 'self-signed'],
  ['the first on the other side', [known({ sides: ['client'] })], { spki: 'b' }, 1, 'other-side'],
  [
    'on the other side by another CA',
    [known({ sides: ['client'] })],
    { spki: 'b', issuer: 'x', anchor: 'y' },
    1,
    'other-ca',
  ],
  ['where others were named, and none was seen', [TOLD], {}, 0, 'not-told'],
  ['where one was named besides', [TOLD, known()], { spki: 'b' }, 60, 'renewed'],
  ['two days after a renewal', [known(), ...renewals(60)], { spki: 'b' }, 62, 'early'],
  ['a cycle after a renewal', [known(), ...renewals(60)], { spki: 'b' }, 120, 'renewed'],
  ['a day after the second renewal', [known(), ...renewals(60, 120)], { spki: 'b' }, 121, 'early'],
  ['a year of renewals later', [known(), ...renewals(60, 120, 180, 240, 300)], { spki: 'b' }, 301, 'early'],
  ['the second server of a cluster', [known(), known({ spki: 'c' }), ...renewals(60)], { spki: 'b' }, 61, 'renewed'],
  ['when both have renewed', [known(), known({ spki: 'c' }), ...renewals(60, 61)], { spki: 'b' }, 62, 'early'],
  ['both again', [known(), known({ spki: 'c' }), ...renewals(60, 61, 120)], { spki: 'b' }, 121, 'renewed'],
  ['both again, and one more', [known(), known({ spki: 'c' }), ...renewals(60, 61, 120, 121)], {}, 122, 'early'],
  ['both again, an old one forgotten', [known(), ...renewals(60, 61, 120)], { spki: 'b' }, 121, 'renewed'],
  ['after a named one took the place', [known(), known({ spki: 'n', from: 60, change: 'told' })], {}, 61, 'early'],
  ['after a confirmed one of another CA took the place', [known(), MOVED], {}, 61, 'early'],
  ['of that other CA then', [known(), MOVED], { issuer: 'i2', anchor: 'r2' }, 61, 'early'],
  ['of that other CA when that one is due', [known(), MOVED], { issuer: 'i2', anchor: 'r2' }, 90, 'renewed'],
  ['of the second server of a cluster that moves', [known(), known({ spki: 'c' }), MOVED], {}, 61, 'renewed'],
  ['after a confirmed one besides', [known(), known({ spki: 'n', from: 10, change: 'early' })], {}, 60, 'renewed'],
]

for (const [what, before, shown, day, is] of CASES) {
  test(`a key that is not known, ${what}: ${is}`, () => {
    const certificate = known({ spki: 'z', ...shown }).certificate ?? assert.fail()
    assert.equal(keyChange(before, certificate, { side: 'server', now: BEGIN + day * DAY }), is)
  })
}

test('what is unusual is what no ordinary renewal explains', () => {
  const all: readonly KeyChange[] = [
    'first',
    'other-side',
    'renewed',
    'early',
    'other-ca',
    'self-signed',
    'not-told',
    'told',
  ]
  assert.deepEqual(all.filter(isUnusual), ['early', 'other-ca', 'self-signed', 'not-told'])
})

test('a validated path tells whose the key is, and who vouches for it', async () => {
  const root = await makeCa()
  const middle = await makeCa({ ca: root })
  const path = (leaf: Issued, anchor: Issued) => {
    const trust = { anchors: anchorsOf([anchor.der], 'test'), pins: [] }
    const verdict = verifyPeer(leaf.chain, { domain: 'p.test', trust, now: Date.now() })
    assert.ok(verdict.proven && verdict.path, JSON.stringify(verdict))
    const { spki, issuerKey, anchorKey, names } = keyCertificate(verdict.path) ?? assert.fail()
    assert.deepEqual(names, ['DNS:p.test'])
    return { spki, issuerKey, anchorKey }
  }
  const leaf = await issue({ ca: middle, names: ['p.test'] })
  assert.deepEqual(path(leaf, root), { spki: leaf.pin, issuerKey: middle.pin, anchorKey: root.pin })
  const alone = await issue({ names: ['p.test'] })
  assert.deepEqual(path(alone, alone), { spki: alone.pin, issuerKey: alone.pin, anchorKey: alone.pin })
  assert.equal(keyCertificate([]), undefined)
})
