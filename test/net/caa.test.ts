import assert from 'node:assert/strict'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { findCaa } from '../../src/net/caa.ts'
import { installation } from '../support/installation.ts'
import { needsPeer } from '../support/peers.ts'
import { temporaryFolder } from '../support/pki.ts'
import { Program } from '../support/program.ts'
import { run } from '../unit/cli/run.ts'

const SERVER = '127.0.77.9:5353'

/** RFC 8659 §4.1: flags, the length of the tag, tag, value. */
const caa = (name: string, tag: string, value: string): string =>
  `--dns-rr=${name},257,${Buffer.concat([Buffer.of(0, tag.length), Buffer.from(tag + value)]).toString('hex')}`

async function dnsmasq(t: TestContext): Promise<void> {
  const folder = await temporaryFolder(t)
  const [host, port] = SERVER.split(':')
  await Program.start(t, {
    name: 'dnsmasq',
    command: 'dnsmasq',
    args: [
      ...['--keep-in-foreground', '--log-facility=-', '--no-resolv', '--no-hosts', '--local=/#/', '--bind-interfaces'],
      ...[`--listen-address=${host}`, `--port=${port}`, '--user=root', '--pid-file=', '--conf-file=/dev/null'],
      caa('corp.example', 'issue', 'letsencrypt.org'),
      caa('corp.example', 'iodef', 'mailto:pki@corp.example'),
      caa('closed.example', 'issue', ';'),
    ],
    logFile: join(folder, 'dnsmasq.log'),
    ready: /started/,
  })
}

test('the CAs that a domain, or one above it, names in DNS are found', needsPeer('dnsmasq', 'isolation'), async (t) => {
  await dnsmasq(t)
  const find = (domain: string, servers = [SERVER]) => findCaa(domain, { servers, timeoutMs: 2_000 })
  assert.deepEqual(await find('corp.example'), { found: true, at: 'corp.example', issue: ['letsencrypt.org'] })
  assert.deepEqual(await find('a.rooms.corp.example'), { found: true, at: 'corp.example', issue: ['letsencrypt.org'] })
  assert.deepEqual(await find('closed.example'), { found: true, at: 'closed.example', issue: [] })
  assert.deepEqual(await find('open.example'), { found: false, detail: 'no CAA records: every CA may' })
  assert.deepEqual(await find('corp.example', ['127.0.77.10:5353']), {
    found: false,
    detail: 'DNS does not say (ECONNREFUSED)',
  })
})

test(
  'cert plan --online says which CAs may issue, and what partners find',
  needsPeer('dnsmasq', 'isolation'),
  async (t) => {
    await dnsmasq(t)
    const directory = await installation(t)
    const settings = `dns: { servers: ["${SERVER}"], timeout: 2s }\n`
    await appendFile(join(directory, 'federation-config', 'gateway.yaml'), settings)
    const { code, out } = await run(directory, ['cert', 'plan', '--online'])
    assert.equal(code, 1)
    assert.match(out, /CAA at corp\.example: only letsencrypt\.org may issue/)
    assert.match(out, /corp\.example: partners are led to corp\.example:5269, and find no address/)
    const { out: offline } = await run(directory, ['cert', 'plan'])
    assert.ok(!offline.includes('letsencrypt.org'))
  },
)
