// What a remote user's stanza has to be, rule by rule.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeRemote, type RemoteFacts } from '../../../../src/policy/remote/rules.ts'

const facts: RemoteFacts = {
  kind: 'message',
  type: 'chat',
  hasId: true,
  from: undefined,
  to: 'bob@partner.example',
  user: 'alice@corp.example',
  address: 'alice@corp.example/phone',
}

const TABLE: readonly (readonly [about: string, more: Partial<RemoteFacts>, rule?: string, reason?: string])[] = [
  ['from nobody', {}],
  ['from the full address', { from: 'alice@corp.example/phone' }],
  ['from the bare address', { from: 'alice@corp.example' }],
  ['from the address in another spelling', { from: 'ALICE@Corp.Example/phone' }],
  ['to nobody', { to: undefined }],
  ['a question', { kind: 'iq', type: 'get' }],
  ['presence without a type', { kind: 'presence', type: undefined }],
  ['a message of a type nobody knows', { type: 'new' }],
  ['from somebody else', { from: 'boss@corp.example' }, 'own-sender', 'SP-819'],
  ['from another resource', { from: 'alice@corp.example/desk' }, 'own-sender', 'SP-819'],
  ['from the domain', { from: 'corp.example' }, 'own-sender', 'SP-819'],
  ['from what is no address', { from: '@' }, 'own-sender', 'SP-819'],
  ['to what is no address', { to: 'bob@' }, 'good-address', 'SP-820'],
  ['an iq of a type that is none', { kind: 'iq', type: 'ask' }, 'known-form', 'SP-821'],
  ['an iq without a type', { kind: 'iq', type: undefined }, 'known-form', 'SP-821'],
  ['an iq without an id', { kind: 'iq', type: 'get', hasId: false }, 'known-form', 'SP-821'],
  ['presence of a type that is none', { kind: 'presence', type: 'here' }, 'known-form', 'SP-821'],
  ['a probe, which servers send', { kind: 'presence', type: 'probe' }, 'known-form', 'SP-821'],
]

for (const [about, more, rule, reason] of TABLE) {
  test(`a remote user's stanza: ${about}`, () => {
    const refusal = judgeRemote({ ...facts, ...more })
    assert.deepEqual([refusal?.rule, refusal?.reason], [rule, reason])
  })
}
