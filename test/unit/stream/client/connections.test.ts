// Both connections of a session before they are through, phase by phase: what a client may do before TLS, and what the
// core must do.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inner } from '../../../../src/stream/client/inner.ts'
import { securing } from '../../../../src/stream/client/securing.ts'
import { header, type Move, NOT_PROVEN, Play, PROVEN, SASL, TLS } from '../play.ts'

const rules = { serves: (domain: string) => domain === 'corp.example' }
const client = (attributes: Readonly<Record<string, string | undefined>> = {}): string =>
  header({ xmlns: 'jabber:client', from: undefined, to: 'corp.example', ...attributes })
const STARTTLS = `<starttls ${TLS}/>`
const found: Move = { kind: 'identified', found: true, detail: '' }
const secured: Move = { kind: 'secured', certificate: false }

const OUTER: readonly (readonly [about: string, moves: readonly Move[], last: readonly string[], phase: string])[] = [
  [
    'a header is answered with one feature',
    [client()],
    ['header corp.example→-', 'send stream:features starttls required'],
    'offered',
  ],
  ['TLS is begun', [client(), STARTTLS, found], ['send proceed', 'start-tls corp.example '], 'upgrading'],
  ['what comes behind TLS is not for this', [client(), STARTTLS, found, secured], [], 'through'],
  [
    'another domain',
    [client({ to: 'other.example' })],
    ['header other.example→-', 'close SP-115 host-unknown'],
    'closed',
  ],
  ['no domain', [client({ to: undefined })], ['header -→-', 'close SP-421 improper-addressing'], 'closed'],
  [
    'a header of a server',
    [header({ to: 'corp.example' })],
    ['header corp.example→-', 'close SP-423 invalid-namespace'],
    'closed',
  ],
  [
    'an old version',
    [client({ version: '0.9' })],
    ['header corp.example→-', 'close SP-422 unsupported-version'],
    'closed',
  ],
  [
    'words behind <starttls/>',
    [client(), `${STARTTLS}<iq type='get' id='1'/>`],
    ['close SP-359 policy-violation'],
    'closed',
  ],
  [
    'a log-in before TLS',
    [client(), `<auth ${SASL} mechanism='PLAIN'>AA==</auth>`],
    ['close SP-812 not-authorized'],
    'closed',
  ],
  ['a stanza before TLS', [client(), `<message to='a@corp.example'/>`], ['close SP-812 not-authorized'], 'closed'],
  [
    'registration before TLS',
    [client(), `<iq type='get' id='1'><query xmlns='jabber:iq:register'/></iq>`],
    ['close SP-812 not-authorized'],
    'closed',
  ],
  [
    'no certificate',
    [client(), STARTTLS, { kind: 'identified', found: false, detail: 'x' }],
    ['send failure', 'close SP-360 (footer)'],
    'closed',
  ],
  ['somebody who takes too long', [client(), { kind: 'deadline' }], ['close SP-430 connection-timeout'], 'closed'],
]

for (const [about, moves, last, phase] of OUTER) {
  test(`a client before TLS: ${about}`, () => {
    const play = new Play(securing(rules, 'starttls'))
    assert.deepEqual(play.say(...moves), last)
    assert.equal(play.machine.phase, phase)
  })
}

test('direct TLS begins with the first byte, and nothing is said before', () => {
  const play = new Play(securing(rules, 'direct'))
  assert.deepEqual(play.say({ kind: 'connected' }), ['accept-tls'])
  assert.deepEqual(play.say(secured), [])
  assert.equal(play.machine.phase, 'through')
  const failed = new Play(securing(rules, 'direct'))
  failed.say({ kind: 'connected' })
  assert.deepEqual(failed.say({ kind: 'ended', reason: 'SP-354', detail: '' }), ['close SP-354 (nothing) by network'])
})

const core = (attributes: Readonly<Record<string, string | undefined>> = {}): string =>
  header({ xmlns: 'jabber:client', from: 'corp.example', to: undefined, id: 'x', ...attributes })
const OFFER = `<stream:features><starttls ${TLS}><required/></starttls></stream:features>`
const REST = `<stream:features><mechanisms ${SASL}><mechanism>PLAIN</mechanism></mechanisms></stream:features>`
const up: Move = { kind: 'connected' }
const withChain: Move = { kind: 'secured', certificate: true }
const proven: Move = { kind: 'verified', verdict: PROVEN }

const INNER: readonly (readonly [
  'starttls' | 'direct' | 'none',
  string,
  readonly Move[],
  readonly string[],
  string,
])[] = [
  ['starttls', 'a header', [up], ['header -→corp.example'], 'opening'],
  ['starttls', 'TLS is asked for', [up, core(), OFFER], ['send starttls'], 'proceeding'],
  [
    'starttls',
    'the certificate is judged',
    [up, core(), OFFER, `<proceed ${TLS}/>`, withChain],
    ['verify corp.example corp.example'],
    'verifying',
  ],
  [
    'starttls',
    'and then a header is said again',
    [up, core(), OFFER, `<proceed ${TLS}/>`, withChain, proven],
    ['header -→corp.example'],
    'opening',
  ],
  [
    'starttls',
    'features end it',
    [up, core(), OFFER, `<proceed ${TLS}/>`, withChain, proven, core(), REST],
    [],
    'through',
  ],
  ['starttls', 'no TLS', [up, core(), REST], ['close SP-803 remote-connection-failed'], 'closed'],
  [
    'starttls',
    'a refusal',
    [up, core(), OFFER, `<failure ${TLS}/>`],
    ['close SP-803 remote-connection-failed'],
    'closed',
  ],
  [
    'starttls',
    'words behind <proceed/>',
    [up, core(), OFFER, `<proceed ${TLS}/>${REST}`],
    ['close SP-359 policy-violation'],
    'closed',
  ],
  [
    'starttls',
    'no proof',
    [up, core(), OFFER, `<proceed ${TLS}/>`, withChain, { kind: 'verified', verdict: NOT_PROVEN }],
    ['close SP-804 (nothing)'],
    'closed',
  ],
  [
    'starttls',
    'no certificate',
    [up, core(), OFFER, `<proceed ${TLS}/>`, secured],
    ['close SP-804 (nothing)'],
    'closed',
  ],
  [
    'starttls',
    'a port for servers',
    [up, header({ from: 'corp.example' })],
    ['close SP-807 invalid-namespace'],
    'closed',
  ],
  [
    'starttls',
    'an element that is none of these',
    [up, core(), '<x/>'],
    ['close SP-807 remote-connection-failed'],
    'closed',
  ],
  ['direct', 'not a word before TLS', [up], ['start-tls corp.example corp.example'], 'upgrading'],
  ['direct', 'features end it', [up, withChain, proven, core(), REST], [], 'through'],
  ['none', 'features end it', [up, core(), REST], [], 'through'],
]

for (const [tls, about, moves, last, phase] of INNER) {
  test(`the core over ${tls}: ${about}`, () => {
    const play = new Play(inner({ domain: 'corp.example', tls }))
    assert.deepEqual(play.say(...moves), last)
    assert.equal(play.machine.phase, phase)
  })
}

test('a core that sends us elsewhere says where', () => {
  const play = new Play(inner({ domain: 'corp.example', tls: 'none' }))
  play.say(up)
  const error = `<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>10.1.0.9:5222</see-other-host></stream:error>`
  const [close] = play.effects(core() + error)
  assert.ok(close?.kind === 'close')
  assert.equal(close.elsewhere, '10.1.0.9:5222')
})
