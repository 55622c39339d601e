// The ways from the gateway to the client port of a real core: whichever is written, a user logs in over it, with nothing
// to be seen of it outside, and `check --online` says so.

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { ask } from '../../src/admin/client.ts'
import { reload } from '../../src/admin/status.ts'
import type { Gateway } from '../support/gateway.ts'
import { RawClient } from '../support/raw-client.ts'
import { CLIENT_PORTS, type XmppServer } from '../support/server.ts'

export interface Way {
  readonly gateway: Gateway
  readonly core: XmppServer
  readonly tls: keyof typeof CLIENT_PORTS
  /** Where clients connect. */
  readonly client: { readonly host: string; readonly domain: string }
}

/** Leads remote users to the core in this way, from now on. */
async function lead({ gateway, core, tls }: Way): Promise<void> {
  const file = join(gateway.directory, 'federation-config/gateway.yaml')
  const settings: unknown = parse(await readFile(file, 'utf8'))
  assert.ok(typeof settings === 'object' && settings !== null && 'core' in settings)
  const clients = { address: `${core.address}:${CLIENT_PORTS[tls]}`, tls }
  await writeFile(file, stringify({ ...settings, core: { ...Object(settings.core), clients } }))
  const { applied, findings } = await ask(gateway.directory, reload, {})
  assert.ok(applied, JSON.stringify(findings))
}

export async function testWay(way: Way): Promise<void> {
  const { gateway, core, tls, client: where } = way
  await lead(way)
  const checks = await gateway.checks('remote')
  const logIns = checks.find((one) => one.includes('users can log in')) ?? ''
  assert.match(
    logIns,
    new RegExp(`^ok: ${where.domain.replaceAll('.', String.raw`\.`)}: .*SCRAM-SHA-1`),
    checks.join('\n'),
  )
  assert.deepEqual(
    // The names of the test are for servers: nobody finds us by them as a client.
    checks.filter((one) => one.startsWith('error') && !one.includes(': clients are led')),
    [],
  )
  // Over TLS ejabberd binds to the channel, whatever is in between.
  const binds = checks.some((one) => one.startsWith('warning') && one.includes('SP-823'))
  assert.equal(binds, core.kind === 'ejabberd' && tls !== 'none')
  const client = await RawClient.login({ ...where, user: 'judy', mechanism: 'SCRAM-SHA-1' })
  const jid = await client.bind(`by-${tls}`)
  await client.dialog.say(`<message to='${jid}' id='w'><body>around</body></message>`).expect(/<message[^>]*>.*around/s)
  assert.doesNotMatch(client.before + client.after, /starttls|PLUS/)
  await client.dialog.say('</stream:stream>').end()
}
