// A core that sends its clients to another host (RFC 6120 §4.9.3.19), and one that fails: the gateway goes there, for so long
// and no longer, and whoever is outside sees neither hosts nor addresses of ours, nor the words of the core.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reachCore, type InnerOptions } from '../../../src/net/client/inner.ts'
import { DEFAULT_LIMITS } from '../../../src/net/limits.ts'
import { auth, bind, bound, HEADER, outside, type Outside } from './outside.ts'
import { OURS, type Play, ScriptedCore, type Step } from './scripted-core.ts'

const HOST = '127.0.35.1'
const OTHER_PORT = 5323
const CONDITIONS = 'urn:ietf:params:xml:ns:xmpp-streams'

const streamError = (condition: string, text = '', more = ''): string =>
  `<stream:error><${condition} xmlns='${CONDITIONS}'>${text}</${condition}>${more}</stream:error></stream:stream>`

const seeOther = (where: string): string => streamError('see-other-host', where)

/** Says these words at this step, behind a header where there is none, and ends. */
const saying =
  (at: Step, words: string): Play =>
  (session, step) => {
    if (step !== at) return false
    const header = `<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='${OURS}' id='x' version='1.0'>`
    session.say(step === 'header' || step === 'restarted' ? header + words : words).socket.end()
    session.socket.resume() // Nobody reads what comes to one that spoke first.
    return true
  }

const sends = (where: string): Play => saying('header', seeOther(where))

/** What of the inside must not be seen outside. */
const INSIDE = /see-other-host|127\.0\.35|192\.0\.2|532[23]|internal|secret/

/** Everything that a client hears who goes as far as it gets; each is a user of its own, whose failures count for no other. */
async function hears(world: Outside, from: string): Promise<string> {
  const dialog = await world.secured('direct', from)
  const { all: before } = dialog
  const next = (): Promise<unknown> => dialog.expect(/<\/stream:features>|<success[^>]*>|<\/iq>|<\/stream:stream>/)
  for (const words of [
    HEADER,
    auth(`user-${from}`),
    HEADER,
    bind('r'),
    `<iq type='get' id='q'><query xmlns='x'/></iq>`,
  ]) {
    if (dialog.all.endsWith('</stream:stream>')) break
    dialog.say(words)
    await next()
  }
  const heard = dialog.all.slice(before.length)
  await dialog[Symbol.asyncDispose]()
  return heard
}

test('a core that sends its clients elsewhere is followed, and nothing of it is seen', async (t) => {
  const world = await outside(t, HOST, {})
  await using other = await ScriptedCore.open(HOST, OTHER_PORT)
  world.core.play = sends(`${HOST}:${OTHER_PORT}`)
  const dialog = await bound(await world.secured('direct', '127.0.35.11'), 'alice')
  assert.equal(other.at(`alice@${OURS}/r`).user, 'alice')
  assert.deepEqual([world.core.accepted, other.accepted], [1, 1])
  dialog.say("<iq type='get' id='q'><query xmlns='x'/></iq>")
  await dialog.expect(/<iq[^>]*id='q'/)
  assert.doesNotMatch(dialog.all, INSIDE)
  await dialog.say('</stream:stream>').end()
  await world.empty()

  await t.test('round and round it goes only so often', async () => {
    other.play = sends(`${HOST}:5322`)
    const before = world.core.accepted + other.accepted
    const heard = await hears(world, '127.0.35.12')
    assert.match(heard, /<stream:error><remote-connection-failed /)
    assert.doesNotMatch(heard, INSIDE)
    assert.equal(world.core.accepted + other.accepted - before, 4)
    assert.equal((await world.told('127.0.35.12')).reason, 'SP-818')
  })

  let from = 20
  for (const [about, where, reason] of [
    ['to a place that is none', 'not a host', 'SP-818'],
    ['where nobody is', `${HOST}:5399`, 'SP-802'],
    ['where plaintext may not go', '192.0.2.1:5222', 'SP-802'],
  ] as const) {
    await t.test(`sent ${about}, the client hears only that the core is not there`, async () => {
      world.core.play = sends(where)
      const heard = await hears(world, `127.0.35.${(from += 1)}`)
      assert.match(heard, /<stream:error><remote-connection-failed /)
      assert.doesNotMatch(heard, INSIDE)
      assert.equal((await world.told(`127.0.35.${from}`)).reason, reason)
    })
  }

  await t.test(
    'sent away once it has logged in, the client has to come again, and does not learn where to',
    async () => {
      for (const step of ['auth', 'restarted', 'frame'] as const) {
        world.core.play = saying(step, seeOther(`${HOST}:${OTHER_PORT}`))
        const heard = await hears(world, `127.0.35.${(from += 1)}`)
        assert.match(heard, /<stream:error><remote-connection-failed /, step)
        assert.doesNotMatch(heard, INSIDE, step)
        assert.equal((await world.told(`127.0.35.${from}`)).reason, 'SP-805', step)
      }
    },
  )

  await t.test('however it fails, the client sees nothing of the inside', async () => {
    const text = `<text xmlns='${CONDITIONS}'>db.internal at 192.0.2.7: secret</text><x xmlns='urn:internal'/>`
    for (const step of ['connected', 'header', 'auth', 'restarted', 'frame'] as const) {
      for (const words of [
        streamError('internal-server-error', '', text),
        streamError('system-shutdown', '', text),
        '<secret></html>',
        '',
      ]) {
        world.core.play = saying(step, words)
        const heard = await hears(world, `127.0.35.${(from += 1)}`)
        assert.match(heard, /<stream:error><(?:remote-connection-failed|system-shutdown) /, `${step}: ${words}`)
        assert.doesNotMatch(heard, INSIDE, `${step}: ${words}`)
      }
    }
  })
  await world.empty()
})

test('who has not proven to be the core sends nobody anywhere', async () => {
  await using core = await ScriptedCore.open(HOST, 5324)
  await using other = await ScriptedCore.open(HOST, 5325)
  core.play = sends(`${HOST}:5325`)
  const options: InnerOptions = {
    ...{ domain: OURS, host: HOST, port: 5324, tls: 'starttls', profile: 'standard', reference: 'r' },
    addresses: () => assert.fail('DNS was asked'),
    mayBePlaintext: () => true,
    verify: () => assert.fail('there was no TLS'),
    limits: DEFAULT_LIMITS,
    signal: new AbortController().signal,
    bug: (error) => assert.fail(String(error)),
  }
  const reached = await reachCore(options)
  assert.ok(!reached.ok)
  assert.equal(reached.reason, 'SP-802')
  assert.deepEqual([core.accepted, other.accepted], [1, 0])
})
