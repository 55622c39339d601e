// What of our users' presence crosses to a partner, by how much it is shown; and what it may ask for.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { nodes } from '../../../src/gateway/content.ts'
import { showing } from '../../../src/gateway/showing.ts'
import { decide } from '../../../src/policy/checkpoint.ts'
import { type Crossing, gatherFacts } from '../../../src/policy/facts.ts'
import { Passages } from '../../../src/policy/passages.ts'
import { PartnerList } from '../../../src/policy/partners.ts'
import { PARTS, type Shown, type ShownByClass, shownTo, shownWith } from '../../../src/policy/shown.ts'
import { parseElement } from '../../../src/xml/element.ts'
import { parseFragment } from '../../../src/xml/fragment.ts'
import type { Frame } from '../../../src/xml/frame.ts'
import { NOW, OURS, partner } from '../policy/people.ts'

const DETAILS = ['full', 'availability', 'online', 'none'] as const
const NOBODY = { isGuest: () => false, isBelieved: () => false, inRoom: () => false }
const GUEST = { isGuest: () => true, isBelieved: () => true, inRoom: () => true }
const SEEN = { isGuest: () => false, isBelieved: () => true, inRoom: () => false }

function frameOf(text: string): Frame {
  const read = parseFragment(text)
  assert.ok(read.ok, text)
  return read.frame
}

const presence = (inner: string, type?: string): Frame =>
  frameOf(
    `<presence${type === undefined ? '' : ` type='${type}'`} from='alice@corp.example/desk' to='bob@partner.example'>${inner}</presence>`,
  )

/** Every element that presence may have, and the name of its part; those without one are there with some details. */
const ELEMENTS = {
  show: '<show>away</show>',
  notes: "<status xml:lang='de'>Im Urlaub</status>",
  priority: '<priority>5</priority>',
  capabilities: "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/>",
  'capabilities 2': "<c xmlns='urn:xmpp:caps'><hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>x</hash></c>",
  idle: "<idle xmlns='urn:xmpp:idle:1' since='2026-01-01T00:00:00Z'/>",
  'idle of old': "<query xmlns='jabber:iq:last' seconds='903'/>",
  'idle by delay': "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>",
  vcard: "<x xmlns='vcard-temp:x:update'><photo>abc</photo></x>",
  muc: "<x xmlns='http://jabber.org/protocol/muc'/>",
  mucUser: "<x xmlns='http://jabber.org/protocol/muc#user'><item role='none'/><status code='110'/></x>",
  occupant: "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='x'/>",
  error: "<error type='cancel'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
  other: "<nick xmlns='http://jabber.org/protocol/nick'>A</nick>",
} as const
const ALWAYS = new Set(['muc', 'mucUser', 'occupant', 'error'])

test('each detail lets through the elements of presence that it is for, and each part those that are its own', () => {
  const partOf = (element: string): string | undefined => PARTS.find((part) => element.split(' ')[0] === part)
  let cells = 0
  for (const detail of DETAILS)
    for (const part of [undefined, ...PARTS])
      for (const said of [true, false])
        for (const [element, text] of Object.entries(ELEMENTS)) {
          const shown = shownWith({ detail, ...(part && { [part]: said }) })
          const left = showing(presence(text), shown, GUEST)
          const of = partOf(element)
          const wanted = ALWAYS.has(element)
            ? true
            : element === 'show'
              ? detail === 'full' || detail === 'availability'
              : of === undefined
                ? detail === 'full'
                : of === part
                  ? said
                  : detail === 'full'
          assert.equal(left?.payloads.length, wanted ? 1 : 0, `${detail} ${part}=${said}: ${element}`)
          assert.equal(left.bytes.toString().includes(text), wanted)
          cells += 1
        }
  assert.equal(cells, 4 * 6 * 2 * 14)
})

test('with none nobody is shown to be there, but in rooms; who asks or answers is heard with every detail', () => {
  const all = Object.values(ELEMENTS).slice(0, 9).join('')
  for (const detail of DETAILS) {
    const shown = shownWith({ detail })
    const cut = (inner: string, type?: string, guests = NOBODY) => showing(presence(inner, type), shown, guests)
    assert.equal(cut(all) === undefined, detail === 'none')
    assert.equal(cut('') === undefined, detail === 'none')
    assert.notEqual(cut(all, undefined, GUEST), undefined)
    for (const room of [ELEMENTS.muc, ELEMENTS.mucUser]) assert.ok(cut(room)?.bytes.toString().includes(room))
    for (const type of ['subscribe', 'subscribed', 'unsubscribe', 'unsubscribed', 'probe', 'error'])
      assert.equal(cut(all, type)?.bytes.includes('<status'), detail === 'full', `${detail} ${type}`)
  }
})

/** What is known of who takes leave, and whether the partner hears of it with `none`; with any other detail it does. */
const LEAVES = [
  ['', NOBODY, false],
  [ELEMENTS.notes, NOBODY, false],
  ['', SEEN, true],
  ['', GUEST, true],
  [ELEMENTS.muc, NOBODY, true],
  [ELEMENTS.mucUser, NOBODY, true],
] as const

test('with none only those hear of a leave who were shown that somebody is there, and rooms', () => {
  for (const detail of DETAILS)
    for (const [inner, known, crosses] of LEAVES) {
      const left = showing(presence(inner, 'unavailable'), shownWith({ detail }), known)
      assert.equal(left !== undefined, crosses || detail !== 'none', `${detail} ${inner}`)
      assert.equal(left?.bytes.includes('Urlaub') ?? false, detail === 'full' && inner === ELEMENTS.notes)
    }
})

test('a partner that is shown everything gets the same frame', () => {
  const frame = presence(Object.values(ELEMENTS).join(''))
  assert.equal(showing(frame, shownWith({ detail: 'full' }), NOBODY), frame)
  assert.equal(shownTo(partner('p.example'), {}), undefined, 'and nothing is to be asked of it')
  assert.equal(new PartnerList([partner('p.example')]).terms('p.example')?.shown, undefined)
})

test('the entry of a partner decides, then what is said of its class, then what the class is', () => {
  const [own, ofClass] = [shownWith({ detail: 'online' }), shownWith({ detail: 'none' })]
  const publicly = { class: 'public-verified' }
  assert.deepEqual(shownTo({ shown: own, class: 'federated' }, { federated: ofClass }), own)
  assert.deepEqual(shownTo({ class: 'federated' }, { federated: ofClass }), ofClass)
  assert.deepEqual(shownTo(publicly, {}), { ...shownWith({ detail: 'full' }), notes: false })
  assert.equal(shownTo(publicly, { 'public-verified': shownWith({ detail: 'full' }) }), undefined)
  assert.equal(shownTo({ class: 'constructor' }, {}), undefined)
})

/** What is written of the class, and what who is in no entry is shown then. */
const OF_STRANGERS: readonly (readonly [ShownByClass, Shown])[] = [
  [{}, { ...shownWith({ detail: 'full' }), notes: false }],
  [{ federated: { detail: 'none' } }, { ...shownWith({ detail: 'full' }), notes: false }],
  [{ 'public-unverified': { detail: 'full' } }, { ...shownWith({ detail: 'full' }), notes: false }],
  [
    { 'public-unverified': { detail: 'online', vcard: true, notes: true } },
    shownWith({ detail: 'online', vcard: true }),
  ],
  [{ 'public-unverified': { detail: 'none' } }, shownWith({ detail: 'none' })],
]

test('who is in no entry is shown what the class of unverified partners is, and no more than that class by itself', () => {
  for (const [byClass, wanted] of OF_STRANGERS) {
    const list = new PartnerList([partner('partner.example')], byClass)
    assert.deepEqual(list.shownUnder(list.terms('x.example')), wanted)
    assert.deepEqual(
      list.shownUnder(list.terms('partner.example')),
      shownTo(partner('partner.example'), byClass),
      'partners are none',
    )
    // The long way past the checkpoint and the short one say the same.
    for (const mode of ['open', 'limited'] as const) {
      const crossing = { provenTowards: () => ['corp.example'], partners: list, mode, ours: OURS }
      const frame = presence('').with({ from: 'alice@corp.example', to: 'eve@x.example' })
      const facts = gatherFacts(frame, { ...crossing, direction: 'outbound' }, NOW)
      assert.deepEqual(facts.shown, wanted)
      assert.deepEqual(new Passages({ ...crossing, direction: 'outbound' }).open(facts).shown, wanted)
    }
  }
})

test('what who is in no entry asks for is held against what they are shown', () => {
  for (const [part, byClass] of [
    ['none', { 'public-unverified': { detail: 'none' } }],
    ['vcard', { 'public-unverified': { detail: 'full', vcard: false } }],
    ['', {}],
  ] as const) {
    const crossing: Crossing = {
      ...{ direction: 'inbound', provenTowards: () => ['x.example'], partners: new PartnerList([], byClass) },
      ...{ mode: 'open', ours: OURS, nodes },
    }
    const of = (text: string, to: string) => {
      const came = frameOf(query(text)).with({ from: 'eve@x.example/r', to })
      const passages = new Passages(crossing)
      const opens = gatherFacts(
        frameOf('<message/>').with({ from: 'eve@x.example', to: 'a@corp.example' }),
        crossing,
        NOW,
      )
      passages.open(opens)
      const decision = decide(gatherFacts(came, crossing, NOW))
      assert.equal(passages.find(came, NOW) !== undefined, decision.verdict === 'pass', 'the short way says the same')
      return decision.verdict === 'refuse' ? decision.reason : decision.verdict
    }
    assert.equal(of("<vCard xmlns='vcard-temp'/>", 'alice@corp.example'), part === '' ? 'pass' : 'SP-170')
    assert.equal(of("<ping xmlns='urn:xmpp:ping'/>", 'alice@corp.example/x'), part === 'none' ? 'SP-166' : 'pass')
  }
})

const event = (...ofNodes: readonly string[]): string =>
  `<message type='headline' from='alice@corp.example' to='bob@partner.example'><event xmlns='http://jabber.org/protocol/pubsub#event'>${ofNodes
    .map((node) => `<items node='${node}'><item id='1'/></items>`)
    .join('')}</event></message>`

/** Node, and the part that it belongs to. */
const NODES = [
  ['http://jabber.org/protocol/mood', 'pep'],
  ['urn:xmpp:vcard4', 'vcard'],
  ['urn:xmpp:avatar:metadata', 'vcard'],
  ['eu.siacs.conversations.axolotl.devicelist', undefined],
  ['urn:xmpp:omemo:2:devices', undefined],
  ['urn:xmpp:openpgp:0:public-keys', undefined],
] as const

test('what users publish crosses if its part is shown, and keys always', () => {
  for (const [node, part] of NODES)
    for (const hidden of ['pep', 'vcard'] as const) {
      const shown: Shown = { ...shownWith({ detail: 'full' }), [hidden]: false }
      const left = showing(frameOf(event(node)), shown, NOBODY)
      assert.equal(left === undefined, part === hidden, `${node}, ${hidden} hidden`)
    }
  const shown = shownWith({ detail: 'availability' })
  assert.equal(showing(frameOf(event('urn:xmpp:omemo:2:devices', 'a')), shown, NOBODY), undefined, 'all of it')
  const service = frameOf(event('a').replace('alice@', 'pubsub.'))
  assert.equal(showing(service, shown, NOBODY), service, 'a service is nobody')
  const chat = frameOf("<message from='a@corp.example' to='b@partner.example'><body>x</body></message>")
  assert.equal(showing(chat, shown, NOBODY), chat)
})

test('with none no message tells by itself whether somebody is there, but in rooms; what somebody writes crosses', () => {
  const message = (type: string, inner: string, from = 'alice@corp.example'): Frame =>
    frameOf(`<message type='${type}' from='${from}' to='bob@partner.example/x'>${inner}</message>`)
  const failed = `<body>x</body><no-store xmlns='urn:xmpp:hints'/>${ELEMENTS.error}`
  const stored = "<x xmlns='jabber:x:event'><offline/><id>1</id></x>"
  const asking = "<body>x</body><x xmlns='jabber:x:event'><offline/></x>"
  for (const detail of DETAILS) {
    const shown = shownWith({ detail })
    for (const [came, tells] of [
      [message('error', failed), true],
      [message('error', failed, 'alice@corp.example/desk'), true],
      [message('error', ''), true],
      [message('chat', stored), true],
      [message('chat', stored, 'alice@corp.example/desk'), true],
      [message('chat', asking), false],
      [message('chat', '<body>x</body>'), false],
      [message('error', failed, 'corp.example'), false],
      [message('error', failed, 'corp.example/a@b'), false],
    ] as const) {
      const wanted = tells && detail === 'none' ? undefined : came
      for (const known of [NOBODY, SEEN]) assert.equal(showing(came, shown, known), wanted, `${detail} ${came.from}`)
      assert.equal(showing(came, shown, GUEST), came, 'in a room')
    }
  }
})

/** What an account may say belongs to it, and with what hidden, it does not; `none`: the detail. */
const ITEMS = [
  ["<item jid='alice@corp.example' node='http://jabber.org/protocol/mood' name='A &amp; B'/>", ['pep']],
  ['<item node="urn:xmpp:avatar:data" jid="alice@corp.example"><x xmlns="urn:x">t</x></item>', ['vcard']],
  [
    "<d:item xmlns:d='http://jabber.org/protocol/disco#items' jid='alice@corp.example' node='urn:xmpp:vcard4'/>",
    ['vcard'],
  ],
  ["<item jid='alice@corp.example' node='urn:xmpp:omemo:2:devices'/>", []],
  ["<item jid='alice@corp.example/desk'/>", ['none']],
  ["<item jid='alice@corp.example&#x2F;desk'/>", ['none']],
  ["<item jid='pubsub.corp.example'/>", []],
] as const

test('an account that is asked what belongs to it names the nodes whose parts are shown, and clients if it may be known who is there', () => {
  const answer = (items: readonly string[], from = 'alice@corp.example', type = 'result'): Frame =>
    frameOf(
      `<iq type='${type}' id='1' from='${from}' to='bob@partner.example/x'><query xmlns='http://jabber.org/protocol/disco#items'>${items.join('')}</query></iq>`,
    )
  const all = ITEMS.map(([item]) => item)
  for (const hidden of [undefined, 'none', ...PARTS] as const) {
    const shown = shownWith({
      ...{ detail: hidden === 'none' ? 'none' : 'full', pep: hidden !== 'pep', vcard: hidden !== 'vcard' },
      ...{ notes: hidden !== 'notes', idle: hidden !== 'idle', capabilities: hidden !== 'capabilities' },
    } as const)
    const left = ITEMS.filter(([, by]) => !by.some((one) => one === hidden)).map(([item]) => item)
    assert.equal(showing(answer(all), shown, NOBODY)?.bytes.toString(), answer(left).bytes.toString(), hidden ?? '')
    for (const other of [answer(all, 'pubsub.corp.example'), answer(all, undefined, 'error'), answer([])])
      assert.equal(showing(other, shown, NOBODY), other)
  }
})

const query = (inner: string): string => `<iq type='get' id='1'>${inner}</iq>`
const items = (node: string): string =>
  query(`<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='${node}'/></pubsub>`)

const discovery = (what: 'items' | 'info', node: string): string =>
  query(`<query xmlns='http://jabber.org/protocol/disco#${what}' node='${node}'/>`)

/** What is asked, of whom, and for which part. */
const QUESTIONS = [
  [query("<vCard xmlns='vcard-temp'/>"), 'bare', 'vcard'],
  [query("<vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'/>"), 'bare', 'vcard'],
  [query("<query xmlns='jabber:iq:last'/>"), 'bare', 'idle'],
  [query("<query xmlns='jabber:iq:last'/>"), 'full', 'idle'],
  [query("<query xmlns='jabber:iq:version'/>"), 'full', 'capabilities'],
  [query("<query xmlns='http://jabber.org/protocol/disco#info'/>"), 'full', 'capabilities'],
  [query("<query xmlns='http://jabber.org/protocol/disco#info'/>"), 'bare', undefined],
  [items('http://jabber.org/protocol/mood'), 'bare', 'pep'],
  [items('urn:xmpp:vcard4'), 'bare', 'vcard'],
  [items('urn:xmpp:omemo:2:bundles'), 'bare', undefined],
  [query("<pubsub xmlns='http://jabber.org/protocol/pubsub'><affiliations/></pubsub>"), 'bare', 'pep'],
  ...(['items', 'info'] as const).flatMap((what) => [
    [discovery(what, 'http://jabber.org/protocol/mood'), 'bare', 'pep'] as const,
    [discovery(what, 'urn:xmpp:avatar:metadata'), 'bare', 'vcard'] as const,
    [discovery(what, 'urn:xmpp:omemo:2:devices'), 'bare', undefined] as const,
    [discovery(what, 'https://client.test#ver'), 'full', 'capabilities'] as const,
  ]),
  [query("<query xmlns='http://jabber.org/protocol/disco#items'/>"), 'bare', undefined],
  [query("<ping xmlns='urn:xmpp:ping'/>"), 'full', undefined],
  [query("<time xmlns='urn:xmpp:time'/>"), 'full', 'capabilities'],
  [query("<query xmlns='jabber:iq:time'/>"), 'full', 'capabilities'],
  [query("<query xmlns='jabber:iq:browse'/>"), 'full', 'capabilities'],
  [query("<query xmlns='http://jabber.org/protocol/disco#items'/>"), 'full', 'capabilities'],
  [query("<query xmlns='jabber:iq:avatar'/>"), 'full', 'vcard'],
] as const

function judged(text: string, from: string, to: string, shown: Shown | undefined, inRoom = false) {
  const direction = from.includes('corp.example') ? 'outbound' : 'inbound'
  const list = new PartnerList([partner('partner.example', shown && { shown })])
  const facts = gatherFacts(
    frameOf(text).with({ from, to }),
    {
      direction,
      provenTowards: () => [from.slice(from.indexOf('@') + 1)],
      partners: list,
      mode: 'closed',
      ours: OURS,
      nodes,
      inRoom: () => inRoom,
    },
    NOW,
  )
  return decide(facts)
}

test('questions for what is not shown are refused, for everybody alike; those for anything else are not', () => {
  for (const [text, how, part] of QUESTIONS)
    for (const hidden of PARTS) {
      const shown: Shown = { ...shownWith({ detail: 'full' }), [hidden]: false }
      const answers = ['alice', 'nobody'].map((user) =>
        judged(text, 'bob@partner.example', `${user}@corp.example${how === 'full' ? '/desk' : ''}`, shown),
      )
      assert.deepEqual(answers[0], answers[1])
      const refused = {
        verdict: 'refuse',
        rule: 'presence-shown',
        reason: 'SP-170',
        condition: 'not-allowed',
        type: 'cancel',
      }
      if (part === hidden) assert.partialDeepStrictEqual(answers[0], refused)
      else assert.equal(answers[0]?.verdict, 'pass', `${text}, ${hidden} hidden`)
      assert.equal(judged(text, 'bob@partner.example', 'corp.example', shown).verdict, 'pass', 'a server is nobody')
      assert.equal(
        judged(text, 'alice@corp.example', 'bob@partner.example/x', shown).verdict,
        'pass',
        'it is about ours',
      )
    }
})

test('who is shown nobody gets of every client the answer for one that is not there, whatever it asks, but within a room', () => {
  const asked = [...QUESTIONS.map(([text]) => text), query("<jingle xmlns='urn:xmpp:jingle:1'/>")]
  const all = { capabilities: true, idle: true, vcard: true, pep: true, notes: true }
  for (const text of [...asked, ...asked.map((one) => one.replace("'get'", "'set'"))])
    for (const detail of DETAILS)
      for (const to of ['alice@corp.example/desk', 'alice@corp.example/none', 'nobody@corp.example/x']) {
        const decision = judged(text, 'bob@partner.example', to, shownWith({ detail, ...all }))
        if (detail !== 'none') assert.equal(decision.verdict, 'pass', `${detail} ${text}`)
        else
          assert.deepEqual(decision, {
            ...{ verdict: 'refuse', rule: 'presence-shown', reason: 'SP-166', detail: 'detail=none' },
            ...{ condition: 'service-unavailable', type: 'cancel' },
          })
      }
  const none = shownWith({ detail: 'none', ...all })
  const ping = query("<ping xmlns='urn:xmpp:ping'/>")
  const nick = 'project@conference.corp.example/Alice'
  for (const to of ['alice@corp.example/desk', nick])
    for (const inRoom of [true, false])
      assert.equal(judged(ping, 'bob@partner.example', to, none, inRoom).verdict, inRoom ? 'pass' : 'refuse')
  for (const to of ['corp.example', 'corp.example/x', 'alice@corp.example'])
    assert.equal(judged(ping, 'bob@partner.example', to, none).verdict, 'pass', to)
  assert.equal(judged(ping, 'alice@corp.example', 'bob@partner.example', none).verdict, 'pass', 'what ours ask')
  for (const type of ['result', 'error'])
    assert.equal(
      judged(`<iq type='${type}' id='1'/>`, 'bob@partner.example', 'alice@corp.example/desk', none).verdict,
      'pass',
    )
  const last = query("<query xmlns='jabber:iq:last'/>")
  assert.partialDeepStrictEqual(
    judged(last, 'bob@partner.example', 'alice@corp.example', none),
    { verdict: 'refuse', reason: 'SP-170' },
    'the server tells of an account that somebody is there by saying: idle for 0 seconds (XEP-0012 §4)',
  )
})

test('who is shown nobody does not find clients by what is said to a room; a room that both are in says what it likes', () => {
  const said = "<message type='groupchat'><body>x</body></message>"
  for (const detail of DETAILS)
    for (const from of ['bob@partner.example', 'room@partner.example'])
      for (const to of ['alice@corp.example/desk', 'nobody@corp.example/x', 'project@conference.corp.example/Alice']) {
        const decision = judged(said, from, to, shownWith({ detail }))
        if (detail !== 'none') assert.equal(decision.verdict, 'pass', detail)
        else
          assert.partialDeepStrictEqual(decision, {
            ...{ verdict: 'refuse', reason: 'SP-166', condition: 'service-unavailable', type: 'cancel' },
          })
        assert.equal(judged(said, from, to, shownWith({ detail }), true).verdict, 'pass', 'in a room')
      }
  const none = shownWith({ detail: 'none' })
  for (const [text, from, to] of [
    [said, 'bob@partner.example', 'project@conference.corp.example'],
    [said, 'alice@corp.example', 'room@partner.example/Bob'],
    ["<message type='chat'><body>x</body></message>", 'bob@partner.example', 'alice@corp.example/desk'],
    ["<message type='error'/>", 'room@partner.example', 'alice@corp.example/desk'],
  ] as const)
    assert.equal(judged(text, from, to, none).verdict, 'pass', text)
})

test('presence that is not shown can be neither asked for nor promised, and everything else about it crosses', () => {
  for (const detail of DETAILS)
    for (const [type, refusedFrom] of [
      ['probe', 'bob@partner.example'],
      ['subscribe', 'bob@partner.example'],
      ['subscribed', 'alice@corp.example'],
      ['unsubscribe', undefined],
      ['unsubscribed', undefined],
      ['unavailable', undefined],
    ] as const)
      for (const from of ['bob@partner.example', 'alice@corp.example']) {
        const to = from.startsWith('bob') ? 'alice@corp.example' : 'bob@partner.example'
        const { verdict } = judged(`<presence type='${type}'/>`, from, to, shownWith({ detail }))
        const wanted = detail === 'none' && from === refusedFrom ? 'refuse' : 'pass'
        assert.equal(verdict, wanted, `${detail} ${type} from ${from}`)
      }
})

test('with notes off no text of a status ever crosses, whatever else is shown and wherever it stands', () => {
  let [crossed, cut] = [0, 0]
  const element = fc.constantFrom(
    ...Object.values(ELEMENTS),
    '<status/>',
    "<s:status xmlns:s='jabber:server'>NOTE</s:status>",
  )
  const note = fc.constantFrom(
    '<status>NOTE</status>',
    "<status xmlns='jabber:client'>NOTE</status>",
    '<status><![CDATA[NOTE]]><x/>NOTE</status>',
  )
  const flags = fc.record({ capabilities: fc.boolean(), idle: fc.boolean(), vcard: fc.boolean(), pep: fc.boolean() })
  fc.assert(
    fc.property(
      fc.array(fc.oneof(element, note), { maxLength: 8 }),
      fc.constantFrom(undefined, 'unavailable', 'subscribe', 'subscribed', 'unsubscribed', 'error', 'probe'),
      fc.constantFrom(...DETAILS),
      flags,
      fc.boolean(),
      (inner, type, detail, parts, isGuest) => {
        const came = presence(inner.join(''), type)
        const left = showing(came, { detail, ...parts, notes: false }, isGuest ? GUEST : NOBODY)
        if (left === undefined) return
        crossed += 1
        if (left !== came) cut += 1
        const text = left.bytes.toString()
        assert.ok(!text.includes('NOTE') && !text.includes('Urlaub'), text)
        const children = parseElement(left).getChildElements()
        assert.deepEqual(
          children.map(({ name }) => name).filter((name) => /(?:^|:)status$/.test(name)),
          [],
        )
        assert.equal(children.length, left.payloads.length)
      },
    ),
    { numRuns: 2000 },
  )
  assert.ok(crossed > 1000 && cut > 500, `${crossed} crossed, ${cut} of them cut`)
})
