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
import { FilesControl } from '../../src/admin/files-control.ts'
import { Partner, readPartner, type BrokenPartner } from '../support/broken-partner.ts'
import { Gateway } from '../support/gateway.ts'
import { issue, makeCa, type Issued } from '../support/pki.ts'
import type { Cleanup } from '../support/program.ts'
import { BlackHole } from './black-hole.ts'
import { type Answer, type Names, names } from './names.ts'

const CASES = join(import.meta.dirname, '../cases/probe')
const US = { domain: 'corp.example', address: '127.0.64.3' }

/** Domains that DNS says nothing about. */
const SLOW = [1, 2, 3, 4, 5].map((at) => `slow-${at}.example`)
const silence = (domain: string): Readonly<Record<string, Answer>> => ({
  [`SRV _xmpp-server._tcp.${domain}`]: 'silence',
  [`SRV _xmpps-server._tcp.${domain}`]: 'silence',
})

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
  dns = await names(Object.assign({}, ...cases.map(answers), ...SLOW.map(silence)))
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
      limits: { connect: '2s', negotiation: '5s', close: '1s', pingAnswer: '5s', dialback: '1s' },
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
function said({ findings }: ProbeOutput, address: string): string {
  const first = findings.find(({ severity }) => severity === 'fault')
  if (!first) return 'nothing is wrong\n'
  const sentence = first.sentence
    .replaceAll(new RegExp(`${RegExp.escape(address)}\\b`, 'g'), 'ADDRESS')
    .replaceAll(/waited for \d+ s/g, 'waited for … s')
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
    const seen = said(report, address)
    const file = join(CASES, name, 'expected.txt')
    if (process.env['UPDATE_EXPECTED'] === '1') writeFileSync(file, seen)
    assert.equal(seen, readFileSync(file, 'utf8'), JSON.stringify(report, undefined, 2))
    const theirs = report.findings.some(({ severity, side }) => severity === 'fault' && side !== 'ours')
    assert.equal(report.letter !== undefined, theirs, 'a letter exactly when there is something to ask')
  })
}

const known = (name: string): Case => cases.find((one) => one.name === name) ?? assert.fail(name)

test('without a gateway the files will do, but for the way back', async () => {
  const { domain, address, how } = known('nothing-wrong')
  await using _ = await Partner.open(how, { domain, address, ca, us: US })
  using control = await FilesControl.open(gateway.directory, Date.now)
  const kinds: string[] = []
  const report = await control.probe({ domain, from: undefined, timeoutMs: 20_000 }, ({ kind }) => kinds.push(kind))
  assert.deepEqual(
    report.findings.map(({ severity, reason }) => [severity, reason]),
    [['note', 'SP-226']],
  )
  assert.deepEqual([report.attempts[0]?.authentication, report.ping?.outcome], ['accepted', 'untested'])
  assert.ok(kinds.includes('attempt'))
})

test('by the files as well, the partner entry says what is believed', async () => {
  const { domain, address, how } = known('certificate-wrong-pin')
  await using _ = await Partner.open(how, { domain, address, ca, us: US })
  using control = await FilesControl.open(gateway.directory, Date.now)
  const report = await control.probe({ domain, from: undefined, timeoutMs: 20_000 }, () => undefined)
  assert.equal(report.findings[0]?.reason, 'SP-307')
})

test('four domains are tested at once, and no more', async () => {
  const asked = await Promise.allSettled(SLOW.map((domain) => ask(gateway.directory, probe, { domain, seconds: 20 })))
  assert.equal(asked.filter(({ status }) => status === 'fulfilled').length, 4)
  const refused = asked.find(({ status }) => status === 'rejected')
  assert.match(String(refused?.status === 'rejected' && refused.reason), /4 probes run already/)
})

test('a probe ends in the time that it has, and says what it did not come to', async () => {
  const { domain, address, how } = known('silent')
  await using _ = await Partner.open(how, { domain, address, ca, us: US })
  const report = await ask(gateway.directory, probe, { domain, seconds: 1 })
  assert.equal(report.findings[0]?.reason, 'SP-430')
})

test('a gateway that is stopped ends its probes', async () => {
  const { domain, address, how } = known('silent')
  await using _ = await Partner.open(how, { domain, address, ca, us: US })
  const connecting = Promise.withResolvers<void>()
  const tell = (progress: unknown): void => {
    if (JSON.stringify(progress).includes('connecting to')) connecting.resolve()
  }
  const asked = ask(gateway.directory, probe, { domain, seconds: 20 }, { tell })
  await connecting.promise
  const [stopped, report] = await Promise.allSettled([gateway.stop(), asked])
  assert.deepEqual(stopped, { status: 'fulfilled', value: 0 })
  assert.equal(report.status === 'fulfilled' && report.value.findings[0]?.reason, 'SP-217')
})
