import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe, test } from 'node:test'
import { AFTER_AUTHENTICATION, BEFORE_AUTHENTICATION } from '../../../src/xml/limits.ts'
import { isStreamCondition } from '../../../src/xmpp/conditions.ts'
import { HOSTILE_STANZA_BYTES, hostileCases } from '../../support/hostile.ts'
import { endOf, eventsEveryWay, HEADER } from './feed.ts'

const cases = hostileCases()

test('every hostile file has an expectation, and every expectation its file', () => {
  const files = readdirSync(new URL('../../cases/hostile/', import.meta.url)).filter((file) => file.endsWith('.xml'))
  assert.deepEqual(new Set(files), new Set(cases.map(({ name }) => `${name}.xml`)))
  assert.ok(files.length >= 60)
  for (const { name, condition } of cases) {
    assert.ok(condition === 'close' || /^(sasl|stanza):/.test(condition) || isStreamCondition(condition), name)
  }
})

describe('the scanner ends with its condition, or finds nothing wrong,', () => {
  for (const { name, phase, condition, by, bytes } of cases) {
    test(name, () => {
      const ready = phase === 'ready'
      const limits = ready ? { ...AFTER_AUTHENTICATION, stanzaBytes: HOSTILE_STANZA_BYTES } : BEFORE_AUTHENTICATION
      const events = eventsEveryWay(Buffer.concat([Buffer.from(ready ? HEADER : ''), bytes]), limits)
      // A stream reads nothing in plaintext after it.
      const starttls = events.findIndex((event) => event.kind === 'frame' && event.frame.name === 'starttls')
      const end = endOf(starttls < 0 || ready ? events : events.slice(0, starttls + 1))
      if (by === 'scanner') assert.equal(end, condition)
      else assert.ok(end === 'open' || end === 'footer', `the scanner ends with ${end}`)
    })
  }
})
