import assert from 'node:assert/strict'
import { test } from 'node:test'
import { difference, objectionTo } from '../../../../src/gateway/groups/judge.ts'
import type { GroupAnswer } from '../../../../src/net/search-group.ts'

const users = (count: number, from = 0): readonly string[] =>
  Array.from({ length: count }, (_, n) => `user${String(from + n).padStart(3, '0')}@corp.example`)

const says = (members: readonly string[], entries = members.length): GroupAnswer => ({
  ...{ members, entries, without: entries - members.length, example: undefined },
})

const cases: readonly (readonly [
  about: string,
  answer: GroupAnswer,
  known: readonly string[] | undefined,
  expected: string | undefined,
  mayShrink?: true,
])[] = [
  ['the first members', says(users(3)), undefined, undefined],
  ['nobody at first', says([]), undefined, 'SP-179'],
  ['nobody at first, as may be', says([]), undefined, undefined, true],
  ['nobody any more', says([]), users(1), 'SP-179'],
  ['entries that have lost their addresses', says([], 5), users(5), 'SP-179'],
  ['nobody any more, as may be', says([]), users(40), undefined, true],
  ['one who left', says(users(2)), users(3), undefined],
  ['most of a small group', says(users(1)), users(9), undefined],
  ['half of a group', says(users(5)), users(10), undefined],
  ['more than half of a group', says(users(4)), users(10), 'SP-179'],
  ['as many, and others', says(users(10, 6)), users(10), 'SP-179'],
  ['more than half, as may be', says(users(4)), users(10), undefined, true],
  ['no connection', { failed: 'connect', detail: 'x' }, users(1), 'SP-176'],
  ['no certificate', { failed: 'tls', detail: 'x' }, users(1), 'SP-177'],
  ['no log-in', { failed: 'bind', detail: 'x' }, users(1), 'SP-176'],
  ['no end', { failed: 'time', detail: 'x' }, users(1), 'SP-176'],
  ['a part', { failed: 'incomplete', detail: 'x' }, users(1), 'SP-178', true],
  ['too much', { failed: 'too-much', detail: 'x' }, undefined, 'SP-178', true],
  ['more than there is room for', says(users(102)), users(1), 'SP-178', true],
]

for (const [about, answer, known, expected, mayShrink = false] of cases)
  test(`what is believed of a directory: ${about}`, () => {
    assert.equal(objectionTo(answer, known, { mayShrink, room: 100 })?.reason, expected)
  })

test('who joined and who left', () => {
  assert.deepEqual(difference(users(3), users(3, 1)), { joined: users(1, 3), left: users(1) })
})
