import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { House } from '../../../src/gateway/house.ts'
import { Streams } from '../../../src/gateway/streams.ts'
import type { TraceProgress, TraceSubject } from '../../../src/gateway/trace/report.ts'
import { Trace } from '../../../src/gateway/trace/trace.ts'
import { Tracing } from '../../../src/gateway/trace/tracing.ts'
import type { Observer, Sight } from '../../../src/net/observer.ts'
import { Stream, type Wire } from '../../../src/net/stream.ts'
import { Observers } from '../../../src/net/observer.ts'
import { PartnerList } from '../../../src/policy/partners.ts'
import { partner } from '../policy/people.ts'

const PARTNERS = new PartnerList([
  partner('partner.example', { alsoKnownAs: ['rooms.partner.example', '*.labs.partner.example'] }),
  partner('other.example'),
])
const house = (): House =>
  ({ partners: PARTNERS, isOurs: (domain: string) => domain === 'corp.example' }) as unknown as House

const ABOUT: TraceSubject = { kind: 'domain', domain: 'partner.example' }

function trace(subject: TraceSubject = ABOUT, takes: () => boolean = () => true) {
  let now = 0
  const told: TraceProgress[] = []
  const made = new Trace({
    query: { subject, bodies: false },
    entryOf: (domain) => PARTNERS.find(domain)?.domain,
    tell: (progress) => takes() && told.push(progress) > 0,
    now: () => now,
  })
  return { trace: made, told, later: (ms: number) => (now += ms) }
}

const covers = (subject: TraceSubject, name: string): boolean =>
  trace(subject).trace.covers({ names: [name], addresses: [] })

test('a trace of any domain of a partner is about all of them, and about nobody else', () => {
  for (const domain of ['partner.example', 'rooms.partner.example', 'a.labs.partner.example']) {
    const subject = { kind: 'domain', domain } as const
    for (const name of ['partner.example', 'rooms.partner.example', 'b.labs.partner.example'])
      assert.ok(covers(subject, name), `${domain} and ${name}`)
    for (const name of ['other.example', 'labs.partner.example', 'example']) assert.ok(!covers(subject, name))
  }
  assert.ok(covers({ kind: 'domain', domain: 'stranger.example' }, 'stranger.example'))
  assert.ok(!covers({ kind: 'domain', domain: 'stranger.example' }, 'another.example'))
})

test('a trace of an address is about that address, whoever is there', () => {
  const { trace: made } = trace({ kind: 'address', address: '192.0.2.1' })
  assert.ok(made.covers({ names: [], addresses: ['198.51.100.1', '192.0.2.1'] }))
  assert.ok(!made.covers({ names: ['192.0.2.1', 'partner.example'], addresses: ['192.0.2.10', undefined] }))
})

test('whoever reads too slowly is told how many lines are missing, where they are missing', () => {
  let takes = true
  const { trace: made, told } = trace(ABOUT, () => takes)
  const say = (text: string): void => made.say({ what: 'stanza', text })
  say('1')
  takes = false
  for (const text of ['2', '3', '4']) say(text)
  takes = true
  say('5')
  assert.deepEqual(
    told.map((one) => (one.kind === 'line' ? one.text : one)),
    ['1', { kind: 'left-out', lines: 3 }, '5'],
  )
  assert.deepEqual(made.over('time'), { lines: 2, leftOut: 3, ended: 'time' })
})

test('of more stanzas in a second than a reader can follow, the rest is left out and counted', () => {
  const { trace: made, told, later } = trace()
  const admitted = (): number => Array.from({ length: 700 }, () => made.admits(100)).filter(Boolean).length
  assert.equal(admitted(), 500)
  later(999)
  assert.equal(admitted(), 0)
  later(1)
  assert.equal(admitted(), 500)
  later(1000)
  assert.ok(made.admits(5_000_000), 'one, however large')
  assert.ok(!made.admits(1))
  made.over('time')
  assert.deepEqual(told, [{ kind: 'left-out', lines: 200 + 700 + 200 + 1 }])
})

function bench() {
  const journal: string[] = []
  const streams = new Streams()
  const tracing = new Tracing({
    house,
    streams,
    journal: {
      traceBegun: ({ subject }) => journal.push(`begun ${subject}`),
      traceOver: ({ subject, lines }) => journal.push(`over ${subject}, ${lines}`),
      bug: (error) => journal.push(`bug ${String(error)}`),
    },
    now: () => Date.parse('2026-03-01T12:00:00Z'),
  })
  const begin = (subject: TraceSubject = ABOUT) => {
    const abort = new AbortController()
    const told: TraceProgress[] = []
    const query = { subject, bodies: false, forMs: 60_000, by: undefined }
    const outcome = tracing.run(query, (progress) => told.push(progress) > 0, abort.signal)
    const end = async () => {
      abort.abort()
      return outcome
    }
    return { told, end, texts: () => told.flatMap((one) => (one.kind === 'line' ? one.text : [])) }
  }
  return { tracing, streams, journal, begin }
}

/** A stream that is up, and what crosses it. */
function stream(names: readonly string[], reference = 'aaaa') {
  const observers = new Observers([])
  const pairs = names.map((remote) => ({ local: 'corp.example', remote }))
  const about = { reference, role: 'receiving', leg: 'partner', peerAddress: '192.0.2.1', method: 'certificate' }
  const made = new Stream({} as Wire, observers, {
    ...about,
    pair: pairs[0],
    certificate: undefined,
  } as unknown as ConstructorParameters<typeof Stream>[2])
  for (const pair of pairs.slice(1)) made.authorise({ pair, method: 'dialback', certificate: undefined })
  const comes = (from: string): void =>
    observers.tell?.({
      kind: 'stanza',
      way: 'in',
      bytes: Buffer.from(`<message from='x@${from}'><b>secret</b></message>`),
    })
  return { made, observers, comes }
}

test('while nobody traces, nobody watches', async () => {
  const { tracing, streams, begin } = bench()
  const { made, observers } = stream(['partner.example'])
  streams.add(made)
  tracing.opened(made)
  assert.equal(observers.tell, undefined)
  assert.deepEqual(tracing.receiving({ remoteAddress: '192.0.2.1', listener: 'federation' }, 'r'), [])
  assert.equal(tracing.dialling({ local: 'corp.example', remote: 'partner.example' }, 'r'), undefined)
  const { end } = begin()
  assert.ok(observers.tell)
  await end()
  assert.equal(observers.tell, undefined)
  assert.equal(tracing.watched, 0)
})

test('of a stream that others share, only the stanzas of the one that is traced are shown', async () => {
  const { streams, begin } = bench()
  const { made, comes } = stream(['other.example', 'partner.example'])
  streams.add(made)
  const one = begin()
  const other = begin({ kind: 'domain', domain: 'other.example' })
  comes('partner.example')
  comes('other.example')
  comes('rooms.partner.example')
  const stanzas = (texts: readonly string[]): readonly string[] =>
    texts.flatMap((text) => /^<message from='x@([^']*)'><b>…6…<\/b>/.exec(text)?.[1] ?? [])
  assert.deepEqual(stanzas(one.texts()), ['partner.example', 'rooms.partner.example'])
  assert.deepEqual(stanzas(other.texts()), ['other.example'])
  await Promise.all([one.end(), other.end()])
})

test('a stream of nobody who is traced is not watched, until it carries stanzas of one who is', async () => {
  const { tracing, streams, begin } = bench()
  const { made, observers, comes } = stream(['other.example'])
  const { end, texts } = begin()
  streams.add(made)
  tracing.opened(made)
  assert.equal(observers.tell, undefined)
  assert.equal(tracing.watched, 0)
  const pair = { local: 'corp.example', remote: 'partner.example' }
  made.authorise({ pair, method: 'dialback', certificate: undefined })
  tracing.opened(made)
  comes('partner.example')
  assert.equal(texts().length, 1)
  await end()
})

const header = (from: string): Sight => ({
  kind: 'event',
  event: {
    kind: 'header',
    header: {
      from,
      to: 'corp.example',
      id: undefined,
      version: '1.0',
      lang: undefined,
      scope: { defaultNamespace: 'jabber:server', prefixes: new Map(), lang: undefined },
    },
  },
})
const word: Sight = { kind: 'effect', effect: { kind: 'footer' } }

test('what strangers say before they name themselves is kept within bounds, and told when they do', async () => {
  const { tracing, journal, begin } = bench()
  const { end, texts, told } = begin()
  const connect = (n: number): Observer => {
    const [observer] = tracing.receiving({ remoteAddress: `192.0.2.${n}`, listener: 'federation' }, `r${n}`)
    assert.ok(observer)
    return observer
  }
  const talkative = connect(1)
  for (let line = 0; line < 100; line++) talkative(word)
  talkative(header('rooms.partner.example'))
  assert.equal(texts().length, 40 + 1, 'with its connecting, as many as are kept, and its header')
  assert.ok(told.some((one) => one.kind === 'left-out' && one.lines === 61))
  const others = Array.from({ length: 100 }, (_, n) => connect(n + 2))
  for (const one of others) for (let line = 0; line < 39; line++) one(word)
  const late = others.at(-1)
  late?.(header('partner.example'))
  assert.equal(texts().length, 43, 'there was room for the connecting of the last, and for no word')
  for (let n = 2; n < 60; n++) tracing.failed(`r${n}`)
  const next = connect(200)
  next(word)
  next(header('partner.example'))
  assert.equal(texts().length, 46, 'and there is again, when others have gone')
  await end()
  assert.deepEqual(journal, ['begun partner.example', 'over partner.example, 46'])
})

test('behind a balancer a connection is found by the address of either', async () => {
  const { tracing, begin } = bench()
  const traces = ['192.0.2.1', '10.0.0.9', '10.0.0.10'].map((address) => begin({ kind: 'address', address }))
  tracing.receiving({ remoteAddress: '192.0.2.1', listener: 'federation', balancer: '10.0.0.9' }, 'aaaa')
  const line = '192.0.2.1 connects, through the balancer 10.0.0.9'
  assert.deepEqual(
    traces.map(({ texts }) => texts()),
    [[line], [line], []],
  )
  await Promise.all(traces.map(async ({ end }) => end()))
})

test('a peer that still negotiates when the last trace ends is let go when its stream is up', async () => {
  const { tracing, begin } = bench()
  const { end } = begin()
  const [see] = tracing.receiving({ remoteAddress: '192.0.2.1', listener: 'federation' }, 'aaaa')
  assert.ok(see)
  see(header('partner.example'))
  await end()
  const { made, observers } = stream(['partner.example'])
  observers.add(see)
  tracing.opened(made)
  assert.equal(observers.tell, undefined)
  assert.equal(tracing.watched, 0)
})

test('questions to DNS are told with their answers, and those about the hosts they lead to', async () => {
  const { tracing, begin } = bench()
  const { end, texts } = begin()
  const record = { priority: 10, weight: 5, port: 5269, name: 'XMPP.hosting.test' }
  tracing.asked({
    name: '_xmpp-server._tcp.partner.example',
    type: 'SRV',
    ms: 3,
    answer: { ok: true, records: [record] },
  })
  tracing.asked({
    name: '_xmpp-server._tcp.other.example',
    type: 'SRV',
    ms: 3,
    answer: { ok: true, records: [record] },
  })
  tracing.asked({ name: 'xmpp.hosting.test', type: 'A', ms: 4, answer: { ok: true, records: ['192.0.2.1'] } })
  const nothing = { ok: false, absent: true, reason: 'SP-201', code: 'NXDOMAIN' } as const
  tracing.asked({ name: 'else.hosting.test', type: 'A', ms: 4, answer: nothing })
  assert.deepEqual(texts(), [
    'SRV _xmpp-server._tcp.partner.example: XMPP.hosting.test:5269 (10, 5), after 3 ms',
    'A xmpp.hosting.test: 192.0.2.1, after 4 ms',
  ])
  await end()
})

test('who is ours is not traced, and an error within a trace is a bug of ours that hurts nobody', async () => {
  const { tracing, journal } = bench()
  const subject = { kind: 'domain', domain: 'corp.example' } as const
  const query = { subject, bodies: false, forMs: 1000, by: undefined }
  await assert.rejects(
    tracing.run(query, () => true, AbortSignal.abort()),
    /is a domain of ours/,
  )
  const abort = new AbortController()
  let told = 0
  const angry = (): boolean => {
    if (told++ === 0) return true
    throw new Error('angry')
  }
  const run = tracing.run({ ...query, subject: { kind: 'address', address: '192.0.2.1' } }, angry, abort.signal)
  const see = tracing.dialling({ local: 'corp.example', remote: 'partner.example' }, 'r')
  see?.({ kind: 'connecting', target: { host: 'x', port: 1, tls: 'starttls' }, address: '192.0.2.1' })
  assert.deepEqual(journal.slice(1), ['bug Error: angry'])
  abort.abort()
  assert.deepEqual(await run, { lines: 0, leftOut: 0, ended: 'caller' })
})
