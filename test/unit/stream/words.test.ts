// What is read out of stream errors, SASL failures and features, and what is written.

import { deepEqual, equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { featuresElement, offered, readFeatures } from '../../../src/stream/features.ts'
import { quote } from '../../../src/stream/quote.ts'
import { readFailure } from '../../../src/stream/sasl.ts'
import { readStreamError, streamError } from '../../../src/stream/stream-error.ts'
import type { Frame } from '../../../src/xml/frame.ts'
import { AFTER_AUTHENTICATION } from '../../../src/xml/limits.ts'
import { Scanner } from '../../../src/xml/scanner.ts'
import { STREAM_CONDITIONS } from '../../../src/xmpp/conditions.ts'
import { condition, header, SASL, streamErrorOf, TLS } from './play.ts'

function frame(xml: string): Frame {
  const scanner = new Scanner(AFTER_AUTHENTICATION)
  scanner.push(Buffer.from(header() + xml))
  scanner.next()
  const event = scanner.next()
  if (event?.kind !== 'frame') throw new Error(`not a frame: ${JSON.stringify(event)}`)
  return event.frame
}

describe('a stream error', () => {
  test('of ours has the condition and the reference, and nothing else', () => {
    const written = streamError('policy-violation', 'abcd-efgh-jkmn')
    const { detail, ...rest } = readStreamError(frame(written))
    deepEqual(rest, { condition: 'policy-violation', reason: 'SP-453' })
    equal(detail, 'policy-violation "Reference: abcd-efgh-jkmn"')
  })
  test('of every condition is written as it is read', () => {
    for (const name of Object.keys(STREAM_CONDITIONS)) {
      equal(readStreamError(frame(streamErrorOf(condition(name)))).condition, name)
    }
  })
  const table: readonly (readonly [what: string, children: string, condition: string, detail: string])[] = [
    ['empty', '', 'undefined-condition', 'undefined-condition'],
    ['unknown', condition('no-such-thing'), 'undefined-condition', 'no-such-thing'],
    ['with a host', condition('see-other-host', 'x.test:5269'), 'see-other-host', 'see-other-host "x.test:5269"'],
    [
      'with text and an application condition',
      `${condition('undefined-condition')}${condition('text', 'too late')}<why xmlns='urn:x'/>`,
      'undefined-condition',
      'undefined-condition "too late" "{urn:x}why"',
    ],
    ['in another namespace', "<reset xmlns='urn:x'/>", 'undefined-condition', 'undefined-condition "{urn:x}reset"'],
  ]
  for (const [what, children, expected, detail] of table) {
    test(`of theirs: ${what}`, () => {
      const heard = readStreamError(frame(streamErrorOf(children)))
      equal(heard.condition, expected)
      equal(heard.detail, detail)
    })
  }
})

test('a stranger cannot write our lines', () => {
  const heard = readStreamError(
    frame(
      `<stream:error>${condition('reset')}${condition('text', `a\nb&quot;\u202e${'x'.repeat(999)}`)}</stream:error>`,
    ),
  )
  match(heard.detail, /^reset "a\\u\{a\}b\\"\\u\{202e\}x+…"$/u)
  equal(heard.detail.length < 260, true)
  equal(quote('\u001b[31m'), String.raw`"\u{1b}[31m"`)
})

test('a SASL failure with text', () => {
  deepEqual(readFailure(frame(`<failure ${SASL}><not-authorized/><text xml:lang='en'>go away</text></failure>`)), {
    condition: 'not-authorized',
    reason: 'SP-441',
    detail: 'not-authorized "go away"',
  })
})

describe('features', () => {
  test('what is offered follows from what has happened', () => {
    deepEqual(offered([]), ['starttls'])
    deepEqual(offered(['secured']), [])
    deepEqual(offered(['secured', 'proven']), ['external'])
    deepEqual(offered(['proven', 'both-ways']), ['starttls'])
    deepEqual(offered(['secured', 'proven', 'both-ways']), ['external', 'bidi'])
    deepEqual(offered(['secured', 'proven', 'authenticated', 'both-ways']), ['acks'])
    deepEqual(offered(['secured', 'proven', 'authenticated']), ['acks'])
    equal(
      featuresElement(['secured', 'proven', 'authenticated']),
      "<stream:features><sm xmlns='urn:xmpp:sm:3'/></stream:features>",
    )
  })
  test('ours are understood by us', () => {
    equal(readFeatures(frame(featuresElement([]))).starttls, true)
    deepEqual(readFeatures(frame(featuresElement(['secured', 'proven']))).mechanisms, ['EXTERNAL'])
    deepEqual(readFeatures(frame(featuresElement(['secured', 'both-ways']))).bidi, true)
    deepEqual(readFeatures(frame(featuresElement(['secured', 'proven']))).bidi, false)
    equal(readFeatures(frame(featuresElement(['secured', 'authenticated']))).acks, true)
  })
  test('names count only in their namespace', () => {
    const theirs = `<stream:features><starttls xmlns='urn:x'/><sm xmlns='urn:xmpp:sm:2'/><mechanisms ${TLS}><mechanism>EXTERNAL</mechanism></mechanisms></stream:features>`
    const { starttls, mechanisms, acks } = readFeatures(frame(theirs))
    deepEqual([starttls, mechanisms, acks], [false, [], false])
  })
})
