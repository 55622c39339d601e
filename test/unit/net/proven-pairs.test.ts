import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { ProvenPairs } from '../../../src/net/proven-pairs.ts'
import type { Pair } from '../../../src/stream/types.ts'

const pair = (local: string, remote: string): Pair => ({ local, remote })
const first = pair('us.test', 'peer.test')

test('a name that a certificate proves may speak to every domain of our side', () => {
  const pairs = new ProvenPairs({ pair: first, method: 'certificate', certificate: undefined })
  for (const local of ['us.test', 'rooms.us.test', undefined]) deepEqual(pairs.towards(local), ['peer.test'])
})

test('a name that dialback proves may speak to the domain it was proven to, and to no other', () => {
  const pairs = new ProvenPairs({ pair: first, method: 'dialback', certificate: undefined })
  deepEqual(pairs.towards('us.test'), ['peer.test'])
  deepEqual(pairs.towards('rooms.us.test'), [])
  deepEqual(pairs.towards(undefined), [])
})
