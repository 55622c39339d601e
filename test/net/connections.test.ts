// How many streams a partner may have opened to us at a time, at a gateway that runs: one too many is told so and ends, those before
// it stay, and other partners have theirs.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { partnerSending } from '../../src/gateway/partner-sending.ts'
import { dial } from '../../src/net/dial.ts'
import { DEFAULT_LIMITS } from '../../src/net/limits.ts'
import type { Stream, StreamEnd } from '../../src/net/stream.ts'
import type { Partner } from '../../src/policy/partner.ts'
import { makeIdentity } from '../../src/trust/identity.ts'
import { eventually, within } from '../support/within.ts'
import { chat, evaluation, first } from './evaluation.ts'

const HOST = '127.0.7.132'
const FEDERATION = 15_269

test('a partner has so many streams to us at a time, and one more when one of them has gone', async (t) => {
  const { root, gateway, lab, partners, build, told } = await evaluation(t, HOST)
  gateway.apply(
    await build(
      partners.map((one): Partner => ({
        ...one,
        status: 'allowed',
        ...(one.domain === 'aurora.example' && { limits: { connections: 2 } }),
      })),
    ),
  )
  /** A server of a partner opens a stream. */
  const opens = async (local: string): Promise<{ readonly stream: Stream; readonly end: Promise<StreamEnd> }> => {
    const pem = (name: string): Promise<string> => readFile(join(root, 'certs/lab', local, name), 'utf8')
    const identity = makeIdentity(await pem('fullchain.pem'), await pem('privkey.pem'))
    const end = Promise.withResolvers<StreamEnd>()
    const result = await dial(
      {
        ...{ pair: { local, remote: 'corp.example' }, leg: 'partner', identity, limits: DEFAULT_LIMITS },
        targets: [{ host: HOST, port: FEDERATION, tls: 'starttls' }],
        verify: () => Promise.resolve({ proven: true, certificate: identity.certificate, anchor: 'a test' }),
        reference: 'test',
        bug: (error) => assert.fail(String(error)),
      },
      () => ({ frame() {}, drained() {}, closed: (how) => end.resolve(how) }),
    )
    if (!result.ok) return assert.fail(`${result.failure.reason}: ${result.failure.detail}`)
    t.after(() => result.stream.destroy())
    return { stream: result.stream, end: end.promise }
  }
  /** It stays up: what it says arrives. */
  const isUp = async ({ stream }: { readonly stream: Stream }, id: string): Promise<void> => {
    stream.send(Buffer.from(chat(`bob@${stream.info.pair.local}`, 'alice@corp.example', id)))
    await first(lab, 0, (news) => news.kind === 'received' && news.stanza.includes(`id="${id}"`))
  }
  const isOneTooMany = async ({ end }: { readonly end: Promise<StreamEnd> }): Promise<void> => {
    const { by, condition } = await within(5000, end, 'the stream to end')
    assert.deepEqual([by, condition], ['peer', 'resource-constraint'])
  }
  const open = (): number => partnerSending('aurora.example', gateway, Date.now()).connections.now

  const one = await opens('aurora.example')
  const two = await opens('aurora.example')
  await isUp(one, 'one')
  await isUp(two, 'two')
  await isOneTooMany(await opens('aurora.example'))
  await isUp(one, 'one-still')
  await isUp(two, 'two-still')
  for (const id of ['other', 'another', 'a-third']) await isUp(await opens('borealis.example'), id)
  assert.deepEqual(partnerSending('aurora.example', gateway, Date.now()).connections, { now: 2, most: 2 })
  const reasons = told('ended').map(({ with: [, end] }) => (end as StreamEnd).reason)
  assert.deepEqual(reasons.filter((reason) => reason === 'SP-653').length, 1, String(reasons))

  one.stream.destroy()
  await eventually('that one has gone', () => (open() === 1 ? true : undefined))
  const next = await opens('aurora.example')
  await isUp(next, 'next')
  await isOneTooMany(await opens('aurora.example'))
})
