// Groups of directories over time, with a directory that says what the test wants.

import assert from 'node:assert/strict'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setImmediate as immediate } from 'node:timers/promises'
import { readGateway, readPolicy } from '../../../../src/config/readings.ts'
import type { Settings } from '../../../../src/config/settings.ts'
import { Groups } from '../../../../src/gateway/groups/groups.ts'
import type { GroupAnswer } from '../../../../src/net/search-group.ts'
import { GroupFiles } from '../../../../src/store/group-files.ts'
import { emptyDirectory, GATEWAY_YAML } from '../../../support/installation.ts'

const POLICY = `
groups: { board: [chief@corp.example] }
directories:
  here:
    { address: "127.0.0.1:389", tls: none, base: o=lab, refresh: 1m, groups: { staff: { filter: (ou=staff) } } }
`
const TWO = POLICY.replace(
  'groups: { staff: { filter: (ou=staff) } }',
  'groups: { staff: { filter: (ou=staff) }, late: { filter: (ou=late) } }',
)

function settingsOf(policy: string): Settings {
  const { settings } = readGateway(GATEWAY_YAML, { file: 'gateway.yaml', root: '/' })
  const read = readPolicy(policy, { file: 'policy.yaml', root: '/' })
  assert.deepEqual(read.findings, [])
  return { ...settings!, policy: read.policy! }
}

const found = (...names: readonly string[]): GroupAnswer => ({
  members: names.map((name) => `${name}@corp.example`).toSorted(),
  ...{ entries: names.length, without: 0, example: undefined },
})

/** A directory with so many groups, and one beside it. */
const many = (count: number, more = ''): string => {
  const groups = Array.from({ length: count }, (_, n) => `g${n}: { filter: (ou=g${n}) }`).join(', ')
  return `
directories:
  here: { address: "127.0.0.1:389", tls: none, base: o=lab, refresh: 1m, groups: { ${groups} } }
  ${more}
`
}
const THERE =
  'there: { address: "127.0.0.2:389", tls: none, base: o=lab, refresh: 1m, groups: { staff: { filter: (ou=staff) } } }'

const AWAY: GroupAnswer = { failed: 'connect', detail: 'away' }

async function world(t: TestContext, folder?: string, late = (): number => 0, fails = (): boolean => false) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.UTC(2026, 0, 15) })
  // Before the folder goes.
  t.after(() => groups[Symbol.asyncDispose]())
  const kept = folder ?? (await emptyDirectory(t))
  const told: string[] = []
  const asked: string[] = []
  let answers: Readonly<Record<string, GroupAnswer | Promise<GroupAnswer>>> = {}
  let signal: AbortSignal | undefined
  const groups = new Groups({
    search: ({ filter }, _, over) => {
      asked.push(filter)
      signal = over
      const { promise: ended, resolve } = Promise.withResolvers<GroupAnswer>()
      over.addEventListener('abort', () => resolve({ failed: 'time', detail: 'ended' }))
      return Promise.race([Promise.resolve(answers[filter] ?? AWAY), ended])
    },
    keeper: new GroupFiles(kept),
    ...{ now: () => Date.now() - late(), random: () => 0.5 },
    changed: async () => {
      await Promise.resolve()
      if (fails()) throw new Error('no room')
      told.push('changed')
    },
    events: () => ({
      groupRead: (outcome) => void told.push(`read ${outcome}`),
      groupChanged: ({ group, joined, left }) => void told.push(`${group} +${joined.join(' ')} -${left.join(' ')}`),
      groupTrouble: ({ group, reason }) => void told.push(`trouble ${group} ${reason}`),
      groupMended: (group) => void told.push(`mended ${group}`),
      groupsNow: () => undefined,
    }),
    failed: (error) => {
      if (!fails()) assert.fail(String(error))
      told.push(`failed ${(error as Error).message}`)
    },
  })
  const says = (now: typeof answers): void => void (answers = now)
  // Files are read and written meanwhile: each turn takes as long as the disk does.
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn++) {
      await readdir(kept).catch(() => [])
      await immediate()
    }
  }
  const pass = async (ms: number): Promise<readonly string[]> => {
    told.length = 0
    t.mock.timers.tick(ms)
    await turns()
    return [...told]
  }
  return { groups, says, pass, told, asked, kept, turns, ended: () => signal?.aborted }
}

const members = (groups: Groups, settings: Settings): readonly string[] =>
  groups.fill(settings).policy.groups['staff'] ?? []

test('a timer that fires a moment before its time does not end the readings', async (t) => {
  let early = 0
  const { groups, says, pass } = await world(t, undefined, () => early)
  says({ '(ou=staff)': found('anna') })
  await groups.follow([settingsOf(POLICY)], 1000)
  early = 1
  assert.deepEqual(await pass(60_000), [])
  assert.deepEqual(await pass(1), ['read ok'])
})

test('what was read last stays when the directory is away, empty or mostly gone, and it is told once', async (t) => {
  const { groups, says, pass } = await world(t)
  const settings = settingsOf(POLICY)
  const crowd = Array.from({ length: 10 }, (_, n) => `user${n}`)
  says({ '(ou=staff)': found('anna', ...crowd) })
  assert.deepEqual(await groups.follow([settings], 1000), [])
  assert.equal(members(groups, settings).length, 11)
  assert.deepEqual(groups.fill(settings).policy.groups['board'], ['chief@corp.example'])

  says({})
  assert.deepEqual(await pass(60_000), ['read SP-176', 'trouble staff SP-176'])
  assert.deepEqual(await pass(30_000), ['read SP-176'], 'it is tried again sooner, and told no second time')
  assert.deepEqual(await pass(30_000), [], 'and then later')
  for (const [answer, reason] of [
    [found(), 'SP-179'],
    [found('anna'), 'SP-179'],
    [{ failed: 'incomplete', detail: 'it refers elsewhere' }, 'SP-178'],
  ] as const) {
    says({ '(ou=staff)': answer })
    assert.equal((await pass(30_000))[0], `read ${reason}`)
    assert.equal(members(groups, settings).length, 11)
    assert.match(groups.findings()[0]?.message ?? '', new RegExp(`^${reason}: .*11 members as of 2026-01-15`))
    assert.partialDeepStrictEqual(groups.status(), [{ name: 'staff', members: 11, reason }])
    assert.partialDeepStrictEqual(groups.figures, { read: 0, stale: 1, members: 11 })
  }

  says({ '(ou=staff)': found('ben', ...crowd) })
  assert.deepEqual(await pass(30_000), [
    'read ok',
    'mended staff',
    'staff +ben@corp.example -anna@corp.example',
    'changed',
  ])
  assert.deepEqual(groups.findings(), [])
  assert.ok(members(groups, settings).includes('ben@corp.example'))
})

test('what a round brings of many groups is one change, though one of them is not read', async (t) => {
  const { groups, says, pass } = await world(t)
  const settings = settingsOf(many(6))
  const all = (...names: readonly string[]) =>
    Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`(ou=g${n})`, found(...names)] as const))
  says(all('anna'))
  assert.deepEqual(await groups.follow([settings], 1000), [])
  says({ ...all('anna', 'ben'), '(ou=g3)': { failed: 'search', detail: 'no such place' } })
  const told = await pass(60_000)
  assert.equal(told.filter((line) => line === 'read ok').length, 5)
  assert.equal(told.filter((line) => line.endsWith(' +ben@corp.example -')).length, 5)
  assert.deepEqual(
    told.filter((line) => line === 'changed'),
    ['changed'],
    told.join(),
  )
  assert.equal(told.at(-1), 'changed')
  const filled = groups.fill(settings).policy.groups
  assert.deepEqual([filled['g2']?.length, filled['g3']?.length], [2, 1])
})

test('a directory that is away is asked for a few groups, later each time, and keeps no other waiting', async (t) => {
  const { groups, says, pass, asked, turns } = await world(t)
  const settings = settingsOf(many(20, THERE))
  const here = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`(ou=g${n})`, found('anna')] as const))
  says({ ...here, '(ou=staff)': found('anna') })
  assert.deepEqual(await groups.follow([settings], 1000), [])
  const away = Promise.withResolvers<GroupAnswer>()
  const silent = Object.fromEntries(Object.keys(here).map((filter) => [filter, away.promise]))
  says({ ...silent, '(ou=staff)': found('anna', 'ben') })
  asked.length = 0
  const told = await pass(60_000)
  assert.deepEqual(told, ['read ok', 'staff +ben@corp.example -', 'changed'])
  assert.deepEqual(asked.toSorted(), ['(ou=g0)', '(ou=g1)', '(ou=staff)'])
  away.resolve({ failed: 'time', detail: 'no whole answer' })
  await turns()
  assert.partialDeepStrictEqual(groups.figures, { read: 1, stale: 20 }, 'those that were not asked for are as stale')
  for (const [afterMs, those] of [
    [30_000, ['(ou=g2)', '(ou=g3)']],
    [60_000, ['(ou=g4)', '(ou=g5)']],
    [120_000, ['(ou=g6)', '(ou=g7)']],
    [240_000, ['(ou=g8)', '(ou=g9)']],
    [300_000, ['(ou=g10)', '(ou=g11)']],
    [300_000, ['(ou=g12)', '(ou=g13)']],
  ] as const) {
    asked.length = 0
    await pass(afterMs - 1)
    assert.deepEqual(
      asked.filter((filter) => filter !== '(ou=staff)'),
      [],
      `not before ${afterMs} ms`,
    )
    await pass(1)
    assert.deepEqual(asked.filter((filter) => filter !== '(ou=staff)').toSorted(), [...those].toSorted())
  }
  says({ ...here, '(ou=staff)': found('anna', 'ben') })
  await pass(300_000)
  assert.partialDeepStrictEqual(groups.figures, { read: 21, stale: 0 })
})

test('one group that takes too long is its own trouble where the directory answers of others', async (t) => {
  const { groups, says, pass, turns } = await world(t)
  const settings = settingsOf(many(4))
  const all = Object.fromEntries(Array.from({ length: 4 }, (_, n) => [`(ou=g${n})`, found('anna')] as const))
  says(all)
  await groups.follow([settings], 1000)
  const slow = Promise.withResolvers<GroupAnswer>()
  says({ ...all, '(ou=g0)': slow.promise })
  await pass(60_000)
  slow.resolve({ failed: 'time', detail: 'no whole answer' })
  await turns()
  assert.partialDeepStrictEqual(groups.figures, { read: 3, stale: 1 })
})

for (const [when, end] of [
  ['when the gateway ends', (groups: Groups) => groups[Symbol.asyncDispose]()],
  ['when nobody wants it any more', (groups: Groups) => groups.follow([settingsOf('groups: {}')], 1000)],
] as const)
  test(`what is being read and what waits for it ends ${when}`, async (t) => {
    const { groups, says, asked, turns, ended, told } = await world(t)
    const { promise: never } = Promise.withResolvers<GroupAnswer>()
    says(Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`(ou=g${n})`, never] as const)))
    const following = groups.follow([settingsOf(many(20))], 1000)
    for (let tries = 0; asked.length < 2; tries++) {
      assert.ok(tries < 100, 'it is asked')
      await turns()
    }
    t.mock.timers.tick(1000)
    assert.equal((await following).length, 20)
    await end(groups)
    assert.equal(ended(), true)
    await groups[Symbol.asyncDispose]()
    assert.equal(asked.length, 2, 'nobody is asked any more')
    assert.deepEqual(told, [])
  })

test('nothing is told, and nothing is built anew, while the members are the same', async (t) => {
  const { groups, says, pass } = await world(t)
  const settings = settingsOf(POLICY)
  says({ '(ou=staff)': found('anna') })
  await groups.follow([settings], 1000)
  const before = groups.fill(settings)
  assert.deepEqual(await pass(60_000), ['read ok'])
  assert.equal(groups.fill(settings).policy, before.policy)
  assert.equal(groups.fill(before).policy, before.policy, 'what is filled is not filled twice')
})

test('a policy with a group that nobody has read yet is not in force, and is when it has been read', async (t) => {
  const { groups, says, pass, told, asked, turns } = await world(t)
  const [settings, more] = [settingsOf(POLICY), settingsOf(TWO)]
  says({ '(ou=staff)': found('anna') })
  await groups.follow([settings], 1000)
  const late = Promise.withResolvers<GroupAnswer>()
  says({ '(ou=staff)': found('anna'), '(ou=late)': late.promise })
  const following = groups.follow([more, settings], 700)
  for (let tries = 0; !asked.includes('(ou=late)'); tries++) {
    assert.ok(tries < 100, 'it is asked for')
    await turns()
  }
  t.mock.timers.tick(700)
  const missing = await following
  assert.deepEqual(
    missing.map(({ severity, path, line }) => [severity, path, line]),
    [['error', 'directories.here.groups.late', 5]],
  )
  assert.match(missing[0]?.message ?? '', /^SP-175: .*it is being read/)
  told.length = 0
  late.resolve(found('ben'))
  await turns()
  assert.deepEqual(told, ['read ok', 'late +ben@corp.example -', 'changed'])
  assert.deepEqual(await groups.follow([more, settings], 700), [])

  says({})
  const other = settingsOf(POLICY.replace('(ou=staff)', '(ou=other)'))
  assert.match((await groups.follow([other, settings], 700))[0]?.message ?? '', /^SP-175: .*SP-176, connect: away/)
  assert.deepEqual(members(groups, settings), ['anna@corp.example'], 'what is in force keeps its members')
  assert.deepEqual(await pass(5000).then((all) => all[0]), 'read SP-176', 'and it is tried again soon')
})

test('members are known after a restart while the directory is away, and a file that is damaged is none', async (t) => {
  const first = await world(t)
  const settings = settingsOf(POLICY)
  first.says({ '(ou=staff)': found('anna') })
  await first.groups.follow([settings], 1000)
  await first.groups[Symbol.asyncDispose]()
  const [name = ''] = await readdir(first.kept)
  const file = join(first.kept, name)

  t.mock.timers.reset()
  const second = await world(t, first.kept)
  assert.deepEqual(await second.groups.follow([settings], 1000), [])
  assert.deepEqual(members(second.groups, settings), ['anna@corp.example'])
  assert.deepEqual(await second.pass(1000), ['read SP-176', 'trouble staff SP-176'])
  await second.groups[Symbol.asyncDispose]()

  const whole = await readFile(file, 'utf8')
  for (const damaged of [whole.slice(0, -5), whole.replace('(ou=staff)', '(ou=other)'), '{}', '']) {
    await writeFile(file, damaged)
    t.mock.timers.reset()
    const { groups } = await world(t, first.kept)
    assert.equal((await groups.follow([settings], 1000)).length, 1, damaged)
    await groups[Symbol.asyncDispose]()
  }
})

test('with another domain of ours a group has never been read, also after a restart: the former settings stay', async (t) => {
  const first = await world(t)
  const one = settingsOf(POLICY)
  const two: Settings = { ...one, domains: [...one.domains, { ...one.domains[0]!, domain: 'new.example' }] }
  first.says({ '(ou=staff)': found('anna') })
  await first.groups.follow([one], 1000)
  assert.deepEqual(members(first.groups, one), ['anna@corp.example'])
  first.says({})
  assert.match((await first.groups.follow([two, one], 700))[0]?.message ?? '', /^SP-175: .*SP-176, connect: away/)
  assert.deepEqual(members(first.groups, one), ['anna@corp.example'], 'what is in force keeps its members')
  const other = { members: ['anna@corp.example', 'ben@new.example'], entries: 2, without: 0, example: undefined }
  first.says({ '(ou=staff)': other })
  first.asked.length = 0
  assert.equal((await first.groups.follow([two, one], 700)).length, 1)
  assert.deepEqual(first.asked, [], 'however often it is wanted, a directory that is away is left alone for a while')
  await first.pass(5000)
  assert.deepEqual(first.asked, ['(ou=staff)'])
  assert.deepEqual(await first.groups.follow([two, one], 700), [])
  assert.deepEqual(members(first.groups, two), other.members, 'though the policy is the same value')
  assert.deepEqual(await first.groups.follow([{ ...two, domains: two.domains.toReversed() }], 700), [])
  await first.groups.follow([one], 700)
  await first.turns()
  await first.groups[Symbol.asyncDispose]()

  t.mock.timers.reset()
  const second = await world(t, first.kept)
  assert.match((await second.groups.follow([two], 1000))[0]?.message ?? '', /^SP-175/)
})

test('members that could not be put in force are offered again with the next round', async (t) => {
  let fails = true
  const { groups, says, pass, told } = await world(t, undefined, undefined, () => fails)
  says({ '(ou=staff)': found('anna') })
  await groups.follow([settingsOf(POLICY)], 1000)
  says({ '(ou=staff)': found('ben') })
  assert.ok((await pass(60_000)).includes('failed no room'))
  fails = false
  assert.deepEqual(await pass(60_000), ['read ok', 'changed'])
  assert.deepEqual(await pass(60_000), ['read ok'], 'and no third time')
  assert.equal(told.length, 1)
})

test('as many files are kept as there are groups in force', async (t) => {
  const { groups, says, kept, turns } = await world(t)
  says({ '(ou=staff)': found('anna'), '(ou=late)': found('ben') })
  await groups.follow([settingsOf(TWO)], 1000)
  for (let tries = 0; (await readdir(kept)).length < 2; tries++) {
    assert.ok(tries < 1000, 'both are kept')
    await turns()
  }
  await groups.follow([settingsOf(POLICY)], 1000)
  await groups[Symbol.asyncDispose]()
  assert.equal((await readdir(kept)).length, 1)
})

test('those without an address of ours are told of, with one of them', async (t) => {
  const { groups, says } = await world(t)
  says({ '(ou=staff)': { members: ['anna@corp.example'], entries: 3, without: 2, example: 'uid=mute,o=lab' } })
  await groups.follow([settingsOf(POLICY)], 1000)
  assert.match(groups.findings()[0]?.message ?? '', /^2 of those found for staff .* such as uid=mute,o=lab/)
})
