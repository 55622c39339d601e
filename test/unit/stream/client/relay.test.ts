// A session word by word: what a client and the core say, and what the other hears of it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { BEGIN, step } from '../../../../src/stream/client/relay.ts'
import type { RelayEffect, RelayEvent, RelayRules, RelayState } from '../../../../src/stream/client/relay-types.ts'
import { base64, element, headerOf, SASL, SASL2, SM } from './words.ts'

const RULES: RelayRules = { serves: (domain) => domain === 'corp.example', requested: 'corp.example', attempts: 2 }

const client = (xml: string): RelayEvent => ({ kind: 'client', frame: element(xml) })
const core = (xml: string): RelayEvent => ({ kind: 'core', frame: element(xml) })
const greet: RelayEvent = { kind: 'client-header', header: headerOf() }
const features = (children: string): string => `<stream:features>${children}</stream:features>`
const MECHANISMS = `<mechanisms ${SASL}><mechanism>PLAIN</mechanism><mechanism>SCRAM-SHA-1</mechanism></mechanisms>`
const SECOND = `<authentication ${SASL2}><mechanism>PLAIN</mechanism><inline><bind xmlns='urn:xmpp:bind:0'/></inline></authentication>`
const BIND = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
const reached: RelayEvent = { kind: 'reached', features: element(features(MECHANISMS + SECOND)) }
const plain = (user = 'alice'): RelayEvent => client(`<auth ${SASL} mechanism='PLAIN'>${base64(`\0${user}\0x`)}</auth>`)
const scram = client(`<auth ${SASL} mechanism='SCRAM-SHA-1'>${base64('n,,n=alice,r=abc')}</auth>`)
const second = client(
  `<authenticate ${SASL2} mechanism='PLAIN'><initial-response>${base64('\0alice\0x')}</initial-response></authenticate>`,
)
const admitted: RelayEvent = { kind: 'admitted' }
const refused: RelayEvent = { kind: 'refused' }
const LATE: RelayEvent = { kind: 'late' }
const told: RelayEvent = { kind: 'told' }
const no = core(`<failure ${SASL}><account-disabled/><text>on leave</text></failure>`)
const yes = core(`<success ${SASL}/>`)
const again = core(features(`${BIND}<sm ${SM}/><csi xmlns='urn:xmpp:csi:0'/>`))
const LOGGED_IN = [greet, reached, plain(), admitted, yes, greet, again]
const bindAs = (jid: string): RelayEvent[] => [
  client(`<iq type='set' id='b'>${BIND}</iq>`),
  core(`<iq type='result' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>${jid}</jid></bind></iq>`),
]
const BOUND = [...LOGGED_IN, ...bindAs('alice@corp.example/r')]

function play(events: readonly RelayEvent[]): { state: RelayState; last: readonly RelayEffect[] } {
  let state = BEGIN
  let last: readonly RelayEffect[] = []
  for (const event of events) [state, ...last] = step(state, event, RULES)
  return { state, last }
}

function line(effect: RelayEffect): string {
  switch (effect.kind) {
    case 'to-client':
    case 'to-core':
      return `${effect.kind} ${/<([\w:-]+)/.exec(effect.bytes.toString())?.[1] ?? ''}`
    case 'claim':
      return `claim ${effect.asked.user} ${effect.asked.mechanism}`
    case 'failed':
      return `failed ${effect.reason} ${effect.condition}${effect.challenged ? ' challenged' : ''}`
    case 'logged-in':
      return `logged-in ${effect.known.user}`
    case 'bound':
      return `bound ${effect.address}`
    case 'end':
      return `end ${effect.reason} ${effect.condition ?? '-'}`
    case 'offer':
      return `offer ${effect.offer.mechanisms.join(' ')}`.trim()
    default:
      return effect.kind
  }
}

const TABLE: readonly (readonly [
  about: string,
  events: readonly RelayEvent[],
  last: readonly string[],
  phase: string,
])[] = [
  ['the core is dialled when a client asks for a domain', [greet], ['reach'], 'reaching'],
  ['what the core offers is shown', [greet, reached], ['open', 'offer PLAIN SCRAM-SHA-1'], 'offered'],
  ['the gate is asked first', [greet, reached, plain()], ['claim alice@corp.example PLAIN'], 'asking'],
  ['and then the core hears of it', [greet, reached, plain(), admitted], ['to-core auth'], 'authenticating'],
  ['or not', [greet, reached, plain(), refused], [], 'failing'],
  ['a refusal is told when it is time', [greet, reached, plain(), refused, told], ['to-client failure'], 'offered'],
  [
    'the last one ends it',
    [greet, reached, plain(), refused, told, plain(), refused, told],
    ['to-client failure', 'end SP-429 policy-violation'],
    'over',
  ],
  ['the core says no', [greet, reached, plain(), admitted, no], ['failed SP-808 not-authorized'], 'failing'],
  [
    'a challenge is passed on',
    [greet, reached, scram, admitted, core(`<challenge ${SASL}>eA==</challenge>`)],
    ['challenged', 'to-client challenge'],
    'authenticating',
  ],
  [
    'and its answer',
    [
      greet,
      reached,
      scram,
      admitted,
      core(`<challenge ${SASL}>eA==</challenge>`),
      client(`<response ${SASL}>eA==</response>`),
    ],
    ['to-core response'],
    'authenticating',
  ],
  [
    'after a challenge, that is told',
    [greet, reached, scram, admitted, core(`<challenge ${SASL}>eA==</challenge>`), no],
    ['failed SP-808 not-authorized challenged'],
    'failing',
  ],
  [
    'whoever is refused may be shown a challenge',
    [greet, reached, scram, refused, { kind: 'mislead', message: 'r=x' }],
    ['to-client challenge'],
    'misled',
  ],
  [
    'and its answer waits',
    [greet, reached, scram, refused, { kind: 'mislead', message: 'r=x' }, client(`<response ${SASL}>eA==</response>`)],
    ['misled'],
    'failing',
  ],
  [
    'a log-in without a first message is asked for it',
    [greet, reached, client(`<auth ${SASL} mechanism='PLAIN'/>`)],
    ['to-client challenge'],
    'prompting',
  ],
  [
    'and goes on as any other',
    [
      greet,
      reached,
      client(`<auth ${SASL} mechanism='PLAIN'/>`),
      client(`<response ${SASL}>${base64('\0alice\0x')}</response>`),
    ],
    ['claim alice@corp.example PLAIN'],
    'asking',
  ],
  [
    'success begins both streams anew',
    [greet, reached, plain(), admitted, yes],
    ['logged-in alice@corp.example', 'to-client success', 'restart'],
    'opening',
  ],
  ['the inner one with the outer one', [greet, reached, plain(), admitted, yes, greet], ['reopen'], 'reopening'],
  ['and its features are shown', LOGGED_IN, ['open', 'offer'], 'unbound'],
  ['an address is bound', BOUND, ['bound alice@corp.example/r', 'to-client iq'], 'bound'],
  [
    'of somebody else, it is not',
    [...LOGGED_IN, ...bindAs('bob@corp.example/r')],
    ['end SP-807 remote-connection-failed'],
    'over',
  ],
  [
    'SASL2 logs in and binds at once',
    [
      greet,
      reached,
      second,
      admitted,
      core(
        `<success ${SASL2}><authorization-identifier>alice@corp.example/r</authorization-identifier><bound xmlns='urn:xmpp:bind:0'><enabled ${SM} id='1' resume='true'/></bound></success>`,
      ),
    ],
    ['logged-in alice@corp.example', 'to-client success', 'bound alice@corp.example/r', 'counting', 'counted'],
    'bound',
  ],
  [
    'as somebody else, it does not',
    [
      greet,
      reached,
      second,
      admitted,
      core(`<success ${SASL2}><authorization-identifier>bob@corp.example/r</authorization-identifier></success>`),
    ],
    ['end SP-807 remote-connection-failed'],
    'over',
  ],
  [
    'an element of a feature passes',
    [...BOUND, client("<active xmlns='urn:xmpp:csi:0'/>")],
    ['to-core active'],
    'bound',
  ],
  [
    'one of none does not',
    [...BOUND, client("<x xmlns='urn:example:none'/>")],
    ['end SP-813 unsupported-stanza-type'],
    'over',
  ],
  ['a log-in once bound does not', [...BOUND, plain()], ['end SP-813 unsupported-stanza-type'], 'over'],
  [
    'counting begins with the wish',
    [...BOUND, client(`<enable ${SM} resume='true'/>`)],
    ['to-core enable', 'counting'],
    'bound',
  ],
  ['words about counts are translated', [...BOUND, client(`<a ${SM} h='3'/>`)], ['count-to-core'], 'bound'],
  ['in both directions', [...BOUND, core(`<a ${SM} h='3'/>`)], ['count-to-client'], 'bound'],
  [
    'an older session is looked for',
    [...LOGGED_IN, client(`<resume ${SM} h='1' previd='x'/>`)],
    ['resume'],
    'resuming',
  ],
  [
    'which nobody remembers',
    [
      ...LOGGED_IN,
      client(`<resume ${SM} h='1' previd='x'/>`),
      { kind: 'remembered', bytes: undefined, address: undefined },
    ],
    ['to-client failed'],
    'unbound',
  ],
  [
    'which the core takes up',
    [
      ...LOGGED_IN,
      client(`<resume ${SM} h='1' previd='x'/>`),
      { kind: 'remembered', bytes: Buffer.from('<resume/>'), address: 'alice@corp.example/r' },
      core(`<resumed ${SM} h='1' previd='x'/>`),
    ],
    ['bound alice@corp.example/r', 'resumed'],
    'bound',
  ],
  [
    'a stanza before the log-in',
    [greet, reached, client("<message to='a@corp.example'/>")],
    ['end SP-812 not-authorized'],
    'over',
  ],
  [
    'registration before the log-in',
    [greet, reached, client("<iq type='get' id='1'><query xmlns='jabber:iq:register'/></iq>")],
    ['end SP-812 not-authorized'],
    'over',
  ],
  [
    'a stanza before an address is bound',
    [...LOGGED_IN, client("<message to='a@corp.example'/>")],
    ['end SP-812 not-authorized'],
    'over',
  ],
  [
    'an answer to nothing',
    [greet, reached, client(`<response ${SASL}>eA==</response>`)],
    ['end SP-812 not-authorized'],
    'over',
  ],
  ['a second log-in within one', [greet, reached, plain(), admitted, plain()], ['end SP-812 not-authorized'], 'over'],
  [
    'another domain after TLS',
    [{ kind: 'client-header', header: headerOf("to='other.example'") }],
    ['open', 'end SP-115 host-unknown'],
    'over',
  ],
  ['a header within a stream', [...BOUND, greet], ['end SP-812 not-authorized'], 'over'],
  ['the client leaves', [...BOUND, { kind: 'client-footer' }], ['end SP-815 -'], 'over'],
  [
    'the core ends it for a reason that helps',
    [...BOUND, core("<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>")],
    ['end SP-805 conflict'],
    'over',
  ],
  [
    'or for one that is its own affair',
    [
      ...BOUND,
      core(
        "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>10.0.0.1</see-other-host></stream:error>",
      ),
    ],
    ['end SP-805 remote-connection-failed'],
    'over',
  ],
  ['a client that asks for no domain in time', [LATE], ['open', 'end SP-430 connection-timeout'], 'over'],
  ['a core that is not reached in time', [greet, LATE], ['open', 'end SP-870 remote-connection-failed'], 'over'],
  ['a client that does not log in in time', [greet, reached, LATE], ['end SP-430 connection-timeout'], 'over'],
  [
    'a core that does not judge in time',
    [greet, reached, plain(), admitted, LATE],
    ['end SP-870 remote-connection-failed'],
    'over',
  ],
  [
    'a client that does not answer the core in time',
    [greet, reached, scram, admitted, core(`<challenge ${SASL}>eA==</challenge>`), LATE],
    ['end SP-430 connection-timeout'],
    'over',
  ],
  [
    'a core that does not take the answer in time',
    [
      greet,
      reached,
      scram,
      admitted,
      core(`<challenge ${SASL}>eA==</challenge>`),
      client(`<response ${SASL}>eA==</response>`),
      LATE,
    ],
    ['end SP-870 remote-connection-failed'],
    'over',
  ],
  ['a client that binds no address in time', [...LOGGED_IN, LATE], ['end SP-430 connection-timeout'], 'over'],
  ['nothing happens to what is over', [...BOUND, { kind: 'client-footer' }, plain()], [], 'over'],
]

for (const [about, events, last, phase] of TABLE) {
  test(`a session: ${about}`, () => {
    const outcome = play(events)
    assert.deepEqual(outcome.last.map(line), last)
    assert.equal(outcome.state.phase, phase)
  })
}

test('a log-in of too many steps, or too large ones, is none', () => {
  const step1 = client(`<response ${SASL}>eA==</response>`)
  const long = play([greet, reached, scram, admitted, ...Array.from({ length: 11 }, () => step1)])
  assert.deepEqual(long.last.map(line), ['end SP-811 policy-violation'])
  const large = client(`<auth ${SASL} mechanism='PLAIN'>${'A'.repeat(5000)}</auth>`)
  assert.deepEqual(play([greet, reached, large]).last.map(line), ['end SP-811 policy-violation'])
})

/** The good path, and everything else that either side may say at any time. */
const GOOD = [...BOUND, client("<active xmlns='urn:xmpp:csi:0'/>"), client(`<enable ${SM}/>`)]
const OTHERS: readonly RelayEvent[] = [
  ...[greet, plain(), plain('bob'), scram, second, no, yes, again, reached, admitted, refused, told],
  ...[client(`<response ${SASL}>eA==</response>`), client(`<abort ${SASL}/>`), client('<x/>')],
  ...[core(`<challenge ${SASL}>eA==</challenge>`), core('<x/>'), { kind: 'core-header' as const }],
  client("<iq type='set' id='1'><query xmlns='jabber:iq:register'/></iq>"),
  client(`<resume ${SM} h='0' previd='x'/>`),
  { kind: 'mislead', message: 'r=x' },
  { kind: 'remembered', bytes: undefined, address: undefined },
]

test('whatever is said, the core hears of no log-in that the gate has not let pass, and nobody is logged in without its yes', () => {
  let bound = 0
  let astray = 0
  const walk = fc.array(
    fc.oneof({ arbitrary: fc.constant(undefined), weight: 12 }, { arbitrary: fc.constantFrom(...OTHERS), weight: 1 }),
    { minLength: 5, maxLength: 30 },
  )
  fc.assert(
    fc.property(walk, (moves) => {
      let state = BEGIN
      let next = 0
      let mayHear = false
      let saidYes = false
      for (const move of moves) {
        const event = move ?? GOOD[next++]
        if (!event) break
        if (move) astray += 1
        const before = state.phase
        const [after, ...effects] = step(state, event, RULES)
        state = after
        if (event.kind === 'admitted' && before === 'asking') mayHear = true
        if (event === yes && before === 'authenticating') saidYes = true
        for (const effect of effects) {
          if (effect.kind === 'to-core') assert.ok(mayHear, `the core hears ${effect.bytes.toString()}`)
          if (effect.kind === 'logged-in' || effect.kind === 'bound') assert.ok(saidYes, effect.kind)
          if (effect.kind === 'claim' || effect.kind === 'failed') mayHear = false
        }
        assert.ok(effects.every(({ kind }, n) => kind !== 'end' || n === effects.length - 1))
      }
      if (state.phase === 'bound') bound += 1
    }),
    { numRuns: 2000 },
  )
  assert.ok(bound > 100, `${bound} were bound`)
  assert.ok(astray > 1000, `${astray} steps aside`)
})
