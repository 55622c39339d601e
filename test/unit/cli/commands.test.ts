// The commands against a gateway of plain data behind a real control socket, and without one.

import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { controlSocketPath } from '../../../src/admin/client.ts'
import { serveControl } from '../../../src/admin/control-socket.ts'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import type { KeyStatus } from '../../../src/gateway/keys/report.ts'
import type { PendingStatus } from '../../../src/gateway/pending.ts'
import { CERTIFICATE, FakeControl, NOW, RECORD, STATUS } from '../../support/fake-control.ts'
import { installation, partnerFile } from '../../support/installation.ts'
import { run } from './run.ts'

const PARTNERS = {
  'partner.example': 'domain: partner.example\nstatus: allowed\nowner: it@corp.example\n',
  'blocked.example': 'domain: blocked.example\nstatus: blocked\n',
}

async function gateway(t: TestContext) {
  const directory = await installation(t, PARTNERS)
  const control = new FakeControl(directory)
  await control.reload()
  const socket = await serveControl({ control, directory, socketPath: controlSocketPath(directory), now: () => NOW })
  t.after(() => socket[Symbol.asyncDispose]())
  return { directory, control }
}

test('status shows who is connected, how they were authenticated, and what waits', async (t) => {
  const { directory } = await gateway(t)
  const { code, out } = await run(directory, ['status'])
  assert.equal(code, 0)
  assert.equal(
    out,
    `Sallyport 0.1.0 on Node 26.0.0, process 4711, up 2h, in /srv/sallyport

Listeners
  for         address       TLS
  federation  0.0.0.0:5269  starttls

Our domains
  domain        certificate until  issued by     key
  corp.example  2026-12-31         CN=A real CA  EC P-256

  core         s2s 10.1.0.10:5269
  partners     2 in the list
  profile      standard, on OpenSSL 3.5.8, without a FIPS provider
  since start  9 stanzas passed, 1 refused, 0 streams closed
  waiting      3 stanzas, 900 B (late.example 3 stanzas, 900 B)
  under way    4.3 KiB; 1 stream held, as what they feed is full
  sending      0 senders measured, 0 recipients of today
  records      10 written, 0 waiting, 0 lost
  remembered   2 questions under way, 40 presences seen, 3 nicks in rooms known
  known        3 outside, to users of ours

Streams (1)
  who              leg      way    for           address          proven by    TLS             cipher                  group    stanzas  unacknowledged  in hand      bytes    up   anew in
  partner.example  partner  to us  corp.example  192.0.2.7:40000  certificate  TLSv1.3 direct  TLS_AES_256_GCM_SHA384  unknown  12       3               900 B, held  3.1 KiB  60m  60m

Links that wait or failed
  to            for           leg      state       queue             last failure
  late.example  corp.example  partner  connecting  3 stanzas, 900 B  SP-201 60s ago (7f3k-9q2m-x04d): no such name
`,
  )
})

test('status says until when a link waits that failed, and partner retry cuts it short', async (t) => {
  const { directory, control } = await gateway(t)
  const link = { ...STATUS.links[0]!, state: 'idle', queuedStanzas: 0, queuedBytes: 0 } as const
  control.current = { ...STATUS, links: [{ ...link, nextAttempt: new Date(NOW + 12_000).toISOString() }] }
  const { out } = await run(directory, ['status'])
  assert.match(out, /no such name; the next attempt waits 12s, or for `sallyport partner retry`/)
  const { code, out: said } = await run(directory, ['partner', 'retry', 'partner.example'])
  assert.equal(code, 0)
  assert.match(said, /3 links waited; the next stanza makes an attempt at once/)
  assert.deepEqual(control.retried, ['partner.example'])
  assert.equal((await run(directory, ['partner', 'retry', 'nobody.example'])).code, 1)
  assert.deepEqual(control.retried, ['partner.example'])
})

const KNOWN: KeyStatus = {
  domain: 'partner.example',
  spki: CERTIFICATE.spki,
  state: 'known',
  change: 'first',
  explanation: 'the first one seen',
  certificate: { ...CERTIFICATE, issuer: 'CN=An old CA' },
  sides: ['client', 'server'],
  firstSeen: '2026-01-02T00:00:00.000Z',
  lastSeen: '2026-02-28T00:00:00.000Z',
  reference: undefined,
  decided: undefined,
}
const HELD: KeyStatus = {
  ...KNOWN,
  spki: 'sha256/Cb1ddP0S9PXyQ1FtcvQFV+XEfWPS8xGPUOIVTXEzpqw=',
  state: 'held',
  change: 'other-ca',
  explanation: 'another CA vouches for it',
  certificate: { ...CERTIFICATE, issuer: 'CN=A new CA' },
  reference: '7f3k-9q2m-x04d',
}
const CONFIRM = ['partner', 'confirm-certificate', 'partner.example'] as const

test('partner confirm-certificate shows what was and what is, and changes nothing by itself', async (t) => {
  const { directory, control } = await gateway(t)
  assert.match((await run(directory, CONFIRM)).out, /no key waits for a decision/)
  control.known = [KNOWN, HELD]
  const { code, out } = await run(directory, CONFIRM)
  assert.equal(code, 1)
  assert.match(out, /another CA vouches for it[^]*it proves nothing[^]*CN=A new CA[^]*known until now[^]*CN=An old CA/)
  assert.ok(out.includes(`sallyport partner confirm-certificate partner.example --pin ${HELD.spki}`), out)
  assert.deepEqual(control.decisions, [])
  control.known = [KNOWN, { ...HELD, domain: 'rooms.partner.example' }]
  const elsewhere = (await run(directory, CONFIRM)).out
  assert.ok(elsewhere.includes(`confirm-certificate rooms.partner.example --pin ${HELD.spki}`), elsewhere)
  control.known = [{ ...HELD, domain: 'rooms.partner.example' }, HELD, { ...HELD, domain: 'z.partner.example' }]
  const both = (await run(directory, CONFIRM)).out
  assert.deepEqual(both.match(/confirm-certificate \S+ --pin/g), ['confirm-certificate partner.example --pin'])
})

test('partner confirm-certificate confirms what waits, or a key by name, or refuses it, and says who did', async (t) => {
  const { directory, control } = await gateway(t)
  control.known = [KNOWN, HELD]
  const { code, out } = await run(directory, [...CONFIRM, '--yes'])
  assert.equal(code, 0)
  assert.match(out, /partner.example is known by sha256\/Cb1dd.*; in force now/)
  assert.equal((await run(directory, [...CONFIRM, '--pin', KNOWN.spki, '--refuse'])).code, 0)
  assert.deepEqual(
    control.decisions.map(({ pins, say }) => [...pins, say]),
    [
      [HELD.spki, 'confirm'],
      [KNOWN.spki, 'refuse'],
    ],
  )
  for (const { by } of control.decisions) assert.ok(by && by.length > 0)
  assert.deepEqual(control.retried, ['partner.example', 'partner.example'])
  assert.equal((await run(directory, [...CONFIRM, '--pin', 'sha256/short'])).code, 2)
  assert.equal((await run(directory, [...CONFIRM, '--pin', KNOWN.spki, '--yes'])).code, 2)
  assert.equal((await run(directory, ['partner', 'confirm-certificate', 'nobody.example', '--yes'])).code, 1)
})

test('status and partner show tell of keys that wait', async (t) => {
  const { directory, control } = await gateway(t)
  control.known = [KNOWN, HELD]
  control.current = { ...STATUS, partnerKeys: { kept: 2, open: [HELD] } }
  assert.match(
    (await run(directory, ['status'])).out,
    /THAT CHANGED[^]*partner.example  sha256\/Cb1dd.*it proves nothing/,
  )
  const { out } = await run(directory, ['partner', 'show', 'partner.example'])
  assert.match(out, /Keys of its certificates[^]*known +CN=An old CA[^]*held +CN=A new CA/)
})

test('without a gateway partner show reads the keys from the store', async (t) => {
  const directory = await installation(t, PARTNERS)
  await mkdir(join(directory, 'var'))
  {
    using store = openSqliteStore(join(directory, 'var', 'sallyport.db'))
    const key = { ...KNOWN, firstSeen: NOW, lastSeen: NOW, decidedAt: undefined, decidedBy: undefined }
    store.keepKnownKeys([{ ...key, state: 'known' }], [])
  }
  assert.match(
    (await run(directory, ['partner', 'show', 'partner.example'])).out,
    /sha256\/47DEQ.* known +CN=An old CA/,
  )
  assert.equal((await run(directory, [...CONFIRM, '--pin', KNOWN.spki])).code, 1)
})

test('status tells what was changed and waits for a restart', async (t) => {
  const { directory, control } = await gateway(t)
  assert.doesNotMatch((await run(directory, ['status'])).out, /after a restart/)
  control.current = { ...STATUS, needsRestart: ['listen', 'store'] }
  assert.match((await run(directory, ['status'])).out, /in force after a restart: listen, store$/m)
  assert.deepEqual(JSON.parse((await run(directory, ['status', '--json'])).out).needsRestart, ['listen', 'store'])
})

test('drain takes the gateway out of service and back, and says how far it is', async (t) => {
  const { directory, control } = await gateway(t)
  const begun = await run(directory, ['drain'])
  assert.deepEqual([begun.code, begun.out], [0, 'draining: 1 stream left; `sallyport status` shows how far it is\n'])
  assert.match((await run(directory, ['status'])).out, /^OUT OF SERVICE: draining since 0s; `sallyport drain --undo`/m)
  const waiting = run(directory, ['drain', '--wait', '--json'])
  const service = { state: 'drained', since: new Date(NOW).toISOString() } as const
  control.drain = () => {
    control.current = { ...STATUS, service, streams: [] }
    return { ...service, state: 'draining' }
  }
  const done = await waiting
  assert.deepEqual([done.code, JSON.parse(done.out)], [0, { service, streams: 0 }])
  const undone = await run(directory, ['drain', '--undo'])
  assert.equal(undone.code, 0)
  assert.match(undone.out, /^in service/)
  control.undrain = () => Promise.resolve(service)
  assert.equal((await run(directory, ['drain', '--undo'])).code, 1)
})

test('status as JSON is the whole of it', async (t) => {
  const { directory } = await gateway(t)
  const { out } = await run(directory, ['status', '--json'])
  assert.deepEqual(JSON.parse(out), JSON.parse(JSON.stringify(STATUS)))
})

test('status is loud about faulty files, and ends 1', async (t) => {
  const { directory, control } = await gateway(t)
  const finding = {
    severity: 'error',
    file: 'federation-config/gateway.yaml',
    line: 14,
    path: 'limits.idle',
    message: 'write a duration',
  } as const
  control.current = { ...STATUS, findings: [finding] }
  const { code, out } = await run(directory, ['status'])
  assert.equal(code, 1)
  assert.match(out, /THE FILES ON DISK ARE FAULTY: older settings are in force/)
  assert.match(out, /gateway\.yaml:14: limits\.idle: write a duration/)
})

test('status ends 1 when a domain has no certificate, and says which', async (t) => {
  const { directory, control } = await gateway(t)
  control.current = { ...STATUS, domains: [{ domain: 'corp.example', certificate: undefined }] }
  const { code, out } = await run(directory, ['status'])
  assert.equal(code, 1)
  assert.match(out, /corp\.example {2}NONE/)
})

test('a hostile name in the status cannot act on the terminal', async (t) => {
  const { directory, control } = await gateway(t)
  const stream = { ...STATUS.streams[0]!, remote: 'evil\u001b]0;owned\u0007.example', peerAddress: 'a\nb' }
  control.current = { ...STATUS, streams: [stream] }
  for (const words of [['status'], ['status', '--json']]) {
    const { out } = await run(directory, words)
    // oxlint-disable-next-line no-control-regex -- this is what must not come
    assert.doesNotMatch(out, /[\u0000-\u0009\u000b-\u001f]/)
    assert.match(out, /evil\\u/)
  }
})

test('why tells the story: who, what, when, which rule, what it means, whose side, what to do', async (t) => {
  const { directory } = await gateway(t)
  const { code, out } = await run(directory, ['why', '7f3k-9q2m-x04d'])
  assert.equal(code, 0)
  assert.equal(
    out,
    `7f3k-9q2m-x04d

A message from alice@corp.example/desk to mallory@blocked.example did not cross; its sender was told
so, with this reference.
The partner entry says blocked.

  when           2026-03-01 11:59:00.000 UTC
  what           message of type chat, id m1
  from           alice@corp.example/desk
  to             mallory@blocked.example
  way            outbound, corp.example → blocked.example
  peer address   10.1.0.10:40000
  rule           partner-admitted
  reason         SP-102 partner-blocked
  detail         domain=blocked.example
  cause on       our side: this gateway or its settings
  partner entry  blocked.example is blocked now

What to do
  If it is to be admitted again: \`sallyport partner allow blocked.example\`.
`,
  )
  assert.equal(
    JSON.parse((await run(directory, ['why', '7f3k-9q2m-x04d', '--json'])).out).reason.name,
    'partner-blocked',
  )
})

test('why says that the answer with the reference was lost', async (t) => {
  const { directory, control } = await gateway(t)
  const { reference } = RECORD
  const [kind, verdict, reason] = ['answer', 'drop', 'SP-471'] as const
  const lost = { ...RECORD, reference: '0000-0000-0001', cause: reference, kind, verdict, reason }
  control.records = [RECORD, { ...lost, detail: 'the gateway is stopped' }]
  const { out } = await run(directory, ['why', reference!])
  assert.match(out, /The answer never arrived\n[^]*SP-471 shutting-down\n *detail +the gateway is stopped/)
})

test('why ends 1 for a reference that nobody knows, and 2 for what is none', async (t) => {
  const { directory } = await gateway(t)
  assert.equal((await run(directory, ['why', '0000-0000-0000'])).code, 1)
  assert.equal((await run(directory, ['why', 'because'])).code, 2)
})

test('why speaks of remote users as of people, and not of servers', async (t) => {
  const { directory, control } = await gateway(t)
  const told = { at: NOW, reference: RECORD.reference, peerAddress: '203.0.113.9', direction: 'inbound' } as const
  const from = 'anna@corp.example'
  const login = { ...told, event: 'stream', verdict: 'fail', reason: 'SP-808', from, facts: { session: 's1' } } as const
  const unsecured = {
    ...told,
    event: 'stream',
    verdict: 'fail',
    reason: 'SP-355',
    facts: { listener: 'remote' },
  } as const
  for (const [record, story] of [
    [login, /The connection of anna@corp\.example from 203\.0\.113\.9 failed\./],
    [unsecured, /The connection of a client from 203\.0\.113\.9 failed\./],
  ] as const) {
    control.records = [record]
    const { out } = await run(directory, ['why', RECORD.reference!])
    assert.match(out, story)
    assert.match(out, /what +connection of a remote user\n/)
    assert.doesNotMatch(out, /nobody named|partner's server/)
  }
  control.records = [{ ...login, event: 'stanza', verdict: 'refuse', reason: 'SP-819', kind: 'message' }]
  assert.match(
    (await run(directory, ['why', RECORD.reference!])).out,
    /cause on +the other side: the user or their client/,
  )
})

test('why names the ends of a stream at the core as they are', async (t) => {
  const { directory, control } = await gateway(t)
  const facts = { role: 'receiving', leg: 'core' }
  const pair = { local: 'partner.example', remote: 'corp.example' }
  control.records = [
    {
      reference: RECORD.reference,
      at: NOW,
      event: 'stream',
      direction: 'outbound',
      verdict: 'close',
      reason: 'SP-101',
      pair,
      facts,
    },
  ]
  const { out } = await run(directory, ['why', RECORD.reference!])
  assert.match(out, /A stream from corp\.example to partner\.example was closed\./)
  assert.match(out, /sallyport partner allow partner\.example/)
})

test('recent lists decisions with the references that why takes', async (t) => {
  const { directory } = await gateway(t)
  const { code, out } = await run(directory, ['recent', 'blocked.example'])
  assert.equal(code, 0)
  assert.equal(
    out,
    `when (UTC)           what     from                     to                       verdict  reason  reference
2026-03-01 11:59:00  message  alice@corp.example/desk  mallory@blocked.example  refuse   SP-102  7f3k-9q2m-x04d
`,
  )
  assert.equal((await run(directory, ['recent', 'partner.example'])).out, 'nothing recorded\n')
})

test('explain shows the trail and ends 0 or 1 by what would happen', async (t) => {
  const { directory } = await gateway(t)
  const fine = await run(directory, ['explain', '--from', 'alice@corp.example', '--to', 'bob@partner.example'])
  assert.equal(fine.code, 0)
  assert.match(fine.out, /^alice@corp\.example → bob@partner\.example: would cross\n/)
  const refused = await run(directory, ['explain', '--from', 'm@blocked.example', '--to', 'alice@corp.example'])
  assert.equal(refused.code, 1)
  assert.match(refused.out, /would end the stream it comes on/)
  assert.match(refused.out, /partner-admitted +SP-102 partner-blocked \(domain=blocked\.example/)
  assert.match(refused.out, /reason +SP-102 partner-blocked: The partner entry says blocked\./)
  const file = join(directory, 'stanza.xml')
  await writeFile(file, '<iq type="get" id="1"><ping xmlns="urn:xmpp:ping"/></iq>')
  const words = ['explain', '--from', 'a@corp.example', '--to', 'b@partner.example', '--stanza', file, '--json']
  assert.equal(JSON.parse((await run(directory, words)).out).facts.kind, 'iq')
})

test('partner allow is in force when it returns, and says so', async (t) => {
  const { directory, control } = await gateway(t)
  const { code, out } = await run(directory, [
    'partner',
    'allow',
    'new.example',
    '--owner',
    'it@corp.example',
    '--until',
    '2027-06-30',
    '--reason',
    'joint project',
  ])
  assert.equal(code, 0)
  assert.equal(out, 'new.example added to the partner list: allowed, in force now\n')
  const { owner, expires, reason } = control.partners().find(({ domain }) => domain === 'new.example')!
  assert.deepEqual([owner, expires, reason], ['it@corp.example', '2027-06-30', 'joint project'])
})

test('the verbs of partner change, show and list the entries', async (t) => {
  const { directory, control } = await gateway(t)
  const statusOf = (name: string) => control.partners().find(({ domain }) => domain === name)?.status
  await run(directory, ['partner', 'block', 'partner.example', '--yes'])
  assert.equal(statusOf('partner.example'), 'blocked')
  await run(directory, ['partner', 'suspend', 'partner.example', '--yes'])
  assert.equal(statusOf('partner.example'), 'suspended')
  await run(directory, [
    'partner',
    'set',
    'partner.example',
    '--status',
    'allowed',
    '--connect',
    'xmpp.partner.example:5269',
    '--also',
    'rooms.partner.example',
    '--also',
    '*.labs.partner.example',
  ])
  const { out: shown } = await run(directory, ['partner', 'show', 'rooms.partner.example'])
  assert.match(shown, /^partner\.example: allowed\n/)
  assert.match(shown, /connect +xmpp\.partner\.example:5269\n/)
  assert.match(shown, /also known as +rooms\.partner\.example, \*\.labs\.partner\.example\n/)
  assert.match(shown, /from rooms\.partner\.example to us: admitted\n/)
  await run(directory, ['partner', 'add', 'wait.example', '--status', 'pending'])
  const { out: listed } = await run(directory, ['partner', 'list'])
  assert.equal(
    listed,
    `domain           status   direction  until  owner            purpose
blocked.example  blocked  both
partner.example  allowed  both              it@corp.example
wait.example     pending  both
`,
  )
  assert.match((await run(directory, ['partner', 'list', '--status', 'pending', '--json'])).out, /"wait\.example"/)
  assert.match(
    (await run(directory, ['partner', 'remove', 'wait.example'])).out,
    /wait\.example removed from the partner list, in force now/,
  )
})

test('domains that wait are listed with what they want and what a probe says, and named where somebody asks for one', async (t) => {
  const { directory, control } = await gateway(t)
  const wish: NonNullable<PendingStatus['inbound']> = {
    ...{ at: '2026-03-01T11:00:00.000Z', from: 'x.example', to: 'corp.example' },
    ...{ kind: 'stream', reference: 'aaaa-bbbb-cccc', peerAddress: '192.0.2.7' },
  }
  const { subject, issuer, names, notAfter, spki } = CERTIFICATE
  const asks: PendingStatus = {
    ...{ domain: 'x.example', firstAt: wish.at, lastAt: wish.at, times: 3, inbound: wish, outbound: undefined },
    certificate: { subject, issuer, names, notAfter, spki },
    probe: { at: wish.at, good: false, says: 'x.example: no answer', reason: 'SP-212', act: undefined },
  }
  const wanted: PendingStatus = {
    ...{ ...asks, domain: 'y.example', times: 1, inbound: undefined, certificate: undefined, probe: undefined },
    outbound: { ...wish, from: 'alice@corp.example', to: 'bob@y.example', kind: 'iq', peerAddress: undefined },
  }
  control.waiting = [asks, wanted]
  control.current = { ...STATUS, pending: { domains: control.waiting, pushedOut: 4 } }
  const { out } = await run(directory, ['partner', 'list'])
  assert.match(out, /x\.example +stream: x\.example to corp\.example \(aaaa-bbbb-cccc\) +3 times +2026-03-01 11:00 /)
  assert.match(out, /proven, by CN=A real CA +SP-212 x\.example: no answer/)
  assert.match(out, /y\.example +iq: alice@corp\.example to bob@y\.example .* not proven: only ours wrote there +none/)
  assert.doesNotMatch((await run(directory, ['partner', 'list', '--status', 'allowed'])).out, /x\.example/)
  const { out: state } = await run(directory, ['status'])
  assert.match(state, /x\.example +stream: /)
  assert.match(state, /4 gave way to others: limits\.pendingDomains/)
  const { err } = await run(directory, ['partner', 'show', 'x.example'])
  assert.match(err, /x\.example is not in the partner list and waits to be let in/)
})

test('what would end streams is said, and needs a word more', async (t) => {
  const { directory, control } = await gateway(t)
  const { code, err } = await run(directory, ['partner', 'block', 'partner.example'])
  assert.equal(code, 1)
  assert.match(err, /this would end a stream that is up: partner\.example \(1\)\n.*--yes/)
  assert.equal(control.partners().find(({ domain }) => domain === 'partner.example')?.status, 'allowed')
})

test('the history is told with what changed, by whom and why', async (t) => {
  const { directory, control } = await gateway(t)
  const version = { domain: 'partner.example', at: NOW, by: 'anna', why: undefined }
  control.versions = [
    { ...version, version: 2, done: 'changed', why: 'spam', text: '# old\nstatus: blocked\ntags: [a]\n' },
    { ...version, version: 1, done: 'found', by: 'file', text: '# old\nstatus: allowed\n' },
  ]
  const { code, out } = await run(directory, ['partner', 'history', 'partner.example'])
  assert.equal(code, 0)
  assert.match(
    out,
    /^2 {2}2026-03-01 12:00:00\.000 UTC {2}changed by anna: spam\n {5}status: allowed → blocked\n {5}tags: not said → \["a"\]\n1 /,
  )
  assert.match(out, /found by file\n$/)
  assert.match(
    (await run(directory, ['partner', 'history', 'partner.example', '--text'])).out,
    / {4}# old\n {4}status: blocked\n/,
  )
  assert.equal((await run(directory, ['partner', 'undo', 'partner.example', '--to', 'x'])).code, 2)
})

test('a change that is not in force is told loudly and ends 1', async (t) => {
  const { directory } = await gateway(t)
  await writeFile(partnerFile(directory, 'other.example'), 'domain: other.example\n')
  const { code, out } = await run(directory, ['partner', 'block', 'partner.example', '--yes'])
  assert.equal(code, 1)
  assert.match(out, /NOT IN FORCE/)
  assert.match(out, /other\.example\.yaml: status: /)
})

test('without a gateway the files are edited, and that is said', async (t) => {
  const directory = await installation(t, PARTNERS)
  const { code, out } = await run(directory, ['partner', 'block', 'partner.example', '--reason', 'spam'])
  assert.equal(code, 0)
  assert.match(out, /partner\.example changed: blocked\nNo gateway is running here: the files are changed/)
  assert.match(
    await readFile(partnerFile(directory, 'partner.example'), 'utf8'),
    /status: blocked\nowner: .*\nreason: spam/,
  )
  const list = await run(directory, ['partner', 'list'])
  assert.match(list.err, /no gateway is running in .*: this is what the files say/)
  assert.match(list.out, /partner\.example {2}blocked/)
})

test('without a gateway explain goes by the files, and faulty ones end 78', async (t) => {
  const directory = await installation(t, PARTNERS)
  const words = ['explain', '--from', 'alice@corp.example', '--to', 'bob@partner.example']
  assert.equal((await run(directory, words)).code, 0)
  await writeFile(partnerFile(directory, 'other.example'), 'domain: other.example\n')
  const { code, err } = await run(directory, words)
  assert.equal(code, 78)
  assert.match(err, /the configuration is faulty \(1 mistake\)\n {2}See `sallyport check`/)
})

test('without a gateway why and recent read what the last one left', async (t) => {
  const directory = await installation(t, PARTNERS)
  assert.match((await run(directory, ['why', RECORD.reference!])).err, /there are no records to read/)
  await mkdir(join(directory, 'var'))
  const store = openSqliteStore(join(directory, 'var', 'sallyport.db'))
  store.appendDecisions([RECORD])
  store.close()
  assert.match((await run(directory, ['why', RECORD.reference!])).out, /did not cross/)
  assert.match((await run(directory, ['recent'])).out, /7f3k-9q2m-x04d/)
})
