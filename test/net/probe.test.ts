// Probes of partners that are each broken in one way. A folder of `test/cases/probe/` is one of them: `partner.json` says
// how it is broken, `expected.txt` what must be called the first wrong thing.
//
// `UPDATE_EXPECTED=1` writes what is seen now into the files; read the difference before you keep it.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ask } from '../../src/admin/client.ts'
import { probe } from '../../src/admin/probe.ts'
import type { ProbeOutput } from '../../src/admin/probe-shapes.ts'
import { Partner, readPartner, type BrokenPartner } from '../support/broken-partner.ts'
import { Gateway } from '../support/gateway.ts'
import { issue, makeCa, type Issued } from '../support/pki.ts'
import type { Cleanup } from '../support/program.ts'
import { BlackHole } from './black-hole.ts'
import { type Answer, type Names, names } from './names.ts'

const CASES = join(import.meta.dirname, '../cases/probe')
const US = { domain: 'corp.example', address: '127.0.64.3' }

interface Case {
  readonly name: string
  readonly domain: string
  readonly address: string
  readonly how: BrokenPartner
}

const cases: readonly Case[] = readdirSync(CASES)
  .toSorted()
  .map((name, at) => ({
    name,
    domain: `${name}.example`,
    address: `127.0.65.${at + 1}`,
    how: readPartner(join(CASES, name, 'partner.json')),
  }))

let root: Issued
let ca: Issued
let dns: Names
let gateway: Gateway
const cleanups: (() => unknown)[] = []
const cleanup: Cleanup = { after: (fn) => void cleanups.push(fn) }

before(async () => {
  root = await makeCa({ commonName: 'Public Root' })
  ca = await makeCa({ ca: root, commonName: 'Public CA' })
  dns = await names(Object.assign({}, ...cases.map(answers)))
  gateway = await Gateway.start(cleanup, {
    domains: { [US.domain]: await issue({ ca, names: [US.domain] }) },
    core: '127.0.64.1',
    coreTrust: root,
    anchors: [root],
    inner: '127.0.64.2',
    outer: US.address,
    dns: dns.server,
    settings: {
      dns: { servers: [dns.server], timeout: '1s' },
      limits: { connect: '1s', negotiation: '4s', close: '1s', pingAnswer: '2s' },
    },
    partners: Object.fromEntries(
      cases.flatMap(({ domain, how }) => (how.entry ? [[domain, { status: 'allowed', ...how.entry }] as const] : [])),
    ),
  })
})

after(async () => {
  for (const clean of cleanups.toReversed()) await clean()
  await dns[Symbol.asyncDispose]()
})

/** What DNS says about one of them: as it should be, but for what its file says. */
function answers({ domain, address, how }: Case): Readonly<Record<string, Answer>> {
  const named = (text: string): string =>
    text.replaceAll('DOMAIN', domain).replaceAll('HOST', `xmpp.${domain}`).replaceAll('ADDRESS', address)
  const all: Readonly<Record<string, Answer>> = {
    'SRV _xmpp-server._tcp.DOMAIN': [{ priority: 10, weight: 5, port: how.port, name: 'HOST' }],
    'A HOST': ['ADDRESS'],
    ...how.dns,
  }
  const filled = (answer: Answer): Answer =>
    typeof answer === 'string'
      ? answer
      : answer.map((one) => (typeof one === 'string' ? named(one) : { ...one, name: named(one.name) }))
  return Object.fromEntries(Object.entries(all).map(([question, answer]) => [named(question), filled(answer)]))
}

/** The first wrong thing, with what is new each time left out. */
function said({ findings }: ProbeOutput): string {
  const first = findings.find(({ severity }) => severity === 'fault')
  if (!first) return 'nothing is wrong\n'
  const sentence = first.sentence
    .replaceAll(/sha256\/[A-Za-z0-9+/=]+/g, 'sha256/…')
    .replaceAll(/[0-9a-hjkmnp-tv-z]{4}(?:-[0-9a-hjkmnp-tv-z]{4}){2}/g, '…')
    .replaceAll(/[0-9A-F]{8,}:error:/g, '…:error:')
  return `${first.reason} ${first.side}\n${sentence}\n`
}

test('there are at least twenty-five broken partners', () => {
  assert.ok(cases.length >= 25, `${cases.length} folders`)
})

for (const one of cases) {
  test(`probe: ${one.name.replaceAll('-', ' ')}`, async () => {
    const { name, domain, address, how } = one
    await using _ = await Partner.open(how, { domain, address, ca, us: US })
    await using __ = how.listens === 'black-hole' ? await BlackHole.open(address, how.port) : undefined
    const report = await ask(gateway.directory, probe, { domain, seconds: 20 })
    const seen = said(report)
    const file = join(CASES, name, 'expected.txt')
    if (process.env['UPDATE_EXPECTED'] === '1') writeFileSync(file, seen)
    assert.equal(seen, readFileSync(file, 'utf8'), JSON.stringify(report, undefined, 2))
    const theirs = report.findings.some(({ severity, side }) => severity === 'fault' && side !== 'ours')
    assert.equal(report.letter !== undefined, theirs, 'a letter exactly when there is something to ask')
  })
}
