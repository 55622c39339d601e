import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suggest } from '../../../src/config/suggest.ts'

const known = ['listen', 'limits', 'certificate', 'key', 'conceal', 'dns']

for (const [word, near] of [
  ['lsten', 'listen'],
  ['lisetn', 'listen'],
  ['LISTEN', 'listen'],
  ['limit', 'limits'],
  ['cert', 'certificate'],
  ['certifcate', 'certificate'],
  ['ky', 'key'],
  ['dsn', 'dns'],
  ['x', undefined],
  ['', undefined],
  ['logging', undefined],
  ['x'.repeat(100_000), undefined],
] as const) {
  test(`${word.slice(0, 12)} is near to ${near ?? 'nothing'}`, () => assert.equal(suggest(word, known), near))
}
