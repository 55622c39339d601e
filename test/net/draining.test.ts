// The gateway taken out of service while streams are up, and back again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Settings } from '../../src/config/settings.ts'
import type { Gateway } from '../../src/gateway/gateway.ts'
import type { Lab, LabNews } from '../../src/lab/lab.ts'
import type { Partner } from '../../src/policy/partner.ts'
import { DialogHost } from '../support/dialog.ts'
import { eventually, within } from '../support/within.ts'
import { chat, conversing, evaluation, first } from './evaluation.ts'

const HOST = '127.0.7.44'
const PATIENCE_MS = 10_000

const arrived = (id: string) => (news: LabNews) => news.kind === 'received' && news.stanza.includes(`id="${id}"`)
const shutDown = (domain: string) => (news: LabNews) =>
  news.kind === 'refused' && news.domain === domain && news.condition === 'system-shutdown'

const noticed =
  (noticeMs: number) =>
  (settings: Settings): Settings => ({
    ...settings,
    listen: { ...settings.listen, admin: { host: HOST, port: 1 } },
    limits: { ...settings.limits, drainNoticeMs: noticeMs },
  })

async function bothWays(lab: Lab, id: string): Promise<void> {
  const mark = lab.lastEvent
  lab.send('aurora.example', chat('bob@aurora.example', 'alice@corp.example', `${id}-in`))
  lab.send('corp.example', chat('alice@corp.example', 'bob@aurora.example', `${id}-out`))
  await first(lab, mark, arrived(`${id}-in`), PATIENCE_MS)
  await first(lab, mark, arrived(`${id}-out`), PATIENCE_MS)
}

const drained = (gateway: Gateway): Promise<void> =>
  within(PATIENCE_MS, gateway.draining.start('SP-629'), 'that nothing is left')

test('everybody is told system-shutdown, nobody gets in any more, and after the undo all is as before', async (t) => {
  const { gateway, lab, told } = await evaluation(t, HOST)
  await conversing(lab)
  const mark = lab.lastEvent
  await drained(gateway)
  await first(lab, mark, shutDown('aurora.example'))
  await first(lab, mark, shutDown('corp.example'))
  assert.equal(gateway.streams.size, 0)
  assert.equal(gateway.draining.service.state, 'drained')

  const later = lab.lastEvent
  lab.send('aurora.example', chat('bob@aurora.example', 'alice@corp.example', 'shut-out'))
  await first(lab, later, shutDown('aurora.example'))
  const failure = await eventually('the refusal', () => told('failed').at(-1))
  assert.partialDeepStrictEqual(failure.with[0], { reason: 'SP-629', condition: 'system-shutdown' })

  await gateway.draining.undo()
  assert.deepEqual(gateway.draining.service, { state: 'serving', since: undefined })
  await bothWays(lab, 'again')
  assert.deepEqual(
    told('service').map(({ with: [state] }) => state),
    ['draining', 'drained', 'serving'],
  )
})

test('while balancers are given time to notice, everything works as ever, and an undo leaves it so', async (t) => {
  const { gateway, lab } = await evaluation(t, HOST, noticed(600_000))
  await conversing(lab)
  const streams = new Set(gateway.streams.all())
  const done = gateway.draining.start('SP-629')
  assert.equal(gateway.draining.service.state, 'draining')
  await bothWays(lab, 'meanwhile')
  await gateway.draining.undo()
  await done
  await bothWays(lab, 'after')
  assert.deepEqual(new Set(gateway.streams.all()), streams)
})

test('whoever has no time is not made to wait, and draining twice is draining once', async (t) => {
  const { gateway, lab } = await evaluation(t, HOST, noticed(600_000))
  await conversing(lab)
  const done = gateway.draining.start('SP-629')
  assert.equal(gateway.draining.start('SP-471'), done)
  gateway.draining.hasten()
  await within(PATIENCE_MS, done, 'that nothing is left')
  assert.equal(gateway.streams.size, 0)
})

test('what waits goes back to its sender before the way to the sender closes', async (t) => {
  const { gateway, lab, partners, build } = await evaluation(t, HOST)
  await using silent = await DialogHost.open(HOST)
  const connect = [{ host: HOST, port: silent.port, tls: 'starttls' } as const]
  gateway.apply(await build(partners.map((p): Partner => (p.domain === 'aurora.example' ? { ...p, connect } : p))))
  const mark = lab.lastEvent
  for (const id of ['w-1', 'w-2', 'w-3']) {
    lab.send('corp.example', chat('alice@corp.example', 'bob@aurora.example', id))
  }
  await eventually('that three wait', () => (gateway.budgets.all.used.stanzas === 3 ? true : undefined))
  await drained(gateway)
  for (const id of ['w-1', 'w-2', 'w-3']) {
    const news = await first(lab, mark, arrived(id))
    assert.match(news.kind === 'received' ? news.stanza : '', /<remote-server-timeout /)
  }
  const answers = (await lab.events(mark, 10)).flatMap((one) =>
    one.kind === 'received' ? (/id="(w-\d)"/.exec(one.stanza)?.[1] ?? []) : [],
  )
  assert.deepEqual(answers, ['w-1', 'w-2', 'w-3'])
  assert.equal(gateway.budgets.all.used.stanzas, 0)
})

test('an undo while answers get their time waits until that is over, and then all works', async (t) => {
  const { gateway, lab } = await evaluation(t, HOST)
  await conversing(lab)
  const done = gateway.draining.start('SP-629')
  await gateway.draining.undo()
  await done
  assert.equal(gateway.draining.service.state, 'serving')
  await bothWays(lab, 'at-once')
})
