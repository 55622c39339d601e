import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as values from '../../../src/config/values.ts'

const tables: readonly {
  readonly what: string
  readonly read: (text: string) => unknown
  readonly taken: readonly (readonly [text: string, value: unknown])[]
  readonly refused: readonly string[]
}[] = [
  {
    what: 'a duration',
    read: values.DURATION.read,
    taken: [
      ['500ms', 500],
      ['30s', 30_000],
      ['5m', 300_000],
      ['1h', 3_600_000],
      ['30d', 2_592_000_000],
      ['0s', 0],
    ],
    refused: ['', '30', '30 s', '1.5h', '-5s', '5M', '1h30m', '1e3s', '٣s', '99999999999s'],
  },
  {
    what: 'a size',
    read: values.SIZE.read,
    taken: [
      ['10000', 10_000],
      ['512KiB', 524_288],
      ['4 MiB', 4_194_304],
      ['1GiB', 1_073_741_824],
    ],
    refused: ['', '4MB', '4kib', '1.5MiB', '-1', '0x10', '1e3'],
  },
  {
    what: 'host and port',
    read: values.HOST_PORT.read,
    taken: [
      ['core.corp.internal:5269', { host: 'core.corp.internal', port: 5269 }],
      ['CORE.corp.internal.:1', { host: 'core.corp.internal', port: 1 }],
      ['192.0.2.1:65535', { host: '192.0.2.1', port: 65_535 }],
      ['[2001:DB8:0:0::5]:5269', { host: '2001:db8::5', port: 5269 }],
      ['bücher.example:5269', { host: 'xn--bcher-kva.example', port: 5269 }],
    ],
    refused: [
      '',
      'core',
      'core:',
      ':5269',
      'core:0',
      'core:65536',
      '2001:db8::5:5269',
      '[core]:5269',
      '[::1]',
      'a b:1',
      '[fe80::1%lo]:5269',
      'core:５２６９',
    ],
  },
  {
    what: 'a DNS server',
    read: values.DNS_SERVER.read,
    taken: [
      ['192.0.2.53', '192.0.2.53'],
      ['192.0.2.53:5353', '192.0.2.53:5353'],
      ['2001:DB8::53', '2001:db8::53'],
      ['[2001:db8::53]', '2001:db8::53'],
      ['[2001:db8::53]:5353', '[2001:db8::53]:5353'],
    ],
    refused: ['ns.example', 'ns.example:53', '192.0.2.53:', '192.0.2', '127.1'],
  },
  {
    what: 'a network',
    read: values.NETWORK.read,
    taken: [
      ['10.1.0.0/16', '10.1.0.0/16'],
      ['192.0.2.7', '192.0.2.7/32'],
      ['0.0.0.0/0', '0.0.0.0/0'],
      ['2001:DB8:0::/32', '2001:db8::/32'],
      ['::1', '::1/128'],
      ['::/0', '::/0'],
      ['2001:db8:8000::/33', '2001:db8:8000::/33'],
    ],
    refused: [
      '10.1.2.3/16',
      '10.1.0.0/33',
      '2001:db8::/129',
      '2001:db8:8000::/32',
      '10.1/16',
      'ten',
      '/8',
      '10.0.0.0/',
      '',
    ],
  },
  {
    what: 'a domain',
    read: values.DOMAIN.read,
    taken: [
      ['Partner.Example.', 'partner.example'],
      ['bücher.example', 'xn--bcher-kva.example'],
      ['XN--BCHER-KVA.example', 'xn--bcher-kva.example'],
      ['localhost', 'localhost'],
    ],
    refused: [
      '',
      '.',
      'a..b',
      '192.0.2.1',
      '[::1]',
      'user@partner.example',
      'partner.example/x',
      '../x',
      'a b',
      '*.partner.example',
      '-a.example',
      '127.1',
    ],
  },
  {
    what: 'a further domain of a partner',
    read: values.DOMAIN_PATTERN.read,
    taken: [
      ['*.Labs.example', '*.labs.example'],
      ['labs.example', 'labs.example'],
    ],
    refused: ['*', '*.', '**.a.example', '*a.example', 'a.*.example', '*.*.example', '*.192.0.2.1'],
  },
  {
    what: 'a pin',
    read: values.PIN.read,
    taken: [
      ['sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=', 'sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='],
    ],
    refused: [
      'sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=',
      'sha1/2jmj7l5rSw0yVb/vlWAYkK/YBwk=',
      'sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
      '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
      'sha256/',
    ],
  },
  {
    what: 'a date',
    read: values.DATE.read,
    taken: [
      ['2027-06-30', '2027-06-30'],
      ['2028-02-29', '2028-02-29'],
    ],
    refused: ['2027-02-29', '2027-06-31', '2027-13-01', '2027-6-30', '30.06.2027', '2027-06-30T00:00:00Z', ''],
  },
  {
    what: 'a store',
    read: values.STORE.read,
    taken: [['sqlite:var/sallyport.db', 'var/sallyport.db']],
    refused: ['sqlite:', 'sqlite: ', 'sqlite:var/', 'sqlite://x', 'postgres://x', 'var/sallyport.db'],
  },
]

for (const { what, read, taken, refused } of tables) {
  test(`${what} is read as it is written, and nothing else is`, () => {
    for (const [text, value] of taken) assert.deepEqual(read(text), value, text)
    for (const text of refused) assert.equal(read(text), undefined, JSON.stringify(text))
  })
}

test('networks hold the addresses below their prefix, also IPv4 addresses mapped into IPv6', () => {
  const set = values.networkSet(['10.1.0.0/16', '2001:db8::/32', '192.0.2.7/32'])
  for (const address of ['10.1.0.0', '10.1.255.255', '::ffff:10.1.2.3', '2001:db8::1', '192.0.2.7'])
    assert.ok(set.has(address), address)
  for (const address of ['10.2.0.0', '::ffff:10.2.0.0', '2001:db9::1', '192.0.2.8', '', 'core.example'])
    assert.ok(!set.has(address), address)
  assert.ok(!values.networkSet([]).has('127.0.0.1'), 'no network holds nothing')
})

test('loopback is what never leaves this machine', () => {
  for (const host of ['localhost', '127.0.0.1', '127.9.9.9', '::1']) assert.ok(values.isLoopback(host), host)
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'localhost.example', '128.0.0.1'])
    assert.ok(!values.isLoopback(host), host)
})
