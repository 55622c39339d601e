import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Resolver } from '../../src/net/resolve.ts'
import { type Answer, names } from './names.ts'

const srv = (name: string, port: number, priority = 0, weight = 0) => ({ name, port, priority, weight })

async function ask<T>(
  answers: Readonly<Record<string, Answer>>,
  question: (resolver: Resolver) => Promise<T>,
): Promise<{ answer: T; asked: readonly string[] }> {
  await using dns = await names(answers)
  const answer = await question(new Resolver({ servers: [dns.server], timeoutMs: 300, random: () => 0 }))
  return { answer, asked: dns.asked }
}

const QUESTION = 'SRV _xmpp-server._tcp.a.test'
const DIRECT = 'SRV _xmpps-server._tcp.a.test'
const fallback = { ok: true, targets: [{ host: 'a.test', port: 5269, tls: 'starttls' }] }

describe('where a domain is served', () => {
  test('SRV records, by priority, with their ports; addresses are not asked for yet', async () => {
    const { answer, asked } = await ask(
      { [QUESTION]: [srv('Two.test', 5270, 20), srv('one.test', 5269, 10)] },
      (resolver) => resolver.federation('a.test'),
    )
    deepEqual(answer, {
      ok: true,
      targets: [
        { host: 'one.test', port: 5269, tls: 'starttls' },
        { host: 'two.test', port: 5270, tls: 'starttls' },
      ],
    })
    deepEqual(asked.toSorted(), [QUESTION, DIRECT])
  })
  test('both ways to begin TLS are one list', async () => {
    const { answer } = await ask(
      { [QUESTION]: [srv('a.test', 5269, 10), srv('b.test', 5269, 30)], [DIRECT]: [srv('a.test', 5270, 20)] },
      (resolver) => resolver.federation('a.test'),
    )
    deepEqual(answer, {
      ok: true,
      targets: [
        { host: 'a.test', port: 5269, tls: 'starttls' },
        { host: 'a.test', port: 5270, tls: 'direct' },
        { host: 'b.test', port: 5269, tls: 'starttls' },
      ],
    })
  })
  test('its clients are led by services of their own, and without records to port 5222', async () => {
    const questions = ['SRV _xmpp-client._tcp.a.test', 'SRV _xmpps-client._tcp.a.test']
    const { answer, asked } = await ask({ [questions[1]!]: [srv('b.test', 5223)] }, (it) => it.clients('a.test'))
    deepEqual(answer, { ok: true, targets: [{ host: 'b.test', port: 5223, tls: 'direct' }] })
    deepEqual(asked.toSorted(), questions)
    const { answer: none } = await ask({}, (resolver) => resolver.clients('a.test'))
    deepEqual(none, { ok: true, targets: [{ host: 'a.test', port: 5222, tls: 'starttls' }] })
  })
  const services: readonly (readonly [what: string, direct: Answer, starttls: Answer, expected: object])[] = [
    [
      '"." for direct TLS leaves STARTTLS',
      [srv('.', 0)],
      [srv('a.test', 5269)],
      { ok: true, targets: [{ host: 'a.test', port: 5269, tls: 'starttls' }] },
    ],
    [
      '"." for STARTTLS leaves direct TLS',
      [srv('a.test', 5270)],
      [srv('.', 0)],
      { ok: true, targets: [{ host: 'a.test', port: 5270, tls: 'direct' }] },
    ],
    [
      '"." for both: not offered',
      [srv('.', 0)],
      [srv('.', 0)],
      { ok: false, reason: 'SP-205', detail: `${DIRECT}, _xmpp-server._tcp.a.test: target "."` },
    ],
    [
      '"." for direct TLS alone: not offered, and no way around it',
      [srv('.', 0)],
      'nxdomain',
      { ok: false, reason: 'SP-205', detail: `${DIRECT}: target "."` },
    ],
    [
      'a failure beside records costs nothing',
      'servfail',
      [srv('a.test', 5269)],
      { ok: true, targets: [{ host: 'a.test', port: 5269, tls: 'starttls' }] },
    ],
    [
      'a failure beside nothing is a failure',
      'servfail',
      'nxdomain',
      { ok: false, reason: 'SP-204', detail: `${DIRECT}: ESERVFAIL` },
    ],
  ]
  for (const [what, direct, starttls, expected] of services) {
    test(what, async () => {
      const { answer } = await ask({ [DIRECT]: direct, [QUESTION]: starttls }, (r) => r.federation('a.test'))
      deepEqual(answer, expected)
    })
  }
  const table: readonly (readonly [what: string, answer: Answer, expected: object])[] = [
    ['no SRV: the domain itself', 'nothing', fallback],
    ['no such name: the domain itself', 'nxdomain', fallback],
    [
      '".": not offered, and no way around it',
      [srv('.', 0)],
      { ok: false, reason: 'SP-205', detail: `${QUESTION}: target "."` },
    ],
    ['a server failure is no answer', 'servfail', { ok: false, reason: 'SP-204', detail: `${QUESTION}: ESERVFAIL` }],
    ['silence is no answer', 'silence', { ok: false, reason: 'SP-203', detail: `${QUESTION}: ETIMEOUT` }],
  ]
  for (const [what, reply, expected] of table) {
    test(what, async () => {
      const { answer } = await ask({ [QUESTION]: reply }, (resolver) => resolver.federation('a.test'))
      deepEqual(answer, expected)
    })
  }
  test('an address is served at itself, and nobody is asked', async () => {
    for (const [domain, address] of [
      ['192.0.2.1', '192.0.2.1'],
      ['[2001:db8::1]', '2001:db8::1'],
    ] as const) {
      const { answer, asked } = await ask({}, (resolver) => resolver.federation(domain))
      deepEqual(answer, { ok: true, targets: [{ host: domain, address, port: 5269, tls: 'starttls' }] })
      deepEqual(asked, [])
    }
  })
  test('a flood of records is cut', async () => {
    const many = Array.from({ length: 40 }, (_, n) => srv(`h${n}.test`, 5269))
    const { answer } = await ask({ [QUESTION]: many }, (resolver) => resolver.federation('a.test'))
    ok(answer.ok)
    equal(answer.targets.length, 16)
  })
})

describe('the addresses of a host', () => {
  const table: readonly (readonly [what: string, four: Answer, six: Answer, expected: object])[] = [
    [
      'both kinds, by turns',
      ['192.0.2.1', '192.0.2.2'],
      ['2001:db8::1'],
      { ok: true, addresses: ['2001:db8::1', '192.0.2.1', '192.0.2.2'] },
    ],
    ['only IPv4', ['192.0.2.1'], 'nothing', { ok: true, addresses: ['192.0.2.1'] }],
    ['only IPv6', 'nothing', ['2001:db8::1'], { ok: true, addresses: ['2001:db8::1'] }],
    ['one kind, while the other fails', ['192.0.2.1'], 'servfail', { ok: true, addresses: ['192.0.2.1'] }],
    ['no such name', 'nxdomain', 'nxdomain', { ok: false, reason: 'SP-201', detail: 'A and AAAA h.test: NXDOMAIN' }],
    [
      'a name without addresses',
      'nothing',
      'nothing',
      { ok: false, reason: 'SP-202', detail: 'A and AAAA h.test: no data' },
    ],
    [
      'a server failure',
      'servfail',
      'nothing',
      { ok: false, reason: 'SP-204', detail: 'A and AAAA h.test: ESERVFAIL' },
    ],
    ['silence', 'silence', 'silence', { ok: false, reason: 'SP-203', detail: 'A and AAAA h.test: ETIMEOUT' }],
  ]
  for (const [what, four, six, expected] of table) {
    test(what, async () => {
      const { answer } = await ask({ 'A h.test': four, 'AAAA h.test': six }, (resolver) => resolver.addresses('h.test'))
      deepEqual(answer, expected)
    })
  }
  test('an address is its own', async () => {
    const { answer, asked } = await ask({}, (resolver) => resolver.addresses('[::1]'))
    deepEqual([answer, asked], [{ ok: true, addresses: ['::1'] }, []])
  })
  test('localhost is here, and nobody is asked', async () => {
    const { answer, asked } = await ask({}, (resolver) => resolver.addresses('localhost'))
    deepEqual([answer, asked], [{ ok: true, addresses: ['127.0.0.1', '::1'] }, []])
  })
})

const KEEPING = { keepMs: 60_000, keepAbsentMs: 60_000, staleMs: 60_000, most: 100 }
const PATIENT = { timeoutMs: 20_000, random: () => 0, keeping: () => KEEPING }

describe('a family of addresses that is late', () => {
  for (const [late, first, there] of [
    ['AAAA', 'A', '192.0.2.1'],
    ['A', 'AAAA', '2001:db8::1'],
  ] as const) {
    test(`${late}: the other is not held up, and what comes late comes too`, async () => {
      const answer = Promise.withResolvers<Answer>()
      await using dns = await names({ [`${first} h.test`]: [there], [`${late} h.test`]: answer.promise })
      const found = await new Resolver({ ...PATIENT, servers: [dns.server] }).addresses('h.test')
      ok(found.ok)
      deepEqual(found.addresses, [there])
      const other = late === 'A' ? '192.0.2.9' : '2001:db8::9'
      answer.resolve([other])
      deepEqual(await found.more, [other])
    })
  }
  test('is waited for where the other has nothing', async () => {
    const answer = Promise.withResolvers<Answer>()
    await using dns = await names({ 'A h.test': 'nothing', 'AAAA h.test': answer.promise })
    const asking = new Resolver({ ...PATIENT, servers: [dns.server] }).addresses('h.test')
    setTimeout(() => answer.resolve(['2001:db8::1']), 100)
    deepEqual(await asking, { ok: true, addresses: ['2001:db8::1'] })
  })
})

describe('what was answered', () => {
  const RECORDS = { [QUESTION]: [srv('one.test', 5269)], [DIRECT]: 'nxdomain', 'A one.test': ['192.0.2.1'] } as const
  const all = async (resolver: Resolver): Promise<readonly string[]> => {
    const found = await resolver.federation('a.test')
    const addresses = found.ok ? await resolver.addresses(found.targets[0]?.host ?? '') : found
    return addresses.ok ? addresses.addresses : [addresses.reason]
  }
  test('is kept, that there is nothing too, until it is asked anew', async () => {
    await using dns = await names(RECORDS)
    const resolver = new Resolver({ ...PATIENT, servers: [dns.server] })
    const asked = [DIRECT, QUESTION, 'A one.test', 'AAAA one.test'].toSorted()
    for (const _ of [1, 2]) deepEqual(await all(resolver), ['192.0.2.1'])
    deepEqual(dns.asked.toSorted(), asked)
    equal(resolver.kept, 4)
    resolver.renew('a.test')
    deepEqual(await all(resolver), ['192.0.2.1'])
    deepEqual(dns.asked.toSorted(), [...asked, ...asked].toSorted())
  })
  test('is kept no longer than its TTL', async () => {
    await using dns = await names(RECORDS, 0)
    const resolver = new Resolver({ ...PATIENT, servers: [dns.server] })
    for (const _ of [1, 2]) await all(resolver)
    deepEqual(dns.asked.filter((question) => question === 'A one.test').length, 2)
  })
  test('gives way to what is answered now: a new address is used', async () => {
    const records: Record<string, Answer> = { 'A h.test': ['192.0.2.1'] }
    await using dns = await names(records, 0)
    const resolver = new Resolver({ ...PATIENT, servers: [dns.server] })
    deepEqual(await resolver.addresses('h.test'), { ok: true, addresses: ['192.0.2.1'] })
    records['A h.test'] = ['192.0.2.2']
    deepEqual(await resolver.addresses('h.test'), { ok: true, addresses: ['192.0.2.2'] })
  })
  for (const trouble of ['servfail', 'silence'] as const) {
    test(`serves on while DNS is down (${trouble})`, async () => {
      const records: Record<string, Answer> = { ...RECORDS }
      await using dns = await names(records, 0)
      const resolver = new Resolver({ ...PATIENT, timeoutMs: 300, servers: [dns.server] })
      deepEqual(await all(resolver), ['192.0.2.1'])
      for (const question of Object.keys(records)) records[question] = trouble
      records['AAAA one.test'] = trouble
      resolver.renew('a.test')
      deepEqual(await all(resolver), ['192.0.2.1'])
      ok(dns.asked.filter((question) => question === 'A one.test').length >= 2)
    })
  }
  test('is kept by nobody who does not say for how long', async () => {
    await using dns = await names(RECORDS)
    const resolver = new Resolver({ servers: [dns.server], timeoutMs: 1000 })
    for (const _ of [1, 2]) await all(resolver)
    equal(dns.asked.length, 8)
    equal(resolver.kept, 0)
  })
})

describe('an address that no server has', () => {
  const table: readonly (readonly [addresses: readonly string[], expected: object])[] = [
    [['0.0.0.0'], { ok: false, reason: 'SP-208', detail: 'h.test: 0.0.0.0' }],
    [['224.0.0.1', '255.255.255.255'], { ok: false, reason: 'SP-208', detail: 'h.test: 224.0.0.1, 255.255.255.255' }],
    [['169.254.169.254', '192.0.2.1'], { ok: true, addresses: ['192.0.2.1'] }],
    [['127.0.0.1'], { ok: false, reason: 'SP-208', detail: 'h.test: 127.0.0.1' }],
    [['10.0.0.1'], { ok: true, addresses: ['10.0.0.1'] }],
  ]
  for (const [addresses, expected] of table) {
    test(addresses.join(', '), async () => {
      await using dns = await names({ 'A h.test': addresses, 'AAAA h.test': ['::', 'ff02::1', 'fe80::1', '::1'] })
      const resolver = new Resolver({ servers: [dns.server], timeoutMs: 5000, loopback: false })
      const answer = await resolver.addresses('h.test')
      if (answer.ok) deepEqual(answer, expected)
      else deepEqual({ ...answer, detail: answer.detail.replace(/, (::|ff02::1|fe80::1|::1)(?=,|$)/g, '') }, expected)
    })
  }
})
