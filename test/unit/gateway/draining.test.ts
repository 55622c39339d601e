// Wishes to be out of service and back that come while the one before is not fulfilled yet.

import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Draining } from '../../../src/gateway/draining.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Nothing is up; the links are busy until `settle`. */
function scene(noticeMs: number) {
  const { promise, resolve } = Promise.withResolvers<void>()
  let isBusy = true
  let open = true
  const states: string[] = []
  const draining = new Draining({
    ways: {
      all: () => [],
      busy: () => (isBusy ? [promise] : []),
      close: () => (open = false),
      reopen: () => (open = true),
    },
    streams: () => [],
    sessions: () => [],
    limiting: { letGo() {} },
    settle() {},
    abandon() {},
    times: () => ({ noticeMs, paceMs: 1, drainMs: 60_000, closeMs: 60_000 }),
    reference: () => 'ref',
    now: () => 0,
    changed: (state) => states.push(state),
  })
  return {
    draining,
    states,
    isOpen: () => open,
    settle(): void {
      isBusy = false
      resolve()
    },
  }
}

test('who drains again while an undo waits for the end of the first time is out of service in the end', async () => {
  const { draining, states, settle, isOpen } = scene(0)
  const first = draining.start('SP-629')
  await turn()
  const undone = draining.undo()
  await turn()
  const second = draining.start('SP-629')
  settle()
  await Promise.all([first, undone, second])
  deepEqual([states, draining.refuses, isOpen()], [['draining', 'drained'], 'SP-629', false])
  await draining.undo()
  deepEqual([states.at(-1), draining.refuses, isOpen()], ['serving', undefined, true])
})

test('who drains again at once after an undo is out of service in the end, with the time that balancers need', async () => {
  const { draining, states, settle } = scene(30)
  settle()
  const first = draining.start('SP-629')
  const undone = draining.undo()
  const second = draining.start('SP-629')
  await first
  await undone
  equal(draining.refuses, undefined)
  await second
  deepEqual([states, draining.refuses], [['draining', 'drained'], 'SP-629'])
})

test('of many wishes the last one holds', async () => {
  const { draining, settle } = scene(0)
  const all = [draining.start('SP-629'), draining.undo(), draining.start('SP-629'), draining.undo()]
  settle()
  await Promise.all(all)
  deepEqual([draining.service.state, draining.refuses], ['serving', undefined])
})
