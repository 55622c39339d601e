// Whoever does not read, on either side of a session: nobody is read for them, what waits in the gateway is little, others
// go on, and when they read again everything is there, in order.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import type { Session } from '../../../src/gateway/remote/session.ts'
import type { Dialog } from '../../support/dialog.ts'
import { SM } from '../../support/raw-client.ts'
import { eventually, within } from '../../support/within.ts'
import { bound, type Outside, outside } from './outside.ts'
import type { CoreSession } from './scripted-core.ts'

const WRITE_BYTES = 262_144
/** What may wait in the gateway: what is written and not taken, a piece more, and what was read in one go on either side. */
const MOST_BYTES = WRITE_BYTES + 4 * 65_536
const BODY = 'x'.repeat(4000)
/** More than fits into the buffers of the operating system. */
const MANY = 10_000

const HOST = '127.0.27.4'

interface Pair {
  readonly outer: Outside
  /** Somebody else. */
  readonly other: Dialog
  readonly client: Dialog
  readonly session: Session
  /** The session of the client, at the core. */
  readonly inside: CoreSession
}

/** Waits until nothing moves any more, and gives the most that ever waited in the gateway. */
async function stuck(session: Session, moved: () => number): Promise<number> {
  let most = 0
  let last = -1
  let still = 0
  await eventually(
    () => `a standstill at ${moved()}, ${JSON.stringify(session.status())}`,
    () => {
      const { held, unsentBytes, unreadBytes } = session.status()
      most = Math.max(most, unsentBytes + unreadBytes)
      still = held && moved() === last ? still + 1 : 0
      last = moved()
      return still >= 20 ? true : undefined
    },
    { everyMs: 20, ms: 20_000 },
  )
  return most
}

async function asks(dialog: Dialog, id: string): Promise<void> {
  await dialog
    .say(`<iq type='get' id='${id}' to='corp.example'><p xmlns='urn:xmpp:ping'/></iq>`)
    .expect(new RegExp(`id='${id}'`))
}

/** What a client hears from here on, by ids. */
function listening({ socket }: Dialog): { readonly ids: string[]; until(count: number): Promise<void> } {
  const ids: string[] = []
  let rest = ''
  socket.on('data', (text) => {
    rest += String(text)
    let end = 0
    for (const found of rest.matchAll(/ id=['"]([^'"]*)['"][^>]*>/g)) {
      ids.push(found[1]!)
      end = found.index + found[0].length
    }
    rest = rest.slice(end)
  })
  const until = async (count: number): Promise<void> => {
    while (ids.length < count) await once(socket, 'data')
  }
  return { ids, until: (count) => within(20_000, until(count), () => `${count} stanzas; there are ${ids.length}`) }
}

/** Writes as fast as it is let. */
async function pour(socket: CoreSession['socket'] | Dialog['socket'], words: (n: number) => string, count: number) {
  for (let n = 0; n < count; n++) if (!socket.write(words(n))) await once(socket, 'drain')
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, n) => `m${n}`)

const TESTS: readonly (readonly [about: string, act: (pair: Pair) => Promise<void>])[] = [
  [
    'a client that does not read',
    async ({ other, client, session, inside }) => {
      const { ids, until } = listening(client)
      client.socket.pause()
      const words = (n: number): string => `<message id='m${n}'><body>${BODY}</body></message>`
      const poured = pour(inside.socket, words, MANY)
      const most = await stuck(session, () => inside.socket.bytesWritten)
      assert.ok(inside.socket.writableNeedDrain, 'the core is let')
      assert.ok(most <= MOST_BYTES, `${most} bytes waited`)
      await asks(other, 'meanwhile')
      client.socket.resume()
      await until(MANY)
      await poured
      assert.deepEqual(ids, numbered(MANY))
    },
  ],
  [
    'a core that does not read',
    async ({ other, client, session, inside }) => {
      inside.socket.pause()
      const words = (n: number): string => `<message id='m${n}' to='b@corp.example'><body>${BODY}</body></message>`
      const poured = pour(client.socket, words, MANY)
      const most = await stuck(session, () => client.socket.bytesWritten)
      assert.ok(most <= MOST_BYTES, `${most} bytes waited`)
      await asks(other, 'meanwhile')
      inside.socket.resume()
      await poured
      await eventually('all of it', () => (inside.heard.length === MANY ? true : undefined))
      assert.deepEqual(inside.heard, numbered(MANY))
    },
  ],
  [
    'a core that does not read what is no stanza',
    async ({ other, client, session, inside }) => {
      await client.say(`<enable xmlns='${SM}'/>`).expect(/<enabled[^>]*>/)
      inside.socket.pause()
      pour(client.socket, () => `<r xmlns='${SM}' x='${BODY}'/>`, MANY).catch(() => {})
      const most = await stuck(session, () => client.socket.bytesWritten)
      assert.ok(most <= MOST_BYTES, `${most} bytes waited`)
      await asks(other, 'meanwhile')
      inside.socket.resume()
    },
  ],
  [
    'a client that does not read how its stanzas are refused',
    async ({ other, client, session }) => {
      const { ids, until } = listening(client)
      client.socket.pause()
      const pad = 'y'.repeat(1000)
      const count = 40_000
      const words = (n: number): string =>
        `<message from='mallory@corp.example' id='m${n}-${pad}' to='b@corp.example'/>`
      const poured = pour(client.socket, words, count)
      const most = await stuck(session, () => client.socket.bytesWritten)
      assert.ok(most <= MOST_BYTES, `${most} bytes waited`)
      await asks(other, 'meanwhile')
      client.socket.resume()
      await until(count)
      await poured
      assert.deepEqual(
        ids.map((id) => id.split('-')[0]),
        numbered(count),
      )
    },
  ],
  [
    'one who has much to say keeps no other waiting',
    async ({ outer, other, client, inside }) => {
      const count = 30_000
      const all = Array.from({ length: count }, (_, n) => `<message id='m${n}' to='b@corp.example'/>`).join('')
      client.say(all)
      await eventually('a beginning', () => (inside.heard.length > 0 ? true : undefined), { everyMs: 1 })
      other.say("<message id='short' to='b@corp.example'/>")
      const carol = outer.core.at('carol@corp.example/r')
      await eventually('the other', () => (carol.heard.includes('short') ? true : undefined), { everyMs: 1 })
      assert.ok(inside.heard.length < count, 'it waited for all of it')
      await eventually('the rest', () => (inside.heard.length === count ? true : undefined))
      assert.deepEqual(inside.heard, numbered(count))
    },
  ],
]

test('who does not read is not read for', async (t) => {
  const outer = await outside(t, HOST, { writeBytes: WRITE_BYTES, sessionRate: 100_000, closeMs: 500 })
  await using other = await bound(await outer.secured('starttls', '127.0.27.9'), 'carol')
  for (const [n, [about, act]] of TESTS.entries()) {
    await t.test(about, async () => {
      await using client = await bound(await outer.secured('direct', `127.0.27.${10 + n}`), `user${n}`)
      const address = `user${n}@corp.example/r`
      const session = [...outer.gateway.remote!.all()].find(({ facts }) => facts?.address === address)
      assert.ok(session)
      await act({ outer, other, client, session, inside: outer.core.at(address) })
    })
  }
  other.say('</stream:stream>')
  await other.end()
  await outer.empty()
})
