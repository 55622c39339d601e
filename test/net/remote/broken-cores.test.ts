// Cores that break, at every point of the way to an address and behind it: the client hears that the core is gone, with a
// reference and not a word of what is inside, and the sessions of others go on.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { reachCore } from '../../../src/net/client/inner.ts'
import { eventually, within } from '../../support/within.ts'
import { auth, bind, bound, HEADER, outside } from './outside.ts'
import { LIMITS } from '../gate.ts'
import { AS_ALWAYS, type CoreSession, OURS, type Play, ScriptedCore, type Step } from './scripted-core.ts'

const HOST = '127.0.27.2'
const NEGOTIATION_MS = 5000
const SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
const MECHANISMS = `<mechanisms ${SASL}><mechanism>PLAIN</mechanism></mechanisms>`
const INSIDE = '10.11.12.13'
const error = (condition: string): string =>
  `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>core.inside at ${INSIDE}</text></stream:error></stream:stream>`

/** Goes another way at a step, where the core then hears of no further one. */
const at =
  (step: Step, act: (session: CoreSession) => void): Play =>
  (session, now) => {
    if (now !== step) return false
    session.play = () => true
    act(session)
    return true
  }

/** Does what it should, and more. */
const and =
  (step: Step, act: (session: CoreSession) => void): Play =>
  (session, now, frame) => {
    if (now !== step) return false
    session.play = AS_ALWAYS
    session.asAlways(step, frame)
    act(session)
    return true
  }

const end = ({ socket }: CoreSession): void => void socket.end('</stream:stream>')
const reset = ({ socket }: CoreSession): void => void socket.resetAndDestroy()
const nothing = (): void => {}
const says =
  (words: string) =>
  (session: CoreSession): void =>
    void session.say(words)
const bindsAs = (jid: string): Play =>
  at('frame', (session) =>
    session.say(`<iq type='result' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>${jid}</bind></iq>`),
  )
const flood = (session: CoreSession): void => {
  const message = `<message><body>${'x'.repeat(1000)}</body></message>`
  for (let n = 0; n < 2000; n++) session.say(message)
}

const BROKEN: readonly (readonly [about: string, play: Play | 'refuses', reason: string, condition?: string])[] = [
  ['takes no connection', 'refuses', 'SP-802'],
  ['takes it and says nothing', at('connected', nothing), 'SP-870'],
  ['takes it and closes', at('connected', (session) => session.socket.end()), 'SP-802'],
  ['takes it and cuts it', at('connected', reset), 'SP-802'],
  ['speaks HTTP', at('header', says('HTTP/1.1 400 Bad Request\r\n\r\n')), 'SP-802'],
  ['speaks no protocol', at('header', says('\0\u0001\u0002\u0003')), 'SP-802'],
  ['says nothing to a header', at('header', nothing), 'SP-870'],
  [
    'floods with features',
    at('header', (session) => session.greet(`<x xmlns='y'>${'z'.repeat(200_000)}</x>`)),
    'SP-802',
  ],
  [
    'says features of another namespace',
    at('header', (session) => session.say("<stream:stream xmlns='jabber:server'>")),
    'SP-802',
  ],
  ['closes after its features', and('header', end), 'SP-805'],
  ['cuts it after its features', and('header', ({ socket }) => setImmediate(() => socket.resetAndDestroy())), 'SP-806'],
  ['floods before the log-in', and('header', flood), 'SP-807'],
  ['says what is no XML after its features', and('header', says('<a><b></a>')), 'SP-807'],
  ['says yes unasked', and('header', says(`<success ${SASL}/>`)), 'SP-807'],
  ['says no unasked', and('header', says(`<failure ${SASL}><not-authorized/></failure>`)), 'SP-807'],
  ['closes instead of a yes or no', at('auth', end), 'SP-805'],
  ['cuts it instead of a yes or no', at('auth', reset), 'SP-806'],
  ['says nothing to a log-in', at('auth', nothing), 'SP-870'],
  ['asks without end', at('auth', (session) => says(`<challenge ${SASL}/>`.repeat(10_000))(session)), 'SP-807'],
  ['says yes, and then no', and('auth', says(`<failure ${SASL}><not-authorized/></failure>`)), 'SP-807'],
  ['says yes twice', and('auth', says(`<success ${SASL}/>`)), 'SP-807'],
  ['closes after the log-in', and('auth', end), 'SP-805'],
  [
    'says no features after the log-in',
    at('restarted', says("<stream:stream xmlns='jabber:client' version='1.0'>")),
    'SP-807',
  ],
  ['says nothing after the log-in', at('restarted', nothing), 'SP-870'],
  [
    'sends elsewhere after the log-in',
    at('restarted', (session) => {
      session
        .greet(MECHANISMS)
        .say(error('see-other-host').replace("streams'/><text", `streams'>${INSIDE}</see-other-host><text`))
    }),
    'SP-805',
  ],
  ['binds somebody else', bindsAs('<jid>mallory@corp.example/r</jid>'), 'SP-807'],
  ['binds somebody elsewhere', bindsAs('<jid>alice@inside.example/r</jid>'), 'SP-807'],
  ['binds no resource', bindsAs('<jid>alice@corp.example</jid>'), 'SP-807'],
  ['binds nothing', bindsAs(''), 'SP-807'],
  ['says nothing to a wish for an address', at('frame', nothing), 'SP-870'],
  ['has an error of its own', and('frame', says(error('internal-server-error'))), 'SP-805'],
  ['has an error that helps', and('frame', says(error('conflict'))), 'SP-805', 'conflict'],
  ['says what is no XML to a session', and('frame', says('<message><body>&inside;</body></message>')), 'SP-807'],
  ['cuts a session', and('frame', ({ socket }) => setImmediate(() => socket.resetAndDestroy())), 'SP-806'],
]

test('a core that breaks', { concurrency: true }, async (t) => {
  const world = await outside(t, HOST, { negotiationMs: NEGOTIATION_MS, closeMs: 500, remoteFailuresPerAccount: 1000 })
  const { core } = world
  await using other = await bound(await world.secured('starttls', '127.0.27.9'), 'carol')
  let before = Promise.resolve()
  /** One after another, until the core is asked: what it does is for the connections that come. */
  const inTurn = (act: () => Promise<void>): Promise<void> => (before = before.then(act))
  await Promise.all(
    BROKEN.map(([about, play, reason, condition = 'remote-connection-failed'], n) =>
      t.test(`that ${about}`, async () => {
        const from = `127.0.27.${10 + n}`
        await using dialog = await world.secured('direct', from)
        await inTurn(async () => {
          const { accepted } = core
          if (play === 'refuses') core.shut()
          else core.play = play
          dialog.say(HEADER)
          await (play === 'refuses'
            ? world.told(from)
            : eventually('a connection inside', () => (core.accepted > accepted ? true : undefined), { everyMs: 1 }))
          if (play === 'refuses') await core.listen()
        })
        for (const [pattern, word] of [
          [/<mechanisms[^]*<\/stream:features>/, auth('alice')],
          [/<success[^>]*>/, HEADER],
          [/<bind [^]*<\/stream:features>/, bind('r')],
        ] as const) {
          const isThere = await dialog.expect(pattern).catch(() => undefined)
          if (!isThere) break
          dialog.say(word)
        }
        await dialog.end()
        const [last = ''] = /<stream:error>[^]*$/.exec(dialog.all) ?? []
        assert.match(
          last,
          new RegExp(`^<stream:error><${condition} [^]*Reference: [^]*</stream:error></stream:stream>$`),
          dialog.all,
        )
        const withoutIds = dialog.all.replaceAll(/ id='[^']*'/g, '')
        for (const inside of [HOST, INSIDE, 'inside', 'SP-', 'mallory'])
          assert.ok(!withoutIds.includes(inside), dialog.all)
        assert.match(dialog.all, /^<\?xml [^>]*><stream:stream /)
        assert.equal((await world.told(from)).reason, reason)
      }),
    ),
  )
  assert.equal(world.gateway.remote?.figures.gate.counted, 0, 'whoever is locked for what a core has done')
  core.play = AS_ALWAYS
  await other.say("<iq type='get' id='still' to='corp.example'><ping xmlns='urn:xmpp:ping'/></iq>").expect(/id='still'/)
  other.say('</stream:stream>')
  await other.end()
  await world.empty()
})

test('who speaks when the core has no time left to answer is counted', async (t) => {
  const world = await outside(t, '127.0.60.1', { negotiationMs: 3000, closeMs: 500 })
  world.core.play = at('auth', nothing)
  await using dialog = await world.secured('direct', '127.0.60.8')
  const began = Date.now()
  await dialog.say(HEADER).expect(/<mechanisms[^]*<\/stream:features>/)
  await setTimeout(Math.max(0, 2000 - (Date.now() - began)))
  dialog.say(auth('alice'))
  assert.equal((await world.told('127.0.60.8')).reason, 'SP-870')
  assert.equal(world.gateway.remote?.figures.gate.counted, 3, 'the account, the address and the network')
})

test('what ends before anybody listens to it is told to whoever does', async () => {
  await using core = await ScriptedCore.open('127.0.27.3', 5322)
  for (const [way, reason] of [
    [end, 'SP-805'],
    [reset, 'SP-806'],
  ] as const) {
    core.play = and('header', (session) => setImmediate(() => way(session)))
    const reached = await reachCore({
      ...{ domain: OURS, host: '127.0.27.3', port: 5322, tls: 'none', profile: 'standard', reference: 'REF' },
      addresses: () => Promise.reject(new Error('an address has none')),
      mayBePlaintext: () => true,
      verify: () => assert.fail('there is no TLS'),
      limits: LIMITS,
      signal: new AbortController().signal,
      bug: (bug) => assert.fail(String(bug)),
    })
    assert.ok(reached.ok)
    const { inner } = reached
    if (way === reset) await within(5000, inner.gone, 'the end')
    const told = Promise.withResolvers<string>()
    inner.handler = { header() {}, frame() {}, drained() {}, ended: told.resolve }
    inner.release()
    assert.equal(await within(5000, told.promise, 'a word of the end'), reason)
    inner.end(true)
  }
})
