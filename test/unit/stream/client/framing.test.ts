import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorMessage, featuresMessage, Framing, openElement } from '../../../../src/stream/client/framing.ts'
import { AFTER_AUTHENTICATION, BEFORE_AUTHENTICATION } from '../../../../src/xml/limits.ts'
import { rescope } from '../../../../src/xml/rescope.ts'

const OPEN = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='corp.test' version='1.0' xml:lang='de'/>"
const CLOSE = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"
const CHAT = "<message xmlns='jabber:client' to='a@corp.test'><body>x</body></message>"

/** What becomes of messages: `restart` is the gateway's own. */
function told(...messages: readonly string[]): readonly string[] {
  const framing = new Framing(BEFORE_AUTHENTICATION)
  return messages.flatMap((message) => {
    if (message === 'restart') {
      framing.restart()
      return []
    }
    const event = framing.read(Buffer.from(message, 'latin1'))
    if (!event) return ['nothing']
    if (event.kind === 'frame') return [event.frame.name]
    return [event.kind === 'fault' ? `${event.reason} ${event.condition}` : event.kind]
  })
}

for (const [what, messages, events] of [
  ['a stream is opened and closed', [OPEN, CHAT, CLOSE], ['header', 'message', 'footer']],
  ['nothing is heard after the end', [OPEN, CLOSE, CHAT, OPEN], ['header', 'footer', 'nothing', 'nothing']],
  ['nothing is heard after a fault', [OPEN, ' ', CHAT], ['header', 'SP-866 bad-format', 'nothing']],
  ['a stream begins anew where that is due', [OPEN, 'restart', OPEN, CHAT], ['header', 'header', 'message']],
  ['no second <open/> where none is due', [OPEN, OPEN], ['header', 'SP-866 bad-format']],
  ['no stanza before <open/>', [CHAT], ['SP-866 bad-format']],
  ['no stanza before the second <open/>', [OPEN, 'restart', CHAT], ['header', 'SP-866 bad-format']],
  ['a stream may be closed before it is opened', [CLOSE], ['footer']],
  ['an <open/> of no namespace is none', ["<open to='corp.test' version='1.0'/>"], ['SP-866 invalid-namespace']],
  ['a header as over TCP is no <open/>', ["<stream:stream xmlns='jabber:client'>"], ['SP-404 bad-namespace-prefix']],
  [
    'a whole header as over TCP is none either',
    ["<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='corp.test'/>"],
    ['SP-406 bad-format'],
  ],
  ['framing has two elements', ["<see xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"], ['SP-866 bad-format']],
  ['a message holds something', [''], ['SP-866 bad-format']],
  ['white space is no message', [' '], ['SP-866 bad-format']],
  ['no white space comes first', [` ${OPEN}`], ['SP-866 bad-format']],
  ['no text is a message', ['hello'], ['SP-866 bad-format']],
  ['one element is in a message', [OPEN + OPEN], ['SP-866 bad-format']],
  ['no text follows the element', [`${OPEN}x`], ['SP-866 bad-format']],
  ['no white space follows the element', [`${OPEN} `], ['SP-866 bad-format']],
  ['no tag is left open', [OPEN, "<message xmlns='jabber:client'>"], ['header', 'SP-866 bad-format']],
  ['no message ends within a tag', [OPEN, '<message xmlns='], ['header', 'SP-866 bad-format']],
  [
    'an element is not spread over messages',
    [OPEN, CHAT.slice(0, 30), CHAT.slice(30)],
    ['header', 'SP-866 bad-format', 'nothing'],
  ],
  ['no tag is closed that was not opened', [OPEN, '</stream:stream>'], ['header', 'SP-866 bad-format']],
  ['no end tag is left open', [OPEN, '</message>'], ['header', 'SP-401 not-well-formed']],
  ['no declaration comes first', [`<?xml version='1.0'?>${OPEN}`], ['SP-402 restricted-xml']],
  ['no instruction', ['<?x?>'], ['SP-402 restricted-xml']],
  ['no comment comes first', [`<!-- -->${OPEN}`], ['SP-402 restricted-xml']],
  ['no comment within', [OPEN, CHAT.replace('>x<', '><!----><')], ['header', 'SP-402 restricted-xml']],
  ['no document type', ['<!DOCTYPE open>'], ['SP-402 restricted-xml']],
  ['no CDATA section between elements', ['<![CDATA[x]]>'], ['SP-407 bad-format']],
  ['a stanza declares its namespace', [OPEN, '<message/>'], ['header', 'SP-866 invalid-namespace']],
  [
    'what is within it does too',
    [OPEN, "<c:message xmlns:c='jabber:client'><body/></c:message>"],
    ['header', 'SP-866 invalid-namespace'],
  ],
  [
    'a prefix declares it as well',
    [OPEN, "<c:message xmlns:c='jabber:client'><c:body/></c:message>"],
    ['header', 'message'],
  ],
  [
    'nothing that one element declares holds for another',
    [OPEN, "<a:b xmlns:a='c'/>", '<a:b/>'],
    ['header', 'b', 'SP-404 bad-namespace-prefix'],
  ],
  [
    'the prefix of streams is not known unless it is declared',
    [OPEN, '<stream:error/>'],
    ['header', 'SP-404 bad-namespace-prefix'],
  ],
  ['an element may lie in no namespace if it says so', [OPEN, "<a xmlns=''/>"], ['header', 'a']],
  ['it is UTF-8', [OPEN, CHAT.replace('>x<', '>\xff<')], ['header', 'SP-403 unsupported-encoding']],
  [
    'no element is too large',
    [OPEN, CHAT.replace('>x<', `>${'x'.repeat(9000)}<`)],
    ['header', 'SP-435 policy-violation'],
  ],
  [
    'nobody says too much before they are known',
    [OPEN, ...Array<string>(31).fill("<a xmlns='b'/>"), CHAT],
    ['header', ...Array<string>(31).fill('a'), 'SP-435 policy-violation'],
  ],
] as const) {
  test(what, () => assert.deepEqual(told(...messages), events))
}

test('<open/> says what a header says', () => {
  const event = new Framing(BEFORE_AUTHENTICATION).read(Buffer.from(OPEN.replace('to=', "from='a@b' id='&lt;' to=")))
  assert.ok(event?.kind === 'header')
  const { scope, ...header } = event.header
  assert.deepEqual(header, { to: 'corp.test', from: 'a@b', id: '<', version: '1.0', lang: 'de' })
  assert.deepEqual(scope, { defaultNamespace: 'jabber:client', prefixes: new Map(), lang: 'de' })
})

test('a stanza goes into a stream over TCP as the bytes it came as, but for the language of its stream', () => {
  const framing = new Framing(AFTER_AUTHENTICATION)
  framing.read(Buffer.from(OPEN))
  const event = framing.read(Buffer.from(CHAT))
  assert.ok(event?.kind === 'frame')
  const target = { content: 'jabber:client' } as const
  assert.equal(rescope(event.frame, { ...target, lang: 'de' }).toString(), CHAT)
  assert.equal(
    rescope(event.frame, { ...target, lang: 'en' }).toString(),
    CHAT.replace('<message', "<message xml:lang='de'"),
  )
})

test('other limits hold from when they are set', () => {
  const framing = new Framing(BEFORE_AUTHENTICATION)
  framing.read(Buffer.from(OPEN))
  framing.setLimits(AFTER_AUTHENTICATION)
  assert.equal(framing.read(Buffer.from(CHAT.replace('>x<', `>${'x'.repeat(100_000)}<`)))?.kind, 'frame')
})

test('what we say stands alone', () => {
  const heard = [
    openElement({ from: 'corp.test', to: "a'b", id: '1' }),
    featuresMessage("<a xmlns='b'/>"),
    errorMessage('reset', 'R1'),
  ]
  const framing = new Framing(AFTER_AUTHENTICATION)
  const events = heard.map((message) => framing.read(Buffer.from(message)))
  assert.deepEqual(
    events.map((event) => event?.kind),
    ['header', 'frame', 'frame'],
  )
  const frames = events.flatMap((event) =>
    event?.kind === 'frame' ? [`${event.frame.namespace} ${event.frame.name}`] : [],
  )
  assert.deepEqual(frames, ['http://etherx.jabber.org/streams features', 'http://etherx.jabber.org/streams error'])
})
