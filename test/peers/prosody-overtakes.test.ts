// COMPAT: Prosody 0.12 queues stanzas until it has seen the last stream features, but its stream counts as authenticated
// from SASL success on: what comes in between is sent at once and overtakes the queue, contrary to RFC 6120 §10.1. The
// conversations allow for it; when this test fails, Prosody is mended and they no longer need to.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client, trustForClients, xml } from '../support/client.ts'
import { DialogHost } from '../support/dialog.ts'
import { dns } from '../support/dns.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import { OURS, THEIRS, places } from './places.ts'

const OPENING = `<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' id='x' from='${THEIRS}' to='${OURS}' version='1.0'>`
const STARTTLS = `<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>`
const EXTERNAL = `<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism></mechanisms>`
const features = (inside: string): string => `${OPENING}<stream:features>${inside}</stream:features>`

test(
  'Prosody sends what comes before the last features ahead of its queue',
  needsPeer('prosody', 'dnsmasq', 'root'),
  async (t) => {
    const at = places(85)
    const ca = await makeCa()
    const certificate = await issue({ ca, names: [THEIRS] })
    trustForClients(ca)
    await dns(t, { address: at.innerDns, everythingElse: at.partner })
    await prosody(t, {
      address: at.core,
      dns: at.innerDns,
      anchors: [ca],
      hosts: [{ domain: OURS, certificate: await issue({ ca, names: [OURS] }), users: ['alice'] }],
    })
    await using peer = await DialogHost.open(at.partner, 5269)
    const alice = await Client.login(t, { user: 'alice', domain: OURS, address: at.core })
    const say = (body: string): Promise<void> =>
      alice.send(xml('message', { to: `bob@${THEIRS}`, type: 'chat' }, xml('body', {}, body)))

    await say('first')
    const dialog = await peer.next()
    await dialog.expect(/<stream:stream[^>]*>/)
    await dialog.say(features(STARTTLS)).expect(/<starttls/)
    dialog.say(`<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`)
    await dialog.startTls({ server: true, certificate })
    await dialog.expect(/<stream:stream[^>]*>/)
    await dialog.say(features(EXTERNAL)).expect(/<auth /)
    await dialog.say(`<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>`).expect(/<stream:stream[^>]*>/)
    await say('second')
    await dialog.expect(/<body>second<\/body>/)
    assert.doesNotMatch(dialog.all, /first/)
    await dialog.say(features('')).expect(/<body>first<\/body>/)
  },
)
