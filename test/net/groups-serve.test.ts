// Groups of a directory at a gateway that runs: what follows when somebody leaves one, when the directory is away, and when
// nobody has ever read it.

import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'
import { parse, stringify } from 'yaml'
import * as z from 'zod'
import { ask } from '../../src/admin/client.ts'
import { explain } from '../../src/admin/decisions.ts'
import { FilesControl } from '../../src/admin/files-control.ts'
import { status } from '../../src/admin/status.ts'
import { makeEvaluation } from '../../src/lab/setup.ts'
import { AS, BASE, inGroup, TestDirectory } from '../support/directory.ts'
import { Gateway } from '../support/gateway.ts'
import { needsPeer } from '../support/peers.ts'
import { temporaryFolder } from '../support/pki.ts'
import { run } from '../support/program.ts'
import { RawClient } from '../support/raw-client.ts'
import { eventually } from '../support/within.ts'

const HOST = '127.0.7.133'
const MAIN = join(import.meta.dirname, '../../src/main.ts')

test('groups of a directory at a gateway that runs', needsPeer('slapd'), async (t) => {
  const [root, folder] = [await temporaryFolder(t), await temporaryFolder(t)]
  const directory = await TestDirectory.start(t, {
    ...{ folder, host: HOST },
    people: { alice: ['alice@corp.example'], carol: ['carol@corp.example'], dave: ['dave@corp.example'] },
    groups: { deal: ['alice'], field: ['carol', 'dave'], later: ['dave'] },
  })
  await makeEvaluation(root, Date.now(), HOST)
  const [settingsFile, policyFile] = ['gateway.yaml', 'policy.yaml'].map((name) =>
    join(root, 'federation-config', name),
  )
  const settings = await readFile(settingsFile!, 'utf8')
  await writeFile(settingsFile!, settings.replace('remote: [', `remote: [{ host: ${HOST}, port: 5222 }, `))
  const policy = (...groups: readonly string[]): string =>
    stringify({
      directories: {
        ldap: {
          ...{ address: `${HOST}:636`, trust: directory.trust, bind: AS, passwordFile: directory.passwordFile },
          ...{ base: BASE, refresh: '1s', timeout: '5s' },
          groups: Object.fromEntries(groups.map((name) => [name, { filter: inGroup(name) }])),
        },
      },
      walls: [{ name: 'merger', sides: [{ who: ['deal'] }, { partners: ['aurora.example'] }] }],
      remote: { grants: [{ to: [...groups.filter((name) => name !== 'deal')] }] },
    })
  await writeFile(policyFile!, policy('deal', 'field'))

  const query = { from: 'alice@corp.example', to: 'bob@aurora.example', stanza: undefined }
  const explained = async (from: string): Promise<string> => {
    const { verdict, reason } = await ask(root, explain, { ...query, from })
    return [verdict, reason?.id].join(' ').trim()
  }
  /** Of the files alone. */
  const offline = async () => {
    using control = await FilesControl.open(root, Date.now)
    return control.explain(query)
  }
  const logIn = (user: string, password: string): Promise<RawClient> =>
    RawClient.login({ host: HOST, domain: 'corp.example', user, password, mechanism: 'SCRAM-SHA-256' })
  const timeOf = ([line = '{}']: readonly string[]): number =>
    Date.parse(z.object({ time: z.string() }).parse(JSON.parse(line)).time)

  let gateway = await Gateway.serve(t, root)

  await t.test('who leaves a group loses what it granted at once, and a wall is there for whoever joins', async () => {
    assert.equal(await explained('alice@corp.example'), 'refuse SP-141')
    assert.equal(await explained('carol@corp.example'), 'pass')
    const client = await logIn('carol', 'open sesame')
    await client.bind('phone')
    await directory.join('deal', 'carol')
    await gateway.log.expect(/"event":"group\.changed".*"group":"deal".*"joined":"carol@corp\.example"/)
    await directory.leave('field', 'carol')
    await client.dialog.expect(/<stream:error>.*policy-violation/s)
    const left = /"event":"group\.changed".*"left":"carol@corp\.example"/
    await gateway.log.expect(left)
    const ended = /"event":"session\.ended".*"user":"carol@corp\.example"/
    await gateway.log.expect(ended)
    assert.match(gateway.log.lines(ended)[0] ?? '', /"reason":"SP-830"/)
    const took = timeOf(gateway.log.lines(ended)) - timeOf(gateway.log.lines(left))
    assert.ok(took < 1000, `${took} ms`)
    assert.equal(await explained('carol@corp.example'), 'refuse SP-141')
    await assert.rejects(logIn('carol', 'open sesame'), /not-authorized/)
  })

  await t.test('a group that a change of the policy brings is read before that is in force', async () => {
    await writeFile(policyFile!, policy('deal', 'field', 'later'))
    await gateway.log.expect(/"event":"config\.applied"/)
    assert.partialDeepStrictEqual((await ask(root, status, {})).groups, [
      { name: 'deal', members: 2 },
      { name: 'field', members: 1 },
      { name: 'later', members: 1 },
    ])
  })

  await t.test('while the directory is away the last known members stay, and everybody says so', async () => {
    await directory.stop()
    for (const name of ['deal', 'field', 'later'])
      await gateway.log.expect(new RegExp(`"event":"group\\.stale".*"reason":"SP-176".*"group":"${name}"`))
    assert.equal(await explained('alice@corp.example'), 'refuse SP-141')
    const { groups, findings } = await ask(root, status, {})
    assert.partialDeepStrictEqual(groups[0], { name: 'deal', members: 2, reason: 'SP-176' })
    assert.ok(
      findings.some(({ path, message }) => path === 'directories.ldap.groups.deal' && message.startsWith('SP-176')),
    )
    const checks = await gateway.checks('groups')
    assert.equal(checks.filter((line) => /^error: \w+: SP-176: /.test(line)).length, 3, checks.join('\n'))
  })

  await t.test(
    'new entries that come with a wall for a group nobody has read wait for it, and blocks do not',
    async () => {
      const [added, blocked, removed] = ['added.example', 'blocked.example', 'aurora.example'].map((domain) =>
        join(root, 'federation-config/partners', `${domain}.yaml`),
      )
      const walls = [{ name: 'board', sides: [{ who: ['board'] }, { partners: ['added.example'] }] }]
      const waiting = parse(policy('deal', 'field', 'later', 'board')) as Record<string, unknown>
      const aurora = await readFile(removed!, 'utf8')
      await writeFile(blocked!, 'domain: blocked.example\nstatus: blocked\n')
      await writeFile(added!, 'domain: added.example\nstatus: allowed\n')
      await writeFile(removed!, `${aurora}tags: [board]\n`)
      await writeFile(policyFile!, stringify({ ...waiting, walls: [...(waiting['walls'] as unknown[]), ...walls] }))
      const to = async (domain: string) =>
        (await ask(root, explain, { ...query, from: 'carol@corp.example', to: `x@${domain}` })).reason?.id
      await eventually('the block', async () => (await to('blocked.example')) === 'SP-102' || undefined)
      await eventually('the entry waits', async () => (await to('added.example')) === 'SP-842' || undefined)
      assert.equal(await explained('alice@corp.example'), 'refuse SP-141', 'a wall of before stands')
      const said = (await ask(root, status, {})).findings.map(({ message }) => message)
      assert.ok(said.some((message) => message.startsWith('SP-175')))
      assert.match(said.find((message) => message.startsWith('SP-842')) ?? '', /: added\.example, aurora\.example: /)
      await writeFile(policyFile!, policy('deal', 'field', 'later'))
      await eventually('it is in force', async () => (await to('added.example')) === undefined || undefined)
      await Promise.all([rm(added!), rm(blocked!), writeFile(removed!, aurora)])
      await eventually('they are gone', async () => (await to('added.example')) === 'SP-101' || undefined)
    },
  )

  await t.test(
    'a change that waits may be taken back, and a mistake in the policy keeps new entries waiting',
    async () => {
      const [aurora, added] = ['aurora.example', 'added.example'].map((domain) =>
        join(root, 'federation-config/partners', `${domain}.yaml`),
      )
      const before = policy('deal', 'field', 'later')
      const entry = await readFile(aurora!, 'utf8')
      const isSo = (what: string, from: string, said: string) =>
        eventually(what, async () => (await explained(from)) === said || undefined)
      const errors = async () => (await ask(root, status, {})).findings.filter(({ severity }) => severity === 'error')
      await writeFile(policyFile!, policy('deal', 'field', 'later', 'board'))
      await writeFile(aurora!, entry.replace(/status: .*/, 'status: blocked'))
      await isSo('the block', 'dave@corp.example', 'refuse SP-102')
      await eventually('the policy waits', async () => (await errors()).length > 0 || undefined)
      await Promise.all([writeFile(policyFile!, before), writeFile(aurora!, entry)])
      await isSo('the block is taken back', 'dave@corp.example', 'pass')
      assert.deepEqual(await errors(), [])

      const to = async () =>
        (await ask(root, explain, { ...query, from: 'dave@corp.example', to: 'x@added.example' })).reason?.id
      await writeFile(policyFile!, `${before}wals: []\n`)
      await eventually('the mistake', async () => (await errors()).length > 0 || undefined)
      await writeFile(added!, 'domain: added.example\nstatus: allowed\n')
      await eventually('the entry waits', async () => (await to()) === 'SP-842' || undefined)
      await writeFile(policyFile!, before)
      await eventually('it is in force', async () => (await to()) === undefined || undefined)
      await rm(added!)
      await eventually('it is gone', async () => (await to()) === 'SP-101' || undefined)
    },
  )

  await t.test('and a restart changes nothing of that', async () => {
    await gateway.stop()
    assert.equal((await offline()).reason, 'SP-141', 'nor where only the files are asked')
    gateway = await Gateway.serve(t, root)
    assert.equal(await explained('alice@corp.example'), 'refuse SP-141')
    await gateway.log.expect(/"event":"group\.stale"/)
    await directory.again()
    await gateway.log.expect(/"event":"group\.mended"/, { ms: 40_000 })
  })

  await t.test('where nobody has ever read it, nothing starts', async () => {
    await gateway.stop()
    await directory.stop()
    await rm(join(root, 'var', 'sallyport.db-groups'), { recursive: true })
    const { code, stderr } = await run(process.execPath, [MAIN, 'serve', '--directory', root])
    assert.equal(code, 78)
    assert.match(stderr, /policy\.yaml:\d+: directories\.ldap\.groups\.deal: SP-175: .*SP-176, connect/)
    await assert.rejects(offline, /directories\.ldap\.groups\.deal: nobody knows who is in it/)
  })
})
