// What PKITS does not ask of policies: our inputs, anchors with demands of their own, and what absurd graphs cost.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anchorsOf } from '../../../src/trust/anchors.ts'
import { writeDer, writeOid } from '../../../src/trust/der.ts'
import { STANDARD } from '../../../src/trust/demands.ts'
import type { ExtensionValue } from '../../../src/trust/issue.ts'
import { OID_ANY_POLICY } from '../../../src/trust/policy-extensions.ts'
import { verifyPeer } from '../../../src/trust/verify.ts'
import { issue, makeCa } from '../../support/pki.ts'
import type { Issued } from '../../support/pki.ts'

const A = '1.2.3.1'
const B = '1.2.3.2'

const extension = (oid: string, critical: boolean, ...values: readonly Buffer[]): ExtensionValue => ({
  oid,
  critical,
  value: writeDer(0x30, ...values),
})

const policies = (...oids: readonly string[]): ExtensionValue =>
  extension('2.5.29.32', false, ...oids.map((oid) => writeDer(0x30, writeOid(oid))))

const mappings = (...pairs: readonly (readonly [string, string])[]): ExtensionValue =>
  extension('2.5.29.33', true, ...pairs.map(([from, to]) => writeDer(0x30, writeOid(from), writeOid(to))))

const constraints = (o: { explicit?: number; mapping?: number }): ExtensionValue =>
  extension(
    '2.5.29.36',
    true,
    ...(o.explicit === undefined ? [] : [writeDer(0x80, Uint8Array.of(o.explicit))]),
    ...(o.mapping === undefined ? [] : [writeDer(0x81, Uint8Array.of(o.mapping))]),
  )

const inhibitAny = (skip: number): ExtensionValue => ({
  oid: '2.5.29.54',
  critical: true,
  value: writeDer(2, Uint8Array.of(skip)),
})

interface Layout {
  readonly root?: readonly ExtensionValue[]
  readonly ca?: readonly ExtensionValue[]
  readonly leaf?: readonly ExtensionValue[]
  readonly demanded?: readonly string[]
}

async function said({ root: top = [], ca: middle = [], leaf: end = [], demanded = [] }: Layout): Promise<string> {
  const root = await makeCa({ extensions: top })
  const ca = await makeCa({ ca: root, extensions: middle })
  return saidOf(await issue({ ca, names: ['partner.test'], extensions: end }), root, demanded)
}

function saidOf(leaf: Issued, root: Issued, demanded: readonly string[]): string {
  const verdict = verifyPeer(leaf.chain, {
    domain: 'partner.test',
    trust: { anchors: anchorsOf([root.der], 'test'), pins: [], demands: { ...STANDARD, policies: demanded } },
    now: Date.now(),
  })
  return verdict.proven ? 'proven' : `${verdict.reason} ${verdict.detail}`
}

const ROWS: readonly (readonly [rule: string, layout: Layout, said: RegExp])[] = [
  ['nothing demanded, nothing named', {}, /^proven$/],
  ['nothing demanded, policies that do not meet', { ca: [policies(A)], leaf: [policies(B)] }, /^proven$/],
  ['one demanded that both name', { ca: [policies(A)], leaf: [policies(A)], demanded: [A] }, /^proven$/],
  ['one of two demanded', { ca: [policies(A)], leaf: [policies(A)], demanded: [B, A] }, /^proven$/],
  ['any demanded, and named', { ca: [policies(A)], leaf: [policies(A)], demanded: [OID_ANY_POLICY] }, /^proven$/],
  [
    'one demanded below a CA of any',
    { ca: [policies(OID_ANY_POLICY)], leaf: [policies(A)], demanded: [A] },
    /^proven$/,
  ],
  ['one demanded of who names any', { ca: [policies(A)], leaf: [policies(OID_ANY_POLICY)], demanded: [A] }, /^proven$/],
  ['any demanded, nothing named', { demanded: [OID_ANY_POLICY] }, /^SP-317 .*no certificate policy/],
  ['one demanded, only the leaf names it', { leaf: [policies(A)], demanded: [A] }, /^SP-317/],
  ['one demanded, only the CA names it', { ca: [policies(A)], demanded: [A] }, /^SP-317/],
  [
    'another than demanded',
    { ca: [policies(B)], leaf: [policies(B)], demanded: [A] },
    /holds under 1\.2\.3\.2, not under 1\.2\.3\.1/,
  ],
  [
    'what the CA maps counts as the CA knows it',
    { ca: [policies(A), mappings([A, B])], leaf: [policies(B)], demanded: [A] },
    /^proven$/,
  ],
  [
    'and not as it is named below',
    { ca: [policies(A), mappings([A, B])], leaf: [policies(B)], demanded: [B] },
    /^SP-317/,
  ],
  [
    'a mapping that the CA does not inherit',
    { ca: [policies(B), mappings([A, B])], leaf: [policies(B)], demanded: [A] },
    /^SP-317/,
  ],
  ['a CA that maps any, also when nothing is demanded', { ca: [mappings([OID_ANY_POLICY, A])] }, /^SP-317 .*maps/],
  ['a CA that requires one', { ca: [policies(A), constraints({ explicit: 0 })], leaf: [policies(B)] }, /^SP-317/],
  ['an anchor that requires one', { root: [constraints({ explicit: 0 })] }, /^SP-317/],
  [
    'an anchor that requires one, which holds',
    { root: [constraints({ explicit: 0 })], ca: [policies(A)], leaf: [policies(A)] },
    /^proven$/,
  ],
  [
    'an anchor that permits no “any”',
    { root: [inhibitAny(0)], ca: [policies(OID_ANY_POLICY)], leaf: [policies(A)], demanded: [A] },
    /^SP-317/,
  ],
  [
    'an anchor that permits no mapping',
    { root: [constraints({ mapping: 0 })], ca: [policies(A), mappings([A, B])], leaf: [policies(B)], demanded: [A] },
    /^SP-317/,
  ],
  ['a leaf that requires one of itself', { leaf: [constraints({ explicit: 0 })] }, /^SP-317/],
  ['a policy twice', { leaf: [policies(A, A)] }, /^SP-315 .*twice/],
  ['no policies at all in the extension', { leaf: [policies()] }, /^SP-315/],
  ['257 policies', { leaf: [policies(...Array.from({ length: 257 }, (_, i) => `1.2.3.${i}`))] }, /^SP-315 .*257/],
]

for (const [rule, layout, expected] of ROWS)
  test(`policies: ${rule}`, async () => {
    assert.match(await said(layout), expected)
  })

// The tree would have 16 ** 8 nodes: with it, this test does not end.
test('mappings that would make a tree of billions are judged', async () => {
  const many = Array.from({ length: 16 }, (_, i) => `1.2.3.${i}`)
  const each = mappings(...many.flatMap((from) => many.map((to) => [from, to] as const)))
  const extensions = [policies(...many), each]
  const root = await makeCa({})
  let ca = root
  for (let depth = 0; depth < 8; depth++) ca = await makeCa({ ca, extensions })
  const leaf = await issue({ ca, names: ['partner.test'], extensions: [policies(...many)] })
  assert.match(saidOf(leaf, root, ['1.2.9']), /^SP-317/)
  assert.equal(saidOf(leaf, root, ['1.2.3.7']), 'proven')
})
