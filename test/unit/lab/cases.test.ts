import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Case, playOf, stanzaOf } from '../../../src/lab/cases.ts'
import type { Residents } from '../../../src/lab/residents.ts'

const RESIDENTS: Residents = {
  core: { domain: 'corp.example', further: ['rooms.corp.example'], port: 1, users: [] },
  outside: [{ domain: 'partner.example', further: [], port: 2, users: [] }],
}

const CASE: Case = {
  ...{ name: 'It is so', from: 'a@corp.example', to: 'b@partner.example', stanza: 'message chat' },
  ...{ carries: [], times: 1, expect: 'pass' },
}

const played = (more: Partial<Case>) => playOf([{ ...CASE, ...more }], RESIDENTS, 'run')

test('a case is a scene between the servers that speak for its domains, with its stanza', () => {
  const { scenes, left } = played({
    from: "b@partner.example/o'r",
    to: 'x@rooms.corp.example',
    carries: ['jabber:x:oob'],
  })
  assert.deepEqual(left, [])
  const [scene, ...more] = scenes
  assert.deepEqual(more, [])
  assert.partialDeepStrictEqual(scene, {
    title: 'It is so',
    at: 'partner.example',
    stanza:
      "<message type='chat' from='b@partner.example/o&apos;r' to='x@rooms.corp.example' id='run-1'><x xmlns='jabber:x:oob'/></message>",
    wanted: { expect: 'pass' },
  })
  const [arrival] = scene?.ends ?? []
  assert.ok(arrival?.kind === 'arrives' && arrival.at === 'corp.example')
  assert.match('<presence from="a" id="run-1" to="b"/>', arrival.like)
  assert.doesNotMatch('<presence id="run-2"><x id="run-1"/></presence>', arrival.like)
})

/** What is sent, and whether its sender hears that it was refused; else a question goes behind it. */
const KINDS: readonly (readonly [stanza: string, isAnswered: boolean])[] = [
  ['message', true],
  ['message groupchat', true],
  ['message error', false],
  ['presence', true],
  ['presence subscribe', true],
  ['presence unavailable', false],
  ['iq get', true],
  ['iq result', false],
  ['iq error', false],
]

for (const [stanza, isAnswered] of KINDS) {
  test(`${isAnswered ? 'no' : 'a'} question goes behind ${stanza}`, () => {
    const { question } = played({ stanza }).scenes[0]!
    assert.equal(question === undefined, isAnswered)
    if (question) assert.match(question.stanza, /^<iq type='get' from='a@corp\.example' .* id='run-1-asked'>/)
  })
}

/** What the lab cannot play, and why. */
const LEFT: readonly (readonly [more: Partial<Case>, why: string])[] = [
  [{ at: '2027-03-01T22:00:00Z' }, 'it is about 2027-03-01T22:00:00Z'],
  [{ times: 100 }, 'it is about 100 stanzas'],
  [{ from: 'a@stranger.example' }, 'the lab has no server of stranger.example'],
  [{ to: 'a@stranger.example' }, 'the lab has no server of stranger.example'],
]

for (const [more, why] of LEFT) {
  test(`a case is left to policy test, since ${why}`, () => {
    assert.deepEqual(played(more), { scenes: [], left: [{ name: 'It is so', why }] })
  })
}

test('what is to be refused on its way to a stranger can be played', () => {
  assert.equal(played({ to: 'a@stranger.example', expect: 'refuse' }).scenes.length, 1)
})

test('a namespace of Jingle stands in a session', () => {
  assert.equal(
    stanzaOf({ stanza: 'iq set', carries: ['urn:xmpp:jingle:apps:rtp:1'] }, ''),
    "<iq type='set'><jingle xmlns='urn:xmpp:jingle:1'><content><description xmlns='urn:xmpp:jingle:apps:rtp:1'/></content></jingle></iq>",
  )
})
