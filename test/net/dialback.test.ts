// Dialback over real sockets: two of our gateways that no certificate proves, and a peer of the test's own.

import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ask } from '../../src/net/ask.ts'
import type { StreamLimits } from '../../src/net/limits.ts'
import type { Judgement, KeyQuestion, Pair, ReceivingRules } from '../../src/stream/types.ts'
import { DialbackKeys } from '../../src/trust/dialback-key.ts'
import type { Dialog } from '../support/dialog.ts'
import { type Issued, issue, makeCa } from '../support/pki.ts'
import { Caller, Gate, header, identityOf, LIMITS, message, prove, STARTTLS } from './gate.ts'

let ca: Issued
let ours: Issued
let theirs: Issued
let proven: Issued
const gates: Gate[] = []

before(async () => {
  ca = await makeCa()
  ours = await issue({ ca, names: ['us.test'] })
  theirs = await issue({ names: ['peer.test', 'b.test'] })
  proven = await issue({ ca, names: ['peer.test', 'b.test'] })
})
after(async () => {
  await Promise.all(gates.map((gate) => gate[Symbol.asyncDispose]()))
})

const secret = new DialbackKeys('of peer.test')
const key = (id: string, originating = 'peer.test'): string => secret.make({ receiving: 'us.test', originating, id })

/** The server that DNS names for `peer.test`. */
async function authoritative(): Promise<Gate> {
  const rules: ReceivingRules = {
    opens: () => undefined,
    admits: () => undefined,
    dialback: () => ({
      offered: () => true,
      vouches: (q) =>
        secret.isOurs(q.key, { receiving: q.pair.remote, originating: q.pair.local, id: q.id }) ? 'valid' : 'invalid',
    }),
  }
  const gate = await Gate.open({ ca, certificate: theirs, reception: { rules: () => rules } })
  gates.push(gate)
  return gate
}

interface Receiving {
  readonly gate: Gate
  /** Pairs that were added to streams. */
  readonly added: Pair[]
  readonly asked: KeyQuestion[]
}

/** `us.test`, which believes certificates and the authoritative server. */
async function receivingServer(where: Gate, limits: Partial<StreamLimits> = {}): Promise<Receiving> {
  const added: Pair[] = []
  const asked: KeyQuestion[] = []
  const refuse = (pair: Pair, detail: string): Judgement => ({
    ...{ valid: false, pair, say: 'not-authorized', reason: 'SP-470', detail, reference: 'judge-refe-1' },
  })
  const gate = await Gate.open({
    ca,
    certificate: ours,
    limits,
    reception: {
      rules: () => ({
        opens: () => undefined,
        admits: () => undefined,
        dialback: () => ({ offered: () => true, vouches: () => 'invalid' }),
      }),
      ready: (stream) => ({ ...gate.handler()(stream), proven: ({ pair }) => void added.push(pair) }),
      async judge(claim, chain) {
        const { pair } = claim
        const verdict = prove(ca, pair.remote, chain)
        if (verdict.proven)
          return { valid: true, proven: { pair, method: 'certificate', certificate: verdict.certificate } }
        asked.push(claim)
        const outcome = await ask(claim, {
          leg: 'partner',
          targets: [where.target],
          identity: identityOf(ours),
          verify: (shown) => Promise.resolve(prove(ca, pair.remote, shown)),
          limits: LIMITS,
          reference: 'ask',
        })
        if (!outcome.ok) return refuse(pair, outcome.failure.detail)
        return outcome.answer.verdict === 'valid'
          ? { valid: true, proven: { pair, method: 'dialback', certificate: undefined } }
          : refuse(pair, outcome.answer.verdict)
      },
    },
  })
  gates.push(gate)
  return { gate, added, asked }
}

/** A raw stream over TLS, features read. */
async function secured(gate: Gate, certificate: Issued | undefined): Promise<{ dialog: Dialog; id: string }> {
  const dialog = await gate.dialog()
  await dialog.say(header()).expect(/<stream:features><starttls.*<\/stream:features>/)
  await dialog.say(STARTTLS).expect(/<proceed/)
  await dialog.startTls({ certificate })
  const [features] = await dialog.say(header()).expect(/<stream:stream .*<\/stream:features>/s)
  match(features, /xmlns:db='jabber:server:dialback'/)
  match(features, /<dialback xmlns='urn:xmpp:features:dialback'><errors\/><\/dialback>/)
  return { dialog, id: / id='([^']*)'/.exec(features)?.[1] ?? '' }
}

const claim = (from: string, text: string): string =>
  `<x:result xmlns:x='jabber:server:dialback' from='${from}' to='us.test'>${text}</x:result>`
const validFor = (remote: string): RegExp => new RegExp(`<db:result [^>]*from='us\\.test' to='${remote}' type='valid'>`)

test('two gateways that no certificate proves come together, and each knows by which method', async () => {
  const where = await authoritative()
  const { gate, asked } = await receivingServer(where)
  const caller = new Caller(await makeCa(), theirs)
  const out = await caller.reach(gate.target.port, { dialback: { key } })
  const into = await gate.streams.next()
  deepEqual([out.info.method, out.info.certificate], ['dialback', undefined])
  deepEqual([into.info.method, into.info.certificate], ['dialback', undefined])
  deepEqual(into.info.pair, { local: 'us.test', remote: 'peer.test' })
  deepEqual(asked, [{ pair: into.info.pair, id: into.info.id, key: key(into.info.id) }])
  out.send(Buffer.from(message('hi')))
  equal(await gate.frames.next(), message('hi'))
  // The stream of the question is no stream of stanzas, and leaves nothing behind.
  equal((await where.failures.next()).reason, 'SP-481')
  await where.settled(0)
})

test('EXTERNAL is used where it is offered, and the peer is then still only whom DNS names', async () => {
  const { gate, asked } = await receivingServer(await authoritative())
  const out = await new Caller(await makeCa(), proven).reach(gate.target.port, { dialback: { key } })
  deepEqual([out.info.method, (await gate.streams.next()).info.method], ['dialback', 'certificate'])
  equal(asked.length, 0)
})

test('a false key is refused, the stream lives on, and another pair can still be proven on it', async () => {
  const { gate } = await receivingServer(await authoritative())
  const { dialog, id } = await secured(gate, theirs)
  const refusal =
    /<db:result [^>]*to='peer\.test' type='error'><error [^>]*type='auth'><not-authorized [^>]*\/><text [^>]*>Reference judge-refe-1<\/text><\/error><\/db:result>/
  await dialog.say(claim('peer.test', key(`${id}x`))).expect(refusal)
  await dialog.say(claim('b.test', key(id, 'b.test'))).expect(validFor('b.test'))
  const stream = await gate.streams.next()
  deepEqual(stream.info.pair, { local: 'us.test', remote: 'b.test' })
  deepEqual(stream.provenTowards('us.test'), ['b.test'])
  await dialog[Symbol.asyncDispose]()
})

test('whoever gives up after a refusal has failed for its reason', async () => {
  const { gate } = await receivingServer(await authoritative())
  const { dialog } = await secured(gate, theirs)
  await dialog.say(claim('peer.test', 'false')).expect(/type='error'/)
  await dialog.say('</stream:stream>').end()
  const { reason, detail } = await gate.failures.next()
  deepEqual([reason, detail], ['SP-470', 'invalid; then SP-465'])
})

test('a proven certificate makes a claim valid at once, whatever the key', async () => {
  const { gate, asked } = await receivingServer(await authoritative())
  const { dialog } = await secured(gate, proven)
  await dialog.say(claim('peer.test', 'any')).expect(validFor('peer.test'))
  const { info } = await gate.streams.next()
  deepEqual([info.method, info.certificate?.names], ['certificate', ['DNS:peer.test', 'DNS:b.test']])
  equal(asked.length, 0)
  await dialog[Symbol.asyncDispose]()
})

test('a ready stream takes further pairs, each for itself, and stanzas go on meanwhile', async () => {
  const { gate, added } = await receivingServer(await authoritative())
  const { dialog, id } = await secured(gate, theirs)
  await dialog.say(claim('peer.test', key(id))).expect(validFor('peer.test'))
  const stream = await gate.streams.next()
  dialog.say(claim('b.test', key(id, 'b.test')) + message('meanwhile'))
  equal(await gate.frames.next(), message('meanwhile'))
  await dialog.expect(validFor('b.test'))
  deepEqual(added, [{ local: 'us.test', remote: 'b.test' }])
  deepEqual(stream.provenTowards('us.test'), ['peer.test', 'b.test'])
  deepEqual(
    stream.proven.map(({ method }) => method),
    ['dialback', 'dialback'],
  )
  await dialog.say(claim('c.test', key(id, 'b.test'))).expect(/to='c\.test' type='error'/)
  deepEqual(stream.provenTowards('us.test'), ['peer.test', 'b.test'])
  ok(stream.open)
  await dialog[Symbol.asyncDispose]()
})

test('an authoritative server that cannot be reached proves nothing', async () => {
  const where = await authoritative()
  const { gate } = await receivingServer(where)
  await where[Symbol.asyncDispose]()
  const { dialog, id } = await secured(gate, theirs)
  await dialog.say(claim('peer.test', key(id))).expect(/type='error'/)
  equal(gate.streams.all.length, 0)
  await dialog[Symbol.asyncDispose]()
})

test('a question is given up when nobody wants the answer any more', async () => {
  const where = await authoritative()
  const giveUp = new AbortController()
  giveUp.abort()
  const outcome = await ask(
    { pair: { local: 'us.test', remote: 'peer.test' }, id: 's1', key: 'k' },
    {
      leg: 'partner',
      targets: [where.target],
      identity: identityOf(ours),
      verify: () => Promise.reject(new Error('nobody came so far')),
      limits: LIMITS,
      reference: 'ask',
      signal: giveUp.signal,
    },
  )
  ok(!outcome.ok)
  equal(outcome.failure.reason, 'SP-217')
})

test('without an entry that lets dialback count, a certificate that proves nothing ends the stream', async () => {
  const gate = await Gate.open({ ca, certificate: ours })
  gates.push(gate)
  const caller = new Caller(await makeCa(), theirs)
  const failure = await caller.fail(gate.target.port, { dialback: { key } })
  deepEqual([failure.reason, failure.by], ['SP-452', 'peer'])
  doesNotMatch(JSON.stringify(gate.failures.all), /dialback/)
  equal((await gate.failures.next()).reason, 'SP-304')
})
