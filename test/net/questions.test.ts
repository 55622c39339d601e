// Every question (iq) has exactly one answer, whoever gives it: the whole gateway between the lab's core and a partner
// that answers when the test says so. RFC 6120 §8.2.3

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { eventually } from '../support/within.ts'
import { chat, evaluation, first } from './evaluation.ts'
import { KeyedPeer } from './keyed-peer.ts'

const HOST = '127.0.7.48'
const US = 'corp.example'
const ALICE = 'alice@corp.example/r'
const PARTNER = 'one.example'
const BOB = `bob@${PARTNER}/r`

const question = (from: string, to: string, id: string): string =>
  `<iq type='get' from='${from}' to='${to}' id='${id}'><query xmlns='urn:test'/></iq>`
const answer = (id: string, type = 'result'): string => `<iq type='${type}' from='${BOB}' to='${ALICE}' id='${id}'/>`

async function stage(t: TestContext) {
  const all = await evaluation(t, HOST, (settings) => ({ ...settings, limits: { ...settings.limits, closeMs: 300 } }))
  const { gateway, lab, partners, build, settings } = all
  const peer = await KeyedPeer.open(US, HOST)
  t.after(() => peer[Symbol.asyncDispose]())
  const [model] = partners
  const [listener] = settings.listen.federation
  ok(model && listener)
  gateway.apply(await build([...partners, peer.entry(model, PARTNER)]))
  const stream = await peer.call({ host: HOST, port: listener.port }, PARTNER)
  const { dialog } = stream
  await dialog.say(peer.claim(stream, PARTNER)).expect(/type='valid'/)

  let marks = 0
  /** All that the core has received so far with this id; what the partner has said before has arrived, or never will. */
  const received = async (id: string): Promise<readonly string[]> => {
    const mark = `mark-${++marks}`
    const after = lab.lastEvent
    dialog.say(chat(BOB, ALICE, mark))
    await first(lab, after, (news) => news.kind === 'received' && news.stanza.includes(`id="${mark}"`))
    const news = await lab.events(0, 0)
    return news.flatMap((one) =>
      one.kind === 'received' && one.domain === US && one.stanza.includes(`id="${id}"`) ? [one.stanza] : [],
    )
  }
  const asks = async (id: string): Promise<void> => {
    equal(lab.send(US, question(ALICE, BOB, id)), undefined)
    await eventually('the question', () => gateway.ledgers.questions === 1 || undefined)
  }
  return { ...all, dialog, peer, received, asks }
}

test('an answer in time crosses, and nothing is open any more', async (t) => {
  const { gateway, dialog, received, asks, peer } = await stage(t)
  await asks('q1')
  await (await peer.streams.next()).expect(/id='q1'/)
  dialog.say(answer('q1'))
  const answers = await received('q1')
  equal(answers.length, 1)
  match(answers[0] ?? '', /type="result"/)
  equal(gateway.ledgers.questions, 0)
})

test('where no answer comes in time the gateway answers, and what comes later does not cross', async (t) => {
  for (const type of ['result', 'error']) {
    await t.test(type, async (one) => {
      const { settings, later, gateway, lab, dialog, received, asks, told } = await stage(one)
      await asks('q2')
      const after = lab.lastEvent
      later(settings.limits.iqAnswerMs + 1000)
      await first(lab, after, (news) => news.kind === 'received' && news.stanza.includes('id="q2"'))
      dialog.say(answer('q2', type))
      const answers = await received('q2')
      equal(answers.length, 1)
      match(answers[0] ?? '', /type="error".*<remote-server-timeout /)
      match(answers[0] ?? '', new RegExp(`from="${BOB}"`))
      equal(gateway.ledgers.questions, 0)
      const late = told('refused').map(({ with: [, , refused] }) => (refused as { reason: string }).reason)
      deepEqual(late, ['SP-523'])
      const unanswered = told('unanswered').map(({ with: [, why] }) => (why as { reason: string }).reason)
      deepEqual(unanswered, ['SP-521'])
    })
  }
})

test('a question that is refused has its one answer at once, and an answer that is refused has none', async (t) => {
  const { lab, received, gateway } = await stage(t)
  lab.send(US, question(ALICE, 'mallory@borealis.example/r', 'q3'))
  lab.send(US, `<iq type='result' from='${ALICE}' to='mallory@borealis.example/r' id='q4'/>`)
  await first(lab, 0, (news) => news.kind === 'received' && /id="q3".*<not-allowed /s.test(news.stanza))
  equal((await received('q3')).length, 1)
  deepEqual(await received('q4'), [])
  equal(gateway.ledgers.questions, 0)
})

test('a question of the partner that is refused is answered on our stream to it, once', async (t) => {
  const { dialog, peer, received, gateway } = await stage(t)
  dialog.say(question(BOB, '@corp.example', 'q5'))
  deepEqual(await received('q5'), [])
  const back = await peer.streams.next()
  const [words] = await back.expect(/<iq [^>]*id='q5'.*?<\/iq>/s)
  match(words, /type='error'.*<jid-malformed /s)
  equal(back.heard.includes('q5'), false)
  equal(gateway.ledgers.questions, 0)
})
