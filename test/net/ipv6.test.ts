// A gateway in a world of IPv6 alone: it listens, dials, and tells who is who. And `::`, which means every address of both.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conversation } from '../../src/lab/conversation.ts'
import type { Settings } from '../../src/config/settings.ts'
import { Dialog } from '../support/dialog.ts'
import { evaluation, first, fits } from './evaluation.ts'
import { header } from './gate.ts'

const HOST = '::1'
const PORT = 15_293

test('the conversation of the demonstration goes as it should over IPv6 alone', async (t) => {
  const { lab, gateway } = await evaluation(t, HOST)
  for (const scene of conversation('t')) {
    await t.test(scene.title, async () => {
      const after = lab.lastEvent
      assert.equal(lab.send(scene.at, scene.stanza), undefined)
      const id = / id='([^']*)'/.exec(scene.stanza)?.[1] ?? ''
      for (const ending of scene.ends) await first(lab, after, fits(ending, id))
    })
  }
  const addresses = new Set([...gateway.streams.all()].map(({ info }) => info.peerAddress))
  assert.deepEqual([...addresses], ['::1'])
  assert.ok(gateway.listeners.every(({ address }) => address.startsWith('[::1]:')))
})

test('a listener without a host takes both families, and an IPv4 client is told of as one', async (t) => {
  const { told } = await evaluation(t, HOST, (settings: Settings) => ({
    ...settings,
    listen: {
      ...settings.listen,
      federation: [{ host: undefined, port: PORT, tls: 'starttls', proxyProtocol: [] }],
    },
  }))
  for (const host of ['127.0.0.1', '::1']) {
    await using dialog = await Dialog.open({ host, port: PORT })
    assert.match(await dialog.say(header({ from: 'x.example', to: 'y.example' })).end(), /<host-unknown /)
  }
  const failures = told('failed').map(({ with: [failure] }) => (failure as { remoteAddress: string }).remoteAddress)
  assert.deepEqual(failures, ['127.0.0.1', '::1'])
})
