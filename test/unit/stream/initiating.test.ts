import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { initiating } from '../../../src/stream/initiating.ts'
import { condition, header, type Move, NOT_PROVEN, Play, PROVEN, SASL, streamErrorOf, TLS } from './play.ts'

const pair = { local: 'us.test', remote: 'peer.test' }
const answer = (attributes: Readonly<Record<string, string | undefined>> = {}): string =>
  header({ from: 'peer.test', to: 'us.test', id: 'x', ...attributes })
const features = (children: string): string => `<stream:features>${children}</stream:features>`
const mechanisms = (...names: readonly string[]): string =>
  `<mechanisms ${SASL}>${names.map((name) => `<mechanism>${name}</mechanism>`).join('')}</mechanisms>`
const STARTTLS = features(`<starttls ${TLS}/>`)
const PROCEED = `<proceed ${TLS}/>`

const PATH: readonly Move[] = [
  { kind: 'connected' },
  answer() + STARTTLS,
  PROCEED,
  { kind: 'secured', certificate: true },
  { kind: 'verified', verdict: PROVEN },
  answer() + features(mechanisms('PLAIN', 'EXTERNAL')),
  `<success ${SASL}/>`,
  answer() + features(''),
]
const before = (n: number): readonly Move[] => PATH.slice(0, n)
const OPENING = before(1)
const PROCEEDING = before(2)
const UPGRADING = before(3)
const VERIFYING = before(4)
const SECURED = before(5)
const AUTHENTICATING = before(6)
const AUTHENTICATED = before(7)
const READY = PATH

const play = (...moves: readonly Move[]): string[] => new Play(initiating({ pair })).say(...moves)

test('the good path: TLS, certificate, EXTERNAL, ready', () => {
  const game = new Play(initiating({ pair }))
  const ours = 'header us.test→peer.test'
  const expected = [
    [ours],
    ['send starttls'],
    ['start-tls us.test peer.test'],
    ['verify us.test peer.test'],
    [ours],
    ['send auth'],
    ['restart', ours],
    ['ready us.test peer.test'],
  ]
  deepEqual(
    PATH.map((move) => game.say(move)),
    expected,
  )
  equal(game.machine.phase, 'ready')
})

function authzid(local: string): string {
  const game = new Play(initiating({ pair: { local, remote: 'peer.test' } }))
  const effects = [...SECURED, PATH[5] ?? ''].map((move) => game.effects(move)).at(-1) ?? []
  const sent = effects.flatMap((effect) => (effect.kind === 'send' ? [effect.xml] : [])).join('')
  return Buffer.from(/>([^<]*)</.exec(sent)?.[1] ?? '', 'base64').toString()
}

describe('direct TLS', () => {
  const DIRECT: readonly Move[] = [{ kind: 'connected' }, ...PATH.slice(3)]
  const directly = (...moves: readonly Move[]): string[] => new Play(initiating({ pair, tls: 'direct' })).say(...moves)
  test('the good path: not a word before TLS, and everything after it as ever', () => {
    const game = new Play(initiating({ pair, tls: 'direct' }))
    deepEqual(
      DIRECT.map((move) => game.say(move)),
      [
        ['start-tls us.test peer.test'],
        ['verify us.test peer.test'],
        ['header us.test→peer.test'],
        ['send auth'],
        ['restart', 'header us.test→peer.test'],
        ['ready us.test peer.test'],
      ],
    )
    equal(game.machine.phase, 'ready')
  })
  const table: readonly (readonly [what: string, moves: readonly Move[], expected: string[]])[] = [
    ['a deadline in the handshake', [{ kind: 'deadline' }], ['close SP-430 (nothing)']],
    ['a failed handshake', [{ kind: 'ended', reason: 'SP-354', detail: '' }], ['close SP-354 (nothing) by network']],
    [
      'no certificate',
      [{ kind: 'secured', certificate: false }],
      ['header us.test→peer.test', 'close SP-361 not-authorized'],
    ],
    [
      'the certificate of somebody else',
      [
        { kind: 'secured', certificate: true },
        { kind: 'verified', verdict: NOT_PROVEN },
      ],
      ['header us.test→peer.test', 'close SP-301 not-authorized'],
    ],
    ['STARTTLS instead of SASL', [...PATH.slice(3, 5), answer() + STARTTLS], ['close SP-432 (footer)']],
  ]
  for (const [what, moves, expected] of table) {
    test(what, () => deepEqual(directly({ kind: 'connected' }, ...moves), expected))
  }
})

const failure = (name: string): string => `<failure ${SASL}><${name}/></failure>`

type Row = readonly [what: string, at: readonly Move[], move: Move, expected: string[]]

test('the authorization identity is our domain, as it is written in the header', () => {
  equal(authzid('us.test'), 'us.test')
  equal(authzid('xn--bcher-kva.test'), 'bücher.test')
})

describe('headers that peers answer with', () => {
  const table: readonly (readonly [what: string, at: readonly Move[], move: string, expected: string[]])[] = [
    ['Prosody: an empty id', OPENING, answer({ id: '' }), []], // COMPAT: Prosody 0.12
    ['no id and no from', OPENING, answer({ id: undefined, from: undefined }), []],
    ['another name, before TLS', OPENING, answer({ from: 'other.test' }), []],
    ['another name, after TLS', SECURED, answer({ from: 'other.test' }), ['close SP-434 invalid-from']],
    ['another name, after SASL', AUTHENTICATED, answer({ from: 'other.test' }), ['close SP-434 invalid-from']],
    ['no name, after TLS', SECURED, answer({ from: undefined }), []],
    ['no version', OPENING, answer({ version: undefined }), ['close SP-422 unsupported-version']],
    ['of a client port', OPENING, answer({ xmlns: 'jabber:client' }), ['close SP-423 invalid-namespace']],
  ]
  for (const [what, at, move, expected] of table) test(what, () => deepEqual(play(...at, move), expected))
})

describe('what ends the attempt', () => {
  const table: readonly Row[] = [
    ['no STARTTLS', OPENING, answer() + features(''), ['close SP-351 (footer)']],
    ['only SASL before TLS', OPENING, answer() + features(mechanisms('EXTERNAL')), ['close SP-351 (footer)']],
    ['STARTTLS refused', PROCEEDING, `<failure ${TLS}/>`, ['close SP-352 (footer) by peer']],
    ['data after <proceed/>', PROCEEDING, `${PROCEED}<x/>`, ['close SP-359 policy-violation']],
    ['one byte after <proceed/>', PROCEEDING, `${PROCEED}\n`, ['close SP-359 policy-violation']],
    ['features instead of <proceed/>', PROCEEDING, STARTTLS, ['close SP-433 unsupported-stanza-type']],
    [
      'a failed handshake',
      UPGRADING,
      { kind: 'ended', reason: 'SP-354', detail: '' },
      ['close SP-354 (nothing) by network'],
    ],
    [
      'no certificate',
      UPGRADING,
      { kind: 'secured', certificate: false },
      ['header us.test→peer.test', 'close SP-361 not-authorized'],
    ],
    [
      'the certificate of somebody else',
      VERIFYING,
      { kind: 'verified', verdict: NOT_PROVEN },
      ['header us.test→peer.test', 'close SP-301 not-authorized'],
    ],
    ['a deadline while checking', VERIFYING, { kind: 'deadline' }, ['close SP-430 (nothing)']],
    ['no EXTERNAL', SECURED, answer() + features(mechanisms('PLAIN')), ['close SP-432 (footer)']],
    [
      'an unknown feature that is demanded',
      AUTHENTICATED,
      answer() + features("<pact xmlns='urn:example:pact'><required/></pact>"),
      ['close SP-437 unsupported-feature'],
    ],
    [
      'a feature of ours that is demanded',
      AUTHENTICATED,
      answer() + features("<sm xmlns='urn:xmpp:sm:3'><required/></sm>"),
      ['ready us.test peer.test', 'send enable', 'acks ours'],
    ],
    ['no SASL', SECURED, answer() + features(''), ['close SP-432 (footer)']],
    ['a challenge', AUTHENTICATING, `<challenge ${SASL}/>`, ['close SP-433 unsupported-stanza-type']],
    ['a stanza', AUTHENTICATING, '<message/>', ['close SP-433 unsupported-stanza-type']],
    ['success out of turn', SECURED, `${answer()}<success ${SASL}/>`, ['close SP-433 unsupported-stanza-type']],
    ['footer', AUTHENTICATING, '</stream:stream>', ['close SP-465 (footer) by peer']],
    ['deadline', OPENING, { kind: 'deadline' }, ['close SP-430 connection-timeout']],
    ['deadline before the connection', [], { kind: 'deadline' }, ['close SP-430 (nothing)']],
    ['cancelled', OPENING, { kind: 'quit', reason: 'SP-217', detail: '' }, ['close SP-217 (footer)']],
    ['footer when ready', READY, '</stream:stream>', ['close SP-464 (footer) by peer']],
    ['idle', READY, { kind: 'idle' }, ['footer']],
    ...(
      [
        ['not-authorized', 'SP-441'],
        ['account-disabled', 'SP-441'],
        ['credentials-expired', 'SP-441'],
        ['invalid-authzid', 'SP-442'],
        ['temporary-auth-failure', 'SP-443'],
        ['encryption-required', 'SP-444'],
        ['invalid-mechanism', 'SP-444'],
        ['mechanism-too-weak', 'SP-444'],
        ['aborted', 'SP-445'],
        ['incorrect-encoding', 'SP-445'],
        ['malformed-request', 'SP-445'],
        ['something-else', 'SP-441'],
      ] as const
    ).map(([name, reason]): Row => [
      `SASL: ${name}`,
      AUTHENTICATING,
      failure(name),
      [`close ${reason} (footer) by peer`],
    ]),
    ...(
      [
        ['host-unknown', 'SP-451'],
        ['not-authorized', 'SP-452'],
        ['policy-violation', 'SP-453'],
        ['system-shutdown', 'SP-454'],
        ['see-other-host', 'SP-456'],
        ['resource-constraint', 'SP-459'],
        ['not-well-formed', 'SP-461'],
        ['unheard-of', 'SP-460'],
      ] as const
    ).map(([name, reason]): Row => [
      `stream error: ${name}`,
      OPENING,
      answer() + streamErrorOf(condition(name)),
      [`close ${reason} (footer) by peer`],
    ]),
  ]
  for (const [what, at, move, expected] of table) test(what, () => deepEqual(play(...at, move), expected))
})
