import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linesOf } from '../../../src/gateway/trace/lines.ts'
import type { Effect, StreamEvent } from '../../../src/stream/types.ts'
import { AFTER_AUTHENTICATION } from '../../../src/xml/limits.ts'
import { Scanner } from '../../../src/xml/scanner.ts'
import { NS } from '../../../src/xmpp/namespaces.ts'
import { CERTIFICATE, header } from '../stream/play.ts'

const SECRET = 'c2VjcmV0'

/** Secrets in every element of a negotiation that has one, as peers write them, and as we do. */
const SECRETS: readonly (readonly [what: string, element: string])[] = [
  ['the payload of SASL', `<auth xmlns='${NS.sasl}' mechanism='EXTERNAL'>${SECRET}</auth>`],
  ['after the element for both ways', `<bidi xmlns='urn:xmpp:bidi'/><auth xmlns='${NS.sasl}'>${SECRET}</auth>`],
  ['a response', `<response xmlns='${NS.sasl}'>${SECRET}</response>`],
  ['a challenge', `<challenge xmlns='${NS.sasl}'><![CDATA[${SECRET}]]></challenge>`],
  ['what comes with success', `<success xmlns='${NS.sasl}'>${SECRET}</success>`],
  ['a key of dialback', `<db:result from='peer.test' to='us.test'>${SECRET}</db:result>`],
  ['a key that is asked about', `<db:verify id='7' from='peer.test' to='us.test'>${SECRET}</db:verify>`],
  ['the handshake of a component', `<handshake>${SECRET}</handshake>`],
  ['what nobody knows', `<auth xmlns='urn:xmpp:sasl:2' data='${SECRET}'><x y='${SECRET}'>${SECRET}</x></auth>`],
  ['a stanza that is too early', `<message><body>${SECRET}</body></message>`],
]

function heard(element: string, xmlns: string): readonly StreamEvent[] {
  const scanner = new Scanner(AFTER_AUTHENTICATION)
  scanner.push(Buffer.from(header({ xmlns, 'xmlns:db': NS.dialback }) + element))
  const events: StreamEvent[] = []
  for (let event = scanner.next(); event; event = scanner.next())
    if (event.kind === 'frame') events.push({ kind: 'element', frame: event.frame, pending: 0 })
  assert.ok(events.length > 0)
  return events
}

for (const [what, element] of SECRETS) {
  test(`${what} is never shown`, () => {
    for (const xmlns of [NS.server, NS.component]) {
      for (const event of heard(element, xmlns)) {
        for (const bodies of [true, false]) {
          const text = JSON.stringify(linesOf({ kind: 'event', event }, bodies))
          assert.doesNotMatch(text, new RegExp(SECRET))
        }
      }
    }
    if (element.includes('urn:xmpp:sasl:2')) return // nothing that we say
    const said = linesOf({ kind: 'effect', effect: { kind: 'send', xml: element } }, true)
    assert.equal(said[0]?.way, 'out')
    assert.doesNotMatch(JSON.stringify(said), new RegExp(SECRET))
    assert.match(said[0]?.text ?? '', /…\d+…/)
  })
}

test('what a stanza says is shown only where bodies are', () => {
  const bytes = Buffer.from(`<message to='a@b.example'><body>${SECRET}</body></message>`)
  const text = (bodies: boolean): string => linesOf({ kind: 'stanza', way: 'out', bytes }, bodies)[0]?.text ?? ''
  assert.equal(text(false), "<message to='a@b.example'><body>…8…</body></message>")
  assert.equal(text(true), bytes.toString())
})

test('a long stanza is shown as far as a reader can bear', () => {
  const bytes = Buffer.from(`<message>${'<x/>'.repeat(2000)}</message>`)
  const text = linesOf({ kind: 'stanza', way: 'in', bytes }, false)[0]?.text ?? ''
  assert.ok(text.length < 4100)
  assert.match(text, /… \(4019 more\)$/)
})

test('offers and errors are shown in their own words', () => {
  const features = `<stream:features><mechanisms xmlns='${NS.sasl}'><mechanism>EXTERNAL</mechanism></mechanisms></stream:features>`
  const error = `<stream:error><see-other-host xmlns='${NS.streamConditions}'>else.example</see-other-host></stream:error>`
  for (const element of [features, error]) {
    const [event] = heard(element, NS.server)
    assert.ok(event)
    assert.equal(linesOf({ kind: 'event', event }, false)[0]?.text, element)
  }
  assert.equal(linesOf({ kind: 'effect', effect: { kind: 'send', xml: features } }, false)[0]?.text, features)
})

test('acknowledgements, as many as stanzas, are no lines; that there are some is one', () => {
  for (const element of [`<r xmlns='${NS.sm}'/>`, `<a xmlns='${NS.sm}' h='7'/>`])
    for (const one of heard(element, NS.server)) assert.deepEqual(linesOf({ kind: 'event', event: one }, false), [])
  const [said] = linesOf({ kind: 'effect', effect: { kind: 'acks', counts: ['ours', 'theirs'] } }, false)
  assert.equal(said?.text, 'stanzas are acknowledged by the peer and by us')
})

test('the header of a component has no end, and is shown all the same', () => {
  const xml = `<?xml version='1.0'?><stream:stream xmlns='${NS.component}' to='partner.example'>`
  const [said] = linesOf({ kind: 'effect', effect: { kind: 'send', xml } }, false)
  assert.equal(said?.text, `<stream:stream xmlns='${NS.component}' to='partner.example'>`)
})

const event = (one: StreamEvent): string => linesOf({ kind: 'event', event: one }, false)[0]?.text ?? ''
const effect = (one: Effect): string => linesOf({ kind: 'effect', effect: one }, false)[0]?.text ?? ''

test('the rest is told in words', () => {
  const pair = { local: 'us.test', remote: 'peer.test' }
  const tls = { version: 'TLSv1.3', cipher: 'C', group: undefined }
  assert.equal(event({ kind: 'secured', certificate: false, tls }), 'TLSv1.3, C, the peer showed no certificate')
  assert.match(
    event({ kind: 'verified', verdict: { proven: true, certificate: CERTIFICATE, anchor: 'CN=A' } }),
    /^the certificate proves the name: CN=test with DNS:peer.test, issued by CN=test CA, by CN=A, until 2027/,
  )
  assert.match(
    event({
      kind: 'verified',
      verdict: { proven: false, reason: 'SP-301', detail: 'names nobody', certificate: undefined },
    }),
    /^the certificate does not prove the name: [a-z-]+ \(names nobody\)$/,
  )
  const judgement = { valid: false, pair, say: 'invalid', reason: 'SP-472', detail: 'd', reference: 'r' } as const
  assert.match(event({ kind: 'judged', judgement }), /^peer\.test is not proven to us\.test: [a-z-]+ \(d\)$/)
  const proven = { pair, method: 'dialback', certificate: undefined } as const
  assert.equal(
    effect({ kind: 'ready', proven, bidi: true }),
    'ready between us.test and peer.test, by dialback, for stanzas both ways',
  )
  assert.equal(
    effect({ kind: 'close', reason: 'SP-102', detail: '', by: 'us', condition: 'policy-violation', say: 'error' }),
    '<stream:error><policy-violation/></stream:error></stream:stream>',
  )
  assert.equal(event({ kind: 'footer' }), '</stream:stream>')
  assert.equal(event({ kind: 'connected' }), '')
})
