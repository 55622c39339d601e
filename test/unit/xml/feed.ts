// Feeds a scanner, and shows what it said as plain data that tests can compare.

import assert from 'node:assert/strict'
import type { Frame } from '../../../src/xml/frame.ts'
import { AFTER_AUTHENTICATION, type ScanLimits } from '../../../src/xml/limits.ts'
import { type ScanEvent, Scanner } from '../../../src/xml/scanner.ts'

export const HEADER =
  `<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' ` +
  `from='partner.example' to='corp.example' version='1.0' xml:lang='en'>`

export const FOOTER = '</stream:stream>'

/** What a scanner says to bytes that come in these chunks. */
export function eventsOf(chunks: Iterable<Buffer>, limits: ScanLimits = AFTER_AUTHENTICATION): ScanEvent[] {
  const scanner = new Scanner(limits)
  const events: ScanEvent[] = []
  for (const chunk of chunks) {
    // A copy: what the scanner was given is free to be overwritten once its events are taken.
    scanner.push(Buffer.from(chunk))
    for (let event = scanner.next(); event !== undefined; event = scanner.next()) events.push(event)
  }
  return events
}

/** What a scanner says to bytes fed whole, after a check that no way of cutting them changes it. */
export function eventsEveryWay(input: string | Buffer, limits: ScanLimits = AFTER_AUTHENTICATION): ScanEvent[] {
  const bytes = typeof input === 'string' ? Buffer.from(input) : input
  const whole = eventsOf([bytes], limits)
  const expected = whole.map(plain)
  const same = (chunks: Buffer[], how: string): void =>
    assert.deepEqual(
      eventsOf(chunks, limits).map(plain),
      expected,
      `cut ${how}: ${bytes.toString('latin1').slice(0, 200)}`,
    )
  same(cut(bytes, 1), 'at every byte')
  same(cut(bytes, 2), 'at every other byte')
  same(cut(bytes, 7), 'into sevens')
  if (bytes.length <= 600) {
    for (let at = 1; at < bytes.length; at++) same([bytes.subarray(0, at), bytes.subarray(at)], `at ${at}`)
  }
  let seed = bytes.length + 1
  const random = (): number => (seed = (Math.imul(seed, 48_271) >>> 0) % 2_147_483_647)
  for (let round = 0; round < 5; round++)
    same(
      cutBy(bytes, () => 1 + (random() % 64)),
      'at random',
    )
  return whole
}

export function cut(bytes: Buffer, size: number): Buffer[] {
  return cutBy(bytes, () => size)
}

function cutBy(bytes: Buffer, size: () => number): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + size()
    chunks.push(bytes.subarray(at, end))
    at = end
  }
  return chunks
}

/** An event without objects that compare by identity. */
export function plain(event: ScanEvent): unknown {
  if (event.kind === 'header') {
    const { scope, ...header } = event.header
    return { ...event, header: { ...header, scope: { ...scope, prefixes: [...scope.prefixes] } } }
  }
  if (event.kind !== 'frame') return event
  const { bytes, scope } = event.frame
  return { ...factsOf(event.frame), kind: 'frame', bytes: bytes.toString('latin1'), prefixes: [...scope.prefixes] }
}

/** What a frame says of itself: all but its bytes and its scope, as plain data. */
export function factsOf({ raw: _raw, scope: _scope, id, ...facts }: Frame): object {
  return { ...facts, id }
}

/** How a stream ended: the condition of its error, `footer`, or `open`. */
export function endOf(events: readonly ScanEvent[]): string {
  const last = events.at(-1)
  if (last?.kind === 'error') return last.condition
  return last?.kind === 'footer' ? 'footer' : 'open'
}

/** The frames of a stream that opens with HEADER and carries `inner`; it must not end in an error. */
export function framesIn(inner: string, header: string = HEADER): Frame[] {
  const events = eventsEveryWay(header + inner)
  const error = events.find((event) => event.kind === 'error')
  assert.equal(error, undefined)
  return events.flatMap((event) => (event.kind === 'frame' ? [event.frame] : []))
}

/** The one frame of a stream that opens with `header` and carries `inner`. */
export function frameIn(inner: string, header: string = HEADER): Frame {
  const frames = framesIn(inner, header)
  assert.equal(frames.length, 1)
  return frames[0]!
}
