import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anchorsOf } from '../../../../src/trust/anchors.ts'
import { verifyCard } from '../../../../src/trust/card/verify-card.ts'
import { STANDARD, demandsOf } from '../../../../src/trust/demands.ts'
import type { Demands } from '../../../../src/trust/demands.ts'
import { verifyPeer } from '../../../../src/trust/verify.ts'
import { issue, makeCa } from '../../../support/pki.ts'
import type { Issued, IssueOptions } from '../../../support/pki.ts'
import { writeDer } from '../../../../src/trust/der.ts'

const ENCIPHERMENT = { oid: '2.5.29.15', critical: true, value: writeDer(0x03, Uint8Array.of(5, 0b0010_0000)) }
const ANY_USAGE = '2.5.29.37.0'
const MAIL = '1.3.6.1.5.5.7.3.4'

const users = await makeCa({ commonName: 'Cards' })
const between = await makeCa({ ca: users, commonName: 'Cards 1' })
const old = await Promise.all(([1, 2] as const).map((version) => makeCa({ ca: users, version })))
const partners = await makeCa({ commonName: 'Partners' })

const card = (o: Partial<IssueOptions>): Promise<Issued> =>
  issue({ ca: users, names: ['XMPP:juliet@corp.test'], ekus: ['clientAuth'], ...o })

const CARDS: readonly (readonly [what: string, made: Partial<IssueOptions>, reason: string | undefined])[] = [
  ['a card', {}, undefined],
  ['a card from an intermediate CA', { ca: between }, undefined],
  ['a card for every use, and for clients besides', { ekus: [ANY_USAGE, 'clientAuth'] }, undefined],
  ['a card for mail besides', { ekus: ['clientAuth', MAIL] }, undefined],
  ['a certificate of the CA of partners', { ca: partners }, 'SP-306'],
  ...old.map((ca, i) => [`one issued by a leaf of version ${i + 1}`, { ca }, 'SP-309'] as const),
  ['one forged', { forged: true }, 'SP-308'],
  ['one expired', { expired: true }, 'SP-302'],
  ['one not yet valid', { notYetValid: true }, 'SP-303'],
  ['one for servers', { ekus: ['serverAuth'] }, 'SP-318'],
  ['one for mail', { ekus: [MAIL] }, 'SP-314'],
  ['one that does not say what for', { ekus: [] }, 'SP-881'],
  ['one for every use', { ekus: [ANY_USAGE] }, 'SP-881'],
  ['one that does not say what its key is for', { without: ['2.5.29.15'] }, 'SP-881'],
  ['one whose key others keep', { extensions: [ENCIPHERMENT] }, 'SP-881'],
  ['one of a weak key', { key: 'rsa1024' }, 'SP-313'],
]

for (const [what, made, reason] of CARDS)
  test(`${what} ${reason === undefined ? 'opens' : `is refused with ${reason}`}`, async () => {
    const { chain } = await card(made)
    const trust = { anchors: anchorsOf([users.der], 'cards') }
    const verdict = verifyCard(chain, { trust, now: Date.now() })
    assert.equal(verdict.proven ? undefined : verdict.reason, reason, verdict.proven ? '' : verdict.detail)
    if (verdict.proven)
      assert.equal(verdict.path?.at(-1)?.fingerprint, anchorsOf([users.der], '').byFingerprint.keys().next().value)
  })

test('who shows nothing, or a partner who shows his own, is nobody', async () => {
  const trust = { anchors: anchorsOf([users.der], 'cards') }
  const nothing = verifyCard([], { trust, now: Date.now() })
  assert.ok(!nothing.proven && nothing.reason === 'SP-361')
  const partner = await issue({ ca: partners, names: ['partner.test', 'XMPP:juliet@corp.test'] })
  assert.ok(!verifyCard(partner.chain, { trust, now: Date.now() }).proven)
  const own = await issue({ names: ['XMPP:juliet@corp.test'], ekus: ['clientAuth'] })
  const selfSigned = verifyCard(own.chain, { trust, now: Date.now() })
  assert.ok(!selfSigned.proven && selfSigned.reason === 'SP-304')
  // Nor does a card prove a partner.
  const mine = await card({ names: ['partner.test'] })
  const theirs = { anchors: anchorsOf([partners.der], 'partners'), pins: [] }
  assert.ok(!verifyPeer(mine.chain, { domain: 'partner.test', trust: theirs, now: Date.now() }).proven)
})

test('an intermediate CA that cards do not bring is taken from ours', async () => {
  const { der } = await card({ ca: between })
  const anchors = anchorsOf([users.der], 'cards')
  assert.ok(!verifyCard([der], { trust: { anchors }, now: Date.now() }).proven)
  const helpers = anchorsOf([between.der], 'intermediates')
  const issuers = (subject: string) => helpers.bySubject.get(subject) ?? []
  assert.ok(verifyCard([der], { trust: { anchors, issuers }, now: Date.now() }).proven)
})

test('the profile and the policies that are demanded hold for cards too', async () => {
  const { chain } = await card({ key: 'rsa2048' })
  const trust = (demands: Demands) => ({ anchors: anchorsOf([users.der], 'cards'), demands })
  const ask = (demands: Demands): string => {
    const verdict = verifyCard(chain, { trust: trust(demands), now: Date.now() })
    return verdict.proven ? 'proven' : verdict.reason
  }
  assert.equal(ask(STANDARD), 'proven')
  assert.equal(ask(demandsOf(STANDARD, { profile: 'dod' })), 'SP-319')
  assert.equal(ask(demandsOf(STANDARD, { policies: ['2.16.840.1.101.3.2.1.3.13'] })), 'SP-317')
})
