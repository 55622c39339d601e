// The words of SCRAM that a gateway reads and says.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readScramChallenge, scramChallenge, scramNonce } from '../../../../src/stream/client/scram.ts'

// RFC 5802 §5, RFC 7677 §3.
const CHALLENGES: readonly [message: string, nonce: string, salt?: string, iterations?: number, more?: string][] = [
  [
    'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
    'fyko+d2lbbFgONRv9qkxdawL',
    'QSXCR+Q6sek8bf92',
    4096,
    '3rfcNHYJY1ZVvWVs7j',
  ],
  [
    'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    'rOprNGfwEbeRWgbNEkqO',
    'W22ZaJ0SNY7soEsUEjb6gQ==',
    4096,
    '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
  ],
  ['r=abcd,s=QSXCR+Q6sek8bf92,i=10000,x=more', 'abc', 'QSXCR+Q6sek8bf92', 10_000, 'd'],
  ['r=other,s=QSXCR+Q6sek8bf92,i=4096', 'abc'],
  ['r=abcd,s=QSXCR+Q6sek8bf92,i=0', 'abc'],
  ['r=abcd,s=***,i=4096', 'abc'],
  ['e=other-error', 'abc'],
  ['', 'abc'],
]

for (const [message, nonce, salt, iterations, more] of CHALLENGES) {
  test(`a challenge: ${message}`, () => {
    const expected = salt === undefined ? undefined : { salt, iterations, more }
    assert.deepEqual(readScramChallenge(Buffer.from(message), nonce), expected)
  })
}

const FIRST: readonly [string, string | undefined][] = [
  ['n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL', 'fyko+d2lbbFgONRv9qkxdawL'],
  ['y,,n=user,r=rOprNGfwEbeRWgbNEkqO', 'rOprNGfwEbeRWgbNEkqO'],
  ['n,a=user@corp.example,n=us=2Cer,r=abc,x=more', 'abc'],
  ['p=tls-unique,,n=user,r=abc', undefined],
  ['n,,n=user', undefined],
  ['n,,n=user,r=a\nb', undefined],
]

for (const [message, nonce] of FIRST) {
  test(`the nonce of ${JSON.stringify(message)} is ${nonce}`, () =>
    assert.equal(scramNonce(Buffer.from(message)), nonce))
}

test('a challenge of ours reads as one', () => {
  const challenge = { salt: 'QSXCR+Q6sek8bf92', iterations: 4096, more: 'def' }
  const said = scramChallenge('abc', challenge)
  assert.match(said, /^r=abcdef,/)
  assert.deepEqual(readScramChallenge(Buffer.from(said), 'abc'), challenge)
})
