// A trace of the whole gateway, asked for over the control socket: the lab's partners on one side, the words of a real
// negotiation on the other.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { test, type TestContext } from 'node:test'
import { ask, controlSocketPath } from '../../src/admin/client.ts'
import { serveControl } from '../../src/admin/control-socket.ts'
import { trace, traceBodies, TraceProgressShape, type TraceProgressOutput } from '../../src/admin/trace.ts'
import type { Control } from '../../src/gateway/control.ts'
import type { Gateway } from '../../src/gateway/gateway.ts'
import type { LabNews } from '../../src/lab/lab.ts'
import type { Partner } from '../../src/policy/partner.ts'
import { Dialog } from '../support/dialog.ts'
import { FakeControl } from '../support/fake-control.ts'
import { eventually } from '../support/within.ts'
import { chat, conversing, evaluation, first } from './evaluation.ts'
import { header } from './gate.ts'

const HOST = '127.0.7.61'
const PARTNER = 'aurora.example'
const BODY = 'hello'

class Tracer extends FakeControl {
  readonly #gateway: Gateway

  constructor(directory: string, gateway: Gateway) {
    super(directory)
    this.#gateway = gateway
  }

  override trace(...query: Parameters<Control['trace']>): ReturnType<Control['trace']> {
    return this.#gateway.tracing.run(...query)
  }
}

async function tracer(t: TestContext) {
  const world = await evaluation(t, HOST)
  const { root, gateway } = world
  const socketPath = controlSocketPath(root)
  const socket = await serveControl({ control: new Tracer(root, gateway), directory: root, socketPath })
  t.after(() => socket[Symbol.asyncDispose]())
  return { ...world, socketPath }
}

type Line = Extract<TraceProgressOutput, { kind: 'line' }>

/** A trace that runs, and what it has told so far. */
async function traced(root: string, subject: string, operation = trace) {
  const told: TraceProgressOutput[] = []
  const enough = new AbortController()
  const begun = Promise.withResolvers<void>()
  const tell = (progress: unknown): void => {
    told.push(TraceProgressShape.parse(progress))
    begun.resolve()
  }
  const outcome = ask(root, operation, { subject }, { tell, signal: enough.signal })
  await Promise.race([begun.promise, outcome])
  const lines = (): readonly Line[] => told.filter((one) => one.kind === 'line')
  return {
    lines,
    told,
    /** The first line that fits. */
    sees: (what: string, fits: (line: Line) => boolean) =>
      eventually(what, () => lines().find(fits)).catch((error: unknown) => {
        throw new Error(
          lines()
            .map(({ way, text }) => `${way ?? '-'} ${text}`)
            .join('\n'),
          { cause: error },
        )
      }),
    async end() {
      enough.abort()
      return outcome
    },
  }
}

const arrow = ({ way }: Line): string => (way === 'in' ? '<' : way === 'out' ? '>' : '-')
const inOrder = (lines: readonly Line[], parts: readonly (readonly [way: string, part: RegExp])[]): void => {
  const text = lines.map((line) => `${arrow(line)} ${line.text}`)
  let at = 0
  for (const [way, part] of parts) {
    const found = text.findIndex((line, n) => n >= at && line.startsWith(way) && part.test(line))
    assert.ok(found >= 0, `${way} ${part.source} after line ${at} of\n${text.join('\n')}`)
    at = found + 1
  }
}
const arrived = (id: string) => (news: LabNews) => news.kind === 'received' && news.stanza.includes(`id="${id}"`)

test('a partner is seen connecting and being connected to, in every word of the negotiation, and no body', async (t) => {
  const { root, lab, gateway } = await tracer(t)
  const seen = await traced(root, PARTNER)
  await conversing(lab)
  await seen.sees('our stanza', ({ what, way }) => what === 'stanza' && way === 'out')
  await seen.sees('theirs', ({ what, way }) => what === 'stanza' && way === 'in')
  assert.deepEqual(await seen.end(), { lines: seen.lines().length, leftOut: 0, ended: 'caller' })
  assert.ok(gateway.tracing.idle)
  assert.equal(gateway.tracing.watched, 0)

  const stanza = seen.lines().filter(({ what }) => what === 'stanza')
  const theirs = stanza.find(({ way }) => way === 'in')?.connection
  const ours = stanza.find(({ way }) => way === 'out')?.connection
  assert.ok(theirs !== undefined && ours !== undefined && theirs !== ours)
  const on = (connection: string): readonly Line[] => seen.lines().filter((line) => line.connection === connection)
  inOrder(on(ours), [
    ['-', /connects to /],
    ['-', /is connected to /],
    ['>', /<stream:stream from='corp.example' to='aurora.example'>/],
    ['<', /<stream:stream .*from='aurora.example'/],
    ['<', /<stream:features.*<starttls/],
    ['>', /<starttls/],
    ['<', /<proceed/],
    ['-', /the handshake begins/],
    ['-', /TLSv1\.[23], .*the peer showed a certificate/],
    ['-', /the certificate proves the name: .*aurora/],
    ['<', /<mechanism>EXTERNAL<\/mechanism>/],
    ['>', /<auth [^>]*mechanism=.EXTERNAL.>…\d+…<\/auth>/],
    ['<', /<success/],
    ['-', /ready between corp.example and aurora.example, by certificate/],
    ['>', /<message .*to='bob@aurora.example'.*id='out'.*<body>…5…<\/body><\/message>/],
  ])
  inOrder(on(theirs), [
    ['-', /127.0.0.1 connects/],
    ['<', /<stream:stream .*from='aurora.example'/],
    ['>', /<stream:stream from='corp.example'/],
    ['>', /<stream:features.*starttls/],
    ['<', /<starttls/],
    ['>', /<proceed/],
    ['-', /TLSv1\.[23]/],
    ['-', /the certificate proves the name/],
    ['<', /<auth [^>]*>…\d+…<\/auth>/],
    ['>', /<success/],
    ['-', /ready between corp.example and aurora.example/],
    ['<', /<message .*id=.in.*<body>…5…<\/body><\/message>/],
  ])
  assert.doesNotMatch(JSON.stringify(seen.told), new RegExp(BODY))
  assert.doesNotMatch(JSON.stringify(seen.told), /YXVyb3JhLmV4YW1wbGU|Y29ycC5leGFtcGxl/, 'the identities in SASL')
  for (const other of ['borealis', 'blocked']) assert.doesNotMatch(JSON.stringify(seen.told), new RegExp(other))
})

test('streams that were up before are seen from now on, until they end, with refusals and failures', async (t) => {
  const { root, lab, gateway, partners, build } = await tracer(t)
  await conversing(lab)
  const seen = await traced(root, PARTNER)
  assert.equal(seen.lines().filter(({ text }) => text.startsWith('up since ')).length, 2)
  lab.send(PARTNER, chat('bob@aurora.example', 'alice@corp.example', 'in-2'))
  lab.send('corp.example', chat('alice@corp.example', 'bob@aurora.example', 'out-2'))
  await first(lab, 0, arrived('in-2'))
  await first(lab, 0, arrived('out-2'))
  await seen.sees('their stanza', ({ way, text }) => way === 'in' && text.includes('in-2'))
  await seen.sees('our stanza', ({ way, text }) => way === 'out' && text.includes('out-2'))

  gateway.apply(await build(partners.map((p): Partner => (p.domain === PARTNER ? { ...p, status: 'blocked' } : p))))
  await seen.sees('the stream error', ({ way, text }) => way === 'out' && text.includes('<policy-violation/>'))
  const ended = await seen.sees('the end', ({ what, reason }) => what === 'stream' && reason === 'SP-102')
  assert.match(ended.text, /^ended by us: /)
  assert.ok(ended.reference)
  lab.send('corp.example', chat('alice@corp.example', 'bob@aurora.example', 'out-3'))
  const refused = await seen.sees('the refusal', ({ what }) => what === 'refusal')
  assert.match(
    refused.text,
    /message of type chat \(id out-3\) from alice@corp.example to bob@aurora.example was refused/,
  )
  assert.ok(refused.reason === 'SP-102' && refused.reference)
  await seen.end()
  assert.doesNotMatch(JSON.stringify(seen.told), new RegExp(BODY))
})

test('a link that fails is seen with what was tried, and how long it waits', async (t) => {
  const { root, lab, gateway, partners, build } = await tracer(t)
  const routes: Partner['connect'] = [{ host: HOST, port: 1, tls: 'starttls' }]
  gateway.apply(await build(partners.map((p): Partner => (p.domain === PARTNER ? { ...p, connect: routes } : p))))
  const seen = await traced(root, PARTNER)
  lab.send('corp.example', chat('alice@corp.example', 'bob@aurora.example', 'lost'))
  await seen.sees(
    'the attempt',
    ({ what, text }) => what === 'connection' && /is not connected to 127.0.7.61:1/.test(text),
  )
  const failed = await seen.sees('the failure', ({ text }) => /no stream to aurora.example: /.test(text))
  assert.ok(failed.reason && failed.reference)
  await seen.sees('the wait', ({ text }) => /the link to aurora.example waits until /.test(text))
  const back = await seen.sees('what came back', ({ what, text }) => what === 'refusal' && /came back/.test(text))
  assert.match(back.text, /id lost/)
  await seen.end()
})

test('an address is seen whoever it says it is; a partner is seen only where it is named', async (t) => {
  const { root, gateway } = await tracer(t)
  const [whole, partner, other] = await Promise.all([
    traced(root, '127.0.0.1'),
    traced(root, PARTNER),
    traced(root, 'stranger.example'),
  ])
  const port = Number(
    gateway.listeners
      .find(({ name }) => name === 'federation')
      ?.address.split(':')
      .at(-1),
  )
  for (const from of ['stranger.example', PARTNER]) {
    await using dialog = await Dialog.open({ host: HOST, port })
    await dialog.say(header({ from, to: 'corp.example' })).expect(/<starttls/)
    await dialog.say('<message/>').end()
  }
  const ends = (line: Line): boolean => line.text.startsWith('ended by us: ')
  await eventually('both ends', () => (whole.lines().filter(ends).length === 2 ? true : undefined))
  await Promise.all([whole.end(), partner.end(), other.end()])
  assert.equal(partner.lines().filter(ends).length, 1)
  assert.equal(other.lines().filter(ends).length, 1)
  assert.doesNotMatch(JSON.stringify(partner.told), /stranger/)
  assert.doesNotMatch(JSON.stringify(other.told), /aurora/)
  // What was said before the name is there too, and in its place.
  inOrder(other.lines(), [
    ['-', /127.0.0.1 connects/],
    ['<', /from='stranger.example'/],
    ['>', /<stream:features/],
    ['<', /too early: <message\/>/],
    ['>', /<stream:error>/],
    ['-', /ended by us/],
  ])
  assert.equal(gateway.tracing.watched, 0)
})

test('with bodies a trace shows what is said, and who asked stands in the journal', async (t) => {
  const { root, lab, told } = await tracer(t)
  const seen = await traced(root, PARTNER, traceBodies)
  await conversing(lab)
  const line = await seen.sees('our stanza', ({ what, way }) => what === 'stanza' && way === 'out')
  assert.match(line.text, /<body>hello<\/body>/)
  assert.match(JSON.stringify(seen.lines()), /<auth [^>]*>…\d+…<\/auth>/)
  await seen.end()
  assert.partialDeepStrictEqual(told('traceBegun')[0]?.with[0], { subject: PARTNER, bodies: true, running: 1 })
  assert.partialDeepStrictEqual(told('traceOver')[0]?.with[0], { subject: PARTNER, ended: 'caller', running: 0 })
})

test('when whoever asked is gone, nothing is watched any more', async (t) => {
  const { gateway, socketPath, lab } = await tracer(t)
  await conversing(lab)
  const socket = connect(socketPath)
  const begun = new Promise((resolve) => socket.once('data', resolve))
  socket.write(`{"operation":"trace","input":{"subject":"${PARTNER}"},"progress":true}\n`)
  await begun
  assert.ok(!gateway.tracing.idle && gateway.tracing.watched === 2)
  socket.destroy()
  await eventually('the end of the trace', () => (gateway.tracing.idle ? true : undefined))
  assert.equal(gateway.tracing.watched, 0)
})

test('four traces run at once and no more, none of ourselves, and a gateway that stops ends them', async (t) => {
  const { root, gateway } = await tracer(t)
  await assert.rejects(ask(root, trace, { subject: 'corp.example' }), /is a domain of ours/)
  await assert.rejects(
    ask(root, trace, { subject: randomBytes(2).toString('hex') + ' no' }),
    /neither a domain nor an IP/,
  )
  const running = await Promise.all(
    ['a.example', 'b.example', '192.0.2.1', '2001:DB8::0:1'].map((s) => traced(root, s)),
  )
  assert.deepEqual(running.at(-1)?.told[0], {
    ...running.at(-1)?.told[0],
    kind: 'begun',
    about: ['2001:db8::1'],
    bodies: false,
  })
  await assert.rejects(ask(root, trace, { subject: 'c.example' }), /4 traces run already/)
  gateway.tracing.abandon()
  const outcomes = await Promise.all(running.map(async ({ end }) => end()))
  assert.deepEqual(
    outcomes.map(({ ended }) => ended),
    ['stopped', 'stopped', 'stopped', 'stopped'],
  )
})
