// What a certificate must be for: every extended key usage × every demand × both sides of TLS × what the CA permits.

import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { anchorsOf } from '../../../src/trust/anchors.ts'
import { writeDer, writeOid } from '../../../src/trust/der.ts'
import { STANDARD, demandsOf, type PeerSide } from '../../../src/trust/demands.ts'
import type { Purposes } from '../../../src/trust/profiles/profile.ts'
import { OID_CLIENT_AUTH, OID_SERVER_AUTH } from '../../../src/trust/extensions.ts'
import { verifyPeer } from '../../../src/trust/verify.ts'
import { issue, makeCa } from '../../support/pki.ts'
import type { Issued } from '../../support/pki.ts'

const ANY = '2.5.29.37.0'
const MAIL = '1.3.6.1.5.5.7.3.4'
const OK = 'proven'

/** What comes of the peer as client and as server, by demand; `[either], [own-side], [both]`. */
type Outcome = readonly [either: string, client: string, server: string, both: string]

const NEITHER: Outcome = ['SP-314', 'SP-314', 'SP-314', 'SP-314']
const EVERY: Outcome = [OK, OK, OK, OK]
const SERVER: Outcome = [OK, 'SP-318', OK, 'SP-318']
const CLIENT: Outcome = [OK, OK, 'SP-318', 'SP-318']

const MATRIX: readonly (readonly [leaf: readonly string[], ca: readonly string[], outcome: Outcome])[] = [
  [['serverAuth', 'clientAuth'], [], EVERY],
  [['serverAuth'], [], SERVER],
  [['clientAuth'], [], CLIENT],
  [[], [], EVERY],
  [[ANY], [], EVERY],
  [[MAIL], [], NEITHER],
  [[MAIL, 'serverAuth'], [], SERVER],
  [[MAIL, ANY], [], EVERY],
  [['serverAuth', 'clientAuth'], [OID_SERVER_AUTH], SERVER],
  [['serverAuth', 'clientAuth'], [OID_CLIENT_AUTH], CLIENT],
  [['serverAuth', 'clientAuth'], [OID_SERVER_AUTH, OID_CLIENT_AUTH], EVERY],
  [['serverAuth', 'clientAuth'], [MAIL], NEITHER],
  [['serverAuth', 'clientAuth'], [ANY], EVERY],
  [[], [OID_SERVER_AUTH], SERVER],
  [['serverAuth'], [OID_CLIENT_AUTH], NEITHER],
]

let root: Issued

before(async () => {
  root = await makeCa()
})

function said(leaf: Issued, purposes: Purposes, side: PeerSide): string {
  const verdict = verifyPeer(leaf.chain, {
    domain: 'partner.test',
    trust: { anchors: anchorsOf([root.der], 'test'), pins: [], demands: { ...STANDARD, purposes } },
    side,
    now: Date.now(),
  })
  return verdict.proven ? OK : verdict.reason
}

const text = (usages: readonly string[]): string => usages.join(' and ') || 'no usage'

for (const [usages, permitted, [either, client, server, both]] of MATRIX)
  test(`${text(usages)} below a CA of ${text(permitted)}`, async () => {
    const value = writeDer(0x30, ...permitted.map(writeOid))
    const extensions = permitted.length > 0 ? [{ oid: '2.5.29.37', critical: false, value }] : []
    const leaf = await issue({ ca: await makeCa({ ca: root, extensions }), names: ['partner.test'], ekus: usages })
    const outcomes = (['client', 'server'] as const).map((side) =>
      (['either', 'own-side', 'both'] as const).map((purposes) => said(leaf, purposes, side)),
    )
    assert.deepEqual(outcomes, [
      [either, client, both],
      [either, server, both],
    ])
  })

test('the profile standard takes a certificate for servers only, whichever side the peer is on', () => {
  assert.deepEqual([STANDARD.purposes, STANDARD.policies, STANDARD.profile.name], ['either', [], 'standard'])
})

test('a stricter profile asks for more than the settings and the entry say', () => {
  for (const profile of ['nato', 'dod'] as const) {
    const demands = demandsOf(STANDARD, { purposes: 'either', profile })
    assert.deepEqual([demands.purposes, demands.profile.name], ['own-side', profile])
  }
  assert.equal(demandsOf(demandsOf(STANDARD, { profile: 'dod' }), { profile: 'nato' }).profile.name, 'dod')
})

test('a partner is asked for no less than the gateway asks of all', () => {
  const words = ['either', 'own-side', 'both'] as const
  for (const [i, ours] of words.entries())
    for (const [j, theirs] of words.entries()) {
      const { purposes } = demandsOf({ ...STANDARD, purposes: ours }, { purposes: theirs })
      assert.equal(purposes, words[Math.max(i, j)])
    }
  const all = { ...STANDARD, purposes: 'both', policies: ['1.2.3'] } as const
  assert.deepEqual(demandsOf(all, {}), all)
  assert.deepEqual(demandsOf(all, { policies: [] }).policies, ['1.2.3'])
  assert.deepEqual(demandsOf(all, { policies: ['1.2.4'] }).policies, ['1.2.4'])
})
