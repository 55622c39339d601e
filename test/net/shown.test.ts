// How much of our users' presence a partner is shown, at a gateway that runs: a change holds for streams that are up.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPolicy } from '../../src/config/readings.ts'
import type { LabNews } from '../../src/lab/lab.ts'
import type { Partner } from '../../src/policy/partner.ts'
import type { ShownAsWritten } from '../../src/policy/shown.ts'
import { conversing, evaluation, first } from './evaluation.ts'

const HOST = '127.0.7.101'
const ALICE = 'alice@corp.example/desk'
const BOB = 'bob@aurora.example'
const INNER =
  "<show>away</show><status>At lunch</status><priority>5</priority><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/><idle xmlns='urn:xmpp:idle:1' since='2026-01-01T00:00:00Z'/>"

const WALL = `
walls: [{ name: deal, sides: [{ who: [alice@corp.example] }, { partners: [aurora.example] }] }]
`

/** What comes to Bob and is presence of Alice, in short: its type, and what it carries. */
function seen(news: LabNews): string | undefined {
  if (news.kind !== 'received' || news.domain !== 'aurora.example') return undefined
  const [, head, inner = ''] = /^<presence([^>]*?)(?:\/>|>(.*)<\/presence>)$/s.exec(news.stanza) ?? []
  if (head === undefined || !head.includes(ALICE)) return undefined
  const type = /type="(\w+)"/.exec(head)?.[1] ?? 'available'
  return [type, ...[...inner.matchAll(/<(show|status|priority|c|idle)\b/g)].map(([, name]) => name)].join(' ')
}

test('what a partner sees of our users is what it is shown, as soon as that is changed', async (t) => {
  const { gateway, lab, partners, build, told } = await evaluation(t, HOST)
  await conversing(lab)
  const show = async (shown: ShownAsWritten | undefined): Promise<void> =>
    gateway.apply(
      await build(partners.map((one): Partner => (one.domain === 'aurora.example' && shown ? { ...one, shown } : one))),
    )
  for (const [shown, wanted] of [
    [undefined, 'available show status priority c idle'],
    [{ detail: 'full', notes: false }, 'available show priority c idle'],
    [{ detail: 'availability' }, 'available show'],
    [{ detail: 'online', capabilities: true }, 'available c'],
    [{ detail: 'online' }, 'available'],
  ] as const) {
    await show(shown)
    const after = lab.lastEvent
    lab.send('corp.example', `<presence from='${ALICE}' to='${BOB}'>${INNER}</presence>`)
    const news = await first(lab, after, (one) => seen(one) !== undefined)
    assert.equal(seen(news), wanted)
  }
  const before = lab.lastEvent
  await show({ detail: 'none' })
  assert.equal(seen(await first(lab, before, (one) => seen(one) !== undefined)), 'unavailable', 'taken back')
  const after = lab.lastEvent
  const inRoom = 'project@aurora.example/Alice'
  for (const words of [`>${INNER}</presence>`, ` type='unavailable'/>`])
    lab.send('corp.example', `<presence from='${ALICE}' to='${BOB}'${words}`)
  lab.send(
    'corp.example',
    `<presence from='${ALICE}' to='${inRoom}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
  )
  lab.send('corp.example', `<presence from='${ALICE}' to='${inRoom}' type='unavailable'/>`)
  const heard = [seen(await first(lab, after, (one) => seen(one) !== undefined))]
  await first(lab, after, (one) => {
    if (seen(one) === 'unavailable') heard.push(JSON.stringify(one))
    return heard.length > 1
  })
  assert.equal(heard[0], 'available', 'that she enters a room')
  assert.match(heard[1] ?? '', /project@/, 'and leaves it')
  assert.equal(told('withheld').length, 2)
  assert.deepEqual(told('refused'), [])
})

test('a wall takes back what both sides have seen before, and they are asked for when it is gone', async (t) => {
  const { gateway, lab, partners, build, settings, told } = await evaluation(t, HOST)
  await conversing(lab)
  const bobs = `${BOB}/phone`
  const between =
    (type: string, from: string) =>
    (news: LabNews): boolean =>
      news.kind === 'received' && news.stanza.includes(`type="${type}"`) && news.stanza.includes(`from="${from}"`)
  const shown = lab.lastEvent
  lab.send('corp.example', `<presence from='${ALICE}' to='${BOB}'/>`)
  lab.send('aurora.example', `<presence from='${bobs}' to='alice@corp.example'/>`)
  await first(lab, shown, (news) => news.kind === 'received' && news.stanza.includes(`from="${bobs}"`))
  await first(lab, shown, (news) => seen(news) === 'available')
  const { policy } = readPolicy(WALL, { file: 'policy.yaml', root: '/' })
  const wall = lab.lastEvent
  gateway.apply(await build(partners, { ...settings, policy: policy! }))
  for (const from of [ALICE, bobs]) await first(lab, wall, between('unavailable', from))
  assert.deepEqual(
    told('takenBack').map(({ with: [taken] }) => (taken as { reason: string }).reason),
    ['SP-173', 'SP-173'],
  )
  const gone = lab.lastEvent
  gateway.apply(await build(partners))
  for (const from of ['alice@corp.example', BOB]) await first(lab, gone, between('probe', from))
})
