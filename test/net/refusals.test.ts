// What is refused on the receiving side, over real sockets: what the peer reads, and what we are told.

import { deepEqual, doesNotMatch, equal, match } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { StreamLimits } from '../../src/net/limits.ts'
import { type Issued, issue, makeCa } from '../support/pki.ts'
import { AUTH, Gate, header, message, reachPhase, STARTTLS } from './gate.ts'
import { ca, ours, theirs } from './sides.ts'

let gate: Gate

before(async () => {
  gate = await Gate.open({ ca, certificate: ours })
})
after(() => gate[Symbol.asyncDispose]())

const opened = async (limits: Partial<StreamLimits>): Promise<Gate> => Gate.open({ ca, certificate: ours, limits })

/** What the peer must read: our header, the condition with a reference, the footer; and nothing about us. */
function assertError(heard: string, condition: string): void {
  match(heard, new RegExp(`<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>`))
  match(heard, /<text [^>]*>Reference: test-refe-\d+<\/text><\/stream:error><\/stream:stream>$/)
  doesNotMatch(heard, /127\.0\.0\.1|partner|certificate|SP-/)
}

describe('before TLS', () => {
  const table: readonly (readonly [what: string, words: string, condition: string, reason: string])[] = [
    ['a header without to', header().replace(" to='us.test'", ''), 'improper-addressing', 'SP-421'],
    ['a header without from', header().replace(" from='peer.test'", ''), 'improper-addressing', 'SP-421'],
    ['a name that is not ours', header({ to: 'other.test' }), 'host-unknown', 'SP-115'],
    ['our own name', header({ from: 'us.test' }), 'invalid-from', 'SP-111'],
    ['no version', header().replace(" version='1.0'", ''), 'unsupported-version', 'SP-422'],
    ['a client', header().replace('jabber:server', 'jabber:client'), 'invalid-namespace', 'SP-423'],
    ['no XML', 'GET / HTTP/1.1\r\n\r\n', 'not-well-formed', 'SP-401'],
    ['a TLS handshake', '\u0016\u0003\u0001\u0002', 'not-well-formed', 'SP-401'],
    ['a stanza', header() + message('hi'), 'not-authorized', 'SP-426'],
    ['dialback', `${header()}<db:result xmlns:db='jabber:server:dialback'>k</db:result>`, 'not-authorized', 'SP-426'],
    ['authentication', header() + AUTH, 'policy-violation', 'SP-428'],
    ['a stanza pipelined after <starttls/>', header() + STARTTLS + message('hi'), 'policy-violation', 'SP-359'],
    ['a header pipelined after <starttls/>', header() + STARTTLS + header(), 'policy-violation', 'SP-359'],
    ['a space pipelined after <starttls/>', `${header()}${STARTTLS} `, 'policy-violation', 'SP-359'],
  ]
  for (const [what, words, condition, reason] of table) {
    test(what, async () => {
      await using dialog = await gate.dialog()
      const heard = await dialog.say(words).end()
      match(heard, /^<\?xml version='1.0'\?><stream:stream /)
      assertError(heard, condition)
      doesNotMatch(heard, /<proceed/)
      const failure = await gate.failures.next()
      deepEqual([failure.reason, failure.condition, failure.by], [reason, condition, 'us'])
    })
  }

  test('data that arrives after <proceed/> but before the handshake does not reach the stream', async () => {
    await using dialog = await gate.dialog()
    await dialog.say(header()).expect(/<stream:features>/)
    await dialog.say(STARTTLS).expect(/<proceed/)
    await dialog.say(header() + message('smuggled')).end()
    const failure = await gate.failures.next()
    deepEqual([failure.reason, failure.by], ['SP-354', 'network'])
  })

  test('words and the end of the connection at once are answered all the same', async () => {
    await using dialog = await gate.dialog()
    dialog.socket.end(header({ to: 'other.test' }))
    assertError(await dialog.end(), 'host-unknown')
    equal((await gate.failures.next()).reason, 'SP-115')
  })

  test('who comes and goes without a word is told as gone', async () => {
    await using dialog = await gate.dialog()
    dialog.socket.end()
    const failure = await gate.failures.next()
    deepEqual([failure.reason, failure.pair], ['SP-215', undefined])
  })
})

describe('certificates', () => {
  const table: readonly (readonly [what: string, make: () => Promise<Issued | undefined>, reason: RegExp])[] = [
    ['none', () => Promise.resolve(undefined), /^SP-361$/],
    ['self-signed', () => issue({ names: ['peer.test'] }), /^SP-3/],
    ['expired', () => issue({ ca, names: ['peer.test'], expired: true }), /^SP-3/],
    ['not valid yet', () => issue({ ca, names: ['peer.test'], notYetValid: true }), /^SP-3/],
    ['of another domain, from the same CA', () => issue({ ca, names: ['other.test'] }), /^SP-3/],
    ['of a domain below', () => issue({ ca, names: ['sub.peer.test'] }), /^SP-3/],
    ['with the name only as CN', () => issue({ ca, commonName: 'peer.test' }), /^SP-3/],
    ['from a CA nobody knows', async () => issue({ ca: await makeCa(), names: ['peer.test'] }), /^SP-3/],
    ['forged', () => issue({ ca, names: ['peer.test'], forged: true }), /^SP-3/],
    [
      'whose intermediate is missing',
      async () => {
        const leaf = await issue({ ca: await makeCa({ ca }), names: ['peer.test'] })
        return { ...leaf, fullchainPem: leaf.pem }
      },
      /^SP-3/,
    ],
  ]
  for (const [what, make, reason] of table) {
    test(`${what}: not-authorized, and no word about why`, async () => {
      await using dialog = await reachPhase(await gate.dialog(), 'tls', await make())
      const heard = await dialog.say(header()).end()
      assertError(heard, 'not-authorized')
      doesNotMatch(heard, /EXTERNAL/)
      const failure = await gate.failures.next()
      match(failure.reason, reason)
      deepEqual(failure.pair, { local: 'us.test', remote: 'peer.test' })
    })
  }

  test('different faults are different reasons to us', async () => {
    const reasons = new Set(
      gate.failures.all.filter(({ reason }) => reason.startsWith('SP-3')).map(({ reason }) => reason),
    )
    equal(reasons.size >= 6, true, [...reasons].join(' '))
    await Promise.resolve()
  })

  const accepted: readonly (readonly [what: string, make: () => Promise<Issued>])[] = [
    ['for servers only (no clientAuth)', () => issue({ ca, names: ['peer.test'], ekus: ['serverAuth'] })],
    ['without purposes', () => issue({ ca, names: ['peer.test'], ekus: [] })],
    ['through an intermediate', async () => issue({ ca: await makeCa({ ca }), names: ['peer.test'] })],
    ['with the name as SRV-ID', () => issue({ ca, names: ['SRV:_xmpp-server.peer.test'] })],
    ['RSA', () => issue({ ca, names: ['peer.test'], key: 'rsa2048' })],
  ]
  for (const [what, make] of accepted) {
    test(`${what}: accepted`, async () => {
      await using dialog = await reachPhase(await gate.dialog(), 'ready', await make())
      dialog.say(message('hi'))
      equal(await gate.frames.next(), message('hi'))
      await gate.streams.next()
    })
  }
})

describe('after TLS', () => {
  const table: readonly (readonly [
    what: string,
    phase: 'tls' | 'secured',
    words: string,
    condition: string,
    reason: string,
  ])[] = [
    ['a changed from', 'tls', header({ from: 'other.test' }), 'invalid-from', 'SP-424'],
    ['a changed to', 'tls', header({ to: 'other.test' }), 'host-unknown', 'SP-425'],
    ['no from', 'tls', header().replace(" from='peer.test'", ''), 'improper-addressing', 'SP-421'],
    ['a stanza before authentication', 'secured', message('hi'), 'not-authorized', 'SP-426'],
    ['<starttls/> again', 'secured', STARTTLS, 'not-authorized', 'SP-426'],
    ['a changed from after SASL', 'secured', AUTH + header({ from: 'other.test' }), 'invalid-from', 'SP-424'],
    ['three wrong attempts', 'secured', AUTH.replace('EXTERNAL', 'PLAIN').repeat(3), 'policy-violation', 'SP-429'],
  ]
  for (const [what, phase, words, condition, reason] of table) {
    test(what, async () => {
      await using dialog = await reachPhase(await gate.dialog(), phase, theirs)
      assertError(await dialog.say(words).end(), condition)
      equal((await gate.failures.next()).reason, reason)
    })
  }

  test('who is proven but not admitted reads policy-violation, and no success', async () => {
    await using closed = await Gate.open({
      ca,
      certificate: ours,
      admits: () => ({ condition: 'policy-violation', reason: 'SP-101', detail: 'peer.test is not on the list' }),
    })
    await using dialog = await reachPhase(await closed.dialog(), 'secured', theirs)
    const heard = await dialog.say(AUTH).end()
    assertError(heard, 'policy-violation')
    doesNotMatch(heard, /<success/)
    const failure = await closed.failures.next()
    deepEqual([failure.reason, failure.certificate?.names], ['SP-101', ['DNS:peer.test']])
  })

  test('stanzas pipelined behind the last header are taken, once the stream is ready', async () => {
    await using dialog = await reachPhase(await gate.dialog(), 'secured', theirs)
    dialog.say(AUTH + header() + message('early'))
    equal(await gate.frames.next(), message('early'))
  })

  test('our certificate is the one for the name asked for, without SNI', async () => {
    await using dialog = await reachPhase(await gate.dialog(), 'tls', theirs)
    const { socket } = dialog
    match(
      'getPeerX509Certificate' in socket ? (socket.getPeerX509Certificate()?.subjectAltName ?? '') : '',
      /DNS:us\.test/,
    )
  })
})

describe('TLS itself', () => {
  test('TLS 1.1 is refused', async () => {
    await using fresh = await opened({})
    await using dialog = await fresh.dialog()
    await dialog.say(header()).expect(/<stream:features>/)
    await dialog.say(STARTTLS).expect(/<proceed/)
    const options = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' } as const
    await dialog.startTls({ certificate: theirs, options }).catch(() => {})
    equal((await fresh.failures.next()).reason, 'SP-353')
  })

  test('TLS 1.2 is spoken', async () => {
    await using fresh = await opened({})
    await using dialog = await fresh.dialog()
    await dialog.say(header()).expect(/<stream:features>/)
    await dialog.say(STARTTLS).expect(/<proceed/)
    await dialog.startTls({ certificate: theirs, options: { maxVersion: 'TLSv1.2' } })
    await dialog.say(header()).expect(/EXTERNAL/)
  })

  test('a domain we have no certificate for is refused in the words of STARTTLS', async () => {
    await using bare = await Gate.open({
      ca,
      certificate: ours,
      reception: { identity: () => Promise.reject(new Error('no such file')) },
    })
    await using dialog = await bare.dialog()
    await dialog.say(header()).expect(/<stream:features>/)
    match(await dialog.say(STARTTLS).end(), /<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'\/><\/stream:stream>$/)
    const failure = await bare.failures.next()
    deepEqual([failure.reason, failure.detail], ['SP-360', 'no such file'])
  })
})

describe('deadlines', () => {
  const phases = ['opening', 'tls', 'secured'] as const
  for (const phase of phases) {
    test(`silence in phase ${phase} ends with connection-timeout`, async () => {
      await using hasty = await opened({ negotiationMs: 150 })
      await using dialog = await reachPhase(await hasty.dialog(), phase, theirs)
      assertError(await dialog.end(), 'connection-timeout')
      equal((await hasty.failures.next()).reason, 'SP-430')
    })
  }

  test('a handshake that never begins is cut', async () => {
    await using hasty = await opened({ negotiationMs: 150 })
    await using dialog = await hasty.dialog()
    await dialog.say(header()).expect(/<stream:features>/)
    await dialog.say(STARTTLS).expect(/<proceed/)
    equal(await dialog.end(), " xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    equal((await hasty.failures.next()).reason, 'SP-430')
  })

  test('one byte at a time is no way to live for ever', async () => {
    await using hasty = await opened({ negotiationMs: 150 })
    await using dialog = await hasty.dialog()
    const drip = setInterval(() => dialog.say(' '), 20)
    assertError(await dialog.end(), 'connection-timeout')
    clearInterval(drip)
  })

  test('a check that never ends is cut', async () => {
    await using stuck = await Gate.open({
      ca,
      certificate: ours,
      limits: { negotiationMs: 150 },
      reception: { verify: () => new Promise(() => {}) },
    })
    await using dialog = await reachPhase(await stuck.dialog(), 'tls', theirs)
    assertError(await dialog.say(header()).end(), 'connection-timeout')
  })

  test('a check that throws is a bug of ours, and ends only its own stream', async () => {
    await using broken = await Gate.open({
      ca,
      certificate: ours,
      reception: { verify: () => Promise.reject(new Error('oops')) },
    })
    await using dialog = await reachPhase(await broken.dialog(), 'tls', theirs)
    assertError(await dialog.say(header()).end(), 'internal-server-error')
    match(String(await broken.bugs.next()), /oops/)
    equal((await broken.failures.next()).reason, 'SP-491')
  })
})

describe('caps', () => {
  test('connections per address are counted before a stream exists', async () => {
    const turnedAway: string[] = []
    await using narrow = await Gate.open({
      ca,
      certificate: ours,
      limits: { connectionsPerAddress: 2 },
      reception: {
        turnedAway: ({ remoteAddress, listener }, reason) => turnedAway.push(`${listener} ${remoteAddress} ${reason}`),
      },
    })
    await using first = await narrow.dialog()
    await using second = await narrow.dialog()
    // A reset, which may come before the caller knows that it was connected.
    equal(
      await narrow
        .dialog()
        .then((third) => third.end())
        .catch(() => ''),
      '',
    )
    deepEqual(turnedAway, ['test 127.0.0.1 SP-652'])
    await first.say(header()).expect(/<stream:features>/)
    second.socket.destroy()
    await narrow.failures.next()
    await using fourth = await narrow.dialog()
    await fourth.say(header()).expect(/<stream:features>/)
  })
})
