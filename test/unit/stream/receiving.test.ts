import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { receiving } from '../../../src/stream/receiving.ts'
import type { Pair, ReceivingRules } from '../../../src/stream/types.ts'
import { condition, header, type Move, NOT_PROVEN, Play, PROVEN, SASL, streamErrorOf, TLS } from './play.ts'

const OPEN: ReceivingRules = {
  opens: ({ local, remote }) => {
    if (local !== 'us.test') return { condition: 'host-unknown', reason: 'SP-115' }
    if (remote === 'us.test') return { condition: 'invalid-from', reason: 'SP-111' }
    return undefined
  },
  admits: () => undefined,
}
const CLOSED: ReceivingRules = { ...OPEN, admits: () => ({ condition: 'policy-violation', reason: 'SP-101' }) }

const STARTTLS = `<starttls ${TLS}/>`
const auth = (text: string, mechanism = 'EXTERNAL'): string => `<auth ${SASL} mechanism='${mechanism}'>${text}</auth>`
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const MESSAGE = "<message from='a@peer.test' to='b@us.test'><body>hi</body></message>"

// The good path, move by move.
const PATH: readonly Move[] = [
  header(),
  STARTTLS,
  { kind: 'identified', found: true, detail: '' },
  { kind: 'secured', certificate: true },
  header(),
  { kind: 'verified', verdict: PROVEN },
  auth('='),
  header(),
]
const before = (n: number): readonly Move[] => PATH.slice(0, n)
const OFFERED = before(1)
const PREPARING = before(2)
const UPGRADING = before(3)
const SECURED = before(4)
const VERIFYING = before(5)
const PROVED = before(6)
const AUTHENTICATED = before(7)
const READY = PATH

function play(moves: readonly Move[], rules = OPEN, attempts = 3): string[] {
  return new Play(receiving(rules, attempts)).say(...moves)
}

test('the good path: TLS, certificate, EXTERNAL, ready', () => {
  const game = new Play(receiving(OPEN, 3))
  const ours = 'header us.test→peer.test'
  const expected = [
    [ours, 'send stream:features starttls required'],
    ['identify us.test peer.test'],
    ['send proceed', 'start-tls us.test peer.test'],
    [],
    ['verify us.test peer.test'],
    [ours, 'send stream:features mechanisms mechanism'],
    ['send success', 'restart'],
    [ours, 'send stream:features sm', 'ready us.test peer.test'],
  ]
  deepEqual(
    PATH.map((move) => game.say(move)),
    expected,
  )
  equal(game.machine.phase, 'ready')
})

describe('direct TLS', () => {
  const DIRECT: readonly Move[] = [{ kind: 'connected' }, ...PATH.slice(3)]
  const directly = (moves: readonly Move[], rules = OPEN): string[] =>
    new Play(receiving(rules, 3, 'direct')).say(...moves)
  const TLS_IS_UP = DIRECT.slice(0, 2)
  const ours = 'header us.test→peer.test'
  test('the good path: TLS before any word, and everything after it as ever', () => {
    const game = new Play(receiving(OPEN, 3, 'direct'))
    deepEqual(
      DIRECT.map((move) => game.say(move)),
      [
        ['accept-tls'],
        [],
        ['verify us.test peer.test'],
        [ours, 'send stream:features mechanisms mechanism'],
        ['send success', 'restart'],
        [ours, 'send stream:features sm', 'ready us.test peer.test'],
      ],
    )
    equal(game.machine.phase, 'ready')
  })
  const table: readonly (readonly [what: string, moves: readonly Move[], expected: string[]])[] = [
    ['words before the handshake', [header()], ['close SP-491 (nothing)']],
    ['a deadline in the handshake', [DIRECT[0] ?? '', { kind: 'deadline' }], ['close SP-430 (nothing)']],
    [
      'the end in the handshake',
      [DIRECT[0] ?? '', { kind: 'quit', reason: 'SP-471', detail: '' }],
      ['close SP-471 (nothing)'],
    ],
    [
      'a failed handshake',
      [DIRECT[0] ?? '', { kind: 'ended', reason: 'SP-354', detail: '' }],
      ['close SP-354 (nothing) by network'],
    ],
    [
      'no certificate',
      [DIRECT[0] ?? '', { kind: 'secured', certificate: false }, header()],
      [ours, 'close SP-361 not-authorized'],
    ],
    [
      'a name that is not ours',
      [...TLS_IS_UP, header({ to: 'other.test' })],
      ['header other.test→peer.test', 'close SP-115 host-unknown'],
    ],
    [
      'our own name',
      [...TLS_IS_UP, header({ from: 'us.test' })],
      ['header us.test→us.test', 'close SP-111 invalid-from'],
    ],
    [
      'the certificate of somebody else',
      [...TLS_IS_UP, header(), { kind: 'verified', verdict: NOT_PROVEN }],
      [ours, 'close SP-301 not-authorized'],
    ],
    ['STARTTLS once more', [...DIRECT.slice(0, 4), STARTTLS], ['close SP-426 not-authorized']],
    [
      'another name after SASL',
      [...DIRECT.slice(0, 5), header({ to: 'other.test' })],
      [ours, 'close SP-425 host-unknown'],
    ],
  ]
  for (const [what, moves, expected] of table) test(what, () => deepEqual(directly(moves), expected))
  test('the rules are asked', () => {
    deepEqual(directly(DIRECT.slice(0, 5), CLOSED), ['close SP-101 policy-violation'])
  })
})

describe('the first header', () => {
  const ours = 'header us.test→peer.test'
  const table: readonly (readonly [what: string, from: Readonly<Record<string, string | undefined>>, to: string[]])[] =
    [
      ['without to', { to: undefined }, ['header -→peer.test', 'close SP-421 improper-addressing']],
      ['without from', { from: undefined }, ['header us.test→-', 'close SP-421 improper-addressing']],
      ['with an empty to', { to: '' }, ['header -→peer.test', 'close SP-421 improper-addressing']],
      ['to a user', { to: 'someone@us.test' }, ['header -→peer.test', 'close SP-421 improper-addressing']],
      ['to a resource', { to: 'us.test/x' }, ['header -→peer.test', 'close SP-421 improper-addressing']],
      ['from a user', { from: 'someone@peer.test' }, ['header us.test→-', 'close SP-421 improper-addressing']],
      ['to nobody of ours', { to: 'other.test' }, ['header other.test→peer.test', 'close SP-115 host-unknown']],
      ['from ourselves', { from: 'us.test' }, ['header us.test→us.test', 'close SP-111 invalid-from']],
      ['without version', { version: undefined }, [ours, 'close SP-422 unsupported-version']],
      ['of version 0.9', { version: '0.9' }, [ours, 'close SP-422 unsupported-version']],
      ['of version "one"', { version: 'one' }, [ours, 'close SP-422 unsupported-version']],
      ['of version 1.1', { version: '1.1' }, [ours, 'send stream:features starttls required']],
      ['for clients', { xmlns: 'jabber:client' }, [ours, 'close SP-423 invalid-namespace']],
      ['without content namespace', { xmlns: undefined }, [ours, 'close SP-423 invalid-namespace']],
      ['with a trailing dot', { to: 'US.Test.' }, [ours, 'send stream:features starttls required']],
      [
        'whose content namespace has a prefix',
        { xmlns: undefined, 'xmlns:s': 'jabber:server' },
        [ours, 'send stream:features starttls required'],
      ],
    ]
  for (const [what, attributes, expected] of table) {
    test(what, () => deepEqual(play([header(attributes)]), expected))
  }
})

describe('what may not come in a phase', () => {
  const table: readonly (readonly [what: string, at: readonly Move[], move: Move, expected: string[]])[] = [
    ['a stanza before TLS', OFFERED, MESSAGE, ['close SP-426 not-authorized']],
    ['dialback before TLS', OFFERED, "<d:result xmlns:d='jabber:server:dialback'/>", ['close SP-426 not-authorized']],
    ['SASL before TLS', OFFERED, auth('='), ['send failure encryption-required', 'close SP-428 policy-violation']],
    ['<abort/> before TLS', OFFERED, `<abort ${SASL}/>`, ['close SP-426 not-authorized']],
    ['<response/> before TLS', OFFERED, `<response ${SASL}/>`, ['close SP-426 not-authorized']],
    ['<proceed/>', OFFERED, `<proceed ${TLS}/>`, ['close SP-426 not-authorized']],
    ['something pipelined after <starttls/>', OFFERED, `${STARTTLS}${MESSAGE}`, ['close SP-359 policy-violation']],
    ['one byte after <starttls/>', OFFERED, `${STARTTLS} `, ['close SP-359 policy-violation']],
    ['a stanza before SASL', PROVED, MESSAGE, ['close SP-426 not-authorized']],
    ['<starttls/> after TLS', PROVED, STARTTLS, ['close SP-426 not-authorized']],
    ['text in the root', OFFERED, 'text', ['close SP-407 bad-format']],
    ['a comment', OFFERED, '<!-- -->', ['close SP-402 restricted-xml']],
    ['an unknown element when ready', READY, "<x xmlns='urn:x'/>", ['close SP-427 unsupported-stanza-type']],
    [
      'a stanza of clients when ready',
      READY,
      "<message xmlns='jabber:client'/>",
      ['close SP-427 unsupported-stanza-type'],
    ],
    ['<auth/> when ready', READY, auth('='), ['close SP-427 unsupported-stanza-type']],
  ]
  for (const [what, at, move, expected] of table) {
    test(what, () => {
      deepEqual(play([...at, move]), expected)
    })
  }
})

describe('names across restarts', () => {
  const changed: readonly (readonly [
    what: string,
    at: readonly Move[],
    attributes: Record<string, string>,
    end: string,
  ])[] = [
    ['from after TLS', SECURED, { from: 'other.test' }, 'close SP-424 invalid-from'],
    ['to after TLS', SECURED, { to: 'other.test' }, 'close SP-425 host-unknown'],
    ['from after SASL', AUTHENTICATED, { from: 'other.test' }, 'close SP-424 invalid-from'],
    ['from below the name after SASL', AUTHENTICATED, { from: 'sub.peer.test' }, 'close SP-424 invalid-from'],
    ['to after SASL', AUTHENTICATED, { to: 'other.test' }, 'close SP-425 host-unknown'],
  ]
  for (const [what, at, attributes, end] of changed) {
    test(`a changed ${what} closes`, () =>
      deepEqual(play([...at, header(attributes)]), ['header us.test→peer.test', end]))
  }
  test('another spelling of the same name is the same name', () => {
    deepEqual(play([...SECURED, header({ from: 'PEER.test.' })]), ['verify us.test peer.test'])
  })
  test('the names are checked before TLS only by what they claim, and by admission only when proven', () => {
    const asked: string[] = []
    const note =
      (what: string) =>
      ({ remote }: Pair): undefined => {
        asked.push(`${what} ${remote}`)
      }
    play(PATH, { opens: note('opens'), admits: note('admits') })
    deepEqual(asked, ['opens peer.test', 'admits peer.test'])
  })
})

describe('TLS', () => {
  test('a domain without a certificate is refused in the words of STARTTLS', () => {
    deepEqual(play([...PREPARING, { kind: 'identified', found: false, detail: 'none' }]), [
      'send failure',
      'close SP-360 (footer)',
    ])
  })
  test('a failed handshake ends without words', () => {
    deepEqual(play([...UPGRADING, { kind: 'ended', reason: 'SP-354', detail: '' }]), [
      'close SP-354 (nothing) by network',
    ])
  })
  test('a deadline in the handshake ends without words', () => {
    deepEqual(play([...UPGRADING, { kind: 'deadline' }]), ['close SP-430 (nothing)'])
  })
  test('no certificate, no authentication', () => {
    deepEqual(play([...UPGRADING, { kind: 'secured', certificate: false }, header()]), [
      'header us.test→peer.test',
      'close SP-361 not-authorized',
    ])
  })
  test('a certificate that proves nothing is not offered EXTERNAL', () => {
    deepEqual(play([...VERIFYING, { kind: 'verified', verdict: NOT_PROVEN }]), [
      'header us.test→peer.test',
      'close SP-301 not-authorized',
    ])
  })
})

describe('SASL EXTERNAL', () => {
  const table: readonly (readonly [text: string, mechanism: string | undefined, expected: string[]])[] = [
    ['=', undefined, ['send success', 'restart']],
    ['', undefined, ['send success', 'restart']],
    [base64('peer.test'), undefined, ['send success', 'restart']],
    [base64('PEER.TEST'), undefined, ['send success', 'restart']],
    [base64('other.test'), undefined, ['send failure invalid-authzid']],
    [base64('us.test'), undefined, ['send failure invalid-authzid']],
    [base64('a@peer.test'), undefined, ['send failure invalid-authzid']],
    [base64('peer.test\0'), undefined, ['send failure invalid-authzid']],
    ['!!!', undefined, ['send failure incorrect-encoding']],
    ['cGVlci50ZXN0=', undefined, ['send failure incorrect-encoding']],
    [' cGVlci50ZXN0', undefined, ['send failure incorrect-encoding']],
    [Buffer.from([0xff, 0xfe, 0xfd]).toString('base64'), undefined, ['send failure incorrect-encoding']],
    ['=', 'PLAIN', ['send failure invalid-mechanism']],
    ['=', 'external', ['send failure invalid-mechanism']],
  ]
  for (const [text, mechanism, expected] of table) {
    test(`${mechanism ?? 'EXTERNAL'} ${JSON.stringify(text)}`, () =>
      deepEqual(play([...PROVED, auth(text, mechanism)]), expected))
  }
  test('<abort/> and a stray <response/> are failures that count', () => {
    deepEqual(play([...PROVED, `<abort ${SASL}/>`]), ['send failure aborted'])
    deepEqual(play([...PROVED, `<response ${SASL}/>`]), ['send failure malformed-request'])
    deepEqual(play([...PROVED, `<abort ${SASL}/>`, `<response ${SASL}/>`, auth('', 'PLAIN')]), [
      'send failure invalid-mechanism',
      'close SP-429 policy-violation',
    ])
  })
  test('another attempt may succeed', () => {
    deepEqual(play([...PROVED, auth('!'), auth('=')]), ['send success', 'restart'])
  })
  test('who is proven but not admitted gets no success', () => {
    deepEqual(play([...PROVED, auth('=')], CLOSED), ['close SP-101 policy-violation'])
  })
})

describe('the end of a stream', () => {
  const table: readonly (readonly [what: string, moves: readonly Move[], expected: string[]])[] = [
    ['footer before it is ready', [...OFFERED, '</stream:stream>'], ['close SP-465 (footer) by peer']],
    ['footer when ready', [...READY, '</stream:stream>'], ['close SP-464 (footer) by peer']],
    ['stream error', [...OFFERED, streamErrorOf(condition('reset'))], ['close SP-455 (footer) by peer']],
    [
      'stream error when ready',
      [...READY, streamErrorOf(condition('system-shutdown'))],
      ['close SP-454 (footer) by peer'],
    ],
    ['deadline', [...OFFERED, { kind: 'deadline' }], ['close SP-430 connection-timeout']],
    ['deadline without a header', [{ kind: 'deadline' }], ['header -→-', 'close SP-430 connection-timeout']],
    ['idle', [...READY, { kind: 'idle' }], ['footer']],
    ['idle, answered', [...READY, { kind: 'idle' }, '</stream:stream>'], ['close SP-431 (nothing)']],
    ['idle, not answered', [...READY, { kind: 'idle' }, { kind: 'deadline' }], ['close SP-431 (nothing)']],
    [
      'idle, cut',
      [...READY, { kind: 'idle' }, { kind: 'ended', reason: 'SP-214', detail: '' }],
      ['close SP-431 (nothing)'],
    ],
    ['idle, quit', [...READY, { kind: 'idle' }, { kind: 'quit', reason: 'SP-471', detail: '' }], []],
    [
      'idle, blocked',
      [...READY, { kind: 'idle' }, { kind: 'quit', reason: 'SP-102', detail: '' }],
      ['close SP-102 (nothing)'],
    ],
    ['shutdown', [...READY, { kind: 'quit', reason: 'SP-471', detail: '' }], ['footer system-shutdown']],
    [
      'shutdown, answered',
      [...READY, { kind: 'quit', reason: 'SP-471', detail: '' }, '</stream:stream>'],
      ['close SP-471 (nothing)'],
    ],
    ['blocked', [...READY, { kind: 'quit', reason: 'SP-102', detail: '' }], ['close SP-102 policy-violation']],
    ['cut', [...READY, { kind: 'ended', reason: 'SP-214', detail: '' }], ['close SP-214 (nothing) by network']],
    ['anything afterwards', [...READY, '</stream:stream>', { kind: 'deadline' }], []],
  ]
  for (const [what, moves, expected] of table) test(what, () => deepEqual(play(moves), expected))
})
