// Servers stop, crash and come back. Whoever is left says so at once to who writes meanwhile, and carries on by itself
// when the other is there again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { xml } from '../support/client.ts'
import type { Element } from '../support/client.ts'
import { Gateway } from '../support/gateway.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import type { ServerOptions, StartServer } from '../support/server.ts'
import { eventually } from '../support/within.ts'
import { conditionOf, freshId, isMessage, referenceIn } from './conversations/conversation.ts'
import type { Side } from './conversations/conversation.ts'
import { OURS, THEIRS, USERS, conferenceOf, places, side } from './places.ts'
import { buildWorld } from './world.ts'

export interface RestartOptions {
  readonly name: string
  readonly number: number
  readonly core: StartServer
  readonly partner: StartServer
  /** The gateway is the core's component (XEP-0114). */
  readonly component?: 'one' | 'per-domain'
}

/** Restarts each of the three in turn. */
export function testRestarts(o: RestartOptions): void {
  test(o.name, needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root'), async (t) => {
    const world = await buildWorld(t, {
      number: o.number,
      core: o.core,
      component: o.component,
      outside: { [THEIRS]: places(o.number).partner },
      partners: { [THEIRS]: { status: 'allowed' } },
    })
    const { at, publicCa, coreOptions } = world
    const partnerOptions: ServerOptions = {
      address: at.partner,
      dns: at.outerDns,
      anchors: [publicCa],
      hosts: [
        {
          domain: THEIRS,
          conference: conferenceOf(THEIRS),
          certificate: await issue({ ca: publicCa, names: [THEIRS, conferenceOf(THEIRS)] }),
          users: USERS,
        },
      ],
    }
    let { gateway, core } = world
    let partner = await o.partner(t, partnerOptions)
    const ours = (): Side => side(core, OURS)
    const theirs = (): Side => side(partner, THEIRS)

    const step = async (name: string, run: (one: TestContext) => Promise<void>): Promise<void> => {
      await t.test(name, async (one) => {
        try {
          await run(one)
        } catch (error) {
          one.diagnostic([gateway, core, partner].map(({ log }) => log.tail()).join('\n'))
          throw error
        }
      })
    }

    await step('words cross both ways', (one) => assertTalk(one, ours(), theirs()))
    await step('and again after the gateway was stopped and started', async (one) => {
      assert.equal(await gateway.stop(), 0)
      gateway = await Gateway.serve(t, gateway.directory)
      await assertTalk(one, ours(), theirs())
    })
    await step('and again after the gateway was killed and started', async (one) => {
      assert.equal(await gateway.stop('SIGKILL'), 'SIGKILL')
      gateway = await Gateway.serve(t, gateway.directory)
      await assertTalk(one, ours(), theirs())
    })
    await step('while the partner is gone our users are told so, and when it is back words cross', async (one) => {
      await partner.kill()
      const error = await firstError(one, ours(), `bob@${THEIRS}`)
      assert.equal(conditionOf(error), 'remote-server-not-found')
      const { reason, verdict } = await gateway.why(referenceIn(error))
      assert.deepEqual([reason, verdict], ['SP-211', 'refuse'])
      partner = await o.partner(t, partnerOptions)
      await assertTalk(one, ours(), theirs())
    })
    await step('while the core is gone the partner is told so, and when it is back words cross', async (one) => {
      await core.kill()
      const error = await firstError(one, theirs(), `alice@${OURS}`)
      assert.equal(conditionOf(error), 'remote-server-timeout')
      const { reason, verdict } = await gateway.why(referenceIn(error))
      assert.deepEqual([reason, verdict], ['SP-221', 'refuse'])
      core = await o.core(t, coreOptions)
      await assertTalk(one, ours(), theirs())
    })
  })
}

/** Words cross both ways, each as soon as the servers are willing to try. */
async function assertTalk(t: TestContext, ours: Side, theirs: Side): Promise<void> {
  const [alice, bob] = [await ours.login(t, 'alice'), await theirs.login(t, 'bob')]
  for (const [from, to] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    await eventually(`that the words of ${from.bare} reach ${to.bare}`, async () => {
      const [text, id] = [freshId(), freshId()]
      await from.send(xml('message', { to: to.jid, type: 'chat', id }, xml('body', {}, text)))
      const arrived = to.expect('the words', isMessage(from.jid, text), 2_000).then(
        () => true,
        () => undefined,
      )
      const refused = from
        .expect('an error', (s) => s.attrs['id'] === id, 2_000)
        .then(
          () => undefined,
          () => undefined,
        )
      return Promise.race([arrived, refused])
    })
  }
}

/** Writes until the words come back: the first may still go into a connection that is about to break. */
async function firstError(t: TestContext, from: Side, to: string): Promise<Element> {
  const writer = await from.login(t, 'alice')
  return eventually('an error', async () => {
    const id = freshId()
    await writer.send(xml('message', { to, type: 'chat', id }, xml('body', {}, 'Are you there?')))
    return writer.expect('an error', (s) => s.attrs['id'] === id, 2_000).catch(() => undefined)
  })
}
