// Which trust holds for whom: what the settings say, what the entry of a partner says, and the files both name.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { loadConfig } from '../../../src/config/load.ts'
import { House } from '../../../src/gateway/house.ts'
import { TAG, writeDer, writeOid } from '../../../src/trust/der.ts'
import { Issuers } from '../../../src/trust/issuers.ts'
import { OwnCertificates } from '../../../src/trust/own-certificates.ts'
import { writeGeneralName } from '../../../src/trust/general-name.ts'
import type { PeerSide } from '../../../src/trust/demands.ts'
import { issue, makeCa, type Issued } from '../../support/pki.ts'
import { configuration, GATEWAY } from '../config/folder.ts'

const A = '1.2.3.1'
const B = '1.2.3.2'

interface Files {
  readonly trust: string
  readonly partners?: Readonly<Record<string, string>>
  readonly pems?: Readonly<Record<string, readonly Issued[]>>
  readonly profile?: string
}

async function house(
  t: TestContext,
  { trust, partners = {}, pems = {}, profile = 'standard' }: Files,
  { former, issuers }: { readonly former?: House; readonly issuers?: Issuers } = {},
): Promise<House> {
  const entries = Object.entries({ 'a.test': '', 'b.test': '', ...partners })
  const directory = configuration(t, {
    'gateway.yaml': `${GATEWAY}trust: { ${trust} }\nfederation: { profile: ${profile}, fips: reported }\n`,
    ...Object.fromEntries(
      entries.map(([domain, more]) => [`partners/${domain}.yaml`, `domain: ${domain}\nstatus: allowed\n${more}`]),
    ),
  })
  for (const [name, list] of Object.entries(pems))
    writeFileSync(join(directory, '..', name), list.map(({ pem }) => pem).join(''))
  const { settings, partners: read, findings } = await loadConfig(directory)
  assert.ok(settings, JSON.stringify(findings))
  const { own } = await OwnCertificates.load([], { now: Date.now, watch: false })
  const ca = { identity: () => Promise.reject(new Error('nobody asks')) }
  const built = await House.build(
    { settings, partners: read, own, ca, now: Date.now, ...(issuers ? { issuers } : {}) },
    former,
  )
  assert.deepEqual(
    built.findings.filter(({ path }) => path !== 'core.trust'),
    [],
  )
  return built.house
}

const said = (of: House, domain: string, chain: readonly Buffer[], side: PeerSide = 'server'): string => {
  const verdict = of.verifyPartner(domain, chain, side)
  return verdict.proven ? 'proven' : verdict.reason
}

const policies = (...oids: readonly string[]) => ({
  oid: '2.5.29.32',
  critical: false,
  value: writeDer(0x30, ...oids.map((oid) => writeDer(0x30, writeOid(oid)))),
})

test('an anchor of one partner vouches for that partner only, and there the general ones vouch for nobody', async (t) => {
  const [general, special] = [await makeCa(), await makeCa()]
  const both = ['a.test', 'b.test']
  const [byGeneral, bySpecial] = [await issue({ ca: general, names: both }), await issue({ ca: special, names: both })]
  const it = await house(t, {
    trust: 'anchors: [general.pem]',
    partners: { 'a.test': 'anchors: [special.pem]\n' },
    pems: { 'general.pem': [general], 'special.pem': [special] },
  })
  assert.equal(said(it, 'a.test', bySpecial.chain), 'proven')
  assert.equal(said(it, 'b.test', bySpecial.chain), 'SP-306')
  assert.equal(said(it, 'a.test', byGeneral.chain), 'SP-306')
  assert.equal(said(it, 'b.test', byGeneral.chain), 'proven')
})

test('a provider vouches for the names of the entry that names it and for nobody else, until the entry does so no more', async (t) => {
  const general = await makeCa()
  const hosting = await issue({ ca: general, names: ['xmpp.hosting.test'] })
  const pems = { 'general.pem': [general] }
  const partners = { 'a.test': 'alsoKnownAs: [rooms.a.test]\nprovider: xmpp.hosting.test\n' }
  const it = await house(t, { trust: 'anchors: [general.pem]', pems, partners })
  for (const side of ['server', 'client'] as const) {
    assert.equal(said(it, 'a.test', hosting.chain, side), 'proven')
    assert.equal(said(it, 'rooms.a.test', hosting.chain, side), 'proven')
    for (const other of ['b.test', 'x.a.test', 'stranger.test'])
      assert.equal(said(it, other, hosting.chain, side), 'SP-301')
  }
  const own = await issue({ ca: general, names: ['a.test'] })
  assert.equal(said(it, 'a.test', own.chain), 'proven')
  assert.equal(said(it, 'rooms.a.test', own.chain), 'SP-301')
  const later = await house(t, { trust: 'anchors: [general.pem]', pems }, { former: it })
  assert.equal(said(later, 'a.test', hosting.chain), 'SP-301')
  // What is up is then judged anew.
  assert.ok(later.trustsOtherwise(it, 'partner', 'a.test'))
  assert.ok(!later.trustsOtherwise(it, 'partner', 'b.test'))
})

test('an intermediate of ours completes a chain and vouches for nobody', async (t) => {
  const root = await makeCa()
  const [ours, stranger] = [await makeCa({ ca: root }), await makeCa({ ca: await makeCa() })]
  const [leaf, other] = [await issue({ ca: ours, names: ['a.test'] }), await issue({ ca: stranger, names: ['a.test'] })]
  const pems = { 'root.pem': [root], 'intermediates.pem': [ours, stranger] }
  const trust = 'anchors: [root.pem], intermediates: [intermediates.pem]'
  const without = await house(t, { trust: 'anchors: [root.pem]', pems })
  assert.equal(said(without, 'a.test', [leaf.der]), 'SP-306')
  const it = await house(t, { trust, pems }, { former: without })
  assert.equal(said(it, 'a.test', [leaf.der]), 'proven')
  assert.equal(said(it, 'a.test', [other.der]), 'SP-305')
  assert.ok(it.trustsOtherwise(without, 'partner', 'a.test'))
  assert.ok(!it.trustsOtherwise(it, 'partner', 'a.test'))
  assert.ok(!(await house(t, { trust, pems }, { former: it })).trustsOtherwise(it, 'partner', 'a.test'))
})

test('a partner may be asked for more than the others, and for another policy', async (t) => {
  const root = await makeCa()
  const ca = await makeCa({ ca: root, extensions: [policies(A, B)] })
  const leaf = async (policy: string, ...ekus: readonly string[]): Promise<Issued> =>
    issue({ ca, names: ['a.test', 'b.test'], ekus, extensions: [policies(policy)] })
  const [serverA, bothB] = [await leaf(A, 'serverAuth'), await leaf(B, 'serverAuth', 'clientAuth')]
  const it = await house(t, {
    trust: `anchors: [root.pem], certificatePolicies: ["${A}"]`,
    partners: { 'a.test': `extendedKeyUsage: own-side\ncertificatePolicies: ["${A}", "${B}"]\n` },
    pems: { 'root.pem': [root] },
  })
  assert.deepEqual(
    (['a.test', 'b.test'] as const).map((domain) =>
      [serverA, bothB].map((shown) =>
        (['client', 'server'] as const).map((side) => said(it, domain, shown.chain, side)),
      ),
    ),
    [
      [
        ['SP-318', 'proven'],
        ['proven', 'proven'],
      ],
      [
        ['proven', 'proven'],
        ['SP-317', 'SP-317'],
      ],
    ],
  )
  const laxer = await house(t, { trust: 'anchors: [root.pem]', pems: { 'root.pem': [root] } }, { former: it })
  assert.ok(laxer.trustsOtherwise(it, 'partner', 'a.test'))
})

test('what the gateway demands of all no partner escapes', async (t) => {
  const root = await makeCa()
  const leaf = await issue({ ca: root, names: ['a.test'], ekus: ['serverAuth'] })
  const it = await house(t, {
    trust: 'anchors: [root.pem], extendedKeyUsage: both',
    partners: { 'a.test': 'extendedKeyUsage: either\n' },
    pems: { 'root.pem': [root] },
  })
  assert.equal(said(it, 'a.test', leaf.chain), 'SP-318')
})

test('the issuer of a server is fetched where that is permitted, for who is admitted, and then known to all', async (t) => {
  const root = await makeCa()
  const ca = await makeCa({ ca: root })
  const place = writeGeneralName({ kind: 'uri', value: 'http://pki.test/ca' })
  const value = writeDer(TAG.sequence, writeDer(TAG.sequence, writeOid('1.3.6.1.5.5.7.48.2'), place))
  const access = { oid: '1.3.6.1.5.5.7.1.1', critical: false, value }
  const leaf = await issue({ ca, names: ['a.test', 'b.test', 'stranger.test'], extensions: [access] })
  const pems = { 'root.pem': [root] }
  const asked: string[] = []
  const fetch = (url: string): Promise<Buffer> => {
    asked.push(url)
    return Promise.resolve(ca.der)
  }
  const ask = async (of: House, domain: string): Promise<string> => {
    const verdict = await of.verifyServer(domain, [leaf.der], fetch)
    return verdict.proven ? 'proven' : verdict.reason
  }
  const issuers = new Issuers(Date.now)
  const shut = await house(t, { trust: 'anchors: [root.pem]', pems }, { issuers })
  assert.equal(await ask(shut, 'a.test'), 'SP-306')
  const it = await house(t, { trust: 'anchors: [root.pem], fetchIssuers: true', pems }, { issuers })
  assert.equal(await ask(it, 'stranger.test'), 'SP-306')
  assert.equal(said(it, 'b.test', [leaf.der], 'client'), 'SP-306')
  assert.deepEqual(asked, [])
  assert.equal(await ask(it, 'a.test'), 'proven')
  assert.deepEqual(asked, ['http://pki.test/ca'])
  assert.equal(said(it, 'b.test', [leaf.der], 'client'), 'proven')
  assert.equal(said(shut, 'b.test', [leaf.der], 'client'), 'SP-306')
})

test('a partner proves its name anew after the shortest of the times that anybody gives', async (t) => {
  const ca = await makeCa()
  const times = { 'a.test': '', 'b.test': 'reauthenticate: 10m\n' }
  const pems = { 'root.pem': [ca] }
  const under = async (profile: string, trust: string): Promise<readonly (number | undefined)[]> => {
    const it = await house(t, { trust: `anchors: [root.pem]${trust}`, partners: times, pems, profile })
    return ['a.test', 'b.test'].map((domain) => it.reauthenticateMs(domain))
  }
  assert.deepEqual(await under('standard', ''), [undefined, 600_000])
  assert.deepEqual(await under('standard', ', reauthenticate: 5m'), [300_000, 300_000])
  assert.deepEqual(await under('dod', ''), [3_600_000, 600_000])
  assert.deepEqual(await under('dod', ', reauthenticate: 2h'), [3_600_000, 600_000])
})

test('an anchor that is taken out is out, whatever another file of anchors has come to', async (t) => {
  const [one, two, three] = [await makeCa(), await makeCa(), await makeCa()]
  const shown = await Promise.all([one, two, three].map((ca) => issue({ ca, names: ['a.test', 'b.test'] })))
  const directory = configuration(t, {
    'gateway.yaml': `${GATEWAY}trust: { anchors: [one.pem, two.pem] }\n`,
    'partners/a.test.yaml': 'domain: a.test\nstatus: allowed\n',
    'partners/b.test.yaml': 'domain: b.test\nstatus: allowed\nanchors: [one.pem, two.pem]\n',
  })
  const write = (name: string, text: string): void => writeFileSync(join(directory, '..', name), text)
  const { own } = await OwnCertificates.load([], { now: Date.now, watch: false })
  const ca = { identity: () => Promise.reject(new Error('nobody asks')) }
  const build = async (former?: House): Promise<House> => {
    const { settings, partners } = await loadConfig(directory)
    assert.ok(settings)
    return (await House.build({ settings, partners, own, ca, now: Date.now }, former)).house
  }
  const proven = (of: House, domain: string): readonly boolean[] =>
    shown.map(({ chain }) => said(of, domain, chain) === 'proven')
  write('one.pem', one.pem)
  write('two.pem', two.pem)
  const before = await build()
  write('one.pem', 'no certificate')
  write('two.pem', three.pem)
  const after = await build(before)
  for (const domain of ['a.test', 'b.test']) {
    assert.deepEqual(proven(before, domain), [true, true, false])
    assert.deepEqual(proven(after, domain), [true, false, true])
    assert.ok(after.trustsOtherwise(before, 'partner', domain))
  }
})
