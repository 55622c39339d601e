// What log servers are sent: RFC 5424 and RFC 5425 to the letter, whatever the values say.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonLine, type Line } from '../../../src/observe/line.ts'
import { LONGEST_FRAME, syslogFrame } from '../../../src/observe/syslog.ts'

const LINE: Line = {
  ...{ time: '2026-11-22T12:00:00.000Z', level: 'warn', event: 'stream.failed' },
  fields: { ip: '192.0.2.1', reason: 'SP-304' },
}
const FROM = { host: 'edge.corp.example', process: 42 }

const framed = (line: Line, from = FROM): string => syslogFrame(line, jsonLine(line), from).toString()

test('a message has its length before it, and the parts of RFC 5424 in their order', () => {
  const message =
    '<108>1 2026-11-22T12:00:00.000Z edge.corp.example sallyport 42 stream.failed - {"time":"2026-11-22T12:00:00.000Z","level":"warn","event":"stream.failed","ip":"192.0.2.1","reason":"SP-304"}'
  assert.equal(framed(LINE), `${message.length} ${message}`)
})

test('how bad it is stands in the priority, all of the facility log audit', () => {
  const priorities = (['error', 'warn', 'info', 'debug'] as const).map(
    (level) => /<(\d+)>/.exec(framed({ ...LINE, level }))?.[1],
  )
  assert.deepEqual(priorities, ['107', '108', '110', '111'])
})

test('the length counts octets, since the message is ASCII whatever it tells; JSON gives it back unchanged', () => {
  const detail = 'Grüße\n\u{1f600}\u202e'
  const frame = syslogFrame(LINE, jsonLine({ ...LINE, fields: { detail } }), FROM)
  const text = frame.toString()
  assert.doesNotMatch(text, /[^ -~]/)
  const [, length, message] = /^(\d+) (.*)$/.exec(text) ?? []
  assert.equal(Number(length), Buffer.byteLength(message ?? ''))
  const read: unknown = JSON.parse(/ - (\{.*)$/.exec(text)?.[1] ?? '')
  assert.partialDeepStrictEqual(read, { detail })
})

test('the name of a host has no blanks, and is a dash where there is none', () => {
  assert.match(framed(LINE, { ...FROM, host: 'my host\n' }), /Z myhost sallyport /)
  assert.match(framed(LINE, { ...FROM, host: '' }), /Z - sallyport /)
  assert.match(framed(LINE, { ...FROM, host: 'h'.repeat(300) }), /Z h{255} sallyport /)
})

/** What a frame says, held against its length. */
function told(fields: Line['fields']): Record<string, unknown> {
  const text = framed({ ...LINE, fields })
  const [, length, message] = /^(\d+) (.*)$/.exec(text) ?? []
  assert.equal(Number(length), message?.length)
  assert.ok(text.length <= LONGEST_FRAME, String(text.length))
  const json = / - (\{.*)$/.exec(text)?.[1] ?? assert.fail(text)
  return JSON.parse(json) as Record<string, unknown>
}

test('no frame is longer than receivers take, whatever a peer says: what would be is made of shorter fields', () => {
  assert.ok(LONGEST_FRAME < 8192, 'what rsyslog takes')
  // A text of a line has 1024 characters, each of which can become six octets.
  const long = 'ü'.repeat(1024)
  const known = { ip: '192.0.2.1', reason: 'SP-161', reference: 'abcd-efgh' }
  const cut = `${'ü'.repeat(256)}…`
  assert.deepEqual(told({ ...known, from: long, to: long }), {
    ...{ time: LINE.time, level: 'warn', event: 'stream.failed', ...known },
    ...{ from: cut, to: cut, cut: true },
  })
  assert.equal(told({ ...known, from: long, number: 7, isSo: false })['cut'], undefined, 'this one fits')
})

test('lists, groups of fields and many fields are cut as well; in the end the reason and the reference are left', () => {
  const long = '\u{1f600}'.repeat(512)
  const known = { ip: '192.0.2.1', reason: 'SP-161', reference: 'abcd-efgh' }
  const list = Array.from({ length: 5000 }, (_, at) => `name-${at}`)
  const { names, ...rest } = told({ ...known, names: list })
  assert.deepEqual(names, list.slice(0, 256))
  assert.partialDeepStrictEqual(rest, { ...known, cut: true })
  const group = Object.fromEntries(list.slice(0, 300).map((name) => [name, long]))
  assert.partialDeepStrictEqual(told({ ...known, group }), { ...known, cut: true })
  const nested = Array.from({ length: 20 }, () => Array.from({ length: 20 }, () => [long, { long }]))
  const left = told({ nested, ...group, ...known })
  assert.deepEqual(left, { time: LINE.time, level: 'warn', event: 'stream.failed', ...known, cut: true })
  assert.equal(told({ ...group, ...known, reason: long })['reason'], `${'\u{1f600}'.repeat(8)}…`)
})
