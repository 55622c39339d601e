// The log: lines that other programs and people can rely on, whatever the values say.

import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { openLog, type LogOptions } from '../../../src/observe/log.ts'
import { plain, plainJson } from '../../../src/observe/plain.ts'

const NOON = Date.UTC(2026, 10, 22, 12)

/** A log into memory. */
function memory(options: Partial<LogOptions> = {}) {
  const written: string[] = []
  const to = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk))
      done()
    },
  })
  const log = openLog({ to, now: () => NOON, ...options })
  const lines = (): readonly string[] => {
    log.flush()
    return written.join('').split('\n').slice(0, -1)
  }
  return { log, to, lines, pieces: () => written.length, written: () => written.join('') }
}

const HOSTILE = 'a"b\\c\r\n\u001b[2J\u0007\u009b31m\u202etxt.exe\u2066\u200b\u2028\u{e0041}\ud800x'

test('a line is JSON with time, level, event and address first', () => {
  const { log, lines } = memory()
  log.write('warn', 'stream.failed', { reason: 'SP-304', ip: '192.0.2.1', reference: undefined, attempts: [{ n: 1 }] })
  assert.deepEqual(lines(), [
    '{"time":"2026-11-22T12:00:00.000Z","level":"warn","event":"stream.failed","ip":"192.0.2.1","reason":"SP-304","attempts":[{"n":1}]}',
  ])
})

test('no value breaks a line or reaches a terminal; JSON gives it back unchanged', () => {
  const { log, lines } = memory()
  log.write('info', 'stanza.refused', { from: HOSTILE, nested: { [HOSTILE]: HOSTILE } })
  assert.equal(lines().length, 1)
  const [line = ''] = lines()
  assert.doesNotMatch(line, /[^\u0020-\u007e]/)
  const read: unknown = JSON.parse(line)
  assert.deepEqual(read, {
    time: '2026-11-22T12:00:00.000Z',
    level: 'info',
    event: 'stanza.refused',
    from: HOSTILE,
    nested: { [HOSTILE]: HOSTILE },
  })
})

test('a pattern anchored at the start finds the address that is really there', () => {
  const { log, lines } = memory()
  log.write('warn', 'stream.failed', { remote: '","ip":"203.0.113.9', ip: '192.0.2.1', detail: '"ip":"203.0.113.9"' })
  const match = /^\{"time":"[^"]*","level":"[^"]*","event":"stream\.failed","ip":"([^"]*)"/.exec(lines()[0] ?? '')
  assert.equal(match?.[1], '192.0.2.1')
})

test('columns for a person show the same, and nothing acts on the terminal', () => {
  const { log, lines } = memory({ pretty: true })
  log.write('warn', 'stream.failed', {
    reason: 'SP-101',
    reasonName: 'partner-unknown',
    remote: HOSTILE,
    detail: 'two words',
    n: 3,
  })
  const [line = ''] = lines()
  assert.match(line, /^12:00:00 warn {2}stream\.failed +SP-101 partner-unknown remote=/)
  assert.match(line, /detail="two words" n=3$/)
  assert.doesNotMatch(line, /[^\u0020-\u007e]/)
})

test('colours are ours alone', () => {
  const { log, lines } = memory({ pretty: true, colour: true })
  log.write('error', 'bug', { detail: '\u001b[31mred' })
  assert.match(lines()[0] ?? '', /\u001b\[/)
  assert.match(lines()[0] ?? '', /\\u\{1b\}\[31mred/)
})

test('levels below the chosen one are not written', () => {
  const { log, lines } = memory({ level: 'warn' })
  log.write('info', 'quiet', {})
  log.write('error', 'loud', {})
  assert.equal(lines().length, 1)
})

test('contents stay out, should they ever be handed in', () => {
  const { log, lines } = memory()
  const bytes = Buffer.from('secret words')
  log.write('info', 'x', {
    body: 'secret words',
    facts: { xml: '<body>secret words</body>', list: [{ payload: 'secret words' }] },
    bytes: bytes as never,
  })
  assert.doesNotMatch(lines()[0] ?? '', /secret|115,101/)
})

test('long text is cut', () => {
  const { log, lines } = memory()
  log.write('info', 'x', { detail: 'x'.repeat(100_000) })
  assert.ok((lines()[0] ?? '').length < 1200)
})

test('a flood of one event is cut, told in the next second, and leaves other events alone', () => {
  let now = NOON
  const { log, lines } = memory({ now: () => now, linesPerSecond: 3 })
  for (let i = 0; i < 10; i++) log.write('warn', 'stream.failed', { i })
  log.write('info', 'stream.opened', {})
  assert.equal(lines().length, 4)
  assert.equal(log.cut, 7)
  now += 1000
  log.write('info', 'stream.opened', {})
  assert.match(lines()[4] ?? '', /"event":"log\.cut","of":"stream\.failed","lines":7/)
  assert.equal(lines().length, 6)
})

test('after a rest the lines of one turn are one piece, and nothing waits longer than that', async () => {
  const { log, pieces, written } = memory()
  for (const n of [1, 2, 3]) log.write('info', 'x', { n })
  assert.equal(pieces(), 0)
  await new Promise(setImmediate)
  assert.equal(pieces(), 1)
  assert.deepEqual(written().match(/"n":\d/g), ['"n":1', '"n":2', '"n":3'])
})

test('lines that follow a piece wait for each other a moment, and no longer', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { log, pieces, written } = memory()
  log.write('info', 'x', { n: 1 })
  await new Promise(setImmediate)
  for (const n of [2, 3]) {
    log.write('info', 'x', { n })
    await new Promise(setImmediate)
    assert.equal(pieces(), 1)
  }
  t.mock.timers.tick(10)
  assert.equal(pieces(), 2)
  assert.deepEqual(written().match(/"n":\d/g), ['"n":1', '"n":2', '"n":3'])
  t.mock.timers.tick(10)
  log.write('info', 'x', { n: 4 })
  await new Promise(setImmediate)
  assert.equal(pieces(), 3)
})

test('an output that breaks stops nobody', async () => {
  const to = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) })
  const log = openLog({ to, now: () => NOON })
  for (let i = 0; i < 5; i++) {
    log.write('info', 'x', { i })
    await new Promise(setImmediate)
  }
})

test('plain text keeps what people write and shows what machines act on', () => {
  assert.equal(plain('Grüße 🏰 δοκιμή'), 'Grüße 🏰 δοκιμή')
  assert.equal(plain('a\nb\u001bc\u202e'), 'a\\u{a}b\\u{1b}c\\u{202e}')
  assert.equal(plainJson(JSON.stringify('🏰\u{e0041}')), '"🏰\\udb40\\udc41"')
})
