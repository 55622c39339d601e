// `sallyport trace` against a gateway of plain data behind a real control socket: what is shown, and how it ends.

import assert from 'node:assert/strict'
import process from 'node:process'
import { test, type TestContext } from 'node:test'
import { controlSocketPath } from '../../../src/admin/client.ts'
import { serveControl } from '../../../src/admin/control-socket.ts'
import type { TraceProgress } from '../../../src/gateway/trace/report.ts'
import { FakeControl } from '../../support/fake-control.ts'
import { installation } from '../../support/installation.ts'
import { run, type Said } from './run.ts'

const at = (ms: number): string => new Date(Date.parse('2026-03-01T12:00:00Z') + ms).toISOString()
const line = { kind: 'line', connection: '7f3k-9q2m-x04d', peer: '192.0.2.1' } as const

const TOLD: readonly TraceProgress[] = [
  { kind: 'begun', at: at(0), about: ['partner.example', 'rooms.partner.example'], bodies: false },
  { ...line, at: at(5), what: 'connection', text: '192.0.2.1 connects' },
  { ...line, at: at(17), what: 'stream', way: 'in', text: "<stream:stream from='partner.example'>" },
  {
    ...line,
    at: at(1234),
    what: 'stanza',
    way: 'out',
    text: "<message to='bob@partner.example'><body>…5…</body></message>",
  },
  { kind: 'left-out', lines: 3 },
  { ...line, at: at(2000), what: 'stanza', way: 'in', text: "<message id='\u001b[2J'/>\n<x/>" },
  {
    kind: 'line',
    at: at(3000),
    what: 'refusal',
    text: 'message from a to b was refused',
    mood: 'bad',
    reason: 'SP-102',
    reference: 'aaaa-bbbb-cccc',
  },
]

/** Runs the command; Ctrl-C is pressed when all has been said. */
async function traced(t: TestContext, words: readonly string[], told = TOLD): Promise<Said & { control: FakeControl }> {
  const directory = await installation(t)
  const control = new FakeControl(directory)
  control.traced = told
  const socket = await serveControl({ control, directory, socketPath: controlSocketPath(directory) })
  t.after(() => socket[Symbol.asyncDispose]())
  const last = told.at(-1)
  const marks = last?.kind === 'line' ? [last.text, JSON.stringify(last.text)] : []
  let out = ''
  const said = await run(directory, ['trace', ...words], {
    stdout: {
      write(text) {
        out += text
        if (marks.some((mark) => text.includes(mark))) process.emit('SIGINT')
      },
    },
  })
  return { ...said, out, control }
}

test('each line has its time, its connection, its way, and is safe on a terminal', async (t) => {
  const before = process.listenerCount('SIGINT')
  const { code, out, err, control } = await traced(t, ['Partner.example', '--for', '10m'])
  assert.equal(code, 0)
  assert.deepEqual(out.split('\n'), [
    '    0.005 192.0.2.1#7f3k         192.0.2.1 connects',
    "    0.017 192.0.2.1#7f3k       ← <stream:stream from='partner.example'>",
    "    1.234 192.0.2.1#7f3k       → <message to='bob@partner.example'><body>…5…</body></message>",
    '          3 lines left out',
    "    2.000 192.0.2.1#7f3k       ← <message id='\\u{1b}[2J'/>\\u{a}<x/>",
    '    3.000 -                      message from a to b was refused SP-102 aaaa-bbbb-cccc',
    '',
  ])
  assert.match(
    err,
    /^traces partner\.example, rooms\.partner\.example from 2026-03-01T12:00:00\.000Z; Ctrl-C ends it$/m,
  )
  assert.match(err, /7 lines; ended by you/)
  const [query] = control.traces
  assert.deepEqual(
    [query?.subject, query?.forMs, query?.bodies],
    [{ kind: 'domain', domain: 'partner.example' }, 600_000, false],
  )
  assert.ok(query?.by)
  assert.equal(process.listenerCount('SIGINT'), before)
})

test('with --json each line is a document of its own', async (t) => {
  const { out, err } = await traced(t, ['192.0.2.1', '--json'])
  const lines = out
    .trimEnd()
    .split('\n')
    .map((one) => JSON.parse(one) as unknown)
  assert.deepEqual(lines, [...TOLD, { kind: 'over', lines: 7, leftOut: 0, ended: 'caller' }])
  assert.doesNotMatch(out, /\u001b/)
  assert.equal(err, '')
})

test('with --bodies another operation is asked, and an address is a subject too', async (t) => {
  const { control } = await traced(t, ['[2001:DB8::0:1]', '--bodies'])
  assert.partialDeepStrictEqual(control.traces, [
    { subject: { kind: 'address', address: '2001:db8::1' }, bodies: true, forMs: 300_000 },
  ])
})

for (const [words, said] of [
  [['partner.example', '--for', '2h'], /--for: write a time from 1s to 1h/],
  [['partner.example', '--for', 'soon'], /--for: write a time/],
  [['not a domain'], /"not a domain" is neither a domain nor an IP address/],
  [[], /<peer> is missing/],
] as const) {
  test(`${words.join(' ') || 'nothing'} is refused with what to write`, async (t) => {
    const { code, err } = await traced(t, words, [])
    assert.match(err, said)
    assert.notEqual(code, 0)
  })
}

test('without a gateway there is nothing to trace', async (t) => {
  const { code, err } = await run(await installation(t), ['trace', 'partner.example'])
  assert.equal(code, 1)
  assert.match(err, /no gateway is running/)
})
