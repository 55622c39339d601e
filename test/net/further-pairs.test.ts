// Several domains of one partner's server on one stream, each proven by dialback and authorised alone, in the whole gateway.

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { StreamEnd } from '../../src/net/stream.ts'
import { eventually } from '../support/within.ts'
import { chat, evaluation, first } from './evaluation.ts'
import { KeyedPeer } from './keyed-peer.ts'

const HOST = '127.0.7.47'
const US = 'corp.example'
const ALICE = 'alice@corp.example'
const [ONE, TWO, THREE] = ['one.example', 'two.example', 'three.example']

const valid = (domain: string): RegExp => new RegExp(`<db:result [^>]*to='${domain}' type='valid'/?>`)

/** Three partners that one server speaks for, and a stream of its that has shown one name. */
async function stage(t: TestContext) {
  const all = await evaluation(t, HOST, (settings) => ({
    ...settings,
    limits: { ...settings.limits, dialbackMs: 300, closeMs: 300 },
  }))
  const { gateway, lab, partners, build, settings } = all
  const peer = await KeyedPeer.open(US, HOST)
  t.after(() => peer[Symbol.asyncDispose]())
  const [model] = partners
  const [listener] = settings.listen.federation
  ok(model && listener)
  const entries = [ONE, TWO, THREE].map((domain) => peer.entry(model, domain))
  gateway.apply(await build([...partners, ...entries]))
  const stream = await peer.call({ host: HOST, port: listener.port }, ONE)
  const { dialog } = stream
  const prove = async (domain: string): Promise<void> => {
    await dialog.say(peer.claim(stream, domain)).expect(valid(domain))
  }
  const arrives = async (from: string, id: string): Promise<void> => {
    const after = lab.lastEvent
    dialog.say(chat(`bob@${from}`, ALICE, id))
    await first(
      lab,
      after,
      (news) => news.kind === 'received' && news.domain === US && news.stanza.includes(`id="${id}"`),
    )
  }
  const block = async (domain: string): Promise<void> => {
    const changed = entries.map((one) => (one.domain === domain ? { ...one, status: 'blocked' as const } : one))
    gateway.apply(await build([...partners, ...changed]))
  }
  const ended = (): Promise<StreamEnd> =>
    eventually('the end of the stream', () => {
      const found = all
        .told('ended')
        .find(({ with: [one] }) => (one as { info: { role: string } }).info.role === 'receiving')
      return found?.with[1] as StreamEnd | undefined
    })
  await prove(ONE)
  return { ...all, peer, stream, dialog, prove, arrives, block, ended }
}

test('each domain speaks as soon as it is proven, and the gateway knows of all', async (t) => {
  const { gateway, prove, arrives } = await stage(t)
  await arrives(ONE, 'one-1')
  await prove(TWO)
  await arrives(TWO, 'two-1')
  await arrives(ONE, 'one-2')
  const [stream] = gateway.streams.receiving('partner', { local: US, remote: TWO })
  deepEqual(
    stream?.proven.map(({ pair, method }) => [pair.remote, method]),
    [
      [ONE, 'dialback'],
      [TWO, 'dialback'],
    ],
  )
})

test('a domain that is admitted, but not proven on the stream, ends it', async (t) => {
  const { dialog, prove, ended, lab } = await stage(t)
  await prove(TWO)
  const after = lab.lastEvent
  dialog.say(chat(`bob@${THREE}`, ALICE, 'three-1'))
  match(await dialog.end(), /<invalid-from /)
  equal((await ended()).by, 'us')
  deepEqual(await lab.events(after, 0), [])
})

test('a domain whose key is false stays unproven, and those that are proven go on', async (t) => {
  const { dialog, peer, stream, arrives } = await stage(t)
  await dialog.say(peer.claim(stream, TWO, 'false')).expect(/to='two\.example' type='error'.*<not-authorized /)
  await arrives(ONE, 'one-1')
  dialog.say(chat(`bob@${TWO}`, ALICE, 'two-1'))
  match(await dialog.end(), /<invalid-from /)
})

test('whoever blocks one of them closes the stream, whichever it is', async (t) => {
  for (const domain of [ONE, TWO]) {
    await t.test(domain, async (one) => {
      const { dialog, prove, block, ended } = await stage(one)
      await prove(TWO)
      await block(domain)
      match(await dialog.end(), /<policy-violation /)
      deepEqual([(await ended()).by, (await ended()).reason], ['us', 'SP-102'])
    })
  }
})

test('when the stream breaks, all that it spoke for are in doubt', async (t) => {
  const { gateway, dialog, prove, arrives } = await stage(t)
  await prove(TWO)
  for (const domain of [ONE, TWO]) dialog.say(`<presence from='bob@${domain}/r' to='${ALICE}'/>`)
  await arrives(ONE, 'one-1')
  equal(gateway.ledgers.presences, 2)
  dialog.reset()
  equal(await eventually('the doubt', () => gateway.ledgers.peersDoubted || undefined), 2)
})
