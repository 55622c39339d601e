// Names decorated by XEP-0106: each is one person's, and each person has one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseAddress, prepareLocal } from '../../../src/xmpp/address.ts'
import { decorate, undecorate } from '../../../src/xmpp/jid-escaping.ts'

/** Of which escapes are made, and some others. */
const CHARACTERS = ['\\', '2', '0', '7', 'f', '3', 'a', 'c', 'e', '4', '5', 'b', 'Z', 'é']
const NAME = fc.array(fc.constantFrom(...CHARACTERS), { minLength: 1, maxLength: 30 }).map((chars) => chars.join(''))

/** Localpart and domain of a person, and the localpart by which they are known elsewhere. */
const DECORATED = [
  ['anna', 'example.org', 'anna\\40example.org'],
  ['space\\20cadet', 'example.org', 'space\\20cadet\\40example.org'],
  ['anna\\40inner.example', 'example.org', 'anna\\40inner.example\\40example.org'],
  ['anna\\', 'example.org', 'anna\\\\40example.org'],
  ['anna', 'xn--mnchen-3ya.example', 'anna\\40münchen.example'],
] as const

test('a decorated name is that of one person', () => {
  for (const [local, domain, name] of DECORATED) {
    assert.equal(decorate(local, domain), name)
    assert.deepEqual(undecorate(name), { local, domain, isExact: true })
  }
  for (const name of ['anna', '\\40example.org', 'anna\\40', 'anna\\40-.example', 'anna\\40a_b', 'anna%example.org'])
    assert.equal(undecorate(name), undefined, name)
  assert.equal(decorate('x'.repeat(1020), 'example.org'), undefined, 'too long for a localpart')
})

test('whatever somebody is called, their decorated name is an address, leads back to them, and is no other’s', () => {
  let reached = 0
  const person = fc.tuple(NAME, fc.constantFrom('example.org', 'a.example', 'xn--mnchen-3ya.example'))
  fc.assert(
    fc.property(person, person, (one, other) => {
      const [first, second] = [one, other].map(([name, domain]) => {
        const local = prepareLocal(name)
        if (local === undefined) return undefined
        const decorated = decorate(local, domain)
        assert.ok(decorated !== undefined)
        assert.equal(parseAddress(`${decorated}@gw.example/r`)?.local, decorated)
        assert.deepEqual(undecorate(decorated), { local, domain, isExact: true })
        return { who: `${local}@${domain}`, decorated }
      })
      if (first === undefined || second === undefined) return
      reached += 1
      assert.equal(first.who === second.who, first.decorated === second.decorated)
    }),
    { numRuns: 1000 },
  )
  assert.ok(reached > 500, `${reached}`)
})
