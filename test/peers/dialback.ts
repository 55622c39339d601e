// A partner that nobody's certificate proves, and whose server does dialback: in both directions, over TLS, with the floor
// of its entry where it must be, and refused where it is not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { Client, xml } from '../support/client.ts'
import { REFERENCE } from '../support/gateway.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import type { StartServer } from '../support/server.ts'
import { conditionOf, freshId, isMessage, referenceIn } from './conversations/conversation.ts'
import { conferenceOf, OURS, places, side, THEIRS } from './places.ts'
import { buildWorld } from './world.ts'

export interface DialbackOptions {
  readonly name: string
  /** Of the /24 of loopback that it has to itself. */
  readonly number: number
  readonly partner: StartServer
  /** Does the partner trust the CA of our certificate, so that only its own proves nothing? */
  readonly trustsUs: boolean
}

const FLOOR = ['partner', 'set', THEIRS, '--authentication']

export function testDialback(o: DialbackOptions): void {
  test(o.name, needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root'), async (t) => {
    const { partner: address } = places(o.number)
    const world = await buildWorld(t, {
      number: o.number,
      core: prosody,
      outside: { [THEIRS]: address },
      partners: { [THEIRS]: { status: 'allowed', alsoKnownAs: [conferenceOf(THEIRS)] } },
      settings: { limits: { dialback: '2s' } },
    })
    const { gateway, core, publicCa, at, outerDns } = world
    const partner = await o.partner(t, {
      address,
      dns: at.outerDns,
      anchors: [o.trustsUs ? publicCa : await makeCa()],
      hosts: [
        {
          domain: THEIRS,
          conference: conferenceOf(THEIRS),
          certificate: await issue({ names: [THEIRS, conferenceOf(THEIRS)] }),
          users: ['bob'],
        },
      ],
      proof: 'dialback',
    })
    const alice = await side(core, OURS).login(t, 'alice')
    const bob = await Client.login(t, { user: 'bob', domain: THEIRS, address, unverified: true })
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
    const crosses = async (from: Client, to: Client): Promise<void> => {
      const text = `from ${from.bare} ${freshId()}`
      await from.send(xml('message', { to: to.jid, type: 'chat', id: freshId() }, xml('body', {}, text)))
      await to.expect('the message', isMessage(from.jid, text))
    }
    const streams = async (): Promise<readonly string[]> =>
      (await gateway.streams())
        .filter(({ leg }) => leg === 'partner')
        .map(({ role, method, remote }) => `${role} ${remote} ${method}`)
        .toSorted()

    await step('with the floor certificate our words do not reach it', async () => {
      const id = freshId()
      await alice.send(xml('message', { to: bob.jid, type: 'chat', id }, xml('body', {}, 'Is it you?')))
      const error = await alice.expect('the error', (s) => s.attrs['id'] === id)
      assert.equal(conditionOf(error), 'remote-server-timeout')
      assert.equal((await gateway.why(referenceIn(error))).reason, 'SP-304')
    })
    await step('with the floor certificate, and none that allows less, it is refused at once', async () => {
      const [mark, asked] = [partner.log.length, outerDns.log.length]
      const id = freshId()
      await bob.send(xml('message', { to: alice.jid, type: 'chat', id }, xml('body', {}, 'It is me')))
      await bob.expect('an error', (s) => s.attrs['id'] === id && s.attrs['type'] === 'error')
      const [, reference = ''] = await partner.log.expect(REFERENCE, { since: mark })
      assert.partialDeepStrictEqual(await gateway.why(reference), {
        event: 'stream',
        verdict: 'fail',
        reason: 'SP-304',
      })
      assert.deepEqual(
        outerDns.queries(asked).filter((query) => query.includes(THEIRS)),
        [],
      )
    })
    await step('where another entry allows dialback, this one is refused after the pause, and not asked', async () => {
      await gateway.command('partner', 'add', 'other.example', '--authentication', 'dialback-over-tls')
      const asked = partner.inboundConnections()
      const id = freshId()
      await bob.send(xml('message', { to: alice.jid, type: 'chat', id }, xml('body', {}, 'It is me, really')))
      await bob.expect('an error', (s) => s.attrs['id'] === id && s.attrs['type'] === 'error')
      const record = (await gateway.recent(THEIRS)).find(({ verdict }) => verdict === 'refuse')
      assert.partialDeepStrictEqual(record, {
        event: 'stream',
        reason: 'SP-472',
        pair: { local: OURS, remote: THEIRS },
      })
      assert.equal(partner.inboundConnections(), asked)
    })
    await step('with the floor dialback words cross both ways, and the method is shown', async () => {
      await gateway.command(...FLOOR, 'dialback-over-tls')
      await crosses(alice, bob)
      await crosses(bob, alice)
      assert.deepEqual(await streams(), [`initiating ${THEIRS} dialback`, `receiving ${THEIRS} dialback`])
    })
    await step('a floor that is raised again closes what is up', async () => {
      const mark = partner.log.length
      await gateway.command(...FLOOR, 'certificate', '--yes')
      await partner.log.expect(/policy-violation/, { since: mark, ms: 1_000 })
      assert.deepEqual(await streams(), [])
    })
    await step('nothing went wrong inside', async () => {
      assert.deepEqual(gateway.log.lines(/"level":"error"/), [])
      await Promise.resolve()
    })
  })
}
