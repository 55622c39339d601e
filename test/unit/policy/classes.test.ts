import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BUILT_IN_CLASSES } from '../../../src/config/partner-values.ts'
import { CLASSES, classTerms } from '../../../src/policy/classes.ts'

test('a class is built in for the configuration as it is for the rules', () => {
  assert.deepEqual([...CLASSES.keys()], BUILT_IN_CLASSES)
})

test('the public classes see no notes, and of the unverified nobody begins', () => {
  const terms = ['federated', 'public-verified', 'public-unverified'].map((name) => classTerms(name))
  assert.deepEqual(
    terms.map(({ mayBegin, seesNotes }) => [mayBegin, seesNotes]),
    [
      [true, true],
      [true, false],
      [false, false],
    ],
  )
})

test('a class of one’s own, and who has no entry, stand as federated partners do', () => {
  assert.equal(classTerms('coalition'), classTerms('federated'))
  assert.equal(classTerms(undefined), classTerms('federated'))
})
