// The words of SCRAM that a gateway reads and says.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  isScramProof,
  readScramChallenge,
  readScramFirst,
  scramChallenge,
} from '../../../../src/stream/client/scram.ts'

// RFC 5802 §5, RFC 7677 §3.
const CHALLENGES: readonly [
  message: string,
  nonce: string,
  salt?: string,
  iterations?: number,
  more?: string,
  rest?: string,
][] = [
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
  ['r=abcd,s=QSXCR+Q6sek8bf92,i=10000,x=more', 'abc', 'QSXCR+Q6sek8bf92', 10_000, 'd', ',x=more'],
  ['r=other,s=QSXCR+Q6sek8bf92,i=4096', 'abc'],
  ['r=abcd,s=QSXCR+Q6sek8bf92,i=0', 'abc'],
  ['r=abcd,s=***,i=4096', 'abc'],
  ['e=other-error', 'abc'],
  ['', 'abc'],
]

for (const [message, nonce, salt, iterations, more, rest = ''] of CHALLENGES) {
  test(`a challenge: ${message}`, () => {
    const expected = salt === undefined ? undefined : { salt, iterations, more, rest }
    assert.deepEqual(readScramChallenge(Buffer.from(message), nonce), expected)
  })
}

const FIRST: readonly [message: string, user?: string, nonce?: string, header?: string][] = [
  ['n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL', 'user', 'fyko+d2lbbFgONRv9qkxdawL', 'n,,'],
  ['y,,n=user,r=rOprNGfwEbeRWgbNEkqO', 'user', 'rOprNGfwEbeRWgbNEkqO', 'y,,'],
  ['n,a=user@corp.example,n=us=2Cer,r=abc,x=more', 'us,er', 'abc', 'n,a=user@corp.example,'],
  ['n,,n=a=3D2C,r=abc', 'a=2C', 'abc', 'n,,'],
  ['p=tls-unique,,n=user,r=abc'],
  ['n,,n=user'],
  ['n,,n=,r=abc'],
  ['n,,n=us=er,r=abc'],
  ['n,,n=user,r='],
  ['n,,n=user,r=a\nb'],
  ['n,,n=user,r=\u00e9'],
  ['n,,n=user,r=abc,more'],
  ['n,,m=x,n=user,r=abc'],
  ['n,,n=xn=3Dboss,r=abc'],
]

for (const [message, user, nonce, header] of FIRST) {
  test(`a first message: ${JSON.stringify(message)}`, () => {
    const read = readScramFirst(message)
    assert.deepEqual([read?.user, read?.nonce, read?.header], [user, nonce, header])
  })
}

// RFC 5802 §5, RFC 7677 §3; and what is none.
const SHA1 = 'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts='
const SHA256 =
  'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ='
const ONE = 'fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j'
const PROOFS: readonly [message: string, mechanism: string, nonce: string, is: boolean][] = [
  [SHA1, 'SCRAM-SHA-1', ONE, true],
  [SHA256, 'SCRAM-SHA-256', 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0', true],
  [SHA1.replace(',p=', ',x=more,p='), 'SCRAM-SHA-1', ONE, true],
  [SHA1, 'SCRAM-SHA-256', ONE, false],
  [SHA1, 'SCRAM-SHA-1', `${ONE}x`, false],
  [SHA1.replace('biws', 'eSws'), 'SCRAM-SHA-1', ONE, false],
  [SHA1.replace('c=biws,', ''), 'SCRAM-SHA-1', ONE, false],
  [`${SHA1},x=more`, 'SCRAM-SHA-1', ONE, false],
  ['rubbish', 'SCRAM-SHA-1', ONE, false],
  ['', 'SCRAM-SHA-1', ONE, false],
]

for (const [message, mechanism, nonce, is] of PROOFS) {
  test(`${message} is ${is ? 'a' : 'no'} proof of ${mechanism}`, () => {
    const first = readScramFirst('n,,n=user,r=abc')
    assert.ok(first)
    assert.equal(isScramProof(Buffer.from(message), mechanism, first, nonce), is)
  })
}

test('a challenge of ours reads as one', () => {
  const challenge = { salt: 'QSXCR+Q6sek8bf92', iterations: 4096, more: 'def', rest: ',x=y' }
  const said = scramChallenge('abc', challenge)
  assert.match(said.toString(), /^r=abcdef,/)
  assert.deepEqual(readScramChallenge(said, 'abc'), challenge)
})
