// The process taken out of service: by command and by signal, seen through its admin listener.

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { makeEvaluation } from '../../src/lab/setup.ts'
import { Gateway } from '../support/gateway.ts'
import { readOpenMetrics } from '../support/open-metrics.ts'
import { temporaryFolder } from '../support/pki.ts'
import { eventually, within } from '../support/within.ts'

const PORT = 15_443

/** A running evaluation set-up with an admin listener and a long time for balancers. */
async function served(t: TestContext, host: string): Promise<Gateway> {
  const root = await temporaryFolder(t)
  await makeEvaluation(root, Date.now(), host)
  const file = join(root, 'federation-config', 'gateway.yaml')
  const text = (await readFile(file, 'utf8')).replace(/^listen:.*$/m, `$&\n  admin: { host: ${host}, port: ${PORT} }`)
  await writeFile(file, `${text}\nlimits: { drainNotice: 10m }\n`)
  return Gateway.serve(t, root)
}

async function ask(
  host: string,
  path: string,
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number | undefined; body: string }>()
  get({ host, port: PORT, path, agent: false }, (response) => {
    let body = ''
    response.setEncoding('utf8').on('data', (more: string) => (body += more))
    response.on('end', () => resolve({ status: response.statusCode, body }))
  }).on('error', reject)
  return within(10_000, promise, path)
}

test('on the first signal readiness ends and nothing else, and the second one hastens the end', async (t) => {
  const host = '127.0.7.45'
  const gateway = await served(t, host)
  assert.deepEqual(await ask(host, '/health/ready'), { status: 200, body: '{"ready":true,"why":[]}\n' })
  const ended = gateway.stop()
  await eventually('that it is not ready', async () =>
    (await ask(host, '/health/ready')).status === 503 ? true : undefined,
  )
  assert.match((await ask(host, '/health/ready')).body, /"the gateway is draining"/)
  assert.equal((await ask(host, '/health/live')).status, 200)
  await gateway.stop()
  assert.equal(await within(20_000, ended, 'the end'), 0)
  assert.deepEqual(
    gateway.log
      .lines(/"event":"gateway\.(?:stopping|draining|drained|stopped)"/)
      .map((line) => /gateway\.(\w+)/.exec(line)?.[1]),
    ['stopping', 'draining', 'drained', 'stopped'],
  )
})

test('drained by command it is not ready until the command takes it back, and the metrics say so', async (t) => {
  const host = '127.0.7.46'
  const gateway = await served(t, host)
  const ready = async (): Promise<number | undefined> =>
    readOpenMetrics((await ask(host, '/metrics')).body).get('sallyport_ready')?.samples[0]?.value
  assert.equal(await ready(), 1)
  assert.partialDeepStrictEqual(await gateway.command('drain'), { service: { state: 'draining' } })
  assert.equal((await ask(host, '/health/ready')).status, 503)
  assert.equal(await ready(), 0)
  assert.partialDeepStrictEqual(await gateway.command('drain', '--undo'), { service: { state: 'serving' } })
  assert.equal((await ask(host, '/health/ready')).status, 200)
  assert.equal(await ready(), 1)
  assert.ok((await gateway.listeners()).includes(`${host}:${PORT} none`))
})
