// What a session owes a core that is slow, a client that is greedy, and one whose network fails at the worst time.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CoreSession, Step } from './scripted-core.ts'
import { AS_ALWAYS } from './scripted-core.ts'
import type { Frame } from '../../../src/xml/frame.ts'
import { eventually } from '../../support/within.ts'
import { bound, logIn, outside } from './outside.ts'
import { opened } from './over-web.ts'

const HOST = '127.0.36.1'
const SM = "xmlns='urn:xmpp:sm:3'"
const ENABLE = `<enable ${SM} resume='true'/>`

test('words count like stanzas, and whoever says more of them than they may is read more slowly', async (t) => {
  const world = await outside(t, HOST, { sessionRate: 1 })
  await using dialog = await bound(await world.secured('direct', '127.0.36.2'), 'alice')
  await dialog.say(ENABLE).expect(/<enabled [^>]*>/)
  dialog.say(`<r ${SM}/>`.repeat(500))
  const [session] = world.gateway.remote!.all()
  await eventually('nobody holds', () => (session!.status().held ? true : undefined))
  await dialog.expect(/<a [^>]*>/)
  const answered = dialog.heard.split('<a ').length
  assert.ok(answered < 10, `${answered} answers`)
})

test('so do pings over WebSocket', async (t) => {
  const world = await outside(t, HOST, { sessionRate: 1 })
  await using dialog = await opened(world, 'websocket', '127.0.36.4')
  const [session] = world.gateway.remote!.all()
  const ping = Buffer.from([0x89, 0x80, 0, 0, 0, 0])
  dialog.say(Buffer.concat(Array.from({ length: 500 }, () => ping)))
  await eventually('nobody holds', () => (session!.status().held ? true : undefined))
})

test('what a client said last, with the end of its connection, reaches the core', async (t) => {
  const world = await outside(t, HOST, {})
  const dialog = await bound(await world.secured('direct', '127.0.36.3'), 'alice')
  await dialog.say(ENABLE).expect(/<enabled [^>]*>/)
  const core = world.core.at('alice@corp.example/r')
  let closed = false
  core.socket.on('close', () => (closed = true))
  for (let n = 0; n < 50; n++)
    dialog.socket.write(`<message id='${n}' to='bob@corp.example'>${'x'.repeat(2000)}</message>`)
  dialog.socket.end()
  await eventually('the core is not left', () => (closed ? true : undefined))
  assert.equal(core.heard.length, 50)
  assert.equal((await world.told('127.0.36.3')).reason, 'SP-816')
  await world.empty()
})

test('whose network fails again while a session is resumed may still have it', async (t) => {
  const world = await outside(t, HOST, {})
  const remembered = (): number => world.gateway.remote!.figures.resumable
  const come = async (n: number) => logIn(await world.secured('direct', `127.0.36.${n}`), 'alice')
  const first = await bound(await world.secured('direct', '127.0.36.4'), 'alice')
  const [, id] = await first.say(ENABLE).expect(/<enabled [^>]*id='([^']*)'[^>]*>/)
  const resume = `<resume ${SM} h='0' previd='${id}'/>`
  first.socket.destroy()
  await world.told('127.0.36.4')
  assert.equal(remembered(), 1)

  let asked = 0
  const deaf = (_: CoreSession, __: Step, frame: Frame | undefined): boolean => {
    if (frame?.name !== 'resume') return false
    asked += 1
    return true
  }
  world.core.play = deaf
  const second = await come(5)
  second.say(resume)
  await eventually('the core is not asked', () => (asked === 1 ? true : undefined))
  second.socket.destroy()
  await world.told('127.0.36.5')
  assert.equal(remembered(), 1)

  world.core.play = AS_ALWAYS
  const greedy = await come(6)
  await greedy.say(`<resume ${SM} h='9' previd='${id}'/>`).expect(/<item-not-found/)
  assert.equal(remembered(), 1, 'who speaks of what they never got takes nothing')
  await greedy.say(resume).expect(/<resumed [^>]*>/)
  assert.equal(world.core.resumed, 1)
  greedy.say('</stream:stream>')
  await greedy.end()
  await world.told('127.0.36.6')
  assert.equal(remembered(), 0)
})

test('a session that the core no longer has is forgotten here', async (t) => {
  const world = await outside(t, HOST, {})
  const first = await bound(await world.secured('direct', '127.0.36.7'), 'alice')
  const [, id] = await first.say(ENABLE).expect(/<enabled [^>]*id='([^']*)'[^>]*>/)
  first.socket.destroy()
  await world.told('127.0.36.7')
  world.core.kept.clear()
  await using second = await logIn(await world.secured('direct', '127.0.36.8'), 'alice')
  await second.say(`<resume ${SM} h='0' previd='${id}'/>`).expect(/<failed [^>]*>/)
  assert.equal(world.gateway.remote!.figures.resumable, 0)
})
