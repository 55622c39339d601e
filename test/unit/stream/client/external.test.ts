// A log-in by certificate as the relay leads it: the gate is asked first, then the core is met as the user, and hears from
// us alone who that is.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { externalFor, takesExternal, type Chooser } from '../../../../src/stream/client/external.ts'
import { BEGIN, step } from '../../../../src/stream/client/relay.ts'
import type { RelayEffect, RelayEvent, RelayRules, RelayState } from '../../../../src/stream/client/relay-types.ts'
import { base64, element, headerOf, SASL, SASL2 } from './words.ts'

const card: Chooser = (authzid) =>
  authzid === undefined || authzid === 'alice@corp.example'
    ? { address: 'alice@corp.example' }
    : { reason: 'SP-884', detail: authzid }

const rules: RelayRules = { serves: (domain) => domain === 'corp.example', requested: undefined, attempts: 3, card }
const { card: _, ...without } = rules

const MECHANISMS = (...all: readonly string[]): string => all.map((one) => `<mechanism>${one}</mechanism>`).join('')
const features = (sasl: readonly string[], sasl2?: readonly string[]) =>
  element(
    `<stream:features><mechanisms ${SASL}>${MECHANISMS(...sasl)}</mechanisms>${sasl2 ? `<authentication ${SASL2}>${MECHANISMS(...sasl2)}</authentication>` : ''}</stream:features>`,
  )

/** Feeds events from the beginning; what the last one led to. */
function play(
  events: readonly RelayEvent[],
  by: RelayRules = rules,
): { state: RelayState; effects: readonly RelayEffect[] } {
  let state = BEGIN
  let effects: readonly RelayEffect[] = []
  for (const event of events) [state, ...effects] = step(state, event, by)
  return { state, effects }
}

const client = (xml: string): RelayEvent => ({ kind: 'client', frame: element(xml) })
const core = (xml: string): RelayEvent => ({ kind: 'core', frame: element(xml) })
const auth = (authzid?: string): RelayEvent =>
  client(`<auth ${SASL} mechanism='EXTERNAL'>${authzid === undefined ? '=' : base64(authzid)}</auth>`)
const opened: readonly RelayEvent[] = [
  { kind: 'client-header', header: headerOf() },
  { kind: 'reached', features: features(['PLAIN', 'EXTERNAL'], ['PLAIN', 'EXTERNAL']) },
]
const asAlice = `<auth ${SASL} mechanism='EXTERNAL'>${base64('alice@corp.example')}</auth>`
const told = (effects: readonly RelayEffect[]): readonly string[] =>
  effects.map((effect) => ('bytes' in effect ? `${effect.kind} ${effect.bytes.toString()}` : effect.kind))

test('EXTERNAL is offered where a certificate lets somebody in, and that of the core never', () => {
  for (const [by, expected] of [
    [rules, 2],
    [without, 0],
  ] as const) {
    const offer = play(opened, by).effects.find((effect) => effect.kind === 'offer')
    assert.ok(offer?.kind === 'offer')
    assert.equal(
      offer.offer.children.split('<mechanism>EXTERNAL</mechanism>').length - 1,
      expected,
      'once in each form',
    )
    assert.equal(offer.offer.mechanisms.includes('EXTERNAL'), expected > 0)
  }
  assert.deepEqual(told(play([...opened, auth()], without).effects), ['failed'])
})

for (const [about, event] of [
  ['nothing', auth()],
  ['its address', auth('alice@corp.example')],
] as const) {
  test(`who asks for ${about} is claimed, vouched for, and only then is the core told`, () => {
    const claimed = play([...opened, event])
    assert.deepEqual(told(claimed.effects), ['claim'])
    const admitted = play([...opened, event, { kind: 'admitted' }])
    assert.deepEqual(admitted.effects, [{ kind: 'vouch', user: 'alice@corp.example', domain: 'corp.example' }])
    const vouched = [
      ...opened,
      event,
      { kind: 'admitted' },
      { kind: 'vouched', features: features(['EXTERNAL']) },
    ] as const
    assert.deepEqual(told(play(vouched).effects), [`to-core ${asAlice}`])
    const success = play([...vouched, core(`<success ${SASL}/>`)])
    assert.deepEqual(
      told(success.effects).map((one) => one.slice(0, 9)),
      ['logged-in', 'to-client', 'restart'],
    )
  })
}

test('the first message may come when it is asked for', () => {
  const asked = [...opened, client(`<auth ${SASL} mechanism='EXTERNAL'/>`)]
  assert.match(told(play(asked).effects).join(), /to-client <challenge/)
  const { effects } = play([...asked, client(`<response ${SASL}>${base64('alice@corp.example')}</response>`)])
  assert.deepEqual(told(effects), ['claim'])
})

test("another user's address is refused before anybody is asked, and like a wrong password", () => {
  const { state, effects } = play([...opened, auth('bob@corp.example')])
  assert.ok(state.phase === 'failing' && state.condition === 'not-authorized')
  assert.deepEqual(
    effects.map((effect) => (effect.kind === 'failed' ? effect.reason : effect.kind)),
    ['SP-884'],
  )
})

test('whoever the gate refuses is not vouched for', () => {
  const { state, effects } = play([...opened, auth(), { kind: 'refused' }])
  assert.equal(state.phase, 'failing')
  assert.deepEqual(effects, [])
})

const UNTAKEN: readonly (readonly [about: string, events: readonly RelayEvent[]])[] = [
  ['is not reached', [{ kind: 'not-vouched', detail: 'SP-802' }]],
  ['does not offer it', [{ kind: 'vouched', features: features(['PLAIN']) }]],
  [
    'refuses',
    [{ kind: 'vouched', features: features(['EXTERNAL']) }, core(`<failure ${SASL}><not-authorized/></failure>`)],
  ],
]

for (const [about, events] of UNTAKEN)
  test(`a core that ${about} is no fault of the user: it is not counted as a guess`, () => {
    const { state, effects } = play([...opened, auth(), { kind: 'admitted' }, ...events])
    assert.ok(state.phase === 'failing' && state.condition === 'temporary-auth-failure')
    assert.deepEqual(
      effects.map((effect) => (effect.kind === 'failed' ? effect.reason : effect.kind)),
      ['SP-886'],
    )
  })

test('in SASL2 what is asked for beside it goes with it, a token apart, and the name is ours', () => {
  const inline = `<authenticate ${SASL2} mechanism='EXTERNAL'><initial-response>=</initial-response><bind xmlns='urn:xmpp:bind:0'/><request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-NONE'/></authenticate>`
  const offer = `<inline><bind xmlns='urn:xmpp:bind:0'/><fast xmlns='urn:xmpp:fast:0'><mechanism>HT-SHA-256-NONE</mechanism></fast></inline>`
  const both = `<stream:features><authentication ${SASL2}><mechanism>PLAIN</mechanism>${offer}</authentication></stream:features>`
  const reached: RelayEvent = { kind: 'reached', features: element(both) }
  const events = [{ kind: 'client-header', header: headerOf() }, reached, client(inline), { kind: 'admitted' }] as const
  const { effects } = play([...events, { kind: 'vouched', features: features(['EXTERNAL'], ['EXTERNAL']) }])
  const [said = ''] = told(effects)
  assert.match(said, new RegExp(`<initial-response>${base64('alice@corp.example')}</initial-response>`))
  assert.match(said, /<bind xmlns=.urn:xmpp:bind:0.\/>/)
  assert.doesNotMatch(said, /request-token/)
  const old = play([...events, { kind: 'vouched', features: features(['EXTERNAL'], ['PLAIN']) }])
  assert.equal(old.state.phase, 'failing')
})

test('the core is told in the form of the wire, and asked in the form of the log-in', () => {
  assert.equal(
    externalFor('jürgen@xn--bcher-kva.example', 'sasl', []).toString(),
    `<auth ${SASL} mechanism='EXTERNAL'>${base64('jürgen@bücher.example')}</auth>`,
  )
  assert.equal(takesExternal(features(['EXTERNAL']), 'sasl'), true)
  assert.equal(takesExternal(features(['EXTERNAL']), 'sasl2'), false)
  assert.equal(takesExternal(element('<stream:features/>'), 'sasl'), false)
})
