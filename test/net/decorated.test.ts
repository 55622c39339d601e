// People whom a partner serves under decorated names (XEP-0106), at a gateway that runs: to ours they have their own addresses, to the
// partner those that they have there, and the rules see the person.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPolicy } from '../../src/config/readings.ts'
import type { LabNews } from '../../src/lab/lab.ts'
import type { Partner } from '../../src/policy/partner.ts'
import { conversing, evaluation, first } from './evaluation.ts'

const HOST = '127.0.7.131'
const ALICE = 'alice@corp.example/desk'
const PERSON = 'anna@example.org'
const THERE = 'anna\\40example.org@aurora.example'

const received =
  (domain: string, ...parts: readonly string[]) =>
  (news: LabNews): boolean =>
    news.kind === 'received' && news.domain === domain && parts.every((part) => news.stanza.includes(part))

const POLICY = `
walls: [{ name: deal, sides: [{ who: [carol@corp.example] }, { partners: [aurora.example] }] }]
`

test('who has a decorated name at a partner is the person to everybody inside, and is reached there', async (t) => {
  const { gateway, lab, partners, build, settings, told } = await evaluation(t, HOST)
  await conversing(lab)
  const serving = (decorates: readonly string[]): readonly Partner[] =>
    partners.map((one): Partner => (one.domain === 'aurora.example' ? { ...one, decorates } : one))
  const { policy } = readPolicy(POLICY, { file: 'policy.yaml', root: '/' })
  gateway.apply(await build(serving(['example.org']), { ...settings, policy: policy! }))
  const hears = async (from: string, stanza: string, at: string, ...parts: readonly string[]): Promise<void> => {
    const before = lab.lastEvent
    lab.send(from, stanza)
    await first(lab, before, received(at, ...parts))
  }
  const chat = (from: string, to: string, text: string): string =>
    `<message from='${from}' to='${to}' id='${text}' type='chat'><body>${text}</body></message>`

  await hears('aurora.example', chat(`${THERE}/x`, ALICE, 'in'), 'corp.example', `from="${PERSON}/x"`, '>in<')
  await hears('corp.example', chat(ALICE, `${PERSON}/x`, 'out'), 'aurora.example', `to="${THERE}/x"`, '>out<')
  for (const type of ['subscribe', 'subscribed']) {
    const request = (from: string, to: string): string => `<presence from='${from}' to='${to}' type='${type}'/>`
    await hears('aurora.example', request(THERE, 'alice@corp.example'), 'corp.example', type, `from="${PERSON}"`)
    await hears('corp.example', request('alice@corp.example', PERSON), 'aurora.example', type, `to="${THERE}"`)
  }
  const seen = `<presence from='${THERE}/x' to='alice@corp.example'/>`
  await hears('aurora.example', seen, 'corp.example', '<presence', `from="${PERSON}/x"`)
  const asks = `<iq type='get' id='q' from='${ALICE}' to='${PERSON}/x'><ping xmlns='urn:xmpp:ping'/></iq>`
  await hears('corp.example', asks, 'aurora.example', 'urn:xmpp:ping', `to="${THERE}/x"`)
  const answers = `<iq type='result' id='q' from='${THERE}/x' to='${ALICE}'/>`
  await hears('aurora.example', answers, 'corp.example', 'id="q"', `from="${PERSON}/x"`)
  await hears('aurora.example', chat('bob@aurora.example', ALICE, 'own'), 'corp.example', 'from="bob@aurora.example"')

  // What is refused is answered as it was asked, to either side.
  await hears('corp.example', chat('carol@corp.example', PERSON, 'no'), 'corp.example', 'error', `from="${PERSON}"`)
  const wall = chat(`${THERE}/x`, 'carol@corp.example', 'neither')
  await hears('aurora.example', wall, 'aurora.example', 'error', `to="${THERE}/x"`, 'not-allowed')
  const other = 'eve\\40evil.example@aurora.example'
  await hears('aurora.example', chat(other, ALICE, 'who'), 'aurora.example', 'error', `to="${other}"`, 'not-allowed')
  const like = 'anna\\40example.org.@aurora.example'
  await hears('aurora.example', chat(like, ALICE, 'like'), 'aurora.example', 'error', `to="${like}"`, 'not-allowed')
  const ours = 'alice\\40corp.example@aurora.example'
  await hears('aurora.example', chat(ours, ALICE, 'me'), 'aurora.example', 'error', `to="${ours}"`)
  const service = `<iq type='get' id='s' from='${ALICE}' to='example.org'><ping xmlns='urn:xmpp:ping'/></iq>`
  await hears('corp.example', service, 'corp.example', 'error', 'from="example.org"', 'service-unavailable')
  await hears('corp.example', chat(ALICE, THERE, 'there'), 'corp.example', 'error', `from="${THERE}"`)
  assert.deepEqual(
    told('refused').map(({ with: [facts, , refused] }) => {
      const { from, to } = facts as { readonly from: string; readonly to: string }
      return `${(refused as { readonly reason: string }).reason} ${from} > ${to}`
    }),
    [
      `SP-141 carol@corp.example > ${PERSON}`,
      `SP-141 ${PERSON}/x > carol@corp.example`,
      `SP-167 eve@evil.example > ${ALICE}`,
      `SP-167 ${like} > ${ALICE}`,
      `SP-167 alice@corp.example > ${ALICE}`,
      `SP-168 ${ALICE} > example.org`,
      `SP-168 ${ALICE} > ${THERE}`,
    ],
  )

  // Presence that was seen of the person is taken back under the name that ours have seen.
  const before = lab.lastEvent
  gateway.apply(await build(serving(['example.org']).map((one): Partner => ({ ...one, status: 'blocked' }))))
  await first(lab, before, received('corp.example', 'type="unavailable"', `from="${PERSON}/x"`))
})
