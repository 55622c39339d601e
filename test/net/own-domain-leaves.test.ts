// A domain is taken out of `domains:` while people of it are seen by others and see them: both sides hear that the others
// are gone before the streams between them close.

import { equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../support/within.ts'
import { evaluation, first } from './evaluation.ts'
import { KeyedPeer } from './keyed-peer.ts'

const HOST = '127.0.7.49'
const US = 'corp.example'
const ALICE = 'alice@corp.example/r'
const PARTNER = 'one.example'
const BOB = `bob@${PARTNER}/r`

test('a domain that is ours no longer takes leave, then its streams close', async (t) => {
  const { gateway, lab, partners, build, settings } = await evaluation(t, HOST, (read) => ({
    ...read,
    limits: { ...read.limits, closeMs: 300 },
  }))
  const peer = await KeyedPeer.open(US, HOST)
  t.after(() => peer[Symbol.asyncDispose]())
  const [model] = partners
  const [listener] = settings.listen.federation
  const [domain] = settings.domains
  ok(model && listener && domain)
  const list = [...partners, peer.entry(model, PARTNER)]
  gateway.apply(await build(list))
  const stream = await peer.call({ host: HOST, port: listener.port }, PARTNER)
  await stream.dialog.say(peer.claim(stream, PARTNER)).expect(/type='valid'/)
  stream.dialog.say(`<presence from='${BOB}' to='alice@corp.example'/>`)
  await first(lab, 0, (news) => news.kind === 'received' && news.stanza.includes(BOB))
  equal(lab.send(US, `<presence from='${ALICE}' to='bob@${PARTNER}'/>`), undefined)
  const toThem = await peer.streams.next()
  await toThem.expect(/<presence [^>]*from=["']alice@corp\.example\/r["']/)
  equal(await eventually('both', () => (gateway.ledgers.presences === 2 ? 2 : undefined)), 2)

  const after = lab.lastEvent
  gateway.apply(await build(list, { ...settings, domains: [{ ...domain, domain: 'other.example' }] }))
  await toThem.expect(/<presence type='unavailable'[^>]*from='alice@corp\.example\/r'[^>]*\/>/)
  match(await toThem.end(), /<\/stream:stream>/)
  await first(
    lab,
    after,
    (news) => news.kind === 'received' && /<presence /.test(news.stanza) && /type="unavailable"/.test(news.stanza),
  )
  equal(gateway.ledgers.presences, 0)
})
