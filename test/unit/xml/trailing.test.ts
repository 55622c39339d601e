// A restart before whose header elements of the stream before may still come.

import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AFTER_AUTHENTICATION, type ScanLimits } from '../../../src/xml/limits.ts'
import { Scanner } from '../../../src/xml/scanner.ts'

const STREAM = "xmlns:stream='http://etherx.jabber.org/streams'"
const HEADER = `<stream:stream xmlns='jabber:server' ${STREAM} id='1'>`
const NEXT = `<stream:stream xmlns='jabber:server' ${STREAM} id='2'>`
const MESSAGE = "<message to='a'><stream>no root</stream></message>"

/** What comes after `<success/>`, in chunks that are cut at `at`, as events in few words. */
function scan(rest: string, at: number, limits: ScanLimits = AFTER_AUTHENTICATION): string[] {
  const scanner = new Scanner(limits)
  scanner.push(Buffer.from(`${HEADER}<success/>`))
  const told: string[] = []
  const pull = (): void => {
    for (let event = scanner.next(); event; event = scanner.next()) {
      if (event.kind === 'frame') {
        told.push(`${event.frame.name} of ${event.frame.namespace}`)
        if (event.frame.name === 'success') scanner.restart(true)
      } else if (event.kind === 'header') told.push(`header ${event.header.id}`)
      else told.push(event.kind === 'error' ? event.reason : event.kind)
    }
  }
  pull()
  const bytes = Buffer.from(rest)
  for (const chunk of [bytes.subarray(0, at), bytes.subarray(at)]) {
    scanner.push(chunk)
    pull()
  }
  equal(told.shift(), 'header 1')
  equal(told.shift(), 'success of jabber:server')
  return told
}

const message = 'message of jabber:server'

describe('however it is cut', () => {
  const table: readonly (readonly [what: string, rest: string, expected: string[]])[] = [
    ['nothing before the header', `${NEXT}<iq/>`, ['header 2', 'iq of jabber:server']],
    ['a declaration', `<?xml version='1.0'?>${NEXT}`, ['header 2']],
    ['a stanza', `${MESSAGE}${NEXT}<iq/>`, [message, 'header 2', 'iq of jabber:server']],
    ['two and a declaration', `${MESSAGE} ${MESSAGE}<?xml version='1.0'?>${NEXT}`, [message, message, 'header 2']],
    [
      'a header with another prefix',
      `${MESSAGE}<s:stream xmlns='jabber:server' xmlns:s='http://etherx.jabber.org/streams' id='3'></s:stream>`,
      [message, 'header 3', 'footer'],
    ],
    ['what was declared before is forgotten', NEXT.replace(STREAM, ''), ['SP-404']],
    ['the end instead', '</stream:stream>', ['footer']],
    ['text', `x${NEXT}`, ['SP-407']],
    ['a declaration within a stanza', "<message><?xml version='1.0'?></message>", ['SP-402']],
    ['a second declaration', `<?xml version='1.0'?><?xml version='1.0'?>${NEXT}`, ['SP-402']],
    ['a stanza after the declaration', `<?xml version='1.0'?>${MESSAGE}`, ['SP-406']],
    ['a header after the header', `${NEXT}${NEXT}`, ['header 2', 'SP-406']],
  ]
  for (const [what, rest, expected] of table) {
    test(what, () => {
      for (let at = 0; at <= Buffer.byteLength(rest); at++) deepEqual(scan(rest, at), expected, `cut at ${at}`)
    })
  }

  test('a header may be no longer than any other', () => {
    const limits = { ...AFTER_AUTHENTICATION, headerBytes: 120 }
    const long = NEXT.replace('>', ` xml:lang='${'x'.repeat(100)}'>`)
    for (let at = 0; at <= long.length; at++) deepEqual(scan(long, at, limits), ['SP-606'], `cut at ${at}`)
  })
})
