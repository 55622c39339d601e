// Who may talk to whom, at a gateway that runs: a change of the policy holds for streams that are up, and what a refusal says
// is the same whether there is such a user or not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPolicy } from '../../src/config/readings.ts'
import type { Settings } from '../../src/config/settings.ts'
import type { LabNews } from '../../src/lab/lab.ts'
import { chat, conversing, evaluation, first } from './evaluation.ts'

const HOST = '127.0.7.98'

const WALL = `
groups: { deal-team: [alice@corp.example] }
walls: [{ name: deal, sides: [{ who: [deal-team] }, { partners: [aurora.example] }] }]
`
const NOBODY = 'policies: { default: { otherwise: none } }'
const QUIET = 'policies: { default: { otherwise: [presence, subscriptions, queries] } }'
const ONE_QUIET = `
policies: { default: { otherwise: none, rules: [{ name: quiet, who: [alice@corp.example], allow: [presence] }] } }
`
const REPORT = `
policies: { default: { otherwise: all, rules: [{ name: quiet, allow: [presence], report: true }] } }
`

function withPolicy(settings: Settings, text: string): Settings {
  const { policy, findings } = readPolicy(text, { file: 'policy.yaml', root: '/' })
  assert.deepEqual(findings, [])
  return { ...settings, policy: policy! }
}

const arrived =
  (id: string, at?: string) =>
  (news: LabNews): boolean =>
    news.kind === 'received' && (at === undefined || news.domain === at) && news.stanza.includes(`id="${id}"`)

/** The answer to a stanza, without what is its own each time. */
const plain = (news: LabNews): string =>
  news.kind === 'received'
    ? news.stanza.replaceAll(/\w{4}-\w{4}-\w{4}/g, 'REFERENCE').replaceAll(/alice|nobody/g, 'USER')
    : ''

test('a change of the policy holds at once for streams that are up, which stay', async (t) => {
  const { gateway, lab, partners, build, told, settings } = await evaluation(t, HOST)
  await conversing(lab)
  const streams = [...gateway.streams.all()].map(({ info }) => info.id)
  const [inside, outside] = ['alice@corp.example', 'bob@aurora.example']
  const say = (from: string, to: string, id: string): void => {
    const sent = lab.send(from.slice(from.indexOf('@') + 1), chat(from, to, id))
    assert.equal(sent, undefined)
  }
  let round = 0
  for (const [text, toOurs] of [
    [WALL, 'not-allowed'],
    [NOBODY, 'not-allowed'],
    [QUIET, 'policy-violation'],
  ] as const) {
    gateway.apply(await build(partners, withPolicy(settings, text)))
    const [applied, after] = [performance.now(), lab.lastEvent]
    say(inside, outside, `out-${++round}`)
    say(outside, inside, `in-${round}`)
    for (const [id, at, condition] of [
      [`out-${round}`, 'corp.example', toOurs],
      [`in-${round}`, 'aurora.example', 'not-allowed'],
    ] as const) {
      const answer = await first(lab, after, arrived(id, at))
      assert.match(plain(answer), new RegExp(`type="error".*<${condition} `), 'its sender is told')
      const crossed = (await lab.events(after, 0)).filter((news) => arrived(id)(news) && news.domain !== at)
      assert.deepEqual(crossed, [], 'and nobody else')
    }
    assert.ok(performance.now() - applied < 1000)
    gateway.apply(await build(partners))
    const again = lab.lastEvent
    say(inside, outside, `again-out-${round}`)
    say(outside, inside, `again-in-${round}`)
    await first(lab, again, arrived(`again-out-${round}`, 'aurora.example'))
    await first(lab, again, arrived(`again-in-${round}`, 'corp.example'))
  }
  assert.equal(told('refused').length, 6)
  assert.equal(told('ended').length, 0)
  assert.deepEqual(
    [...gateway.streams.all()].map(({ info }) => info.id),
    streams,
  )

  gateway.apply(await build(partners, withPolicy(settings, REPORT)))
  const after = lab.lastEvent
  say(inside, outside, 'told')
  await first(lab, after, arrived('told', 'aurora.example'))
  assert.partialDeepStrictEqual(told('reported').at(-1)?.with[2], [
    { reason: 'SP-144', clause: { name: 'default/quiet' } },
  ])
})

test('no refusal tells whether there is such a user', async (t) => {
  const { gateway, lab, partners, build, settings } = await evaluation(t, HOST)
  await conversing(lab)
  const texts = [
    WALL.replace('alice@corp.example', 'alice@corp.example, nobody@corp.example'),
    NOBODY,
    QUIET,
    ONE_QUIET,
  ]
  for (const text of texts) {
    gateway.apply(await build(partners, withPolicy(settings, text)))
    const answers: string[] = []
    for (const user of ['alice', 'nobody']) {
      const after = lab.lastEvent
      lab.send('aurora.example', chat('bob@aurora.example', `${user}@corp.example`, 'x'))
      answers.push(plain(await first(lab, after, arrived('x', 'aurora.example'))))
    }
    assert.match(answers[0]!, /type="error"/)
    assert.equal(answers[0], answers[1])
  }
})

test('the words of a blocked partner do not come in by a room of another partner', async (t) => {
  const { gateway, lab, told } = await evaluation(t, HOST)
  await conversing(lab)
  const room = (nick: string, inner: string, more = ''): string =>
    `<${more === '' ? 'presence' : 'message'} from='room@aurora.example/${nick}' to='alice@corp.example/lab'${more}>${inner}</${more === '' ? 'presence' : 'message'}>`
  const item = (jid: string): string =>
    `<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='participant' jid='${jid}'/></x>`
  const says = (nick: string, id: string): string => room(nick, '<body>x</body>', ` type='groupchat' id='${id}'`)
  const question =
    "<iq type='set' id='asked' from='bob@aurora.example/x' to='alice@corp.example/lab'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='mallory@borealis.example'><body>x</body></message></forwarded></iq>"
  const after = lab.lastEvent
  for (const stanza of [
    room('Bob', item('bob@aurora.example/x')),
    room('Mallory', item('mallory@borealis.example/x')),
    says('Mallory', 'hers'),
    question,
    says('Bob', 'his'),
  ])
    assert.equal(lab.send('aurora.example', stanza), undefined)
  await first(lab, after, arrived('his', 'corp.example'))
  const refused = told('refused').map(({ with: [facts, , refusal, answered] }) => [
    (facts as { kind: string }).kind,
    (refusal as { reason: string }).reason,
    answered,
  ])
  assert.deepEqual(refused, [
    ['presence', 'SP-146', false],
    ['message', 'SP-146', false],
    ['iq', 'SP-146', true],
  ])
  await first(lab, after, arrived('asked', 'aurora.example'))
  const came = await lab.events(after, 0)
  assert.deepEqual(
    came.filter((news) => news.kind === 'received' && news.stanza.includes('/Mallory')),
    [],
  )
  const answers = (await lab.events(after, 0)).filter(arrived('asked'))
  assert.equal(answers.length, 1, 'a question has one answer')
  assert.match(plain(answers[0]!), /type="error".*<not-allowed /)
  assert.equal(gateway.ledgers.occupants, 2)
})

test('who is behind a wall is neither shown nor heard beyond it in a room of ours', async (t) => {
  const { gateway, lab, partners, build, settings } = await evaluation(t, HOST)
  await conversing(lab)
  gateway.apply(await build(partners, withPolicy(settings, WALL)))
  const tells = (name: string, nick: string, inner: string, more = ''): void => {
    const stanza = `<${name} from='room@corp.example/${nick}' to='bob@aurora.example/lab'${more}>${inner}</${name}>`
    assert.equal(lab.send('corp.example', stanza), undefined)
  }
  const after = lab.lastEvent
  for (const [nick, jid] of [
    ['Al', 'alice@corp.example/x'],
    ['Dave', 'dave@corp.example/x'],
  ] as const) {
    tells('presence', nick, `<x xmlns='http://jabber.org/protocol/muc#user'><item jid='${jid}'/></x>`)
    tells('message', nick, '<body>x</body>', ` type='groupchat' id='by-${nick}'`)
  }
  await first(lab, after, arrived('by-Dave', 'aurora.example'))
  const whispered =
    "<message from='bob@aurora.example/lab' to='room@corp.example/Al' type='chat' id='private'><body>x</body></message>"
  assert.equal(lab.send('aurora.example', whispered), undefined)
  assert.match(plain(await first(lab, after, arrived('private'))), /type="error".*<not-allowed /)
  const came = (await lab.events(after, 0)).filter(
    (news) => news.kind === 'received' && news.domain === 'aurora.example',
  )
  assert.deepEqual(
    came.flatMap((news) => (news.kind === 'received' ? (/from="[^"]*\/(\w+)"/.exec(news.stanza)?.[1] ?? []) : [])),
    ['Dave', 'Dave', 'Al'],
    'the last is the answer',
  )
})
