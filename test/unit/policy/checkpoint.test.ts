// Every rule, both ways: what it lets through, what it finds, and what the peer gets for it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decide, explain, RULES } from '../../../src/policy/checkpoint.ts'
import { starts } from '../../../src/policy/rules/partner-direction.ts'
import type { Partner } from '../../../src/policy/partner.ts'
import type { Frame } from '../../../src/xml/frame.ts'
import { reason } from '../../../src/xmpp/reasons.ts'
import { facts, partner } from './people.ts'
import { whomOf } from './whom/policy.ts'

type Way = 'inbound' | 'outbound'
type Setting = Parameters<typeof facts>[2]
type Row = readonly [name: string, way: Way, stanza: Partial<Frame>, expected: string, setting?: Setting]

const muc = { namespace: 'http://jabber.org/protocol/muc', name: 'x' }
const only = (changes: Partial<Partner>): Setting => ({ partners: [partner('partner.example', changes)] })

const WALL = whomOf('walls: [{ name: w, sides: [{ who: everyone }, { partners: [partner.example] }] }]')
const NOBODY = whomOf('policies: { default: { otherwise: none } }')

// Expected: `pass`, or `verdict rule reason condition [error type]`.
/** People who have decorated names at the partner. */
const SERVING = { via: 'partner.example', partners: [partner('partner.example', { decorates: ['example.org'] })] }

const TABLE: readonly Row[] = [
  ['a message from a partner', 'inbound', {}, 'pass'],
  ['a message to a partner', 'outbound', {}, 'pass'],
  ['the partner’s server itself', 'inbound', { from: 'partner.example', to: 'corp.example' }, 'pass'],
  ['one of ours to the partner’s server', 'outbound', { from: 'corp.example', to: 'partner.example' }, 'pass'],
  ['to a room of ours', 'inbound', { to: 'room@conference.corp.example/nick of bob' }, 'pass'],
  [
    'from a room of ours',
    'outbound',
    { from: 'room@conference.corp.example/a' },
    'pass',
    { provenTowards: () => ['conference.corp.example'] },
  ],
  ['upper case is the same address', 'inbound', { from: 'BOB@PARTNER.example', to: 'alice@CORP.EXAMPLE' }, 'pass'],
  [
    'an internationalised partner',
    'inbound',
    { from: 'bob@faß.example' },
    'pass',
    { provenTowards: () => ['xn--fa-hia.example'], partners: [partner('xn--fa-hia.example')] },
  ],

  ['no from', 'inbound', { from: undefined }, 'close addressed SP-502 improper-addressing'],
  ['an empty from', 'inbound', { from: '' }, 'close addressed SP-502 improper-addressing'],
  ['no to', 'inbound', { to: undefined }, 'close addressed SP-501 improper-addressing'],
  ['a from without a domain', 'inbound', { from: 'bob@' }, 'close addressed SP-503 improper-addressing'],
  ['no from, out', 'outbound', { from: undefined }, 'close addressed SP-502 improper-addressing'],
  ['no to, out', 'outbound', { to: undefined }, 'close addressed SP-501 improper-addressing'],

  ['a person of a domain that a provider serves', 'inbound', { from: 'anna@example.org' }, 'pass', SERVING],
  [
    'a person of a domain that it does not serve',
    'inbound',
    { from: 'anna@example.net' },
    'refuse behind-provider SP-167 not-allowed cancel',
    SERVING,
  ],
  [
    'a name that only reads like that of a person whom it serves',
    'inbound',
    { from: 'anna\\40example.org.@partner.example' },
    'refuse behind-provider SP-167 not-allowed cancel',
    SERVING,
  ],
  [
    'a person of ours, as if a provider served them',
    'inbound',
    { from: 'boss@corp.example' },
    'refuse behind-provider SP-167 not-allowed cancel',
    SERVING,
  ],
  [
    'a person of a partner of its own, as if a provider served them',
    'inbound',
    { from: 'anna@other.example' },
    'refuse behind-provider SP-167 not-allowed cancel',
    { ...SERVING, partners: [...SERVING.partners, partner('other.example')] },
  ],
  [
    'a person of a domain that a provider serves and that is blocked',
    'inbound',
    { from: 'anna@example.org' },
    'refuse behind-provider SP-167 not-allowed cancel',
    { ...SERVING, partners: [...SERVING.partners, partner('example.org', { status: 'blocked' })] },
  ],
  [
    'a person behind a provider that has proven nothing',
    'inbound',
    { from: 'anna@example.org' },
    'close sender-proven SP-121 invalid-from',
    { ...SERVING, provenTowards: () => ['other.example'] },
  ],
  [
    'a domain that a provider serves, for itself',
    'inbound',
    { from: 'anna@example.org' },
    'close behind-provider SP-168 policy-violation',
    { provenTowards: () => ['example.org'], partners: SERVING.partners },
  ],
  [
    'a domain that a provider serves, on its stream and not decorated',
    'inbound',
    { from: 'anna@example.org' },
    'close sender-proven SP-121 invalid-from',
    { partners: SERVING.partners },
  ],
  [
    'to a person whom a provider serves',
    'outbound',
    { to: 'anna@example.org' },
    'pass',
    { partners: SERVING.partners },
  ],
  [
    'to a person whom a blocked provider serves',
    'outbound',
    { to: 'anna@example.org' },
    'refuse partner-admitted SP-102 not-allowed cancel',
    { partners: [partner('partner.example', { status: 'blocked', decorates: ['example.org'] })] },
  ],

  ['from another domain', 'inbound', { from: 'bob@other.example' }, 'close sender-proven SP-121 invalid-from'],
  [
    'from another partner',
    'inbound',
    { from: 'bob@other.example' },
    'close sender-proven SP-121 invalid-from',
    { partners: [partner('partner.example'), partner('other.example')] },
  ],
  [
    'from a name below the proven one',
    'inbound',
    { from: 'bob@sub.partner.example' },
    'close sender-proven SP-121 invalid-from',
  ],
  ['from a name above the proven one', 'inbound', { from: 'bob@example' }, 'close sender-proven SP-121 invalid-from'],
  ['from one of our domains', 'inbound', { from: 'boss@corp.example' }, 'close sender-proven SP-122 invalid-from'],
  [
    'from one of our domains, as if it had been proven',
    'inbound',
    { from: 'boss@corp.example' },
    'close sender-proven SP-122 invalid-from',
    { provenTowards: () => ['corp.example'] },
  ],
  [
    'a malformed from of another domain',
    'inbound',
    { from: 'bo b@other.example' },
    'close sender-proven SP-121 invalid-from',
  ],
  ['the core for an outsider', 'outbound', { from: 'eve@other.example' }, 'close sender-proven SP-124 invalid-from'],
  ['the core for the partner', 'outbound', { from: 'bob@partner.example' }, 'close sender-proven SP-124 invalid-from'],
  [
    'the core for an outsider, as if it had been proven',
    'outbound',
    { from: 'eve@other.example' },
    'close sender-proven SP-124 invalid-from',
    { provenTowards: () => ['other.example'] },
  ],
  [
    'the core for another of our domains',
    'outbound',
    { from: 'r@conference.corp.example' },
    'close sender-proven SP-121 invalid-from',
  ],

  [
    'a malformed recipient',
    'inbound',
    { to: 'al ice@corp.example' },
    'refuse well-formed-addresses SP-505 jid-malformed modify',
  ],
  [
    'a recipient without a domain',
    'inbound',
    { to: 'alice@' },
    'refuse well-formed-addresses SP-505 jid-malformed modify',
  ],
  [
    'a malformed sender in its own domain',
    'inbound',
    { from: 'room@partner.example/\u2067' },
    'refuse well-formed-addresses SP-504 jid-malformed modify',
  ],
  [
    'a malformed recipient, out',
    'outbound',
    { to: 'b<b@partner.example' },
    'refuse well-formed-addresses SP-505 jid-malformed modify',
  ],
  [
    'a malformed sender, out',
    'outbound',
    { from: '"@corp.example' },
    'refuse well-formed-addresses SP-504 jid-malformed modify',
  ],

  ['from outside to outside', 'inbound', { to: 'x@other.example' }, 'close no-relay SP-123 host-unknown'],
  ['from outside to itself', 'inbound', { to: 'x@partner.example' }, 'close no-relay SP-123 host-unknown'],
  [
    'to a name below ours that is not ours',
    'inbound',
    { to: 'x@nosuch.corp.example' },
    'close no-relay SP-123 host-unknown',
  ],
  [
    'from inside to inside',
    'outbound',
    { to: 'r@conference.corp.example' },
    'refuse no-relay SP-125 remote-server-not-found cancel',
  ],

  ['from a stranger', 'inbound', {}, 'close partner-admitted SP-101 policy-violation', { partners: [] }],
  [
    'from a blocked partner',
    'inbound',
    {},
    'close partner-admitted SP-102 policy-violation',
    only({ status: 'blocked' }),
  ],
  [
    'from a suspended partner',
    'inbound',
    {},
    'close partner-admitted SP-103 policy-violation',
    only({ status: 'suspended' }),
  ],
  [
    'from a pending partner',
    'inbound',
    {},
    'close partner-admitted SP-104 policy-violation',
    only({ status: 'pending' }),
  ],
  [
    'from an expired partner',
    'inbound',
    {},
    'close partner-admitted SP-105 policy-violation',
    only({ expires: '2026-06-14' }),
  ],
  [
    'from a domain blocked for its conduct',
    'inbound',
    {},
    'close good-conduct SP-162 policy-violation',
    { conduct: () => 'blocked' },
  ],
  [
    'to a domain blocked for its conduct',
    'outbound',
    {},
    'refuse good-conduct SP-162 not-allowed cancel',
    { conduct: () => 'blocked' },
  ],
  [
    'from a domain blocked for its conduct that a provider serves',
    'inbound',
    { from: 'anna@example.org' },
    'refuse good-conduct SP-162 not-allowed cancel',
    { ...SERVING, conduct: (domain) => (domain === 'example.org' ? 'blocked' : 'normal') },
  ],
  ['from one held down for its conduct', 'inbound', {}, 'pass', { conduct: () => 'limited' }],
  [
    'from one that is watched for its conduct, to who does not know them',
    'inbound',
    {},
    'refuse acquainted SP-147 not-allowed cancel',
    { conduct: () => 'watch' },
  ],
  ['to a stranger', 'outbound', {}, 'refuse partner-admitted SP-101 not-allowed cancel', { partners: [] }],
  [
    'to a blocked partner',
    'outbound',
    {},
    'refuse partner-admitted SP-102 not-allowed cancel',
    only({ status: 'blocked' }),
  ],
  [
    'to a suspended partner',
    'outbound',
    {},
    'refuse partner-admitted SP-103 not-allowed cancel',
    only({ status: 'suspended' }),
  ],
  [
    'to a pending partner',
    'outbound',
    {},
    'refuse partner-admitted SP-104 not-allowed cancel',
    only({ status: 'pending' }),
  ],
  [
    'to an expired partner',
    'outbound',
    {},
    'refuse partner-admitted SP-105 not-allowed cancel',
    only({ expires: '2026-06-14' }),
  ],
  ['a stranger in open federation', 'inbound', {}, 'pass', { partners: [], mode: 'open' }],
  ['to a stranger in open federation', 'outbound', {}, 'pass', { partners: [], mode: 'open' }],
  ['a partner on its last day', 'outbound', {}, 'pass', only({ expires: '2026-06-15' })],

  [
    'to a partner that may only write to us',
    'outbound',
    {},
    'refuse partner-direction SP-106 not-allowed cancel',
    only({ direction: 'inbound' }),
  ],
  ['from a partner that may only write to us', 'inbound', {}, 'pass', only({ direction: 'inbound' })],
  [
    'from a partner that we may only write to',
    'inbound',
    {},
    'refuse partner-direction SP-106 not-allowed cancel',
    only({ direction: 'outbound' }),
  ],
  ['to a partner that we may only write to', 'outbound', {}, 'pass', only({ direction: 'outbound' })],
  ['its answer to our iq', 'inbound', { name: 'iq', type: 'result' }, 'pass', only({ direction: 'outbound' })],
  ['its error for our message', 'inbound', { type: 'error' }, 'pass', only({ direction: 'outbound' })],
  [
    'its iq',
    'inbound',
    { name: 'iq', type: 'get' },
    'refuse partner-direction SP-106 not-allowed cancel',
    only({ direction: 'outbound' }),
  ],
  ['our answer to its iq', 'outbound', { name: 'iq', type: 'error' }, 'pass', only({ direction: 'inbound' })],

  ['an iq without a type', 'inbound', { name: 'iq' }, 'refuse stanza-type SP-506 bad-request modify'],
  [
    'an iq of an unknown type',
    'outbound',
    { name: 'iq', type: 'chat' },
    'refuse stanza-type SP-506 bad-request modify',
  ],
  [
    'an iq without an id',
    'inbound',
    { name: 'iq', type: 'get', id: undefined },
    'refuse stanza-type SP-507 bad-request modify',
  ],
  ['an iq get', 'inbound', { name: 'iq', type: 'get' }, 'pass'],
  ...(
    [
      ['get', 0, true],
      ['get', 2, true],
      ['set', 0, true],
      ['set', 1, false],
      ['result', 0, false],
      ['result', 1, false],
      ['result', 2, true],
      ['error', 0, false],
      ['error', 2, false],
    ] as const
  ).map(
    ([type, count, isRefused]) =>
      [
        `an iq ${type} of ${count} payloads`,
        count === 0 ? 'inbound' : 'outbound',
        { name: 'iq', type, payloads: Array.from({ length: count }, () => ({ namespace: 'urn:x', name: 'x' })) },
        isRefused ? `refuse stanza-type SP-509 bad-request modify` : 'pass',
      ] as const,
  ),
  [
    'a presence of an unknown type',
    'inbound',
    { name: 'presence', type: 'available' },
    'refuse stanza-type SP-508 bad-request modify',
  ],
  ['a presence', 'outbound', { name: 'presence', id: undefined }, 'pass'],
  ...(['inbound', 'outbound'] as const).flatMap((direction) =>
    ([undefined, 'unavailable', 'subscribe', 'error'] as const).map(
      (type) =>
        [
          `a presence ${type ?? ''} with a security label`,
          direction,
          { name: 'presence', type, payloads: [{ namespace: 'urn:xmpp:sec-label:0', name: 'securitylabel' }] },
          type === 'error' ? 'pass' : 'refuse stanza-type SP-510 bad-request modify',
        ] as const,
    ),
  ),
  [
    'a message with a security label',
    'outbound',
    { payloads: [{ namespace: 'urn:xmpp:sec-label:0', name: 'securitylabel' }] },
    'pass',
  ],
  ['a message of an unknown type', 'inbound', { type: 'shout', id: undefined }, 'pass'],

  ['what a component gets for its own name', 'outbound', {}, 'pass', { streamFor: 'partner.example' }],
  [
    'what a component gets for another name',
    'outbound',
    {},
    'refuse right-stream SP-135 remote-server-timeout wait',
    { streamFor: 'other.example' },
  ],

  ['from behind a wall', 'inbound', {}, 'refuse walls SP-141 not-allowed cancel', { whom: WALL }],
  ['to behind a wall', 'outbound', {}, 'refuse walls SP-141 not-allowed cancel', { whom: WALL }],
  ['to one of ours who may not', 'inbound', {}, 'refuse who-with-whom SP-142 not-allowed cancel', { whom: NOBODY }],
  ['from one of ours who may not', 'outbound', {}, 'refuse who-with-whom SP-142 not-allowed cancel', { whom: NOBODY }],

  [
    'asking for presence that is not shown',
    'inbound',
    { name: 'presence', type: 'probe' },
    'refuse presence-shown SP-169 not-allowed cancel',
    only({ shown: { detail: 'none' } }),
  ],
  [
    'promising presence that is not shown',
    'outbound',
    { name: 'presence', type: 'subscribed' },
    'refuse presence-shown SP-169 not-allowed cancel',
    only({ shown: { detail: 'none' } }),
  ],
  [
    'from a stranger who may not begin',
    'inbound',
    { name: 'presence', type: 'subscribe' },
    'refuse acquainted SP-147 not-allowed cancel',
    only({ class: 'public-unverified' }),
  ],
  ['to a stranger who may not begin', 'outbound', {}, 'pass', only({ class: 'public-unverified' })],

  [
    'words of somebody who is blocked',
    'inbound',
    { payloads: [{ namespace: 'urn:xmpp:forward:0', name: 'forwarded' }] },
    'refuse authors-admitted SP-146 not-allowed cancel',
    {
      authors: () => ['x@blocked.example'],
      partners: [partner('partner.example'), partner('blocked.example', { status: 'blocked' })],
    },
  ],

  // The earlier rule decides.
  [
    'a stranger’s malformed recipient',
    'inbound',
    { to: 'a b@corp.example' },
    'refuse well-formed-addresses SP-505 jid-malformed modify',
    { partners: [] },
  ],
  [
    'a blocked partner as a relay',
    'inbound',
    { to: 'x@other.example' },
    'close no-relay SP-123 host-unknown',
    only({ status: 'blocked' }),
  ],
  [
    'a blocked partner for one direction',
    'outbound',
    {},
    'refuse partner-admitted SP-102 not-allowed cancel',
    only({ status: 'blocked', direction: 'inbound' }),
  ],
]

for (const [name, way, stanza, expected, setting] of TABLE) {
  test(`${way}, ${name}: ${expected}`, () => {
    const seen = facts(way, stanza, setting)
    const decision = decide(seen)
    const said =
      decision.verdict === 'pass' ? ['pass'] : [decision.verdict, decision.rule, decision.reason, decision.condition]
    if (decision.verdict === 'refuse') said.push(decision.type)
    assert.equal(said.join(' '), expected)
    assert.deepEqual(explain(seen).decision, decision, 'a dry run says the same')
  })
}

/** Only the core has components, only outside are providers, and only what comes in is looked into, or may be from a stranger. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  'right-stream': ['outbound'],
  'behind-provider': ['inbound'],
  acquainted: ['inbound'],
  'authors-admitted': ['inbound'],
}

test('every rule is asked both ways by this table, and finds something both ways', () => {
  for (const rule of RULES) {
    for (const way of WAYS[rule.id] ?? ['inbound', 'outbound']) {
      const rows = TABLE.filter(([, direction, , expected]) => direction === way && expected.split(' ')[1] === rule.id)
      assert.ok(rows.length > 0, `${rule.id} ${way}`)
    }
  }
})

test('an explanation lists every rule that was asked, the deciding one last', () => {
  const passed = explain(facts('inbound'))
  assert.deepEqual(
    passed.trail.map((step) => step.rule),
    RULES.map((rule) => rule.id),
  )
  assert.ok(passed.trail.every((step) => step.finding === undefined))

  const refused = explain(facts('outbound', {}, { partners: [] }))
  assert.deepEqual(
    refused.trail.map((step) => step.rule),
    [
      'addressed',
      'behind-provider',
      'sender-proven',
      'well-formed-addresses',
      'no-relay',
      'right-stream',
      'partner-admitted',
    ],
  )
  assert.equal(refused.trail.at(-1)?.finding?.reason, 'SP-101')
})

test('rules have ids of their own and say what holds in a sentence', () => {
  assert.equal(new Set(RULES.map((rule) => rule.id)).size, RULES.length)
  for (const rule of RULES) {
    assert.match(rule.id, /^[a-z]+(-[a-z]+)*$/)
    assert.match(rule.about, /^[A-Z].*\.$/)
  }
})

test('a decision comes out the same when its facts are read from a record', () => {
  for (const [name, way, stanza, , setting] of TABLE) {
    const seen = facts(way, stanza, setting)
    assert.deepEqual(decide(JSON.parse(JSON.stringify(seen))), decide(seen), name)
  }
})

test('a finding ends in a condition that its reason names', () => {
  for (const [name, way, stanza, , setting] of TABLE) {
    const decision = decide(facts(way, stanza, setting))
    if (decision.verdict === 'pass') continue
    const entry = reason(decision.reason)
    assert.equal(decision.condition, decision.verdict === 'close' ? entry.stream : entry.stanza, name)
  }
})

test('what starts something, and what answers', async (t) => {
  const table: readonly (readonly ['message' | 'presence' | 'iq', string | undefined, boolean])[] = [
    ['message', undefined, true],
    ['message', 'chat', true],
    ['message', 'groupchat', true],
    ['message', 'error', false],
    ['iq', 'get', true],
    ['iq', 'set', true],
    ['iq', undefined, true], // what has no type answers nothing
    ['iq', 'result', false],
    ['iq', 'error', false],
    ['presence', 'subscribe', true],
    ['presence', 'probe', true],
    ['presence', undefined, false],
    ['presence', 'unavailable', false],
    ['presence', 'subscribed', false],
    ['presence', 'unsubscribe', false],
    ['presence', 'unsubscribed', false],
    ['presence', 'error', false],
  ]
  for (const [kind, type, expected] of table) {
    await t.test(`${kind} ${type ?? ''}: ${expected ? 'starts' : 'answers'}`, () => {
      assert.equal(starts({ kind, type, payloads: [] }), expected)
    })
  }
  await t.test('entering a room starts', () => {
    assert.equal(starts({ kind: 'presence', type: undefined, payloads: [muc] }), true)
    assert.equal(starts({ kind: 'presence', type: 'unavailable', payloads: [muc] }), false)
  })
})
