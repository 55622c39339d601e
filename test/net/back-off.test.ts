// After a failed attempt the gateway waits, and what cuts the wait short.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Gateway } from '../../src/gateway/gateway.ts'
import type { Lab } from '../../src/lab/lab.ts'
import type { Partner } from '../../src/policy/partner.ts'
import { chat, evaluation, first } from './evaluation.ts'

const HOST = '127.0.7.41'

const waitsFor = (gateway: Gateway, remote: string): string | undefined =>
  [...gateway.links.all()].map((link) => link.status()).find((link) => link.remote === remote)?.nextAttempt

/** Writes to the partner and waits for the error that comes back. */
async function refused(lab: Lab, to: string, id: string): Promise<void> {
  const after = lab.lastEvent
  lab.send('corp.example', chat('alice@corp.example', to, id))
  await first(
    lab,
    after,
    (news) => news.kind === 'received' && new RegExp(`id="${id}".*<remote-server-`).test(news.stanza),
  )
}

test('a partner that failed is not tried again with the next stanza, unless somebody asks for it', async (t) => {
  const { gateway, lab, told } = await evaluation(t, HOST)
  await refused(lab, 'eve@cygnus.example', 'm-1')
  assert.equal(told('notOpened').length, 1)
  for (const id of ['m-2', 'm-3', 'm-4', 'm-5', 'm-6']) await refused(lab, 'eve@cygnus.example', id)
  // On a machine so slow that the first waits are over meanwhile, there may be a second attempt or a third.
  assert.ok(told('notOpened').length <= 3)
  gateway.ways.retry('aurora.example')
  gateway.ways.retry('cygnus.example')
  assert.equal(waitsFor(gateway, 'cygnus.example'), undefined)
  const before = told('notOpened').length
  await refused(lab, 'eve@cygnus.example', 'm-7')
  assert.equal(told('notOpened').length, before + 1)
})

test('a partner who proves to be there is not waited for any longer', async (t) => {
  const { gateway, lab, partners, build, told } = await evaluation(t, HOST)
  const nowhere = { host: HOST, port: 1, tls: 'starttls' } as const
  const away = partners.map((p): Partner => (p.domain === 'aurora.example' ? { ...p, connect: [nowhere] } : p))
  gateway.apply(await build(away))
  for (const id of ['a-1', 'a-2', 'a-3']) {
    gateway.ways.retry('aurora.example')
    await refused(lab, 'bob@aurora.example', id)
  }
  assert.equal(told('notOpened').length, 3)
  const after = lab.lastEvent
  lab.send('aurora.example', chat('bob@aurora.example', 'alice@corp.example', 'in-1'))
  await first(lab, after, (news) => news.kind === 'received' && news.stanza.includes('id="in-1"'))
  assert.equal(waitsFor(gateway, 'aurora.example'), undefined)
  await refused(lab, 'bob@aurora.example', 'a-4')
  assert.equal(told('notOpened').length, 4)
})
