// The gateway as a component of a server as Debian installs it, by the lines that `quickstart` prints, done to its files.

import assert from 'node:assert/strict'
import process from 'node:process'
import { join } from 'node:path'
import { test } from 'node:test'
import * as z from 'zod'
import { Client, trustForClients, xml } from '../support/client.ts'
import { REFERENCE, Gateway } from '../support/gateway.ts'
import { Step } from '../support/machine.ts'
import { needsPeer } from '../support/peers.ts'
import { makeCa, temporaryFolder } from '../support/pki.ts'
import { run } from '../support/program.ts'
import { eventually } from '../support/within.ts'
import { conditionOf, freshId, referenceIn } from './conversations/conversation.ts'
import { OURS, places, THEIRS } from './places.ts'
import { pairs, sallyport, signRequest } from './quickstart.ts'
import type { StockServer } from './quickstart.ts'

const MAIN = join(import.meta.dirname, '../../src/main.ts')
const Told = z.object({ core: z.tuple([z.object({ steps: z.array(Step) })]) })
const STRANGER = 'stranger.example'

/** Sets the core up by the printed lines; a blocked partner shows that both ways are open. `number`: of its /24 of loopback. */
export function testQuickstartComponent(name: string, number: number, stock: StockServer): void {
  test(name, needsPeer('prosody', 'ejabberd', 'openssl', 'root'), async (t) => {
    const at = places(number)
    const [publicCa, houseCa] = [await makeCa(), await makeCa()]
    const certificate = await stock.certificate(houseCa)
    const machine = await stock.install(t, { address: at.core, certificate })
    const directory = await temporaryFolder(t)
    const core = { core: `${at.core}:5347`, 'core-kind': stock.kind, 'core-protocol': 'component', listen: at.outer }
    const told = Told.parse(await sallyport(directory, ['quickstart', OURS, ...pairs(core)]))
    await signRequest(directory, OURS, publicCa)
    await machine.follow(told.core[0].steps)
    const server = await stock.start(t, machine)
    const check = (): ReturnType<typeof run> =>
      run(process.execPath, [MAIN, 'check', '--online', '--directory', directory])

    await t.test('check has nobody to ask for before there is a partner, and then knocks', async () => {
      assert.match((await check()).stdout, /there is no partner yet/)
      await sallyport(directory, ['partner', 'block', THEIRS])
      assert.match((await check()).stdout, new RegExp(`${THEIRS}: the core takes the secret, and knows the component`))
    })
    const gateway = await Gateway.serve(t, directory)
    trustForClients(publicCa, houseCa, certificate)
    await t.test('check asks the gateway that runs', async () => {
      await eventually('the connection', async () =>
        (await check()).stdout.includes(`${THEIRS}: the core knows the running gateway as its component`)
          ? true
          : undefined,
      )
    })
    await t.test('our user is told why a partner is refused, and by the core that a stranger is', async (one) => {
      const alice = await Client.login(one, { domain: OURS, address: at.core, user: 'alice' })
      for (const domain of [THEIRS, STRANGER]) {
        const id = freshId()
        await alice.send(xml('message', { to: `bob@${domain}`, type: 'chat', id }, xml('body', {}, 'Hello?')))
        const error = await alice.expect('the refusal', (s) => s.attrs['id'] === id)
        assert.equal(error.attrs['type'], 'error')
        if (domain === STRANGER) assert.doesNotMatch(error.toString(), REFERENCE)
        else {
          assert.equal(conditionOf(error), 'not-allowed')
          assert.equal((await gateway.why(referenceIn(error))).reason, 'SP-102')
        }
      }
      assert.ok(server.log.length > 0)
    })
  })
}
