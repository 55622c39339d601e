// How fast new connections of partners may come from one address and one network, at a gateway that runs: one too many is cut before
// a stream exists and told of, the core may come as often as it likes, and so may anybody else.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { eventually } from '../support/within.ts'
import { evaluation } from './evaluation.ts'

const HOST = '127.0.7.197'
const FEDERATION = 15_269
const LIMITS = { partnerConnections: 3, partnerConnectionsPerNetwork: 5 }

/** Connects and asks for a stream. Is anything said? */
async function isServed(localAddress: string): Promise<boolean> {
  const socket = connect({ host: HOST, port: FEDERATION, localAddress })
  let heard = ''
  socket.on('data', (data: Buffer) => void (heard += data.toString()))
  socket.on('error', () => undefined)
  socket.write(
    "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' to='corp.example' version='1.0'>",
  )
  await Promise.race([once(socket, 'data'), once(socket, 'close')]).catch(() => undefined)
  socket.destroy()
  return heard !== ''
}

const inTurn = async (addresses: readonly string[]): Promise<readonly boolean[]> => {
  const served: boolean[] = []
  for (const address of addresses) served.push(await isServed(address))
  return served
}

test('from one address and one network only so many connections of partners come in a minute', async (t) => {
  const { told, later } = await evaluation(t, HOST, (settings) => ({
    ...settings,
    limits: { ...settings.limits, ...LIMITS },
    core: { ...settings.core, networks: [`${HOST}/32`] },
  }))
  const [one, near, far] = ['127.66.0.1', '127.66.0.2', '127.67.0.1']
  assert.deepEqual(await inTurn([one, one, one, one]), [true, true, true, false])
  assert.deepEqual(await inTurn([near, near, near]), [true, true, false], 'the network has had its five')
  assert.deepEqual(await inTurn([far]), [true])
  assert.deepEqual(await inTurn(Array.from({ length: 6 }, () => HOST)), Array(6).fill(true), 'the core is not counted')
  await eventually('that it is told', () => (told('turnedAway').length === 2 ? true : undefined))
  assert.deepEqual(
    told('turnedAway').map(({ with: [, reason] }) => reason),
    ['SP-654', 'SP-654'],
  )
  later(20_000)
  assert.deepEqual(await inTurn([one, one]), [true, false], 'a third of a minute brings one of three')
})
