// Very many at once: handshakes without end from one network while others log in, and a thousand sessions that lose their
// network together and are back together.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectPlain } from 'node:net'
import { test } from 'node:test'
import { connect, createSecureContext, type SecureContext } from 'node:tls'
import { Dialog } from '../../support/dialog.ts'
import { SM } from '../../support/raw-client.ts'
import { eventually, within } from '../../support/within.ts'
import { auth, bind, bound, HEADER, logIn, outside, type Outside, PORTS, type Way } from './outside.ts'
import { OURS } from './scripted-core.ts'

const PATIENCE_MS = 60_000

/** One for all: what a client needs to know costs more than a handshake. */
const contexts = new Map<string, SecureContext>()
function trusting(ca: string): SecureContext {
  const context = contexts.get(ca) ?? createSecureContext({ ca })
  contexts.set(ca, context)
  return context
}

/** A connection with TLS from the first byte; undefined: it was not taken. */
async function secured({ host, ca }: Outside, way: Way, localAddress: string): Promise<Dialog | undefined> {
  const tcp = connectPlain({ host, port: PORTS[way], localAddress, allowHalfOpen: true, noDelay: true })
  const socket = connect({ socket: tcp, secureContext: trusting(ca), servername: OURS, ALPNProtocols: ['xmpp-client'] })
  const gone = Promise.withResolvers<undefined>()
  tcp.on('error', () => {}).on('close', () => gone.resolve(undefined))
  socket.on('error', () => gone.resolve(undefined))
  const done = once(socket, 'secureConnect').catch(() => undefined)
  const isThere = await within(PATIENCE_MS, Promise.race([done, gone.promise]), `an answer to ${localAddress}`)
  if (isThere) return new Dialog(socket)
  tcp.destroy()
  return undefined
}

test('handshakes without end from one network, while others log in', async (t) => {
  const allowed = 60
  const world = await outside(t, '127.0.28.1', { remoteConnections: allowed, remoteConnectionsPerNetwork: allowed })
  const began = performance.now()
  /** As many as have come since: a bucket fills up with time. */
  const most = (each: number): number => Math.ceil((allowed + ((performance.now() - began) / 60_000) * allowed) / each)
  await using inside = await bound(await world.secured('starttls', '127.40.1.1'), 'dave')
  const flood = async (network: string, knock: (from: string, n: number) => Promise<boolean>): Promise<number> => {
    let taken = 0
    await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        if (await knock(`${network}.${2 + (n % 250)}`, n)) taken += 1
      }),
    )
    return taken
  }
  const ways = ['direct', 'any', 'starttls', 'websocket'] as const
  const [handshakes, broken] = await Promise.all([
    flood('127.40.1', async (from, n) => {
      const dialog = await secured(world, (['direct', 'any'] as const)[n % 2]!, from)
      await dialog?.[Symbol.asyncDispose]()
      return dialog !== undefined
    }),
    // What does not even end its handshake costs more.
    flood('127.40.2', async (from, n) => {
      const socket = connectPlain({ host: world.host, port: PORTS[ways[n % 4]!], localAddress: from })
      let heard = 0
      socket.on('error', () => {}).on('data', ({ length }) => (heard += length))
      socket.write(Buffer.from([0x16, 3, 1, 0, 4, 9, 9, 9, 9]))
      await within(PATIENCE_MS, once(socket, 'close'), 'an end').catch(() => {})
      return heard > 0
    }),
    (async () => {
      for (const [n, way] of (['starttls', 'direct', 'any', 'starttls'] as const).entries()) {
        await using other = await world.secured(way, `127.40.3.${n + 1}`)
        await logIn(other, `user${n}`)
      }
    })(),
  ])
  assert.ok(handshakes > 0 && handshakes <= most(1), `${handshakes} handshakes`)
  assert.ok(broken <= most(1), `${broken} broken handshakes were answered`)
  const refused = world.turnedAway()
  assert.ok(refused.every(([from, reason]) => reason === 'SP-840' && !from.startsWith('127.40.3.')))
  const [first, second] = ['127.40.1.', '127.40.2.'].map(
    (net) => refused.filter(([from]) => from.startsWith(net)).length,
  )
  assert.ok(first! >= 200 - most(1), `${first} were turned away`)
  assert.ok(second! >= 200 - most(1), `${second} were turned away that broke their handshake`)
  // Who is in stays in, wherever they come from.
  await inside.say("<iq type='get' id='still' to='corp.example'><p xmlns='urn:xmpp:ping'/></iq>").expect(/id='still'/)
  inside.say('</stream:stream>')
  await inside.end()
  await world.empty()
})

const MANY = 1000
/** How many log in at a time, the first time. */
const AT_ONCE = 100

/** Where each of them is: no more than a few in one place. */
const place = (n: number): string => `127.41.${Math.floor(n / 200)}.${1 + (n % 200)}`

test('a thousand sessions lose their network together, and are back together', async (t) => {
  const world = await outside(t, '127.0.28.2', { negotiationMs: PATIENCE_MS, closeMs: 500 })
  const { core, gateway } = world
  const arrive = async (n: number): Promise<Dialog> => {
    const dialog = await secured(world, 'direct', place(n))
    assert.ok(dialog, `${n} was not taken`)
    await dialog.say(HEADER).expect(/<\/stream:features>/, PATIENCE_MS)
    await dialog.say(auth(`user${n}`)).expect(/<success[^>]*>/, PATIENCE_MS)
    await dialog.say(HEADER).expect(/<\/stream:features>/, PATIENCE_MS)
    return dialog
  }
  const ids: string[] = []
  const dialogs: Dialog[] = []
  const come = async (n: number): Promise<void> => {
    const dialog = await arrive(n)
    await dialog.say(bind('r')).expect(/<\/jid><\/bind><\/iq>/, PATIENCE_MS)
    const [, id = ''] = await dialog
      .say(`<enable xmlns='${SM}' resume='true'/>`)
      .expect(/<enabled[^>]* id='(\w+)'[^>]*>/, PATIENCE_MS)
    core.at(`user${n}@${OURS}/r`).tell(`<message id='first${n}'/>`)
    await dialog.say(`<message id='mine${n}' to='b@${OURS}'/>`).expect(new RegExp(`id='first${n}'`), PATIENCE_MS)
    ids[n] = id
    dialogs[n] = dialog
  }
  let next = 0
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < MANY) await come(next++)
    }),
  )
  const everybody = [...core.sessions]
  assert.equal(everybody.length, MANY)
  await eventually('what they said', () => (everybody.every(({ heard }) => heard.length === 1) ? true : undefined))
  for (const { socket } of dialogs) socket.destroy()
  for (const session of everybody) session.tell(`<message id='second-${session.user}'/>`)
  await Promise.all(
    dialogs.map(async (_, n) => {
      const dialog = await arrive(n)
      dialogs[n] = dialog
      dialog.say(`<resume xmlns='${SM}' h='1' previd='${ids[n]}'/>`)
      const [, h] = await dialog.expect(/<resumed[^>]* h='(\d+)'[^>]*>/, PATIENCE_MS)
      assert.equal(h, '1')
      await dialog.expect(new RegExp(`<message id='second-user${n}'/>`), PATIENCE_MS)
    }),
  )
  assert.equal(core.resumed, MANY)
  await eventually('the end of what was', () => (core.sessions.size === MANY ? true : undefined))
  const { open, loggedIn, resumable } = gateway.remote!.figures
  assert.deepEqual({ open, loggedIn, resumable }, { open: MANY, loggedIn: MANY, resumable: MANY })
  assert.deepEqual(
    world.all.filter(({ what }) => what === 'logInFailed' || what === 'unsecured' || what === 'refused'),
    [],
  )
  for (const dialog of dialogs) dialog.say('</stream:stream>')
  await Promise.all(dialogs.map((dialog) => dialog.end()))
  await world.empty()
  assert.equal(gateway.remote!.figures.resumable, 0)
})
