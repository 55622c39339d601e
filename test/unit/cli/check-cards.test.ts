import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { checkCards } from '../../../src/cli/check-cards.ts'
import type { Checked } from '../../../src/cli/checked.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { openUsersCa } from '../../../src/trust/card/users-ca.ts'
import { GATEWAY_YAML, installation } from '../../support/installation.ts'
import { makeCa, writeAnchors } from '../../support/pki.ts'

const ca = await makeCa()

async function checked(
  t: TestContext,
  trust: string,
  prepare?: (directory: string) => Promise<void>,
): Promise<readonly Checked[]> {
  const directory = await installation(t)
  await writeFile(join(directory, 'federation-config', 'gateway.yaml'), `${GATEWAY_YAML}${trust}`)
  await writeAnchors(join(directory, 'cards.pem'), ca)
  await prepare?.(directory)
  const { settings, findings } = await loadConfig(join(directory, 'federation-config'))
  assert.ok(settings, findings[0]?.message ?? '')
  return checkCards({ settings, directory, now: Date.now })
}

const brief = (all: readonly Checked[]): readonly string[] =>
  all.map(({ severity, subject }) => `${severity} ${subject}`)

test('without cards nothing is said', async (t) => {
  assert.deepEqual(await checked(t, ''), [])
})

test('before the first start the CA is missing; afterwards it is said what its key is worth', async (t) => {
  const trust = 'trust: { cards: { issuers: [cards.pem] } }\n'
  assert.deepEqual(brief(await checked(t, trust)), ['ok cards', 'warning certs/users-ca'])
  const made = await checked(t, trust, async (directory) => {
    const place = join(directory, 'certs', 'users-ca')
    await openUsersCa({ directory: place, domains: ['corp.example'], now: Date.now, capacity: 1 })
  })
  assert.deepEqual(brief(made), ['ok cards', 'ok certs/users-ca'])
  assert.match(made[1]?.message ?? '', /whoever has its key is every user/)
})

test('a CA that vouches for partners too is told of, and one of the gateway itself is an error', async (t) => {
  const both = 'trust: { anchors: [cards.pem], cards: { issuers: [cards.pem] } }\n'
  assert.deepEqual(brief(await checked(t, both)), ['warning cards', 'ok cards', 'warning certs/users-ca'])
  const own = 'trust: { cards: { issuers: [certs/users-ca/ca.pem] } }\n'
  const said = await checked(t, own, async (directory) => {
    const place = join(directory, 'certs', 'users-ca')
    await openUsersCa({ directory: place, domains: ['corp.example'], now: Date.now, capacity: 1 })
  })
  assert.deepEqual(brief(said), ['error cards', 'ok cards', 'ok certs/users-ca'])
})

test('files that do not read are errors, and an empty one is told of', async (t) => {
  const trust = (file: string): string =>
    `trust: { cards: { issuers: [none.pem], addresses: [{ from: CN, matches: ".*", pairs: ${file} }] } }\n`
  const missing = await checked(t, trust('none.txt'))
  assert.deepEqual(
    missing.slice(0, 2).map(({ severity, message }) => `${severity} ${message.slice(0, 12)}`),
    ['error no such file', 'error no such file'],
  )
  const empty = await checked(t, trust('pairs.txt'), (directory) => writeFile(join(directory, 'pairs.txt'), '# none\n'))
  assert.match(empty[1]?.message ?? '', /nobody is found by it/)
})
