import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { mayBeSentTo, readRedirect, scopeOf } from '../../../src/net/redirect.ts'

describe('what a peer writes as the other host', () => {
  const table: readonly (readonly [text: string, expected: string | undefined])[] = [
    ['other.example', 'other.example 5269'],
    ['other.example:5270', 'other.example 5270'],
    ['OTHER.example.', 'other.example 5269'],
    ['bücher.example', 'xn--bcher-kva.example 5269'],
    ['192.0.2.1', '192.0.2.1 5269'],
    ['192.0.2.1:1', '192.0.2.1 1'],
    ['[2001:DB8::1]', '2001:db8::1 5269'],
    ['[2001:db8::1]:65535', '2001:db8::1 65535'],
    ['', undefined],
    [':5269', undefined],
    ['other.example:', undefined],
    ['other.example:0', undefined],
    ['other.example:05269', undefined],
    ['other.example:65536', undefined],
    ['other.example:999999', undefined],
    ['other.example:xmpp', undefined],
    ['other.example:5269:5270', undefined],
    ['other example', undefined],
    ['other.example:5269 ', undefined],
    ['2001:db8::1', undefined],
    ['[2001:db8::1', undefined],
    ['[fe80::1%eth0]', undefined],
    ['[other.example]', undefined],
    ['xmpp:other.example', undefined],
    ['https://other.example/', undefined],
    ['user@other.example', undefined],
    ['127.1', undefined],
    ['0x7f000001', undefined],
    ['2130706433', undefined],
    ['a\u0000.example', undefined],
    [`${'a'.repeat(64)}.example`, undefined],
  ]
  for (const [text, expected] of table) {
    test(JSON.stringify(text.slice(0, 30)), () => {
      const target = readRedirect(text)
      assert.equal(target && `${target.host} ${target.port}`, expected)
      assert.equal(target?.tls, target && 'starttls')
    })
  }
})

test('every address has a scope, however it is written', () => {
  for (const [scope, addresses] of Object.entries({
    public: ['192.0.2.1', '8.8.8.8', '172.32.0.1', '100.128.0.1', '2001:db8::1', '2a00::1', '64:ff9b::808:808'],
    private: [
      '10.0.0.1',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '100.64.0.1',
      '198.19.0.1',
      'fd00::1',
      'fec0::1',
    ],
    link: ['169.254.169.254', 'fe80::1', '::ffff:169.254.169.254', '64:ff9b::a9fe:a9fe'],
    machine: ['127.0.0.1', '127.255.0.1', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1'],
    nowhere: ['0.0.0.0', '::', '::ffff:0.0.0.0', '224.0.0.1', '255.255.255.255', 'ff02::1', '::7f00:1', 'a name', ''],
  })) {
    for (const address of addresses) assert.equal(scopeOf(address), scope, address)
  }
  for (const address of ['2002:7f00:1::', '2001:0:a00::1', '::ffff:0:7f00:1', '64:ff9b:1::a00:1'])
    assert.equal(scopeOf(address), 'nowhere', address)
  for (const address of [
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '64:ff9b::c0a8:101',
    '64:ff9b::ac1f:1',
    '64:ff9b::6440:1',
  ])
    assert.equal(scopeOf(address), 'private', address)
})

test('only who lives within our walls can send us to a neighbour', () => {
  const [internet, inner, machine, link, nowhere] = ['192.0.2.1', '10.1.0.10', '127.0.0.1', 'fe80::1', '224.0.0.1']
  for (const [from, allowed] of [
    [internet, [internet]],
    [inner, [internet, inner]],
    [machine, [internet, machine]],
    [link, [internet, link]],
  ] as const) {
    for (const to of [internet, inner, machine, link, nowhere]) {
      assert.equal(
        mayBeSentTo(to, from),
        allowed.some((one) => one === to),
        `${from} to ${to}`,
      )
    }
  }
  assert.equal(mayBeSentTo(nowhere, nowhere), false)
})
