import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Doorman } from '../../../src/gateway/doorman.ts'
import type { House } from '../../../src/gateway/house.ts'
import type { Facts } from '../../../src/policy/facts.ts'
import type { Passage } from '../../../src/policy/passages.ts'
import { PartnerList } from '../../../src/policy/partners.ts'
import { parseFragment } from '../../../src/xml/fragment.ts'

const ROOM = 'plans@rooms.corp.example'
const BOB = 'bob@partner.example/phone'
const OTHER = 'eve@other.example/desk'

/** Two organisations in a room; a rule allows this. */
function doorman(allow: 'all' | readonly string[] = 'all') {
  const house = {
    partners: new PartnerList([]),
    settings: { policy: { rooms: { organisations: 2 } } },
  } as unknown as House
  const at = new Doorman(() => house)
  const domain = (address: string): string => /@([^/]*)/.exec(address)?.[1] ?? address
  const meets = (text: string) => {
    const read = parseFragment(text)
    assert.ok(read.ok, text)
    const { from = '', to = '' } = read.frame
    const direction = domain(to) === 'rooms.corp.example' ? 'inbound' : 'outbound'
    const [fromDomain, toDomain] = [domain(from), domain(to)]
    const facts = { whom: { user: ROOM, decides: { allow }, reports: [] } } as unknown as Facts
    const standing = direction === 'inbound' ? fromDomain : toDomain
    return at.meets(
      read.frame,
      { direction, fromDomain, toDomain, standing, facts: () => facts } as unknown as Passage,
      0,
    )
  }
  /** A room says it, and it does not cross. */
  const unheard = (text: string): void => {
    const read = parseFragment(text)
    assert.ok(read.ok, text)
    const toDomain = domain(read.frame.to ?? '')
    at.unheard(read.frame, { direction: 'outbound', toDomain, partner: undefined })
  }
  const enter = (who: string, nick: string) =>
    meets(`<presence from='${who}' to='${ROOM}/${nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`)
  const shows = (nick: string, to: string, codes: readonly string[] = [], type = '') =>
    meets(
      `<presence from='${ROOM}/${nick}' to='${to}'${type && ` type='${type}'`}><x xmlns='http://jabber.org/protocol/muc#user'>` +
        `<item affiliation='none' role='participant'/>${codes.map((code) => `<status code='${code}'/>`).join('')}</x></presence>`,
    )
  const reason = (met: ReturnType<typeof meets>) => (typeof met?.ends === 'object' ? met.ends.reason : met?.ends)
  return { at, meets, unheard, enter, shows, reason }
}

test('one organisation too many does not enter, whether it says that it enters or not', () => {
  const { meets, enter, shows, reason } = doorman()
  assert.equal(enter(BOB, 'Bob'), undefined)
  assert.equal(shows('Bob', BOB, ['110']), undefined)
  const met = enter(OTHER, 'Eve')
  assert.equal(reason(met), 'SP-171')
  assert.deepEqual(typeof met?.ends === 'object' && [met.ends.condition, met.ends.type], ['not-allowed', 'cancel'])
  assert.equal(reason(meets(`<presence from='${OTHER}' to='${ROOM}/Eve'/>`)), 'SP-171')
  assert.equal(meets(`<presence from='${OTHER}' to='anna@rooms.corp.example/desk'/>`), undefined, 'no room')
})

for (const [about, what, isOut] of [
  ['leaves', `<presence type='unavailable' from='${BOB}' to='${ROOM}/Bob'/>`, true],
  ['is put out', ['Bob', ['110', '307'], 'unavailable'], true],
  ['is put out by a room that does not say to whom it speaks', ['Bob', ['307'], 'unavailable'], true],
  ['takes another nick', ['Bob', ['110', '303'], 'unavailable'], false],
  ['sees somebody else go', ['Carol', [], 'unavailable'], false],
] as const) {
  test(`who ${about} is ${isOut ? 'out' : 'still in'}`, () => {
    const { at, meets, enter, shows, reason } = doorman()
    enter(BOB, 'Bob')
    shows('Carol', BOB)
    shows('Bob', BOB, ['110'])
    if (typeof what === 'string') meets(what)
    else shows(what[0], BOB, what[1], what[2])
    assert.equal(at.rooms.of('partner.example'), isOut ? 0 : 1)
    assert.equal(reason(enter(OTHER, 'Eve')), isOut ? undefined : 'SP-171')
  })
}

test('whom the room does not let in is not in', () => {
  const { meets, enter, reason } = doorman()
  enter(BOB, 'Bob')
  meets(`<presence type='error' from='${ROOM}/Bob' to='${BOB}'><error type='auth'/></presence>`)
  assert.equal(reason(enter(OTHER, 'Eve')), undefined)
})

test('who is put out of a room, or not let in, is out though they do not hear of it', () => {
  for (const said of [
    `<presence type='unavailable' from='${ROOM}/Bob' to='${BOB}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>`,
    `<presence type='error' from='${ROOM}/Bob' to='${BOB}'><error type='auth'/></presence>`,
  ]) {
    const { unheard, enter, reason } = doorman()
    enter(BOB, 'Bob')
    assert.equal(reason(enter(OTHER, 'Eve')), 'SP-171')
    unheard(said)
    assert.equal(reason(enter(OTHER, 'Eve')), undefined, said)
  }
})

test('who makes a room and may not is out of it, hears that it is refused, and nothing else of it', () => {
  const { at, meets, enter, shows } = doorman(['rooms', 'messages'])
  enter(BOB, 'Bob')
  const met = shows('Bob', BOB, ['110', '201'])
  assert.ok(typeof met?.ends === 'object')
  assert.deepEqual([met.ends.reason, met.ends.silent, met.ends.condition], ['SP-172', true, 'not-allowed'])
  assert.deepEqual(met.out, [{ address: BOB, nick: `${ROOM}/Bob` }])
  assert.deepEqual([met.told?.from, met.told?.to], [BOB, `${ROOM}/Bob`])
  assert.equal(at.rooms.of('partner.example'), 0)
  const subject = `<message type='groupchat' from='${ROOM}' to='${BOB}'><subject/></message>`
  assert.deepEqual(meets(subject), { ends: 'withheld' })
  assert.equal(meets(subject.replace(BOB, OTHER)), undefined)
  assert.deepEqual(shows('Bob', BOB, ['110'], 'unavailable'), { ends: 'withheld' })
  assert.equal(meets(subject), undefined, 'then it is over')
})

test('who made a room and may not does not hear of it by what it says of itself; who enters it later does', () => {
  const { meets, enter, shows } = doorman(['rooms', 'messages'])
  const itself = (to: string, type = ''): ReturnType<typeof meets> =>
    meets(`<presence from='${ROOM}' to='${to}'${type}><c xmlns='http://jabber.org/protocol/caps'/></presence>`)
  assert.equal(itself(BOB), undefined, 'who does not enter')
  enter(BOB, 'Bob')
  assert.deepEqual(itself(BOB), { ends: 'withheld' }, 'it may be new')
  shows('Bob', BOB, ['110', '201'])
  assert.deepEqual([itself(BOB), itself(OTHER)], [{ ends: 'withheld' }, undefined])
  shows('Bob', BOB, ['110'], 'unavailable')
  assert.deepEqual(itself(BOB, " type='unavailable'"), { ends: 'withheld' })
  assert.equal(enter(BOB, 'Bob'), undefined)
  assert.deepEqual([shows('Bob', BOB, ['110']), itself(BOB)], [undefined, undefined])
  const other = doorman('all')
  other.enter(BOB, 'Bob')
  assert.equal(other.meets(`<presence from='${ROOM}' to='${BOB}'/>`), undefined, 'who may make rooms')
})

test('who may make rooms makes them', () => {
  for (const allow of ['all', ['rooms', 'room-setup']] as const) {
    const { enter, shows } = doorman(allow)
    enter(BOB, 'Bob')
    assert.equal(shows('Bob', BOB, ['110', '201']), undefined)
  }
})

test('who came last goes out when the room speaks to others who were there, and hears no more but that', () => {
  const { meets, enter, shows } = doorman()
  enter(OTHER, 'Eve')
  shows('Eve', OTHER, ['110'])
  assert.deepEqual(shows('Eve', BOB), { out: [{ address: OTHER, nick: `${ROOM}/Eve` }] })
  assert.deepEqual(meets(`<message type='groupchat' from='${ROOM}/Bob' to='${OTHER}'><body>x</body></message>`), {
    ends: 'withheld',
  })
  assert.equal(shows('Eve', OTHER, ['110'], 'unavailable'), undefined, 'it hears that it is out')
  assert.equal(meets(`<message type='groupchat' from='${ROOM}/Bob' to='${BOB}'><body>x</body></message>`), undefined)
})
