// Health and metrics over real HTTP.

import assert from 'node:assert/strict'
import { request } from 'node:http'
import { connect } from 'node:net'
import { test, type TestContext } from 'node:test'
import { HealthListener, type HealthLimits, type Readiness } from '../../../src/admin/health.ts'
import { ListenError } from '../../../src/gateway/listening.ts'
import { observe } from '../../../src/observe/observe.ts'
import { OPEN_METRICS_TYPE } from '../../../src/observe/metrics.ts'
import { readOpenMetrics } from '../../support/open-metrics.ts'
import { within } from '../../support/within.ts'
import { Writable } from 'node:stream'

const { events, metrics } = observe({ to: new Writable({ write: (_c, _e, done) => done() }), now: Date.now })

async function listener(t: TestContext, limits: Partial<HealthLimits> = {}) {
  const state: { ready: Readiness; bugs: unknown[]; fails: boolean } = {
    ready: { ready: true, why: [] },
    bugs: [],
    fails: false,
  }
  const open = await HealthListener.open({
    at: { host: '127.0.0.1', port: 0 },
    readiness: () => state.ready,
    metrics: () => {
      if (state.fails) throw new Error('boom')
      return metrics.openMetrics()
    },
    bug: (error) => state.bugs.push(error),
    limits,
  })
  t.after(() => open[Symbol.asyncDispose]())
  return { port: open.port, state }
}

interface Answer {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

function ask(port: number, path: string, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
    let body = ''
    response.setEncoding('utf8')
    response.on('data', (text: string) => (body += text))
    response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }))
  })
  asked.on('error', reject)
  asked.end()
  return within(5000, promise, path)
}

/** All that comes back for these bytes, until the connection ends. */
async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port })
  let heard = ''
  socket.setEncoding('utf8').on('data', (text) => (heard += String(text)))
  socket.on('error', () => {})
  socket.write(bytes)
  const { promise, resolve } = Promise.withResolvers<void>()
  socket.once('close', () => resolve())
  await within(5000, promise, 'the end of the connection')
  return heard
}

test('live and ready are answered, and not ready says why', async (t) => {
  const { port, state } = await listener(t)
  const live = await ask(port, '/health/live')
  assert.deepEqual([live.status, JSON.parse(live.body)], [200, { live: true }])
  const ready = await ask(port, '/health/ready')
  assert.deepEqual([ready.status, JSON.parse(ready.body)], [200, { ready: true, why: [] }])
  assert.equal(ready.headers['content-type'], 'application/json')
  assert.equal(ready.headers['cache-control'], 'no-store')
  state.ready = { ready: false, why: ['the gateway is draining'] }
  const not = await ask(port, '/health/ready?x=1')
  assert.deepEqual([not.status, JSON.parse(not.body)], [503, state.ready])
  assert.equal((await ask(port, '/health/live')).status, 200, 'it lives all the same')
})

test('metrics are OpenMetrics, whatever is in the labels', async (t) => {
  const { port } = await listener(t)
  const strange = 'a"b\\c\nd,e}f.example'
  events.partnersLoaded([{ domain: strange, status: 'allowed' }])
  events.stanzaPassed('inbound', strange)
  events.linksNow([{ leg: 'partner', state: 'idle', heldBack: true, partner: strange, stanzas: 2, bytes: 200 }])
  events.readiness(true)
  const { status, headers, body } = await ask(port, '/metrics')
  assert.equal(status, 200)
  assert.equal(headers['content-type'], OPEN_METRICS_TYPE)
  assert.match(OPEN_METRICS_TYPE, /^application\/openmetrics-text; version=1\.0\.0; charset=utf-8$/)
  const families = readOpenMetrics(body)
  assert.deepEqual(
    [...families.keys()],
    metrics.declarations().map(({ name }) => name),
  )
  assert.ok([...families.values()].every(({ help }) => help.endsWith('.')))
  assert.deepEqual(families.get('sallyport_stanzas')?.samples, [
    { labels: { direction: 'inbound', verdict: 'pass', partner: strange }, value: 1 },
  ])
  assert.equal(families.get('sallyport_queue_bytes')?.samples[0]?.value, 200)
  assert.equal(families.get('sallyport_ready')?.samples[0]?.value, 1)
})

test('the reader of the metrics takes nothing that is not allowed', () => {
  for (const text of [
    '',
    '# EOF',
    '# TYPE a gauge\na 1\n',
    'a 1\n# EOF\n',
    '# TYPE a counter\na 1\n# EOF\n',
    '# TYPE a_total counter\na_total_total 1\n# EOF\n',
    '# TYPE a gauge\n# TYPE a gauge\n# EOF\n',
    '# TYPE a gauge\na 1\na 2\n# EOF\n',
    '# TYPE a gauge\na 1\n# HELP a x\n# EOF\n',
    '# TYPE a gauge\na{b="c} 1\n# EOF\n',
    '# TYPE a gauge\na{b="c",b="d"} 1\n# EOF\n',
    '# TYPE a gauge\na{b="c",} 1\n# EOF\n',
    '# TYPE a gauge\na{b="\\x"} 1\n# EOF\n',
    '# TYPE a gauge\na undefined\n# EOF\n',
    '# TYPE a gauge\n\na 1\n# EOF\n',
    '# TYPE a counter\na_total -1\n# EOF\n',
  ]) {
    assert.throws(() => readOpenMetrics(text), Error, JSON.stringify(text))
  }
})

test('other paths, other methods and other hosts get an error and the end of the connection', async (t) => {
  const { port } = await listener(t)
  const host = `127.0.0.1:${port}`
  for (const [method, path, name, status] of [
    ['GET', '/', host, 404],
    ['GET', '/health', host, 404],
    ['GET', '/health/ready/', host, 404],
    ['GET', '/metrics%2f', host, 404],
    ['GET', '/../metrics', host, 404],
    ['GET', '//metrics', host, 404],
    ['POST', '/metrics', host, 405],
    ['HEAD', '/health/live', host, 405],
    ['OPTIONS', '/metrics', host, 405],
    ['DELETE', '/health/ready', host, 405],
    ['PUT', '/nowhere', host, 404],
    ['GET', '/metrics', 'evil.example', 421],
    ['GET', '/metrics', `127.0.0.1.evil.example:${port}`, 421],
    ['GET', '/metrics', `10.0.0.1:${port}`, 421],
    ['GET', '/metrics', `localhost:${port}`, 200],
    ['GET', '/metrics', `[::1]:${port}`, 200],
  ] as const) {
    const { status: got, headers } = await ask(port, path, method, { Host: name })
    assert.equal(got, status, `${method} ${path} ${name}`)
    assert.equal(headers['allow'], status === 405 ? 'GET' : undefined)
    if (status !== 200) assert.equal(headers['connection'], 'close')
  }
  assert.match(await raw(port, 'GET /metrics HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 421 /)
})

test('clients that are slow, long-winded or no HTTP clients at all are let go', async (t) => {
  const { port } = await listener(t, { requestMs: 200, headerBytes: 2048 })
  const host = 'Host: localhost\r\n'
  for (const [what, bytes, heard] of [
    ['half a header', `GET /metrics HTTP/1.1\r\n${host}`, /^HTTP\/1\.1 408 /],
    ['a header that is too long', `GET /metrics HTTP/1.1\r\n${host}X: ${'x'.repeat(4000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
    ['a body that never comes', `POST /metrics HTTP/1.1\r\n${host}Content-Length: 9\r\n\r\n`, /^HTTP\/1\.1 405 /],
    ['an idle connection', `GET /health/live HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1\.1 200 /],
    ['XMPP', "<stream:stream xmlns='jabber:server'>", /^HTTP\/1\.1 400 /],
    ['nothing', '', /^(?:HTTP\/1\.1 408 .*)?/],
  ] as const) {
    assert.match(await raw(port, bytes), heard, what)
  }
  assert.equal((await ask(port, '/health/live')).status, 200)
})

test('no more connections are taken than allowed, and places that are free again can be used', async (t) => {
  const { port } = await listener(t, { connections: 2, requestMs: 1000 })
  const held = [1, 2].map(() => connect({ host: '127.0.0.1', port }))
  for (const socket of held) socket.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await Promise.all(held.map((socket) => within(5000, new Promise((done) => socket.once('data', done)), 'an answer')))
  assert.equal(await raw(port, 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n'), '')
  await Promise.all(held.map((socket) => within(5000, new Promise((done) => socket.once('close', done)), 'the end')))
  assert.equal((await ask(port, '/health/live')).status, 200)
})

test('a bug is told to the log and not to the client', async (t) => {
  const { port, state } = await listener(t)
  state.fails = true
  const { status, body } = await ask(port, '/metrics')
  assert.equal(status, 500)
  assert.doesNotMatch(body, /boom/)
  assert.equal(state.bugs.length, 1)
})

test('a port that is taken is told with the setting that names it', async (t) => {
  const { port } = await listener(t)
  await assert.rejects(
    HealthListener.open({
      at: { host: '127.0.0.1', port },
      readiness: () => ({ ready: true, why: [] }),
      metrics: () => '',
      bug: () => {},
    }),
    (error) => error instanceof ListenError && error.setting === 'listen.admin' && error.code === 'EADDRINUSE',
  )
})

test('whoever asks again before the answer is there is not answered, however much fits into a packet', async (t) => {
  let asked = 0
  const open = await HealthListener.open({
    at: { host: '127.0.0.1', port: 0 },
    readiness: () => ({ ready: true, why: [] }),
    metrics: () => {
      asked += 1
      return ''
    },
    bug: (error) => assert.fail(String(error)),
  })
  t.after(() => open[Symbol.asyncDispose]())
  await raw(open.port, 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(1000))
  assert.equal(asked, 1)
})
