// What log servers are sent: RFC 5424 and RFC 5425 to the letter, whatever the values say.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonLine, type Line } from '../../../src/observe/line.ts'
import { syslogFrame } from '../../../src/observe/syslog.ts'

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
