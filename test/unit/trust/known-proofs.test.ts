import { equal, notEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { anchorsOf } from '../../../src/trust/anchors.ts'
import { KnownProofs } from '../../../src/trust/known-proofs.ts'
import type { Verdict } from '../../../src/trust/verdict.ts'
import type { VerifyOptions } from '../../../src/trust/verify.ts'
import { issue, makeCa } from '../../support/pki.ts'

const DAY = 86_400_000
const now = Date.now()

async function scene() {
  const root = await makeCa()
  const intermediate = await makeCa({ ca: root, commonName: 'Intermediate' })
  const leaf = await issue({ ca: intermediate, names: ['partner.test', 'other.test'] })
  const trust = { anchors: anchorsOf([root.der], 'test'), pins: [] }
  const proofs = new KnownProofs()
  const verify = (chain: readonly Buffer[] = leaf.chain, o: Partial<VerifyOptions> = {}): Verdict =>
    proofs.verify(chain, { domain: 'partner.test', trust, side: 'client', now, ...o })
  return { leaf, verify }
}

const said = (verdict: Verdict): string => (verdict.proven ? 'proven' : verdict.reason)

test('what a chain proves is worked out once', async () => {
  const { leaf, verify } = await scene()
  const first = verify()
  ok(first.proven)
  equal(verify(leaf.chain.map((der) => Buffer.from(der))), first)
})

test('what is known of one name, side or chain says nothing of another', async () => {
  const { leaf, verify } = await scene()
  const first = verify()
  notEqual(verify(leaf.chain, { side: 'server' }), first)
  equal(said(verify(leaf.chain, { domain: 'other.test' })), 'proven')
  equal(said(verify(leaf.chain, { domain: 'third.test' })), 'SP-301')
  equal(said(verify([leaf.der])), 'SP-306')
})

test('what is known does not outlive the certificates', async () => {
  const { verify } = await scene()
  equal(said(verify()), 'proven')
  equal(said(verify(undefined, { now: now + 10_000 * DAY })), 'SP-302')
  equal(said(verify(undefined, { now: now - 10_000 * DAY })), 'SP-303')
  equal(said(verify()), 'proven')
})

test('a refusal is not remembered', async () => {
  const { verify } = await scene()
  equal(said(verify(undefined, { trust: { anchors: anchorsOf([], 'test'), pins: [] } })), 'SP-305')
  equal(said(verify()), 'proven')
})
