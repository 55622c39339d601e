// The scanner against the oracle (`judge.ts`), over streams from the grammar and mutations of them. `npm run fuzz` goes on
// from here for as long as one likes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groups } from './expected.ts'
import { Explorer } from './explore.ts'

const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 6_000)
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)

test(`the scanner and the oracle agree on every stream and every mutation (seed ${SEED})`, (t) => {
  const explorer = new Explorer(SEED)
  for (let round = 0; round < ROUNDS; round++) {
    const { stream, difference } = explorer.next()
    if (difference === undefined) continue
    const least = explorer.leastDifferent(stream, difference)
    throw new Error(`round ${round}, ${stream.limits}: ${JSON.stringify(least.bytes.toString('latin1'))}`, {
      cause: difference,
    })
  }
  const { tally } = explorer
  t.diagnostic(tally.table(groups()))
  const floors = {
    footer: 0.05,
    'not-well-formed': 0.1,
    'bad-namespace-prefix': 0.01,
    'unsupported-encoding': 0.02,
    'restricted-xml': 0.01,
    'bad-format': 0.005,
    'invalid-namespace': 0.005,
    'policy-violation': 0.02,
    unfinished: 0.02,
    'restarted: bad-format': 0.001,
    'trailing: footer': 0.001,
  }
  for (const [way, floor] of Object.entries(floors)) {
    const count = tally.of(`way:${way}`)
    assert.ok(count >= ROUNDS * floor, `${way} was reached only ${count} times`)
  }
  for (const kind of ['productions of the grammar', 'mutations']) {
    assert.deepEqual(tally.missing(groups().get(kind)!), [], `no longer reached of the ${kind}`)
  }
})
