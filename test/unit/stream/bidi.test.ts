// Streams that carry stanzas both ways (XEP-0288): when that is offered, asked for, and agreed.

import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { initiating } from '../../../src/stream/initiating.ts'
import { receiving } from '../../../src/stream/receiving.ts'
import type { Effect } from '../../../src/stream/types.ts'
import { header, type Move, Play, PROVEN, SASL, TLS } from './play.ts'

const BIDI = "<bidi xmlns='urn:xmpp:bidi'/>"
const FEATURE = "<bidi xmlns='urn:xmpp:features:bidi'/>"
const STARTTLS = `<starttls ${TLS}/>`
const AUTH = `<auth ${SASL} mechanism='EXTERNAL'>=</auth>`

const sentBy = (effects: readonly Effect[]): string =>
  effects.flatMap((effect) => (effect.kind === 'send' ? [effect.xml] : [])).join('')

/** Both ways, if it became ready at all. */
const agreed = (effects: readonly Effect[]): boolean | undefined =>
  effects.find((effect) => effect.kind === 'ready')?.bidi

describe('the receiving side', () => {
  const start = (bidi?: boolean): Play =>
    new Play(receiving({ opens: () => undefined, admits: () => undefined, ...(bidi === undefined ? {} : { bidi }) }, 3))
  const UPGRADED: readonly Move[] = [
    header(),
    STARTTLS,
    { kind: 'identified', found: true, detail: '' },
    { kind: 'secured', certificate: true },
    header(),
    { kind: 'verified', verdict: PROVEN },
  ]
  const play = (...moves: readonly Move[]): string[] => start(true).say(...moves)

  test('offers it over TLS, before authentication, and nowhere else', () => {
    const game = start(true)
    const sent = [...UPGRADED, AUTH, header()].map((move) => sentBy(game.effects(move)).includes(FEATURE))
    deepEqual(sent, [false, false, false, false, false, true, false, false])
  })

  test('does not offer it where the rules do not say so', () => {
    for (const game of [start(), start(false)]) {
      equal(sentBy(UPGRADED.map((move) => game.effects(move)).at(-1) ?? []).includes('bidi'), false)
      deepEqual(game.say(BIDI), ['close SP-492 policy-violation'])
    }
  })

  test('is ready for both ways if the peer asked for it, and only then', () => {
    for (const asks of [true, false]) {
      const game = start(true)
      const moves = [...UPGRADED, ...(asks ? [BIDI] : []), AUTH, header()]
      equal(agreed(moves.map((move) => game.effects(move)).at(-1) ?? []), asks)
    }
  })

  test('forgets nothing of it when authentication needs another attempt', () => {
    const game = start(true)
    const moves = [...UPGRADED, BIDI, `<abort ${SASL}/>`, AUTH, header()]
    equal(agreed(moves.map((move) => game.effects(move)).at(-1) ?? []), true)
  })

  const table: readonly (readonly [what: string, moves: readonly Move[], expected: string[]])[] = [
    ['asking says nothing by itself', [...UPGRADED, BIDI], []],
    ['asked before TLS', [header(), BIDI], ['close SP-492 policy-violation']],
    ['asked twice', [...UPGRADED, BIDI, BIDI], ['close SP-492 policy-violation']],
    ['asked after authentication', [...UPGRADED, AUTH, header(), BIDI], ['close SP-492 policy-violation']],
    ['asked again after authentication', [...UPGRADED, BIDI, AUTH, header(), BIDI], ['close SP-492 policy-violation']],
    ['the feature instead of the request', [...UPGRADED, FEATURE], ['close SP-426 not-authorized']],
    [
      'a stanza after asking, before authentication',
      [...UPGRADED, BIDI, '<message/>'],
      ['close SP-426 not-authorized'],
    ],
  ]
  for (const [what, moves, expected] of table) test(what, () => deepEqual(play(...moves), expected))
})

describe('the initiating side', () => {
  const answer = (): string => header({ from: 'peer.test', to: 'us.test', id: 'x' })
  const features = (children: string): string => `<stream:features>${children}</stream:features>`
  const EXTERNAL = `<mechanisms ${SASL}><mechanism>EXTERNAL</mechanism></mechanisms>`
  const SECURED: readonly Move[] = [
    { kind: 'connected' },
    `${answer()}${features(`<starttls ${TLS}/>`)}`,
    `<proceed ${TLS}/>`,
    { kind: 'secured', certificate: true },
    { kind: 'verified', verdict: PROVEN },
  ]
  const REST: readonly Move[] = [`<success ${SASL}/>`, answer() + features('')]
  const start = (bidi: boolean): Play => new Play(initiating({ pair: { local: 'us.test', remote: 'peer.test' }, bidi }))

  const table: readonly (readonly [offer: string, wanted: boolean, says: string[], both: boolean])[] = [
    [EXTERNAL + FEATURE, true, ['send bidi auth'], true],
    [FEATURE + EXTERNAL, true, ['send bidi auth'], true],
    [EXTERNAL, true, ['send auth'], false],
    [EXTERNAL + FEATURE, false, ['send auth'], false],
    [`${EXTERNAL}<bidi xmlns='urn:x'/>`, true, ['send auth'], false],
    [EXTERNAL + BIDI, true, ['send auth'], false],
  ]
  for (const [offer, wanted, says, both] of table) {
    test(`${wanted ? 'wants it' : 'does not want it'}, offered ${offer}`, () => {
      const game = start(wanted)
      deepEqual(game.say(...SECURED, answer() + features(offer)), says)
      equal(agreed(REST.map((move) => game.effects(move)).at(-1) ?? []), both)
    })
  }

  test('what is offered in plaintext is not asked for, and is forgotten', () => {
    const game = start(true)
    const plain = `${answer()}${features(`<starttls ${TLS}/>${FEATURE}`)}`
    deepEqual(game.say({ kind: 'connected' }, plain), ['send starttls'])
    deepEqual(game.say(...SECURED.slice(2), answer() + features(EXTERNAL)), ['send auth'])
    equal(agreed(REST.map((move) => game.effects(move)).at(-1) ?? []), false)
  })

  // COMPAT: Prosody 0.12
  test('a stanza that comes before the next header, or right after it, is kept if it goes both ways', () => {
    const agree = [...SECURED, answer() + features(EXTERNAL + FEATURE), `<success ${SASL}/>`]
    const game = start(true)
    deepEqual(game.say(...agree, "<message id='1'/>"), ['early message'])
    deepEqual(game.say("<iq id='2'/>"), ['early iq'])
    deepEqual(game.say(`<?xml version='1.0'?>${answer()}<presence/>`), ['early presence'])
    deepEqual(game.say(features('')), ['ready us.test peer.test'])
    deepEqual(start(true).say(...agree, `<message/>${answer()}${features('')}`), [
      'early message',
      'ready us.test peer.test',
    ])
  })

  test('and if not, it ends the attempt', () => {
    const disagree = [...SECURED, answer() + features(EXTERNAL), `<success ${SASL}/>`]
    deepEqual(start(true).say(...disagree, '<message/>'), ['close SP-406 bad-format'])
    deepEqual(start(true).say(...disagree, `${answer()}<message/>`), ['close SP-433 unsupported-stanza-type'])
    deepEqual(start(true).say(...SECURED, `${answer()}<message/>`), ['close SP-433 unsupported-stanza-type'])
  })

  test('a peer that asks us, who asked it, is out of turn', () => {
    deepEqual(start(true).say(...SECURED, answer() + features(EXTERNAL + FEATURE), BIDI), [
      'close SP-433 unsupported-stanza-type',
    ])
    deepEqual(start(true).say(...SECURED, answer() + features(EXTERNAL), ...REST, BIDI), [
      'close SP-427 unsupported-stanza-type',
    ])
  })
})
