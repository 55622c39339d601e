// The log at real log servers: two syslog-ng, with certificates on both sides.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { test, type TestContext } from 'node:test'
import { makeEvaluation } from '../../src/lab/setup.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa, writeIdentity } from '../support/pki.ts'
import { Program, run } from '../support/program.ts'
import { eventually } from '../support/within.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
const PORT = 6514
const HOST = '127.0.7.140'

const ca = await makeCa()

/** It writes each message, without its header, as a line of `log`. */
async function syslogNg(t: TestContext, folder: string, address: string): Promise<Program> {
  await mkdir(folder, { recursive: true })
  const { certFile, keyFile } = await writeIdentity(folder, await issue({ ca, names: ['log.example'] }))
  await writeFile(join(folder, 'ca.pem'), ca.pem)
  const conf = `@version: 3.38
options { keep-hostname(yes); use-dns(no); stats-freq(0); };
source federation {
  syslog(ip("${address}") port(${PORT}) transport("tls") tls(
    cert-file("${certFile}") key-file("${keyFile}") ca-file("${join(folder, 'ca.pem')}") peer-verify(required-trusted)
  ));
};
destination all { file("${join(folder, 'log')}" template("$PROGRAM $MSGID $FACILITY $LEVEL $MSG\\n")); };
log { source(federation); destination(all); };
`
  await writeFile(join(folder, 'syslog-ng.conf'), conf)
  const at = (name: string): string => join(folder, name)
  const files = ['-f', at('syslog-ng.conf'), '-R', at('persist'), '-c', at('control'), '-p', at('pid')]
  return Program.start(t, {
    ...{ name: 'syslog-ng', command: '/usr/sbin/syslog-ng', args: ['-F', '-e', '-v', '--no-caps', ...files] },
    ...{ logFile: at('syslog-ng.log'), ready: /syslog-ng starting up/ },
  })
}

const MESSAGE = /^sallyport (\S+) (\S+) (\S+) (\{.*\})$/

/** What it has written, a line of JSON each. */
async function written(folder: string): Promise<readonly string[]> {
  const text = await readFile(join(folder, 'log'), 'utf8').catch(() => '')
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [, event, facility, , json = ''] = MESSAGE.exec(line) ?? assert.fail(line)
      assert.equal((JSON.parse(json) as { event: string }).event, event)
      assert.match(facility ?? '', /^(?:log_?audit|13|security)$/)
      return json
    })
}

test(
  'two syslog-ng have every line from the first to the last; one that was away has what it missed',
  needsPeer('syslogNg'),
  async (t) => {
    const root = await mkdtemp(join(tmpdir(), 'sallyport-'))
    t.after(() => rm(root, { recursive: true, force: true }))
    await makeEvaluation(root, Date.now(), HOST)
    const own = await writeIdentity(root, await issue({ ca, names: ['gateway.example'] }))
    await writeFile(join(root, 'log-ca.pem'), ca.pem)
    const addresses = ['127.0.7.141', '127.0.7.142']
    const folders = addresses.map((address) => join(root, address))
    const servers = await Promise.all(folders.map((folder, at) => syslogNg(t, folder, addresses[at]!)))
    const entries = addresses.map((address) => ({
      ...{ address: `${address}:${PORT}`, name: 'log.example', trust: 'log-ca.pem' },
      ...{ certificate: own.certFile, key: own.keyFile },
    }))
    await appendFile(join(root, 'federation-config/gateway.yaml'), `log: ${JSON.stringify({ servers: entries })}\n`)
    const sallyport = async (...words: readonly string[]): Promise<unknown> =>
      JSON.parse((await run(process.execPath, [MAIN, ...words, '--json', '--directory', root])).stdout)

    const child = spawn(process.execPath, [MAIN, 'serve', '--directory', root])
    t.after(() => child.kill('SIGKILL'))
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    const closed = once(child, 'close')
    const hasAll = async (folder: string): Promise<true | undefined> => {
      const lines = out.split('\n').slice(0, -1)
      const there = await written(folder)
      return lines.length > 0 && lines.every((line, at) => there[at] === line) ? true : undefined
    }
    await eventually('the gateway is up', () => (out.includes('gateway.started') ? true : undefined))
    for (const folder of folders) await eventually('it has all', () => hasAll(folder))
    assert.partialDeepStrictEqual(await sallyport('status'), { logServers: [{ isUp: true }, { isUp: true, lost: 0 }] })
    const subjects = async (): Promise<readonly string[]> => {
      const { checks } = (await sallyport('check', '--online')) as { checks: { area: string; severity: string }[] }
      return checks.filter(({ area }) => area === 'log').map(({ severity }) => severity)
    }
    assert.deepEqual(await subjects(), ['ok', 'ok'])

    await servers[0]![Symbol.asyncDispose]()
    await eventually('it is missed', () => (out.includes('log-server.down') ? true : undefined))
    assert.deepEqual(await subjects(), ['error', 'ok'])
    await sallyport('partner', 'set', 'aurora.example', '--purpose', 'Trial', '--yes')
    await eventually('the other has all', () => hasAll(folders[1]!))
    assert.equal(await hasAll(folders[0]!), undefined)
    await syslogNg(t, folders[0]!, addresses[0]!)
    await eventually('it has what it missed', () => hasAll(folders[0]!))

    child.kill('SIGTERM')
    assert.deepEqual(await closed, [0, null])
    assert.match(out.trimEnd(), /"event":"gateway.stopped"\}$/)
    for (const folder of folders) await eventually('it has the last line', () => hasAll(folder))
  },
)
