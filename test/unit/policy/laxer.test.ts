import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPartner } from '../../../src/config/readings.ts'
import { laxerTerms } from '../../../src/policy/laxer.ts'

const PIN = 'sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
const OTHER = 'sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='

function partner(terms: string) {
  const text = `domain: a.example\nstatus: allowed\n${terms}`
  const { partner: read, findings } = readPartner(text, { file: 'a.example.yaml', root: '/srv' })
  assert.ok(read, JSON.stringify(findings))
  return read
}

test('a term that asks for less is named, one that asks for as much or more is not', () => {
  for (const [before, after, laxer, back] of [
    ['', '', [], []],
    ['', 'authentication: dialback-over-tls', ['authentication'], []],
    ['revocation: hard', 'revocation: soft', ['revocation'], []],
    ['revocation: soft', '', ['revocation'], []],
    ['profile: dod', 'profile: nato', ['profile'], []],
    ['certificateChange: hold', 'certificateChange: hold-unusual', ['certificateChange'], []],
    ['extendedKeyUsage: both', '', ['extendedKeyUsage'], []],
    [`pins: ['${PIN}']`, '', ['pins'], []],
    [`pins: ['${PIN}']`, `pins: ['${PIN}', '${OTHER}']`, ['pins'], []],
    [`pins: ['${PIN}']`, `pins: ['${OTHER}']`, ['pins'], ['pins']],
    ['anchors: [certs/a.pem]', '', ['anchors'], []],
    ['certificatePolicies: [1.2.3]', 'certificatePolicies: [1.2.3, 1.2.4]', ['certificatePolicies'], []],
    ['', 'provider: xmpp.hosting.example', ['provider'], []],
    ['provider: a.hosting.example', 'provider: b.hosting.example', ['provider'], ['provider']],
    ['', 'decorates: [example.org]', ['decorates'], []],
    ['decorates: [a.example.org]', 'decorates: [b.example.org]', ['decorates'], ['decorates']],
    ['owner: anna', 'owner: ben', [], []],
  ] as const) {
    assert.deepEqual(laxerTerms(partner(before), partner(after)), laxer, `${before} → ${after}`)
    assert.deepEqual(laxerTerms(partner(after), partner(before)), back, `${after} → ${before}`)
  }
})
