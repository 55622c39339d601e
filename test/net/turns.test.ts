// Fair turns: whoever has much to give does not keep others waiting, and what it gives comes in order all the same.

import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { TURN_BYTES, TURN_EVENTS } from '../../src/net/turn.ts'
import type { Dialog } from '../support/dialog.ts'
import { eventually } from '../support/within.ts'
import { Gate, reachPhase } from './gate.ts'
import { ca, ours, theirs } from './sides.ts'

/** Two streams that are up, and which of them each message came on. */
async function two(t: { after(fn: () => Promise<void>): void }, gate: Gate) {
  t.after(() => gate[Symbol.asyncDispose]())
  const open = async (): Promise<Dialog> => {
    const dialog = await reachPhase(await gate.dialog(), 'ready', theirs)
    t.after(() => dialog[Symbol.asyncDispose]())
    return dialog
  }
  const greedy = await open()
  const into = await gate.streams.next()
  const modest = await open()
  await gate.streams.next()
  return { greedy, into, modest }
}

const numbered = (count: number, body: string): string =>
  Array.from(
    { length: count },
    (_, n) => `<message from='a@peer.test' to='b@us.test' id='${n}'><body>${body}</body></message>`,
  ).join('')

const idOf = (frame: string): string => /id='([^']*)'/.exec(frame)?.[1] ?? ''

for (const [what, body, count, most, start] of [
  ['small', '', 40_000, 2 * TURN_EVENTS, 3000],
  ['large', 'x'.repeat(10_000), 600, (2 * TURN_BYTES) / 10_000, 30],
] as const) {
  test(`a word of one overtakes what another has to say in ${what} stanzas, which come in order`, async (t) => {
    // It is said when the other has just begun, and what that has to say is there already.
    const say = (): unknown => modest.say(`<message from='a@peer.test' to='b@us.test' id='modest'/>`)
    const onFrame = (): unknown => gate.frames.all.length === start && say()
    const gate = await Gate.open({ ca, certificate: ours, onFrame })
    const { greedy, into, modest } = await two(t, gate)
    into.pause()
    greedy.say(numbered(count, body))
    let left = -1
    await eventually('that nothing more is taken', () => {
      const same = left === greedy.socket.writableLength
      left = greedy.socket.writableLength
      return same ? true : undefined
    })
    equal(gate.frames.all.length, 0)
    into.resume()
    await eventually('all of it', () => (gate.frames.all.length === count + 1 ? true : undefined))
    const ids = gate.frames.all.map(idOf)
    const at = ids.indexOf('modest')
    ok(at >= start && at <= start + most, `${at - start} came between`)
    ids.splice(at, 1)
    deepEqual(
      ids,
      Array.from({ length: count }, (_, n) => String(n)),
    )
    equal(gate.bugs.all.length, 0)
  })
}

test('what was said before the end is heard before it, in however many turns', async (t) => {
  const gate = await Gate.open({ ca, certificate: ours })
  const { greedy, into } = await two(t, gate)
  into.pause()
  const count = 3 * TURN_EVENTS
  greedy.say(numbered(count, ''))
  greedy.socket.end()
  await eventually('that all is on its way', () => (greedy.socket.writableLength === 0 ? true : undefined))
  into.resume()
  const end = await gate.ends.next()
  equal(gate.frames.all.length, count)
  equal(end.reason, 'SP-215')
})
