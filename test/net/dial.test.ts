// What we do as the initiating side: against our own listener, and against scripted peers that misbehave.

import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import type { DialResult } from '../../src/net/dial.ts'
import { type Dialog, DialogHost } from '../support/dialog.ts'
import { type Issued, issue, makeCa } from '../support/pki.ts'
import { BlackHole } from './black-hole.ts'
import { Caller, Gate, header, message, PROCEED, STARTTLS, SUCCESS } from './gate.ts'
import { ca, ours, theirs } from './sides.ts'

let caller: Caller

before(async () => {
  caller = new Caller(ca, theirs)
})

const answer = (from = 'us.test', version = " version='1.0'"): string =>
  `<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' from='${from}' to='peer.test' id=''${version}>`
const features = (children: string): string => `<stream:features>${children}</stream:features>`
const mechanisms = (name: string): string =>
  `<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>${name}</mechanism></mechanisms>`

type Failed = Extract<DialResult, { ok: false }>['failure']

/** Dials a scripted peer; gives what the peer heard and how it ended for us. */
async function against(
  script: (dialog: Dialog) => Promise<unknown>,
  options: Parameters<Caller['dial']>[1] = {},
): Promise<{ failure: Failed; heard: string; dialog: Dialog }> {
  await using host = await DialogHost.open()
  const dialling = caller.fail(host.port, options)
  const dialog = await host.next()
  await script(dialog)
  const failure = await dialling
  const heard = dialog.all
  await dialog[Symbol.asyncDispose]()
  return { failure, heard, dialog }
}

const hearsHeader = (dialog: Dialog): Promise<unknown> => dialog.expect(/<stream:stream [^>]*>/)

async function takesTls(dialog: Dialog, certificate: Issued = ours): Promise<TLSSocket> {
  await hearsHeader(dialog)
  await dialog.say(answer() + features(STARTTLS)).expect(/<starttls/)
  dialog.say(PROCEED)
  return dialog.startTls({ certificate, server: true })
}

async function takesAuth(dialog: Dialog): Promise<void> {
  await takesTls(dialog)
  await hearsHeader(dialog)
  await dialog.say(answer() + features(mechanisms('EXTERNAL'))).expect(/<auth [^>]*>cGVlci50ZXN0<\/auth>/)
}

describe('a peer without TLS', () => {
  test('hears nothing but two names', async () => {
    const { failure, heard } = await against(async (dialog) => {
      await hearsHeader(dialog)
      await dialog.say(answer() + features(mechanisms('EXTERNAL'))).end()
    })
    equal(failure.reason, 'SP-351')
    match(
      heard,
      /^<\?xml version='1.0'\?><stream:stream [^>]* from='peer.test' to='us.test' version='1.0' xml:lang='en'><\/stream:stream>$/,
    )
  })
  const table: readonly (readonly [what: string, words: string, reason: string])[] = [
    ['of an age before features', answer('us.test', ''), 'SP-422'],
    [
      'that refuses STARTTLS',
      `${answer()}${features(STARTTLS)}<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`,
      'SP-352',
    ],
    ['that sends a stream behind <proceed/>', answer() + features(STARTTLS) + PROCEED + answer(), 'SP-359'],
    ['that sends a byte behind <proceed/>', `${answer()}${features(STARTTLS)}${PROCEED} `, 'SP-359'],
    ['that sends no XML', 'SSH-2.0-OpenSSH\r\n', 'SP-401'],
    [
      'that does not know the domain',
      `${answer('other.test')}<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`,
      'SP-451',
    ],
    ['that closes', `${answer()}</stream:stream>`, 'SP-465'],
  ]
  for (const [what, words, reason] of table) {
    test(what, async () => {
      const { failure } = await against(async (dialog) => {
        await hearsHeader(dialog)
        await dialog.say(words).end()
      })
      equal(failure.reason, reason)
    })
  }
  test('that hangs up', async () => {
    const { failure } = await against(async (dialog) => {
      await hearsHeader(dialog)
      dialog.socket.end()
    })
    deepEqual([failure.reason, failure.by], ['SP-215', 'network'])
  })
  test('that is silent', async () => {
    const { failure } = await against((dialog) => dialog.end(), { limits: { negotiationMs: 150 } })
    equal(failure.reason, 'SP-430')
  })
  test('that ends the connection in the handshake', async () => {
    const { failure } = await against(async (dialog) => {
      await hearsHeader(dialog)
      await dialog.say(answer() + features(STARTTLS)).expect(/<starttls/)
      dialog.socket.end(PROCEED)
    })
    equal(failure.reason, 'SP-355')
  })
})

describe('a peer that proves somebody else', () => {
  const table: readonly (readonly [what: string, make: () => Promise<Issued>])[] = [
    ['self-signed', () => issue({ names: ['us.test'] })],
    ['expired', () => issue({ ca, names: ['us.test'], expired: true })],
    ['another domain of the same CA', () => issue({ ca, names: ['other.test'] })],
    ['the host of the SRV record', () => issue({ ca, names: ['xmpp.hosting.test'] })],
    ['a CA nobody knows', async () => issue({ ca: await makeCa(), names: ['us.test'] })],
  ]
  for (const [what, make] of table) {
    test(`${what}: hears why in one word, and is told nothing else`, async () => {
      const certificate = await make()
      const { failure, heard } = await against(async (dialog) => {
        await takesTls(dialog, certificate)
        await dialog.end()
      })
      match(failure.reason, /^SP-3/)
      deepEqual([failure.condition, failure.by], ['not-authorized', 'us'])
      match(
        heard,
        /<not-authorized [^>]*\/><text [^>]*>Reference: call-refe-rence<\/text><\/stream:error><\/stream:stream>$/,
      )
      doesNotMatch(heard, /<auth/)
    })
  }
})

describe('authentication', () => {
  test('EXTERNAL is not offered', async () => {
    const { failure } = await against(async (dialog) => {
      await takesTls(dialog)
      await hearsHeader(dialog)
      await dialog.say(answer() + features(mechanisms('PLAIN'))).end()
    })
    equal(failure.reason, 'SP-432')
    match(failure.detail, /PLAIN/)
  })
  test('the peer names itself differently', async () => {
    const { failure } = await against(async (dialog) => {
      await takesTls(dialog)
      await hearsHeader(dialog)
      await dialog.say(answer('other.test') + features(mechanisms('EXTERNAL'))).end()
    })
    equal(failure.reason, 'SP-434')
  })
  test('refused, in the words of the peer', async () => {
    const { failure } = await against(async (dialog) => {
      await takesAuth(dialog)
      const text = "<text xml:lang='en'>who are you</text>"
      await dialog.say(`<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/>${text}</failure>`).end()
    })
    deepEqual([failure.reason, failure.detail, failure.by], ['SP-441', 'not-authorized "who are you"', 'peer'])
  })
  test('refused by a peer that does not know our CA', async () => {
    await using stranger = await Gate.open({ ca: await makeCa(), certificate: ours })
    const failure = await caller.fail(stranger.target.port)
    deepEqual([failure.reason, failure.condition, failure.by], ['SP-452', 'not-authorized', 'peer'])
    match(failure.detail, /Reference: test-refe-1/)
  })
  test('refused by policy, with the reference of the peer', async () => {
    await using closed = await Gate.open({
      ca,
      certificate: ours,
      admits: () => ({ condition: 'policy-violation', reason: 'SP-101' }),
    })
    const failure = await caller.fail(closed.target.port)
    deepEqual([failure.reason, failure.condition], ['SP-453', 'policy-violation'])
  })
  test('features may be empty, and stanzas that come back are for the handler', async () => {
    await using host = await DialogHost.open()
    const one = new Caller(ca, theirs)
    const dialling = one.reach(host.port)
    await using dialog = await host.next()
    await takesAuth(dialog)
    dialog.say(SUCCESS)
    await hearsHeader(dialog)
    dialog.say(answer() + features('') + message('hello'))
    const stream = await dialling
    equal(await one.frames.next(), message('hello'))
    equal(stream.info.counters.stanzasIn, 1)
  })
})

describe('SNI', () => {
  test('is the domain, not the host', async () => {
    let name: unknown
    await against(async (dialog) => {
      const socket = await takesTls(dialog)
      name = Reflect.get(socket, 'servername')
      dialog.socket.destroy()
    })
    equal(name, 'us.test')
  })
  test('is an A-label, and absent for an address', async () => {
    for (const [remote, expected] of [
      ['xn--bcher-kva.test', 'xn--bcher-kva.test'],
      ['127.0.0.1', false],
      ['[::1]', false],
    ] as const) {
      let name: unknown
      const pair = { local: 'peer.test', remote }
      await against(
        async (dialog) => {
          const socket = await takesTls(dialog)
          name = Reflect.get(socket, 'servername')
          dialog.socket.destroy()
        },
        { pair },
      )
      equal(name, expected)
    }
  })
})

const named = (host: string, port: number) => ({ host, port, tls: 'starttls' }) as const
const at = (port: number) => named('127.0.0.1', port)

describe('targets', () => {
  let good: Gate
  let wrong: Gate
  let dead: number
  before(async () => {
    good = await Gate.open({ ca, certificate: ours })
    wrong = await Gate.open({ ca, certificate: await issue({ ca, names: ['other.test'] }) })
    const host = await DialogHost.open()
    dead = host.port
    await host[Symbol.asyncDispose]()
  })
  after(async () => {
    await good[Symbol.asyncDispose]()
    await wrong[Symbol.asyncDispose]()
  })
  test('are tried in order until one is good', async () => {
    const stream = await caller.reach(0, { targets: [at(dead), at(wrong.target.port), at(good.target.port)] })
    ok(stream.open)
    equal((await wrong.failures.next()).reason, 'SP-452')
  })
  test('that swallow everything are passed over when their time is up', async () => {
    await using hole = await BlackHole.open()
    const targets = [at(hole.port), at(dead), at(good.target.port)]
    const stream = await caller.reach(0, { targets, limits: { connectMs: 200 } })
    ok(stream.open)
  })
  test('the attempt that came furthest is the one that is reported; all are listed', async () => {
    const failure = await caller.fail(0, { targets: [at(wrong.target.port), at(dead)] })
    match(failure.reason, /^SP-3/)
    deepEqual(
      failure.attempts.map(({ target, address, reason }) => [target.port, address, reason.slice(0, 4)]),
      [
        [wrong.target.port, '127.0.0.1', 'SP-3'],
        [dead, '127.0.0.1', 'SP-2'],
      ],
    )
  })
  test('nobody listens', async () => {
    const failure = await caller.fail(dead)
    equal(failure.reason, 'SP-211')
    match(failure.detail, new RegExp(`127\\.0\\.0\\.1:${dead}`))
  })
  test('what the peer means is not tried elsewhere', async () => {
    await using closed = await Gate.open({
      ca,
      certificate: ours,
      admits: () => ({ condition: 'policy-violation', reason: 'SP-101' }),
    })
    const failure = await caller.fail(0, { targets: [at(closed.target.port), at(good.target.port)] })
    deepEqual([failure.reason, failure.attempts.length], ['SP-453', 1])
  })
  test('addresses are asked for when their turn comes', async () => {
    const asked: string[] = []
    const addresses = (host: string) => {
      asked.push(host)
      return Promise.resolve({ ok: true, addresses: ['127.0.0.1'] } as const)
    }
    await caller.reach(0, { addresses, targets: [named('a.test', good.target.port), named('b.test', dead)] })
    deepEqual(asked, ['a.test'])
  })
  test('a resolution that fails is the failure', async () => {
    const failure = await caller.fail(0, {
      targets: () => Promise.resolve({ ok: false, reason: 'SP-201', detail: 'no such domain' }),
    })
    deepEqual([failure.reason, failure.detail, failure.attempts.length], ['SP-201', 'no such domain', 0])
  })
  test('an attempt that is no longer wanted stops, wherever it is', async () => {
    const early = await caller.fail(good.target.port, { signal: AbortSignal.abort() })
    equal(early.reason, 'SP-217')
    const controller = new AbortController()
    const { failure, heard } = await against(
      async (dialog) => {
        await takesTls(dialog)
        await hearsHeader(dialog)
        controller.abort()
        await dialog.end()
      },
      { signal: controller.signal },
    )
    equal(failure.reason, 'SP-217')
    match(heard, /<\/stream:stream>$/)
  })
  test('no targets are nowhere to go', async () => {
    equal((await caller.fail(0, { targets: [] })).reason, 'SP-202')
  })
  test('a connection that nobody answers is given up', async () => {
    await using hole = await BlackHole.open()
    const failure = await caller.fail(hole.port, { limits: { connectMs: 200 } })
    deepEqual([failure.reason, failure.by], ['SP-212', 'network'])
  })
})

describe('what TLS remembers', () => {
  test('a session of before does not save a certificate', async () => {
    await using gate = await Gate.open({ ca, certificate: ours })
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const start = async (certificate: Issued | undefined, session?: Buffer): Promise<[Dialog, TLSSocket]> => {
        const dialog = await gate.dialog()
        await dialog.say(header()).expect(/<\/stream:features>/)
        await dialog.say(STARTTLS).expect(/<proceed/)
        const options = { maxVersion, ...(session ? { session } : {}) }
        return [dialog, await dialog.startTls({ certificate, options })]
      }
      const [first, socket] = await start(theirs)
      await first.say(header()).expect(/EXTERNAL/)
      const session = socket.getSession()
      ok(session)
      await first[Symbol.asyncDispose]()
      const [second, resumed] = await start(undefined, session)
      await using _ = second
      equal(resumed.isSessionReused(), false)
      match(await second.say(header()).end(), /<not-authorized/)
    }
  })
  test('renegotiation is refused', async () => {
    await using gate = await Gate.open({ ca, certificate: ours })
    await using dialog = await gate.dialog()
    await dialog.say(header()).expect(/<\/stream:features>/)
    await dialog.say(STARTTLS).expect(/<proceed/)
    const socket = await dialog.startTls({ certificate: theirs, options: { maxVersion: 'TLSv1.2' } })
    const outcome = await new Promise<Error | null>((resolve) => {
      socket.once('error', resolve)
      socket.renegotiate({}, resolve)
    })
    ok(outcome instanceof Error)
    dialog.reset()
    equal((await gate.failures.next()).by, 'network')
    equal(gate.bugs.all.length, 0)
  })
})
