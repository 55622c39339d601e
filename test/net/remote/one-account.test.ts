// Failures of an account are counted together, whichever listener they come to: nobody has as many guesses as there are doors.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import type { LogInFailure } from '../../../src/gateway/remote/journal.ts'
import type { Dialog } from '../../support/dialog.ts'
import { within } from '../../support/within.ts'
import { auth, HEADER, outside, PATH, PORTS, type Way } from './outside.ts'
import { OURS, type Play } from './scripted-core.ts'

const HOST = '127.0.42.1'
/** Half of them are for networks that the user has come from: a stranger has two. */
const PER_ACCOUNT = 4

test('one failed log-in at each of two listeners are two failures of one account', async (t) => {
  const world = await outside(t, HOST, { remoteFailuresPerAccount: PER_ACCOUNT, remoteRefusalMs: 100 })
  let heard = 0
  const counting: Play = (_, step) => ((heard += step === 'auth' ? 1 : 0), false)
  world.core.play = counting
  const failures = (): readonly LogInFailure[] =>
    world.all.filter(({ what }) => what === 'logInFailed').map(({ with: parts }) => parts[2] as LogInFailure)
  let from = 1
  const byTcp = async (way: Way, user: string, password?: string): Promise<string> => {
    await using dialog: Dialog = await world.secured(way, `127.0.42.${(from += 1)}`)
    await dialog.say(HEADER).expect(/<\/stream:features>/)
    const [, outcome = ''] = await dialog.say(auth(user, password)).expect(/<(success|failure [^>]*><[a-z-]+)/)
    return outcome.replace(/.*</, '')
  }
  const byWebSocket = async (user: string, password?: string): Promise<string> => {
    const tls: object = { ca: world.ca, servername: OURS, localAddress: `127.0.42.${(from += 1)}` }
    const socket = new WebSocket(`wss://${HOST}:${PORTS.any}${PATH}`, ['xmpp'], tls)
    const heardAll = Promise.withResolvers<string>()
    socket.on('error', heardAll.reject).on('open', () => {
      socket.send(`<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='${OURS}' version='1.0'/>`)
    })
    socket.on('message', (data: Buffer) => {
      const words = data.toString()
      if (words.startsWith('<stream:features')) socket.send(auth(user, password))
      const [, outcome] = /^<(success|failure [^>]*><[a-z-]+)/.exec(words) ?? []
      if (outcome !== undefined) heardAll.resolve(outcome.replace(/.*</, ''))
    })
    return within(5000, heardAll.promise, 'a word on the log-in').finally(() => socket.terminate())
  }

  assert.equal(await byTcp('direct', 'alice', 'wrong'), 'not-authorized')
  assert.equal(await byWebSocket('alice', 'wrong'), 'not-authorized')
  assert.equal(heard, 2)
  // Locked by now, with the right password too, at a third door, and the core hears nothing of it.
  assert.equal(await byTcp('starttls', 'alice'), 'not-authorized')
  assert.equal(heard, 2)
  assert.deepEqual(
    failures().map(({ reason }) => reason),
    ['SP-808', 'SP-808', 'SP-837'],
  )

  assert.equal(await byTcp('direct', 'bob', 'wrong'), 'not-authorized')
  assert.equal(await byWebSocket('bob'), 'success', 'one failure locks nobody')
  await world.empty()
})
