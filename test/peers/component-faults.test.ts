// What goes wrong between a real core and its component, and what the gateway says of it. The partners are blocked: a
// refusal with a reference is proof enough that both ways are open, and nobody outside is needed.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import * as z from 'zod'
import { componentHeader } from '../../src/xml/write.ts'
import { componentDigest } from '../../src/trust/secret.ts'
import { trustForClients, xml } from '../support/client.ts'
import type { Client, Element } from '../support/client.ts'
import { Dialog } from '../support/dialog.ts'
import { ejabberd } from '../support/ejabberd.ts'
import { Gateway } from '../support/gateway.ts'
import type { GatewayOptions } from '../support/gateway.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import { COMPONENT_PORT } from '../support/server.ts'
import type { ComponentsOptions, StartServer, XmppServer } from '../support/server.ts'
import { eventually } from '../support/within.ts'
import { conditionOf, freshId, referenceIn } from './conversations/conversation.ts'
import { OURS, places, side } from './places.ts'

const [FIRST, SECOND, UNTOLD] = ['first.example', 'second.example', 'untold.example'] as const
const SECRET = 'open barley'
const PEERS = needsPeer('prosody', 'ejabberd', 'root')

const Links = z.object({
  core: z.object({ components: z.object({ wanted: z.number(), up: z.number() }) }),
  links: z.array(
    z.object({
      leg: z.string(),
      local: z.string(),
      state: z.string(),
      lastFailure: z.object({ reason: z.string(), detail: z.string() }).optional(),
    }),
  ),
})

interface House {
  readonly core: XmppServer
  readonly gateway: Gateway
  /** A connection to the core beside those of the gateway. */
  open(): Promise<Dialog>
  login(t: TestContext): Promise<Client>
}

async function build(
  t: TestContext,
  number: number,
  start: StartServer,
  at: ComponentsOptions,
  component: NonNullable<GatewayOptions['component']>,
): Promise<House> {
  const { core: address, inner, outer, outerDns, innerDns } = places(number)
  const [publicCa, coreCa] = [await makeCa(), await makeCa()]
  const certificate = await issue({ ca: coreCa, names: [OURS] })
  const core = await start(t, {
    address,
    dns: innerDns,
    anchors: [publicCa],
    hosts: [{ domain: OURS, certificate, users: ['alice'] }],
    components: at,
  })
  const gateway = await Gateway.start(t, {
    domains: { [OURS]: await issue({ ca: publicCa, names: [OURS] }) },
    core: address,
    component,
    coreTrust: coreCa,
    anchors: [publicCa],
    inner,
    outer,
    dns: outerDns,
    partners: Object.fromEntries([FIRST, SECOND, UNTOLD].map((domain) => [domain, { status: 'blocked' }])),
  })
  trustForClients(publicCa, coreCa)
  return {
    core,
    gateway,
    open: () => Dialog.open({ host: address, port: COMPONENT_PORT }),
    login: (one) => side(core, OURS).login(one, 'alice'),
  }
}

/** Shakes hands as a component would. */
async function shake(d: Dialog, name: string, secret = SECRET): Promise<Dialog> {
  const [, id = ''] = await d.say(componentHeader(name, 'en')).expect(/<stream:stream [^>]*\bid=['"]([^'"]+)['"][^>]*>/)
  return d.say(`<handshake>${componentDigest(id, secret)}</handshake>`)
}

const statusOf = async (gateway: Gateway): Promise<z.infer<typeof Links>> =>
  Links.parse(await gateway.command('status'))

/** Waits until the connection of a name has failed for this reason. */
async function fails(gateway: Gateway, name: string, reason: string): Promise<void> {
  await eventually(`that ${name} fails with ${reason}`, async () => {
    const { links } = await statusOf(gateway)
    return links.some(({ local, lastFailure }) => local === name && lastFailure?.reason === reason) ? true : undefined
  })
}

async function isUp(gateway: Gateway, up: number): Promise<void> {
  await eventually(`that ${up} connections are up`, async () => {
    const { core } = await statusOf(gateway)
    return core.components.up === up ? true : undefined
  })
}

/** The answers to so many messages to a domain. */
async function answers(alice: Client, domain: string, count = 1): Promise<readonly Element[]> {
  const ids = Array.from({ length: count }, () => freshId())
  const message = (id: string): Element =>
    xml('message', { to: `bob@${domain}`, type: 'chat', id }, xml('body', {}, 'Hello?'))
  await alice.sendMany(ids.map(message))
  return Promise.all(ids.map((id) => alice.expect('an answer', (s) => s.attrs['id'] === id)))
}

async function assertRefused(t: TestContext, { gateway, login }: House, domain: string): Promise<void> {
  const [error] = await answers(await login(t), domain)
  assert.ok(error)
  assert.equal(conditionOf(error), 'not-allowed')
  assert.equal((await gateway.why(referenceIn(error))).reason, 'SP-102')
}

for (const [kind, number, start, connections] of [
  ['Prosody', 75, prosody, 'per-domain'],
  ['ejabberd', 76, ejabberd, 'one'],
] as const) {
  test(`a core of ${kind} that has another secret`, PEERS, async (t) => {
    const at = { names: [FIRST, SECOND], secret: SECRET, connections }
    const house = await build(t, number, start, at, { secret: 'open rye', connections })
    const { gateway, open } = house
    await t.test('refuses it, and status says so', () => fails(gateway, FIRST, 'SP-131'))
    await t.test('takes the right one as soon as it is there', async (one) => {
      await writeFile(join(gateway.directory, 'certs/core/secret'), SECRET)
      await gateway.command('partner', 'set', FIRST, '--purpose', 'reads everything anew')
      await isUp(gateway, connections === 'one' ? 1 : 2)
      await assertRefused(one, house, FIRST)
      await assertRefused(one, house, SECOND)
    })
    if (connections === 'per-domain') {
      await t.test('does not know a name it was not told of, and the others are up all the same', async () => {
        await fails(gateway, UNTOLD, 'SP-133')
        await isUp(gateway, 2)
      })
      await t.test('keeps the first connection of two, and a gateway that comes second is told', async (one) => {
        await using second = await open()
        await (await shake(second, FIRST)).expect(/<conflict /)
        await assertRefused(one, house, FIRST)
      })
    } else {
      // COMPAT: ejabberd 23.01 takes any number of connections for one name, and shares its stanzas among them.
      await t.test('takes a second connection', async () => {
        await using second = await open()
        await (await shake(second, FIRST)).expect(/<handshake/)
      })
    }
    // COMPAT: both end the connection of a component that speaks for a name that is not its own (XEP-0114 says they may).
    await t.test('ends a connection that speaks for somebody else', async () => {
      if (connections === 'per-domain') await gateway.stop()
      await using d = await open()
      await (await shake(d, FIRST)).expect(/<handshake/)
      d.say(`<message from='a@${UNTOLD}' to='alice@${OURS}'><body>x</body></message>`)
      await d.expect(/<invalid-from /)
    })
    // COMPAT: and one that spells its own name in another way, so that `router.ts` writes it plainly.
    await t.test('ends a connection that writes its name with the dot of the root', async () => {
      await using d = await open()
      await (await shake(d, FIRST)).expect(/<handshake/)
      d.say(`<message from='a@${FIRST}.' to='alice@${OURS}'><body>x</body></message>`)
      await d.expect(/<invalid-from /)
    })
  })
}

test('a core of ejabberd that shares the stanzas of several connections among them', PEERS, async (t) => {
  // COMPAT: with its default global_routes, ejabberd 23.01 sends what is for one name to the connection of another.
  const at = { names: [FIRST, SECOND, UNTOLD], secret: SECRET, connections: 'one' } as const
  const { gateway, login } = await build(t, 77, ejabberd, at, { secret: SECRET, connections: 'per-domain' })
  await isUp(gateway, 3)
  const errors = await answers(await login(t), FIRST, 50)
  const reasons = new Set<string | undefined>()
  for (const error of errors.slice(0, 20)) reasons.add((await gateway.why(referenceIn(error))).reason)
  assert.ok(reasons.has('SP-135'), [...reasons].join(' '))
})

test('a core of ejabberd that keeps them apart', PEERS, async (t) => {
  const at = { names: [FIRST, SECOND, UNTOLD], secret: SECRET, connections: 'per-domain' } as const
  const { gateway, login } = await build(t, 78, ejabberd, at, { secret: SECRET, connections: 'per-domain' })
  await isUp(gateway, 3)
  for (const error of (await answers(await login(t), FIRST, 20)).slice(0, 10)) {
    assert.equal((await gateway.why(referenceIn(error))).reason, 'SP-102')
  }
})

test('a core of ejabberd whose port for components has TLS from the first byte', PEERS, async (t) => {
  const at = { names: [FIRST], secret: SECRET, connections: 'one', tls: true } as const
  const house = await build(t, 79, ejabberd, at, { secret: SECRET, connections: 'one', tls: 'direct' })
  await isUp(house.gateway, 1)
  const [stream] = await house.gateway.streams()
  assert.equal(stream?.method, 'secret')
  assert.match(stream?.tls?.version ?? '', /^TLSv1\.[23]$/)
  await assertRefused(t, house, FIRST)
})

test('a core of ejabberd that lets its component speak for names that it was not told of', PEERS, async (t) => {
  const at = { names: [FIRST], secret: SECRET, connections: 'one', anySender: true } as const
  const { open, login } = await build(t, 80, ejabberd, at, { secret: SECRET, connections: 'one' })
  const alice = await login(t)
  await using d = await open()
  await (await shake(d, FIRST)).expect(/<handshake/)
  d.say(`<message from='a@${UNTOLD}' to='${alice.jid}'><body>still here</body></message>`)
  await alice.expect('the words', (s) => s.getChildText('body') === 'still here')
})
