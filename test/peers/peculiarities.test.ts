// What Prosody and ejabberd do in their own way on the wire, and what the gateway is built to live with. Each test fails
// when the peer is mended; then the code that its COMPAT names can go.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TLSSocket } from 'node:tls'
import { Client, trustForClients, xml } from '../support/client.ts'
import { Dialog, DialogHost } from '../support/dialog.ts'
import { dns } from '../support/dns.ts'
import { ejabberd } from '../support/ejabberd.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa } from '../support/pki.ts'
import type { Issued } from '../support/pki.ts'
import type { Cleanup } from '../support/program.ts'
import { prosody } from '../support/prosody.ts'
import type { StartServer } from '../support/server.ts'
import { OURS, THEIRS, places } from './places.ts'
import type { Places } from './places.ts'

const NS = `xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'`
const OPENING = `<?xml version='1.0'?><stream:stream ${NS} id='x' from='${THEIRS}' to='${OURS}' version='1.0'>`
const STARTTLS = `<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>`
const EXTERNAL = `<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism></mechanisms>`
const features = (inside: string): string => `${OPENING}<stream:features>${inside}</stream:features>`

interface Bench {
  readonly at: Places
  readonly ca: Issued
  /** What the server sees of a partner: a listener in the test's hands, to which every name leads. */
  readonly peer: DialogHost
  /** A user of the server says something to somebody at the partner. */
  say(body: string): Promise<void>
}

async function bench(t: Cleanup, number: number, start: StartServer): Promise<Bench> {
  const at = places(number)
  const ca = await makeCa()
  trustForClients(ca)
  await dns(t, { address: at.innerDns, everythingElse: at.partner })
  await start(t, {
    address: at.core,
    dns: at.innerDns,
    anchors: [ca],
    hosts: [{ domain: OURS, certificate: await issue({ ca, names: [OURS] }), users: ['alice'] }],
  })
  const peer = await DialogHost.open(at.partner, 5269)
  t.after(() => peer[Symbol.asyncDispose]())
  const alice = await Client.login(t, { user: 'alice', domain: OURS, address: at.core })
  return {
    at,
    ca,
    peer,
    say: (body) => alice.send(xml('message', { to: `bob@${THEIRS}`, type: 'chat' }, xml('body', {}, body))),
  }
}

/** Lets the server connect to us, until we have seen its header inside TLS. */
async function received({ peer, ca, say }: Bench): Promise<Dialog> {
  const certificate = await issue({ ca, names: [THEIRS] })
  await say('first')
  const dialog = await peer.next()
  await dialog.expect(/<stream:stream[^>]*>/)
  await dialog.say(features(STARTTLS)).expect(/<starttls/)
  dialog.say(`<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`)
  await dialog.startTls({ server: true, certificate })
  await dialog.expect(/<stream:stream[^>]*>/)
  return dialog
}

/** Connects to the server with a certificate, until we have seen its features inside TLS. */
async function opened({ core }: Places, certificate: Issued): Promise<Dialog> {
  const header = `<?xml version='1.0'?><stream:stream ${NS} from='${THEIRS}' to='${OURS}' version='1.0'>`
  const dialog = await Dialog.open({ host: core, port: 5269 })
  await dialog.say(header).expect(/<\/stream:features>/)
  await dialog.say(`<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`).expect(/<proceed/)
  await dialog.startTls({ certificate, servername: OURS })
  await dialog.say(header).expect(/(?=<stream:features)/)
  return dialog
}

test('Prosody', needsPeer('prosody', 'dnsmasq', 'root'), async (t) => {
  const world = await bench(t, 85, prosody)

  // COMPAT: so the certificate to show is chosen by the stream's `to`.
  await t.test('sends no server name with STARTTLS to other servers', async () => {
    await using dialog = await received(world)
    assert.ok(dialog.socket instanceof TLSSocket)
    assert.equal(dialog.socket.servername, false)
  })

  // COMPAT: RFC 6120 §4.7.3 wants no id from who initiates, and none that is empty.
  await t.test('puts an empty id into the header of a stream that it initiates', async () => {
    await using dialog = await received(world)
    assert.match(dialog.all, /<stream:stream [^>]*id=''/)
  })

  // COMPAT: contrary to RFC 6120 §10.1. Conversations allow for it where Prosody opens the stream.
  await t.test('sends what comes before the last features ahead of its queue', async () => {
    await using dialog = await received(world)
    await dialog.say(features(EXTERNAL)).expect(/<auth /)
    await dialog.say(`<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>`).expect(/<stream:stream[^>]*>/)
    await world.say('second')
    await dialog.expect(/<body>second<\/body>/)
    assert.doesNotMatch(dialog.all, /<body>first/)
    await dialog.say(features('')).expect(/<body>first<\/body>/)
  })
})

test('Prosody with streams that go both ways', needsPeer('prosody', 'dnsmasq', 'root'), async (t) => {
  const { at, ca, say } = await bench(t, 87, (cleanup, o) => prosody(cleanup, { ...o, bidi: true }))

  // COMPAT: contrary to RFC 6120 §4.3.3; so the scanner takes it for a part of the stream before.
  await t.test('sends stanzas between its SASL success and its next header', async () => {
    await using dialog = await opened(at, await issue({ ca, names: [THEIRS] }))
    await dialog.expect(/<bidi xmlns='urn:xmpp:features:bidi'\/>/)
    const auth = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>`
    await dialog.say(`<bidi xmlns='urn:xmpp:bidi'/>${auth}`).expect(/<success[^>]*>/)
    await say('early')
    await dialog.expect(/^<message [^>]*>.*<body>early<\/body>/)
  })
})

test('ejabberd', needsPeer('ejabberd', 'dnsmasq', 'root'), async (t) => {
  const { at, ca } = await bench(t, 86, ejabberd)

  // COMPAT: EXTERNAL on offer is no promise (XEP-0178 §3): our authentication may still be refused.
  await t.test('offers EXTERNAL to a certificate of another domain, and refuses it afterwards', async () => {
    await using dialog = await opened(at, await issue({ ca, names: ['somebody-else.example'] }))
    await dialog.expect(/EXTERNAL/)
    const auth = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>`
    await dialog.say(auth).expect(/<failure[^>]*><not-authorized\/>/)
  })
})
