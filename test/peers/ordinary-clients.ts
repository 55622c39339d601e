// @xmpp/client outside, whichever way it comes: what people do with it, and how it comes back when the network was gone. For a
// world with a core that has rooms, a partner, and a gateway with all three ways in.
//
// What is not played with @xmpp/client 0.14, and why; each is played with another client:
//   SCRAM-SHA-256        it has SCRAM-SHA-1 only             profanity, Converse.js, a client of our own: remote.ts
//   log-in by a card     it has no EXTERNAL                  Converse.js: converse-card.test.ts, a client of our own: cards.ts
//   a slot for a file    it knows of none                    Converse.js: converse.test.ts
// No core of Debian's offers SASL2, which it has: see net/remote/sasl2.test.ts.

import assert from 'node:assert/strict'
import { ask } from '../../src/admin/client.ts'
import { remoteBlock, remoteSessions, remoteUnblock } from '../../src/admin/remote.ts'
import { Client, xml, type ClientWay, type LoginOptions } from '../support/client.ts'
import { Cutter } from '../support/cutter.ts'
import type { Cleanup } from '../support/program.ts'
import { PASSWORD } from '../support/server.ts'
import { freshId, isMessage, isPresence } from './conversations/conversation.ts'
import { enter, type Outsiders } from './outsiders.ts'
import { conferenceOf, OURS, side, THEIRS } from './places.ts'

/** Ports by the way, and how a session that came there is told of. */
export const WAYS = {
  starttls: { port: 5222, transport: 'tcp', start: 'starttls' },
  direct: { port: 5223, transport: 'tcp', start: 'direct' },
  websocket: { port: 443, transport: 'websocket', start: 'direct' },
} as const satisfies Record<ClientWay, unknown>

const chat = (to: string, words: string) => xml('message', { to, type: 'chat', id: freshId() }, xml('body', {}, words))

/** Says something, and hears an answer. */
async function talk(one: Client, other: Client, words: string): Promise<void> {
  await one.send(chat(other.jid, words))
  await other.expect('the message', isMessage(one.jid, words))
  await other.send(chat(one.jid, `${words}? yes`))
  await one.expect('the answer', isMessage(other.jid, `${words}? yes`))
}

const outside = (t: Cleanup, { at }: Outsiders, user: string, more: Partial<LoginOptions>): Promise<Client> =>
  Client.login(t, { user, domain: OURS, address: at.outer, mechanism: 'SCRAM-SHA-1', ...more })

/** A day with it. */
export async function testOrdinaryClient(t: Cleanup, world: Outsiders, way: ClientWay): Promise<void> {
  const { core, partner, sessionOf } = world
  const grace = await outside(t, world, 'grace', { way })
  const { transport, start } = WAYS[way]
  assert.partialDeepStrictEqual(await sessionOf('grace'), {
    user: grace.bare,
    address: grace.jid,
    phase: 'bound',
    mechanism: 'SCRAM-SHA-1',
    transport,
    tls: { start },
  })
  const [inside, foreign, remote] = await Promise.all([
    side(core, OURS).login(t, 'bob'),
    side(partner, THEIRS).login(t, 'carol'),
    outside(t, world, 'heidi', { mechanism: 'PLAIN' }),
  ])
  const roster = await grace.ask('get', undefined, xml('query', { xmlns: 'jabber:iq:roster' }))
  assert.equal(roster.attrs['type'], 'result')
  await grace.appear()
  await grace.send(xml('presence', { to: inside.jid }))
  await inside.expect('her presence', isPresence(grace.jid))
  for (const other of [inside, foreign, remote]) await talk(grace, other, `by ${way}`)
  const room = `${way}@${conferenceOf(OURS)}`
  await enter(grace, room, 'grace')
  await grace.send(xml('message', { to: room, type: 'groupchat', id: freshId() }, xml('body', {}, 'in the room')))
  await grace.expect('her words', isMessage(`${room}/grace`, 'in the room'))
  for (const one of [grace, inside, foreign, remote]) await one[Symbol.asyncDispose]()
}

/** Its network is gone while both sides speak. */
export async function testReturn(t: Cleanup, world: Outsiders, way: ClientWay): Promise<void> {
  const { at, core, sessionOf } = world
  await using wire = await Cutter.open({ host: at.outer, port: WAYS[way].port }, at.outer)
  const inside = await side(core, OURS).login(t, 'bob')
  const grace = await outside(t, world, 'grace', { way, port: wire.port, mechanism: 'PLAIN', returns: true })
  await grace.appear()
  await talk(grace, inside, 'am I there')
  const before = await sessionOf('grace')
  wire.swallow()
  await grace.send(chat(inside.jid, 'said into the dark'))
  await inside.send(chat(grace.jid, 'heard in the dark'))
  wire.heal()
  await inside.expect('what was lost', isMessage(grace.jid, 'said into the dark'))
  await grace.expect('what was lost', isMessage(inside.jid, 'heard in the dark'))
  const after = await sessionOf('grace')
  assert.equal(after?.address, before?.address)
  assert.notEqual(after?.id, before?.id)
  await talk(grace, inside, 'am I back')
  const again = [inside, grace].flatMap((one) => one.untaken((s) => /in(?:to)? the dark/.test(s.toString())))
  assert.deepEqual(again, [])
  await grace[Symbol.asyncDispose]()
}

interface Trial {
  readonly way: ClientWay
  readonly user: string
  readonly password: string
}

/** A wrong password, an unknown name and a locked account are the same to whoever tries them, whichever way they come. */
export async function testRefusals(t: Cleanup, world: Outsiders): Promise<void> {
  const since = world.gateway.log.length
  const tried = [
    { way: 'starttls', user: 'alice', password: 'wrong' },
    { way: 'direct', user: 'bob', password: 'wrong' },
    { way: 'websocket', user: 'dave', password: 'wrong' },
    { way: 'starttls', user: 'nobody-1', password: PASSWORD },
    { way: 'direct', user: 'nobody-2', password: PASSWORD },
    { way: 'websocket', user: 'nobody-3', password: PASSWORD },
  ] as const
  const tries = (all: readonly Trial[]): Promise<readonly string[]> =>
    Promise.all(
      all.map(({ user, ...more }) =>
        outside(t, world, user, more).then(
          () => `${user} is in`,
          (error: unknown) => String(error),
        ),
      ),
    )
  const answers = await tries(tried)
  assert.deepEqual([...new Set(answers)], ['SASLError: not-authorized'])
  const lines = world.gateway.log.lines(/"event":"log-in\.failed".*"reason":"SP-808"/, since)
  assert.equal(lines.length, tried.length)
  // That was one of the two failures of Alice that strangers have; after another she is out, whichever way she comes.
  await tries([{ way: 'direct', user: 'alice', password: 'wrong' }])
  assert.deepEqual(await tries([{ way: 'websocket', user: 'alice', password: PASSWORD }]), answers.slice(0, 1))
  await world.gateway.log.expect(/"event":"log-in\.failed".*alice.*"reason":"SP-837"/, { since })
}

/** Whoever is blocked is gone at once, from every way in. */
export async function testBlock(t: Cleanup, world: Outsiders): Promise<void> {
  const { gateway } = world
  const ways = Object.keys(WAYS) as ClientWay[]
  // One after the other: what is under way counts as failed until it is known.
  const all: Client[] = []
  for (const way of ways) all.push(await outside(t, world, 'frank', { way, mechanism: 'PLAIN' }))
  const other = await outside(t, world, 'grace', { mechanism: 'PLAIN' })
  const since = gateway.log.length
  const { ended } = await ask(gateway.directory, remoteBlock, { user: `frank@${OURS}` })
  assert.deepEqual(ended.map(({ transport }) => transport).toSorted(), ['tcp', 'tcp', 'websocket'])
  await Promise.all(all.map((one) => one.gone))
  const { sessions } = await ask(gateway.directory, remoteSessions, {})
  assert.deepEqual(
    sessions.map(({ user }) => user),
    [`grace@${OURS}`],
  )
  const at = (line: string): number => Date.parse(/"time":"([^"]+)"/.exec(line)?.[1] ?? '')
  const [applied = ''] = gateway.log.lines(/"event":"config\.applied"/, since)
  const ends = gateway.log.lines(/"event":"session\.ended".*"reason":"SP-831"/, since)
  assert.equal(ends.length, all.length)
  for (const line of ends) assert.ok(Math.abs(at(line) - at(applied)) <= 1000, `${applied}\n${line}`)
  await ask(gateway.directory, remoteUnblock, { user: `frank@${OURS}` })
  await other[Symbol.asyncDispose]()
}
