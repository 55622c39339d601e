// `sallyport probe` against a gateway of plain data behind a real control socket: what is shown while it runs and at the
// end. What a probe finds out is told elsewhere.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { controlSocketPath } from '../../../src/admin/client.ts'
import { serveControl } from '../../../src/admin/control-socket.ts'
import type { ProbeProgress, ProbeReport } from '../../../src/gateway/probe/report.ts'
import { CERTIFICATE, FakeControl, NOW } from '../../support/fake-control.ts'
import { installation } from '../../support/installation.ts'
import { run } from './run.ts'

const AT = '2026-03-01T12:00:00.000Z'

const REPORT: ProbeReport = {
  domain: 'partner.example',
  at: AT,
  ours: {
    domain: 'corp.example',
    certificate: CERTIFICATE,
    fault: undefined,
    listeners: ['203.0.113.5:5269'],
    entry: undefined,
    refused: 'SP-101',
  },
  dns: {
    routes: false,
    questions: [
      {
        name: '_xmpp-server._tcp.partner.example',
        type: 'SRV',
        ms: 3,
        records: ['10 5 5269 xmpp.partner.example.'],
        failure: undefined,
      },
      {
        name: '_xmpps-server._tcp.partner.example',
        type: 'SRV',
        ms: 2,
        records: [],
        failure: { reason: 'SP-201', detail: 'NXDOMAIN', absent: true },
      },
    ],
    targets: [{ host: 'xmpp.partner.example', port: 5269, tls: 'starttls' }],
    fallback: false,
    failure: undefined,
    answersElsewhere: undefined,
  },
  hosts: [
    {
      host: 'xmpp.partner.example',
      questions: [{ name: 'xmpp.partner.example', type: 'A', ms: 1, records: ['192.0.2.7'], failure: undefined }],
      addresses: ['192.0.2.7'],
      failure: undefined,
    },
  ],
  attempts: [
    {
      host: 'xmpp.partner.example',
      port: 5269,
      tls: 'starttls',
      address: '192.0.2.7',
      from: '203.0.113.5',
      at: AT,
      connectMs: 12,
      offers: [{ when: 'plain', features: ['{urn:ietf:params:xml:ns:xmpp-tls}starttls'], mechanisms: [] }],
      secured: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', group: 'X25519' },
      certificate: {
        certificates: [{ ...CERTIFICATE, subject: 'CN=\u001b[31mred', names: ['DNS:partner.example'] }],
        matching: 'DNS:partner.example',
        proven: false,
        anchor: undefined,
        failure: { reason: 'SP-304', detail: 'self-signed' },
      },
      authentication: undefined,
      dialback: undefined,
      method: undefined,
      readyMs: undefined,
      failure: {
        reason: 'SP-304',
        detail: 'self-signed',
        by: 'us',
        condition: 'not-authorized',
        reference: '7f3k-9q2m-x04d',
      },
      followed: false,
    },
  ],
  untried: [],
  ping: { at: AT, outcome: 'unsent', way: undefined, ms: undefined, error: false, ended: undefined },
  inbound: [],
  findings: [
    {
      severity: 'fault',
      reason: 'SP-304',
      side: 'theirs',
      sentence: 'xmpp.partner.example:5269 at 192.0.2.7: self-signed.',
      act: 'Ask them.',
      request: 'Please mend it.',
    },
  ],
  letter: 'Subject: XMPP\n\nHello,\n',
}

const PROGRESS: readonly ProbeProgress[] = [
  { kind: 'start', domain: REPORT.domain, at: AT, ours: REPORT.ours },
  { kind: 'doing', what: 'looking for partner.example' },
  ...(REPORT.dns ? [{ kind: 'dns' as const, dns: REPORT.dns }] : []),
  ...REPORT.hosts.map((host) => ({ kind: 'host' as const, host })),
  ...REPORT.attempts.map((attempt) => ({ kind: 'attempt' as const, attempt })),
  ...(REPORT.ping ? [{ kind: 'ping' as const, ping: REPORT.ping }] : []),
]

async function gateway(t: TestContext, report: ProbeReport | undefined, progress = PROGRESS): Promise<string> {
  const directory = await installation(t)
  const control = new FakeControl(directory)
  control.probed = report && { progress, report }
  const socket = await serveControl({ control, directory, socketPath: controlSocketPath(directory), now: () => NOW })
  t.after(() => socket[Symbol.asyncDispose]())
  return directory
}

test('a probe shows its stages, the first wrong thing and the letter', async (t) => {
  const { code, out } = await run(await gateway(t, REPORT), ['probe', 'partner.example'])
  assert.equal(code, 1)
  assert.equal(
    out,
    `Probing partner.example for corp.example, 2026-03-01 12:00:00 UTC
  partner entry  none
  admitted       no: The domain is not in the partner list, and federation is closed. (SP-101)
  we listen on   203.0.113.5:5269
  we show        CN=corp.example, for DNS:corp.example, by CN=A real CA, valid 2026-01-01 to 2026-12-31, EC P-256

Where it is
  SRV _xmpp-server._tcp.partner.example   10 5 5269 xmpp.partner.example.  (3 ms)
  SRV _xmpps-server._tcp.partner.example  NXDOMAIN  (2 ms)
  leads to                                xmpp.partner.example:5269
  A xmpp.partner.example  192.0.2.7  (1 ms)

xmpp.partner.example:5269 at 192.0.2.7
  TCP               connected in 12 ms from 203.0.113.5
  offers            starttls
  TLS               TLSv1.3, TLS_AES_256_GCM_SHA384, key exchange X25519
  certificate       CN=\\u{1b}[31mred, for DNS:partner.example, by CN=A real CA, valid 2026-01-01 to 2026-12-31, EC P-256
  key               sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
  names the domain  DNS:partner.example
  trusted           SP-304 certificate-self-signed: self-signed
  failed            SP-304 certificate-self-signed: self-signed

Ping, and their way to us
  not sent: no stream came about

The first wrong thing: xmpp.partner.example:5269 at 192.0.2.7: self-signed.
  reason      SP-304 certificate-self-signed
  whose       theirs
  what to do  Ask them.

For their administrator

Subject: XMPP

Hello,
`,
  )
})

test('dialback is shown as what proves both, and ports of IPv6 stand behind brackets', async (t) => {
  const [attempt] = REPORT.attempts
  assert.ok(attempt && REPORT.dns)
  const target = { host: '2001:db8::7', port: 5269, tls: 'starttls' } as const
  const progress: readonly ProbeProgress[] = [
    { kind: 'dns', dns: { ...REPORT.dns, targets: [target] } },
    {
      kind: 'attempt',
      attempt: {
        ...{ ...attempt, ...target, address: target.host, failure: undefined },
        ...{ authentication: 'refused', dialback: 'accepted', method: 'dialback', readyMs: 40 },
      },
    },
  ]
  const { out } = await run(await gateway(t, { ...REPORT, findings: [] }, progress), ['probe', 'partner.example'])
  assert.match(out, /\n +leads to .* \[2001:db8::7\]:5269\n/)
  assert.match(out, /\n\[2001:db8::7\]:5269\n/)
  assert.match(out, /\n +trusted +SP-304 .*self-signed; it need not be, DNS names this server\n/)
  assert.match(out, /\n +authentication +refused, ours by them\n +dialback +our key accepted by them\n/)
  assert.match(out, /\n +stream +ready after 40 ms, proven by dialback\n/)
})

test('where everything is right, it says so in one line, and the exit code is 0', async (t) => {
  const ours = { ...REPORT.ours, refused: undefined }
  const directory = await gateway(t, { ...REPORT, ours, findings: [], letter: undefined })
  const { code, out } = await run(directory, ['probe', 'partner.example', '--timeout', '5s'])
  assert.equal(code, 0)
  assert.match(out, /\n\nEverything is right between corp\.example and partner\.example\.\n$/)
})

test('where everything is right but the list, it says that too', async (t) => {
  const ours = { ...REPORT.ours, refused: 'SP-102' as const }
  const directory = await gateway(t, { ...REPORT, ours, findings: [], letter: undefined })
  const { code, out } = await run(directory, ['probe', 'partner.example'])
  assert.equal(code, 0)
  assert.match(
    out,
    /\n\nEverything is right between corp\.example and partner\.example, but it is not admitted here\.\n$/,
  )
})

test('a note is no fault', async (t) => {
  const findings = REPORT.findings.map((finding) => ({ ...finding, severity: 'note' as const }))
  const { code, out } = await run(await gateway(t, { ...REPORT, findings }), ['probe', 'partner.example'])
  assert.equal(code, 0)
  assert.match(out, /Everything is right[\s\S]*To know\n {2}xmpp\.partner\.example/)
})

test('as JSON it is one document with all stages', async (t) => {
  const { code, out } = await run(await gateway(t, REPORT), ['probe', 'partner.example', '--json'])
  assert.equal(code, 1)
  assert.deepEqual(JSON.parse(out), JSON.parse(JSON.stringify(REPORT)))
})

test('what is under way is shown beside, where somebody looks', async (t) => {
  let err = ''
  const stderr = { isTTY: true, write: (text: string) => (err += text) }
  await run(await gateway(t, REPORT), ['probe', 'partner.example'], { stderr })
  assert.match(err, /… looking for partner\.example/)
})

test('called wrongly', async (t) => {
  const directory = await gateway(t, undefined)
  const table: readonly (readonly [words: readonly string[], code: number, said: RegExp])[] = [
    [['probe'], 2, /<domain> is missing/],
    [['probe', 'a b'], 2, /is no domain/],
    [['probe', 'partner.example', '--timeout', '5h'], 2, /a time from 1s to 50s/],
    [['probe', 'partner.example'], 1, /a probe runs already/],
  ]
  for (const [words, expected, pattern] of table) {
    const { code, err } = await run(directory, words)
    assert.equal(code, expected, words.join(' '))
    assert.match(err, pattern)
  }
})
