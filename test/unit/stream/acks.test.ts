// Acknowledgements as both automata negotiate them: who may say what, and when.

import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ack, countTooHigh, readAck } from '../../../src/stream/acks.ts'
import { initiating } from '../../../src/stream/initiating.ts'
import { receiving } from '../../../src/stream/receiving.ts'
import { parseFragment } from '../../../src/xml/fragment.ts'
import { header, type Move, Play, PROVEN, SASL, SM, TLS } from './play.ts'

const features = (inner: string): string => `<stream:features>${inner}</stream:features>`
const RECEIVING: readonly Move[] = [
  header(),
  `<starttls ${TLS}/>`,
  { kind: 'identified', found: true, detail: '' },
  { kind: 'secured', certificate: true },
  header(),
  { kind: 'verified', verdict: PROVEN },
  `<auth ${SASL} mechanism='EXTERNAL'>=</auth>`,
  header(),
]
const INITIATING: readonly Move[] = [
  { kind: 'connected' },
  header(),
  features(`<starttls ${TLS}/>`),
  `<proceed ${TLS}/>`,
  { kind: 'secured', certificate: true },
  { kind: 'verified', verdict: PROVEN },
  header(),
  features(`<mechanisms ${SASL}><mechanism>EXTERNAL</mechanism></mechanisms><sm ${SM}/>`),
  `<success ${SASL}/>`,
  header(),
]
const OFFERS = features(`<sm ${SM}/>`)
const ENABLE = `<enable ${SM}/>`
const ENABLED = `<enabled ${SM}/>`
const FAILED = `<failed ${SM}><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>`
const ASKS = `<r ${SM}/>`
const QUIT: Move = { kind: 'quit', reason: 'SP-431', detail: '' }

const inward = (...moves: readonly Move[]): string[] =>
  new Play(receiving({ opens: () => undefined, admits: () => undefined }, 3)).say(...RECEIVING, ...moves)
const outward = (...moves: readonly Move[]): string[] =>
  new Play(initiating({ pair: { local: 'us.test', remote: 'peer.test' } })).say(...INITIATING, ...moves)

const OUT_OF_TURN = ['close SP-496 invalid-xml']

describe('a stream that the peer opened', () => {
  const table: readonly (readonly [what: string, moves: readonly Move[], effects: readonly string[]])[] = [
    ['the peer wants them', [ENABLE], ['send enabled', 'acks ours theirs']],
    ['with resumption, which it does not get', [`<enable ${SM} resume='true'/>`], ['send enabled', 'acks ours theirs']],
    ['twice', [ENABLE, ENABLE], OUT_OF_TURN],
    ['it asks', [ENABLE, ASKS], ['acknowledge']],
    ['it asks without having wanted them', [ASKS], OUT_OF_TURN],
    ['it acknowledges', [ENABLE, `<a ${SM} h='7'/>`], ['acknowledged 7']],
    ['it acknowledges without having wanted them', [`<a ${SM} h='0'/>`], OUT_OF_TURN],
    ['it acknowledges no number', [ENABLE, `<a ${SM}/>`], OUT_OF_TURN],
    ['it says our part', [ENABLED], OUT_OF_TURN],
    ['it refuses what we did not ask', [FAILED], OUT_OF_TURN],
    ['it wants them while we close', [QUIT, ENABLE], ['close SP-431 (nothing)']],
    ['it asks while we close', [ENABLE, QUIT, ASKS], []],
    ['it acknowledges while we close', [ENABLE, QUIT, `<a ${SM} h='0'/>`], ['acknowledged 0']],
    ['it speaks of resumption', [`<resume ${SM} previd='x' h='0'/>`], ['close SP-427 unsupported-stanza-type']],
  ]
  for (const [what, moves, effects] of table) test(what, () => deepEqual(inward(...moves), effects))
  test('it wants them before it is authenticated', () => {
    const play = new Play(receiving({ opens: () => undefined, admits: () => undefined }, 3))
    deepEqual(play.say(...RECEIVING.slice(0, 6), ENABLE), ['close SP-426 not-authorized'])
  })
})

describe('a stream that we opened', () => {
  const ready = 'ready us.test peer.test'
  const table: readonly (readonly [what: string, moves: readonly Move[], effects: readonly string[]])[] = [
    ['the peer offers them', [OFFERS], [ready, 'send enable', 'acks ours']],
    ['the peer offers an older version', [features("<sm xmlns='urn:xmpp:sm:2'/>")], [ready]],
    ['the peer agrees', [OFFERS, ENABLED], ['acks theirs']],
    ['and again', [OFFERS, ENABLED, ENABLED], OUT_OF_TURN],
    ['the peer refuses', [OFFERS, FAILED], ['acks']],
    ['and then agrees', [OFFERS, FAILED, ENABLED], OUT_OF_TURN],
    ['the peer acknowledges before it agrees', [OFFERS, `<a ${SM} h='0'/>`], OUT_OF_TURN],
    ['the peer acknowledges', [OFFERS, ENABLED, `<a ${SM} h='4294967295'/>`], ['acknowledged 4294967295']],
    ['the peer asks', [OFFERS, ENABLED, ASKS], ['acknowledge']],
    ['the peer agrees to what was not asked', [features(''), ENABLED], OUT_OF_TURN],
    ['the peer wants what is ours to want', [OFFERS, ENABLED, ENABLE], ['close SP-427 unsupported-stanza-type']],
    ['the peer acknowledges while we close', [OFFERS, ENABLED, QUIT, `<a ${SM} h='1'/>`], ['acknowledged 1']],
    ['the peer agrees while we close', [OFFERS, QUIT, ENABLED], []],
    ['the peer refuses while we close', [OFFERS, QUIT, FAILED], []],
  ]
  for (const [what, moves, effects] of table) test(what, () => deepEqual(outward(...moves), effects))
})

test('a number is read as the wire has it, and nothing else is one', () => {
  const read = (xml: string): number | undefined => {
    const frame = parseFragment(xml)
    return frame.ok ? readAck(frame.frame) : undefined
  }
  equal(read(ack(0)), 0)
  equal(read(`<sm:a xmlns:sm='urn:xmpp:sm:3' h='12'></sm:a>`), 12)
  equal(read(ack(2 ** 32 - 1)), 2 ** 32 - 1)
  for (const h of ['4294967296', '-1', '1.5', '1e3', ' 1', '0x1', '', '12345678901']) {
    equal(read(`<a ${SM} h='${h}'/>`), undefined, h)
  }
  equal(read("<a xmlns='urn:xmpp:sm:2' h='1'/>"), undefined)
  equal(read(`<r ${SM} h='1'/>`), undefined)
  equal(read(`<a ${SM} x:h='1' xmlns:x='urn:x'/>`), undefined)
  equal(countTooHigh(10, 8), "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='10' send-count='8'/>")
})
