// What a client is offered of what a core offers, feature by feature.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rewriteFeatures } from '../../../../src/stream/client/features.ts'
import { element, SASL, SASL2, SM } from './words.ts'

const BIND = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"

/** What the core offers, and what of it the client sees. */
const TABLE: readonly (readonly [about: string, core: string, client: string])[] = [
  ['binding and carbons pass', `${BIND}<sm ${SM}/>`, `${BIND}<sm ${SM}/>`],
  ['what nobody knows passes', "<x xmlns='urn:example:new'><y/></x>", "<x xmlns='urn:example:new'><y/></x>"],
  ['what has a default namespace of the stream stands alone', '<own/>', "<own xmlns='jabber:client'/>"],
  ['inner STARTTLS', "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>", ''],
  ['compression', "<compression xmlns='http://jabber.org/features/compress'><method>zlib</method></compression>", ''],
  ['passwords without SASL', "<auth xmlns='http://jabber.org/features/iq-auth'/>", ''],
  ['registration', "<register xmlns='http://jabber.org/features/iq-register'/>", ''],
  ['registration by invitation', "<register xmlns='urn:xmpp:ibr-token:0'/><register xmlns='urn:xmpp:invite'/>", ''],
  [
    'channel bindings',
    "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-exporter'/></sasl-channel-binding>",
    '',
  ],
  ['acknowledgements of an older form', "<sm xmlns='urn:xmpp:sm:2'/>", ''],
  ['a session that can be taken over', "<rebind xmlns='p1:rebind'/><push xmlns='p1:push'/>", ''],
  [
    'features between servers',
    "<dialback xmlns='urn:xmpp:features:dialback'/><bidi xmlns='urn:xmpp:features:bidi'/>",
    '',
  ],
  [
    'mechanisms without those that bind, hide the name or need none',
    `<mechanisms ${SASL}><mechanism>SCRAM-SHA-256-PLUS</mechanism><mechanism>SCRAM-SHA-256</mechanism><mechanism>PLAIN</mechanism><mechanism>EXTERNAL</mechanism><mechanism>ANONYMOUS</mechanism><mechanism>DIGEST-MD5</mechanism><hostname xmlns='urn:xmpp:domain-based-name:1'>inner.corp</hostname></mechanisms>`,
    `<mechanisms ${SASL}><mechanism>SCRAM-SHA-256</mechanism><mechanism>PLAIN</mechanism></mechanisms>`,
  ],
  ['no mechanism that could pass', `<mechanisms ${SASL}><mechanism>EXTERNAL</mechanism></mechanisms>`, ''],
  [
    'SASL2 with what may be asked for at once, but for resumption and bound tokens',
    `<authentication ${SASL2}><mechanism>PLAIN</mechanism><mechanism>SCRAM-SHA-1-PLUS</mechanism><inline><sm ${SM}/><bind xmlns='urn:xmpp:bind:0'><inline><feature var='urn:xmpp:carbons:2'/></inline></bind><fast xmlns='urn:xmpp:fast:0'><mechanism>HT-SHA-256-ENDP</mechanism><mechanism>HT-SHA-256-NONE</mechanism></fast></inline></authentication>`,
    `<authentication ${SASL2}><mechanism>PLAIN</mechanism><inline><bind xmlns='urn:xmpp:bind:0'><inline><feature var='urn:xmpp:carbons:2'/></inline></bind><fast xmlns='urn:xmpp:fast:0'><mechanism>HT-SHA-256-NONE</mechanism></fast></inline></authentication>`,
  ],
]

for (const [about, core, client] of TABLE) {
  test(`features: ${about}`, () => {
    const { children } = rewriteFeatures(element(`<stream:features>${core}</stream:features>`))
    assert.equal(children.replaceAll('"', "'"), client)
  })
}

test('it is told when the core would bind to a channel, and what was offered', () => {
  const plus = `<mechanisms ${SASL}><mechanism>SCRAM-SHA-1</mechanism><mechanism>SCRAM-SHA-1-PLUS</mechanism></mechanisms>`
  const offer = rewriteFeatures(element(`<stream:features>${plus}<sm ${SM}/></stream:features>`))
  assert.equal(offer.bindsChannel, true)
  assert.deepEqual(offer.mechanisms, ['SCRAM-SHA-1'])
  assert.deepEqual(offer.withheld, ['SCRAM-SHA-1-PLUS'])
  assert.equal(offer.compresses, false)
  assert.deepEqual([...offer.namespaces], ['urn:ietf:params:xml:ns:xmpp-sasl', 'urn:xmpp:sm:3'])
})

test('a list of bindings alone says that it would bind, and compression is told too', () => {
  const bindings =
    "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-exporter'/></sasl-channel-binding>"
  const compression = "<compression xmlns='http://jabber.org/features/compress'><method>zlib</method></compression>"
  const { bindsChannel, compresses } = rewriteFeatures(
    element(`<stream:features>${bindings}${compression}</stream:features>`),
  )
  assert.deepEqual([bindsChannel, compresses], [true, true])
})

test('mechanisms of our own stand beside those of the core, and by themselves', () => {
  const core = `<stream:features><mechanisms ${SASL}><mechanism>EXTERNAL</mechanism></mechanisms></stream:features>`
  const offer = rewriteFeatures(element(core), ['EXTERNAL'])
  assert.deepEqual(offer.mechanisms, ['EXTERNAL'])
  assert.match(offer.children, /<mechanism>EXTERNAL<\/mechanism>/)
})
