// Rooms (XEP-0045): a user of one organisation in a room of the other.

import assert from 'node:assert/strict'
import { xml } from '../../support/client.ts'
import type { Client, Element } from '../../support/client.ts'
import { bothWays, freshId, isFrom, isMessage } from './conversation.ts'
import type { Conversation } from './conversation.ts'

const MUC = 'http://jabber.org/protocol/muc'
const MUC_USER = 'http://jabber.org/protocol/muc#user'

export const room: readonly Conversation[] = bothWays(
  'a guest joins a room of the other side, talks, sees the subject, whispers and leaves',
  async (t, guests, hosts) => {
    const [guest, host] = [await guests.login(t, 'judy'), await hosts.login(t, 'mallory')]
    const address = `project-${freshId().slice(0, 8)}@${hosts.conference}`
    const hostNick = `${address}/Mallory`
    const guestNick = `${address}/Judy ☃ of the Guests`
    await join(host, hostNick)
    await host.send(xml('message', { to: address, type: 'groupchat', id: freshId() }, xml('subject', {}, 'Before')))
    await host.expect('the subject', hasSubject('Before'))

    await join(guest, guestNick)
    await guest.expect('the host in the room', isOccupant(hostNick))
    await guest.expect('the subject', hasSubject('Before'))
    await host.expect('the guest in the room', isOccupant(guestNick))

    await guest.send(xml('message', { to: address, type: 'groupchat', id: freshId() }, xml('body', {}, 'Good day 👋')))
    for (const one of [host, guest]) await one.expect('what the guest said', isMessage(guestNick, 'Good day 👋'))
    await host.send(xml('message', { to: address, type: 'groupchat', id: freshId() }, xml('body', {}, 'Welcome')))
    for (const one of [host, guest]) await one.expect('what the host said', isMessage(hostNick, 'Welcome'))

    await host.send(xml('message', { to: address, type: 'groupchat', id: freshId() }, xml('subject', {}, 'Aurora')))
    await guest.expect('the new subject', hasSubject('Aurora'))
    await guest.send(whisper(hostNick, 'between us'))
    await host.expect('the whisper', isMessage(guestNick, 'between us'))
    await host.send(whisper(guestNick, 'of course'))
    const answer = await guest.expect('the answer', isMessage(hostNick, 'of course'))
    assert.equal(answer.attrs['type'], 'chat')

    await guest.send(xml('presence', { to: guestNick, type: 'unavailable' }))
    await guest.expect('its own leaving', isOccupant(guestNick, 'unavailable'))
    await host.expect('that the guest has left', isOccupant(guestNick, 'unavailable'))
    await host.send(xml('presence', { to: hostNick, type: 'unavailable' }))
    await host.expect('its own leaving', isOccupant(hostNick, 'unavailable'))
  },
)

/** A private message to an occupant (XEP-0045 §7.5). */
function whisper(to: string, text: string): Element {
  return xml('message', { to, type: 'chat', id: freshId() }, xml('body', {}, text), xml('x', { xmlns: MUC_USER }))
}

/** Enters (XEP-0045 §7.2) and waits for the presence that says "this is you". */
export async function join(who: Client, nick: string): Promise<void> {
  await who.send(xml('presence', { to: nick }, xml('x', { xmlns: MUC })))
  await who.expect('its own entry', (s) => isOccupant(nick)(s) && statusCodes(s).includes('110'))
}

/** Presence of an occupant, under that nick. */
export function isOccupant(nick: string, type?: string): (stanza: Element) => boolean {
  return (s) => s.name === 'presence' && isFrom(s, nick) && s.attrs['type'] === type
}

function hasSubject(text: string): (stanza: Element) => boolean {
  return (s) => s.attrs['type'] === 'groupchat' && s.getChildText('subject') === text
}

/** What the room says of a presence. XEP-0045 §15.6 */
export function statusCodes(stanza: Element): readonly (string | undefined)[] {
  return (
    stanza
      .getChild('x', MUC_USER)
      ?.getChildren('status')
      .map((e) => e.attrs['code']) ?? []
  )
}
