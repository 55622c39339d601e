// The gateway between real servers is drained and taken back: they are told, and come again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { xml } from '../support/client.ts'
import { ejabberd } from '../support/ejabberd.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import type { StartServer } from '../support/server.ts'
import { eventually } from '../support/within.ts'
import type { Side } from './conversations/conversation.ts'
import { freshId, isMessage } from './conversations/conversation.ts'
import { OURS, THEIRS, USERS, conferenceOf, places, side } from './places.ts'
import { buildWorld } from './world.ts'

const AT_ONCE_MS = 5_000

interface Topology {
  readonly name: string
  readonly number: number
  readonly core: StartServer
  readonly partner: StartServer
  readonly component?: 'one' | 'per-domain'
  readonly bidi?: boolean
}

const TOPOLOGIES: readonly Topology[] = [
  { name: 'a core of Prosody and a partner of ejabberd', number: 131, core: prosody, partner: ejabberd },
  { name: 'a core of ejabberd and a partner of Prosody', number: 132, core: ejabberd, partner: prosody },
  {
    name: 'Prosody and Prosody, on streams that go both ways',
    number: 133,
    core: prosody,
    partner: prosody,
    bidi: true,
  },
  {
    name: 'a core of Prosody with components and a partner of Prosody',
    number: 134,
    core: prosody,
    partner: prosody,
    component: 'per-domain',
  },
  {
    name: 'a core of ejabberd with a component and a partner of ejabberd',
    number: 135,
    core: ejabberd,
    partner: ejabberd,
    component: 'one',
  },
]

for (const { name, number, core: coreServer, partner: partnerServer, component, bidi = false } of TOPOLOGIES) {
  test(`between ${name}`, needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root'), async (t) => {
    const { gateway, core, at, publicCa } = await buildWorld(t, {
      number,
      core: coreServer,
      component,
      bidi,
      outside: { [THEIRS]: places(number).partner },
      partners: { [THEIRS]: { status: 'allowed', alsoKnownAs: [conferenceOf(THEIRS)] } },
    })
    const partner = await partnerServer(t, {
      bidi,
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
    })
    const [ours, theirs] = [side(core, OURS), side(partner, THEIRS)]

    // A core that knows us as its component may have to wait for us at first.
    await t.test('words cross both ways', async (one) => {
      await eventually('that words cross', () => crosses(one, ours, theirs))
    })
    await t.test('streams go both ways where they should', async () => {
      const streams = (await gateway.streams()).filter(({ leg }) => leg === 'partner')
      assert.ok(streams.length > 0)
      for (const stream of streams) assert.equal(stream.bidi, bidi)
    })
    await t.test('drained, both servers are told, and nothing is left', async () => {
      const marks = [partner, core].map(({ log }) => log.length)
      assert.partialDeepStrictEqual(await gateway.command('drain', '--wait'), {
        service: { state: 'drained' },
        streams: 0,
      })
      // COMPAT: ejabberd 23.01 does not write down how the stream of a component ends.
      const told = component && core.kind === 'ejabberd' ? [partner] : [partner, core]
      for (const [index, { log }] of told.entries()) {
        await log.expect(/system-shutdown/, { since: marks[index] ?? 0 })
      }
    })
    await t.test('taken back, the next words cross at once, both ways', async (one) => {
      await gateway.command('drain', '--undo')
      await talk(one, ours, theirs)
    })
    await t.test(
      'who writes while it is drained is told, and after it is taken back words cross again',
      async (one) => {
        await gateway.command('drain', '--wait')
        const bob = await theirs.login(one, 'bob')
        const id = freshId()
        await bob.send(xml('message', { to: `alice@${OURS}`, type: 'chat', id }, xml('body', {}, 'Anybody there?')))
        const error = await bob.expect('an error', (s) => s.attrs['id'] === id)
        assert.equal(error.attrs['type'], 'error')
        await gateway.command('drain', '--undo')
        await eventually('that words cross again', () => crosses(one, ours, theirs))
      },
    )
    await t.test('nothing went wrong inside', () => assert.deepEqual(gateway.log.lines(/"level":"error"/), []))
  })
}

/** Do words cross within a second? Asked again where servers wait before they try. */
const crosses = (t: TestContext, ours: Side, theirs: Side): Promise<true | undefined> =>
  talk(t, ours, theirs, 1_000).then(
    () => true,
    () => undefined,
  )

/** One message each way arrives. */
async function talk(t: TestContext, ours: Side, theirs: Side, ms = AT_ONCE_MS): Promise<void> {
  const [alice, bob] = [await ours.login(t, 'alice'), await theirs.login(t, 'bob')]
  for (const [from, to] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    const text = freshId()
    await from.send(xml('message', { to: to.jid, type: 'chat', id: freshId() }, xml('body', {}, text)))
    await to.expect('the words', isMessage(from.jid, text), ms)
  }
}
