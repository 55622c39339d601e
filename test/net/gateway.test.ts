// The whole gateway between the lab's core and its partners, over loopback with real TLS, in one process.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Settings } from '../../src/config/settings.ts'
import type { Gateway } from '../../src/gateway/gateway.ts'
import { conversation } from '../../src/lab/conversation.ts'
import type { LabNews } from '../../src/lab/lab.ts'
import type { StreamFailure } from '../../src/net/reception.ts'
import type { Partner } from '../../src/policy/partner.ts'
import { Dialog } from '../support/dialog.ts'
import { eventually } from '../support/within.ts'
import { chat, conversing, evaluation, first, fits } from './evaluation.ts'
import { header } from './gate.ts'

const HOST = '127.0.7.1'

/** Core and partners at one door: the core is told by the names it claims and the network it comes from. */
const shared = (settings: Settings): Settings => ({
  ...settings,
  listen: { federation: [...settings.listen.federation, ...settings.listen.core], core: [], remote: [] },
})

const DOORS = [
  ['with a listener for the core', undefined],
  ['with one listener for all', shared],
] as const

const DIRECT_PORT = 15_290
const BALANCED_PORT = 15_291

/** The same, with an entrance for direct TLS. */
const direct = (settings: Settings): Settings => {
  const { listen } = shared(settings)
  return {
    ...settings,
    listen: {
      ...listen,
      federation: [...listen.federation, { host: HOST, port: DIRECT_PORT, tls: 'direct', proxyProtocol: [] }],
    },
  }
}

test('behind a balancer partners are who the balancer says, and the core is nobody', async (t) => {
  const { told } = await evaluation(t, HOST, (settings) => {
    const { listen } = shared(settings)
    const behind = { host: HOST, port: BALANCED_PORT, tls: 'starttls', proxyProtocol: ['127.0.0.1/32'] } as const
    return { ...settings, listen: { ...listen, federation: [...listen.federation, behind] } }
  })
  const asCore = header({ from: 'corp.example', to: 'aurora.example' })
  for (const said of ['PROXY TCP4 127.0.0.5 203.0.113.7 1 5269\r\n', 'PROXY UNKNOWN\r\n']) {
    await using dialog = await Dialog.open({ host: HOST, port: BALANCED_PORT })
    assert.match(await dialog.say(said + asCore).end(), /<invalid-from /)
  }
  await using dialog = await Dialog.open({ host: HOST, port: BALANCED_PORT })
  assert.equal(await dialog.say(asCore).end(), '')
  const turnedAway = await eventually('the refusal', () => told('turnedAway')[0])
  assert.deepEqual(turnedAway.with[1], 'SP-206')
  const failures = await eventually('the failures', () => (told('failed').length === 2 ? told('failed') : undefined))
  assert.deepEqual(
    failures.map(({ with: [failure] }) => (failure as StreamFailure).remoteAddress),
    ['127.0.0.5', '127.0.0.1'],
  )
})

test('over direct TLS partners see our certificate, whatever name they ask for, and the core is nobody', async (t) => {
  const { gateway, told } = await evaluation(t, HOST, direct)
  const listeners = gateway.listeners.map(({ address, tls }) => `${address} ${tls}`)
  assert.ok(listeners.includes(`${HOST}:${DIRECT_PORT} direct`), listeners.join(', '))
  for (const servername of ['', 'corp.example', 'nobody.example']) {
    await using dialog = await Dialog.open({ host: HOST, port: DIRECT_PORT })
    const socket = await dialog.startTls({ servername })
    assert.match(socket.getPeerCertificate().subjectaltname ?? '', /DNS:corp\.example\b/)
  }
  await using dialog = await Dialog.open({ host: HOST, port: DIRECT_PORT })
  await dialog.startTls({ servername: 'aurora.example' })
  assert.match(await dialog.say(header({ from: 'corp.example', to: 'aurora.example' })).end(), /<invalid-from /)
  const failures = await eventually('the failures', () => (told('failed').length === 4 ? told('failed') : undefined))
  assert.partialDeepStrictEqual(failures.at(-1)?.with[0], { reason: 'SP-111', leg: 'partner' })
})

for (const [where, change] of DOORS) {
  test(`the conversation of the demonstration goes as it should, ${where}`, async (t) => {
    const { lab } = await evaluation(t, HOST, change)
    for (const scene of conversation('t')) {
      await t.test(scene.title, async () => {
        const after = lab.lastEvent
        assert.equal(lab.send(scene.at, scene.stanza), undefined)
        const id = / id='([^']*)'/.exec(scene.stanza)?.[1] ?? ''
        for (const ending of scene.ends) await first(lab, after, fits(ending, id))
      })
    }
  })
}

test('blocking closes streams that are up within a second, and allowing works at once', async (t) => {
  const { gateway, lab, partners, build, told } = await evaluation(t, HOST)
  const arrived = (id: string) => (news: LabNews) => news.kind === 'received' && news.stanza.includes(`id="${id}"`)
  lab.send('aurora.example', chat('bob@aurora.example', 'alice@corp.example', 'in-1'))
  lab.send('corp.example', chat('alice@corp.example', 'bob@aurora.example', 'out-1'))
  await first(lab, 0, arrived('in-1'))
  await first(lab, 0, arrived('out-1'))
  assert.equal([...gateway.streams.all()].length, 4)

  const after = lab.lastEvent
  const began = performance.now()
  gateway.apply(
    await build(partners.map((p): Partner => (p.domain === 'aurora.example' ? { ...p, status: 'blocked' } : p))),
  )
  const refused = await first(lab, after, (news) => news.kind === 'refused' && news.domain === 'aurora.example')
  assert.equal(refused.kind === 'refused' && refused.condition, 'policy-violation')
  assert.ok(performance.now() - began < 1000)
  lab.send('corp.example', chat('alice@corp.example', 'bob@aurora.example', 'out-2'))
  await first(lab, after, (news) => news.kind === 'received' && /id="out-2".*<not-allowed /.test(news.stanza))
  assert.ok(told('refused').length > 0)

  gateway.apply(await build(partners))
  const again = lab.lastEvent
  lab.send('corp.example', chat('alice@corp.example', 'bob@aurora.example', 'out-3'))
  await first(lab, again, arrived('out-3'))
  lab.send('aurora.example', chat('bob@aurora.example', 'alice@corp.example', 'in-2'))
  await first(lab, again, arrived('in-2'))
})

test('who is blocked is gone for our users, and our users for them, before the streams close', async (t) => {
  const { gateway, lab, partners, build, told } = await evaluation(t, HOST)
  await conversing(lab)
  const seen =
    (at: string, from: string, type = '') =>
    (news: LabNews) =>
      news.kind === 'received' &&
      news.domain === at &&
      news.stanza.startsWith('<presence') &&
      news.stanza.includes(`from="${from}"`) &&
      news.stanza.includes('type="unavailable"') === (type === 'unavailable')
  lab.send('aurora.example', "<presence from='bob@aurora.example/r' to='alice@corp.example'/>")
  lab.send('corp.example', "<presence from='alice@corp.example/r' to='bob@aurora.example'/>")
  await first(lab, 0, seen('corp.example', 'bob@aurora.example/r'))
  await first(lab, 0, seen('aurora.example', 'alice@corp.example/r'))
  assert.equal(gateway.ledgers.presences, 2)

  const after = lab.lastEvent
  gateway.apply(
    await build(partners.map((p): Partner => (p.domain === 'aurora.example' ? { ...p, status: 'blocked' } : p))),
  )
  const gone = await first(lab, after, seen('aurora.example', 'alice@corp.example/r', 'unavailable'))
  await first(lab, after, seen('corp.example', 'bob@aurora.example/r', 'unavailable'))
  const refusals = (await lab.events(after, 10)).filter((news) => news.kind === 'refused')
  assert.ok(refusals.every(({ number }) => number > (gone as LabNews & { number: number }).number))
  assert.partialDeepStrictEqual(told('takenBack')[0]?.with[0], {
    domain: 'aurora.example',
    reason: 'SP-102',
    contacts: 1,
  })

  gateway.apply(await build(partners))
  const again = lab.lastEvent
  await conversing(lab)
  await first(lab, again, (news) => news.kind === 'received' && /type="probe"/.test(news.stanza))
})

test('thousands of stanzas that trigger the connection arrive once and in order, both ways', async (t) => {
  const { lab } = await evaluation(t, HOST)
  const many = 900 // What the lab keeps.
  for (const [at, from, to, there] of [
    ['corp.example', 'alice@corp.example', 'bob@aurora.example', 'aurora.example'],
    ['aurora.example', 'bob@aurora.example', 'alice@corp.example', 'corp.example'],
  ] as const) {
    const after = lab.lastEvent
    for (let i = 0; i < many; i++) lab.send(at, chat(from, to, `n-${i}`))
    await first(lab, after, (news) => news.kind === 'received' && news.stanza.includes(`id="n-${many - 1}"`), 20_000)
    const ids = (await lab.events(after, 10)).flatMap((news) =>
      news.kind === 'received' && news.domain === there ? [/id="(n-\d+)"/.exec(news.stanza)?.[1]] : [],
    )
    assert.deepEqual(
      ids,
      Array.from({ length: many }, (_, i) => `n-${i}`),
    )
  }
})

const up = (gateway: Gateway, leg: string): number =>
  [...gateway.streams.all()].filter((stream) => stream.open && stream.info.leg === leg).length

test('trust that is taken away reaches the streams that are up', async (t) => {
  const { root, settings, gateway, lab, partners, build } = await evaluation(t, HOST)
  await conversing(lab)
  const other = join(root, 'certs', 'internal-ca', 'ca.pem')

  gateway.apply(await build(partners))
  assert.deepEqual([up(gateway, 'partner'), up(gateway, 'core')], [2, 2], 'the same trust closes nothing')

  const distrusted = partners.map((p): Partner => (p.domain === 'aurora.example' ? { ...p, anchors: [other] } : p))
  gateway.apply(await build(distrusted))
  assert.deepEqual([up(gateway, 'partner'), up(gateway, 'core')], [0, 2])

  const core = { ...settings.core, trust: { files: [other], pins: [] } }
  gateway.apply(await build(partners, { ...settings, core }))
  assert.equal(up(gateway, 'core'), 0)
})

test('a network that is no longer the core ends the streams from there', async (t) => {
  const { settings, gateway, lab, partners, build } = await evaluation(t, HOST)
  await conversing(lab)
  const core = { ...settings.core, networks: ['192.0.2.0/24'] }
  gateway.apply(await build(partners, { ...settings, core }))
  assert.equal(up(gateway, 'core'), 1, 'our own stream to the core stays')
})

test('a pin that no longer fits ends the streams that are up', async (t) => {
  const { gateway, lab, partners, build } = await evaluation(t, HOST)
  await conversing(lab)
  const pin = `sha256/${'A'.repeat(43)}=`
  gateway.apply(await build(partners.map((p): Partner => ({ ...p, pins: [pin] }))))
  assert.equal(up(gateway, 'partner'), 0)
})

test('a bug in what is done once a second is told, and what comes after it goes on', async (t) => {
  const { gateway, told } = await evaluation(t, HOST)
  const sweep = gateway.links.sweep.bind(gateway.links)
  let swept = 0
  gateway.links.sweep = (before) => {
    swept += 1
    if (swept === 1) throw new Error('boom')
    return sweep(before)
  }
  await eventually('a second tick', () => (swept > 1 ? true : undefined))
  assert.equal(told('bug').length, 1)
})

const refusedAt = (domain: string, condition: string) => (news: LabNews) =>
  news.kind === 'refused' && news.domain === domain && news.condition === condition

test('the day on which an entry ends closes its streams within a second', async (t) => {
  const { gateway, lab, later, partners, build, told } = await evaluation(t, HOST)
  const today = new Date().toISOString().slice(0, 10)
  gateway.apply(await build(partners.map((p): Partner => ({ ...p, expires: today }))))
  await conversing(lab)
  const after = lab.lastEvent
  later(86_400_000)
  await first(lab, after, refusedAt('aurora.example', 'policy-violation'), 2500)
  await eventually('the end is told with its reason', () =>
    told('ended').find((one) => JSON.stringify(one.with[1]).includes('SP-105')),
  )
})

test('a certificate that expires while the stream is up ends it with a reset', async (t) => {
  const { lab, later } = await evaluation(t, HOST)
  await conversing(lab)
  const after = lab.lastEvent
  later(400 * 86_400_000)
  await first(lab, after, refusedAt('aurora.example', 'reset'), 2500)
})
