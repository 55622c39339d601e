// Clients that finish the handshake and do not log in: the core sees only so many of them, and whoever logs in makes room.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HEADER, logIn, outside } from './outside.ts'

const HOST = '127.0.37.1'

test('of clients that do not log in the core sees only so many from one network', async (t) => {
  const world = await outside(t, HOST, { strangers: 20 })
  const come = async (from: string) => {
    const dialog = await world.secured('direct', from)
    const [words] = await dialog.say(HEADER).expect(/[^]*(?:<\/stream:features>|<\/stream:stream>)/)
    return { dialog, words }
  }
  const silent = await Promise.all([come('127.0.37.11'), come('127.0.37.12')])
  for (const { words } of silent) assert.match(words, /features/)
  const before = world.core.accepted
  const third = await come('127.0.37.13')
  assert.match(third.words, /<resource-constraint /)
  assert.equal(world.core.accepted, before, 'the core hears nothing of it')
  assert.equal((await world.told('127.0.37.13')).reason, 'SP-869')
  const elsewhere = await come('127.0.30.11')
  assert.match(elsewhere.words, /features/)
  for (const { dialog } of [...silent, third, elsewhere]) await dialog[Symbol.asyncDispose]()
  await world.empty()
  // Whoever logs in takes no place of a stranger.
  const users = []
  for (let n = 0; n < 4; n++) users.push(await logIn(await world.secured('direct', `127.0.37.${20 + n}`), `user${n}`))
  assert.equal(users.length, 4)
})
