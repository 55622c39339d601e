// Whose words come in beside those of the sender: by what is forwarded, copied or archived, and behind nicks of rooms.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { authors, described } from '../../../src/gateway/content.ts'
import { Occupants } from '../../../src/gateway/occupants.ts'
import { decide } from '../../../src/policy/checkpoint.ts'
import { type Crossing, gatherFacts } from '../../../src/policy/facts.ts'
import { PartnerList } from '../../../src/policy/partners.ts'
import { Passages } from '../../../src/policy/passages.ts'
import { parseFragment } from '../../../src/xml/fragment.ts'
import type { Frame } from '../../../src/xml/frame.ts'
import { NOW, OURS, partner } from '../policy/people.ts'
import { whomOf } from '../policy/whom/policy.ts'

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

const stanza = (inner: string, { name = 'message', from = 'bob@partner.example', type = '' } = {}): Frame =>
  frameOf(`<${name} from='${from}' to='alice@corp.example'${type && ` type='${type}'`} id='a'>${inner}</${name}>`)

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
  [
    'an address with a prefix and a reference',
    `<f:forwarded xmlns:f='urn:xmpp:forward:0'><c:message xmlns:c='jabber:client' from='mallory&#64;blocked.example/x'/></f:forwarded>`,
  ],
]

/** The world of one test: a stream of a partner, and what is known of rooms. */
function world() {
  const occupants = new Occupants()
  const ways: Crossing = {
    ...{ direction: 'inbound', mode: 'closed', ours: OURS },
    provenTowards: () => ['partner.example', 'conf.partner.example'],
    partners: new PartnerList([
      partner('partner.example', { alsoKnownAs: ['conf.partner.example'] }),
      partner('blocked.example', { status: 'blocked' }),
      partner('rival.example', { tags: ['rival'] }),
      partner('friend.example'),
    ]),
    whom: whomOf('walls: [{ name: w, sides: [{ who: [alice@corp.example] }, { partners: [tag:rival] }] }]'),
    authors: (frame, mayCarry) => occupants.authorsOf(frame, mayCarry),
    nicks: occupants,
  }
  const passages = new Passages(ways)
  const judge = (frame: Frame): string => {
    if (passages.find(frame, NOW)) {
      occupants.learn(frame)
      return 'pass'
    }
    const facts = gatherFacts(frame, ways, NOW)
    const decision = decide(facts)
    if (decision.verdict === 'pass') passages.open(facts)
    if (decision.verdict === 'pass' || decision.rule === 'authors-admitted') occupants.learn(frame)
    return decision.verdict === 'pass' ? 'pass' : `${decision.reason}${'silent' in decision ? ' silent' : ''}`
  }
  return { judge, occupants }
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
      assert.equal(judge(stanza(inner.replaceAll(/mallory(?:@|&#64;)blocked/g, 'alice@corp'))), 'pass', 'our own')
    }
  })
}

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
  assert.equal(judge(presence('Mal', 'x@friend.example')), 'pass', 'another has the nick now')
  assert.equal(says('Mal'), 'pass')
  judge(presence('Eve', 'x@friend.example', 'unavailable'))
  assert.equal(occupants.has(`${ROOM}/Eve`), false, 'who has gone is forgotten')
})

test('so many occupants are known, and no more', () => {
  const occupants = new Occupants()
  for (let n = 0; n <= 20_000; n++)
    occupants.learn(stanza(item('x@friend.example'), { name: 'presence', from: `${ROOM}/${n}` }))
  assert.deepEqual([occupants.size, occupants.has(`${ROOM}/0`), occupants.has(`${ROOM}/20000`)], [20_000, false, true])
})

test('what Jingle describes is read by what the names mean', () => {
  const jingle = (inner: string): Frame => stanza(inner, { name: 'iq', type: 'set' })
  const file = 'urn:xmpp:jingle:apps:file-transfer:5'
  const text = `<j:jingle xmlns:j='urn:xmpp:jingle:1'><j:content><d:description xmlns:d='${file.replace('u', '&#x75;')}'/></j:content><j:content><description xmlns='urn:x'/></j:content></j:jingle>`
  assert.deepEqual(described(jingle(text)), [file, 'urn:x'])
  assert.deepEqual(described(jingle("<jingle xmlns='urn:xmpp:jingle:1'/>")), [])
})
