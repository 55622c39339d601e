// Whose words come in beside those of the sender: by what is forwarded, copied or archived, and behind nicks of rooms.

import assert from 'node:assert/strict'
import { memoryUsage } from 'node:process'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { authors, described } from '../../../src/gateway/content.ts'
import { MOST, MOST_OF_ONE, Occupants } from '../../../src/gateway/occupants.ts'
import { decide, type Decision } from '../../../src/policy/checkpoint.ts'
import type { ConductState } from '../../../src/policy/conduct/conduct.ts'
import { type Facts, gatherFacts } from '../../../src/policy/facts.ts'
import { PartnerList } from '../../../src/policy/partners.ts'
import { type Passage, Passages } from '../../../src/policy/passages.ts'
import { parseFragment } from '../../../src/xml/fragment.ts'
import type { Frame } from '../../../src/xml/frame.ts'
import { parseAddress } from '../../../src/xmpp/address.ts'
import { NOW, OURS, partner } from '../policy/people.ts'
import { whomOf } from '../policy/whom/policy.ts'

const gc = (): void => {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

const behind = (occupants: Occupants, from: string): readonly string[] => occupants.speaking(stanza('', { from }))

const MALLORY = 'mallory@blocked.example'
const ROOM = 'room@conf.partner.example'
const forwarded = (from: string): string =>
  `<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='x'/><message xmlns='jabber:client' from='${from}'><body>x</body></message></forwarded>`
const item = (jid: string): string =>
  `<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' jid='${jid}'/></x>`

function frameOf(text: string): Frame {
  const read = parseFragment(text)
  assert.ok(read.ok)
  return read.frame
}

const stanza = (
  inner: string,
  { name = 'message', from = 'bob@partner.example', to = 'alice@corp.example', type = '' } = {},
): Frame => frameOf(`<${name} from='${from}' to='${to}'${type && ` type='${type}'`} id='a'>${inner}</${name}>`)

const TABLE: readonly (readonly [name: string, inner: string])[] = [
  ['what is forwarded', forwarded(MALLORY)],
  ['what is copied', `<received xmlns='urn:xmpp:carbons:2'>${forwarded(MALLORY)}</received>`],
  ['what comes from an archive', `<result xmlns='urn:xmpp:mam:2' id='1'>${forwarded(MALLORY)}</result>`],
  [
    'what is forwarded in what is forwarded',
    forwarded('x@partner.example').replace('<body>', `${forwarded(MALLORY)}<body>`),
  ],
  [
    'what has another original sender',
    `<addresses xmlns='http://jabber.org/protocol/address'><address type='ofrom' jid='${MALLORY}'/></addresses>`,
  ],
  ['what was delayed by somebody', `<body>x</body><delay xmlns='urn:xmpp:delay' from='${MALLORY}' stamp='x'/>`],
  ['an invitation', `<x xmlns='http://jabber.org/protocol/muc#user'><invite from='${MALLORY}'/></x>`],
  ['what was delayed in the old way', `<body>x</body><x xmlns='jabber:x:delay' from='${MALLORY}' stamp='x'/>`],
  ['what comes from an old archive', `<result xmlns='urn:xmpp:mam:0' id='1'>${forwarded(MALLORY)}</result>`],
  ['words in a channel', `<body>x</body><mix xmlns='urn:xmpp:mix:core:1'><nick>m</nick><jid>${MALLORY}</jid></mix>`],
  ['presence in a channel', `<mix xmlns='urn:xmpp:mix:presence:0'><jid> ${MALLORY} </jid></mix>`],
  [
    'an address with a prefix and a reference',
    `<f:forwarded xmlns:f='urn:xmpp:forward:0'><c:message xmlns:c='jabber:client' from='mallory&#64;blocked.example/x'/></f:forwarded>`,
  ],
]

const BEHAVES: Readonly<Record<string, ConductState>> = {
  'held.example': 'blocked',
  'unruly.example': 'blocked',
  'watched.example': 'watch',
}

const WALL = 'walls: [{ name: w, sides: [{ who: [alice@corp.example] }, { partners: [tag:rival] }] }]'

/** The world of one test: a stream of a partner and one of the core, and what is known of rooms. */
function world(policy = WALL) {
  const occupants = new Occupants()
  const whom = whomOf(policy)
  const shared = {
    ...{ mode: 'closed' as const, ours: OURS, whom, authors, described, nicks: occupants },
    partners: new PartnerList([
      partner('partner.example', { alsoKnownAs: ['conf.partner.example'] }),
      partner('blocked.example', { status: 'blocked' }),
      partner('rival.example', { tags: ['rival'] }),
      partner('friend.example'),
      partner('held.example'),
      partner('provider.example', { decorates: ['served.example'] }),
      partner('shut.example', { status: 'blocked', decorates: ['served.example.net'] }),
    ]),
    conduct: (domain: string): ConductState => BEHAVES[domain] ?? 'normal',
  }
  const others = ['partner.example', 'conf.partner.example', 'rival.example', 'friend.example']
  const inbound = new Passages({ ...shared, direction: 'inbound', provenTowards: () => others })
  const outbound = new Passages({ ...shared, direction: 'outbound', provenTowards: () => OURS })
  const learn = (
    frame: Frame,
    { direction, fromDomain = '', partner: entry }: Pick<Facts, keyof Passage & keyof Facts>,
  ) =>
    direction === 'inbound'
      ? occupants.learn(frame, { owner: entry?.domain ?? fromDomain })
      : occupants.learn(frame, { owner: fromDomain, only: new Set(OURS) })
  const decided = (frame: Frame): Decision => {
    const passages = OURS.includes(parseAddress(frame.from ?? '')?.domain ?? '') ? outbound : inbound
    const passage = passages.find(frame, NOW)
    if (passage !== undefined) {
      learn(frame, passage)
      return { verdict: 'pass', reported: [] }
    }
    const facts = gatherFacts(frame, passages.crossing, NOW)
    const decision = decide(facts)
    whom.note(facts, decision)
    if (decision.verdict === 'pass') passages.open(facts)
    if (decision.verdict === 'pass' || decision.rule === 'authors-admitted') learn(frame, facts)
    return decision
  }
  const judge = (frame: Frame): string => {
    const decision = decided(frame)
    return decision.verdict === 'pass' ? 'pass' : `${decision.reason}${'silent' in decision ? ' silent' : ''}`
  }
  return { judge, decided, occupants, whom }
}

for (const [name, inner] of TABLE) {
  test(`${name}: the author is who wrote it, and is judged`, () => {
    const { judge } = world()
    assert.ok(authors(stanza(inner)).some((text) => text.startsWith(MALLORY)))
    for (let time = 0; time < 2; time++) {
      assert.equal(judge(stanza(inner)), 'SP-146 silent')
      assert.equal(judge(stanza(inner.replaceAll('blocked', 'friend'))), 'pass')
      assert.equal(judge(stanza(inner.replaceAll('blocked', 'rival'))), 'SP-146 silent', 'behind a wall')
      assert.equal(judge(stanza(inner.replaceAll('blocked', 'unknown'))), 'pass', 'of whom nothing is known')
      for (const unruly of ['unruly', 'held'])
        assert.equal(
          judge(stanza(inner.replaceAll('blocked', unruly))),
          'SP-146 silent',
          `${unruly}, for their conduct`,
        )
      assert.equal(judge(stanza(inner.replaceAll('blocked', 'watched'))), 'pass', 'who is only watched')
      assert.equal(judge(stanza(inner.replaceAll(/mallory(?:@|&#64;)blocked/g, 'alice@corp'))), 'pass', 'our own')
    }
  })
}

test('whoever has a decorated name at a provider is judged as who they are, and as the provider is', () => {
  const { judge } = world()
  const at = (domain: string, provider = 'provider.example'): string => `mallory\\40${domain}@${provider}`
  for (const [name, inner] of TABLE) {
    const by = (address: string): string =>
      judge(stanza(inner.replaceAll(/mallory(?:@|&#64;)blocked\.example/g, address.replaceAll('\\', '&#92;'))))
    for (const kept of ['blocked.example', 'rival.example', 'unruly.example'])
      assert.equal(by(at(kept)), 'SP-146 silent', `${name}: ${kept}`)
    for (const free of ['served.example', 'friend.example', 'unknown.example'])
      assert.equal(by(at(free)), 'pass', `${name}: ${free}`)
    assert.equal(by(at('served.example.net', 'shut.example')), 'SP-146 silent', name)
    assert.equal(by(at('friend.example', 'shut.example')), 'SP-146 silent', name)
    assert.equal(by(at('blocked.example', 'friend.example')), 'pass', 'a name like any other, where nobody is served')
  }
})

test('behind a nick a decorated name is one however long it is, and of another that is too long the domain is known', () => {
  const { judge, occupants } = world()
  const long = 'm'.repeat(600)
  const at = (localpart: string, domain: string): string => `${localpart}@${domain}`
  const behindMal = (jid: string): string => {
    const told = judge(stanza(item(jid), { name: 'presence', from: `${ROOM}/Mal`, type: '' }))
    const said = judge(stanza('<body>x</body>', { from: `${ROOM}/Mal`, type: 'groupchat' }))
    return `${told}, ${said}`
  }
  assert.equal(behindMal(at(`${long}&#92;40blocked.example`, 'provider.example')), 'SP-146 silent, SP-146 silent')
  assert.deepEqual(behind(occupants, `${ROOM}/Mal`), [at(`${long}\\40blocked.example`, 'provider.example')])
  assert.equal(behindMal(at(`${long}&#92;40friend.example`, 'provider.example')), 'pass, pass')
  assert.equal(behindMal(at(long, 'friend.example')), 'pass, pass')
  assert.deepEqual(behind(occupants, `${ROOM}/Mal`), ['friend.example'])
})

test('the words of somebody who is blocked do not come in by a room of a partner, and those of others do', () => {
  const { judge, occupants } = world()
  const presence = (nick: string, jid: string, type = ''): Frame =>
    stanza(item(jid), { name: 'presence', from: `${ROOM}/${nick}`, type })
  const says = (nick: string, type = 'groupchat'): string =>
    judge(stanza('<body>x</body>', { from: `${ROOM}/${nick}`, type }))
  assert.equal(judge(presence('Bob', 'bob@partner.example')), 'pass')
  assert.equal(judge(presence('Eve', 'x@friend.example')), 'pass')
  assert.deepEqual([says('Bob'), says('Eve'), says('Mal')], ['pass', 'pass', 'pass'], 'nobody says who that is')
  assert.equal(judge(presence('Mal', MALLORY)), 'SP-146 silent')
  for (let time = 0; time < 2; time++) {
    assert.deepEqual([says('Bob'), says('Mal'), says('Eve')], ['pass', 'SP-146 silent', 'pass'])
    assert.equal(says('Mal', 'chat'), 'SP-146 silent', 'in private either')
  }
  assert.equal(judge(presence('Mal', 'x@unruly.example')), 'SP-146 silent', 'for their conduct')
  assert.equal(says('Mal'), 'SP-146 silent')
  assert.equal(
    judge(stanza('<body>x</body>', { from: 'alice@corp.example', to: `${ROOM}/Mal`, type: 'chat' })),
    'SP-146',
    'nor are they written to',
  )
  assert.equal(judge(presence('Mal', 'x@friend.example')), 'pass', 'another has the nick now')
  assert.equal(says('Mal'), 'pass')
  judge(presence('Eve', 'x@friend.example', 'unavailable'))
  assert.deepEqual(behind(occupants, `${ROOM}/Eve`), [], 'who has gone is forgotten')
})

test('what a room tells one of ours holds where it tells another nothing, until there is another behind the nick', () => {
  const { judge, occupants } = world()
  const presence = (inner: string, type = ''): Frame =>
    stanza(inner, { name: 'presence', from: `${ROOM}/Mal`, to: 'dave@corp.example', type })
  const says = (): string => judge(stanza('<body>x</body>', { from: `${ROOM}/Mal`, type: 'groupchat' }))
  const hidden = "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none'/></x>"
  judge(presence(item(MALLORY)))
  assert.equal(judge(presence(hidden)), 'SP-146 silent', 'and so is the presence')
  assert.equal(judge(presence('<x/>', 'error')), 'pass', 'which is of the room')
  assert.equal(says(), 'SP-146 silent')
  judge(presence(hidden, 'unavailable'))
  assert.deepEqual(behind(occupants, `${ROOM}/Mal`), [])
  assert.deepEqual([judge(presence(hidden)), says()], ['pass', 'pass'])
})

test('words of others in a question are answered, once; in messages and presence they are not', () => {
  const { judge } = world()
  for (const type of ['get', 'set'])
    assert.equal(judge(stanza(forwarded(MALLORY), { name: 'iq', type })), 'SP-146', 'not silent')
  assert.equal(judge(stanza(item(MALLORY), { name: 'presence' })), 'SP-146 silent')
  judge(stanza(item(MALLORY), { name: 'presence', from: `${ROOM}/Mal` }))
  const asks = (type: string): string =>
    judge(stanza("<query xmlns='urn:x'/>", { name: 'iq', from: `${ROOM}/Mal`, type }))
  assert.deepEqual([asks('get'), asks('result')], ['SP-146', 'pass'])
})

test('what only reports tells of the words of others, and is counted; so is a wall that refuses them', () => {
  const counted = (policy: string): unknown => {
    const { decided, whom } = world(policy)
    const found = [1, 2].map(() => decided(stanza(forwarded('x@rival.example'))))
    const { matched, refused, reported } = whom.counts.of('wall w')
    return [
      ...found.map(({ verdict }) => verdict),
      ...found.flatMap((one) => (one.verdict === 'pass' ? one.reported.map(({ reason }) => reason) : [])),
      { matched, refused, reported },
    ]
  }
  assert.deepEqual(counted(WALL), ['refuse', 'refuse', { matched: 2, refused: 2, reported: 0 }])
  assert.deepEqual(counted(WALL.replace('name: w,', 'name: w, report: true,')), [
    ...['pass', 'pass', 'SP-146', 'SP-146'],
    { matched: 2, refused: 0, reported: 2 },
  ])
})

test('who is behind a wall is not heard beyond it by a room of ours, nor reached there', () => {
  const OUR_ROOM = 'room@conference.corp.example'
  const { judge } = world()
  const presence = (nick: string, jid: string, to: string, type = ''): string =>
    judge(stanza(item(jid), { name: 'presence', from: `${OUR_ROOM}/${nick}`, to, type }))
  const says = (nick: string, to: string, name = 'message', type = 'groupchat'): string =>
    judge(stanza('<body>x</body>', { name, from: `${OUR_ROOM}/${nick}`, to, type }))
  const [rival, friend] = ['r@rival.example', 'f@friend.example']
  assert.equal(presence('Al', 'alice@corp.example/x', friend), 'pass')
  assert.equal(presence('Dave', 'dave@corp.example/x', rival), 'pass')
  assert.equal(presence('R', rival, rival), 'pass')
  assert.equal(presence('Al', 'alice@corp.example/x', rival), 'SP-146 silent')
  for (let time = 0; time < 2; time++) {
    assert.deepEqual([says('Al', rival), says('Al', friend)], ['SP-146 silent', 'pass'])
    assert.deepEqual([says('Dave', rival), says('R', rival), says('Dave', friend)], ['pass', 'pass', 'pass'])
    assert.equal(says('Al', rival, 'iq', 'get'), 'SP-146', 'a question has its answer')
    for (const to of [`${OUR_ROOM}/Al`, 'Room@Conference.Corp.Example./Al']) {
      const writes = (from: string, name = 'message', type = 'chat'): string =>
        judge(stanza('<body>x</body>', { name, from, to, type }))
      assert.deepEqual([writes(rival), writes(friend), writes(rival, 'iq', 'get')], ['SP-146', 'pass', 'SP-146'], to)
    }
  }
  assert.equal(
    judge(stanza('<body>x</body>', { from: rival, to: OUR_ROOM, type: 'groupchat' })),
    'pass',
    'all there hear',
  )
  assert.equal(presence('Al', 'alice@corp.example/x', friend, 'unavailable'), 'pass')
  assert.equal(presence('Al', 'dave@corp.example/x', rival), 'pass', 'another has the nick now')
  assert.equal(says('Al', rival), 'pass')
})

test('nor is somebody kept apart written to behind a nick of their rooms', () => {
  const { judge } = world()
  judge(stanza(item('x@rival.example'), { name: 'presence', from: `${ROOM}/X`, to: 'dave@corp.example' }))
  const writes = (from: string): string => judge(stanza('<body>x</body>', { from, to: `${ROOM}/X`, type: 'chat' }))
  assert.deepEqual([writes('alice@corp.example'), writes('dave@corp.example')], ['SP-146', 'pass'])
})

test('a reference to a file is a file, whatever looked like it before', () => {
  const reference = (inner: string): Frame =>
    stanza(`<body>x</body><reference xmlns='urn:xmpp:reference:0' type='data'>${inner}</reference>`, { type: 'chat' })
  const file = "<media-sharing xmlns='urn:xmpp:sims:1'/>"
  const { judge } = world('policies: { default: { otherwise: [messages] } }')
  assert.deepEqual([reference(''), reference(file), reference('')].map(judge), ['pass', 'SP-144', 'pass'])
  const mention = reference('')
  // As a stream has them: lists of the same payloads are one list.
  const alike = mention.with({ bytes: reference(file).bytes })
  assert.deepEqual([mention, mention, alike].map(world('policies: { default: { otherwise: [messages] } }').judge), [
    'pass',
    'pass',
    'SP-144',
  ])
  const both = world('policies: { default: { otherwise: [messages, files] } }')
  assert.equal(both.judge(reference(file)), 'pass')
})

test('so many occupants are known, and no more, and each owner has a share', () => {
  const occupants = new Occupants()
  const learn = (owner: string, n: number): void =>
    occupants.learn(stanza(item('x@friend.example'), { name: 'presence', from: `r@${owner}/${n}` }), { owner })
  const knows = (owner: string, n: number): boolean => behind(occupants, `r@${owner}/${n}`).length > 0
  learn('small.example', 0)
  for (let n = 0; n <= MOST_OF_ONE; n++) learn('large.example', n)
  assert.equal(occupants.size, MOST_OF_ONE + 1)
  assert.deepEqual(
    [knows('large.example', 0), knows('large.example', 1), knows('small.example', 0)],
    [false, true, true],
  )
  for (const owner of ['a.example', 'b.example', 'c.example']) for (let n = 0; n < MOST_OF_ONE; n++) learn(owner, n)
  assert.equal(occupants.size, MOST)
  assert.ok(knows('small.example', 0), 'who has much gives way')
  learn('late.example', 0)
  assert.ok(knows('late.example', 0))
  assert.equal(occupants.size, MOST)
})

test('of one nick no more is kept than an honest room tells, and nothing keeps the whole stanza', () => {
  const occupants = new Occupants()
  const items = Array.from({ length: 2000 }, (_, n) => item(`somebody-with-a-name-${n}@friend.example`)).join('')
  const tell = (from: string, inner: string): void =>
    occupants.learn(stanza(inner, { name: 'presence', from }), { owner: 'friend.example' })
  tell(`${ROOM}/0`, items)
  assert.equal(behind(occupants, `${ROOM}/0`).length, 4)
  const long = `${'x'.repeat(600)}@blocked.example`
  tell(`${ROOM}/L`, item(long))
  assert.deepEqual(behind(occupants, `${ROOM}/L`), ['blocked.example'])
  assert.ok(authors(stanza(item(long))).includes(long), 'and is judged where it stands')
  gc()
  const before = memoryUsage().heapUsed
  for (let n = 0; n < 100; n++) tell(`${ROOM}/${n}`, items)
  gc()
  assert.ok(memoryUsage().heapUsed - before < 10 * 2000 * 100, 'a tenth of what they sent')
})

test('a stanza is read once, whoever asks', () => {
  const frame = stanza(forwarded(MALLORY))
  assert.equal(authors(frame), authors(frame))
})

test('what Jingle describes is read by what the names mean', () => {
  const jingle = (inner: string): Frame => stanza(inner, { name: 'iq', type: 'set' })
  const file = 'urn:xmpp:jingle:apps:file-transfer:5'
  const text = `<j:jingle xmlns:j='urn:xmpp:jingle:1'><j:content><d:description xmlns:d='${file.replace('u', '&#x75;')}'/></j:content><j:content><description xmlns='urn:x'/></j:content></j:jingle>`
  assert.deepEqual(described(jingle(text)), [file, 'urn:x'])
  assert.deepEqual(described(jingle("<jingle xmlns='urn:xmpp:jingle:1'/>")), [])
})
