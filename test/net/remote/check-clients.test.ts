// What `check --online` says of the client port of a core, by what that says.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { checkClients } from '../../../src/cli/check-clients.ts'
import { GatewaySchema } from '../../../src/config/gateway-schema.ts'
import { toSettings } from '../../../src/config/settings.ts'
import { openUsersCa, USERS_CA } from '../../../src/trust/card/users-ca.ts'
import { emptyDirectory } from '../../support/installation.ts'
import { issue, makeCa } from '../../support/pki.ts'
import { features, mechanisms, WordedCore, streamError } from './worded-core.ts'

interface Looked {
  readonly clients?: object
  readonly trust?: object
}

/** What is said of the core at this port, for a domain with users and one with rooms. */
async function said(t: TestContext, port: number, { clients = { tls: 'none' }, trust = {} }: Looked = {}) {
  const directory = await emptyDirectory(t)
  await writeFile(join(directory, 'ca.pem'), (await papers()).ca.pem)
  const read = GatewaySchema.parse({
    domains: { 'corp.example': {} },
    core: { address: '127.0.0.1:5269', trust: 'ca.pem', clients: { address: `127.0.0.1:${port}`, ...clients } },
    trust,
    limits: { connect: '5s', negotiation: '5s' },
  })
  if ('cards' in trust) {
    const domains = ['corp.example']
    await openUsersCa({ directory: join(directory, USERS_CA), domains, now: Date.now, capacity: 1 })
  }
  const { checked } = await checkClients({ settings: toSettings(read, directory), directory, now: Date.now })
  return checked.map(({ severity, message, act = '' }) => `${severity}: ${message}. ${act}`)
}

let made: ReturnType<typeof makePapers> | undefined
const papers = (): ReturnType<typeof makePapers> => (made ??= makePapers())

async function makePapers() {
  const [ca, stranger] = await Promise.all([makeCa(), makeCa()])
  const names = ['corp.example']
  return { ca, good: await issue({ ca, names }), foreign: await issue({ ca: stranger, names }) }
}

const COMPRESSION = "<compression xmlns='http://jabber.org/features/compress'><method>zlib</method></compression>"
const BINDINGS =
  "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-exporter'/></sasl-channel-binding>"

const TABLE: readonly (readonly [about: string, words: string, lines: readonly RegExp[]])[] = [
  [
    'what passes is told',
    features(mechanisms('SCRAM-SHA-256', 'PLAIN', 'EXTERNAL')),
    [/^ok: users can log in by SCRAM-SHA-256, PLAIN\. $/],
  ],
  [
    'mechanisms that bind to the channel are a warning, with what to change',
    features(mechanisms('SCRAM-SHA-1', 'SCRAM-SHA-1-PLUS')),
    [/^ok: users can log in by SCRAM-SHA-1\./, /^warning: SP-823: .*disable_sasl_mechanisms.*TLS 1\.3/],
  ],
  ['so is a list of bindings', features(mechanisms('PLAIN'), BINDINGS), [/^ok/, /^warning: SP-823/]],
  [
    'compression does no harm, and is told',
    features(mechanisms('PLAIN'), COMPRESSION),
    [/^ok: users/, /^ok: the core offers compression/],
  ],
  [
    'no mechanism that could pass is an error',
    features(mechanisms('ANONYMOUS', 'DIGEST-MD5')),
    [
      /^error: the core offers only ANONYMOUS, DIGEST-MD5: no remote user can log in\. Let the core offer SCRAM or PLAIN/,
    ],
  ],
  ['nor is none at all', features(), [/^error: the core offers nothing to log in by: no remote user can log in/]],
  [
    'a core of other domains is an error',
    streamError('host-unknown'),
    [/^error: the client port of the core serves none of our domains\. Check that `core\.clients\.address`/],
  ],
  ['something else there is an error', '<html/>', [/^error: SP-807: /]],
]

for (const [about, words, lines] of TABLE) {
  test(`a core's client port is looked at: ${about}`, async (t) => {
    await using core = await WordedCore.open({ words: () => words })
    const told = await said(t, core.port)
    assert.equal(told.length, lines.length, told.join('\n'))
    for (const [number, line] of lines.entries()) assert.match(told[number] ?? '', line)
  })
}

test('its TLS is looked at: who vouches for it, and whether there is any', async (t) => {
  const words = (): string => features(mechanisms('PLAIN'))
  const { good, foreign } = await papers()
  await using core = await WordedCore.open({ words, certificate: good })
  await using impostor = await WordedCore.open({ words, certificate: foreign })
  await using bare = await WordedCore.open({ words })
  const direct = { clients: { tls: 'direct' } }
  assert.match((await said(t, core.port, direct)).join('\n'), /^ok: users can log in by PLAIN\. $/)
  assert.match((await said(t, impostor.port, direct)).join('\n'), /^error: SP-804: .*core\.clients\.trust/)
  assert.match((await said(t, bare.port, { clients: {} })).join('\n'), /^error: SP-803: /)
  assert.match((await said(t, bare.port, direct)).join('\n'), /^error: SP-802: /)
})

test('where users log in by certificate, the core has to offer EXTERNAL to one of ours', async (t) => {
  const { good } = await papers()
  const cards = { cards: { issuers: ['ca.pem'], addresses: [{ from: 'xmppAddr' }] } }
  const look = async (...offered: readonly string[]): Promise<string> => {
    await using core = await WordedCore.open({ words: () => features(mechanisms(...offered)), certificate: good })
    return (await said(t, core.port, { clients: { tls: 'direct' }, trust: cards })).join('\n')
  }
  assert.match(await look('PLAIN', 'EXTERNAL'), /^ok: users can log in by PLAIN, certificate\. $/)
  assert.match(await look('EXTERNAL'), /^ok: users can log in by certificate\. $/)
  assert.match(
    await look('PLAIN'),
    /^ok: users can log in by PLAIN\. \nerror: the core does not offer EXTERNAL.*certs\/users-ca\/ca\.pem/,
  )
})

test('nobody there is an error', async (t) => {
  let port: number
  {
    await using core = await WordedCore.open({ words: () => '' })
    ;({ port } = core)
  }
  assert.match((await said(t, port)).join('\n'), /^error: SP-802: .*SP-211.*core\.clients\.address/)
})

test('where no users are led, nothing is looked at', async (t) => {
  const read = GatewaySchema.parse({
    domains: { 'corp.example': {} },
    core: { address: '127.0.0.1:5269', trust: 'ca.pem', networks: ['127.0.0.0/8'] },
  })
  const directory = await emptyDirectory(t)
  const looked = await checkClients({ settings: toSettings(read, directory), directory, now: Date.now })
  assert.deepEqual(looked, { checked: [], users: [] })
})
