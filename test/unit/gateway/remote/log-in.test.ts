// What the gate is told of a log-in, by how it ends: a guess counts, and what the core could not judge does not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SHUT, type LoginGate } from '../../../../src/gateway/remote/gate.ts'
import { LogIn } from '../../../../src/gateway/remote/log-in.ts'
import type { ClientFacts } from '../../../../src/net/client/transport.ts'
import type { RelayEvent } from '../../../../src/stream/client/relay-types.ts'
import type { SaslCondition } from '../../../../src/xmpp/conditions.ts'

const TLS = { start: 'direct', version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', group: undefined } as const
const facts: ClientFacts = {
  ...{ remoteAddress: '192.0.2.1', listener: 'remote', transport: 'tcp', tls: TLS, chain: [], requested: undefined },
}
const bytes = Buffer.from('')
const asked = { form: 'sasl', mechanism: 'PLAIN', user: 'anna@corp.example', bytes, message: bytes } as const

/** A log-in that the gate has admitted and the core has heard of; what the gate is told, and the relay. */
function begun() {
  const told: string[] = []
  const fed: RelayEvent['kind'][] = []
  const gate: LoginGate = {
    ...SHUT,
    claimed: () => ({ admitted: true }),
    failed: () => (told.push('failed'), { delayMs: 0 }),
    abandoned: (_, heard) => void told.push(heard ? 'guessed' : 'nothing'),
  }
  const session = { id: 's1', since: 0, transport: { facts }, end: (reason: string) => void told.push(reason) }
  const logIn = new LogIn({
    session,
    gate: () => gate,
    failed() {},
    now: () => 0,
    feed: ({ kind }) => void fed.push(kind),
  })
  logIn.claimed('corp.example', asked)
  assert.deepEqual(fed, ['admitted'])
  logIn.heard()
  return { logIn, told }
}

const ENDS: readonly [condition: SaslCondition, told: string][] = [
  ['not-authorized', 'failed'],
  ['aborted', 'guessed'],
  ['temporary-auth-failure', 'nothing'],
  ['malformed-request', 'nothing'],
]

for (const [condition, expected] of ENDS) {
  test(`the core says ${condition}: ${expected}`, () => {
    const { logIn, told } = begun()
    logIn.failed({ kind: 'failed', condition, challenged: false, reason: 'SP-808', detail: '' })
    logIn.abandoned(false)
    assert.deepEqual(told, [expected], 'told once')
  })
}

test('who leaves before the answer has guessed, unless it was the core that was lost', () => {
  for (const [coreLost, expected] of [
    [false, 'guessed'],
    [true, 'nothing'],
  ] as const) {
    const { logIn, told } = begun()
    logIn.abandoned(coreLost)
    assert.deepEqual(told, [expected])
  }
})
