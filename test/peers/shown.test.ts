// What a real server shows its users of ours is what their partner is shown, and is mended when that is changed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Element, xml } from '../support/client.ts'
import { ejabberd } from '../support/ejabberd.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import { conditionOf, freshId, isMessage, isPresence } from './conversations/conversation.ts'
import { subscribe } from './conversations/presence.ts'
import { join } from './conversations/room.ts'
import { conferenceOf, OURS, places, side, THEIRS, USERS } from './places.ts'
import { buildWorld } from './world.ts'

const NUMBER = 109
const PUBSUB = 'http://jabber.org/protocol/pubsub'
const DISCO_ITEMS = 'http://jabber.org/protocol/disco#items'
const PARTS = ['show', 'status', 'priority', 'c', 'idle'] as const

const carried = (stanza: Element): readonly string[] =>
  PARTS.filter((name) => stanza.getChildElements().some((child) => child.name === name))

test(
  'the users of a partner see of ours what it is shown, with a core of Prosody and a partner of ejabberd',
  needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root', 'isolation'),
  async (t) => {
    const world = await buildWorld(t, {
      number: NUMBER,
      core: prosody,
      outside: { [THEIRS]: places(NUMBER).partner },
      partners: { [THEIRS]: { status: 'allowed', alsoKnownAs: [conferenceOf(THEIRS)] } },
    })
    const { at, publicCa, gateway } = world
    const names = [THEIRS, conferenceOf(THEIRS)]
    const partner = await ejabberd(t, {
      address: at.partner,
      dns: at.outerDns,
      anchors: [publicCa],
      hosts: [
        {
          domain: THEIRS,
          conference: conferenceOf(THEIRS),
          certificate: await issue({ ca: publicCa, names }),
          users: USERS,
        },
      ],
    })
    const [alice, bob] = [await side(world.core, OURS).login(t, 'alice'), await side(partner, THEIRS).login(t, 'bob')]
    await alice.appear()
    await bob.appear()
    await subscribe(bob, alice)
    const says = [
      xml('show', {}, 'away'),
      xml('status', {}, 'At lunch'),
      xml('priority', {}, '5'),
      xml('c', { xmlns: 'http://jabber.org/protocol/caps', hash: 'sha-1', node: 'https://x.test', ver: 'abc=' }),
      xml('idle', { xmlns: 'urn:xmpp:idle:1', since: '2026-01-01T00:00:00Z' }),
    ]
    const vcard = async (user: string): Promise<string | undefined> =>
      conditionOf(await bob.ask('get', `${user}@${OURS}`, xml('vCard', { xmlns: 'vcard-temp' })))
    const [devices, tune] = ['eu.siacs.conversations.axolotl.devicelist', 'http://jabber.org/protocol/tune']
    for (const node of [devices, tune])
      await alice.ask('set', undefined, xml('pubsub', { xmlns: PUBSUB }, xml('publish', { node }, xml('item', {}))))
    /** The nodes of Alice that Bob's server hears of. */
    const nodesOf = async (): Promise<readonly string[]> => {
      const answer = await bob.ask('get', alice.bare, xml('query', { xmlns: DISCO_ITEMS }))
      const items = answer.getChild('query', DISCO_ITEMS)?.getChildren('item') ?? []
      return items.flatMap(({ attrs }) => [devices, tune].filter((node) => node === attrs['node']))
    }
    assert.deepEqual((await nodesOf()).toSorted(), [devices, tune])
    await alice.send(xml('presence', {}, ...says))
    const all = await bob.expect('all of it', (s) => isPresence(alice.jid)(s) && carried(s).includes('status'))
    assert.deepEqual(carried(all), PARTS)

    for (const [shown, wanted] of [
      ['full,-notes,-idle', ['show', 'priority', 'c']],
      ['availability', ['show']],
      ['online', []],
    ] as const) {
      await gateway.command('partner', 'set', THEIRS, '--presence', shown)
      const corrected = await bob.expect(`what ${shown} is`, isPresence(alice.jid))
      assert.deepEqual(carried(corrected), wanted, shown)
      await alice.send(xml('presence', {}, ...says))
      assert.deepEqual(carried(await bob.expect(`${shown} again`, isPresence(alice.jid))), wanted, shown)
    }
    assert.deepEqual(await nodesOf(), [devices], 'keys are no detail')
    assert.deepEqual([await vcard('alice'), await vcard('nobody')], ['not-allowed', 'not-allowed'])

    await gateway.command('partner', 'set', THEIRS, '--presence', 'none')
    await bob.expect('that alice is gone', isPresence(alice.jid, 'unavailable'))
    const room = `project-shown@${conferenceOf(THEIRS)}`
    await join(alice, `${room}/Alice`)
    for (const user of ['carol', 'nobody']) {
      await bob.send(xml('presence', { to: `${user}@${OURS}`, type: 'subscribe' }))
      const refused = await bob.expect('a refusal', isPresence(`${user}@${OURS}`, 'error'))
      assert.equal(conditionOf(refused), 'not-allowed')
    }
    for (const client of [alice.jid, `alice@${OURS}/nothing`, `nobody@${OURS}/desk`])
      for (const asks of [xml('ping', { xmlns: 'urn:xmpp:ping' }), xml('time', { xmlns: 'urn:xmpp:time' })])
        assert.equal(conditionOf(await bob.ask('get', client, asks)), 'service-unavailable', client)
    for (const client of [alice.jid, `alice@${OURS}/nothing`, `nobody@${OURS}/desk`]) {
      const id = freshId()
      await bob.send(xml('message', { to: client, type: 'groupchat', id }, xml('body', {}, 'there?')))
      const answer = await bob.expect('the same for all', (s) => s.attrs['id'] === id && s.attrs['type'] === 'error')
      assert.equal(conditionOf(answer), 'service-unavailable', client)
    }
    await join(bob, `${room}/Bob`)
    const words = freshId()
    await bob.send(xml('message', { to: room, type: 'groupchat', id: words }, xml('body', {}, words)))
    for (const one of [alice, bob])
      await one.expect('words in a room that both are in', isMessage(`${room}/Bob`, words))
    await bob.send(xml('presence', { to: `${room}/Bob`, type: 'unavailable' }))
    await bob.expect('to have left it', isPresence(`${room}/Bob`, 'unavailable'))
    const heard: string[] = []
    const stop = bob.listen((stanza) => heard.push(`${stanza.name} ${stanza.attrs['type'] ?? ''}`))
    await alice.send(xml('presence', { type: 'unavailable' }))
    await alice.send(xml('presence', {}, ...says))
    const [text, id] = [freshId(), freshId()]
    await alice.send(xml('message', { to: bob.jid, type: 'chat', id }, xml('body', {}, text)))
    await bob.expect('her words', isMessage(alice.jid, text))
    stop()
    assert.deepEqual(heard, ['message chat'], 'neither that she goes nor that she comes')
    await gateway.command('partner', 'set', THEIRS, '--presence', 'availability')
    assert.deepEqual(carried(await bob.expect('that alice is back', isPresence(alice.jid))), ['show'])
    assert.deepEqual(gateway.log.lines(/"level":"error"/), [])
  },
)

test(
  'a core of ejabberd tells by what comes back of a message that nobody is there, and with none that stays inside',
  needsPeer('prosody', 'ejabberd', 'dnsmasq', 'root', 'isolation'),
  async (t) => {
    const number = 246
    const world = await buildWorld(t, {
      ...{ number, core: ejabberd, outside: { [THEIRS]: places(number).partner } },
      partners: { [THEIRS]: { status: 'allowed' } },
    })
    const { at, publicCa, gateway } = world
    const partner = await prosody(t, {
      ...{ address: at.partner, dns: at.outerDns, anchors: [publicCa] },
      hosts: [{ domain: THEIRS, certificate: await issue({ ca: publicCa, names: [THEIRS] }), users: USERS }],
    })
    const bob = await side(partner, THEIRS).login(t, 'bob')
    await bob.appear()
    /** What comes back of messages to somebody, until the server has answered a question that came after them. */
    const back = async (user: string): Promise<readonly string[]> => {
      const heard: string[] = []
      const stop = bob.listen((s) => void (s.name === 'message' && heard.push(conditionOf(s) ?? 'event')))
      for (const more of [
        xml('no-store', { xmlns: 'urn:xmpp:hints' }),
        xml('x', { xmlns: 'jabber:x:event' }, xml('offline', {})),
      ])
        await bob.send(
          xml('message', { to: `${user}@${OURS}`, type: 'chat', id: freshId() }, xml('body', {}, 'there?'), more),
        )
      await bob.ask('get', OURS, xml('query', { xmlns: 'http://jabber.org/protocol/disco#info' }))
      stop()
      return heard
    }
    const telling = await back('alice')
    assert.ok(telling.includes('service-unavailable') && telling.includes('event'), telling.join())
    await gateway.command('partner', 'set', THEIRS, '--presence', 'none')
    const nobody = await back('nobody')
    const away = await back('alice')
    const alice = await side(world.core, OURS).login(t, 'alice')
    await alice.appear()
    const there = await back('alice')
    assert.deepEqual([nobody, away, there], [[], [], []])
    await alice.expect('what bob writes', isMessage(bob.jid, 'there?'))
    assert.deepEqual(gateway.log.lines(/"level":"error"/), [])
  },
)
