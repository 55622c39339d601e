// What the demonstration shows of remote users, through the whole gateway: log-ins over WebSocket at the lab's core, and
// what is said after them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LoginGate, SHUT } from '../../../src/gateway/remote/gate.ts'
import { fromOutside, LOG_INS } from '../../../src/lab/from-outside.ts'
import { evaluation, first, fits } from '../evaluation.ts'

const YES = { admitted: true } as const

/** Who is granted what the evaluation set-up grants. */
const CAROL: LoginGate = {
  ...SHUT,
  before: () => YES,
  claimed: ({ user }, client) =>
    user === 'carol@corp.example' ? YES : SHUT.claimed({ domain: '', mechanism: '', user }, client),
  succeeded: () => YES,
  objection: () => undefined,
}

test('the log-ins of the demonstration go as they should, and so does what is said then', async (t) => {
  const { lab, gateway, toldOfRemote } = await evaluation(t, '127.0.26.1', undefined, () => CAROL)
  for (const { title, user, password, refused } of LOG_INS) {
    const outcome = await lab.logIn(user, password)
    if (refused === undefined)
      assert.ok('address' in outcome && outcome.address.startsWith('carol@corp.example/'), JSON.stringify(outcome))
    else assert.ok(!('address' in outcome) && outcome.condition === refused, `${title}: ${JSON.stringify(outcome)}`)
  }
  for (const scene of fromOutside('t')) {
    const { lastEvent } = lab
    assert.equal(lab.send(scene.at, scene.stanza), undefined, scene.title)
    const id = / id='([^']*)'/.exec(scene.stanza)![1]!
    for (const ending of scene.ends) await first(lab, lastEvent, fits(ending, id))
  }
  const [session] = [...gateway.remote!.all()]
  assert.equal(session!.transport.facts.transport, 'websocket')
  assert.deepEqual(
    toldOfRemote.filter(({ what }) => what === 'bug'),
    [],
  )
})

test('nobody logs in where nothing is granted', async (t) => {
  const { lab } = await evaluation(t, '127.0.26.2', undefined, () => SHUT)
  const outcome = await lab.logIn('carol', 'open sesame')
  assert.ok(!('address' in outcome), JSON.stringify(outcome))
  assert.equal(outcome.condition, 'policy-violation')
})
