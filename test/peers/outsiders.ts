// What tests with real clients outside share: a wall with a core behind it and a partner before it, who is logged in, and the
// scenes that are the same whatever the client is.

import assert from 'node:assert/strict'
import type * as z from 'zod'
import { ask } from '../../src/admin/client.ts'
import { remoteSessions } from '../../src/admin/remote.ts'
import { xml, type Client } from '../support/client.ts'
import { issue } from '../support/pki.ts'
import type { Cleanup } from '../support/program.ts'
import { prosody } from '../support/prosody.ts'
import { PASSWORD, type StartServer, type XmppServer } from '../support/server.ts'
import { eventually } from '../support/within.ts'
import { OURS, places, THEIRS, USERS } from './places.ts'
import { buildWorld, type World } from './world.ts'

type RemoteSession = z.output<(typeof remoteSessions)['output']>['sessions'][number]

export interface OutsidersOptions {
  readonly number: number
  readonly core: StartServer
  /** More of `gateway.yaml`. */
  readonly settings?: Readonly<Record<string, unknown>>
}

export interface Outsiders extends World {
  readonly partner: XmppServer
  /** The session of a user of ours, as `remote sessions` tells it. */
  sessionOf(user: string): Promise<RemoteSession | undefined>
}

/** Everybody may log in from outside, and the partner is allowed. */
export async function outsiders(t: Cleanup, { number, core, settings = {} }: OutsidersOptions): Promise<Outsiders> {
  const at = places(number)
  const world = await buildWorld(t, {
    ...{ number, core, settings },
    outside: { [THEIRS]: at.partner },
    partners: { [THEIRS]: { status: 'allowed' } },
    remote: {},
  })
  const partner = await prosody(t, {
    address: at.partner,
    dns: at.outerDns,
    anchors: [world.publicCa],
    hosts: [{ domain: THEIRS, certificate: await issue({ ca: world.publicCa, names: [THEIRS] }), users: USERS }],
  })
  return {
    ...world,
    partner,
    sessionOf: async (user) => {
      const { sessions } = await ask(world.gateway.directory, remoteSessions, { user: `${user}@${OURS}` })
      return sessions.find(({ phase }) => phase === 'bound')
    },
  }
}

/** Limits with which `refusedAlike` is soon done: two failures lock an account. */
export const SOON_LOCKED = { remoteFailuresPerAccount: 2, remoteRefusal: '300ms' }

/** A wrong password, a locked account and an unknown name look the same to whoever tries them; `refused` gives what they see. */
export async function refusedAlike(refused: (user: string, password: string) => Promise<string>): Promise<void> {
  const seen = new Set<string>()
  for (let n = 0; n < 2; n++) seen.add(await refused('heidi', 'wrong'))
  seen.add(await refused('heidi', PASSWORD)) // Locked by then.
  seen.add(await refused('nobody', 'wrong'))
  assert.equal(seen.size, 1, [...seen].join('\n'))
}

/** Enters a room that somebody else is about to open. */
export async function enter(client: Client, room: string, nick: string): Promise<void> {
  await eventually('that the room is open', async () => {
    const join = xml('x', { xmlns: 'http://jabber.org/protocol/muc' })
    await client.send(xml('presence', { to: `${room}/${nick}` }, join))
    const heard = await client.expect('a word of the room', (s) => s.name === 'presence')
    return heard.attrs['type'] === 'error' ? undefined : true
  })
}
