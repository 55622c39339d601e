// The scenarios of conformance under nato with a real server whose certificate nobody vouches for, and whose entry lets dialback
// within TLS do: that is what both come to.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'
import { dns } from '../support/dns.ts'
import { Gateway } from '../support/gateway.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa, temporaryFolder } from '../support/pki.ts'
import { run } from '../support/program.ts'
import { prosody } from '../support/prosody.ts'
import { OURS, places, THEIRS } from './places.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
const NUMBER = 231

test('dialback within TLS with a live partner under nato', needsPeer('prosody', 'dnsmasq', 'root'), async (t) => {
  const at = places(NUMBER)
  const [ca, other] = await Promise.all([makeCa(), makeCa()])
  const outside = Object.entries({ [OURS]: at.outer, [THEIRS]: at.partner })
  await dns(t, {
    address: at.outerDns,
    hosts: Object.fromEntries(outside.map(([domain, address]) => [`xmpp.${domain}`, address])),
    federation: Object.fromEntries(outside.map(([domain]) => [domain, { host: `xmpp.${domain}` }])),
  })
  const [directory] = await Promise.all([
    Gateway.install(t, {
      domains: { [OURS]: await issue({ ca, names: [OURS] }) },
      ...{ core: at.core, coreTrust: ca, anchors: [ca], inner: at.inner, outer: at.outer, dns: at.outerDns },
      settings: {
        trust: { anchors: ['certs/anchors.pem'], fetch: false },
        listen: { federation: [{ host: at.outer, port: 5269 }] },
      },
      partners: { [THEIRS]: { status: 'allowed', authentication: 'dialback-over-tls' } },
    }),
    prosody(t, {
      ...{ address: at.partner, dns: at.outerDns, anchors: [other], proof: 'dialback' },
      hosts: [{ domain: THEIRS, users: [], certificate: await issue({ names: [THEIRS] }) }],
    }),
  ])
  const temporary = await temporaryFolder(t)
  const words = ['--profile', 'nato', '--area', 'LBL', '--peer', THEIRS, '--out', 'report', '--directory', directory]
  const made = await run(process.execPath, [MAIN, 'conformance', ...words], { ms: 240_000, env: { TMPDIR: temporary } })
  assert.equal(made.code, 0, made.stdout + made.stderr)
  const report: unknown = JSON.parse(await readFile(join(directory, 'report/report.json'), 'utf8'))
  assert.partialDeepStrictEqual(report, {
    pairwise: {
      expected: { 'dialback-over-tls': { as: 5 } },
      pairs: [{ peer: THEIRS, facts: { proven: false, floor: 'dialback-over-tls' } }],
    },
  })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is not there fails here
  const [pair] = (report as { pairwise: { pairs: readonly Pair[] } }).pairwise.pairs
  const kindOf = (id: string) => pair!.runs.find(({ scenario }) => scenario === id)?.outcome.kind
  assert.deepEqual(
    ['I-01', 'I-05', 'I-15', 'I-16', 'I-23'].map(kindOf),
    ['pass', 'not-run', 'pass', 'pass', 'pass'],
    made.stdout,
  )
  assert.deepEqual([...new Set(pair!.facts.streams.map(({ proof }) => proof))], ['dialback'])
})

interface Pair {
  readonly runs: readonly { readonly scenario: string; readonly outcome: { readonly kind: string } }[]
  readonly facts: { readonly streams: readonly { readonly proof: string }[] }
}
