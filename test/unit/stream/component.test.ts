import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { component } from '../../../src/stream/component.ts'
import { componentDigest } from '../../../src/trust/secret.ts'
import { condition, header, type Move, NOT_PROVEN, Play, PROVEN, streamErrorOf } from './play.ts'

const pair = { local: 'partner.test', remote: 'us.test' }
const rules = { pair, tls: 'none', digest: (id: string) => componentDigest(id, 'sesame') } as const

const theirs = (attributes: Readonly<Record<string, string | undefined>> = {}): string =>
  header({ xmlns: 'jabber:component:accept', from: 'partner.test', to: undefined, id: '3BF96D32', ...attributes })
const HANDSHAKE = '<handshake/>'

const PATH: readonly Move[] = [{ kind: 'connected' }, theirs(), HANDSHAKE]
const OPENING = PATH.slice(0, 1)
const AUTHENTICATING = PATH.slice(0, 2)

const play = (...moves: readonly Move[]): string[] => new Play(component(rules)).say(...moves)

test('the good path: header, digest, handshake, ready', () => {
  const game = new Play(component(rules))
  deepEqual(
    PATH.map((move) => game.say(move)),
    [['send stream:stream'], ['send handshake'], ['ready partner.test us.test secret']],
  )
  equal(game.machine.phase, 'ready')
})

test('the header asks for the name of the component, as it goes over the wire, and has no version', () => {
  const machine = component({ ...rules, pair: { local: 'xn--bcher-kva.test', remote: 'us.test' } })
  const [effect] = new Play(machine).effects({ kind: 'connected' })
  equal(
    effect?.kind === 'send' && effect.xml,
    `<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' ` +
      `xmlns:stream='http://etherx.jabber.org/streams' to='bücher.test' xml:lang='en'>`,
  )
})

test('the digest is the SHA-1 of id and secret in lower-case hex', () => {
  // XEP-0114 §3: the id of its example, with a secret of ours; by `printf 3BF96D32sesame | sha1sum`.
  equal(componentDigest('3BF96D32', 'sesame'), '7a98dc4c9e92493d7fd66a25364c862637789c45')
  const game = new Play(component(rules))
  game.say(...OPENING)
  const [effect] = game.effects(theirs())
  equal(effect?.kind === 'send' && effect.xml, `<handshake>${componentDigest('3BF96D32', 'sesame')}</handshake>`)
})

describe('what the core says instead', () => {
  const error = (name: string): string => streamErrorOf(condition(name))
  const cases: readonly (readonly [name: string, before: readonly Move[], move: Move, effect: string])[] = [
    ['a wrong secret', AUTHENTICATING, error('not-authorized'), 'close SP-131 (footer) by peer'],
    ['a second connection', AUTHENTICATING, error('conflict'), 'close SP-132 (footer) by peer'],
    ['a name it has no component for', OPENING, theirs() + error('host-unknown'), 'close SP-133 (footer) by peer'],
    ['another error', AUTHENTICATING, error('policy-violation'), 'close SP-453 (footer) by peer'],
    ['a footer', AUTHENTICATING, '</stream:stream>', 'close SP-465 (footer) by peer'],
    ['nothing in time', OPENING, { kind: 'deadline' }, 'close SP-430 connection-timeout'],
    ['a header of a server', OPENING, theirs({ xmlns: 'jabber:server' }), 'close SP-433 unsupported-stanza-type'],
    // COMPAT: Prosody 0.12 has a header with an empty id before its error.
    [
      'its no behind a header without id',
      [...OPENING, theirs({ id: undefined })],
      error('host-unknown'),
      'close SP-133 (footer) by peer',
    ],
    [
      'its no behind a header with an empty id',
      [...OPENING, theirs({ id: '' })],
      error('host-unknown'),
      'close SP-133 (footer) by peer',
    ],
    [
      'a handshake that nothing was said for',
      [...OPENING, theirs({ id: '' })],
      HANDSHAKE,
      'close SP-433 unsupported-stanza-type',
    ],
    [
      'nothing behind a header without id',
      [...OPENING, theirs({ id: '' })],
      { kind: 'deadline' },
      'close SP-430 connection-timeout',
    ],
    ['a stanza before the handshake', AUTHENTICATING, '<message/>', 'close SP-433 unsupported-stanza-type'],
    [
      'a second header',
      AUTHENTICATING,
      { kind: 'identified', found: true, detail: '' },
      'close SP-491 internal-server-error',
    ],
    ['something unknown when ready', PATH, '<x xmlns="urn:x"/>', 'close SP-427 unsupported-stanza-type'],
    [
      'a stanza of servers when ready',
      PATH,
      "<message xmlns='jabber:server'/>",
      'close SP-427 unsupported-stanza-type',
    ],
    ['a conflict when ready', PATH, error('conflict'), 'close SP-457 (footer) by peer'],
    ['its shutdown', PATH, error('system-shutdown'), 'close SP-454 (footer) by peer'],
    [
      'the end of the connection',
      PATH,
      { kind: 'ended', reason: 'SP-214', detail: '' },
      'close SP-214 (nothing) by network',
    ],
  ]
  for (const [name, before, move, effect] of cases) {
    test(name, () => deepEqual(play(...before, move).at(-1), effect))
  }
})

describe('with direct TLS', () => {
  const secure = (...moves: readonly Move[]): string[] =>
    new Play(component({ ...rules, tls: 'direct' })).say({ kind: 'connected' }, ...moves)
  const secured = { kind: 'secured', certificate: true } as const

  test('the core proves itself before a word is said', () => {
    deepEqual(secure(), ['start-tls partner.test us.test'])
    deepEqual(secure(secured), ['verify partner.test us.test'])
    deepEqual(secure(secured, { kind: 'verified', verdict: PROVEN }), ['send stream:stream'])
  })
  test('a core that proves nothing hears nothing', () => {
    deepEqual(secure(secured, { kind: 'verified', verdict: NOT_PROVEN }), ['close SP-301 (nothing)'])
    deepEqual(secure({ kind: 'secured', certificate: false }), ['close SP-361 (nothing)'])
  })
})

test('a ready stream ends with a closing handshake', () => {
  const game = new Play(component(rules))
  game.say(...PATH)
  deepEqual(game.say({ kind: 'quit', reason: 'SP-138', detail: '' }), ['footer'])
  deepEqual(game.say('</stream:stream>'), ['close SP-138 (nothing)'])
})
