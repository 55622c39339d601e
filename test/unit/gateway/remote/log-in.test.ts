// What the gate is told of a log-in, by how it ends: a guess counts, and what the core could not judge does not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SHUT, type LoginGate } from '../../../../src/gateway/remote/gate.ts'
import { LogIn } from '../../../../src/gateway/remote/log-in.ts'
import type { ClientFacts } from '../../../../src/net/client/transport.ts'
import type { Asked } from '../../../../src/stream/client/log-in.ts'
import type { RelayEvent } from '../../../../src/stream/client/relay-types.ts'
import type { SaslCondition } from '../../../../src/xmpp/conditions.ts'

const TLS = { start: 'direct', version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', group: undefined } as const
const facts: ClientFacts = {
  ...{ remoteAddress: '192.0.2.1', listener: 'remote', transport: 'tcp', tls: TLS, chain: [], requested: undefined },
}
const bytes = Buffer.from('')
const asked = { form: 'sasl', mechanism: 'PLAIN', user: 'anna@corp.example', bytes, scram: undefined } as const
const first = { header: 'n,,', user: 'anna', authzid: '', nonce: 'abc' }
const byScram: Asked = { ...asked, mechanism: 'SCRAM-SHA-1', scram: first }
const byCard: Asked = { ...asked, mechanism: 'EXTERNAL' }
const shown = { salt: 'QUJD', iterations: 4096, more: 'def', rest: '' }

const PATIENCE_MS = 15_000

/** A log-in that the gate has admitted and the core has heard of; what the gate is told, and the relay. */
function begun(by: Asked = asked, delayMs = 0) {
  const clock = { now: 0 }
  const told: string[] = []
  const fed: RelayEvent['kind'][] = []
  const gate: LoginGate = {
    ...SHUT,
    claimed: () => ({ admitted: true }),
    failed: () => (told.push('failed'), { delayMs: 0 }),
    challenged: () => delayMs,
    abandoned: (_, guessed) => void told.push(guessed ? 'guessed' : 'nothing'),
  }
  const session = { id: 's1', since: 0, transport: { facts }, end: (reason: string) => void told.push(reason) }
  const logIn = new LogIn({
    session,
    gate: () => gate,
    failed() {},
    now: () => clock.now,
    patienceMs: () => PATIENCE_MS,
    feed: ({ kind }) => void fed.push(kind),
  })
  logIn.claimed('corp.example', by)
  assert.deepEqual(fed, ['admitted'])
  logIn.heard()
  return { logIn, told, fed, clock }
}

const ENDS: readonly [condition: SaslCondition, challenged: boolean, told: string][] = [
  ['not-authorized', false, 'failed'],
  ['temporary-auth-failure', false, 'nothing'],
  ['not-authorized', true, 'failed'],
  ['aborted', true, 'failed'],
]

for (const [condition, challenged, expected] of ENDS) {
  test(`it fails with ${condition}, ${challenged ? 'after a' : 'without a'} challenge: ${expected}`, () => {
    const { logIn, told } = begun(challenged ? byScram : asked)
    logIn.failed({ kind: 'failed', condition, challenged, reason: 'SP-808', detail: '' })
    logIn.abandoned({ reason: 'SP-816', condition: undefined })
    assert.deepEqual(told, [expected], 'told once')
  })
}

const LEFT: readonly [about: string, by: Asked, challenged: boolean, told: string][] = [
  ['with a password', asked, false, 'guessed'],
  ['with SCRAM, before the challenge', byScram, false, 'nothing'],
  ['with SCRAM, after it', byScram, true, 'guessed'],
  ['with a certificate', byCard, false, 'nothing'],
]

for (const [about, by, challenged, expected] of LEFT) {
  test(`who leaves before the answer, ${about}: ${expected}`, () => {
    const { logIn, told } = begun(by)
    if (challenged) logIn.challenged({ kind: 'challenged', shown })
    logIn.abandoned({ reason: 'SP-816', condition: undefined })
    assert.deepEqual(told, [expected])
  })
}

const ENDED: readonly [about: string, end: Parameters<LogIn['abandoned']>[0], told: string][] = [
  ['is lost', { reason: 'SP-806', condition: 'remote-connection-failed' }, 'nothing'],
  ['says what none says', { reason: 'SP-807', condition: 'remote-connection-failed' }, 'nothing'],
  ['does not answer', { reason: 'SP-870', condition: 'remote-connection-failed' }, 'nothing'],
  ['closes, or has an error of its own', { reason: 'SP-805', condition: 'remote-connection-failed' }, 'nothing'],
  ['is shut down', { reason: 'SP-805', condition: 'system-shutdown' }, 'nothing'],
  ['has too much to do', { reason: 'SP-805', condition: 'resource-constraint' }, 'nothing'],
  ['will have no more of it', { reason: 'SP-805', condition: 'policy-violation' }, 'guessed'],
  ['says no in its own way', { reason: 'SP-805', condition: 'not-authorized' }, 'guessed'],
  ['has waited long enough', { reason: 'SP-805', condition: 'connection-timeout' }, 'guessed'],
  ['does not say why', { reason: 'SP-805', condition: 'undefined-condition' }, 'guessed'],
]

for (const [about, end, expected] of ENDED) {
  test(`a log-in that ends because the core ${about}: ${expected}`, () => {
    for (const by of [asked, byScram]) {
      const { logIn, told, clock } = begun(by)
      if (by === byScram) logIn.challenged({ kind: 'challenged', shown })
      clock.now = PATIENCE_MS
      logIn.abandoned(end)
      assert.deepEqual(told, [expected])
    }
  })
}

test('who speaks so late that the core cannot answer in time has guessed', () => {
  const { logIn, told, clock } = begun()
  clock.now = PATIENCE_MS - 1
  logIn.abandoned({ reason: 'SP-870', condition: 'remote-connection-failed' })
  assert.deepEqual(told, ['guessed'])
})

test('a challenge is shown at once where the gate does not have it wait, and never once the session is over', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const atOnce = begun(byScram)
  atOnce.logIn.challenged({ kind: 'challenged', shown })
  assert.deepEqual(atOnce.fed, ['admitted', 'show'])
  const later = begun(byScram, 40)
  later.logIn.challenged({ kind: 'challenged', shown })
  t.mock.timers.tick(39)
  assert.deepEqual(later.fed, ['admitted'])
  t.mock.timers.tick(1)
  assert.deepEqual(later.fed, ['admitted', 'show'])
  const gone = begun(byScram, 40)
  gone.logIn.challenged({ kind: 'challenged', shown })
  gone.logIn.abandoned({ reason: 'SP-816', condition: undefined })
  t.mock.timers.tick(100)
  assert.deepEqual(gone.fed, ['admitted'])
})
