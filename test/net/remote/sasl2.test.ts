// Logging in by SASL2 (XEP-0388), with an address (Bind2, XEP-0386) and acknowledgements asked for in the same breath, by a
// token (FAST, XEP-0484), and taking up again a session that was made so: through a gateway that runs, to a core that has it all.

import assert from 'node:assert/strict'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { test } from 'node:test'
import { parseElement } from '../../../src/xml/element.ts'
import { NS } from '../../../src/xmpp/namespaces.ts'
import type { Dialog } from '../../support/dialog.ts'
import { outside, HEADER } from './outside.ts'
import { OURS, PASSWORD, type Play } from './scripted-core.ts'

const HOST = '127.0.41.1'
const SASL2 = `xmlns='${NS.sasl2}'`
const BIND2 = `xmlns='${NS.bind2}'`
const FAST = `xmlns='${NS.fast}'`
const SM = `xmlns='${NS.sm}'`
const TOKEN = 'a-token-that-nobody-guesses'

/** All that XEP-0388 lets a server offer, resumption too. */
const OFFER =
  `<authentication ${SASL2}><mechanism>PLAIN</mechanism><inline><sm ${SM}/>` +
  `<bind ${BIND2}><inline><feature var='${NS.sm}'/></inline></bind>` +
  `<fast ${FAST}><mechanism>HT-SHA-256-NONE</mechanism></fast></inline></authentication>`

const isOf = (token: string, hashed: string): boolean => {
  const expected = createHmac('sha256', token).update('Initiator').digest()
  const given = Buffer.from(hashed, 'latin1')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

const PLAY: Play = (session, step, frame) => {
  if (step === 'header') return (session.greet(OFFER), true)
  if (frame?.namespace !== NS.sasl2 || frame.name !== 'authenticate') return false
  const element = parseElement(frame)
  const message = Buffer.from(element.getChildText('initial-response') ?? '', 'base64').toString('latin1')
  const byToken = element.attrs['mechanism'] === 'HT-SHA-256-NONE'
  const [first = '', second = '', third = ''] = message.split('\0')
  const isRight = byToken
    ? element.getChild('fast', NS.fast) !== undefined && isOf(TOKEN, message.slice(first.length + 1))
    : third === PASSWORD
  if (!isRight) return (session.say(`<failure ${SASL2}><not-authorized xmlns='${NS.sasl}'/></failure>`), true)
  const user = byToken ? first : second
  session.user = user
  const asked = element.getChild('bind', NS.bind2)
  const resource = asked?.getChildText('tag') ?? 'untagged'
  const address = asked ? session.bindTo(resource) : `${user}@${OURS}`
  const enabled = asked?.getChild('enable', NS.sm) ? session.count() : ''
  const bound = asked ? `<bound ${BIND2}>${enabled}</bound>` : ''
  const token = element.getChild('request-token', NS.fast)
    ? `<token ${FAST} token='${TOKEN}' expiry='2040-01-01T00:00:00Z'/>`
    : ''
  session.say(
    `<success ${SASL2}><authorization-identifier>${address}</authorization-identifier>${bound}${token}</success>`,
  )
  session.say(`<stream:features><sm ${SM}/></stream:features>`)
  return true
}

const authenticate = (mechanism: string, message: string | Buffer, beside: string): string =>
  `<authenticate ${SASL2} mechanism='${mechanism}'><initial-response>${Buffer.from(message).toString('base64')}</initial-response>` +
  `<user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'><software>Test</software></user-agent>${beside}</authenticate>`

const BIND = `<bind ${BIND2}><tag>phone</tag><enable ${SM} resume='true'/></bind>`
const byToken = (token: string): string => {
  const hashed = createHmac('sha256', token).update('Initiator').digest()
  return authenticate('HT-SHA-256-NONE', Buffer.concat([Buffer.from('alice\0'), hashed]), `${BIND}<fast ${FAST}/>`)
}

/** A word to the core, and one back. */
async function chats(dialog: Dialog, id: string): Promise<void> {
  dialog.say(`<message to='bob@${OURS}' type='chat' id='${id}'><body>hello</body></message>`)
  await dialog.say(`<iq type='get' id='after-${id}'><ping xmlns='urn:xmpp:ping'/></iq>`).expect(/<iq [^>]*after-/)
}

test('a whole session by SASL2: an address with the log-in, a token for the next one, and resumption', async (t) => {
  const world = await outside(t, HOST, {})
  world.core.play = PLAY
  const address = `alice@${OURS}/phone`
  const come = async (way: 'starttls' | 'direct', n: number) => {
    const dialog = await world.secured(way, `127.0.41.${n}`)
    const [features] = await dialog.say(HEADER).expect(/<stream:features>.*<\/stream:features>/)
    return { dialog, features }
  }
  const statusOf = (n: number) =>
    [...world.gateway.remote!.all()].map((one) => one.status()).find((one) => one.clientAddress === `127.0.41.${n}`)

  const { dialog: first, features } = await come('direct', 2)
  assert.match(features, /<inline><bind [^]*<fast [^]*HT-SHA-256-NONE[^]*<\/inline>/)
  assert.doesNotMatch(features, /<inline><sm/, 'a session is resumed after the log-in, not with it')
  const request = `<request-token ${FAST} mechanism='HT-SHA-256-NONE'/>`
  const [success] = await first
    .say(authenticate('PLAIN', `\0alice\0${PASSWORD}`, BIND + request))
    .expect(/<success.*<\/success>/)
  assert.match(success, new RegExp(`<authorization-identifier>${address}<`))
  const [, id = ''] = /<bound [^>]*><enabled [^>]*id=["']([^"']*)/.exec(success) ?? []
  const [, token = ''] = /<token [^>]*token=["']([^"']*)/.exec(success) ?? []
  assert.partialDeepStrictEqual(statusOf(2), { address, phase: 'bound', mechanism: 'PLAIN', resumable: true })
  await chats(first, 'm1')
  assert.deepEqual(world.core.at(address).heard, ['m1', 'after-m1'])
  await first.say(`<r ${SM}/>`).expect(/<a [^>]*h=['"]2['"]/)

  const { dialog: thief } = await come('starttls', 3)
  await thief.say(byToken('another')).expect(/<failure [^>]*><not-authorized /)
  await using _ = thief

  first.socket.destroy()
  await world.told('127.0.41.2')
  world.core.at(address).tell("<message id='m2' from='bob@corp.example'><body>meanwhile</body></message>")
  const { dialog: second } = await come('starttls', 4)
  await second.say(byToken(token).replace(BIND, '')).expect(/<success [^]*<\/stream:features>/)
  // It has heard the answer to its ping.
  await second.say(`<resume ${SM} h='1' previd='${id}'/>`).expect(/<resumed [^>]*h=['"]2['"][^>]*>.*meanwhile/)
  assert.partialDeepStrictEqual(statusOf(4), { address, phase: 'bound', mechanism: 'HT-SHA-256-NONE' })
  await chats(second, 'm3')
  second.say('</stream:stream>')
  await second.end()

  const { dialog: third } = await come('direct', 5)
  const [again] = await third.say(byToken(token)).expect(/<success.*<\/success>/)
  assert.match(again, new RegExp(`<authorization-identifier>${address}<`))
  await chats(third, 'm4')
  await third.say('</stream:stream>').end()
  await thief.say('</stream:stream>').end()
  await world.empty()
})
