// Log-in by certificate as the settings make it: what is read, what stays in force when a file is faulty, and the CA.

import assert from 'node:assert/strict'
import { chmod, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { readGateway } from '../../../../src/config/readings.ts'
import type { Settings } from '../../../../src/config/settings.ts'
import { Authorities } from '../../../../src/gateway/authorities.ts'
import { Cards } from '../../../../src/gateway/remote/cards.ts'
import { isThere } from '../../../../src/trust/files.ts'
import { issue, makeCa, temporaryFolder, writeAnchors, type Issued } from '../../../support/pki.ts'

const users = await makeCa({ commonName: 'Cards' })
const between = await makeCa({ ca: users, commonName: 'Cards 1' })

const YAML = (cards: string, domains = '  corp.test: {}\n'): string =>
  `domains:\n${domains}core: { address: "127.0.0.1:1", trust: x.pem }\n${cards === '' ? '' : `trust:\n  cards: ${cards}\n`}`

const CARDS =
  '{ issuers: [cards.pem], addresses: [{ from: email }, { from: CN, matches: "\\\\d+", pairs: pairs.txt }] }'

function settingsOf(root: string, text: string): Settings {
  const { settings, findings } = readGateway(text, { file: 'gateway.yaml', root })
  assert.ok(settings, findings[0]?.message ?? '')
  return settings
}

async function world(t: TestContext) {
  const root = await temporaryFolder(t)
  await writeAnchors(join(root, 'cards.pem'), users)
  await writeFile(join(root, 'pairs.txt'), '42 juliet@corp.test\n')
  const settings = settingsOf(root, YAML(CARDS))
  const { authorities, findings } = await Authorities.open(settings, { directory: root, now: Date.now })
  assert.ok(authorities?.users, findings[0]?.message ?? '')
  const issuers = () => [] as const
  const parts = { settings, minter: authorities.users, issuers, now: Date.now }
  return { root, settings, authorities, parts, load: (former?: Cards) => Cards.load(parts, former) }
}

test('a card opens the address that the first rule finds, and is minted for it', async (t) => {
  const { load } = await world(t)
  const { cards, findings } = await load()
  assert.deepEqual(findings, [])
  assert.ok(cards)
  for (const [names, commonName, rule] of [
    [['EMAIL:Juliet@corp.test'], '7', 1],
    [[], '42', 2],
  ] as const) {
    const card = await issue({ ca: users, names, commonName, ekus: ['clientAuth'] })
    const verdict = cards.judge(card.chain)
    assert.ok(verdict.proven)
    assert.deepEqual(verdict.holder, { addresses: ['juliet@corp.test'], rule })
    assert.equal(verdict.path.length, 2)
  }
  const { certificate } = await cards.identity('juliet@corp.test')
  assert.deepEqual(certificate.names, ['XMPP:juliet@corp.test'])
})

test('who is proven, but nobody of ours, and who is not proven, are refused with their reasons', async (t) => {
  const { load } = await world(t)
  const { cards } = await load()
  const stranger = await issue({ ca: users, names: ['EMAIL:a@elsewhere.test'], commonName: '1', ekus: ['clientAuth'] })
  const verdict = cards?.judge(stranger.chain)
  assert.ok(verdict && !verdict.proven && verdict.reason === 'SP-882')
  const other = await issue({ ca: await makeCa(), names: ['EMAIL:juliet@corp.test'], ekus: ['clientAuth'] })
  assert.equal(cards?.judge(other.chain).proven, false)
  const alone = await issue({ ca: between, names: ['EMAIL:juliet@corp.test'], ekus: ['clientAuth'] })
  assert.equal(cards?.judge([alone.der]).proven, false, 'the intermediate is nowhere')
})

test('a file that has become faulty keeps what was read before in force; at first nobody gets in', async (t) => {
  const { root, load } = await world(t)
  const before = await load()
  const card = await issue({ ca: users, commonName: '42', ekus: ['clientAuth'] })
  await writeFile(join(root, 'pairs.txt'), 'nonsense\n')
  const after = await load(before.cards)
  assert.match(after.findings[0]?.message ?? '', /^line 1: not a pair/)
  assert.equal(after.cards?.judge(card.chain).proven, true)
  assert.equal((await load()).cards, undefined)
  await rm(join(root, 'cards.pem'))
  const without = await load()
  assert.equal(without.cards, undefined)
  assert.equal(without.findings[0]?.path, 'trust.cards.issuers')
})

test('a rule that names a file of issuers holds for no card of the others', async (t) => {
  const { root, parts } = await world(t)
  const contractors = await makeCa()
  const below = await makeCa({ ca: contractors })
  await writeAnchors(join(root, 'others.pem'), contractors)
  const rules = `[
    { from: CN, matches: "\\\\d+", pairs: pairs.txt, issuer: cards.pem },
    { from: CN, matches: "\\\\d+", to: "guest{0}@corp.test", issuer: others.pem }]`
  const settings = settingsOf(root, YAML(`{ issuers: [cards.pem, others.pem], addresses: ${rules} }`))
  const { cards } = await Cards.load({ ...parts, settings }, undefined)
  const found = async (ca: Issued, commonName: string): Promise<readonly string[]> => {
    const verdict = cards?.judge((await issue({ ca, commonName, ekus: ['clientAuth'] })).chain)
    return verdict?.proven ? verdict.holder.addresses : []
  }
  assert.deepEqual(await found(users, '42'), ['juliet@corp.test'])
  assert.deepEqual(await found(between, '42'), ['juliet@corp.test'])
  assert.deepEqual(await found(contractors, '42'), ['guest42@corp.test'])
  assert.deepEqual(await found(below, '42'), ['guest42@corp.test'])
  assert.deepEqual(await found(users, '43'), [])
})

test("what is wrong with the files of the users' CA is said at the start, and for as long as it is so", async (t) => {
  const { root, settings, authorities } = await world(t)
  await chmod(join(root, 'certs', 'users-ca', 'ca.key'), 0o644)
  const again = await Authorities.open(settings, { directory: root, now: Date.now })
  assert.match(again.findings[0]?.message ?? '', /others can read this key/)
  assert.match((await again.authorities?.follow(settings))?.[0]?.message ?? '', /others can read this key/)
  await authorities.users?.tend()
  assert.match((await authorities.follow(settings))[0]?.message ?? '', /others can read this key/)
})

test('issuers and pairs are judged each for itself: who is taken out is out, whatever else is faulty', async (t) => {
  const { root, parts, load } = await world(t)
  const [contractors, later] = [await makeCa(), await makeCa()]
  const others = '{ issuers: [cards.pem, others.pem], addresses: [{ from: CN, matches: "\\\\d+", pairs: pairs.txt }] }'
  await writeAnchors(join(root, 'others.pem'), contractors)
  const both = await Cards.load({ ...parts, settings: settingsOf(root, YAML(others)) }, undefined)
  const card = async (ca: Issued, commonName = '42') => (await issue({ ca, commonName, ekus: ['clientAuth'] })).chain
  const [mine, theirs] = [await card(users), await card(contractors)]
  const opens = ({ cards }: typeof both, chain: readonly Buffer[]): boolean => cards?.judge(chain).proven === true
  assert.deepEqual(
    [mine, theirs].map((chain) => opens(both, chain)),
    [true, true],
  )
  // Taken out of the settings while a line of the pairs is wrong.
  await writeFile(join(root, 'pairs.txt'), 'nonsense\n43 romeo@corp.test\n')
  const without = await load(both.cards)
  assert.equal(without.findings[0]?.severity, 'error')
  assert.deepEqual(
    [mine, theirs].map((chain) => opens(without, chain)),
    [true, false],
  )
  assert.equal(opens(without, await card(users, '43')), false, 'of a faulty file nothing is taken')
  // Taken out of its file while another file of issuers is gone.
  await writeAnchors(join(root, 'others.pem'), later)
  await rm(join(root, 'cards.pem'))
  const exchanged = await Cards.load({ ...parts, settings: settingsOf(root, YAML(others)) }, both.cards)
  assert.deepEqual(
    [mine, theirs, await card(later)].map((chain) => opens(exchanged, chain)),
    [true, false, true],
  )
  // A file that was never read has no former content, and without its rule no later one decides.
  const rules = '[{ from: CN, matches: ".*", pairs: new.txt }, { from: CN, matches: ".*", to: "u{0}@corp.test" }]'
  const more = settingsOf(root, YAML(`{ issuers: [others.pem], addresses: ${rules} }`))
  const unread = await Cards.load({ ...parts, settings: more }, exchanged.cards)
  const verdict = unread.cards?.judge(await card(later))
  assert.deepEqual(verdict?.proven && verdict.holder.addresses, ['juliet@corp.test'])
})

test("the users' CA is there only while cards are, follows the domains, and is kept on disk", async (t) => {
  const { root, authorities } = await world(t)
  assert.deepEqual(
    authorities.all.map(({ whose }) => whose),
    ['internal-ca', 'users-ca'],
  )
  const more = settingsOf(root, YAML(CARDS, '  corp.test: {}\n  second.test: {}\n'))
  await assert.rejects(authorities.users!.identity('a@second.test'), /no user of ours/)
  assert.deepEqual(await authorities.follow(more), [])
  assert.deepEqual((await authorities.users!.identity('a@second.test')).certificate.names, ['XMPP:a@second.test'])
  assert.deepEqual(await authorities.follow(settingsOf(root, YAML(''))), [])
  assert.equal(authorities.users, undefined)

  const none = await temporaryFolder(t)
  const plain = await Authorities.open(settingsOf(none, YAML('')), { directory: none, now: Date.now })
  assert.equal(plain.authorities?.users, undefined)
  assert.equal(await isThere(join(none, 'certs', 'users-ca')), false, 'what is not there is not stolen')
  await writeFile(join(root, 'certs', 'users-ca', 'ca.key'), 'x')
  assert.match((await authorities.follow(more))[0]?.message ?? '', /not the key of/)
})
