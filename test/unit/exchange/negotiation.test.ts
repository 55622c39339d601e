// Every combination of the three settings by which Skype for Business has an XMPP partner prove itself.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { floorOf } from '../../../src/exchange/negotiation.ts'

const [R, O, N] = ['Required', 'Optional', 'NotSupported'] as const
const [T, F] = ['True', 'False'] as const

test('the floor is the weakest way that is left and goes over TLS; what had no such way gets none', () => {
  for (const [tls, sasl, dialback, floor, isTold] of [
    [R, R, T, 'certificate', false], // Dialback has no effect there.
    [R, R, F, 'certificate', false],
    [R, O, T, 'dialback-over-tls', false],
    [R, O, F, 'certificate', false],
    [R, N, T, 'dialback-over-tls', false],
    [R, N, F, undefined, false],
    [O, R, T, 'dialback-over-tls', true],
    [O, R, F, 'certificate', true],
    [O, O, T, 'dialback-over-tls', true],
    [O, O, F, 'certificate', true],
    [O, N, T, 'dialback-over-tls', true],
    [O, N, F, undefined, false],
    [N, R, T, undefined, false],
    [N, R, F, undefined, false],
    [N, O, T, undefined, false],
    [N, O, F, undefined, false],
    [N, N, T, undefined, false],
    [N, N, F, undefined, false],
  ] as const) {
    const read = floorOf({ TlsNegotiation: tls, SaslNegotiation: sasl, SupportDialbackNegotiation: dialback })
    assert.equal(read.authentication, floor, `${tls} ${sasl} ${dialback}`)
    assert.equal('note' in read, isTold)
    if (floor === undefined) assert.ok('left' in read && read.left !== undefined)
  }
})

test('what is none of the words is a mistake', () => {
  for (const odd of [
    { TlsNegotiation: 1 },
    { TlsNegotiation: 'required' },
    { SupportDialbackNegotiation: 1 },
    { SaslNegotiation: '' },
  ]) {
    const read = floorOf({ TlsNegotiation: R, SaslNegotiation: R, SupportDialbackNegotiation: false, ...odd })
    assert.ok('fault' in read && read.fault !== undefined)
  }
})
