// The profile `dod` on a machine without a validated provider of cryptography, which every Node that npm brings is: the start
// is refused, and says what would permit it; where the settings waive the provider, the gateway runs and tells of it.

import assert from 'node:assert/strict'
import process from 'node:process'
import { join } from 'node:path'
import { test } from 'node:test'
import * as z from 'zod'
import { Gateway, type GatewayOptions } from '../support/gateway.ts'
import { issue, makeCa } from '../support/pki.ts'
import { run } from '../support/program.ts'

const MAIN = join(import.meta.dirname, '../../src/main.ts')
const STRONG = { key: 'p384', hash: 'SHA-384' } as const

const ca = await makeCa(STRONG)

/** @param number of a /24 of loopback @param federation what else the settings say */
async function installation(
  number: number,
  federation: Readonly<Record<string, unknown>>,
): Promise<Omit<GatewayOptions, 'partners'>> {
  const at = (host: number): string => `127.0.${number}.${host}`
  return {
    domains: { 'corp.example': await issue({ ca, names: ['corp.example'], ...STRONG }) },
    core: at(1),
    coreTrust: ca,
    anchors: [ca],
    inner: at(2),
    outer: at(3),
    dns: at(53),
    settings: { federation: { profile: 'dod', ...federation } },
  }
}

test('the start is refused with exit code 78 and with what to do, and nothing listens', async (t) => {
  const directory = await Gateway.install(t, await installation(62, {}))
  const { code, stdout, stderr } = await run(process.execPath, [MAIN, 'serve', '--directory', directory])
  assert.equal(code, 78)
  assert.match(stderr, /gateway\.yaml: federation\.fips: SP-916: .*validated under FIPS 140/)
  assert.match(stderr, /NODE_OPTIONS=--force-fips.*federation\.fips: reported/)
  assert.match(stderr, /Nothing was started/)
  assert.equal(stdout, '')
})

const Cryptography = z.object({
  cryptography: z.object({
    profile: z.string(),
    fips: z.object({ on: z.boolean(), detail: z.string() }),
    deviations: z.array(z.string()),
  }),
})

test('with federation.fips: reported it starts, and status and check say how it deviates', async (t) => {
  const gateway = await Gateway.start(t, await installation(63, { fips: 'reported' }))
  const { cryptography } = Cryptography.parse(await gateway.command('status'))
  assert.deepEqual([cryptography.profile, cryptography.fips.on], ['dod', false])
  assert.deepEqual(cryptography.deviations, [
    'no validated provider of cryptography, which the profile demands (federation.fips: reported)',
  ])
  const told = async (command: string): Promise<string> =>
    (await run(process.execPath, [MAIN, command, '--directory', gateway.directory])).stdout
  assert.match(
    await told('status'),
    /^ +profile +dod, on OpenSSL .*, without a FIPS provider\. IT DEVIATES: no validated /m,
  )
  assert.match(await told('check'), /profile dod.*no validated provider of cryptography/)
})

test('with the profile for one partner only, status and check say so too', async (t) => {
  const partners = { 'aurora.example': { status: 'allowed', profile: 'dod', owner: 'a@corp.example', purpose: 'test' } }
  const gateway = await Gateway.start(t, {
    ...(await installation(59, { profile: 'standard', fips: 'reported' })),
    partners,
  })
  const short =
    'no validated provider of cryptography, which the profile dod of a partner demands (federation.fips: reported)'
  const { cryptography } = Cryptography.parse(await gateway.command('status'))
  assert.deepEqual([cryptography.profile, cryptography.deviations], ['standard', [short]])
  const { stdout } = await run(process.execPath, [MAIN, 'check', '--directory', gateway.directory])
  assert.ok(stdout.includes(short), stdout)
})
