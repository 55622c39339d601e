import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  isSaslCondition,
  isStanzaCondition,
  isStreamCondition,
  SASL_CONDITIONS,
  STANZA_CONDITIONS,
  STREAM_CONDITIONS,
} from '../../../src/xmpp/conditions.ts'

test('RFC 6120 defines 22 stanza, 25 stream and 11 SASL conditions, in order of their names', async (t) => {
  const table = [
    ['stanza', STANZA_CONDITIONS, 22, '8.3.3.'],
    ['stream', STREAM_CONDITIONS, 25, '4.9.3.'],
    ['SASL', SASL_CONDITIONS, 11, '6.5.'],
  ] as const
  for (const [name, conditions, count, chapter] of table) {
    await t.test(name, () => {
      const names = Object.keys(conditions)
      assert.equal(names.length, count)
      assert.deepEqual(names, names.toSorted())
      // The RFC numbers them in that order as well.
      assert.deepEqual(
        Object.values(conditions).map((c) => c.section),
        names.map((_, i) => `${chapter}${i + 1}`),
      )
    })
  }
})

test('a name that is no condition is not taken for one', () => {
  for (const is of [isStanzaCondition, isStreamCondition, isSaslCondition]) {
    for (const name of ['', 'text', 'toString', '__proto__', 'NOT-AUTHORIZED']) assert.equal(is(name), false)
    assert.equal(is('not-authorized'), true)
  }
})
