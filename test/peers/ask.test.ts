// Federation by asking: a server that nobody has written down is refused like any stranger; whoever decides sees what it wanted
// and what it is like, lets it in by one command, and its users and ours talk.

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import * as z from 'zod'
import { Client, xml } from '../support/client.ts'
import { REFERENCE } from '../support/gateway.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import { conditionOf, freshId, isMessage, isPresence, referenceIn } from './conversations/conversation.ts'
import { OURS, USERS, places, side } from './places.ts'
import { buildWorld } from './world.ts'

const NUMBER = 104
const STRANGER = 'stranger.example'
/** Its certificate proves nothing. */
const UNPROVEN = 'unproven.example'
/** Only ours write there. */
const ELSEWHERE = 'elsewhere.example'

const Listed = z.object({
  partners: z.array(z.object({ domain: z.string(), status: z.string() })),
  pending: z.array(
    z.object({
      domain: z.string(),
      times: z.number(),
      inbound: z.object({ from: z.string(), to: z.string(), kind: z.string(), reference: z.string() }).optional(),
      outbound: z.object({ from: z.string(), to: z.string(), kind: z.string(), reference: z.string() }).optional(),
      certificate: z.object({ names: z.array(z.string()) }).optional(),
      probe: z.object({ good: z.boolean(), says: z.string(), reason: z.string().optional() }).optional(),
    }),
  ),
})

test('a stranger asks, is let in by one command, and talks', needsPeer('prosody', 'dnsmasq', 'root'), async (t) => {
  const at = places(NUMBER)
  const world = await buildWorld(t, {
    number: NUMBER,
    core: prosody,
    outside: { [STRANGER]: at.partner, [UNPROVEN]: at.partner },
    settings: { federation: { mode: 'ask' } },
  })
  const { gateway, core, publicCa } = world
  const partner = await prosody(t, {
    address: at.partner,
    dns: at.outerDns,
    anchors: [publicCa],
    hosts: [
      { domain: STRANGER, certificate: await issue({ ca: publicCa, names: [STRANGER] }), users: USERS },
      { domain: UNPROVEN, certificate: await issue({ names: [UNPROVEN] }), users: USERS },
    ],
  })
  const listed = async () => Listed.parse(await gateway.command('partner', 'list'))
  const alice = await side(core, OURS).login(t, 'alice')
  const bob = await side(partner, STRANGER).login(t, 'bob')
  const chat = async (from: Client, to: string, text: string): Promise<string> => {
    const id = freshId()
    await from.send(xml('message', { to, type: 'chat', id }, xml('body', {}, text)))
    return id
  }
  /** A stranger that she shows herself to sees that she is away, and not what she writes of it. */
  const sees = async (stranger: Client): Promise<void> => {
    await alice.send(xml('presence', { to: stranger.jid }, xml('show', {}, 'away'), xml('status', {}, 'At lunch')))
    const seen = await stranger.expect('her presence', isPresence(alice.jid))
    assert.deepEqual([seen.getChildText('show'), seen.getChild('status')], ['away', undefined])
  }
  const step = async (name: string, run: () => Promise<void>): Promise<void> => {
    await t.test(name, async (one) => {
      try {
        await run()
      } catch (error) {
        one.diagnostic([gateway, core, partner].map(({ log }) => log.tail()).join('\n'))
        throw error
      }
    })
  }

  await step('who proves its name is refused, and waits with what it wanted', async () => {
    const mark = partner.log.length
    const id = await chat(bob, `alice@${OURS}`, 'May I?')
    await bob.expect('an error', (s) => s.attrs['id'] === id && s.attrs['type'] === 'error')
    await partner.log.expect(/policy-violation/, { since: mark })
    const [, reference = ''] = await partner.log.expect(REFERENCE, { since: mark })
    assert.partialDeepStrictEqual(await gateway.why(reference), { event: 'stream', verdict: 'fail', reason: 'SP-161' })
    const { partners, pending } = await listed()
    assert.deepEqual(partners, [])
    assert.partialDeepStrictEqual(pending, [
      { domain: STRANGER, times: 1, inbound: { from: STRANGER, to: OURS, kind: 'stream', reference } },
    ])
    assert.deepEqual(pending[0]?.certificate?.names, [`DNS:${STRANGER}`])
  })

  await step('then a probe says what it is like, once, and that is no further question of theirs', async () => {
    await gateway.log.expect(/"event":"partner.probed"/)
    const [waits] = (await listed()).pending
    assert.partialDeepStrictEqual(waits, { domain: STRANGER, times: 1, probe: { good: true } })
    assert.match(waits?.probe?.says ?? '', /^xmpp\.stranger\.example:5269 at .* answers, TLSv1\.3/)
    assert.deepEqual(
      (await gateway.streams()).filter(({ remote }) => remote === STRANGER),
      [],
    )
  })

  await step('whoever has not proven a name is written down nowhere', async () => {
    const mark = partner.log.length
    const where = { domain: UNPROVEN, address: at.partner, unverified: true }
    const mallory = await Client.login(t, { user: 'mallory', ...where })
    const id = await chat(mallory, `alice@${OURS}`, 'May I?')
    await mallory.expect('an error', (s) => s.attrs['id'] === id && s.attrs['type'] === 'error')
    await partner.log.expect(/not-authorized/, { since: mark })
    assert.deepEqual(
      (await listed()).pending.map(({ domain }) => domain),
      [STRANGER],
    )
  })

  await step(
    'ours are refused too, and what they wanted is written down; nothing is asked about the name',
    async () => {
      const mark = world.outerDns.log.length
      const id = await chat(alice, `dora@${ELSEWHERE}`, 'Are you there?')
      const error = await alice.expect('the error', (s) => s.attrs['id'] === id)
      assert.equal(conditionOf(error), 'not-allowed')
      const reference = referenceIn(error)
      assert.partialDeepStrictEqual(await gateway.why(reference), { reason: 'SP-161', direction: 'outbound' })
      const waits = (await listed()).pending.find(({ domain }) => domain === ELSEWHERE)
      const outbound = { from: alice.jid, to: `dora@${ELSEWHERE}`, kind: 'message', reference }
      assert.deepEqual(waits, { domain: ELSEWHERE, times: 1, outbound })
      assert.deepEqual(
        world.outerDns.queries(mark).filter((query) => query.includes(ELSEWHERE)),
        [],
      )
    },
  )

  await step('one command lets it in, and the next words cross, both ways', async () => {
    await gateway.command('partner', 'allow', STRANGER)
    await chat(bob, alice.jid, 'Thank you')
    await alice.expect('the message', isMessage(bob.jid, 'Thank you'))
    await chat(alice, bob.jid, 'Welcome')
    await bob.expect('the message', isMessage(alice.jid, 'Welcome'))
    const { partners, pending } = await listed()
    assert.deepEqual(
      partners.map(({ domain, status }) => `${domain} ${status}`),
      [`${STRANGER} allowed`],
    )
    assert.deepEqual(
      pending.map(({ domain }) => domain),
      [ELSEWHERE],
    )
  })

  await step('in mode limited who is in no entry gets in, and reaches those of ours who know them', async () => {
    await gateway.command('partner', 'remove', STRANGER, '--yes')
    const file = join(gateway.directory, 'federation-config/gateway.yaml')
    const mark = gateway.log.length
    await writeFile(file, (await readFile(file, 'utf8')).replace('mode: ask', 'mode: limited'))
    await gateway.log.expect(/"event":"config.applied"/, { since: mark })
    const carol = await side(partner, STRANGER).login(t, 'carol')
    const id = await chat(carol, alice.jid, 'You do not know me')
    const error = await carol.expect('the error', (s) => s.attrs['id'] === id && s.attrs['type'] === 'error')
    assert.equal(conditionOf(error), 'not-allowed')
    assert.partialDeepStrictEqual(await gateway.why(referenceIn(error)), { reason: 'SP-147', direction: 'inbound' })
    await chat(bob, alice.jid, 'You have written to me')
    await alice.expect('the message', isMessage(bob.jid, 'You have written to me'))
    await chat(alice, carol.jid, 'Hello')
    await carol.expect('the message', isMessage(alice.jid, 'Hello'))
    await sees(carol)
    await chat(carol, alice.jid, 'Now you do')
    await alice.expect('the message', isMessage(carol.jid, 'Now you do'))
  })

  await step('in mode open who is in no entry gets in, by name proven alone', async () => {
    const file = join(gateway.directory, 'federation-config/gateway.yaml')
    const mark = gateway.log.length
    await writeFile(file, (await readFile(file, 'utf8')).replace('mode: limited', 'mode: open'))
    await gateway.log.expect(/"event":"config.applied"/, { since: mark })
    const dave = await side(partner, STRANGER).login(t, 'dave')
    await chat(dave, alice.jid, 'You do not know me')
    await alice.expect('the message', isMessage(dave.jid, 'You do not know me'))
    await chat(alice, dave.jid, 'Hello')
    await dave.expect('the message', isMessage(alice.jid, 'Hello'))
    await sees(dave)
    const id = await chat(alice, `mallory@${UNPROVEN}`, 'Who are you?')
    const error = await alice.expect('the error', (s) => s.attrs['id'] === id && s.attrs['type'] === 'error')
    assert.equal(conditionOf(error), 'remote-server-timeout')
  })

  await step('and loses its streams when somebody says that it is blocked', async () => {
    await assert.rejects(
      gateway.command('partner', 'conduct', STRANGER, '--set', 'blocked'),
      /streams? that (?:is|are) up/,
    )
    await gateway.command('partner', 'conduct', STRANGER, '--set', 'blocked', '--for', '1h', '--yes')
    const id = await chat(alice, bob.jid, 'Still there?')
    const error = await alice.expect('the error', (s) => s.attrs['id'] === id && s.attrs['type'] === 'error')
    assert.equal(conditionOf(error), 'not-allowed')
    assert.partialDeepStrictEqual(await gateway.why(referenceIn(error)), { reason: 'SP-162', rule: 'good-conduct' })
    await gateway.command('partner', 'conduct', STRANGER, '--set', 'auto')
    await chat(bob, alice.jid, 'Here I am')
    await alice.expect('the message', isMessage(bob.jid, 'Here I am'))
  })

  await step('who waits is known after the gateway has ended', async () => {
    assert.equal(await gateway.stop(), 0)
    assert.partialDeepStrictEqual((await listed()).pending, [{ domain: ELSEWHERE, outbound: { kind: 'message' } }])
    assert.deepEqual(gateway.log.lines(/"level":"error"/), [])
  })
})
