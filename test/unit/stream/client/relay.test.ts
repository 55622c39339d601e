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
const CHALLENGE = core(`<challenge ${SASL}>${base64('r=abcdef,s=QSXCR+Q6sek8bf92,i=4096')}</challenge>`)
const show: RelayEvent = { kind: 'show' }
const proofOf = (message: string): RelayEvent => client(`<response ${SASL}>${base64(message)}</response>`)
const proof = proofOf(`c=biws,r=abcdef,p=${Buffer.alloc(20).toString('base64')}`)
const mislead: RelayEvent = { kind: 'mislead', message: Buffer.from('r=x') }
const giveUp = client(`<abort ${SASL}/>`)
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
    case 'answer':
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
  ['and then the core hears of it', [greet, reached, plain(), admitted], ['to-core auth'], 'judging'],
  ['or not', [greet, reached, plain(), refused], [], 'failing'],
  ['a refusal is told when it is time', [greet, reached, plain(), refused, told], ['to-client failure'], 'offered'],
  [
    'the last one ends it',
    [greet, reached, plain(), refused, told, plain(), refused, told],
    ['to-client failure', 'end SP-429 policy-violation'],
    'over',
  ],
  ['the core says no', [greet, reached, plain(), admitted, no], ['failed SP-808 not-authorized'], 'failing'],
  ['a challenge waits', [greet, reached, scram, admitted, CHALLENGE], ['challenged'], 'showing'],
  ['and is passed on', [greet, reached, scram, admitted, CHALLENGE, show], ['to-client challenge'], 'answering'],
  ['and its answer', [greet, reached, scram, admitted, CHALLENGE, show, proof], ['to-core response'], 'judging'],
  [
    'one at a time',
    [greet, reached, scram, admitted, CHALLENGE, show, proof, proof],
    ['end SP-812 not-authorized'],
    'over',
  ],
  [
    'after a challenge, that is told',
    [greet, reached, scram, admitted, CHALLENGE, show, proof, no],
    ['failed SP-808 not-authorized challenged'],
    'failing',
  ],
  [
    'whatever the core says then',
    [
      greet,
      reached,
      scram,
      admitted,
      CHALLENGE,
      show,
      proof,
      core(`<failure ${SASL}><temporary-auth-failure/></failure>`),
    ],
    ['failed SP-808 not-authorized challenged'],
    'failing',
  ],
  [
    'of an answer that is none the core hears nothing but that it is over',
    [greet, reached, scram, admitted, CHALLENGE, show, proofOf('rubbish')],
    ['to-core abort'],
    'judging',
  ],
  [
    'and it is a wrong password',
    [
      ...[greet, reached, scram, admitted, CHALLENGE, show, client(`<response ${SASL}>%%%</response>`)],
      core(`<failure ${SASL}><aborted/></failure>`),
    ],
    ['failed SP-810 not-authorized challenged'],
    'failing',
  ],
  [
    'whoever gives up has guessed too',
    [greet, reached, scram, admitted, CHALLENGE, show, giveUp, no],
    ['failed SP-808 aborted challenged'],
    'failing',
  ],
  [
    'there is no yes without a proof',
    [greet, reached, scram, admitted, yes],
    ['end SP-807 remote-connection-failed'],
    'over',
  ],
  [
    'nor after giving up',
    [greet, reached, scram, admitted, CHALLENGE, show, giveUp, yes],
    ['end SP-807 remote-connection-failed'],
    'over',
  ],
  [
    'the core may prove itself before its yes',
    [greet, reached, scram, admitted, CHALLENGE, show, proof, core(`<challenge ${SASL}>dj14</challenge>`)],
    ['to-client challenge'],
    'answering',
  ],
  [
    'which is answered with nothing',
    [
      ...[greet, reached, scram, admitted, CHALLENGE, show, proof, core(`<challenge ${SASL}>dj14</challenge>`)],
      ...[client(`<response ${SASL}/>`), yes],
    ],
    ['logged-in alice@corp.example', 'to-client success', 'restart'],
    'opening',
  ],
  [
    'a challenge that cannot be read',
    [greet, reached, scram, admitted, core(`<challenge ${SASL}>eA==</challenge>`)],
    ['end SP-807 remote-connection-failed'],
    'over',
  ],
  [
    'a challenge where none belongs',
    [greet, reached, plain(), admitted, CHALLENGE],
    ['end SP-807 remote-connection-failed'],
    'over',
  ],
  [
    'whoever is refused may be shown a challenge',
    [greet, reached, scram, refused, mislead],
    ['to-client challenge'],
    'misled',
  ],
  ['and its answer waits', [greet, reached, scram, refused, mislead, proof], ['misled'], 'failing'],
  [
    'whatever it is',
    [greet, reached, scram, refused, mislead, proofOf('rubbish'), told],
    ['to-client failure'],
    'offered',
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
  [
    'an address is asked for in a way that leaves the answer to nobody',
    [...LOGGED_IN, client(`<iq type='set'>${BIND}</iq>`)],
    ['end SP-821 bad-format'],
    'over',
  ],
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
    ['answer failed'],
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
    [greet, reached, scram, admitted, CHALLENGE, show, LATE],
    ['end SP-430 connection-timeout'],
    'over',
  ],
  [
    'a core that does not take the answer in time',
    [greet, reached, scram, admitted, CHALLENGE, show, proof, LATE],
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

test('a log-in of too large steps is none', () => {
  const large = client(`<auth ${SASL} mechanism='PLAIN'>${'A'.repeat(5000)}</auth>`)
  assert.deepEqual(play([greet, reached, large]).last.map(line), ['end SP-811 policy-violation'])
  const answer = client(`<response ${SASL}>${'A'.repeat(5000)}</response>`)
  for (const before of [
    [admitted, CHALLENGE, show],
    [refused, mislead],
  ]) {
    const { last } = play([greet, reached, scram, ...before, answer])
    assert.deepEqual(last.map(line), ['end SP-811 policy-violation'])
  }
})

test('what is said after a challenge is taken alike where it leads somewhere and where it does not', () => {
  const words = [
    ...[
      proof,
      proofOf('rubbish'),
      giveUp,
      plain(),
      scram,
      second,
      LATE,
      client('<x/>'),
      { kind: 'client-footer' as const },
    ],
    ...[client(`<response ${SASL2}>eA==</response>`), client(`<abort ${SASL2}/>`), client(`<next ${SASL2}/>`)],
    ...[client(`<response ${SASL}>eA==<x/></response>`), client("<message to='a@corp.example'/>"), greet],
  ]
  const seen = (events: readonly RelayEvent[]): string => {
    let state = BEGIN
    let all = ''
    for (const event of events) {
      const [next, ...effects] = step(state, event, RULES)
      state = next
      for (const effect of effects) {
        if (effect.kind === 'to-client') all += effect.bytes.toString()
        if (effect.kind === 'end') all += ` end ${effect.condition}`
      }
    }
    return all.replaceAll(/<challenge[^>]*>[^<]*/g, '<challenge>')
  }
  let failures = 0
  for (const word of words) {
    const real = seen([greet, reached, scram, admitted, CHALLENGE, show, word, no, told])
    const decoy = seen([greet, reached, scram, admitted, no, mislead, word, told])
    assert.equal(real, decoy, JSON.stringify(word))
    if (real.includes('<failure')) failures += 1
  }
  assert.equal(failures, 4)
})

test('of a log-in the core hears what was read of it, and not what was written', () => {
  const auth = client(
    `<p:auth xmlns:p='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1' more='x'>${base64('n,,n=alice,r=abc')}</p:auth>`,
  )
  const answer = client(
    `<p:response xmlns:p='urn:ietf:params:xml:ns:xmpp-sasl' more='x'><![CDATA[${base64(`c=biws,r=abcdef,p=${'A'.repeat(27)}=`)}]]></p:response>`,
  )
  const said = (events: readonly RelayEvent[]): readonly string[] =>
    play(events).last.map((effect) => ('bytes' in effect ? effect.bytes.toString() : ''))
  const begun = [greet, reached, auth, admitted]
  assert.deepEqual(said(begun), [`<auth ${SASL} mechanism='SCRAM-SHA-1'>${base64('n,,n=alice,r=abc')}</auth>`])
  assert.deepEqual(said([...begun, CHALLENGE, show, answer]), [
    `<response ${SASL}>${base64(`c=biws,r=abcdef,p=${'A'.repeat(27)}=`)}</response>`,
  ])
})

test('of a request for an address the core hears what was asked for, whoever it is from and to', () => {
  const heard = (iq: string): string | undefined =>
    play([...LOGGED_IN, client(iq)]).last.flatMap((effect) => ('bytes' in effect ? effect.bytes.toString() : []))[0]
  const bind = (resource: string): string => `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>${resource}</bind>`
  const plainly = `<iq type='set' id='b'>${bind('<resource>r &amp; d</resource>')}</iq>`
  for (const iq of [
    plainly,
    `<iq type='set' id='b' from='boss@corp.example' to='bob@partner.example'>${bind('<resource>r &amp; d</resource>')}</iq>`,
    `<iq type='set' id='b' x='y'>${bind('<resource a="b">r &amp; d</resource><x/>')}<query xmlns='jabber:iq:roster'/></iq>`,
    `<p:iq xmlns:p='jabber:client' type='set' id='b'>${bind('<resource>r &#x26; d</resource>')}</p:iq>`,
  ])
    assert.equal(heard(iq), plainly, iq)
  assert.equal(heard(`<iq type='set' id='b'>${BIND}</iq>`), `<iq type='set' id='b'>${bind('')}</iq>`)
  assert.equal(
    heard(`<iq type='set' id='b' to='Corp.example'>${BIND}</iq>`),
    `<iq type='set' id='b' to='Corp.example'>${bind('')}</iq>`,
  )
  const other = "<iq type='set' id='b'><unbind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
  assert.deepEqual(play([...LOGGED_IN, client(other)]).last.map(line), ['end SP-812 not-authorized'])
})

test('before there is an address, the core says nothing but what leads to one', () => {
  const after = (word: RelayEvent): readonly string[] => play([...LOGGED_IN, word]).last.map(line)
  for (const word of [
    "<message from='bob@corp.example'/>",
    "<iq type='result' id='b'/>",
    `<r ${SM}/>`,
    "<x xmlns='y'/>",
  ])
    assert.deepEqual(after(core(word)), [], word)
  assert.deepEqual(after(core("<x xmlns='urn:xmpp:csi:0'/>")), ['to-client x'])
})

test('a word that is no stanza is short, or the session is over', () => {
  const long = 'x'.repeat(4096)
  for (const [before, word] of [
    [LOGGED_IN, `<iq type='set' id='${long}'>${BIND}</iq>`],
    [LOGGED_IN, `<resume ${SM} h='0' previd='${long}'/>`],
    [BOUND, `<a ${SM} h='0'><x y='${long}'/></a>`],
    [BOUND, `<enable ${SM}>${long}</enable>`],
    [BOUND, `<active xmlns='urn:xmpp:csi:0' x='${long}'/>`],
  ] as const)
    assert.deepEqual(play([...before, client(word)]).last.map(line), ['end SP-811 policy-violation'], word.slice(0, 60))
})

test('sessions that nobody remembers are asked for a few times, here or at the core, and no more', () => {
  const ask = client(`<resume ${SM} h='0' previd='x'/>`)
  const here: RelayEvent[] = [ask, { kind: 'remembered', bytes: undefined, address: undefined }]
  const there: RelayEvent[] = [
    ask,
    { kind: 'remembered', bytes: Buffer.from('<resume/>'), address: 'alice@corp.example/r' },
    core(`<failed ${SM}/>`),
  ]
  const five = [...LOGGED_IN, ...here, ...there, ...here, ...there]
  const fifth = play([...five, ...there])
  assert.deepEqual(fifth.last.map(line), ['not-resumed', 'count-to-client'])
  assert.equal(play([...five, ...there, ...bindAs('alice@corp.example/r')]).state.phase, 'bound')
  assert.deepEqual(play([...five, ...there, ask]).last.map(line), ['end SP-812 not-authorized'])
})

/** The good path, and everything else that either side may say at any time. */
const GOOD = [...BOUND, client("<active xmlns='urn:xmpp:csi:0'/>"), client(`<enable ${SM}/>`)]
const OTHERS: readonly RelayEvent[] = [
  ...[greet, plain(), plain('bob'), scram, second, no, yes, again, reached, admitted, refused, told],
  ...[client(`<response ${SASL}>eA==</response>`), giveUp, client('<x/>')],
  ...[core(`<challenge ${SASL}>eA==</challenge>`), core('<x/>'), { kind: 'core-header' as const }],
  client("<iq type='set' id='1'><query xmlns='jabber:iq:register'/></iq>"),
  client(`<resume ${SM} h='0' previd='x'/>`),
  ...[mislead, show, CHALLENGE, proof],
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
        if (event === yes && before === 'judging') saidYes = true
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
