// SCRAM as our clients speak it: both sides prove that they know the password, and who cannot have heard our first word is not
// answered. RFC 5802

import assert from 'node:assert/strict'
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { test } from 'node:test'
import { ScramClient, ScramServer, strongest } from '../../../src/lab/scram.ts'

const nonceOf = ({ first }: ScramClient): string => first.replace(/^.*,r=/, '')
const SALT = Buffer.from('salt of the earth')

test('client and server prove to each other that they know the password, and nothing else does', () => {
  for (const [given, fits] of [
    ['sesame', true],
    ['Sesame', false],
  ] as const) {
    const server = new ScramServer((user) => (user === 'alice' ? 'sesame' : undefined))
    const client = new ScramClient('alice', given)
    const proof = client.final(server.challenge(client.first) ?? '')
    const word = server.finish(proof ?? '')
    assert.equal(word !== undefined, fits)
    assert.equal(client.believes(word ?? 'v=AAAA'), fits)
  }
})

test('each mechanism computes by its own hash', () => {
  for (const [name, hash, octets] of [
    ['SCRAM-SHA-1', 'sha1', 20],
    ['SCRAM-SHA-256', 'sha256', 32],
    ['SCRAM-SHA-512', 'sha512', 64],
  ] as const) {
    const client = new ScramClient('a=b,c', 'sesame', name)
    assert.match(client.first, /^n,,n=a=3Db=2Cc,r=/)
    const challenge = `r=${nonceOf(client)}more,s=${SALT.toString('base64')},i=4096`
    const [words, proof] = (client.final(challenge) ?? '').split(',p=')
    // By the words of the RFC: ClientProof XOR ClientSignature is the ClientKey, whose hash the server has kept.
    const salted = pbkdf2Sync('sesame', SALT, 4096, octets, hash)
    const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest()
    const stored = createHash(hash).update(hmac(salted, 'Client Key')).digest()
    const said = `${client.first.slice(3)},${challenge},${words}`
    const signature = hmac(stored, said)
    const key = Buffer.from(Buffer.from(proof ?? '', 'base64').map((byte, at) => byte ^ signature[at]!))
    assert.deepEqual(createHash(hash).update(key).digest(), stored, name)
    assert.ok(client.believes(`v=${hmac(hmac(salted, 'Server Key'), said).toString('base64')}`), name)
    assert.ok(!client.believes(`v=${hmac(salted, said).toString('base64')}`), name)
  }
})

test('a challenge that is not for our first word, or would take for ever, is not answered', () => {
  const salt = SALT.toString('base64')
  for (const make of [
    (nonce: string) => `r=${nonce},s=${salt},i=4096`,
    (nonce: string) => `r=other${nonce},s=${salt},i=4096`,
    (nonce: string) => `r=${nonce}more,s=,i=4096`,
    (nonce: string) => `r=${nonce}more,s=${salt},i=0`,
    (nonce: string) => `r=${nonce}more,s=${salt},i=1000000000`,
    (nonce: string) => `r=${nonce}more,s=${salt},i=many`,
  ]) {
    const client = new ScramClient('alice', 'sesame')
    assert.equal(client.final(make(nonceOf(client))), undefined, make('NONCE'))
  }
})

test('the strongest mechanism that is offered is taken', () => {
  assert.equal(strongest(['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256']), 'SCRAM-SHA-256')
  assert.equal(strongest(['SCRAM-SHA-1', 'SCRAM-SHA-1-PLUS']), 'SCRAM-SHA-1')
  assert.equal(strongest(['PLAIN']), undefined)
})
