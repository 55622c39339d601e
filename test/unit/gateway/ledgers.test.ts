// Two sides, a gateway between them, and ways that break: at the end nobody believes in somebody who is not there, and who
// was seen before is seen again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Parcel } from '../../../src/gateway/links/parcels.ts'
import type { Question } from '../../../src/gateway/ledgers/questions.ts'
import type { Frame } from '../../../src/xml/frame.ts'
import {
  BROKEN,
  GOOD_BYE,
  OURS,
  RETURN_MS,
  THEIRS,
  bareOf,
  frameOf,
  key,
  other,
  presence,
  world,
  type Side,
  type World,
} from './ledgers-world.ts'

const ALICE = 'alice@corp.example'
const BOB = 'bob@partner.example/r'

test('a peer that is back in time, or ends its streams in good order, takes nobody with it who is there', () => {
  for (const end of [BROKEN, GOOD_BYE]) {
    const it = world()
    it.shows(BOB, ALICE)
    it.cut('partner', end)
    it.later(RETURN_MS - 2000)
    if (end === GOOD_BYE) it.later(RETURN_MS * 5)
    else it.mend('partner')
    it.later(RETURN_MS * 5)
    const asked = [`probe ${ALICE} > ${bareOf(BOB)}`, `available ${BOB} > ${ALICE}`]
    assert.deepEqual(it.said.slice(1), end === BROKEN ? asked : [])
    assert.deepEqual(it.told, [])
  }
})

test('a peer that does not come back is looked for, then its presence is taken back, once, and asked for on its return', () => {
  const it = world()
  it.shows(BOB, ALICE)
  it.cut('partner')
  it.later(RETURN_MS * 3)
  assert.ok(it.reached > 1)
  assert.deepEqual(it.told, [{ leg: 'partner', domain: THEIRS, reason: 'SP-522', contacts: 1, occupants: 0 }])
  it.mend('partner')
  it.quiet()
  assert.deepEqual(it.said, [
    `available ${BOB} > ${ALICE}`,
    `unavailable ${BOB} > ${ALICE}`,
    `probe ${ALICE} > bob@partner.example`,
    `available ${BOB} > ${ALICE}`,
  ])
})

test('a peer that is back in time, but has started anew, is asked, and takes with it whoever is not there', () => {
  for (const answers of [true, false]) {
    const it = world()
    it.answersProbes = answers
    it.shows(BOB, ALICE)
    it.crash('partner')
    it.later(1000)
    it.mend('partner')
    it.later(RETURN_MS + 1000)
    assert.match(it.said.at(-1) ?? '', /^unavailable bob@partner\.example.* > alice@corp\.example$/)
    assert.equal(it.said.length, 3)
    assert.equal(it.ledgers.status.presences, 0)
  }
})

test('who says good-bye before their server goes is not taken back again', () => {
  const it = world()
  it.shows(BOB, ALICE)
  it.goes(BOB, ALICE)
  it.cut('partner', { ...GOOD_BYE, reason: 'SP-454', condition: 'system-shutdown' })
  it.later(RETURN_MS * 2)
  assert.deepEqual(it.said.slice(2), [])
})

test('what a peer could not be told while it was away it is told when it is back', () => {
  const it = world()
  it.shows(`${ALICE}/r`, bareOf(BOB))
  it.cut('partner')
  it.goes(`${ALICE}/r`, bareOf(BOB))
  it.mend('partner')
  it.quiet()
  assert.deepEqual(it.said.slice(1), [`unavailable ${ALICE}/r > ${bareOf(BOB)}`])
})

test('who was shown between two blocks, and leaves during the second, is no ghost afterwards', () => {
  const it = world()
  it.shows(`${ALICE}/r`, bareOf(BOB))
  it.cut('partner')
  it.block()
  it.allow()
  // Could not be delivered: Bob still believes what he saw before the first block.
  it.shows(`${ALICE}/r`, bareOf(BOB))
  it.block()
  it.goes(`${ALICE}/r`, bareOf(BOB))
  it.allow()
  it.mend('partner')
  it.quiet()
  assert.equal(it.said[1], `unavailable ${ALICE}/r > ${bareOf(BOB)}`)
  assert.deepEqual([...it.belief], [])
})

test('however many are no longer admitted, who is in rooms is gone over once', () => {
  const it = world()
  const domains = [THEIRS, ...Array.from({ length: 20 }, (_, n) => `p${n}.${THEIRS}`)]
  const room = `r@conference.${OURS}`
  for (const organisation of [...domains, 'stays.example']) {
    const user = `bob@${organisation}/r`
    if (organisation !== 'stays.example') it.shows(user, ALICE)
    it.rooms.enters({ room, organisation, user }, { address: user, nick: undefined }, () => undefined, false, 0)
  }
  it.ledgers.enforce()
  assert.equal(it.goneOver, 0, 'nobody is')
  it.block()
  assert.deepEqual([it.goneOver, it.rooms.figures], [1, { rooms: 1, occupants: 1 }])
  assert.equal(it.rooms.of('stays.example'), 1)
})

test('every domain that a partner speaks for on one stream is lost with it, and back when it is proven again', () => {
  const it = world()
  const further = 'guests.partner.example'
  const dave = `dave@${further}/r`
  it.proves(further)
  for (const one of [BOB, dave]) it.shows(one, ALICE)
  it.cut('partner')
  assert.equal(it.ledgers.status.peersDoubted, 2)
  it.later(RETURN_MS * 2)
  assert.deepEqual(
    it.told.map(({ contacts }) => contacts),
    [1, 1],
  )
  assert.deepEqual([...it.belief], [])
  it.mend('partner')
  it.quiet()
  assert.deepEqual([...it.belief], [key(BOB, ALICE)])
  it.proves(further)
  it.quiet()
  assert.deepEqual([...it.belief], [key(BOB, ALICE), key(dave, ALICE)])
})

test('while words come on the stream of another domain of theirs that speaks for it too, nobody is lost', () => {
  const it = world()
  const further = 'guests.partner.example'
  it.shows(`dave@${further}/r`, ALICE)
  it.ledgers.notOpened({ ...BROKEN, leg: 'partner', pair: { local: OURS, remote: further } } as never)
  assert.equal(it.ledgers.status.peersDoubted, 1)
  it.proves(further)
  it.ledgers.notOpened({ ...BROKEN, leg: 'partner', pair: { local: OURS, remote: further } } as never)
  it.later(RETURN_MS * 2)
  assert.deepEqual(it.told, [])
})

test('a domain that is ours no longer takes leave on both sides while there are streams, and is forgotten', () => {
  for (const lost of [false, true]) {
    const it = world()
    it.shows(`${ALICE}/r`, bareOf(BOB))
    it.shows(BOB, ALICE)
    if (lost) it.cut('partner')
    it.give()
    const [toPartner, toCore] = [`unavailable ${ALICE}/r > ${bareOf(BOB)}`, `unavailable ${BOB} > ${ALICE}`]
    assert.deepEqual(it.said.slice(2).toSorted(), lost ? [toCore] : [toPartner, toCore])
    assert.equal(it.ledgers.status.presences, 0)
    assert.deepEqual(it.told, [{ leg: 'core', domain: OURS, reason: 'SP-115', contacts: 2, occupants: 0 }])
    it.later(RETURN_MS * 2)
    assert.equal(it.said.length, lost ? 3 : 4)
  }
})

const MUC = "<x xmlns='http://jabber.org/protocol/muc'/>"
const inRoom = (from: string, to: string, inside: string, type = ''): Frame =>
  frameOf(`<presence from='${from}' to='${to}'${type}>${inside}</presence>`)
const user = (...codes: string[]): string =>
  `<x xmlns='http://jabber.org/protocol/muc#user'>${codes.map((code) => `<status code='${code}'/>`).join('')}</x>`
const GONE = " type='unavailable'"

test('a room that is lost is left by all who see it, oneself last, and told of it when it is back', () => {
  const it = world()
  const room = 'r@conference.partner.example'
  it.says(inRoom(`${ALICE}/r`, `${room}/Alice`, MUC))
  it.says(inRoom(`${room}/Alice`, `${ALICE}/r`, user('110')))
  it.says(inRoom(`${room}/Dave`, `${ALICE}/r`, user()))
  it.cut('partner')
  // The rooms are a domain of their own; it is found gone when somebody asks for it.
  it.ledgers.notOpened({
    ...BROKEN,
    leg: 'partner',
    pair: { local: OURS, remote: 'conference.partner.example' },
  } as never)
  it.later(RETURN_MS * 2)
  assert.deepEqual(it.said.slice(3), [
    `unavailable ${room}/Dave > ${ALICE}/r`,
    `unavailable ${room}/Alice > ${ALICE}/r`,
  ])
})

test('a guest of ours who is lost leaves the room', () => {
  const it = world()
  const room = 'r@conference.corp.example'
  it.says(inRoom(BOB, `${room}/Bob`, MUC))
  it.says(presence(BOB, `${room}/Bobby`))
  it.says(inRoom(`${room}/Bob`, BOB, user('110', '303'), GONE))
  it.says(inRoom(`${room}/Bobby`, BOB, user('110')))
  it.says(inRoom(`${room}/Carol`, BOB, user()))
  assert.equal(it.ledgers.status.presences, 3)
  const before = it.said.length
  it.cut('partner')
  it.later(RETURN_MS * 2)
  assert.deepEqual(it.said.slice(before), [`unavailable ${BOB} > ${room}/Bobby`])
  // Had only the way been lost, they would still think that they are in the room.
  it.mend('partner')
  it.quiet()
  assert.deepEqual(it.said.slice(before + 1), [`unavailable ${room}/Bobby > ${BOB}`])
  assert.equal(it.ledgers.status.presences, 0)
})

test('whoever is lost, or to see nobody any more, has no place in a room, and nobody has one in a room that is lost', () => {
  const room = 'r@conference.corp.example'
  const guests = [`bob@${THEIRS}/r`, 'eve@other.example/desk', 'anna@served.example/r']
  const happens: readonly (readonly [string, (it: World) => void, readonly string[]])[] = [
    ['a partner is lost', (it) => it.cut('partner'), ['other.example']],
    [
      'a partner is back in time',
      (it) => (it.cut('partner'), it.mend('partner')),
      [THEIRS, 'other.example', 'served.example'],
    ],
    ['the core is lost', (it) => it.cut('core'), []],
    ['a partner is blocked', (it) => it.block(), ['other.example']],
    ['the domain of rooms is ours no longer', (it) => it.give(), []],
  ]
  for (const [about, happen, left] of happens) {
    const it = world()
    it.says(inRoom(BOB, `${room}/Bob`, MUC))
    for (const guest of guests) {
      const organisation = guest.replace(/.*@|\/.*/g, '')
      it.rooms.enters(
        { room, organisation, user: guest },
        { address: guest, nick: undefined },
        () => undefined,
        false,
        0,
      )
    }
    happen(it)
    it.later(RETURN_MS * 2)
    const there = [THEIRS, 'other.example', 'served.example'].filter((one) => it.rooms.of(one) > 0)
    assert.deepEqual(
      [there, it.rooms.figures],
      [left, { rooms: Math.min(left.length, 1), occupants: left.length }],
      about,
    )
  }
})

test('who leaves a room sees nobody in it any more', () => {
  const it = world()
  const room = 'r@conference.partner.example'
  it.says(inRoom(`${ALICE}/r`, `${room}/Alice`, MUC))
  it.says(inRoom(`${room}/Dave`, `${ALICE}/r`, user()))
  it.says(inRoom(`${room}/Alice`, `${ALICE}/r`, user('110')))
  assert.equal(it.ledgers.status.presences, 3)
  it.says(inRoom(`${room}/Alice`, `${ALICE}/r`, user('110', '307'), GONE))
  assert.equal(it.ledgers.status.presences, 0)
})

test('a nick that is taken keeps whoever has it in sight', () => {
  const it = world()
  const room = 'r@conference.partner.example'
  it.says(inRoom(`${room}/Dave`, `${ALICE}/r`, user()))
  it.says(inRoom(`${ALICE}/r`, `${room}/Dave`, MUC))
  it.says(inRoom(`${room}/Dave`, `${ALICE}/r`, '', " type='error'"))
  assert.equal(it.ledgers.status.presences, 1)
})

test('whoever cancels is not seen any more', () => {
  for (const [from, to, type] of [
    [bareOf(BOB), ALICE, 'unsubscribed'],
    [ALICE, bareOf(BOB), 'unsubscribe'],
    [BOB, ALICE, 'error'],
  ] as const) {
    const it = world()
    it.shows(BOB, ALICE)
    it.says(presence(from, to, type))
    assert.equal(it.ledgers.status.presences, 0, type)
  }
})

test('more than may be remembered crosses, and is counted', () => {
  const it = world({ presences: 2 })
  for (const n of [1, 2, 3]) it.shows(`u${n}@partner.example/r`, ALICE)
  const { presences, presencesUntracked } = it.ledgers.status
  assert.deepEqual([presences, presencesUntracked, it.said.length], [2, 1, 3])
})

test('presence of thousands is taken back in parts, all of it', () => {
  const it = world({ presences: 10_000 })
  for (let n = 0; n < 1000; n++) it.shows(`u${n}@partner.example/r`, ALICE)
  it.cut('partner')
  it.later(RETURN_MS)
  assert.equal(it.said.length, 2000)
  assert.deepEqual([...it.belief], [])
})

test('a question that was under way when a peer was lost is answered, and one that came later is not', () => {
  const it = world()
  const iq = (id: string): Question | undefined => {
    const frame = frameOf(`<iq type='get' from='${ALICE}/r' to='${BOB}' id='${id}'/>`)
    const at = 1_000_000 + (id === 'later' ? 1000 : 0)
    return it.ledgers.crossed(frame, at, 'partner', {
      local: OURS,
      remote: THEIRS,
    })
  }
  const question = iq('before')
  it.cut('partner')
  iq('later')
  it.later(RETURN_MS)
  assert.deepEqual(it.answered, [question])
  it.later(60_000)
  assert.deepEqual(
    it.answered.map(({ id }) => id),
    ['before', 'later'],
  )
})

test('a peer that refuses a stream is there, but for one that says that it does not know its own name, or goes', () => {
  const refused = { by: 'peer', reason: 'SP-453', condition: 'policy-violation' } as const
  for (const [failure, told] of [
    [refused, []],
    [{ by: 'peer', reason: 'SP-441', condition: undefined }, []],
    [{ by: 'peer', reason: 'SP-451', condition: 'host-unknown' }, ['core']],
    [{ by: 'peer', reason: 'SP-454', condition: 'system-shutdown' }, ['core']],
    [BROKEN, ['core']],
  ] as const) {
    const it = world()
    it.shows(`${ALICE}/r`, bareOf(BOB))
    it.cut('core', GOOD_BYE)
    // One of the domains outside, with which the core wants nothing to do.
    const pair = { local: 'disliked.example', remote: OURS }
    it.ledgers.notOpened({ ...BROKEN, ...failure, leg: 'core', pair } as never)
    it.later(RETURN_MS * 2)
    assert.deepEqual(
      it.told.map(({ reason }) => reason),
      told.map(() => 'SP-522'),
      failure.reason,
    )
  }
})

test('a domain that cannot be reached, and on which nothing depends any more, is neither looked for nor remembered', () => {
  const it = world()
  for (let n = 0; n < 50; n++) {
    const to = `${n}.example`
    const pair = { local: OURS, remote: to }
    const frame = frameOf(`<iq type='get' from='${ALICE}/r' to='${to}' id='1'/>`)
    const question = it.ledgers.crossed(frame, 1_000_000, 'partner', pair)
    it.ledgers.notOpened({ ...BROKEN, leg: 'partner', pair } as never)
    assert.equal(it.ledgers.bounced({ frame, question } as Parcel), true)
  }
  assert.equal(it.ledgers.status.peersDoubted, 50)
  it.later(RETURN_MS * 3)
  const { peersDoubted, peersLost } = it.ledgers.status
  assert.deepEqual([peersDoubted, peersLost, it.reached], [0, 0, 0])
})

test('whatever breaks, nobody believes in ghosts in the end, and who was seen and is there is seen', () => {
  const people = fc.record({
    ours: fc.constantFrom('alice@corp.example', 'carol@corp.example'),
    theirs: fc.constantFrom('bob@partner.example', 'dave@partner.example'),
    from: fc.constantFrom<Side>('core', 'partner'),
    resource: fc.constantFrom('a', 'b'),
    /** Shown to one resource, instead of to all. */
    directed: fc.constantFrom(false, false, true),
  })
  const side = fc.constantFrom<Side>('core', 'partner')
  const act = fc.oneof(
    { weight: 5, arbitrary: fc.record({ what: fc.constantFrom('shows', 'shows', 'goes'), who: people }) },
    { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('cut', 'crash', 'mend', 'mend'), side }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('block', 'allow') }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('later'), seconds: fc.constantFrom(1, 4, 10) }) },
  )
  let [takenBack, recovered, owed] = [0, 0, 0]
  fc.assert(
    fc.property(fc.array(act, { minLength: 20, maxLength: 80, size: 'max' }), (acts) => {
      const it = world()
      for (const one of acts) {
        if ('who' in one) {
          const { ours, theirs, from, resource, directed } = one.who
          const [who, whom] = from === 'core' ? [ours, theirs] : [theirs, ours]
          const way = [`${who}/${resource}`, directed ? `${whom}/x` : whom] as const
          if (one.what === 'goes' && !it.up[other(from)] && it.belief.has(key(...way))) owed += 1
          it[one.what === 'goes' ? 'goes' : 'shows'](...way)
        } else if ('side' in one) it[one.what](one.side)
        else if ('seconds' in one) it.later(one.seconds * 1000)
        else it[one.what]()
        // What is said on a live way is said at once.
        it.quiet()
      }
      it.later(RETURN_MS * 2)
      const before = new Set(it.belief)
      it.allow()
      for (const one of ['core', 'partner'] as const) it.mend(one)
      it.later(RETURN_MS * 2)
      takenBack += it.told.length
      // What is shown to an account is shown to each of its resources.
      const isTrue = (from: string, to: string): boolean =>
        it.truth.has(key(from, to)) || it.truth.has(key(from, bareOf(to)))
      for (const one of it.belief) {
        const [from = '', to = ''] = one.split(' ')
        assert.ok(isTrue(from, to), `a ghost: ${one}`)
      }
      for (const one of it.truth) {
        const [, to = ''] = one.split(' ')
        if (to !== bareOf(to) || !it.delivered.has(one)) continue
        assert.ok(it.belief.has(one), `not seen again: ${one}`)
        if (!before.has(one)) recovered += 1
      }
    }),
    { numRuns: 800 },
  )
  assert.ok(
    takenBack > 200 && recovered > 50 && owed > 15,
    `${takenBack} times taken back, ${recovered} seen again, ${owed} owed`,
  )
})
