// A report comes out of one command, and it can be told from one that was changed. Which requirements are met is what the
// command is for; here it is held that it finds them where they are and not where they are not.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'
import type { TestCase } from '../../src/conformance/case.ts'
import { run } from '../../src/conformance/run.ts'
import { temporaryFolder } from '../support/pki.ts'
import { run as runProgram } from '../support/program.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')

test('one command plays the cases of an area and writes a report that is as it was signed', async (t) => {
  const directory = await temporaryFolder(t)
  const sallyport = (...words: readonly string[]) =>
    runProgram(process.execPath, [MAIN, 'conformance', ...words, '--directory', directory])
  const made = await sallyport('--profile', 'nato', '--area', 'LBL', '--out', 'report')
  assert.equal(made.code, 0, made.stdout + made.stderr)
  assert.match(made.stdout, /(\d+) of \1 cases as expected.* Of \d+ requirements in LBL /)
  const report: unknown = JSON.parse(await readFile(join(directory, 'report/report.json'), 'utf8'))
  assert.partialDeepStrictEqual(report, { system: { profile: 'nato' }, part: ['LBL'] })
  const evidence = await readFile(join(directory, 'report/evidence/LBL-01-label-in-ipv4.txt'), 'utf8')
  assert.match(evidence, /gateway to core: .*<displaymarking fgcolor="black" bgcolor="red">SECRET/)
  assert.doesNotMatch(evidence, />Labelled</)
  assert.equal((await sallyport('verify', 'report')).code, 0)
  const same = await sallyport('diff', 'report', 'report')
  assert.equal(same.code, 0, same.stdout + same.stderr)
  assert.match(same.stdout, /Nothing differs/)
  await writeFile(join(directory, 'no-key.pem'), 'none\n')
  const keyless = await sallyport('verify', 'report', '--key', 'no-key.pem')
  assert.equal(keyless.code, 78)
  assert.match(keyless.stderr, /no-key\.pem: no key in PEM/)
  // Somebody has made a report of it that is better than it was.
  await cp(join(directory, 'report'), join(directory, 'better'), { recursive: true })
  const text = await readFile(join(directory, 'better/report.json'), 'utf8')
  await writeFile(join(directory, 'better/report.json'), text.replace('"profile": "nato"', '"profile": "dod"'))
  assert.equal((await sallyport('verify', 'better')).code, 1)
  const changed = await sallyport('diff', 'report', 'better')
  assert.equal(changed.code, 1)
  assert.match(changed.stdout, /better is not as it was signed: report\.json was changed[^]*different profiles/)
  const again = await sallyport('--area', 'LBL', '--out', 'report')
  assert.notEqual(again.code, 0, 'a report is not mixed with an older one')
  assert.match((await sallyport('--profile', 'navy')).stderr, /one of standard, nato, dod/)
})

const received = (id: string, rest: Pick<TestCase, 'phase' | 'steps'> & Partial<TestCase>): TestCase => ({
  ...{ id, requirements: ['STR-01'], title: id, role: 'receiving' },
  ...rest,
})

const SRV = 'SRV _xmpp-server._tcp.{peer}'
const WAKING = "<message type='chat' from='{user}/desk' to='{contact}' id='{id}'><body>Wake up</body></message>"

/** The gateway finds the peer at the first place, and does not do what is expected. */
const found = (id: string, ...steps: TestCase['steps']): TestCase => ({
  ...{ id, requirements: ['DNS-01'], title: id, role: 'initiating', phase: 'none' },
  dns: { [SRV]: [{ priority: 10, weight: 0, place: 'first' }] },
  steps: [{ coreSays: WAKING }, ...steps],
})

/** Cases that expect what a right gateway does not do, and what must be said of each. */
const WRONG: readonly (readonly [TestCase, 'violation' | 'inconclusive', RegExp])[] = [
  [
    received('other-condition', {
      phase: 'connected',
      steps: [{ say: "<stream xmlns='urn:example'>" }, { hear: { kind: 'stream-error', condition: 'host-gone' } }],
    }),
    'violation',
    /instead of <host-gone\/>/,
  ],
  [
    received('other-offer', {
      phase: 'secured',
      steps: [
        {
          say: "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' from='{peer}' to='{us}' version='1.0'>",
        },
        { hear: { kind: 'header' } },
        { hear: { kind: 'features', with: [{ name: 'compression' }] } },
      ],
    }),
    'violation',
    /lack <compression\/>/,
  ],
  [
    received('taken', {
      phase: 'authenticated',
      steps: [
        { say: "<message from='{contact}' to='{user}' id='{id}'><body>Hello</body></message>" },
        { silence: 20_000, at: 'core', of: { name: 'message' } },
      ],
    }),
    'violation',
    /<message.* at the core/,
  ],
  [
    received('never-comes', {
      phase: 'authenticated',
      steps: [{ coreHears: { name: 'presence' }, withinMs: 300 }],
    }),
    'violation',
    /<presence\/> never reached the core/,
  ],
  [
    received('agreed', {
      phase: 'opened',
      steps: [
        { say: "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" },
        { hear: { kind: 'element', like: { name: 'proceed' } } },
        { tls: 'TLSv1.3', refused: true },
      ],
    }),
    'violation',
    /TLSv1\.3 was agreed on/,
  ],
  [
    received('stays', { phase: 'opened', steps: [{ hear: { kind: 'closed' }, withinMs: 300 }] }),
    'violation',
    /was not closed within 300 ms/,
  ],
  [
    received('partner-ca-proves', {
      phase: 'secured',
      certificate: 'partner-ca',
      entry: { anchors: ['certs/partner-ca.pem'] },
      steps: [
        {
          say: "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' from='{peer}' to='{us}' version='1.0'>",
        },
        { hear: { kind: 'header' } },
        { hear: { kind: 'features', without: [{ name: 'mechanisms' }] } },
      ],
    }),
    'violation',
    /have <mechanisms\/>/,
  ],
  [
    received('revoked-another', {
      phase: 'authenticated',
      steps: [{ revoke: 'nobody' }, { hear: { kind: 'stream-error', condition: 'reset' }, withinMs: 300 }],
    }),
    'violation',
    /instead of <reset\/>/,
  ],
  [
    received('below-revoked', { phase: 'authenticated', certificate: 'below-revoked', steps: [] }),
    'inconclusive',
    /before the case/,
  ],
  [received('said', { phase: 'opened', steps: [{ neverSaid: ['starttls'] }] }), 'violation', /it said starttls/],
  [
    { ...received('flooded', { phase: 'none', steps: [{ floods: 3, served: 1 }] }), ip: 4 },
    'violation',
    /of 3 handshakes in \d+\.\d s 3 were served instead of 1/,
  ],
  [
    { ...received('not-set', { phase: 'none', steps: [] }), own: true, settings: { limits: { connections: -1 } } },
    'inconclusive',
    /the gateway ended with 78:[^]*limits\.connections/,
  ],
  [{ ...received('crowded', { phase: 'none', steps: [{ crowds: 10 }] }), ip: 4 }, 'violation', /after 10 was taken/],
  [
    received('vouched-for', {
      phase: 'secured',
      certificate: 'self-signed',
      entry: { authentication: 'dialback-over-tls' },
      answersFor: 'valid',
      steps: [
        {
          say: "<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' xmlns:stream='http://etherx.jabber.org/streams' from='{peer}' to='{us}' version='1.0'>",
        },
        { hear: { kind: 'header' } },
        { hear: { kind: 'features' } },
        { say: "<db:result from='{peer}' to='{us}'>key</db:result>" },
        { hear: { kind: 'element', like: { name: 'result', attributes: { type: 'error' } } } },
      ],
    }),
    'violation',
    /has type=valid, not error/,
  ],
  [
    received('other-order', {
      phase: 'authenticated',
      steps: [
        ...['1', '2'].map((n) => ({
          say: `<presence from='{contact}/desk' to='{user}'><priority>${n}</priority></presence>`,
        })),
        {
          ...{ at: 'core', withinMs: 3000 },
          inOrder: ['2', '1'].map((text) => ({ name: 'presence', has: [{ name: 'priority', text }] })),
        },
      ],
    }),
    'violation',
    /or not in its order/,
  ],
  [
    received('not-logged', {
      phase: 'authenticated',
      steps: [{ logs: { event: 'stream.opened', method: 'dialback' }, withinMs: 300 }],
    }),
    'violation',
    /logged nothing with/,
  ],
  [
    received('logged-too-much', {
      phase: 'authenticated',
      steps: [{ logs: { event: 'stream.opened' }, without: ['TLSv1.3'] }],
    }),
    'violation',
    /has logged TLSv1\.3/,
  ],
  [
    received('other-command', {
      phase: 'authenticated',
      steps: [{ runs: ['partner', 'show', '{peer}'], live: true, ends: 'well', says: ['is blocked'] }],
    }),
    'violation',
    /says nothing of is blocked/,
  ],
  [found('other-place', { arrives: 'second' }), 'violation', /came to the first place, not the second/],
  [found('nobody', { nobodyArrives: 3000 }), 'violation', /came to the first place/],
  [found('never-asked', { arrives: 'first' }, { neverAsked: SRV }), 'violation', /DNS was asked/],
  [found('asked', { arrives: 'first' }, { asked: 'AAAA {peer}' }), 'violation', /DNS was never asked/],
  [
    {
      ...found('spread'),
      entry: { alsoKnownAs: ['*.{peer}'] },
      dns: { 'SRV _xmpp-server._tcp.*.{peer}': [{ priority: 10, weight: 0, place: 'first' }] },
      steps: [{ spreads: ['first', 'second'], over: 3 }],
    },
    'violation',
    /3 at the first, 0 at the second/,
  ],
  [
    received('asks', { phase: 'authenticated', certificate: 'asked', steps: [{ asks: 'responder', times: 2 }] }),
    'violation',
    /the responder was asked 1 times instead of 2/,
  ],
  [
    received('greets', {
      phase: 'opened',
      steps: [
        { say: "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" },
        { hear: { kind: 'element', like: { name: 'proceed' } } },
        { greets: ['heartbeat'], without: ['extended master secret'] },
      ],
    }),
    'violation',
    /its hello has no heartbeat, extended master secret/,
  ],
  [
    received('unproven', { phase: 'authenticated', certificate: 'unknown-ca', steps: [] }),
    'inconclusive',
    /before the case/,
  ],
]

test('what a gateway does not do is found, and what never came about is no finding', async () => {
  const { played } = await run({
    ...{ script: MAIN, profile: 'standard', now: Date.now, tell: () => undefined },
    cases: WRONG.map(([testCase]) => testCase),
  })
  assert.ok(played.length >= WRONG.length)
  for (const [testCase, kind, detail] of WRONG)
    for (const { outcome } of played.filter(({ performance }) => performance.testCase === testCase)) {
      assert.equal(outcome.kind, kind, testCase.id)
      assert.match('detail' in outcome ? outcome.detail : '', detail, testCase.id)
    }
})

test('a gateway that ends by itself is told as that, and what would have been played after it has shown nothing', async () => {
  const waiting = (id: string): TestCase =>
    received(id, {
      phase: 'connected',
      steps: [
        { hear: { kind: 'closed' }, withinMs: 20_000 },
        { silence: 1, at: 'core' },
      ],
    })
  const [first, second] = [received('killing', { phase: 'opened', steps: [] }), waiting('meanwhile')]
  const [third, fourth] = ['soon', 'after'].map((id) => received(id, { phase: 'opened', steps: [] }))
  const course = { script: MAIN, profile: 'standard', now: Date.now, over: [4], atOnce: 2 } as const
  const { played } = await run({
    ...{ ...course, cases: [first, { ...second, phase: 'authenticated' }, third!, fourth!] },
    tell: ({ performance }) => {
      if (performance.testCase === first) for (const pid of gateways()) process.kill(pid, 'SIGKILL')
    },
  })
  const outcomeOf = (id: string) => played.find(({ performance }) => performance.testCase.id === id)?.outcome
  assert.deepEqual(outcomeOf('killing'), { kind: 'pass' })
  assert.deepEqual(outcomeOf('meanwhile'), {
    ...{ kind: 'violation', detail: 'the gateway has ended by SIGKILL while this was played' },
  })
  assert.deepEqual(outcomeOf('after'), {
    ...{ kind: 'inconclusive', detail: 'the gateway had ended by SIGKILL, while others were played' },
  })
})

test('a gateway of its own that does not start is what became of that case, and the others are played', async () => {
  const own = received('own', { phase: 'opened', steps: [], own: true, settings: { limits: { stanzaBytes: 1 } } })
  const others = ['one', 'two', 'three'].map((id) => received(id, { phase: 'opened', steps: [] }))
  const course = { script: MAIN, profile: 'standard', now: Date.now, over: [4], atOnce: 1 } as const
  const { played } = await run({ ...course, cases: [own, ...others], tell: () => undefined })
  assert.deepEqual(
    played.map(({ performance, outcome }) => [performance.testCase.id, outcome.kind]),
    [
      ['own', 'inconclusive'],
      ['one', 'pass'],
      ['two', 'pass'],
      ['three', 'pass'],
    ],
  )
  const [first] = played
  assert.match(first && 'detail' in first.outcome ? first.outcome.detail : '', /the gateway ended with 78/)
})

/** Those that this process has begun. */
const gateways = (): readonly number[] =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
    .split(' ')
    .filter((pid) => pid.trim() !== '' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0serve\0'))
    .map(Number)
