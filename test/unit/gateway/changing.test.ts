// What has been seen is seen after a change of the settings as far as they let it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { frameOf, key, OURS, RETURN_MS, THEIRS, world } from './ledgers-world.ts'

const [ALICE, BOB] = [`alice@${OURS}/desk`, `bob@${THEIRS}`]
const BACK = [`bob@${THEIRS}/phone`, `alice@${OURS}`] as const

test('a new wall takes back what both sides saw and asks nobody; without it they are asked for', () => {
  const w = world()
  w.shows(ALICE, BOB)
  w.shows(...BACK)
  w.said.length = 0
  w.changes({ apart: true })
  assert.deepEqual(w.said.toSorted(), [`unavailable ${ALICE} > ${BOB}`, `unavailable ${BACK[0]} > ${BACK[1]}`])
  assert.deepEqual(w.told, [
    { leg: 'core', domain: THEIRS, reason: 'SP-173', contacts: 1, occupants: 0 },
    { leg: 'partner', domain: THEIRS, reason: 'SP-173', contacts: 1, occupants: 0 },
  ])
  w.changes({})
  w.cut('partner')
  w.later(2 * RETURN_MS)
  w.mend('partner')
  w.later(RETURN_MS)
  assert.deepEqual([...w.belief], [], 'nor when a server comes back')
  assert.deepEqual(
    w.said.filter((one) => one.startsWith('probe')),
    [],
  )
  w.changes({ apart: false })
  assert.deepEqual([...w.belief].toSorted(), [key(ALICE, BOB), key(...BACK)].toSorted())
})

test('with a detail that shows nobody, ours go for them and theirs stay', () => {
  const w = world()
  w.shows(ALICE, BOB)
  w.shows(...BACK)
  w.said.length = 0
  w.changes({ shown: { detail: 'none' } })
  assert.deepEqual(w.said, [`unavailable ${ALICE} > ${BOB}`])
  assert.deepEqual([...w.belief], [key(...BACK)])
  w.changes({ shown: { detail: 'online' } })
  assert.deepEqual(w.said.slice(1), [`probe ${BOB} > alice@${OURS}`, `available ${ALICE} > ${BOB}`])
})

test('with less detail those of ours are asked anew, and who does not show themselves again is gone', () => {
  const w = world()
  w.answersProbes = false
  w.shows(ALICE, BOB)
  w.shows(`carol@${OURS}/x`, BOB)
  w.shows(...BACK)
  w.truth.delete(key(`carol@${OURS}/x`, BOB))
  w.said.length = 0
  w.changes({ shown: { detail: 'availability' } })
  assert.deepEqual(w.said.toSorted(), [
    `available ${ALICE} > ${BOB}`,
    `probe ${BOB} > alice@${OURS}`,
    `probe ${BOB} > carol@${OURS}`,
  ])
  w.later(2 * RETURN_MS)
  assert.deepEqual([...w.belief].toSorted(), [key(ALICE, BOB), key(...BACK)].toSorted())
  w.said.length = 0
  w.changes({ shown: { detail: 'availability' } })
  assert.deepEqual(w.said, [], 'the same again changes nothing')
})

test('a room of theirs sees of a guest that they are there, and a wall leads them out', () => {
  const w = world()
  const nick = `room@conference.${THEIRS}/Alice`
  w.says(
    frameOf(
      `<presence from='${ALICE}' to='${nick}'><status>x</status><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    ),
  )
  w.said.length = 0
  w.changes({ shown: { detail: 'none' } })
  assert.deepEqual(w.said, [`available ${ALICE} > ${nick}`])
  w.changes({ shown: undefined })
  assert.equal(w.said.length, 1, 'more is shown when there is more to say')
  w.changes({ apart: true })
  assert.equal(w.said.at(-1), `unavailable ${ALICE} > ${nick}`)
})

test('who was asked for before the wall is not asked for behind it', () => {
  const w = world()
  w.shows(...BACK)
  w.cut('partner')
  w.later(2 * RETURN_MS)
  assert.deepEqual([...w.belief], [])
  w.changes({ apart: true })
  w.said.length = 0
  w.mend('partner')
  w.later(RETURN_MS)
  assert.deepEqual(w.said, [])
  w.changes({ apart: false })
  assert.deepEqual([...w.belief], [key(...BACK)])
})
