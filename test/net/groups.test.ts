// Groups out of a real directory: by LDAPS and STARTTLS, by pages, and what is no answer.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test, type TestContext } from 'node:test'
import { GroupSearches, type GroupSearch } from '../../src/net/search-group.ts'
import { AS, BASE, inGroup, NAME, PASSWORD, TestDirectory } from '../support/directory.ts'
import { makeCa, temporaryFolder } from '../support/pki.ts'
import { needsPeer } from '../support/peers.ts'

const HOST = '127.0.7.131'
const CROWD = 1200

const crowd = Object.fromEntries(
  Array.from({ length: CROWD }, (_, n) => [`user${n}`, [`User${n}@CORP.example`]] as const),
)

async function world(t: TestContext) {
  const directory = await TestDirectory.start(t, {
    ...{ folder: await temporaryFolder(t), host: HOST },
    people: {
      ...crowd,
      anna: ['Anna@corp.example', 'a.miller@corp.example'],
      ben: ['ben@corp.example'],
      mute: [],
      guest: ['guest@elsewhere.example'],
    },
    groups: {
      staff: ['anna', '@field', 'mute', 'guest'],
      field: ['ben'],
      crowd: Object.keys(crowd),
      nobody: ['gone'],
    },
    more: [
      ...['dn: ou=branch,o=lab', 'objectClass: organizationalUnit', 'ou: branch', ''],
      ...['dn: ou=abroad,ou=branch,o=lab', 'objectClass: referral', 'objectClass: extensibleObject', 'ou: abroad'],
      ...['ref: ldap://elsewhere.example/ou=abroad,o=lab', ''],
    ],
    own: [`limits dn.exact="cn=admin,o=lab" size=unlimited`, 'sizelimit size=2000'],
  })
  const searches = new GroupSearches(() => Promise.resolve({ ok: true, addresses: [HOST] }))
  const find = (over: Partial<GroupSearch>, timeoutMs = 10_000) =>
    searches.find({ ...wanted(directory), ...over }, timeoutMs, new AbortController().signal)
  return { directory, find, searches }
}

const wanted = ({ ca }: TestDirectory): GroupSearch => ({
  ...{ host: NAME, port: 636, tls: 'direct', anchors: [ca.pem] },
  ...{ bind: { dn: AS, password: PASSWORD }, base: BASE, filter: inGroup('staff'), attribute: 'mail' },
  ...{ domain: undefined, ours: ['corp.example'], mostMembers: 50_000, mostBytes: 1_000_000 },
})

const STAFF = ['a.miller@corp.example', 'anna@corp.example', 'ben@corp.example']

test('groups of a real directory', needsPeer('slapd'), async (t) => {
  const { directory, find, searches } = await world(t)

  await t.test('by LDAPS and by STARTTLS, groups within groups and all addresses of a user included', async () => {
    for (const over of [{}, { tls: 'starttls', port: 389 }] as const) {
      const found = await find(over)
      assert.ok('members' in found, JSON.stringify(found))
      assert.deepEqual(found.members, STAFF)
      assert.deepEqual([found.entries, found.without], [4, 2], 'one has no address, and one is not of ours')
      assert.match(found.example ?? '', /^uid=(?:mute|guest),/)
    }
  })

  await t.test('names without @ get the domain', async () => {
    const found = await find({ attribute: 'uid', domain: 'corp.example', filter: inGroup('field') })
    assert.partialDeepStrictEqual(found, { members: ['ben@corp.example'] })
  })

  await t.test('a large group comes by pages, and whole', async () => {
    const found = await find({ filter: inGroup('crowd') })
    assert.ok('members' in found, JSON.stringify(found))
    assert.equal(found.members.length, CROWD)
    assert.ok(found.members.includes('user1199@corp.example'))
  })

  await t.test('a directory that has not proven its name is told nothing', async () => {
    const other = await makeCa()
    const since = directory.log.length
    for (const over of [{ anchors: [other.pem] }, { host: 'other.corp.example' }, { anchors: [] }]) {
      for (const way of [{}, { tls: 'starttls', port: 389 }] as const) {
        const found = await find({ ...over, ...way })
        assert.ok('failed' in found && found.failed === 'tls', JSON.stringify(found))
      }
    }
    assert.deepEqual(directory.log.lines(/ (?:BIND|SRCH) /, since), [])
  })

  for (const [about, over, failed] of [
    ['a wrong password', { bind: { dn: AS, password: 'wrong' } }, 'bind'],
    ['nobody there', { port: 6360 }, 'connect'],
    ['a place that there is not', { base: 'ou=none,o=lab' }, 'search'],
    ['a filter that is none', { filter: '(uid=\\zz)' }, 'search'],
    ['what refers elsewhere', { base: 'ou=branch,o=lab', filter: '(objectClass=*)' }, 'incomplete'],
    ['more members than may be', { filter: inGroup('crowd'), mostMembers: 700 }, 'too-much'],
    ['more octets than may be', { filter: inGroup('crowd'), mostBytes: 20_000 }, 'too-much'],
  ] as const)
    await t.test(`${about} is no answer`, async () => {
      const found = await find(over)
      assert.ok('failed' in found, JSON.stringify(found))
      assert.equal(found.failed, failed, JSON.stringify(found))
    })

  await t.test('nobody is found where nobody is, and that is an answer', async () => {
    assert.partialDeepStrictEqual(await find({ filter: inGroup('nobody') }), { members: [], entries: 0 })
  })

  await t.test(
    'a directory that says nothing keeps no other waiting, and all that waits for it ends when told to',
    async (t2) => {
      const mute = createServer(() => undefined).listen(0, HOST)
      await once(mute, 'listening')
      t2.after(() => mute.close())
      const address = mute.address()
      assert.ok(typeof address === 'object' && address !== null)
      const over = new AbortController()
      const task = { ...wanted(directory), tls: 'none', anchors: [], port: address.port } as const
      const waiting = Array.from({ length: 5 }, (_, n) =>
        searches.find({ ...task, filter: `(uid=${n})` }, 600_000, over.signal),
      )
      await once(mute, 'connection')
      assert.ok('members' in (await find({})), 'the other is read meanwhile')
      over.abort()
      for (const answer of await Promise.all(waiting)) assert.partialDeepStrictEqual(answer, { failed: 'time' })
    },
  )

  await t.test('what takes too long is no answer, and holds nobody up', async () => {
    const began = performance.now()
    assert.partialDeepStrictEqual(await find({ filter: inGroup('crowd') }, 1), { failed: 'time' })
    assert.ok(performance.now() - began < 5000)
  })
})
