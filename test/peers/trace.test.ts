// A conversation with a real Prosody, traced by the command as an operator types it: the negotiation both ways, the
// stanzas that cross, and nothing of what they say.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'
import { xml } from '../support/client.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import { Program } from '../support/program.ts'
import { prosody } from '../support/prosody.ts'
import { freshId, isMessage } from './conversations/conversation.ts'
import { OURS, THEIRS, USERS, places, side } from './places.ts'
import { buildWorld } from './world.ts'

const NUMBER = 94
const MAIN = join(import.meta.dirname, '../../src/main.ts')

test('a trace of a Prosody partner', needsPeer('prosody', 'dnsmasq', 'root'), async (t) => {
  const at = places(NUMBER)
  const world = await buildWorld(t, {
    number: NUMBER,
    core: prosody,
    outside: { [THEIRS]: at.partner },
    partners: { [THEIRS]: { status: 'allowed' } },
  })
  const { gateway, core, publicCa } = world
  const partner = await prosody(t, {
    address: at.partner,
    dns: at.outerDns,
    anchors: [publicCa],
    hosts: [{ domain: THEIRS, certificate: await issue({ ca: publicCa, names: [THEIRS] }), users: USERS }],
  })
  const [alice, bob] = [await side(core, OURS).login(t, 'alice'), await side(partner, THEIRS).login(t, 'bob')]
  const trace = (name: string, ...words: string[]): Promise<Program> =>
    Program.start(t, {
      name: `sallyport trace ${words.join(' ')}`,
      command: process.execPath,
      args: [MAIN, 'trace', ...words, '--directory', gateway.directory],
      cwd: gateway.directory,
      logFile: join(gateway.directory, `${name}.log`),
      ready: /^traces |"kind":"begun"/,
      signal: 'SIGINT',
    })
  const words = ['geheim hinaus', 'geheim herein'] as const
  const converse = async (): Promise<void> => {
    await alice.send(xml('message', { to: bob.jid, type: 'chat', id: freshId() }, xml('body', {}, words[0])))
    await bob.expect('the message', isMessage(alice.jid, words[0]))
    await bob.send(xml('message', { to: alice.jid, type: 'chat', id: freshId() }, xml('body', {}, words[1])))
    await alice.expect('the message', isMessage(bob.jid, words[1]))
  }
  const ended = async (program: Program): Promise<void> => {
    program.kill()
    assert.equal(await program.exited, 0, program.log.tail())
    await program.log.expect(/lines?(, \d+ left out)?; ended by you/)
  }

  await t.test('from the first connection on, both ways, with nothing of what is said', async () => {
    const program = await trace('first', THEIRS)
    await converse()
    for (const line of [
      /SRV _xmpp-server\._tcp\.partner\.example: xmpp\.partner\.example:5269/,
      /connects to 127\.0\.94\.4:5269 \(xmpp\.partner\.example\), starttls/,
      /→ <stream:stream from='corp\.example' to='partner\.example'>/,
      /← <stream:features>.*<starttls/,
      /→ <starttls/,
      /TLSv1\.[23], .* the peer showed a certificate/,
      /the certificate proves the name: .*partner\.example/,
      /→ <auth [^>]*EXTERNAL[^>]*>…\d+…<\/auth>/,
      /← <success/,
      /ready between corp\.example and partner\.example, by certificate/,
      /→ <message [^>]*to='bob@partner\.example[^>]*>.*<body>…13…<\/body>/,
      /127\.0\.0\.1 connects/,
      /← <stream:stream [^>]*from='partner\.example'/,
      /← <auth [^>]*>…\d+…<\/auth>/,
      /→ <success/,
      /← <message [^>]*from='bob@partner\.example[^>]*>.*<body>…13…<\/body>/,
    ]) {
      await program.log.expect(line)
    }
    await ended(program)
    assert.deepEqual(program.log.lines(/geheim/), [])
  })

  await t.test('on streams that were up before, as documents', async () => {
    const program = await trace('second', '127.0.94.4', '--json')
    await program.log.expect(/"text":"up since [^"]*, ours: corp\.example and partner\.example, by certificate/)
    await converse()
    await program.log.expect(/"way":"out","text":"<message [^"]*to='bob@partner\.example/)
    program.kill()
    assert.equal(await program.exited, 0)
    await program.log.expect(/"kind":"over"/)
    assert.deepEqual(program.log.lines(/geheim/), [])
    assert.ok(program.log.lines(/^\{.*\}$/).length > 2)
  })

  await t.test('with bodies, and then the log of the gateway says who saw them', async () => {
    const program = await trace('third', THEIRS, '--bodies')
    await converse()
    await program.log.expect(/→ <message .*<body>geheim hinaus<\/body>/)
    await program.log.expect(/← <message .*<body>geheim herein<\/body>/)
    await ended(program)
    const [line] = await gateway.log.expect(/^.*"event":"trace\.begun".*"contents":"shown".*$/)
    assert.match(line, /"subject":"partner\.example"/)
    assert.match(line, /"by":"[^"]+"/)
    assert.match(line, /"level":"warn"/)
    await gateway.log.expect(/"event":"trace\.over"/)
    assert.deepEqual(gateway.log.lines(/geheim/), [])
  })

  await t.test('nothing went wrong inside', () => {
    assert.deepEqual(gateway.log.lines(/"level":"error"/), [])
  })
})
