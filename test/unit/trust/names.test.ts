import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findName, nameText } from '../../../src/trust/names.ts'
import { ipBytes } from '../../../src/trust/general-name.ts'
import { generalName } from '../../support/pki.ts'

const MATRIX: readonly (readonly [name: string, domain: string, proves: boolean, why: string])[] = [
  ['DNS:partner.test', 'partner.test', true, 'DNS-ID'],
  ['DNS:Partner.TEST', 'partner.test', true, 'case does not matter'],
  ['DNS:partner.test', 'other.test', false, 'another domain'],
  ['DNS:partner.test', 'im.partner.test', false, 'a domain does not prove names below it'],
  ['DNS:im.partner.test', 'partner.test', false, 'nor those above it'],
  ['DNS:xpartner.test', 'partner.test', false, 'nor those it ends in'],
  ['DNS:partner.test.evil.test', 'partner.test', false, 'nor those it begins with'],
  ['DNS:partner.test.', 'partner.test', false, 'a trailing dot is no DNS-ID'],
  ['DNS:*.partner.test', 'im.partner.test', true, 'a wildcard is one label'],
  ['DNS:*.partner.test', 'partner.test', false, 'and not none'],
  ['DNS:*.partner.test', 'a.im.partner.test', false, 'and not two'],
  ['DNS:*.test', 'partner.test', false, 'a wildcard below a top-level name is nobody’s'],
  ['DNS:*', 'partner.test', false, 'nor is a bare one'],
  ['DNS:*.', 'partner.test', false, 'nor is one of nothing'],
  ['DNS:im.*.test', 'im.partner.test', false, 'the left-most label only'],
  ['DNS:i*.partner.test', 'im.partner.test', false, 'a whole label only'],
  ['DNS:*m.partner.test', 'im.partner.test', false, 'a whole label only'],
  ['DNS:xn--*.partner.test', 'xn--im.partner.test', false, 'a whole label only'],
  ['DNS:xn--bcher-kva.test', 'xn--bcher-kva.test', true, 'A-labels'],
  ['DNS:bücher.test', 'xn--bcher-kva.test', false, 'a U-label is no DNS-ID'],
  ['SRV:_xmpp-server.partner.test', 'partner.test', true, 'SRV-ID'],
  ['SRV:_XMPP-Server.Partner.test', 'partner.test', true, 'case does not matter'],
  ['SRV:_xmpp-client.partner.test', 'partner.test', false, 'for another service'],
  ['SRV:partner.test', 'partner.test', false, 'without a service'],
  ['SRV:_xmpp-server.*.partner.test', 'im.partner.test', false, 'no wildcards in SRV-ID'],
  ['SRV:_xmpp-server.other.test', 'partner.test', false, 'another domain'],
  ['XMPP:partner.test', 'partner.test', true, 'XmppAddr'],
  ['XMPP:Partner.test', 'partner.test', true, 'normalised'],
  ['XMPP:bücher.test', 'xn--bcher-kva.test', true, 'XmppAddr may have U-labels'],
  ['XMPP:user@partner.test', 'partner.test', false, 'a user does not prove the domain'],
  ['XMPP:partner.test/x', 'partner.test', false, 'nor does a resource'],
  ['XMPP:*.partner.test', 'im.partner.test', false, 'no wildcards in XmppAddr'],
  ['IP:192.0.2.1', '192.0.2.1', true, 'an address'],
  ['IP:192.0.2.1', '192.0.2.2', false, 'another address'],
  ['IP:2001:db8::1', '[2001:db8::1]', true, 'an IPv6 address'],
  ['DNS:192.0.2.1', '192.0.2.1', false, 'an address is no DNS name'],
  ['EMAIL:x@partner.test', 'partner.test', false, 'mail'],
  ['URI:xmpp://partner.test', 'partner.test', false, 'a URI'],
]

for (const [name, domain, proves, why] of MATRIX)
  test(`${name} ${proves ? 'proves' : 'does not prove'} ${domain}: ${why}`, () => {
    assert.equal(findName([generalName(name)], domain) !== undefined, proves)
  })

test('each name counts alone, whatever stands beside it', () => {
  const names = ['SRV:_xmpp-server.other.test', 'DNS:partner.test'].map(generalName)
  assert.equal(nameText(findName(names, 'partner.test')!), 'DNS:partner.test')
  assert.equal(nameText(findName(names, 'other.test')!), 'SRV:_xmpp-server.other.test')
})

test('addresses are read in every spelling and written in one', () => {
  for (const [text, hex] of [
    ['192.0.2.1', 'c0000201'],
    ['256.0.2.1', undefined],
    ['2001:db8::1', '20010db8000000000000000000000001'],
    ['[2001:DB8:0::1]', '20010db8000000000000000000000001'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
    ['::', '00000000000000000000000000000000'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['1:2:3:4:5:6:7', undefined],
    ['1::2::3', undefined],
    ['1:2:3:4:5:6:7::8', undefined],
    ['partner.test', undefined],
  ] as const)
    assert.equal(ipBytes(text)?.toString('hex'), hex, text)
  assert.equal(nameText({ kind: 'ip', bytes: ipBytes('2001:DB8::1')! }), 'IP:2001:db8::1')
})
