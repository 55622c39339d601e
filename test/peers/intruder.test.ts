// A partner that has proven its name and then breaks the rules. No real server does that, so a raw connection with the
// partner's valid certificate stands in; the core behind the gateway is real, and nothing may reach its users.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { xml } from '../support/client.ts'
import { Dialog } from '../support/dialog.ts'
import { REFERENCE } from '../support/gateway.ts'
import { needsPeer } from '../support/peers.ts'
import { issue } from '../support/pki.ts'
import type { Issued } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import { OURS, THEIRS, places, side } from './places.ts'
import { buildWorld } from './world.ts'

const NUMBER = 13

const BODY = '<body>not what it seems</body>'

const TRICKS: readonly {
  readonly about: string
  readonly stanza: string
  readonly condition: string
  readonly reason: string
}[] = [
  {
    about: 'a sender of another domain',
    stanza: `<message from='boss@other.example' to='alice@${OURS}'>${BODY}</message>`,
    condition: 'invalid-from',
    reason: 'SP-121',
  },
  {
    about: 'a sender of one of our own domains',
    stanza: `<message from='boss@${OURS}' to='alice@${OURS}'>${BODY}</message>`,
    condition: 'invalid-from',
    reason: 'SP-122',
  },
  {
    about: 'a sender of a domain below its own',
    stanza: `<message from='boss@deep.${THEIRS}' to='alice@${OURS}'>${BODY}</message>`,
    condition: 'invalid-from',
    reason: 'SP-121',
  },
  {
    about: 'a recipient who is neither ours nor theirs',
    stanza: `<message from='bob@${THEIRS}' to='victim@third.example'>${BODY}</message>`,
    condition: 'host-unknown',
    reason: 'SP-123',
  },
  {
    about: 'no sender',
    stanza: `<message to='alice@${OURS}'>${BODY}</message>`,
    condition: 'improper-addressing',
    reason: 'SP-502',
  },
  {
    about: 'no recipient',
    stanza: `<message from='bob@${THEIRS}'>${BODY}</message>`,
    condition: 'improper-addressing',
    reason: 'SP-501',
  },
]

test('a partner that has proven its name', needsPeer('prosody', 'dnsmasq', 'root'), async (t) => {
  const at = places(NUMBER)
  const world = await buildWorld(t, {
    number: NUMBER,
    core: prosody,
    outside: { [THEIRS]: at.partner },
    partners: { [THEIRS]: { status: 'allowed' } },
  })
  const { gateway, core, publicCa } = world
  const certificate = await issue({ ca: publicCa, names: [THEIRS] })

  for (const { about, stanza, condition, reason } of TRICKS) {
    await t.test(`is cut off for ${about} (${condition}), and no user sees the stanza`, async (one) => {
      const alice = await side(core, OURS).login(one, 'alice')
      await alice.appear()
      await using dialog = await authenticated(at.outer, certificate)
      dialog.say(stanza)
      const [, ended] = await dialog.expect(/<stream:error>\s*<([a-z-]+) /)
      assert.equal(ended, condition)
      const [, reference = ''] = await dialog.expect(REFERENCE)
      await dialog.expect(/<\/stream:stream>/)
      const record = await gateway.why(reference)
      assert.partialDeepStrictEqual(record, { reason, direction: 'inbound', verdict: 'close' })
      assert.deepEqual(record.pair, { local: OURS, remote: THEIRS })
      await alice.ask('get', undefined, xml('ping', { xmlns: 'urn:xmpp:ping' }))
      assert.deepEqual(
        alice.untaken((s) => s.name === 'message'),
        [],
      )
    })
  }

  await t.test('reaches a user of ours when it keeps the rules', async (one) => {
    const alice = await side(core, OURS).login(one, 'alice')
    await alice.appear()
    await using dialog = await authenticated(at.outer, certificate)
    dialog.say(`<message from='bob@${THEIRS}/raw' to='${alice.bare}' type='chat'><body>honest</body></message>`)
    await alice.expect('the message', (s) => s.getChildText('body') === 'honest')
  })
})

/** A stream that is ready, opened as the partner (RFC 6120 §9.2). */
async function authenticated(host: string, certificate: Issued): Promise<Dialog> {
  const header = `<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' from='${THEIRS}' to='${OURS}' version='1.0'>`
  const dialog = await Dialog.open({ host, port: 5269 })
  await dialog.say(header).expect(/<\/stream:features>/)
  await dialog.say(`<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`).expect(/<proceed/)
  await dialog.startTls({ certificate, servername: OURS })
  await dialog.say(header).expect(/EXTERNAL[^]*<\/stream:features>/)
  await dialog.say(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>`).expect(/<success/)
  await dialog.say(header).expect(/<stream:features/)
  return dialog
}
