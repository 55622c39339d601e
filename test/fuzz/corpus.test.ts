// The scanner against the oracle on the streams that are kept, and from every state they lead to on every kind of byte. What
// the scanner can do is reached that way, all of it; this says what is not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { corpus, hostile, transcripts } from './corpus.ts'
import { groups } from './expected.ts'
import { judge } from './judge.ts'
import { LIMITS } from './limits.ts'
import { seeded } from './random.ts'
import { BYTES_OF_EVERY_KIND, faultNamed, reach, Tally } from './reach.ts'
import type { Case } from './reading.ts'

const random = seeded(1)
const tally = new Tally()
const places = new Map<string, Case>()

function hold(stream: Case): void {
  const { fault } = judge(stream, random)
  if (fault !== undefined) tally.add(faultNamed(fault))
  const reached = reach(stream.bytes, LIMITS[stream.limits])
  for (const what of reached.reached) if (!what.startsWith('fault:')) tally.add(what)
  for (const [place, length] of reached.places) {
    const known = places.get(place)
    if (known === undefined || known.bytes.length > length) {
      places.set(place, { bytes: stream.bytes.subarray(0, length), limits: stream.limits })
    }
  }
}

for (const [what, streams] of [
  ['what once told a difference or was new', corpus()],
  ['what hostile peers send', hostile()],
  ['what real peers said', transcripts()],
] as const) {
  test(`scanner and oracle agree on ${what}`, () => {
    assert.ok(streams.length > 0)
    for (const stream of streams) {
      try {
        hold(stream)
      } catch (error) {
        throw new Error(stream.name, { cause: error })
      }
    }
  })
}

test('scanner and oracle agree on every kind of byte in every state', () => {
  const before = [...places.entries()]
  assert.ok(before.length > 60, `only ${before.length} places are known`)
  for (const [place, { bytes, limits }] of before) {
    for (const byte of BYTES_OF_EVERY_KIND) {
      try {
        hold({ bytes: Buffer.concat([bytes, Buffer.from([byte])]), limits })
      } catch (error) {
        throw new Error(`${place}, ${byte} after ${JSON.stringify(bytes.toString('latin1'))}`, { cause: error })
      }
    }
  }
})

test('every kind of fault, every state and every cell of the scanner is reached', (t) => {
  const those = new Map([...groups()].filter(([kind]) => /fault|state/.test(kind)))
  assert.equal(those.size, 3)
  t.diagnostic(tally.table(those))
  for (const [kind, expected] of those)
    assert.deepEqual(tally.missing(expected), [], `no longer reached of the ${kind}`)
})
